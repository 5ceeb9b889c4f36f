"""What a shell may complete: names of methods, and their parameters with the values they allow."""

from collections.abc import Mapping

import click
from click.shell_completion import CompletionItem

from onshelf.platforms.top.catalogue import Method, Param, describe, names

MOST = 500
"""Names offered at once; where more fit, their next parts are offered, as a shell offers folders before files."""


class MethodName(click.ParamType[str]):
    """The name of a method; a shell completes it from its start."""

    name = "method"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        return [CompletionItem(name) for name in offered(incomplete)]


class CallArgument(click.ParamType[str]):
    """A `name=value` of the method named before it."""

    name = "argument"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        return arguments(ctx, incomplete)


METHOD, ARGUMENT = MethodName(), CallArgument()
TYPES: Mapping[str, click.ParamType[str]] = {one.name: one for one in (METHOD, ARGUMENT)}


def offered(start: str) -> list[str]:
    """Returns the methods that begin so, in alphabetical order; of too many only the beginnings they share."""
    found = [name for name in names() if name.startswith(start)]
    if len(found) <= MOST:
        return found
    parts = start.count(".") + 1
    while len(shared := {_first(name, parts) for name in found}) == 1:
        parts += 1
    return sorted(shared)


def _first(name: str, parts: int) -> str:
    """Returns the first parts of a name, with the dot that says there are more."""
    cut = name.split(".")
    return ".".join(cut[:parts]) + ("." if len(cut) > parts else "")


def arguments(ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """Completes `name=value`: parameters not given yet, those required first; then the values one may take."""
    known = describe(str(ctx.params.get("method", "")))
    words = tuple(ctx.params.get("params") or ())
    if known is None:
        return []
    split = _split_by_bash(words, incomplete)
    if split is not None and split[0] in {one.name for one in known.params}:
        return [CompletionItem(value) for value in _matching(known, *split)]
    name, equals, value = incomplete.partition("=")
    if equals:
        return [CompletionItem(f"{name}={one}") for one in _matching(known, name, value)]
    return _parameters(known, words, incomplete)


def _split_by_bash(words: tuple[str, ...], incomplete: str) -> tuple[str, str] | None:
    """Returns the name and the started value where bash made three words of `name=value`; it replaces the last only."""
    if len(words) > 1 and words[-1] == "=":
        return words[-2], incomplete
    # click takes the sign alone for nothing
    return (words[-1], "") if words and "=" not in words[-1] and not incomplete else None


def _parameters(known: Method, words: tuple[str, ...], incomplete: str) -> list[CompletionItem]:
    """Offers parameters; the only one left comes with its values, for shells put a space after a word that is alone."""
    given = {word.partition("=")[0] for word in words}
    fitting = [one for one in known.params if one.name.startswith(incomplete) and one.name not in given]
    if len(fitting) == 1 and _values(fitting[0]):
        return [CompletionItem(f"{fitting[0].name}={value}") for value in _values(fitting[0])]
    required_first = sorted(fitting, key=lambda one: not one.required)
    return [CompletionItem(f"{one.name}=", help=one.meaning) for one in required_first]


def _matching(known: Method, name: str, value: str) -> list[str]:
    found = next((one for one in known.params if one.name == name), None)
    return [one for one in _values(found) if one.startswith(value)]


def _values(param: Param | None) -> list[str]:
    if param is None:
        return []
    return ["true", "false"] if param.type == "boolean" else [str(one) for one in param.enum]
