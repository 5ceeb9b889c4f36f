"""`/closures`: the promotion calendar, when the platform shuts methods or wants fewer calls; the same for all shops."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, Field

from onshelf.clock import from_us, to_us
from onshelf.guard.roles import Permission
from onshelf.platforms.port import Closure
from onshelf.shops.quota import calendar
from onshelf.web import permitting
from onshelf.web.entrance import Needs
from onshelf.web.house import Door
from onshelf.web.paging import CursorParam, DryRun, Fields, Limit, Page, Row, page, place_of
from onshelf.web.sent import Sent

router = APIRouter(prefix="/closures", tags=["quota"])


class ClosureOut(Row):
    """A span of time in which some methods are not called, or less often."""

    name: str = Field(description="its name on the calendar")
    begins: datetime = Field(description="from this moment on")
    ends: datetime = Field(description="up to this moment")
    methods: list[str] = Field(description="names; `*` stands for any text")
    per_minute: int = Field(description="calls of an app a minute over all these methods; 0: none at all")

    @classmethod
    def of(cls, one: Closure) -> "ClosureOut":
        return cls(
            name=one.name,
            begins=from_us(one.from_us),
            ends=from_us(one.to_us),
            methods=list(one.methods),
            per_minute=one.per_minute,
        )


class ClosureIn(Sent):
    """A closure to put on the calendar; the one of its name is replaced."""

    name: str = Field(description="its name on the calendar", max_length=60)
    begins: AwareDatetime = Field(description="ISO 8601 with a zone")
    ends: AwareDatetime = Field(description="after `begins`")
    methods: list[str] = Field(
        min_length=1,
        max_length=50,
        description="names; `*` stands for any text",
        examples=[["taobao.item.add"]],
    )
    per_minute: int = Field(
        default=0, ge=0, le=1_000_000, description="calls a minute that may still go; 0: none"
    )

    def closure(self) -> Closure:
        """Returns it as the calendar keeps it. Raises SettingsError naming what is not well formed."""
        begins, ends = calendar.moment_us(self.begins, "begins"), calendar.moment_us(self.ends, "ends")
        return calendar.check(Closure(self.name.strip(), begins, ends, tuple(self.methods), self.per_minute))


@router.get("", response_model=Page[ClosureOut])
async def list_closures(
    door: Annotated[Door, Needs(Permission.READ)],
    limit: Limit = 50,
    cursor: CursorParam = None,
    fields: Fields = None,
    ended: Annotated[bool, Query(description="those that are over, too")] = False,
) -> JSONResponse:
    """Lists closures, soonest first."""
    place = place_of(cursor, int, str)
    after_us = 0 if ended else door.app.clock.now_us()
    found = await calendar.closures(door.app.db, after_us, place=place, limit=limit + 1)
    return page(
        [ClosureOut.of(one) for one in found], limit, lambda row: (to_us(row.begins), row.name), fields
    )


@router.post("", status_code=201)
async def put_closure(
    given: ClosureIn, door: Annotated[Door, Needs(Permission.APPROVE)], dry_run: DryRun = False
) -> ClosureOut:
    """Puts a closure on the calendar; a running service follows within half a minute."""
    await door.must_cover()
    closure = given.closure()
    await permitting.put_closure(door, closure)
    return ClosureOut.of(closure)


@router.delete("/{name}", status_code=204)
async def remove_closure(
    name: Annotated[str, Path(max_length=60)],
    door: Annotated[Door, Needs(Permission.APPROVE)],
    dry_run: DryRun = False,
) -> None:
    """Takes a closure off the calendar."""
    await door.must_cover()
    await permitting.remove_closure(door, name)
