"""A file as a table of texts, before anyone says what its columns mean."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from onshelf.texts import Lang, text

HEADER_LOOK = 10  # rows in which a header is looked for: exports put titles and hints above it


@dataclass(frozen=True, slots=True)
class Note:
    """Something the reader decided by itself and tells. Its text is `catalog.note.<code>`."""

    code: str
    facts: dict[str, str | int] = field(default_factory=dict)

    def message(self, lang: Lang) -> str:
        return text(f"catalog.note.{self.code}", lang, **self.facts)


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file, read as they are asked for, once.

    A byte that cannot be decoded stands in its cell as a lone surrogate U+DC80..U+DCFF.
    """

    path: Path
    rows: Iterator[tuple[int, list[str]]]  # row number as a spreadsheet shows it, from 1, and its cells
    encoding: str = "utf-8"
    notes: tuple[Note, ...] = ()
