"""The shape of the command line without its code: shells complete from it, so that a TAB loads nothing of the product.

`reference/commands.json` holds the commands' options, arguments and sub-commands; `make docs` writes it from the commands
themselves, and a test holds it current.
"""

from functools import cache
from importlib.resources import files
from typing import Any, cast

import click
import msgspec
from click.shell_completion import CompletionItem


class Word(msgspec.Struct, omit_defaults=True):
    """An option or an argument."""

    name: str
    opts: tuple[str, ...] = ()  # as typed; empty for an argument
    kind: str = "text"  # text, file, directory, path, choice, method or argument
    choices: tuple[str, ...] = ()
    flag: bool = False
    many: bool = False  # an argument: all that is left; an option: given again


class Outline(msgspec.Struct, omit_defaults=True):
    """A command: its words and the commands below it."""

    words: tuple[Word, ...] = ()
    commands: dict[str, "Outline"] = {}
    default: str = ""  # the command below that is meant when none is named


@cache
def outlines() -> dict[str, Outline]:
    """Returns the outline of every command of the first level."""
    raw = (files("onshelf") / "reference" / "commands.json").read_bytes()
    return msgspec.json.decode(raw, type=dict[str, Outline])


def outline_of(command: click.Command) -> Outline:
    """Reads the outline of a command off its code."""
    members = getattr(command, "commands", {})
    return Outline(
        words=tuple(_word(param) for param in command.params if not getattr(param, "hidden", False)),
        commands={name: outline_of(child) for name, child in members.items()},
        default=getattr(command, "default", ""),
    )


def command_of(name: str, outline: Outline) -> click.Command:
    """Builds a command that parses and completes like the one outlined, and does nothing."""
    params = list(map(_param, outline.words))
    if not outline.commands:
        return click.Command(name, params=params)
    below = {child: command_of(child, one) for child, one in outline.commands.items()}
    group = OutlinedGroup(name, params=params, commands=below)
    group.default = outline.default
    return group


class OutlinedGroup(click.Group):
    """A group that also offers the options of the command it means when none is named."""

    default = ""

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        found = super().shell_complete(ctx, incomplete)
        if self.default:
            found += self.commands[self.default].shell_complete(ctx, incomplete)
        return list({item.value: item for item in found}.values())


def _word(param: click.Parameter) -> Word:
    is_option = isinstance(param, click.Option)
    return Word(
        name=param.name or "",
        opts=tuple(param.opts) if is_option else (),
        kind=param.type.name if param.type.name in _KINDS else "text",
        choices=tuple(map(str, getattr(param.type, "choices", ()))),
        flag=bool(getattr(param, "is_flag", False)),
        many=bool(param.multiple) if is_option else param.nargs == -1,
    )


_KINDS = ("file", "directory", "path", "choice", "method", "argument")


def _param(word: Word) -> click.Parameter:
    if word.opts:
        given = {"is_flag": True} if word.flag else {"type": _type(word)}
        return click.Option([*word.opts, word.name], multiple=word.many, **cast("dict[str, Any]", given))
    return click.Argument([word.name], nargs=-1 if word.many else 1, type=_type(word), required=False)


class OfCatalogue(click.ParamType[str]):
    """A word that is completed from the catalogue of methods, which is loaded only when this word is at hand."""

    def __init__(self, name: str) -> None:
        self.name = name

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from onshelf.cli.complete import TYPES

        return TYPES[self.name].shell_complete(ctx, param, incomplete)


def _type(word: Word) -> click.ParamType[Any]:
    match word.kind:
        case "choice":
            return click.Choice(word.choices)
        case "file" | "path":
            return click.Path()
        case "directory":
            return click.Path(file_okay=False)
        case "method" | "argument":
            return OfCatalogue(word.kind)
    return click.STRING
