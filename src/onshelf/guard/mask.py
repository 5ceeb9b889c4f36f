"""Masks secrets and phone numbers in texts, addresses and mappings, for logs and errors. Pure."""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

DOTS = "•••"

_FLAGS = re.IGNORECASE | re.ASCII  # a Chinese character next to a name or number is no part of it
_NAME = (
    r"(?:[\w.-]*(?:session|session_?key|token|secret|passw(?:or)?d|authorization|cookie|credential"
    r"|(?:api|private|master|onshelf)_?key)"
    r"|(?:[\w.-]*[_.-])?(?:sign|signature|sig))"
)
_NAMED = re.compile(_NAME, _FLAGS)
_IN_TEXT = re.compile(
    rf"""((?<![\w.-]){_NAME}\\?["']?\s*[=:]\s*\\?["']?(?:(?:Bearer|Basic)\s+)?)[^\s"'\\&,;<>}})\]]+""", _FLAGS
)
# WeCom robots; codes of an authorisation
_ADDRESS_KEY = re.compile(r"(?<=[?&])(key|code|auth_?code)=[^&\s\"']+", _FLAGS)
_URL_PASSWORD = re.compile(r"(?<=://)([^/\s:@]*):[^/\s@]+(?=@)")
_BARE = re.compile(r"\b(?:SEC[0-9a-f]{32,}|whsec_[\w+/=-]{16,}|6[0-9]{3}[0-9a-zA-Z]{40,})\b", re.ASCII)
"""DingTalk robot secrets, Standard-Webhooks secrets, sessions of the Taobao platform."""
_OUR_KEY = re.compile(r"onshelf_[0-9a-f]{12}_[0-9a-f]{8,}", re.ASCII)
_WELCOME = re.compile(r"((?:/|%2F)welcome(?:/|%2F))[\w-]+", _FLAGS)
"""Links good once that make somebody an administrator, a person, or give a new password."""
_STATE = re.compile(r"""((?<![\w.-])state["']?\s*[=:]\s*["']?)[\w-]{43}(?![\w-])""", _FLAGS)
"""What links of a consent and of a sign-in elsewhere are good by: 32 random bytes; the state of a job is shorter."""
_PHONE = re.compile(r"(?<![\w.])((?:\+?86[ -]?)?1[3-9]\d)[ -]?\d{4}[ -]?(\d{4})(?![\w.])", re.ASCII)


def mask(text: str) -> str:
    """Masks the value of every secret-named parameter, passwords in addresses, known forms of secrets, links good once,
    and mobile numbers.

    Mobile numbers keep their first three and last four digits (138****5678).
    """
    text = _IN_TEXT.sub(rf"\1{DOTS}", text)
    text = _ADDRESS_KEY.sub(rf"\1={DOTS}", text)
    text = _URL_PASSWORD.sub(rf"\1:{DOTS}", text)
    text = _OUR_KEY.sub(DOTS, _BARE.sub(DOTS, text))
    text = _STATE.sub(rf"\1{DOTS}", _WELCOME.sub(rf"\1{DOTS}", text))
    return _PHONE.sub(r"\1****\2", text)


def mask_value(value: Any, name: str = "") -> Any:
    """Masks a value of any shape; one whose name is a secret's becomes dots. Numbers stay."""
    if name and is_secret_name(name) and value not in ("", None):
        return DOTS
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, bytes):
        return mask(value.decode("utf-8", "replace"))
    if isinstance(value, Mapping):
        return {key: mask_value(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [mask_value(inner) for inner in value]
    if isinstance(value, BaseException):
        return mask(str(value))
    return value


def mask_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Masks a log event: a structlog processor, to stand last before the renderer."""
    return {name: mask_value(value, name) for name, value in event.items()}


def is_secret_name(name: str) -> bool:
    """Tells whether a parameter or field of this name holds a secret."""
    return _NAMED.fullmatch(name) is not None
