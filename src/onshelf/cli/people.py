"""`onshelf people`: who may sign in, and letting somebody in again when no administrator can: for whoever has the home."""

import click

from onshelf import acts
from onshelf.cli.opened import CLI, noted, opens_app
from onshelf.cli.out import Out, moment
from onshelf.cli.wrong import Misused
from onshelf.clock import from_us
from onshelf.guard.invitations import INVITATION_US, Invitations
from onshelf.guard.names import name_of
from onshelf.guard.people import People, Person
from onshelf.texts import text
from onshelf.wiring import App

MOST = 1000
NAMED = 20
"""People an error names at most."""


@click.group("people")
def people() -> None: ...


@people.command("list")
@opens_app
async def show(app: App, out: Out) -> None:
    found = await _people(app).page("", MOST)
    if not found:
        out.say("people.none")
    rows = [
        (one.name, text(f"web.role.{one.role}", out.lang), _shops(one), _state(app, one, out))
        for one in found
    ]
    out.table(("name", "role", "shops", "state"), rows)
    out.data(
        [{"name": one.name, "role": one.role, "shops": _listed(one), "ended": one.ended, "second_factor": one.has_totp}
         for one in found]
    )  # fmt: skip


@people.command("unlock")
@click.argument("name")
@opens_app
async def unlock(app: App, out: Out, name: str) -> None:
    person = await _named(app, name)
    await _people(app).unlock(person.person_id)
    noted(app, acts.person_unlocked(person))
    out.say("people.unlocked", name=person.name)
    out.data({"name": person.name, "unlocked": True})


@people.command("reset")
@click.argument("name")
@opens_app
async def reset(app: App, out: Out, name: str) -> None:
    from onshelf.web.reach import base_of  # late: the service's room

    base = base_of(app.settings)
    person = await _named(app, name)
    token = await Invitations(app.db, app.clock, app.random).let_in_again(person, made_by=CLI)
    noted(app, acts.person_let_in_again(person))
    link = f"{base}/welcome/{token}"
    until_us = app.clock.now_us() + INVITATION_US
    out.say(
        "people.link" if base else "people.link_end",
        name=person.name,
        link=link,
        until=f"{moment(until_us):%Y-%m-%d %H:%M}",
    )
    out.data({"name": person.name, "link": link, "until": from_us(until_us)})


def _people(app: App) -> People:
    return People(app.db, app.clock, app.random)


async def _named(app: App, name: str) -> Person:
    """Returns a person. Raises Misused naming those there are."""
    found = await _people(app).named(name_of(name))
    if found is not None:
        return found
    known = "、".join(one.name for one in await _people(app).page("", NAMED))
    raise Misused("unknown_person", name=name[:64], known=known) if known else Misused("no_person")


def _listed(one: Person) -> list[str] | None:
    return None if one.shops is None else sorted(one.shops)


def _shops(one: Person) -> str:
    return "*" if one.shops is None else "、".join(sorted(one.shops))


def _state(app: App, one: Person, out: Out) -> str:
    now_us = app.clock.now_us()
    state = "ended" if one.ended else "locked" if one.attempts.locked(now_us) else "admitted"
    return out.word("person", state)
