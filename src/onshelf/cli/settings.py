"""`onshelf settings`: every setting, its value, where it comes from."""

import click

from onshelf.cli.door import reads_settings
from onshelf.cli.out import Out
from onshelf.settings import TABLE, Settings


@click.command("settings")
@reads_settings
def settings(given: Settings, out: Out) -> None:
    rows = [
        (
            row.name,
            str(given[row.name]),
            row.unit,
            given.origin[row.name],
            row.zh if out.lang == "zh" else row.en,
        )
        for row in TABLE
    ]
    out.table(["name", "value", "unit", "origin", "meaning"], rows)
    out.data(
        {name: {"value": value, "unit": unit, "origin": origin} for name, value, unit, origin, _ in rows}
    )
