"""What every command shares: the options of all, settings read once, the app opened and closed, errors made exit codes."""

import os
from collections.abc import Awaitable, Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click
import uvloop

from onshelf.cli.main import FAILED, USED_WRONGLY
from onshelf.cli.out import Out
from onshelf.errors import Error, SettingsError, Unreadable
from onshelf.settings import Settings, read_settings
from onshelf.wiring import App, open_app

Verb = Callable[..., Awaitable[int | None]]


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
            settings = settings_of(home or root.get("home"), lang or root.get("lang"))
            out = Out(settings["lang"], as_json=as_json)
            return command(settings, out, **given) or 0
        except Error as error:
            out.error(error)
            return USED_WRONGLY if isinstance(error, SettingsError | Unreadable) else FAILED

    return door


def opens_app(verb: Verb) -> Callable[..., Any]:
    """Like `reads_settings`, for an async command that works on an opened app: called with (app, out, …)."""

    @reads_settings
    @wraps(verb)
    def command(settings: Settings, out: Out, /, **given: Any) -> int | None:
        async def run() -> int | None:
            async with open_app(settings) as app:
                return await verb(app, out, **given)

        return uvloop.run(run())

    return command


def settings_of(home: str | None, lang: str | None) -> Settings:
    """Reads the settings of this process: arguments, environment, then `onshelf.toml` beside us or in the data folder."""
    toml = Path(os.environ.get("ONSHELF_CONFIG", "onshelf.toml"))
    return read_settings({"home": home, "lang": lang}, os.environ, toml)


__all__ = ["App", "opens_app", "reads_settings", "settings_of"]
