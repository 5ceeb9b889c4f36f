"""Looks up whatever a person met and typed: a code, a sub_code, the platform's own text, or a code that articles invented. Pure."""

import re
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
    SERVICE = "service"  # a sub_code without a known prefix: some service's own word
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


_OWN_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*([_.:/-]+[A-Za-z0-9]+)+")
"""What a service behind the gateway calls an error of its own: "atr_refund_segment_refund" has been recorded."""


def look_up(given: str) -> Found:
    """Explains a code from 0 to 10000, a sub_code, or the platform's own text ("App Call Limited", "Invalid arguments:cid")."""
    word = given.strip()
    lists = tuple(one for one in article_lists() if word in one.codes or word == one.list)
    if word in invented():
        return Found(word, Sort.INVENTED, invented=invented()[word], lists=lists)
    if word.isascii() and word.isdecimal():
        return _number(str(int(word)), lists)
    if meaning := explain_sub_code(word):
        return Found(word, Sort.SUB_CODE, meaning=meaning, lists=lists)
    said = word.partition(":")[0].strip().casefold()
    for code, known in codes().items():
        if known.msg.casefold() == said:
            return Found(word, Sort.CODE, code, known, lists=lists)
    return Found(word, Sort.SERVICE if _OWN_WORD.fullmatch(word) else Sort.UNKNOWN, lists=lists)


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
