"""What every command shares: the options of all, settings read once, the app opened and closed, errors made exit codes."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import click
import uvloop

from onshelf.cli.logs import configure
from onshelf.cli.main import FAILED, USED_WRONGLY
from onshelf.cli.out import Out
from onshelf.cli.wrong import Misused, Worded, reason_of
from onshelf.errors import Error, SettingsError, Unreadable
from onshelf.platforms.top.tmc.connection import Dialler
from onshelf.settings import Settings, read_settings
from onshelf.shops.shop import Shop
from onshelf.wiring import App, open_app
from onshelf.working import begin_watching, end_watching, work

Verb = Callable[..., Awaitable[int | None]]
TAKE_OVER_S = 1.0
"""How often a process that is not the worker looks whether it may become it."""


records = click.option("--record", type=click.Path(dir_okay=False))
"""Gives a command that calls the platform `--record FILE`; stands above `opens_app`."""


def reads_settings(command: Callable[..., int | None]) -> Callable[..., Any]:
    """Gives a command `--home --lang --json` and calls it with (settings, out, …); errors of ours become exit codes."""

    @click.option("--home", type=click.Path(file_okay=False))
    @click.option("--lang", type=click.Choice(["zh", "en"]))
    @click.option("--json", "as_json", is_flag=True)
    @click.pass_context
    @wraps(command)
    def door(ctx: click.Context, /, home: str | None, lang: str | None, as_json: bool, **given: Any) -> int:
        root = ctx.find_root().params
        out = Out("zh", as_json=as_json)
        try:
            settings = settings_of(
                home or root.get("home"), lang or root.get("lang"), given.pop("record", None)
            )
            configure(settings)
            out = Out(settings["lang"], as_json=as_json)
            return command(settings, out, **given) or 0
        except (Worded, Error) as error:
            return refuse(out, error)
        except (BrokenPipeError, click.ClickException):
            raise
        except Exception as error:  # noqa: BLE001 the last line of defence: a person never sees a traceback
            return refuse(out, reason_of(error))

    return door


def refuse(out: Out, error: Error | Worded) -> int:
    """Tells an error in one line; returns its exit code."""
    out.error(error)
    return USED_WRONGLY if isinstance(error, SettingsError | Unreadable | Misused) else FAILED


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


def make_home(home: Path) -> None:
    """Makes the data folder; says so when it cannot be one."""
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Misused("home", home=home, why=error.strerror) from error


def settings_of(home: str | None, lang: str | None, record: str | None = None) -> Settings:
    """Reads the settings of this process: arguments, environment, then the TOML file `ONSHELF_CONFIG` or `onshelf.toml`."""
    toml = Path(os.environ.get("ONSHELF_CONFIG", "onshelf.toml"))
    return read_settings({"home": home, "lang": lang, "record": record}, os.environ, toml)


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
