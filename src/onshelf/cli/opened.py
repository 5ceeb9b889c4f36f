"""What commands share that work on the opened app: a shop chosen, the worker beside them, a wait that can be stopped."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import wraps
from typing import Any

import uvloop

from onshelf.cli.door import make_home, reads_settings
from onshelf.cli.out import Out
from onshelf.cli.wrong import Misused
from onshelf.guard.change import Act
from onshelf.platforms.top.tmc.connection import Dialler
from onshelf.settings import Settings
from onshelf.shops.shop import Shop
from onshelf.wiring import App, open_app
from onshelf.working import begin_watching, end_watching, work

Verb = Callable[..., Awaitable[int | None]]
CLI = "cli"
"""Who does what a command does, in every record."""
TAKE_OVER_S = 1.0
"""How often a process that is not the worker looks whether it may become it."""


def opens_app(verb: Verb) -> Callable[..., Any]:
    """Like `reads_settings`, for an async command that works on an opened app: called with (app, out, …)."""

    @reads_settings
    @wraps(verb)
    def command(settings: Settings, out: Out, /, **given: Any) -> int | None:
        async def run() -> int | None:
            make_home(settings.home)
            async with open_app(settings) as app:
                return await verb(app, out, **given)

        return uvloop.run(run())

    return command


async def choose_shop(app: App, name: str | None) -> Shop:
    """Returns the shop a command is about: the named one, or the only one there is."""
    shops = await app.shops.list()
    found = [shop for shop in shops if name in (None, shop.shop_id)]
    if len(found) == 1:
        return found[0]
    known = "、".join(shop.shop_id for shop in shops)
    if not shops:
        raise Misused("no_shop")
    raise (
        Misused("which_shop", known=known)
        if name is None
        else Misused("unknown_shop", name=name, known=known)
    )


def noted(app: App, act: Act) -> None:
    """Notes in the audit log what was done by a command."""
    app.audit.acted(CLI, act)


@asynccontextmanager
async def stopped_by_signal() -> AsyncIterator[asyncio.Event]:
    """Gives an event that Ctrl-C or SIGTERM sets; a second Ctrl-C breaks off at once."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def ask_to_stop() -> None:
        stop.set()
        loop.remove_signal_handler(signal.SIGINT)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ask_to_stop)
    try:
        yield stop
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


@asynccontextmanager
async def worker_beside(app: App, stop: asyncio.Event, dialler: Dialler | None = None) -> AsyncIterator[bool]:
    """Is the home's worker while the block runs, or becomes it when the present one ends; yields whether it is at once.

    When the block ends the worker stops cleanly; when the worker breaks, the block is broken off. `dialler`: as `work`
    takes it; its module takes an eighth of a second to load, so only commands that receive messages import it.
    """
    first = app.lock.try_acquire()
    done = asyncio.Event()

    async def run() -> None:
        while not app.lock.try_acquire():
            await _either(done, app.clock.sleep(TAKE_OVER_S))
            if done.is_set():
                return
        await work(app, done, dialler)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(run())
        try:
            yield first
        finally:
            done.set()
    app.lock.release()


@asynccontextmanager
async def watching(app: App, shop_ids: Sequence[str]) -> AsyncIterator[None]:
    """Keeps the shops on the schedule of looks while the block runs."""
    await begin_watching(app, shop_ids)
    try:
        yield
    finally:
        await end_watching(app, shop_ids)


async def rest(app: App, stop: asyncio.Event, seconds: float) -> None:
    """Waits for a while, or until the command is asked to stop."""
    await _either(stop, app.clock.sleep(seconds))


async def first_of(*others: Awaitable[object]) -> int:
    """Waits for whichever ends first and breaks off the rest; returns its place, or raises what it raised."""
    waits = [asyncio.ensure_future(other) for other in others]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        first = next(place for place, wait in enumerate(waits) if wait.done())
        waits[first].result()
        return first
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


async def _either(event: asyncio.Event, other: Awaitable[None]) -> None:
    await first_of(event.wait(), other)
