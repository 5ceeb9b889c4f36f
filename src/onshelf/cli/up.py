"""`onshelf up`: everything in one process: jobs, watch, messages, alerts, and the service's HTTP door where one is wanted."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

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
        _service(app) as address,
        watching(app, names),
        worker_beside(app, stop, WebSocketDialler()) as first,
    ):
        out.say("up.begun" if first else "worker.other", shops="、".join(names) or "—", pid=app.lock.holder())
        if address:
            out.say("up.serves", address=address)
        out.data({"shops": names, "worker": first, "service": address})
        while not stop.is_set():
            await rest(app, stop, LOOK_FOR_SHOPS_S)
            added = [one.shop_id for one in await app.shops.list() if one.shop_id not in names]
            if added:
                await begin_watching(app, added)
                names.extend(
                    added
                )  # the block that watches takes this same list off the schedule when it ends
    out.say("up.ended")


@asynccontextmanager
async def _service(app: App) -> AsyncIterator[str]:
    """Serves HTTP while the block runs, where the settings say; yields the address, empty without one."""
    wanted = app.settings["service"]
    if not wanted:
        yield ""
        return
    from onshelf.web.app import create_app  # late: it takes a third of a second to load
    from onshelf.web.serve import listen, serving

    async with serving(create_app(app), listen(wanted, app.settings.origin["service"])) as address:
        yield address
