"""`onshelf watch`: looks at the shelf again and again and tells each change with its cause."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import click

from onshelf.cli.door import choose_shop, opens_app, rest, stopped_by_signal, watching, worker_beside
from onshelf.cli.out import Out, moment
from onshelf.clock import to_us
from onshelf.errors import SettingsError
from onshelf.events import ItemChanged
from onshelf.texts import text
from onshelf.watch.store import history
from onshelf.wiring import App

SHOW_EVERY_S = 0.5


@click.command("watch")
@click.option("--shop", "shops", multiple=True)
@click.option("--once", is_flag=True)
@click.option("--history", "hours", type=float)
@opens_app
async def watch(app: App, out: Out, shops: tuple[str, ...], once: bool, hours: float | None) -> int:
    names: Sequence[str] = [(await choose_shop(app, name)).shop_id for name in shops] or [
        one.shop_id for one in await app.shops.list()
    ]
    if not names:
        raise SettingsError("shop", origin="--shop", expected="`onshelf shop add`")
    if hours is not None:
        since = app.clock.now() - timedelta(hours=hours)
        await show_since(app, out, names, to_us(since.astimezone(UTC)))
        return 0
    return await look_once(app, out, names) if once else await look_on(app, out, names)


async def look_once(app: App, out: Out, names: Sequence[str]) -> int:
    """Makes one round for each shop; exit code 1 when a shop could not be seen."""
    blind = False
    with app.lock:
        for name in names:
            looked = await app.watcher.look(await app.shop(name))
            show(out, looked.changes)
            blind |= bool(looked.blind_since_us)
            out.say("watch.looked", shop=name, calls=looked.calls, read=looked.read, learned=looked.learned)
            if looked.blind_since_us:
                out.say(
                    "watch.blind", shop=name, since=str(moment(looked.blind_since_us)), why=looked.blind_why
                )
            out.data(
                {"shop": name, "changes": looked.changes, "calls": looked.calls, "blind": looked.blind_why}
            )
        await app.alerts.drain_once()
    return int(blind)


async def look_on(app: App, out: Out, names: Sequence[str]) -> int:
    """Watches until stopped: as the home's worker, or beside the one there is."""
    async with stopped_by_signal() as stop, watching(app, names), worker_beside(app, stop) as first:
        if not first:
            out.say("worker.other", pid=app.lock.holder())
        out.say("watch.begun", shops="、".join(names), every_s=app.settings["watch_every_s"])
        seen_us = app.clock.now_us()
        while not stop.is_set():
            await rest(app, stop, SHOW_EVERY_S)
            seen_us = await show_since(app, out, names, seen_us)
    return 0


async def show_since(app: App, out: Out, names: Sequence[str], since_us: int) -> int:
    """Shows the changes stored since a moment; returns the moment up to which they are shown."""
    until_us = since_us
    for name in names:
        changes = [
            one for one in await history(app.db, name, since_us=since_us) if one.reason != "first_seen"
        ]
        show(out, changes)
        out_of = [one.seen_us + 1 for one in changes]
        until_us = max([until_us, *out_of])
    return until_us


def show(out: Out, changes: Sequence[ItemChanged]) -> None:
    """Prints one line a change; for programs one JSON document a change."""
    for one in changes:
        out.plain(line(out, one), style="" if one.ours or one.new == "onsale" else "yellow")
        out.data(
            {
                "shop": one.shop_id,
                "item_id": one.item_id,
                "outer_id": one.outer_id,
                "title": one.title,
                "old": one.old,
                "new": one.new,
                "reason": one.reason,
                "happened": moment(one.happened_us),
                "seen": moment(one.seen_us),
                "detected_s": round((one.seen_us - one.happened_us) / 1_000_000, 3),
                "ours": one.ours,
                "evidence": one.evidence,
            }
        )


def line(out: Out, one: ItemChanged) -> str:
    """Puts a change into one line for people."""
    states = [text(f"cli.state.{state or 'none'}", out.lang) for state in (one.old, one.new)]
    reason = text(f"cli.reason.{one.reason}", out.lang)
    clock = _clock(one.happened_us)
    after_s = (one.seen_us - one.happened_us) / 1_000_000
    return text(
        "cli.watch.change",
        out.lang,
        at=clock,
        shop=one.shop_id,
        code=one.outer_id or one.item_id,
        title=one.title,
        old=states[0],
        new=states[1],
        reason=reason,
        after_s=f"{after_s:.1f}",
    )


def _clock(at_us: int) -> str:
    return (datetime.fromtimestamp(at_us / 1_000_000, UTC) + timedelta(hours=8)).strftime("%H:%M:%S")
