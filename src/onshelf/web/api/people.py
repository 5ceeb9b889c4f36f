"""`/me` and `/people`: who is asking, who may sign in, and the invitations that make people."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from onshelf.clock import from_us, to_us
from onshelf.guard.invitations import INVITATION_US, Invitation
from onshelf.guard.people import Person
from onshelf.guard.roles import PERMITS, Permission, Role
from onshelf.web import granting
from onshelf.web.entrance import Needs
from onshelf.web.granting import change_person, link_of, person_within
from onshelf.web.house import Door
from onshelf.web.once import KEPT_NOWHERE
from onshelf.web.paging import CursorParam, DryRun, Fields, Limit, Page, Row, page, place_of
from onshelf.web.problem import Problem
from onshelf.web.sent import Sent

router = APIRouter(tags=["people"])
NAME = r"^[^\x00-\x1f\x7f]+$"
Shops = Annotated[
    list[str] | None,
    Field(max_length=1_000, description="shops it may touch; null: every shop, those to come too"),
]


class MeOut(BaseModel):
    """Who is asking."""

    name: str = Field(description="as the audit log has it: `person:…` or `key:…`")
    kind: Literal["person", "key"] = Field(description="a person with a session, or a program with a key")
    role: Role
    permissions: list[Permission] = Field(description="what routes ask for, see `x-permission` of each")
    shops: Shops


class PersonOut(Row):
    """Somebody who may sign in."""

    person: str = Field(description="id")
    name: str = Field(description="what is typed to sign in")
    role: Role
    shops: Shops
    second_factor: bool = Field(description="a code of the phone is asked for after the password")
    by_provider: bool = Field(description="may sign in by the OpenID provider")
    ended: bool = Field(description="may sign in no more")
    locked_until: datetime | None = Field(description="wrong passwords keep the door shut until then")
    created: datetime

    @classmethod
    def of(cls, one: Person) -> "PersonOut":
        locked_us = one.attempts.locked_until_us
        return cls(
            person=one.person_id,
            name=one.name,
            role=one.role,
            shops=listed(one.shops),
            second_factor=one.has_totp,
            by_provider=one.subject is not None,
            ended=one.ended,
            locked_until=from_us(locked_us) if locked_us else None,
            created=from_us(one.created_us),
        )


class InvitationOut(Row):
    """An invitation that can still be accepted."""

    invitation: str = Field(description="id; not what its link carries")
    name: str = Field(description="of the person; empty: may be chosen")
    role: Role
    shops: Shops
    made_by: str
    until: datetime = Field(description="it can be accepted until then")

    @classmethod
    def of(cls, one: Invitation) -> "InvitationOut":
        return cls(
            invitation=one.digest.hex(),
            name=one.name,
            role=one.role,
            shops=listed(one.shops),
            made_by=one.made_by,
            until=from_us(one.until_us),
        )


class InvitationIn(Sent):
    """Whom to invite."""

    role: Role
    shops: Shops = None
    name: str = Field(
        default="", max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$", description="empty: the person chooses one"
    )


class InvitationLinkOut(BaseModel):
    """A link that is shown once."""

    link: str = Field(description="to hand to the person; good for one use. Empty in a dry run")
    until: datetime = Field(description="it is good until then")


class RightsIn(Sent):
    """What a person may do from now on."""

    role: Role
    shops: Shops = None


@router.get("/me")
async def who_am_i(door: Annotated[Door, Needs(Permission.READ)]) -> MeOut:
    """Tells who is asking, and what it may do."""
    who = door.who
    return MeOut(
        name=who.name,
        kind="person" if who.person_id else "key",
        role=who.role,
        permissions=sorted(PERMITS[who.role]),
        shops=listed(who.shops),
    )


@router.get("/people", response_model=Page[PersonOut])
async def list_people(
    door: Annotated[Door, Needs(Permission.PEOPLE)],
    limit: Limit = 50,
    cursor: CursorParam = None,
    fields: Fields = None,
) -> JSONResponse:
    """Lists people by name, the ended too."""
    after = place_of(cursor, str)
    found = await door.people.page(after[0] if after else "", limit + 1)
    return page([PersonOut.of(one) for one in found], limit, lambda row: (row.name,), fields)


@router.get("/people/{person}")
async def show_person(person: str, door: Annotated[Door, Needs(Permission.PEOPLE)]) -> PersonOut:
    """Shows one person."""
    found = await door.people.get(person)
    if found is None:
        raise Problem(404, "no_person", person=person[:40])
    return PersonOut.of(found)


@router.put("/people/{person}")
async def change_rights(
    person: str, given: RightsIn, door: Annotated[Door, Needs(Permission.PEOPLE)], dry_run: DryRun = False
) -> PersonOut:
    """Gives a person another role and shops, from the next request on."""
    found = await person_within(door, person)
    await change_person(door, found, given.role, given.shops)
    return PersonOut.of(found).model_copy(update={"role": given.role, "shops": given.shops})


@router.post("/people/{person}/end")
async def end_person(
    person: str, door: Annotated[Door, Needs(Permission.PEOPLE)], dry_run: DryRun = False
) -> PersonOut:
    """Lets a person in no more and ends its sessions; `reset` lets it in again."""
    found = await person_within(door, person)
    await granting.end_person(door, found)
    return PersonOut.of(found).model_copy(update={"ended": True})


@router.post("/people/{person}/unlock")
async def unlock_person(
    person: str, door: Annotated[Door, Needs(Permission.PEOPLE)], dry_run: DryRun = False
) -> PersonOut:
    """Opens the door that wrong passwords keep shut. Harmless to repeat."""
    found = await person_within(door, person)
    await granting.unlock_person(door, found)
    return PersonOut.of(found).model_copy(update={"locked_until": None})


@router.post("/people/{person}/reset")
async def reset_person(
    request: Request,
    response: Response,
    person: str,
    door: Annotated[Door, Needs(Permission.PEOPLE)],
    dry_run: DryRun = False,
) -> InvitationLinkOut:
    """Makes a link by which a person sets a new password; using it ends its sessions and its second factor."""
    found = await person_within(door, person)
    return _link(request, response, door, await granting.let_in_again(door, found))


@router.get("/invitations", response_model=Page[InvitationOut])
async def list_invitations(
    door: Annotated[Door, Needs(Permission.PEOPLE)],
    limit: Limit = 50,
    cursor: CursorParam = None,
    fields: Fields = None,
) -> JSONResponse:
    """Lists the invitations that can still be accepted, the newest first."""
    after = place_of(cursor, int, str)
    found = await door.invitations.waiting(_invitation_place(after), limit + 1)
    return page(
        [InvitationOut.of(one) for one in found],
        limit,
        lambda row: (to_us(row.until), row.invitation),
        fields,
    )


@router.post("/invitations", status_code=201)
async def invite_person(
    request: Request,
    response: Response,
    given: InvitationIn,
    door: Annotated[Door, Needs(Permission.PEOPLE)],
    dry_run: DryRun = False,
) -> InvitationLinkOut:
    """Invites somebody: the link is shown once, and good for a day and one use."""
    token = await granting.invite_person(door, given.role, given.shops, given.name)
    return _link(request, response, door, token)


@router.delete("/invitations/{invitation}", status_code=204)
async def withdraw_invitation(
    invitation: str, door: Annotated[Door, Needs(Permission.PEOPLE)], dry_run: DryRun = False
) -> None:
    """Makes an invitation void."""
    found = await door.invitations.get(_digest(invitation))
    if found is None:
        raise Problem(404, "no_invitation")
    await granting.withdraw_invitation(door, found)


def _digest(invitation: str) -> bytes:
    """Reads an invitation's id. Raises Problem 404: there is none of such a form."""
    try:
        return bytes.fromhex(invitation)
    except ValueError:
        raise Problem(404, "no_invitation") from None


def _invitation_place(after: tuple[Any, ...] | None) -> tuple[int, bytes] | None:
    """Reads where a page begins. Raises Problem 422: no cursor of ours names such an id."""
    try:
        return None if after is None else (after[0], bytes.fromhex(after[1]))
    except ValueError:
        raise Problem(422, "bad_cursor", cursor=after[1][:40] if after else "") from None


def listed(shops: Collection[str] | None) -> list[str] | None:
    """Writes shops as JSON has them."""
    return None if shops is None else sorted(shops)


def _link(request: Request, response: Response, door: Door, token: str) -> InvitationLinkOut:
    response.headers.update(KEPT_NOWHERE)
    until_us = door.app.clock.now_us() + INVITATION_US
    return InvitationLinkOut(link="" if door.dry_run else link_of(request, token), until=from_us(until_us))
