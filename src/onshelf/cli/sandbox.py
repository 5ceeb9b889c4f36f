"""`onshelf sandbox`: the platform's stand-in; needs nothing else of onshelf running."""

from pathlib import Path
from typing import Any

import click

from onshelf.sandbox.__main__ import main


@click.command("sandbox")
@click.option("--port", type=int)
@click.option("--tmc-port", type=int)
@click.option("--host")
@click.option("--state", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--seed", type=int)
@click.option("--app-key")
@click.option("--app-secret")
@click.option("--session")
@click.option("--seller-nick")
@click.option("--app", multiple=True)
@click.option("--per-second", type=int)
@click.option("--per-minute", type=int)
@click.option("--per-day", type=int)
def sandbox(app: tuple[str, ...], **given: Any) -> None:
    words = [f"--{name.replace('_', '-')}={value}" for name, value in given.items() if value is not None]
    main([*words, *(f"--app={one}" for one in app)])
