"""`onshelf settings`: every setting, its value, where it comes from."""

import click

from onshelf.cli.door import reads_settings
from onshelf.cli.out import Out
from onshelf.settings import TABLE, Secret, Settings


@click.command("settings")
@reads_settings
def settings(given: Settings, out: Out) -> None:
    rows = [
        (
            row.name,
            f"{shown(given[row.name])} {row.unit}".strip(),
            given.origin[row.name],
            row.zh if out.lang == "zh" else row.en,
        )
        for row in TABLE
    ]
    out.table(["name", "value", "origin", "meaning"], rows)
    out.data(
        {
            row.name: {
                "value": shown(given[row.name]) if row.kind == "secret" else given[row.name],
                "unit": row.unit,
                "origin": given.origin[row.name],
            }
            for row in TABLE
        }
    )


def shown(value: object) -> str:
    """Shows a value as one types it: whole numbers without a fraction, secrets as dots, nothing as nothing."""
    if isinstance(value, float):
        return f"{value:g}"
    return "" if isinstance(value, Secret) and not value else str(value)
