"""Calls the platform makes to us (SPI, Qimen): whether one is genuine, fresh, and not played again. Pure.

What is signed has no separators, so whoever can hold a call back on its way can move a boundary between two neighbours
("a" "bc" to "ab" "c"): give the platform an https address. Source: top-protocol 2.4.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from enum import StrEnum
from heapq import heappop, heappush
from urllib.parse import parse_qsl, unquote_plus

from onshelf.clock import SECOND_US, to_us
from onshelf.platforms.top.protocol import read_time

SIGNED_HEADERS = "top-sign-list"
FORM = "application/x-www-form-urlencoded"
CHARSETS = frozenset({"utf-8", "gbk", "gb2312", "gb18030"})
"""Charsets the platform writes. The content type is not signed: a forger may name one in which other texts look the same."""
WINDOW_S = 600.0
"""How far the call's time may be from ours, either way: what the gateway itself grants."""
FAILURE = b'{"flag":"failure","sub_code":"sign-check-failure","sub_message":"Illegal request"}'
"""The answer to a call that is refused, whatever the reason: a forger learns nothing."""


class Fault(StrEnum):
    """Why a call is refused."""

    UNSIGNED = "unsigned"  # no sign, or more than one
    FORGED = "forged"  # the signature is not that of these contents
    UNDATED = "undated"  # no time that could be read
    STALE = "stale"  # too old, or from the future
    REPLAYED = "replayed"  # seen before


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it came in."""

    query: str  # as in the address, still encoded
    headers: Mapping[str, str]  # names in any case
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Genuine:
    """A call the platform made."""

    params: Mapping[str, str]  # of query and form, `sign` left out
    body: bytes  # empty for a form
    # the signed ones, decoded, by the names the call gives
    headers: Mapping[str, str] = field(default_factory=dict)


class Replays:
    """Remembers the signatures of genuine calls for as long as their times are fresh; each is good once.

    One for all calls of a process; a new process knows none of the old one's, nor does one beside it.
    """

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._ends: list[tuple[int, str]] = []  # a heap: when to forget each

    @property
    def remembered(self) -> int:
        """Returns how many signatures it knows."""
        return len(self._seen)

    def is_new(self, sign: str, fresh_until_us: int, now_us: int) -> bool:
        """Tells whether a signature comes for the first time, and remembers it until its call is stale."""
        while self._ends and self._ends[0][0] < now_us:
            self._seen.discard(heappop(self._ends)[1])
        if sign in self._seen:
            return False
        self._seen.add(sign)
        heappush(self._ends, (fresh_until_us, sign))
        return True


def verify(
    call: Call, secret: str, now_us: int, replays: Replays, *, window_s: float = WINDOW_S
) -> Genuine | Fault:
    """Decides whether the platform made this call, just now, for the first time.

    The signature is looked at first, so that only genuine calls are remembered.
    """
    headers = {name.lower(): value for name, value in call.headers.items()}
    query = parse_qsl(call.query, keep_blank_values=True)
    signs = [value for name, value in query if name == "sign"]
    if len(signs) != 1:
        return Fault.UNSIGNED
    charset, is_form = _form_of(headers.get("content-type", ""))
    params = {name: value for name, value in query if name != "sign"}
    if is_form:
        fields = call.body.decode("utf-8", "replace")
        params |= dict(parse_qsl(fields, keep_blank_values=True, encoding=charset, errors="replace"))
    body = b"" if is_form else call.body
    named = {name: value for name, value in _signed_headers(headers).items() if name not in params}
    if not _is_sign(signs[0], {**named, **params}, body, secret, charset):
        return Fault.FORGED
    moment = read_time(params.get("timestamp"))
    if moment is None:
        return Fault.UNDATED
    at_us, window_us = to_us(moment), round(window_s * SECOND_US)
    if abs(at_us - now_us) > window_us:
        return Fault.STALE
    is_new = replays.is_new(signs[0], at_us + window_us, now_us)
    return Genuine(params, body, named) if is_new else Fault.REPLAYED


def _is_sign(sign: str, params: Mapping[str, str], body: bytes, secret: str, charset: str) -> bool:
    """Tells whether this is the signature of what a call holds; unlike in requests of ours, blank values count."""
    text, key = "".join(name + params[name] for name in sorted(params)), secret.encode()
    try:
        right = hashlib.md5(key + text.encode(charset) + body + key).hexdigest().upper()
        return hmac.compare_digest(right.encode(), sign.encode())
    except UnicodeEncodeError:
        return False


def _signed_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Returns the headers that the call says are signed, by the names it gives them; one that is missing counts as blank."""
    names = [name.strip() for name in headers.get(SIGNED_HEADERS, "").split(",") if name.strip()]
    return {name: unquote_plus(headers.get(name.lower(), "")) for name in names}


def _form_of(content_type: str) -> tuple[str, bool]:
    """Reads a content type: its charset, UTF-8 unless it is one of the platform's, and whether the body is a form."""
    told = Message()
    told["content-type"] = content_type
    charset = told.get_content_charset("utf-8")
    return charset if charset in CHARSETS else "utf-8", told.get_content_type() == FORM
