"""`onshelf up`: everything in one process: jobs, watch, alerts."""

import click

from onshelf.cli.door import opens_app, stopped_by_signal, watching, worker_beside
from onshelf.cli.out import Out
from onshelf.wiring import App


@click.command("up")
@opens_app
async def up(app: App, out: Out) -> None:
    names = [one.shop_id for one in await app.shops.list()]
    async with stopped_by_signal() as stop, watching(app, names), worker_beside(app, stop) as first:
        out.say("up.begun" if first else "worker.other", shops="、".join(names), pid=app.lock.holder())
        out.data({"shops": names, "worker": first})
        await stop.wait()
    out.say("up.ended")
