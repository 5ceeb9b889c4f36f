"""Pieces of SQL that every room writes: placeholders, and lists cut into what one statement takes."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

PORTION = 500
"""Rows or values of one statement: well under the placeholders every backend allows, for rows of a dozen columns too."""


def marks(values: Iterable[object]) -> str:
    """Returns a placeholder for each value, for `IN (…)` and `VALUES (…)`; `NULL` for none, which equals nothing."""
    return ", ".join("?" for _ in values) or "NULL"


def portions(values: Sequence[T], size: int = PORTION) -> Iterator[Sequence[T]]:
    """Cuts values into pieces of at most `size`."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
