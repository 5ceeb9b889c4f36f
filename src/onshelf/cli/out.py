"""What a command says: sentences and tables for people, JSON for programs. The only place of the command line that prints."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, Protocol

from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from onshelf.clock import BEIJING
from onshelf.texts import Lang, text

GAP = 2  # between two columns
LEAST_ROOM = 6  # for a column that may be wrapped


class Told(Protocol):
    """What can be told to a person: our errors, and what was typed wrongly."""

    @property
    def code(self) -> str: ...
    def message(self, lang: Lang) -> str: ...
    def remedy(self, lang: Lang) -> str: ...


class Out:
    """Speaks one language, to people or to programs, and never both."""

    def __init__(self, lang: Lang, *, as_json: bool) -> None:
        self.lang: Lang = lang
        self.as_json = as_json
        self.console = Console(highlight=False, soft_wrap=False)
        self._errors = Console(stderr=True, highlight=False, soft_wrap=True)

    def say(self, key: str, /, **values: Any) -> None:
        """Prints a sentence of the catalogue; silent for programs."""
        if not self.as_json:
            self.console.print(text(f"cli.{key}", self.lang, **values), markup=False, soft_wrap=True)

    def plain(self, line: str, style: str = "") -> None:
        """Prints a line that holds no sentence of ours."""
        if not self.as_json:
            self.console.print(line, markup=False, style=style, soft_wrap=True)

    def data(self, value: Any) -> None:
        """Prints the answer for programs: one JSON document; silent for people."""
        if self.as_json:
            sys.stdout.write(json.dumps(value, ensure_ascii=False, default=to_json) + "\n")
            sys.stdout.flush()

    def error(self, error: Told) -> None:
        """Prints what happened and what to do: one line on the error stream."""
        if self.as_json:
            self.data(
                {"error": error.code, "message": error.message(self.lang), "remedy": error.remedy(self.lang)}
            )
        self.complain(f"{error.message(self.lang)} {error.remedy(self.lang)}".strip())

    def complain(self, line: str, style: str = "red") -> None:
        """Prints a line on the error stream, for people and beside the answer for programs."""
        self._errors.print(" ".join(line.split("\n")), markup=False, style=style)

    def word(self, kind: str, value: str) -> str:
        """Returns the word for a state or a kind of thing: the text `cli.<kind>.<value>`."""
        return text(f"cli.{kind}.{value}", self.lang)

    def table(
        self, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, right: Sequence[str] = ()
    ) -> None:
        """Prints rows under headings named by catalogue keys `cli.column.<name>`; columns in `right` hold numbers.

        Where a line is too narrow for all, words and sentences are wrapped before ids and codes are. Without a row nothing is
        printed: the sentence beside it says so.
        """
        if self.as_json or not rows:
            return
        table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
        names = [text(f"cli.column.{column}", self.lang) for column in columns]
        shown = [[cell(value) for value in row] for row in rows]
        whole = kept_whole(names, shown, self.console.width)
        for place, column in enumerate(columns):
            name = names[place].replace(" ", "\n") if place in whole else names[place]
            justify: Literal["left", "right"] = "right" if column in right else "left"
            table.add_column(name, justify=justify, overflow="fold", no_wrap=place in whole)
        for row in shown:
            table.add_row(*row)
        self.console.print(table, markup=False)

    @contextmanager
    def progress(self, key: str, total: int) -> Iterator["Bar"]:
        """Shows a bar while the block runs; says nothing to programs or into a pipe."""
        quiet = self.as_json or not self.console.is_terminal
        columns = (
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[note]}"),
            TimeRemainingColumn(),
        )  # fmt: skip
        with Progress(*columns, console=self.console, disable=quiet, transient=False) as shown:
            yield Bar(shown, shown.add_task(text(f"cli.{key}", self.lang), total=total, note=""))


def kept_whole(names: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> set[int]:
    """Returns the columns never to be wrapped, when not all fit: those without a space, as far as others keep room."""
    columns = list(zip(*rows, strict=True))
    needs = [
        max(map(cell_len, [*column, *name.split()])) for name, column in zip(names, columns, strict=True)
    ]
    room = width - GAP * (len(needs) - 1)
    if sum(map(max, zip(needs, map(cell_len, names), strict=True))) <= room:
        return set()
    least = [
        least_room([*column, *name.split()], need)
        for name, column, need in zip(names, columns, needs, strict=True)
    ]
    kept: set[int] = set()
    for place in sorted(range(len(needs)), key=needs.__getitem__):
        others = sum(least[at] for at in range(len(needs)) if at not in kept | {place})
        if all(is_code(one) for one in columns[place]) and needs[place] + others <= room:
            kept.add(place)
            room -= needs[place]
    return kept


def least_room(cells: Sequence[str], need: int) -> int:
    """Returns how wide a column that is wrapped must be: its longest word, within reason; a code may be cut anywhere."""
    if all(map(is_code, cells)):
        return min(LEAST_ROOM, need)
    words = (word for one in cells for word in one.split() if word.isascii())
    return min(max(LEAST_ROOM, *map(len, words), 0), 2 * LEAST_ROOM, need)


def is_code(shown: str) -> bool:
    """Tells whether a cell is an id, a name or a number rather than words; Chinese is wrapped anywhere."""
    return shown.isascii() and " " not in shown


class Bar:
    """A progress bar that knows how far work is, not how to get there."""

    def __init__(self, shown: Progress, task: Any) -> None:
        self._shown = shown
        self._task = task

    def at(self, done: int, note: str = "") -> None:
        """Moves the bar to a count of finished things."""
        self._shown.update(self._task, completed=done, note=note)


def cell(value: Any) -> str:
    """Shows a value in a table: times in Beijing, nothing as an empty cell."""
    if isinstance(value, datetime):
        return value.astimezone(BEIJING).strftime("%m-%d %H:%M:%S")
    return "" if value is None else str(value)


def moment(us: int) -> datetime:
    """Turns stored microseconds into a time to show."""
    return datetime.fromtimestamp(us / 1_000_000, UTC)


def to_json(value: Any) -> Any:
    """Says how values of ours look in JSON: money as text, times in ISO 8601 UTC."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)
