"""The command line's front door: names of the commands, their texts, and what a mistake looks like to a person.

Sub-commands load when they are called, so that `onshelf --help` starts fast. Help texts come from the catalogue:
`cli.<command>` (one line), `cli.<command>.help` (whole, with an example), `cli.<command>.<option>`.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, cast

import click

from onshelf.cli.help import context_for
from onshelf.cli.wrong import Misused, Worded, misuse_of, reason_of
from onshelf.errors import Error
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
    "methods": "methods",
    "quota": "quota",
    "errors": "errors",
    "people": "people",
    "audit": "audit",
    "settings": "settings",
}
"""Command -> module of this folder; the object in it has the command's name (`import` is `import_`)."""

ENDED_WELL, FAILED, USED_WRONGLY, IN_PART = 0, 1, 2, 3
INTERRUPTED = 130


class Commands(click.Group):
    """A group whose members are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = outlined(cmd_name) if ctx.resilient_parsing else load(cmd_name)
        return dress(command, f"cli.{cmd_name}", lang_of(ctx))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        texts, lang = catalogue("cli"), lang_of(ctx)
        with formatter.section("Commands"):
            formatter.write_dl([(name, texts[f"cli.{name}"][lang]) for name in COMMANDS])


def load(name: str) -> click.Command:
    """Imports a command."""
    module = import_module(f"onshelf.cli.{COMMANDS[name]}")
    return cast("click.Command", getattr(module, name if name != "import" else "import_"))


def outlined(name: str) -> click.Command:
    """Returns a command's outline, for a shell that completes."""
    from onshelf.cli.outline import command_of, outlines  # late: nothing but a TAB needs it

    return command_of(name, outlines()[name])


def asked_lang(words: Sequence[str]) -> Lang:
    """Returns the language of help and of mistakes: `--lang` wherever it stands, else ONSHELF_LANG, else Chinese."""
    given = os.environ.get("ONSHELF_LANG", "")
    for place, word in enumerate(words):
        if word == "--lang" and place + 1 < len(words):
            given = words[place + 1]
        elif word.startswith("--lang="):
            given = word.removeprefix("--lang=")
    return "en" if given == "en" else "zh"


def lang_of(ctx: click.Context) -> Lang:
    """Returns the language `main` found."""
    return cast("Lang", ctx.find_root().obj or "zh")


def dress(command: click.Command, key: str, lang: Lang) -> click.Command:
    """Gives a command, its options and its sub-commands their texts."""
    texts = catalogue("cli")
    command.help = texts[f"{key}.help"][lang]
    command.short_help = texts[key][lang]
    command.context_class = context_for(lang)
    for option in command.params:
        if isinstance(option, click.Option) and option.name and not option.hidden:
            option.help = texts[option_key(key, option.name)][lang]
    for name, child in getattr(command, "commands", {}).items():
        dress(child, f"{key}.{name}", lang)
    return command


def option_key(command_key: str, option: str) -> str:
    """Names the text of an option: the command's own, else the one all commands share."""
    own = f"{command_key}.--{option}"
    return own if own in catalogue("cli") else f"cli.option.{option}"


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="onshelf")
@click.option("--lang", type=click.Choice(LANGS), is_eager=True)
@click.option("--home", type=click.Path(file_okay=False))
def onshelf(**_: Any) -> None:
    """Puts a shop's products on the shelf and keeps them there."""


def main() -> None:
    """Runs the command line; whatever goes wrong becomes one line on the error stream and an exit code."""
    words = sys.argv[1:]
    lang = asked_lang(words)
    dress(onshelf, "cli.onshelf", lang)
    try:
        code = onshelf.main(words, standalone_mode=False, obj=lang) or ENDED_WELL
        sys.stdout.flush()
    except click.exceptions.Exit as ended:
        code = ended.exit_code
    except click.exceptions.NoArgsIsHelpError as bare:
        bare.show()
        code = USED_WRONGLY
    except click.ClickException as wrong:
        code = complain(misuse_of(wrong), lang, words)
    except Misused as wrong:
        code = complain(wrong, lang, words)
    except (click.Abort, KeyboardInterrupt):
        code = INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads on: not our failure
        code = ENDED_WELL
    except Exception as error:  # noqa: BLE001 the last line of defence: a person never sees a traceback
        code = complain(reason_of(error), lang, words)
    sys.exit(code)


def complain(wrong: Error | Worded, lang: Lang, words: Sequence[str]) -> int:
    """Tells what went wrong outside of any door; returns the exit code."""
    from onshelf.cli.out import Out

    Out(lang, as_json="--json" in words).error(wrong)
    return USED_WRONGLY if isinstance(wrong, Misused) else FAILED
