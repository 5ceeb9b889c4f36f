"""What a column most likely is whose header nobody knows: by a known name inside the header, else by what its cells look like.

Pure. It is only ever shown to a person, who chooses; a file is never read by it.
"""

import re
from collections.abc import Collection, Sequence

from onshelf.catalog.amounts import parse_money
from onshelf.catalog.readers.columns import ALIASES, CHOICES, normalise

_TITLE_LEAST, _TITLE_MOST = 8, 120  # characters
_MARKED_UP = re.compile(r"<(?:p|div|img|br|span|table)\b", re.IGNORECASE).search
_PICTURED = re.compile(r"\.(?:jpe?g|png|gif)\b", re.IGNORECASE).search
_CODED = re.compile(r"[A-Za-z]{0,8}[-_]?\d[\w\-]{2,30}", re.ASCII).fullmatch
_WORDS: tuple[tuple[str, str], ...] = tuple(
    sorted(
        (
            (normalise(alias), field)
            for field, names in ALIASES.items()
            if field in CHOICES
            for alias in names
        ),
        key=lambda pair: -len(pair[0]),
    )
)
_MORE: tuple[tuple[str, str], ...] = (
    ("品名", "title"),
    ("吊牌", "list_price"),
    ("进价", "cost"),
    ("供货价", "price"),
    ("图文", "description"),
    ("条码", "outer_id"),
    ("价", "price"),
    ("图", "picture"),
)


def likely(header: str, samples: Sequence[str], taken: Collection[str]) -> str:
    """Returns the likely field, one of `CHOICES`; "" for none. `taken`: fields that another column has already."""
    return next((field for field in _guesses(normalise(header), samples) if field not in taken), "")


def _guesses(name: str, samples: Sequence[str]) -> list[str]:
    said = [field for words in (_MORE[:6], _WORDS, _MORE[6:]) for word, field in words if _says(name, word)]
    return said or _looks(samples)


def _says(name: str, word: str) -> bool:
    """Tells whether a header holds a word; short Latin words must be the whole of it."""
    return word in name if not word.isascii() or len(word) > 4 else word == name


def _looks(samples: Sequence[str]) -> list[str]:
    """Names the field by the cells: at least two must be there, and all alike."""
    if len(samples) < 2:
        return []
    for field, fits in _LOOKS:
        if all(fits(cell) for cell in samples):
            return [field]
    return []


def _is_title(cell: str) -> bool:
    return _TITLE_LEAST <= len(cell) <= _TITLE_MOST and parse_money(cell) is None and not _CODED(cell)


_LOOKS = (
    ("description", lambda cell: bool(_MARKED_UP(cell))),
    ("picture", lambda cell: bool(_PICTURED(cell))),
    ("title", _is_title),
)
