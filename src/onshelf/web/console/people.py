"""The pages of people and of keys: who may come in, by which role, to which shops."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from onshelf.clock import BEIJING, to_us
from onshelf.guard.roles import PERMITS, Permission, Role
from onshelf.web import granting
from onshelf.web.console.sign_in import views_of
from onshelf.web.console.visit import Opens, Visit
from onshelf.web.granting import (
    change_person,
    end_key,
    end_person,
    invite_person,
    key_within,
    link_of,
    person_within,
    withdraw_invitation,
)
from onshelf.web.house import Door
from onshelf.web.paging import cursor_text, place_of
from onshelf.web.problem import Problem

router = APIRouter()
ROWS = 100
Enters = Annotated[Visit, Opens(Permission.PEOPLE)]
Word = Annotated[str, Form(max_length=64)]
Every = Annotated[str, Form(max_length=8)]
Chosen = Annotated[list[str], Form(max_length=1_000)]
Cursor = Annotated[str | None, Query(max_length=400)]


@dataclass(frozen=True, slots=True)
class Wished:
    """What a form asked for, to be shown again when it is refused."""

    role: str
    every: str
    shops: list[str]
    name: str
    until: str = ""


@router.get("/people")
async def people(request: Request, visit: Enters, cursor: Cursor = None) -> Response:
    """Lists people, and the invitations that wait."""
    return await _people(request, visit, cursor=cursor)


@router.post("/people/invite")
async def invite(
    request: Request,
    visit: Enters,
    role: Word = Role.OPERATOR.value,
    every: Every = "",
    shops: Chosen = [],  # noqa: B006 - FastAPI's way to say: none chosen
    name: Word = "",
) -> Response:
    """Makes an invitation and shows its link, once."""
    try:
        token = await invite_person(visit.door, _role(role), _shops(every, shops), name)
    except Problem as problem:
        return await _people(request, visit, problem=problem, wished=Wished(role, every, shops, name))
    return await _people(request, visit, link=link_of(request, token))


@router.post("/people/invitations/{invitation}/withdraw")
async def withdraw(request: Request, invitation: str, visit: Enters) -> Response:
    """Makes an invitation void."""
    for one in await visit.door.invitations.waiting():
        if one.digest.hex() == invitation:
            try:
                await withdraw_invitation(visit.door, one)
            except Problem as problem:
                return await _people(request, visit, problem=problem)
    return RedirectResponse("/people", 303)


@router.get("/people/keys")
async def keys(request: Request, visit: Enters, cursor: Cursor = None) -> Response:
    """Lists the keys of programs."""
    return await _keys(request, visit, cursor=cursor)


@router.post("/people/keys")
async def make_key(
    request: Request,
    visit: Enters,
    name: Word = "",
    role: Word = Role.VIEWER.value,
    every: Every = "",
    shops: Chosen = [],  # noqa: B006
    until: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Makes a key and shows its secret, once."""
    try:
        if not name.strip():
            raise Problem(422, "no_key_name")
        until_us = _end_of_day(until, visit.door.app.clock.now_us())
        _, secret = await granting.make_key(visit.door, name, _role(role), _shops(every, shops), until_us)
    except Problem as problem:
        return await _keys(request, visit, problem=problem, wished=Wished(role, every, shops, name, until))
    return await _keys(request, visit, secret=secret)


@router.post("/people/keys/{key}/end")
async def end_one_key(request: Request, key: str, visit: Enters) -> Response:
    """Ends a key at once."""
    try:
        await end_key(visit.door, await key_within(visit.door, key))
    except Problem as problem:
        return await _keys(request, visit, problem=problem)
    return RedirectResponse("/people/keys", 303)


@router.get("/people/{person}")
async def person(request: Request, person: str, visit: Enters) -> Response:
    """Shows one person and what may be done."""
    return await _person(request, visit, person)


@router.post("/people/{person}/rights")
async def change_rights(
    request: Request,
    person: str,
    visit: Enters,
    role: Word,
    every: Every = "",
    shops: Chosen = [],  # noqa: B006
) -> Response:
    """Gives a person another role and shops."""
    try:
        found = await person_within(visit.door, person)
        await change_person(visit.door, found, _role(role), _shops(every, shops))
    except Problem as problem:
        return await _person(request, visit, person, problem=problem)
    return await _person(request, visit, person, done="people.changed")


@router.post("/people/{person}/end")
async def end(request: Request, person: str, visit: Enters) -> Response:
    """Lets a person in no more."""
    try:
        await end_person(visit.door, await person_within(visit.door, person))
    except Problem as problem:
        return await _person(request, visit, person, problem=problem)
    return await _person(request, visit, person, done="people.ended")


@router.post("/people/{person}/unlock")
async def unlock(request: Request, person: str, visit: Enters) -> Response:
    """Opens the door that wrong passwords keep shut."""
    try:
        found = await person_within(visit.door, person)
    except Problem as problem:
        return await _person(request, visit, person, problem=problem)
    await granting.unlock_person(visit.door, found)
    return await _person(request, visit, person, done="people.unlocked")


@router.post("/people/{person}/reset")
async def reset(request: Request, person: str, visit: Enters) -> Response:
    """Makes a link for a new password and shows it, once."""
    try:
        found = await person_within(visit.door, person)
    except Problem as problem:
        return await _person(request, visit, person, problem=problem)
    token = await granting.let_in_again(visit.door, found)
    return await _person(request, visit, person, link=link_of(request, token))


async def _people(
    request: Request,
    visit: Visit,
    *,
    link: str = "",
    problem: Problem | None = None,
    wished: Wished | None = None,
    cursor: str | None = None,
) -> Response:
    after = place_of(cursor, str)
    found = await visit.door.people.page(after[0] if after else "", ROWS + 1)
    return views_of(request).page(
        request,
        "people.html",
        visit,
        status=problem.status if problem else 200,
        current="people",
        people=found[:ROWS],
        next=cursor_text((found[ROWS - 1].name,)) if len(found) > ROWS else "",
        invitations=await visit.door.invitations.waiting(),
        link=link,
        wished=wished,
        **_told(visit.door, problem),
        **await _choices(visit.door),
    )


async def _keys(
    request: Request,
    visit: Visit,
    *,
    secret: str = "",
    problem: Problem | None = None,
    wished: Wished | None = None,
    cursor: str | None = None,
) -> Response:
    found = await visit.door.keys.page(place_of(cursor, int, str), ROWS + 1)
    last = found[ROWS - 1] if len(found) > ROWS else None
    return views_of(request).page(
        request,
        "people_keys.html",
        visit,
        status=problem.status if problem else 200,
        current="people",
        keys=found[:ROWS],
        next=cursor_text((last.created_us, last.key_id)) if last else "",
        secret=secret,
        wished=wished,
        **_told(visit.door, problem),
        **await _choices(visit.door),
    )


async def _person(
    request: Request,
    visit: Visit,
    person_id: str,
    *,
    link: str = "",
    done: str = "",
    problem: Problem | None = None,
) -> Response:
    found = await visit.door.people.get(person_id)
    if found is None:
        raise Problem(404, "no_person", person=person_id[:40])
    return views_of(request).page(
        request,
        "people_one.html",
        visit,
        status=problem.status if problem else 200,
        current="people",
        person=found,
        mine=visit.door.who.may_give(found.role, found.shops),
        link=link,
        done=done,
        **_told(visit.door, problem),
        **await _choices(visit.door),
    )


async def _choices(door: Door) -> dict[str, Any]:
    """Returns what the forms offer: roles and shops that are the giver's to give."""
    return {
        "roles": [role for role in Role if PERMITS[role] <= PERMITS[door.who.role]],
        "shops": [shop.shop_id for shop in await door.shops()],
        "may_give_every": door.who.shops is None,
        "now_us": door.app.clock.now_us(),
    }


def _told(door: Door, problem: Problem | None) -> dict[str, Any]:
    return {
        "wrong": problem.message(door.lang) if problem else "",
        "remedy": problem.remedy(door.lang) if problem else "",
    }


def _role(given: str) -> Role:
    try:
        return Role(given)
    except ValueError:
        raise Problem(422, "no_role", role=given[:40]) from None


def _shops(every: str, chosen: list[str]) -> list[str] | None:
    """Reads the choice of shops. Raises Problem 422 when neither every shop nor any is chosen, or both: that says two things."""
    if every and chosen:
        raise Problem(422, "every_and_some")
    if not every and not chosen:
        raise Problem(422, "no_shops_chosen")
    return None if every else chosen


def _end_of_day(day: str, now_us: int) -> int:
    """Returns the end of a day in China, µs; 0: no end. Raises Problem 422."""
    if not day:
        return 0
    try:
        until_us = to_us(datetime.combine(datetime.fromisoformat(day).date(), time.max, BEIJING))
    except ValueError:
        raise Problem(422, "no_day", day=day) from None
    if until_us <= now_us:
        raise Problem(422, "past_end")
    return until_us
