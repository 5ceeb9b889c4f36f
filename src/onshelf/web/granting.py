"""What an administrator may give to others: nothing more than it has; used by the pages and the API of people and keys."""

from collections.abc import Collection

from fastapi import Request

from onshelf import acts
from onshelf.errors import AccessError, Conflict
from onshelf.guard.invitations import Invitation
from onshelf.guard.keys import Key
from onshelf.guard.names import LONGEST_NAME, fault_of, name_of
from onshelf.guard.people import Person
from onshelf.guard.roles import Role
from onshelf.web.entrance import house_of
from onshelf.web.house import Door
from onshelf.web.problem import Problem
from onshelf.web.reach import base_of


async def check_gift(door: Door, role: Role, shops: Collection[str] | None) -> frozenset[str] | None:
    """Returns the shops as a set (None: every one). Raises Problem 404 (no shop of the giver's), 403 (more than it has)."""
    for shop in sorted(shops or ()):
        await door.shop(shop)
    given = None if shops is None else frozenset(shops)
    if not door.who.may_give(role, given):
        raise Problem(403, "cannot_give", role=role)
    return given


async def person_within(door: Door, person_id: str) -> Person:
    """Returns a person. Raises Problem 404 (nobody), 403 (has more than who is asking)."""
    person = await door.people.get(person_id)
    if person is None:
        raise Problem(404, "no_person", person=person_id[:40])
    if not door.who.may_give(person.role, person.shops):
        raise Problem(403, "above_you", person=person.name)
    return person


async def key_within(door: Door, key_id: str) -> Key:
    """Returns a key. Raises Problem 404 (none), 403 (has more than who is asking)."""
    key = await door.keys.get(key_id)
    if key is None:
        raise Problem(404, "no_api_key", key=key_id[:40])
    if not door.who.may_give(key.role, key.shops):
        raise Problem(403, "above_you", person=key.name)
    return key


def checked_name(given: str) -> str:
    """Returns a name in the form it is kept in. Raises Problem 422: none, too long, or with what nobody sees in it."""
    name = name_of(given)
    if why := fault_of(name):
        raise Problem(422, why, longest=LONGEST_NAME)
    return name


async def invite_person(door: Door, role: Role, shops: Collection[str] | None, given: str) -> str:
    """Makes an invitation, for a name or (empty) one to be chosen; returns its token.

    Raises Problem 404 and 403 as `check_gift`, 422 for the name, 409 when it is somebody's or looks like it.
    """
    name = checked_name(given) if given.strip() else ""
    within = await check_gift(door, role, shops)
    try:
        token = await door.invitations.invite(
            role=role, shops=within, made_by=door.who.name, name=name, key_id=door.who.key_id
        )
    except Conflict:
        raise Problem(409, "name_taken", name=name) from None
    door.acted(acts.person_invited(name, role, within))
    return token


async def withdraw_invitation(door: Door, found: Invitation) -> None:
    """Makes an invitation void. Raises Problem 403: it gives more than who is asking has."""
    if not door.who.may_give(found.role, found.shops):
        raise Problem(403, "above_you", person=found.name or found.made_by)
    await door.invitations.withdraw(found.digest)
    door.acted(acts.person_uninvited(found))


async def make_key(
    door: Door, given: str, role: Role, shops: Collection[str] | None, until_us: int
) -> tuple[Key, str]:
    """Makes a key; returns it and its secret.

    Raises Problem 404 and 403 as `check_gift`, 422 for the name, 409 when a key that has not ended
    has it, or one that looks like it.
    """
    name = checked_name(given)
    within = await check_gift(door, role, shops)
    try:
        key, secret = await door.keys.add(
            name, role=role, shops=within, made_by=door.who.name, until_us=until_us
        )
    except Conflict:
        raise Problem(409, "name_taken", name=name) from None
    door.acted(acts.key_made(key, until_us))
    return key, secret


async def change_person(door: Door, person: Person, role: Role, shops: Collection[str] | None) -> None:
    """Gives a person another role and shops. Raises Problem 409 when it is the last administrator, or has ended."""
    given = await check_gift(door, role, shops)
    try:
        await door.people.change(person.person_id, role=role, shops=given)
    except AccessError:
        raise Problem(409, "last_administrator", person=person.name) from None
    except Conflict:
        raise Problem(409, "person_ended", person=person.name) from None
    door.acted(acts.person_changed(person, role, given))


async def end_person(door: Door, person: Person) -> None:
    """Lets a person in no more. Raises Problem 409 as `change_person`."""
    try:
        await door.people.end(person.person_id)
    except AccessError:
        raise Problem(409, "last_administrator", person=person.name) from None
    except Conflict:
        raise Problem(409, "person_ended", person=person.name) from None
    door.acted(acts.person_ended(person))


async def unlock_person(door: Door, person: Person) -> None:
    """Opens the door that wrong passwords keep shut. Harmless to repeat."""
    await door.people.unlock(person.person_id)
    door.acted(acts.person_unlocked(person))


async def let_in_again(door: Door, person: Person) -> str:
    """Makes an invitation by which a person sets a new password; returns its token."""
    token = await door.invitations.let_in_again(person, made_by=door.who.name, key_id=door.who.key_id)
    door.acted(acts.person_let_in_again(person))
    return token


async def end_key(door: Door, key: Key) -> None:
    """Ends a key. Raises Problem 409 when it has ended."""
    try:
        await door.keys.end(key.key_id)
    except Conflict:
        raise Problem(409, "key_ended", key=key.name) from None
    door.acted(acts.key_ended(key))


def link_of(request: Request, token: str) -> str:
    """Returns the address an invitation is accepted at: under the public address, where one is set."""
    return f"{base_of(house_of(request).app.settings, str(request.base_url))}/welcome/{token}"
