"""`onshelf people`: the way back in for whoever has the machine, when nobody else can open."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random
from typing import TypeVar

from command_line import Cli
from guarded import PASSWORD

from onshelf.errors import AccessError
from onshelf.guard.invitations import Invitations
from onshelf.guard.people import People
from onshelf.guard.roles import Role
from onshelf.settings import read_settings
from onshelf.wiring import App, open_app

Result = TypeVar("Result")


async def joined(app: App) -> None:
    """Makes the only administrator, and locks it out by wrong passwords."""
    invitations = Invitations(app.db, app.clock, app.random)
    token = await invitations.invite(role=Role.ADMINISTRATOR, shops=None, made_by="test")
    await invitations.accept(token, "lin", PASSWORD)
    for _ in range(5):
        await People(app.db, app.clock, app.random).check_password("lin", "a guess")


async def by_link(app: App, link: str) -> bool:
    """Sets another password by a link, and tells whether it lets in."""
    token = link.rpartition("/")[2]
    try:
        await Invitations(app.db, app.clock, app.random).accept(token, "lin", "another-horse-9")
    except AccessError:
        return False
    return await People(app.db, app.clock, app.random).check_password("lin", "another-horse-9") is not None


async def in_home(home: Path, work: Callable[[App], Awaitable[Result]]) -> Result:
    async with open_app(read_settings({"home": str(home)}, {}), random=Random(3)) as app:
        return await work(app)


def test_the_only_administrator_comes_in_again(cli: Cli) -> None:
    empty = cli.run("people", "list", lang="en")
    asyncio.run(in_home(cli.home, joined))
    listed = cli.run("people", "list", lang="en")
    cli.good("people", "unlock", "ｌｉｎ")
    unlocked = cli.run("people", "list", lang="en")
    link = cli.good("people", "reset", "lin")["link"]
    unknown = cli.run("people", "reset", "nobody")

    assert "onshelf up" in empty.out
    assert ("locked" in listed.out, "locked" in unlocked.out) == (True, False)
    assert (unknown.code, "lin" in unknown.err) == (2, True)
    assert asyncio.run(in_home(cli.home, lambda app: by_link(app, link))) is True
    assert asyncio.run(in_home(cli.home, lambda app: by_link(app, link))) is False


def test_a_link_for_a_new_password_leads_to_where_the_service_is_or_says_what_is_missing(cli: Cli) -> None:
    """Over our own https it begins so; where nobody can tell the address, it is said what to put before."""
    asyncio.run(in_home(cli.home, joined))
    near = cli.run("people", "reset", "lin", service="127.0.0.1:8787")
    secure = cli.run(
        "people", "reset", "lin", service="127.0.0.1:8787", certificate="a.pem", certificate_key="b.pem"
    )
    anywhere = cli.run("people", "reset", "lin", service="127.0.0.1:0", lang="en")
    unread = cli.run("people", "reset", "lin", service="here")

    assert "http://127.0.0.1:8787/welcome/" in near.out
    assert "https://127.0.0.1:8787/welcome/" in secure.out
    assert "://" not in anywhere.out
    assert ("onshelf up" in anywhere.out, "/welcome/" in anywhere.out) == (True, True)
    assert unread.code == 2
