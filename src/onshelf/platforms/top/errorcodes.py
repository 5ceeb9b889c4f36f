"""What the platform's codes mean, in Chinese and English, what to do and who does it. Data: `reference/errors.json`."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal, cast

import msgspec

from onshelf.texts import Lang

Retry = Literal["never", "later", "after_ban", "by_sub_code", "after_authorise", "once"]
Who = Literal["nobody", "operator", "developer", "app_owner", "platform"]
Scope = Literal["app", "method", "shop"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """One code or sub_code explained."""

    zh: str
    en: str
    do_zh: str  # what to do
    do_en: str
    retry: Retry
    who: Who  # who acts
    msg: str = ""  # the platform's own text; "" for a sub_code
    scope: Scope | None = None  # of a ban: what it holds up

    def meaning(self, lang: Lang) -> str:
        return self.zh if lang == "zh" else self.en

    def remedy(self, lang: Lang) -> str:
        return self.do_zh if lang == "zh" else self.do_en


@dataclass(frozen=True, slots=True)
class Invented:
    """A code that other texts name and this platform does not have."""

    zh: str
    en: str
    see: tuple[str, ...]  # the codes it is really about


@cache
def _table() -> dict[str, Any]:
    raw = (files("onshelf") / "reference" / "errors.json").read_bytes()
    return cast("dict[str, Any]", msgspec.json.decode(raw))


@cache
def codes() -> dict[str, Meaning]:
    """Returns every platform code with its meaning; the key "501-591" stands for a range."""
    return {code: Meaning(**row) for code, row in _table()["codes"].items()}


@cache
def invented() -> dict[str, Invented]:
    """Returns the codes that do not exist, each with what is true instead."""
    rows = _table()["not_of_this_platform"].items()
    return {code: Invented(row["zh"], row["en"], tuple(row["see"])) for code, row in rows}


def explain_code(code: int) -> Meaning | None:
    """Explains a platform code; None when no source names it."""
    if 501 <= code <= 591:
        return codes()["501-591"]
    return codes().get(str(code))


@lru_cache(maxsize=1024)
def explain_sub_code(sub_code: str) -> Meaning | None:
    """Explains a sub_code by the first pattern it fits; None for one without a known prefix, and for none at all."""
    plain = sub_code.removesuffix("-tmall")
    for pattern, row in _patterns():
        if found := pattern.fullmatch(plain):
            # What the sub_code's own text names is put where the meaning says {1}, {2}.
            fill = ("", *found.groups())
            return Meaning(**{**row, "zh": row["zh"].format(*fill), "en": row["en"].format(*fill)})
    return None


@cache
def _patterns() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    return [(_compiled(row["pattern"]), _meaning_only(row)) for row in _table()["sub_codes"]]


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", "(.*)").replace(r"\?", "."), re.DOTALL)


def _meaning_only(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "pattern"}


def explain(code: int, sub_code: str) -> Meaning | None:
    """Explains a refusal: by its sub_code where that is known, else by its code."""
    return explain_sub_code(sub_code) or explain_code(code)
