"""`/shops/{shop}/quota`, `/apps/{app_key}/…`: what an app may call, what of it is used and left, and what that means."""

import math
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from onshelf.clock import from_us
from onshelf.guard.roles import Permission
from onshelf.platforms.forecast import DAY_S, products_of
from onshelf.platforms.port import Lane
from onshelf.platforms.window import LANES, Limit
from onshelf.shops.quota.outlook import Origin, Outlook, Window
from onshelf.web import permitting
from onshelf.web.api.calendar import ClosureOut
from onshelf.web.entrance import Needs
from onshelf.web.house import Door
from onshelf.web.paging import DryRun
from onshelf.web.problem import Problem
from onshelf.web.sent import Sent
from onshelf.working import expected_lanes

router = APIRouter(tags=["quota"])

AppKeyPath = Annotated[str, Path(max_length=64, description="key of an app of your shops")]
MOST_CALLS = 1_000_000_000
LONGEST_WINDOW_S = round(DAY_S)
SCOPE = r"^(app|class:(basic|trade|logistics)|method:[a-z0-9_.]{1,120})$"


class LimitOut(BaseModel):
    """One limit in force, and how much of it is used."""

    scope: str = Field(description="`app`, `class:basic|trade|logistics`, or `method:<name>`")
    window_s: float = Field(description="the window in seconds: any so many seconds, not the clock's")
    calls: int = Field(description="permitted calls in the window; 0: no limit, somebody said so")
    origin: Origin = Field(
        description="default: a setting; told: a person; learned: the gateway, by refusing"
    )
    at: datetime | None = Field(description="when it was told or learned; null: a setting")
    used: int = Field(
        description="calls in the window that ends now; of a window over a minute by whole minutes"
    )
    left: int | None = Field(description="calls that may still go; null: no limit")

    @classmethod
    def of(cls, one: Window) -> "LimitOut":
        return cls(
            scope=one.limit.scope,
            window_s=one.limit.window_s,
            calls=one.limit.limit,
            origin=one.origin,
            at=None if one.at_us is None else from_us(one.at_us),
            used=one.used,
            left=one.left,
        )


class LaneOut(BaseModel):
    """One sort of work and what it is sure of; the highest priority stands first."""

    lane: Lane = Field(description="what the calls are for")
    sure_per_day: int | None = Field(
        description="calls of the day kept for it while it has work; null: no daily limit"
    )
    used_24h: int = Field(description="calls of the last 24 hours")


class QuotaOut(BaseModel):
    """The quota of an app, reckoned from the record of its calls."""

    app_key: str
    shops: list[str] = Field(description="your shops that share it")
    limits: list[LimitOut] = Field(description="every limit in force")
    used_24h: int = Field(description="calls of the last 24 hours")
    used_1h: int = Field(description="calls of the last hour")
    per_day: int | None = Field(description="calls of any day; null: no daily limit")
    left_today: int | None = Field(
        description="calls left for listing, the shares of other lanes in use taken off"
    )
    per_second: float | None = Field(
        description="sustained pace while the day lasts; null: no limit shorter than a day"
    )
    day_lasts_until: datetime | None = Field(
        description="at the pace of the last hour; null: it does not end"
    )
    products_per_day: int | None = Field(description="about so many products a day's calls list")
    products_today: int | None = Field(description="about so many those left list")
    lanes: list[LaneOut] = Field(description="the highest priority first")
    hours: list[int] = Field(
        description="calls of each of the last 24 hours, oldest first; the last one ends now"
    )
    closures: list[ClosureOut] = Field(description="on or to come")

    @classmethod
    def of(cls, found: Outlook, shops: list[str]) -> "QuotaOut":
        free = found.free
        return cls(
            app_key=found.app_key,
            shops=shops,
            limits=[LimitOut.of(one) for one in found.windows],
            used_24h=found.used_24h,
            used_1h=found.used_1h,
            per_day=free.per_day,
            left_today=free.today,
            per_second=None if math.isinf(free.per_second) else round(free.per_second, 3),
            day_lasts_until=None if found.until_us is None else from_us(found.until_us),
            products_per_day=None if free.per_day is None else products_of(free.per_day),
            products_today=None if free.today is None else products_of(free.today),
            lanes=[
                LaneOut(lane=lane, sure_per_day=found.lane_share(lane), used_24h=found.lanes.get(lane, 0))
                for lane in LANES
            ],
            hours=list(found.hours),
            closures=[ClosureOut.of(one) for one in found.closures],
        )


class PermitIn(Sent):
    """A limit that the platform granted."""

    scope: str = Field(default="app", pattern=SCOPE, description="`app`, `class:…` or `method:<name>`")
    window_s: int = Field(
        default=LONGEST_WINDOW_S, ge=1, le=LONGEST_WINDOW_S, description="1, 60 or 86400, or another"
    )
    calls: int = Field(ge=0, le=MOST_CALLS, description="0: no limit")


class PermitsIn(Sent):
    """All that is told of an app: what was told before and is left out is forgotten, and the settings hold again."""

    permits: list[PermitIn] = Field(
        description="all limits that were granted; empty: none is known", max_length=200
    )
    learned: Literal["keep", "forget"] = Field(
        default="keep",
        description="what the gateway taught: keep it, unless told otherwise here, or forget it too",
    )


async def told(door: Door, app_key: str) -> QuotaOut:
    """Tells the quota of an app. Raises Problem 404 when no shop of the principal's uses it."""
    shops = [shop.shop_id for shop in await door.shops() if shop.app_key == app_key]
    if not shops:
        raise Problem(404, "no_app", app_key=app_key)
    return QuotaOut.of(await door.app.outlooks.of(app_key, await expected_lanes(door.app)), list(shops))


@router.get("/shops/{shop}/quota")
async def show_shop_quota(shop: str, door: Annotated[Door, Needs(Permission.READ)]) -> QuotaOut:
    """Tells the quota of a shop's app; all shops of an app share it."""
    return await told(door, (await door.shop(shop)).app_key)


@router.get("/apps/{app_key}/quota")
async def show_app_quota(app_key: AppKeyPath, door: Annotated[Door, Needs(Permission.READ)]) -> QuotaOut:
    """Tells the quota of an app of your shops."""
    return await told(door, app_key)


@router.put("/apps/{app_key}/permits")
async def put_permits(
    app_key: AppKeyPath,
    given: PermitsIn,
    door: Annotated[Door, Needs(Permission.APPROVE)],
    dry_run: DryRun = False,
) -> QuotaOut:
    """Tells what the platform granted an app, in place of what was told before; a running service follows within half a minute."""
    await told(door, app_key)
    await door.must_cover(app_key)
    limits = [Limit(one.calls, float(one.window_s), one.scope) for one in given.permits]
    await permitting.replace(door, app_key, limits, learned_too=given.learned == "forget")
    return await told(door, app_key)
