"""`onshelf up`: everything in one process: jobs, watch, messages, alerts, and the service's HTTP door where one is wanted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import click

from onshelf.cli.door import records
from onshelf.cli.opened import opens_app, rest, stopped_by_signal, watching, worker_beside
from onshelf.cli.out import Out
from onshelf.platforms.top.tmc.socket import WebSocketDialler
from onshelf.wiring import App
from onshelf.working import begin_watching

LOOK_FOR_SHOPS_S = 5.0


@click.command("up")
@records
@opens_app
async def up(app: App, out: Out) -> None:
    names = [one.shop_id for one in await app.shops.list()]
    async with (
        stopped_by_signal() as stop,
        serve(app, app.settings["service"], app.settings.origin["service"]) as service,
        watching(app, names),
        worker_beside(app, stop, WebSocketDialler()) as first,
    ):
        out.say("up.begun" if first else "worker.other", shops="、".join(names) or "—", pid=app.lock.holder())
        if service.address:
            out.say("up.serves", address=service.address)
        if service.welcome:
            out.say("up.welcome", link=service.welcome)
        out.data({"shops": names, "worker": first, "service": service.address, "welcome": service.welcome})
        while not stop.is_set():
            await rest(app, stop, LOOK_FOR_SHOPS_S)
            present = [one.shop_id for one in await app.shops.list()]
            added = [name for name in present if name not in names]
            if added:
                await begin_watching(app, added)
            names[:] = present  # the block that watches takes this same list off the schedule when it ends
    out.say("up.ended")


@dataclass(frozen=True, slots=True)
class Served:
    """Where the service is reached; `welcome` makes the first administrator, once, while there is nobody yet."""

    address: str = ""
    welcome: str = ""


@asynccontextmanager
async def serve(app: App, wanted: str, origin: str = "argument") -> AsyncIterator[Served]:
    """Serves HTTP at an address while the block runs; at an empty one nowhere. Raises: SettingsError."""
    if not wanted:
        yield Served()
        return
    from onshelf.web.app import create_app  # late: it takes a third of a second to load
    from onshelf.web.serve import listen, serving, ways_of

    ways = ways_of(app.settings)
    async with serving(create_app(app), listen(wanted, origin, app.settings), ways) as address:
        yield Served(address, await _welcome(app, address))


async def _welcome(app: App, address: str) -> str:
    """Invites the first administrator; empty when there is somebody already."""
    from onshelf.guard.invitations import Invitations  # late: argon2
    from onshelf.guard.people import People

    people = People(app.db, app.clock, app.random)
    if await people.any():
        return ""
    return f"{address}/welcome/{await Invitations(app.db, app.clock, app.random).first()}"
