"""`onshelf sandbox`: the platform's stand-in; needs nothing else of onshelf running."""

from pathlib import Path
from typing import Any

import click
import msgspec

from onshelf.cli.wrong import Misused
from onshelf.sandbox.__main__ import main
from onshelf.sandbox.replay import UnreadableRecording


def key_and_secret(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    """Lets only KEY=SECRET pass."""
    for one in given:
        key, _equals, secret = one.partition("=")
        if not (key and secret):
            raise click.BadParameter("KEY=SECRET")
    return given


@click.command("sandbox")
@click.option("--port", type=int)
@click.option("--tmc-port", type=int)
@click.option("--tmc-redeliver-s", type=click.FloatRange(min=0, min_open=True))
@click.option("--host")
@click.option("--state", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--replay", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--seed", type=int)
@click.option("--items", type=click.IntRange(0, 10_000_000))
@click.option("--app-key")
@click.option("--app-secret")
@click.option("--session")
@click.option("--seller-nick")
@click.option("--app", multiple=True, callback=key_and_secret)
@click.option("--per-second", type=int)
@click.option("--per-minute", type=int)
@click.option("--per-day", type=int)
def sandbox(app: tuple[str, ...], **given: Any) -> None:
    words = [f"--{name.replace('_', '-')}={value}" for name, value in given.items() if value is not None]
    try:
        main([*words, *(f"--app={one}" for one in app)])
    except msgspec.MsgspecError:
        raise Misused("no_state", file=given["state"]) from None
    except UnreadableRecording as error:
        raise Misused("no_recording", file=given["replay"], line=error.line) from None
