"""What one pass over a file remembers of the rows before: codes and titles, and which codes turned out to be used twice. Pure."""

from collections import Counter
from dataclasses import dataclass, field

from onshelf.catalog.fill import Candidate


@dataclass(slots=True)
class First:
    """The first product of a file that has a code."""

    rows: tuple[int, ...]
    title: str
    passed: bool = False  # its own rows have no fault
    second_row: int = 0  # a later row has the same code, so nobody knows which is meant; 0: none


@dataclass(slots=True)
class Memory:
    """The products of a file seen so far."""

    codes: dict[str, First] = field(default_factory=dict)
    repeated: list[str] = field(default_factory=list)  # codes used twice or more, each once
    _title_rows: dict[str, int] = field(default_factory=dict)
    _underived: Counter[str] = field(default_factory=Counter)

    def occurrence(self, title: str) -> int:
        """Counts a title among the rows without a code, and returns which time it is, from 1."""
        self._underived[title] += 1
        return self._underived[title]

    def meet(self, candidate: Candidate) -> None:
        """Notes a candidate, and tells it which earlier row has its code or its title."""
        row, code = candidate.row, candidate.outer_id
        if candidate.title and (earlier := self._title_rows.setdefault(candidate.title, row)) != row:
            candidate.title_row = earlier
        if not code:
            return
        first = self.codes.get(code)
        if first is None:
            self.codes[code] = First(candidate.rows, candidate.title)
            return
        candidate.code_row = first.rows[0]
        if not first.second_row:
            first.second_row = row
            self.repeated.append(code)
