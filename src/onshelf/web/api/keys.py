"""`/keys`: what programs show; a secret is told once, when it is made."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, Field

from onshelf.clock import from_us, to_us
from onshelf.guard.keys import Key
from onshelf.guard.roles import Permission, Role
from onshelf.web import granting
from onshelf.web.api.people import NAME, Shops, listed
from onshelf.web.entrance import Needs
from onshelf.web.granting import key_within
from onshelf.web.house import Door
from onshelf.web.once import KEPT_NOWHERE
from onshelf.web.paging import CursorParam, DryRun, Fields, Limit, Page, Row, page, place_of
from onshelf.web.problem import Problem
from onshelf.web.sent import Sent

router = APIRouter(prefix="/keys", tags=["keys"])


class KeyOut(Row):
    """A key of a program."""

    key: str = Field(description="id; the first part of what the program shows")
    name: str = Field(description="for people: which program it is for")
    role: Role
    shops: Shops
    made_by: str
    created: datetime
    until: datetime | None = Field(description="when it ends by itself; null: never")
    used: datetime | None = Field(description="when it was last shown, to the minute; null: never")
    ended: bool = Field(description="ended by somebody")

    @classmethod
    def of(cls, one: Key) -> "KeyOut":
        return cls(
            key=one.key_id,
            name=one.name,
            role=one.role,
            shops=listed(one.shops),
            made_by=one.made_by,
            created=from_us(one.created_us),
            until=from_us(one.until_us) if one.until_us else None,
            used=from_us(one.used_us) if one.used_us else None,
            ended=one.ended,
        )


class KeyIn(Sent):
    """A key to make."""

    name: str = Field(
        min_length=1, max_length=64, pattern=NAME, description="for people: which program it is for"
    )
    role: Role
    shops: Shops = None
    until: AwareDatetime | None = Field(default=None, description="when it ends by itself; null: never")


class NewKeyOut(BaseModel):
    """A key just made."""

    key: str = Field(description="id")
    secret: str = Field(description="what the program shows: told this once. Empty in a dry run")


@router.get("", response_model=Page[KeyOut])
async def list_keys(
    door: Annotated[Door, Needs(Permission.PEOPLE)],
    limit: Limit = 50,
    cursor: CursorParam = None,
    fields: Fields = None,
) -> JSONResponse:
    """Lists keys, the newest first, the ended too."""
    found = await door.keys.page(place_of(cursor, int, str), limit + 1)
    places = {one.key_id: (one.created_us, one.key_id) for one in found}
    return page([KeyOut.of(one) for one in found], limit, lambda row: places[row.key], fields)


@router.get("/{key}")
async def show_key(key: str, door: Annotated[Door, Needs(Permission.PEOPLE)]) -> KeyOut:
    """Shows one key, without its secret."""
    found = await door.keys.get(key)
    if found is None:
        raise Problem(404, "no_api_key", key=key[:40])
    return KeyOut.of(found)


@router.post("", status_code=201)
async def make_key(
    response: Response,
    given: KeyIn,
    door: Annotated[Door, Needs(Permission.PEOPLE)],
    dry_run: DryRun = False,
) -> NewKeyOut:
    """Makes a key; its secret is told in this answer and nowhere else."""
    until_us = to_us(given.until) if given.until else 0
    if given.until and until_us <= door.app.clock.now_us():
        raise Problem(422, "past_end")
    key, secret = await granting.make_key(door, given.name, given.role, given.shops, until_us)
    response.headers.update(KEPT_NOWHERE)
    return NewKeyOut(key=key.key_id, secret="" if door.dry_run else secret)


@router.post("/{key}/end")
async def end_key(
    key: str, door: Annotated[Door, Needs(Permission.PEOPLE)], dry_run: DryRun = False
) -> KeyOut:
    """Ends a key at once."""
    found = await key_within(door, key)
    await granting.end_key(door, found)
    return KeyOut.of(found).model_copy(update={"ended": True})
