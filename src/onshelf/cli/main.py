"""The command line's front door: names of the commands, their texts, and what an error looks like to a person.

Sub-commands load when they are called, so that `onshelf --help` starts fast. Help texts come from the catalogue:
`cli.<command>` (one line), `cli.<command>.help` (whole, with an example), `cli.<command>.<option>`.
"""

import os
import sys
from importlib import import_module
from typing import Any, cast

import click

from onshelf.texts import LANGS, Lang, catalogue

COMMANDS = {
    "demo": "demo",
    "up": "up",
    "sandbox": "sandbox",
    "shop": "shop",
    "import": "products",
    "check": "products",
    "publish": "publish",
    "watch": "watch",
    "alerts": "alerts",
    "jobs": "jobs",
    "call": "call",
    "quota": "quota",
    "audit": "audit",
    "settings": "settings",
}
"""Command -> module of this folder; the object in it has the command's name (`import` is `import_`)."""

ENDED_WELL, FAILED, USED_WRONGLY, IN_PART = 0, 1, 2, 3


class Commands(click.Group):
    """A group whose members are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"onshelf.cli.{COMMANDS[cmd_name]}")
        command = cast("click.Command", getattr(module, cmd_name if cmd_name != "import" else "import_"))
        return dress(command, f"cli.{cmd_name}", lang_of(ctx))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        return name, command, rest

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        texts, lang = catalogue("cli"), lang_of(ctx)
        with formatter.section(texts["cli.commands"][lang]):
            formatter.write_dl([(name, texts[f"cli.{name}"][lang]) for name in COMMANDS])


def lang_of(ctx: click.Context | None) -> Lang:
    """Returns the language of help: `--lang`, else ONSHELF_LANG, else Chinese."""
    asked = ctx.find_root().params.get("lang") if ctx is not None else None
    given = asked or os.environ.get("ONSHELF_LANG", "zh")
    return cast("Lang", given) if given in LANGS else "zh"


def dress(command: click.Command, key: str, lang: Lang) -> click.Command:
    """Gives a command, its options and its sub-commands their texts."""
    texts = catalogue("cli")
    command.help = texts[f"{key}.help" if f"{key}.help" in texts else key][lang]
    command.short_help = texts[key][lang]
    for option in command.params:
        if isinstance(option, click.Option) and option.name:
            specific, shared = f"{key}.{option.name}", f"cli.option.{option.name}"
            option.help = texts[specific if specific in texts else shared][lang]
    for name, child in getattr(command, "commands", {}).items():
        dress(child, f"{key}.{name}", lang)
    return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="onshelf")
@click.option("--lang", type=click.Choice(LANGS), is_eager=True)
@click.option("--home", type=click.Path(file_okay=False))
def onshelf(**_: Any) -> None:
    """Puts a shop's products on the shelf and keeps them there."""


def main() -> None:
    """Runs the command line; turns every error of ours into one message and an exit code."""
    lang = lang_of(None)
    dress(onshelf, "cli.onshelf", lang)
    try:
        sys.exit(onshelf.main(standalone_mode=False) or ENDED_WELL)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(USED_WRONGLY)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
