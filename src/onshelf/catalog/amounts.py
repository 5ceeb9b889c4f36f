"""Money and counts as people write them in sheets: text to numbers, never by guess. Pure."""

import re
from decimal import Decimal

_ID_DIGITS = 18
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xFFE5: 0xA5}
_PLAIN = re.compile(r"\d{1,12}(?:\.\d{1,12})?", re.ASCII).fullmatch
_DRESSED = re.compile(r"¥?\s*([+-]?)(\d{1,3}(?:,\d{3})+|\d{1,12})(\.\d{1,12})?\s*元?", re.ASCII).fullmatch
_WHOLE = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d{1,18})(?:\.0*)?", re.ASCII).fullmatch


def parse_money(text: str) -> Decimal | None:
    """Reads yuan: `12`, `12.5`, `¥1,234.50`, `12.5 元`, full-width digits; a minus is kept. None: not of any such form."""
    if _PLAIN(text):
        return Decimal(text)
    found = _DRESSED(text.translate(_HALF_WIDTH).strip())
    if found is None:
        return None
    sign, whole, part = found.groups()
    return Decimal(f"{sign}{whole.replace(',', '')}{part or ''}")


def parse_count(text: str) -> int | None:
    """Reads a whole number: `12`, `1,200`, `12.0` as sheets print it, full-width digits; a minus is kept. None: no such form."""
    if is_number(text):
        return int(text)
    found = _WHOLE(text.translate(_HALF_WIDTH).strip())
    if found is None:
        return None
    sign, whole = found.groups()
    return int(f"{sign}{whole.replace(',', '')}")


def is_number(text: str) -> bool:
    """Tells whether a text is an id of the platform: plain digits that fit a database's integer."""
    return text.isascii() and text.isdigit() and len(text) <= _ID_DIGITS
