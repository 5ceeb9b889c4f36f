"""Hides secrets and what tells who a buyer is in calls and replies of the platform, so that they can be kept in a file. Pure.

Shapes stay: texts become dots, numbers 0, and JSON inside a text is gone through as well.
"""

import re
from typing import Any

import msgspec

from onshelf.guard.mask import DOTS, is_secret_name, mask

_BUYER = re.compile(
    r"(?:buyer|receiver|donee|rater|rated|payer|hk|o2o_service|car_taker|id_?card|real)_\w+"
    r"|\w*(?:alipay_(?:no|id)|mobile|phone|telephone|tel|email|oaid|ouid|open_?u?id|openuid|mix_nick)(?:_\w+)?"
    r"|(?:\w+_)?(?:addr|address|zip|zip_code|memo|contact|contact_name|full_name|invoice_name|buyer)"
    r"|(?:refund_)?message|plate_number|\w+_plate_number|rate_content",
    re.IGNORECASE | re.ASCII,
)
_WHOLLY_SECRET = re.compile(
    r"taobao\.(?:top\.(?:auth|secret|oaid)|tmc\.auth|user\.buyer|openuid)\..*|.*\.oaid\.\w*decrypt", re.ASCII
)
_XML_FIELD = re.compile(r"<([\w.]+)>([^<]+)</\1>")


def is_buyers_name(name: str) -> bool:
    """Tells whether a field of this name tells who a buyer is, where they live, or what they or we wrote about them."""
    return _BUYER.fullmatch(name) is not None


def is_wholly_secret(method: str) -> bool:
    """Tells whether everything that is sent to and answered by a method is a secret or about a buyer."""
    return _WHOLLY_SECRET.fullmatch(method) is not None


def hide(value: Any, name: str = "") -> Any:
    """Hides what must not be kept in a value of any shape; `name`: of the field it stands in."""
    if isinstance(value, dict):
        return {key: hide(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [hide(inner, name) for inner in value]
    if isinstance(value, bool) or value is None or value == "":
        return value
    if name and (is_secret_name(name) or is_buyers_name(name)):
        return DOTS if isinstance(value, str) else 0
    return _hide_text(value) if isinstance(value, str) else value


def _hide_text(text: str) -> str:
    if text[:1] in ("{", "["):
        try:
            return msgspec.json.encode(hide(msgspec.json.decode(text))).decode()
        except msgspec.DecodeError:
            pass
    return mask(text)


def hide_xml(text: str) -> str:
    """Hides the same in a text of XML."""

    def field(found: re.Match[str]) -> str:
        name, value = found.groups()
        return f"<{name}>{hide(value, name)}</{name}>"

    return mask(_XML_FIELD.sub(field, text))
