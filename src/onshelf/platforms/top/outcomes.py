"""What a refusal means for the caller: nothing happened, nobody knows, or a clear no. Pure.

The kind of the call decides, for a create made twice is an item made twice. Source: never-twice 5, top-protocol 4.
"""

import re
from enum import StrEnum

from onshelf.clock import SECOND_US
from onshelf.errors import (
    BusinessFault,
    PermissionRefused,
    PlatformError,
    QuotaExceeded,
    Refused,
    ServiceFault,
    SessionExpired,
    SignatureRefused,
    TierExpired,
    Unanswered,
)
from onshelf.platforms.top.errorcodes import Scope, explain_code, explain_sub_code
from onshelf.platforms.top.permissions import permission_remedy
from onshelf.platforms.top.protocol import Refusal
from onshelf.texts import LANGS


class Kind(StrEnum):
    """What repeating a call would do."""

    READ = "read"  # nothing
    WRITE = "write"  # sets the same absolute values again
    CREATE = "create"  # makes a second one


LIMITED = frozenset({4, 5, 6, 7, 8})
UNAVAILABLE = frozenset({1, 10})
NOT_PERMITTED = 11
BAD_TIMESTAMP = 31
DEFAULT_BAN_S = 1
LONGEST_RATE_BAN_S = 600
_BAN = re.compile(r"ban will last for (\d+) more second")

_BY_CODE: dict[int, type[Refused]] = {
    **dict.fromkeys((24, 25), SignatureRefused),
    **dict.fromkeys((26, 27, 44), SessionExpired),
    **dict.fromkeys((42, 53), TierExpired),
    **dict.fromkeys((11, 12, 13), PermissionRefused),
    # The gateway's own checks of what the caller sent: before any work, and useless to repeat.
    **dict.fromkeys((3, 40, 41, 43, 46, 47), BusinessFault),
}


def is_limited(refusal: Refusal) -> bool:
    """Tells whether a refusal is flow control: made before any work, whatever the call was."""
    return refusal.code in LIMITED or refusal.sub_code == "isp.call-limited"


def ban_seconds(refusal: Refusal) -> int:
    """Returns the seconds that a flow-control refusal names, one when it names none."""
    named = ban_named(refusal.sub_msg) or ban_named(refusal.msg)
    return DEFAULT_BAN_S if named is None else named


def ban_named(said: str) -> int | None:
    """Reads the seconds from "This ban will last for N more seconds"; None when the text names none."""
    found = _BAN.search(said)
    return int(found.group(1)) if found else None


def ends_the_day(refusal: Refusal) -> bool:
    """Tells whether a flow-control refusal says that the calls of a day are used up, so that counting them teaches the limit.

    The app's own daily total has a sub_code of its own; the limit of one method tells by a ban no rate limit lasts.
    Source: top-protocol 4.3.
    """
    if refusal.sub_code == "accesscontrol.limited-by-app-access-count":
        return True
    return ban_scope(refusal) == "method" and ban_seconds(refusal) > LONGEST_RATE_BAN_S


def ban_scope(refusal: Refusal) -> Scope:
    """Returns what a ban holds up; one that says nothing known holds up the whole app."""
    if refusal.code in (4, 5):
        return "shop"
    meaning = explain_sub_code(refusal.sub_code)
    return (meaning and meaning.scope) or "app"


def judge(method: str, kind: Kind, refusal: Refusal, now_us: int) -> PlatformError:
    """Turns a refusal into the error that says what may be done next.

    A create is Unanswered unless the refusal is known to come before the work; an absolute write after codes 1 and 10
    and the gateway's mapping errors too; a read never.
    """
    why = ": ".join(part for part in (refusal.msg, refusal.sub_msg) if part)
    if is_limited(refusal):
        retry_at_us = now_us + ban_seconds(refusal) * SECOND_US
        return QuotaExceeded(
            method, why, retry_at_us=retry_at_us, sub_code=refusal.sub_code, request_id=refusal.request_id
        )
    error_type = _error_type(kind, refusal)
    if error_type is Unanswered:
        return Unanswered(
            method,
            f"{why} ({refusal.code} {refusal.sub_code})".replace(" )", ")"),
            request_id=refusal.request_id,
        )
    return _refused(error_type, method, why, refusal)


def _refused(error_type: type[PlatformError], method: str, why: str, refusal: Refusal) -> PlatformError:
    advice = {}
    if error_type is PermissionRefused and refusal.code == NOT_PERMITTED:
        advice["advice"] = {lang: permission_remedy(method, refusal.sub_msg, lang) for lang in LANGS}
    return error_type(
        method,
        why,
        platform_code=refusal.code,
        sub_code=refusal.sub_code,
        sub_message=refusal.sub_msg,
        request_id=refusal.request_id,
        **advice,
    )


def _error_type(kind: Kind, refusal: Refusal) -> type[PlatformError]:
    """Decides the branch: trouble behind the gateway first, since on a create it outweighs whatever the code says."""
    if refusal.sub_code.startswith("isp."):
        return _by_isp(kind, refusal)
    if refusal.code in UNAVAILABLE:
        return ServiceFault if kind is Kind.READ else Unanswered
    if refusal.code in _BY_CODE:
        return _BY_CODE[refusal.code]
    if _is_gateway_check(refusal.code):
        return Refused
    if refusal.sub_code.startswith("isv."):
        return BusinessFault
    if kind is Kind.CREATE:
        return Unanswered
    return BusinessFault if refusal.sub_code else ServiceFault


def _by_isp(kind: Kind, refusal: Refusal) -> type[PlatformError]:
    if kind is Kind.CREATE:
        return Unanswered
    meaning = explain_sub_code(refusal.sub_code)
    if meaning is None or meaning.retry != "never":
        return ServiceFault
    # The gateway could not read the service's answer: the work may well be done.
    return Refused if kind is Kind.READ else Unanswered


def _is_gateway_check(code: int) -> bool:
    """Codes of the table below 100, except the business ones, are refusals by the gateway, before the work (4.1)."""
    return code < 100 and code not in (15, 50) and explain_code(code) is not None
