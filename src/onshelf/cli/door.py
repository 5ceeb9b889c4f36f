"""What every command shares: the options of all, settings read once, errors made exit codes. Loads neither database nor client."""

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from onshelf.cli.logs import configure
from onshelf.cli.main import FAILED, USED_WRONGLY
from onshelf.cli.out import Out
from onshelf.cli.wrong import Misused, Worded, reason_of
from onshelf.errors import Error, SettingsError, Unreadable
from onshelf.settings import Settings, read_settings

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
