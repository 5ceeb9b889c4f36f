"""`onshelf methods WORD …`: finds methods of the platform; a whole name explains one."""

import click
import msgspec

from onshelf.cli import complete, explain
from onshelf.cli.door import reads_settings
from onshelf.cli.main import ENDED_WELL, FAILED
from onshelf.cli.out import Out
from onshelf.platforms.top.arguments import advise
from onshelf.platforms.top.catalogue import Found, describe, find
from onshelf.settings import Settings

MOST = 40
"""Rows shown to a person; programs get all."""


@click.command("methods")
@click.argument("words", nargs=-1, required=True, type=complete.METHOD)
@reads_settings
def methods(settings: Settings, out: Out, words: tuple[str, ...]) -> int:
    known = describe(words[0]) if len(words) == 1 else None
    if known is not None:
        out.plain(explain.page(words[0], known, out.lang))
        out.data(explain.as_data(words[0], known))
        return ENDED_WELL
    return listed(out, words, find(" ".join(words)))


def listed(out: Out, words: tuple[str, ...], found: tuple[Found, ...]) -> int:
    """Prints what was found, after the truth about a name that articles invented."""
    for one in advise(words[0], {}):
        if one.rule == "invented":
            out.complain(one.message(out.lang))
    if not found:
        out.say("methods.none", words=" ".join(words))
    out.table(
        ["method", "title", "state"], [(one.method, title(one, out), state(one, out)) for one in found[:MOST]]
    )
    if len(found) > MOST:
        out.say("methods.more", shown=MOST, found=len(found))
    out.data([msgspec.to_builtins(one) for one in found])
    return ENDED_WELL if found else FAILED


def title(found: Found, out: Out) -> str:
    return (found.title_zh or found.title) if out.lang == "zh" else found.title


def state(found: Found, out: Out) -> str:
    """Says whether a method is still there, and whether its limits are known."""
    if found.status != "current":
        return out.word("method_state", found.status)
    return out.word("method_state", "typed" if found.typed else "named")
