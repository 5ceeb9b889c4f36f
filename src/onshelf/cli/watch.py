"""`onshelf watch`: looks at the shelf again and again and tells each change with its cause."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import click

from onshelf.alerts.render import cause_words, state_words
from onshelf.catalog.item import Reason
from onshelf.cli.door import records
from onshelf.cli.main import ENDED_WELL, FAILED
from onshelf.cli.opened import choose_shop, opens_app, rest, stopped_by_signal, watching, worker_beside
from onshelf.cli.out import Out, moment
from onshelf.cli.wrong import Broken, Misused
from onshelf.clock import to_us
from onshelf.events import ItemChanged
from onshelf.platforms.top.tmc.socket import WebSocketDialler
from onshelf.store import log
from onshelf.texts import text
from onshelf.watch.store import history
from onshelf.wiring import App

SHOW_EVERY_S = 0.5
SHOWN_AT_ONCE = 1000


@click.command("watch")
@click.option("--shop", "shops", multiple=True)
@click.option("--once", is_flag=True)
@click.option("--history", "hours", type=float)
@records
@opens_app
async def watch(app: App, out: Out, shops: tuple[str, ...], once: bool, hours: float | None) -> int:
    names: Sequence[str] = [(await choose_shop(app, name)).shop_id for name in shops] or [
        one.shop_id for one in await app.shops.list()
    ]
    if not names:
        raise Misused("no_shop")
    if hours is not None:
        return await look_back(app, out, names, hours)
    return await look_once(app, out, names) if once else await look_on(app, out, names)


async def look_back(app: App, out: Out, names: Sequence[str], hours: float) -> int:
    """Shows what was stored in the last hours; makes no call."""
    since_us = to_us(app.clock.now() - timedelta(hours=hours))
    changes = await changes_since(app, names, since_us)
    show(out, changes)
    out.data([told(one) for one in changes])
    if not changes:
        out.say("watch.none", hours=f"{hours:g}")
    return ENDED_WELL


async def look_once(app: App, out: Out, names: Sequence[str]) -> int:
    """Makes one round for each shop; exit code 1 when a shop could not be seen."""
    rounds: list[dict[str, object]] = []
    if not app.lock.try_acquire():
        raise Broken("worker_busy", pid=app.lock.holder())
    with app.lock:
        for name in names:
            looked = await app.watcher.look(await app.shop(name))
            show(out, looked.changes)
            out.say("watch.looked", shop=name, calls=looked.calls, read=looked.read, learned=looked.learned)
            if looked.blind_since_us:
                out.say(
                    "watch.blind", shop=name, since=str(moment(looked.blind_since_us)), why=looked.blind_why
                )
            rounds.append(
                {
                    "shop": name,
                    "changes": [told(one) for one in looked.changes],
                    "calls": looked.calls,
                    "read": looked.read,
                    "learned": looked.learned,
                    "blind": looked.blind_why,
                }
            )
        await app.alerts.drain_once()
    out.data(rounds)
    return FAILED if any(one["blind"] for one in rounds) else ENDED_WELL


async def look_on(app: App, out: Out, names: Sequence[str]) -> int:
    """Watches until stopped: as the home's worker, or beside the one there is."""
    place = await log.end(app.db)  # before the first look begins
    async with (
        stopped_by_signal() as stop,
        watching(app, names),
        worker_beside(app, stop, WebSocketDialler()) as first,
    ):
        if not first:
            out.say("worker.other", pid=app.lock.holder())
        out.say("watch.begun", shops="、".join(names), every_s=app.settings["watch_every_s"])
        while not stop.is_set():
            await rest(app, stop, SHOW_EVERY_S)
            entries = await log.read_from(app.db, place, SHOWN_AT_ONCE)
            place = entries[-1].cursor if entries else place
            changes = [
                one.event
                for one in entries
                if isinstance(one.event, ItemChanged) and one.event.shop_id in names and is_news(one.event)
            ]
            show(out, changes)
            for one in changes:
                out.data(told(one))
    return ENDED_WELL


async def changes_since(app: App, names: Sequence[str], since_us: int) -> list[ItemChanged]:
    """Returns the changes stored since a moment, shop by shop."""
    found = [one for name in names for one in await history(app.db, name, since_us=since_us)]
    return [one for one in found if is_news(one)]


def is_news(change: ItemChanged) -> bool:
    """Tells whether an item really changed; one that was only met for the first time did not."""
    return change.reason != Reason.FIRST_SEEN


def show(out: Out, changes: Sequence[ItemChanged]) -> None:
    """Prints one line a change."""
    for one in changes:
        out.plain(line(out, one), style="" if one.ours or one.new == "onsale" else "yellow")


def told(one: ItemChanged) -> dict[str, object]:
    """Gives a change for programs."""
    return {
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


def line(out: Out, one: ItemChanged) -> str:
    """Puts a change into one line for people."""
    clock = _clock(one.happened_us)
    after_s = (one.seen_us - one.happened_us) / 1_000_000
    return text(
        "cli.watch.change",
        out.lang,
        at=clock,
        shop=one.shop_id,
        code=one.outer_id or one.item_id,
        title=one.title,
        old=state_words(one.old, out.lang),
        new=state_words(one.new, out.lang),
        reason=cause_words(one.reason, out.lang),
        after_s=f"{after_s:.1f}",
    )


def _clock(at_us: int) -> str:
    return (datetime.fromtimestamp(at_us / 1_000_000, UTC) + timedelta(hours=8)).strftime("%H:%M:%S")
