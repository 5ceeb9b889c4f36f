"""What the API tells of a publish before it is done, and of what only a person can decide."""

import math
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, Field

from onshelf.clock import from_us
from onshelf.jobs.outcome import meaning
from onshelf.listing.choose import Absent, AdoptItem, Choice, Evidence, GiveUp
from onshelf.listing.preview import Preview
from onshelf.platforms.forecast import products_of
from onshelf.texts import Lang
from onshelf.web.api.calendar import ClosureOut
from onshelf.web.api.job_forms import JobOut
from onshelf.web.paging import Row
from onshelf.web.sent import Sent

MOST_CODES = 10_000
Code = Annotated[str, Field(min_length=1, max_length=200)]


class PublishIn(Sent):
    """What to publish; nothing said: everything in the shop that has something to do."""

    outer_ids: list[Code] | None = Field(
        default=None, max_length=MOST_CODES, description="only these products"
    )
    canary: int | None = Field(
        default=None, ge=1, le=1_000_000, description="only the first so many of them, by code"
    )


class SampleOut(BaseModel):
    """One product of a count."""

    counted_as: str = Field(description="the count it is of: `create`, `change`, `skip`, …")
    outer_id: str
    title: str
    why: str = Field(description="why it is counted there, for people")
    fields: list[str] = Field(description="of a change: what will be written")


class PlanOut(BaseModel):
    """What a publish would do now. No call was made."""

    create: int = Field(description="not on the platform yet")
    change: int = Field(description="on the platform, and to be changed")
    skip: int = Field(description="stand as they were published")
    look: int = Field(description="an earlier outcome is unknown, or not read back yet: looked up first")
    undecided: int = Field(description="wait for a person: `GET …/undecided`")
    held: int = Field(description="their newest row is faulty")
    unreadable: int = Field(description="have a picture that cannot be read")
    later: int = Field(description="have something to do, but not in this canary")
    under_way: int = Field(description="of those to be done: an unfinished job has them already")
    unknown: list[str] = Field(description="codes asked for that the shop has not")
    pictures: int = Field(description="to upload")
    calls: dict[str, int] = Field(description="by kind, when every write is answered")
    calls_total: int = Field(description="all of them")
    minutes: float | None = Field(description="at the present quota; null: it lets nothing go")
    left_today: int | None = Field(description="calls left of the day; null: no daily limit")
    fits_today: bool = Field(description="the quota of today is enough")
    day_lasts_until: datetime | None = Field(description="when this work uses the day up; null: it does not")
    products_a_day: int | None = Field(
        description="how many products the quota allows a day, about; null: no limit"
    )
    closures: list[ClosureOut] = Field(description="spans that may hold the work up")
    samples: list[SampleOut] = Field(description="the first few of each count, and why")

    @classmethod
    def of(cls, plan: Preview, lang: Lang) -> "PlanOut":
        ahead = plan.forecast
        counts = {name: getattr(plan, name) for name in _COUNTS}
        return cls(
            **counts,
            unknown=list(plan.unknown),
            calls=plan.calls,
            calls_total=plan.calls_total,
            minutes=None if math.isinf(ahead.minutes) else round(ahead.minutes, 2),
            left_today=ahead.today,
            fits_today=ahead.fits_today,
            day_lasts_until=None if ahead.lasts_until_us is None else from_us(ahead.lasts_until_us),
            products_a_day=None if plan.per_day is None else products_of(plan.per_day),
            closures=[ClosureOut.of(one) for one in ahead.closures],
            samples=[
                SampleOut(
                    counted_as=name,
                    outer_id=one.outer_id,
                    title=one.title,
                    why=meaning(one.why, lang),
                    fields=list(one.fields),
                )
                for name, found in plan.samples.items()
                for one in found
            ],
        )


_COUNTS = (
    "create", "change", "skip", "look", "undecided", "held", "unreadable", "later", "under_way", "pictures",
)  # fmt: skip


class PublishOut(BaseModel):
    """What came of asking for a publish."""

    job: JobOut | None = Field(description="the job; null: there is nothing to do, or this was a dry run")
    plan: PlanOut | None = Field(description="of a dry run: what would be done")


class DifferenceOut(BaseModel):
    """A field that does not stand as it was sent."""

    sent: str = Field(description="what our last write said")
    shown: str = Field(description="empty: the reply does not show it")


class ShownOut(BaseModel):
    """An item that may be the product's, as the last look that met it saw it."""

    item_id: int
    outer_id: str
    title: str
    on_shelf: bool = Field(description="it is on sale")
    never_listed: bool | None = Field(description="null: no list of the warehouse shows it")
    created: datetime | None = Field(description="when the platform made it; null: not told")
    seen: datetime = Field(description="when the look was made")


class QuestionOut(Row):
    """A product whose outcome only a person can decide, with all that is known."""

    outer_id: str
    why: str = Field(description="stable, for programs")
    message: str = Field(description="why it cannot be decided, for people")
    title: str = Field(description="as it was sent; empty: nothing was sent")
    sent: dict[str, str] = Field(
        description="what our last write said; long texts as digests, of variants after the lowest price or all stock"
    )
    sent_at: datetime | None = Field(description="when our last write went out; null: none did")
    first_sent: datetime | None = Field(description="the first create that may have made an item")
    attempts: int = Field(description="creates that may have made an item")
    differs: dict[str, DifferenceOut] = Field(description="fields that stand otherwise than they were sent")
    shown: list[ShownOut] = Field(description="items that may be its own")
    item_ids: list[int] = Field(description="all items ever seen in connection with it: one may be adopted")
    prior_ids: list[int] = Field(description="those of them that carried the code before our first write")
    deleted: datetime | None = Field(
        description="since when our record of the shelf holds its item as deleted; null: it does not"
    )
    looks: int = Field(description="how often it was looked up")
    job: str = Field(description="the job that worked on it last; empty for none")

    @classmethod
    def of(cls, one: Evidence, lang: Lang) -> "QuestionOut":
        return cls(
            outer_id=one.outer_id,
            why=one.why,
            message=meaning(one.why, lang),
            title=one.title,
            sent=dict(one.sent),
            sent_at=from_us(one.sent_us) if one.sent_us else None,
            first_sent=from_us(one.first_sent_us) if one.first_sent_us else None,
            attempts=one.attempts,
            differs={
                name: DifferenceOut(sent=sent, shown=shown) for name, (sent, shown) in one.differs.items()
            },
            shown=[
                ShownOut(
                    item_id=seen.item_id,
                    outer_id=seen.outer_id,
                    title=seen.title,
                    on_shelf=seen.on_shelf,
                    never_listed=seen.never_listed,
                    created=None if seen.created_us is None else from_us(seen.created_us),
                    seen=from_us(seen.asked_us),
                )
                for seen in one.shown
            ],
            item_ids=list(one.choices),
            prior_ids=list(one.prior_ids),
            deleted=from_us(one.deleted_us) if one.deleted_us else None,
            looks=len(one.looks),
            job=one.job_id,
        )


class Chosen(StrEnum):
    """What a person may decide."""

    ADOPT = "adopt"
    ABSENT = "absent"
    GIVE_UP = "give_up"


class ChoiceIn(Sent):
    """A decision about one product."""

    choice: Chosen = Field(
        description="`adopt`: `item_id` is the product's; `absent`: none is ours, it may be created again; "
        "`give_up`: leave it alone"
    )
    item_id: int | None = Field(
        default=None, ge=1, le=(1 << 63) - 1, description="with `adopt`, and only then"
    )

    def value(self) -> Choice | None:
        """Returns the choice; None: adopting needs an item, and nothing else takes one."""
        if (self.choice is Chosen.ADOPT) != (self.item_id is not None):
            return None
        if self.item_id is not None:
            return AdoptItem(self.item_id)
        return Absent() if self.choice is Chosen.ABSENT else GiveUp()


class SettledOut(BaseModel):
    """A decision that was kept; publish the product again to carry it out."""

    outer_id: str
    choice: Chosen = Field(description="what was decided")
    item_id: int | None = Field(description="the item it adopted; null: none")
