"""Looks up whatever a person met and typed: a code, a sub_code, the platform's own text, or a code that articles invented. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from onshelf.platforms.top.errorcodes import (
    ArticleList,
    Invented,
    Meaning,
    article_lists,
    codes,
    container_codes,
    explain_code,
    explain_sub_code,
    invented,
)

LAST_CODE = 10_000
"""Numbers above this are no codes of this platform in any source."""


class Sort(StrEnum):
    """What was looked up turned out to be."""

    CODE = "code"
    SUB_CODE = "sub_code"
    CONTAINER = "container"  # of the retired container page
    INVENTED = "invented"  # only articles have it
    NO_ERROR = "no_error"  # 0
    UNASSIGNED = "unassigned"  # below 100, and no source names it
    UNNAMED = "unnamed"  # 100 to `LAST_CODE`, never unified: the sub_code tells
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to one look-up."""

    given: str
    sort: Sort
    code: str = ""  # the gateway's number, when there is one
    meaning: Meaning | None = None
    invented: Invented | None = None
    lists: tuple[ArticleList, ...] = ()  # of articles, that name what was given


def look_up(given: str) -> Found:
    """Explains a code from 0 to 10000, a sub_code, or the platform's own text ("App Call Limited")."""
    word = given.strip()
    lists = tuple(one for one in article_lists() if word in one.codes or word == one.list)
    if word in invented():
        return Found(word, Sort.INVENTED, invented=invented()[word], lists=lists)
    if word.isascii() and word.isdecimal():
        return _number(str(int(word)), lists)
    if meaning := explain_sub_code(word):
        return Found(word, Sort.SUB_CODE, meaning=meaning, lists=lists)
    for code, known in codes().items():
        if known.msg.casefold() == word.casefold():
            return Found(word, Sort.CODE, code, known, lists=lists)
    return Found(word, Sort.UNKNOWN, lists=lists)


def _number(code: str, lists: tuple[ArticleList, ...]) -> Found:
    number = int(code)
    if meaning := explain_code(number):
        return Found(code, Sort.CODE, code, meaning, lists=lists)
    if code in container_codes():
        return Found(code, Sort.CONTAINER, meaning=container_codes()[code])
    if number == 0:
        return Found(code, Sort.NO_ERROR, code)
    if number < 100:
        return Found(code, Sort.UNASSIGNED, code)
    return Found(code, Sort.UNNAMED if number <= LAST_CODE else Sort.UNKNOWN, code)
