"""What a line's outcome says to people, and the cause by which lines are grouped. Pure.

An outcome names a text key (`code`); a failure also carries what happened and what to do in both languages.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from onshelf.texts import Lang, catalogue


@dataclass(frozen=True, slots=True)
class Said:
    """An outcome in words."""

    what: str  # empty before the first step has ended
    remedy: str  # empty when there is nothing to do


def cause_of(outcome: Mapping[str, object]) -> str:
    """Returns what lines that failed alike have in common: the platform's sub-code, else the outcome's code."""
    return str(outcome.get("sub_code") or outcome.get("code") or "")


def said(outcome: Mapping[str, object], lang: Lang) -> Said:
    """Puts an outcome into words."""
    what = _words(outcome.get("message"), lang) or meaning(str(outcome.get("code", "")), lang)
    return Said(what, _words(outcome.get("remedy"), lang))


def meaning(code: str, lang: Lang) -> str:
    """Says what an outcome's code means, where the catalogue has it."""
    texts = catalogue(code.partition(".")[0])
    return texts[code][lang] if code in texts else code


def _words(told: object, lang: Lang) -> str:
    """Reads a text an outcome carries in both languages."""
    return str(told.get(lang, "")) if isinstance(told, Mapping) else str(told or "")
