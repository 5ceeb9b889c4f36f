"""What the platform's codes mean, in Chinese and English, what to do and who does it. Data: `reference/errors.json`."""

import re
from dataclasses import dataclass, replace
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
    """A code that other texts name and this platform's gateway does not have."""

    zh: str
    en: str
    see: tuple[str, ...]  # the codes it is really about

    def truth(self, lang: Lang) -> str:
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True)
class ArticleList:
    """A list of codes that how-to articles give, answered with what is true."""

    list: str  # as the articles write it: "7/15/21/31"
    zh: str
    en: str
    codes: tuple[str, ...]  # what the list names
    use: tuple[str, ...]  # the real codes to go by

    def truth(self, lang: Lang) -> str:
        return self.zh if lang == "zh" else self.en


OLD = "501-902"
"""The key of the old codes by domain, which share a remedy: go by the sub_code."""


@cache
def _table() -> dict[str, Any]:
    raw = (files("onshelf") / "reference" / "errors.json").read_bytes()
    return cast("dict[str, Any]", msgspec.json.decode(raw))


@cache
def codes() -> dict[str, Meaning]:
    """Returns every platform code with its meaning, in their order; the key `OLD` stands for a range."""
    return {code: Meaning(**row) for code, row in _table()["codes"].items()}


@cache
def old_codes() -> dict[str, Meaning]:
    """Returns the codes of the years before sub_codes, by domain."""
    return {
        code: replace(codes()[OLD], msg=row["msg"], zh=row["zh"], en=row.get("en", row["msg"]))
        for code, row in _table()["old_codes"].items()
    }


@cache
def container_codes() -> dict[str, Meaning]:
    """Returns the codes of the retired container page, which the gateway never sends."""
    again = codes()["27"]
    return {code: replace(again, msg="", **row) for code, row in _table()["container_codes"].items()}


@cache
def invented() -> dict[str, Invented]:
    """Returns the codes that do not exist, each with what is true instead."""
    rows = _table()["not_of_this_platform"].items()
    return {code: Invented(row["zh"], row["en"], tuple(row["see"])) for code, row in rows}


@cache
def article_lists() -> tuple[ArticleList, ...]:
    """Returns the contradicting lists of the how-to articles, each answered."""
    return tuple(msgspec.convert(row, ArticleList) for row in _table()["article_lists"])


@cache
def sub_codes() -> dict[str, Meaning]:
    """Returns the patterns of sub_codes with their meaning, the first to be tried first."""
    return {row["pattern"]: Meaning(**_meaning_only(row)) for row in _table()["sub_codes"]}


def explain_code(code: int) -> Meaning | None:
    """Explains a code of the gateway; None when no source names it."""
    known = codes().get(str(code)) or old_codes().get(str(code))
    return known or (codes()[OLD] if 501 <= code <= 591 else None)


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
