"""`/today`: what needs a person now, and how everything stands: the first page of the console for programs."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from onshelf.catalog.item import Reason
from onshelf.clock import SECOND_US, from_us
from onshelf.guard.roles import Permission
from onshelf.jobs.job import JobState
from onshelf.shops.push import feeds
from onshelf.shops.shop import ShopState
from onshelf.web.entrance import Needs
from onshelf.web.house import Door
from onshelf.web.needs import KINDS, Need
from onshelf.web.today import JobToday, ShopToday, Today, today_of

router = APIRouter(tags=["today"])


class NeedOut(BaseModel):
    """Something a person should see to."""

    kind: str = Field(description="one of " + ", ".join(f"`{kind}`" for kind in KINDS))
    grave: bool = Field(description="work or sales stand still because of it")
    words: str = Field(description="what it is, for people")
    count: int = Field(description="how many of it")
    shop: str | None = Field(description="null: it is about no shop, or about several")
    link: str = Field(description="the console's page where it is dealt with")

    @classmethod
    def of(cls, need: Need) -> "NeedOut":
        return cls(
            kind=need.kind,
            grave=need.bad,
            words=need.words,
            count=need.count,
            shop=need.shop_id or None,
            link=need.link,
        )


class ShopTodayOut(BaseModel):
    """How one shop stands."""

    shop: str
    state: ShopState = Field(
        description="`paused` by a person; `new`: never authorised; `expired`: the seller must agree again"
    )
    authorised_until: datetime | None = Field(
        description="when only a person can renew it; null: never authorised, or not told"
    )
    push: feeds.Standing = Field(description="whether the platform's messages come")
    last_look: datetime | None = Field(description="when a list of its shelf was last read; null: never")
    blind: str | None = Field(description="why the last look did not see all it meant to; null: it did")
    calls_left_today: int | None = Field(description="null: no daily limit")

    @classmethod
    def of(cls, one: ShopToday) -> "ShopTodayOut":
        until = one.standing.authorisation
        ends_us = None if until is None else until.ends_us
        return cls(
            shop=one.standing.shop.shop_id,
            state=one.standing.shop.state,
            authorised_until=None if ends_us is None else from_us(ends_us),
            push=one.standing.push,
            last_look=from_us(one.look.at_us) if one.look.at_us else None,
            blind=one.look.blind_why or None,
            calls_left_today=one.left_today,
        )


class JobTodayOut(BaseModel):
    """A job under way."""

    job: str
    kind: str = Field(description="`publish` or `call`")
    shop: str
    state: JobState = Field(description="how far it is")
    ended: int = Field(description="lines")
    failed: int = Field(description="of those that ended")
    total: int = Field(description="lines")

    @classmethod
    def of(cls, one: JobToday) -> "JobTodayOut":
        job, progress = one.listed.job, one.progress
        return cls(
            job=job.job_id,
            kind=job.kind,
            shop=job.shop_id,
            state=job.state,
            ended=progress.ended,
            failed=progress.failed,
            total=progress.total,
        )


class TodayOut(BaseModel):
    """How everything stands, over your shops. The day is that of Beijing."""

    needs: list[NeedOut] = Field(description="the gravest first")
    on_sale: int = Field(description="items on sale now")
    left: dict[Reason, int] = Field(description="items that left the shelf today, by cause")
    listed: int = Field(description="items that went on sale today")
    detection_median_s: float | None = Field(
        description="from a change to its detection, of today's latest; null: none whose time is told"
    )
    detection_worst_s: float | None = Field(description="the slowest of them")
    alerts: int = Field(description="that fire and nobody has answered")
    shops: list[ShopTodayOut] = Field(description="how each stands")
    jobs: list[JobTodayOut] = Field(description="under way, at most five")

    @classmethod
    def of(cls, found: Today) -> "TodayOut":
        day = found.day
        return cls(
            needs=[NeedOut.of(need) for need in found.needs],
            on_sale=found.on_sale,
            left=dict(day.left),
            listed=day.listed,
            detection_median_s=None if day.median_us is None else round(day.median_us / SECOND_US, 3),
            detection_worst_s=round(day.slowest_us / SECOND_US, 3) if day.slowest_us else None,
            alerts=found.alerts,
            shops=[ShopTodayOut.of(one) for one in found.shops],
            jobs=[JobTodayOut.of(one) for one in found.jobs],
        )


@router.get("/today")
async def show_today(door: Annotated[Door, Needs(Permission.READ)]) -> TodayOut:
    """Shows what needs a person now, and how everything stands."""
    return TodayOut.of(await today_of(door.app, door.who, await door.shops(), door.lang))
