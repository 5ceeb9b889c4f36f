"""The records of imports: what came in, how far it is, what it came to."""
# ruff: noqa: S608 - what is put into SQL here is column names of this file, never a value

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, cast

import msgspec

from onshelf.catalog.readers.columns import REASON, meaning
from onshelf.clock import DAY_US
from onshelf.store.db import Database, Row, Write

ROWS_KEPT_US = 30 * DAY_US
"""How long the faulty rows of an import are kept, for its workbook."""


class RunState(StrEnum):
    """How far an import is."""

    UPLOADED = "uploaded"  # its file lies here; nothing is checked, or what was is out of date
    CHECKING = "checking"
    CHECKED = "checked"  # good rows lie aside, faulty ones can be mended; a day later it is dropped
    READING = "reading"  # a file or a stream goes through in one pass
    DONE = "done"
    # could not be read to its end, or its process died; of a stream what was answered stays
    FAILED = "failed"
    DROPPED = "dropped"  # never brought in: given up, or a day went by


OPEN = (RunState.UPLOADED, RunState.CHECKING, RunState.CHECKED)
"""States of an import whose file is kept and that a person goes on with."""


@dataclass(frozen=True, slots=True)
class Run:
    """One import."""

    import_id: str
    shop_id: str
    file: str  # its name
    state: str  # a RunState
    started_us: int
    ended_us: int  # when it was done, or last checked; 0 before
    rows: int  # rows of the file that were read
    good: int  # products that passed
    faulty: int  # products stopped by a fault
    added: int  # products the shop did not have
    changed: int  # products whose published content became another
    made_by: str = ""  # who brought it, as the audit log names people; empty: a command on this machine
    warned: int = 0  # good products with a warning
    header: tuple[str, ...] = ()  # of the file; empty until it is read
    chosen: dict[str, str] = field(default_factory=dict)  # header -> what a person said its column is
    asked: str = ""  # the order that is carried out while it is checked (`orders.Order` as JSON)
    problem: str = ""  # why the last check could not be done (`checks.Broken` as JSON); empty: it could

    @property
    def same(self) -> int:
        """Good products that were here already, just so; told of an import that is done."""
        return self.good - self.added - self.changed


_COLUMNS = (
    "import_id, shop_id, file, state, started_us, ended_us, rows_read, good, faulty, added, changed, "
    "made_by, warned, header, chosen, asked, problem"
)


def open_run(run: Run) -> list[Write]:
    """Writes down a new import, and clears away what others of the shop left aside a day ago, and old faulty rows."""
    stale = (
        "SELECT import_id FROM import_run WHERE shop_id = ? AND started_us < ? "
        "AND state IN ('uploaded', 'checking', 'checked', 'reading')"
    )
    old = "SELECT import_id FROM import_run WHERE shop_id = ? AND started_us < ?"
    day = (run.shop_id, run.started_us - DAY_US)
    kept = (run.shop_id, run.started_us - ROWS_KEPT_US)
    return [
        Write(f"DELETE FROM staged WHERE import_id IN ({stale})", day),
        *(Write(f"DELETE FROM {table} WHERE import_id IN ({stale})", day) for table in _ROWS),
        *(Write(f"DELETE FROM {table} WHERE import_id IN ({old})", kept) for table in _ROWS),
        Write(
            "UPDATE import_run SET state = CASE WHEN state = 'reading' THEN 'failed' ELSE 'dropped' END "
            f"WHERE import_id IN ({stale})",
            day,
        ),
        Write(
            f"INSERT INTO import_run ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, 0, 0, 0, 0, 0, 0, ?, 0, '[]', '{{}}', '', '')",
            (run.import_id, run.shop_id, run.file, run.state, run.started_us, run.made_by),
            expect_rows=1,
        ),
    ]


_ROWS = ("faulty_row", "faulty_rule", "mended_cell")
"""Tables of what is wrong with an import's rows."""


def forget_rows(import_id: str) -> list[Write]:
    """Deletes what a check of an import put aside and found; cells that a person mended stay."""
    return [
        Write(f"DELETE FROM {table} WHERE import_id = ?", (import_id,))
        for table in ("staged", "faulty_row", "faulty_rule")
    ]


def end_run(import_id: str, state: RunState, now_us: int) -> list[Write]:
    """Gives an import up: nothing of it stays but its record."""
    return [
        *forget_rows(import_id),
        Write("DELETE FROM mended_cell WHERE import_id = ?", (import_id,)),
        Write(
            "UPDATE import_run SET state = ?, ended_us = ? WHERE import_id = ?", (state, now_us, import_id)
        ),
    ]


def close_run(run: Run) -> Write:
    """Writes down how an import that went through in one pass ended."""
    return Write(
        "UPDATE import_run SET state = ?, ended_us = ?, rows_read = ?, good = ?, faulty = ?, added = ?, changed = ? "
        "WHERE import_id = ?",
        (run.state, run.ended_us, run.rows, run.good, run.faulty, run.added, run.changed, run.import_id),
    )


def set_state(run: Run, state: RunState) -> Write:
    """Sets how far an import is; what was wrong with it before is forgotten."""
    return Write("UPDATE import_run SET state = ?, problem = '' WHERE import_id = ?", (state, run.import_id))


def begin_check(import_id: str, asked: str, lease_us: int, now_us: int) -> Write:
    """Marks a check as under way, by whoever holds the lease; a Conflict while another is."""
    return Write(
        "UPDATE import_run SET state = 'checking', asked = ?, problem = '', rows_read = 0, ended_us = ?, lease_us = ? "
        "WHERE import_id = ? AND state IN ('uploaded', 'checked')",
        (asked, now_us, lease_us, import_id),
        expect_rows=1,
    )


def take_check(import_id: str, lease_us: int, now_us: int) -> Write:
    """Takes a check over whose process is gone; a Conflict when somebody was faster, or goes on with it."""
    return Write(
        "UPDATE import_run SET lease_us = ? WHERE import_id = ? AND state = 'checking' AND lease_us < ?",
        (lease_us, import_id, now_us),
        expect_rows=1,
    )


def go_on(import_id: str, lease_us: int, rows: int, until_us: int) -> Write:
    """Notes how far a check is and keeps its lease; a Conflict when it was lost, or the import given up."""
    return Write(
        "UPDATE import_run SET rows_read = ?, lease_us = ? WHERE import_id = ? AND state = 'checking' AND lease_us = ?",
        (rows, until_us, import_id, lease_us),
        expect_rows=1,
    )


def let_go(import_id: str, lease_us: int) -> Write:
    """Gives a lease back: anybody may go on with the check."""
    return Write(
        "UPDATE import_run SET lease_us = 0 WHERE import_id = ? AND state = 'checking' AND lease_us = ?",
        (import_id, lease_us),
    )


def take_over() -> Write:
    """Makes every check due at once: the caller knows that whoever had one is gone."""
    return Write("UPDATE import_run SET lease_us = 0 WHERE state = 'checking' AND lease_us > 0")


def end_check(run: Run, lease_us: int) -> Write:
    """Writes down what a check came to."""
    return Write(
        "UPDATE import_run SET state = 'checked', asked = '', ended_us = ?, rows_read = ?, good = ?, faulty = ?, warned = ?, "
        "lease_us = 0 WHERE import_id = ? AND state = 'checking' AND lease_us = ?",
        (run.ended_us, run.rows, run.good, run.faulty, run.warned, run.import_id, lease_us),
        expect_rows=1,
    )


def fail_check(import_id: str, lease_us: int, problem: str) -> Write:
    """Writes down why a check could not be done; its columns may be chosen anew."""
    return Write(
        "UPDATE import_run SET state = 'uploaded', asked = '', problem = ?, lease_us = 0 "
        "WHERE import_id = ? AND state = 'checking' AND lease_us = ?",
        (problem, import_id, lease_us),
        expect_rows=1,
    )


async def due_checks(db: Database, now_us: int, limit: int = 20) -> list[Run]:
    """Returns the imports whose check is asked for and in nobody's hands."""
    rows = await db.fetch(
        f"SELECT {_COLUMNS} FROM import_run WHERE state = 'checking' AND lease_us < ? ORDER BY lease_us LIMIT ?",
        (now_us, limit),
    )
    return [_run(row) for row in rows]


def note_columns(import_id: str, header: tuple[str, ...], chosen: dict[str, str]) -> Write:
    """Notes a file's header and what a person said of it."""
    return Write(
        "UPDATE import_run SET header = ?, chosen = ? WHERE import_id = ?",
        (_json(header), _json(chosen), import_id),
    )


def remember_columns(shop_id: str, header: tuple[str, ...], chosen: dict[str, str], now_us: int) -> Write:
    """Remembers for the shop's next file with the same headers what its columns are."""
    return Write(
        "INSERT INTO column_choice (shop_id, headers, chosen, changed_us) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (shop_id, headers) DO UPDATE SET chosen = excluded.chosen, changed_us = excluded.changed_us",
        (shop_id, _kind_of(header), _json(chosen), now_us),
    )


def _kind_of(header: tuple[str, ...]) -> str:
    """Tells files of one kind by their headers, in whatever order; the workbook of faulty rows is of the kind of its file."""
    return _json(sorted(name for name in header if meaning(name) != REASON))


async def remembered_columns(db: Database, shop_id: str, header: tuple[str, ...]) -> dict[str, str] | None:
    """Returns what was chosen for these headers last time, in whatever order they stood; None: nobody was asked before."""
    rows = await db.fetch(
        "SELECT chosen FROM column_choice WHERE shop_id = ? AND headers = ?", (shop_id, _kind_of(header))
    )
    return _choice(cast("str", rows[0][0])) if rows else None


async def get_run(db: Database, import_id: str) -> Run | None:
    """Reads one import; None when there is none of that id."""
    rows = await db.fetch(f"SELECT {_COLUMNS} FROM import_run WHERE import_id = ?", (import_id,))
    return _run(rows[0]) if rows else None


async def list_runs(
    db: Database,
    shop_id: str,
    *,
    before: tuple[int, str] | None = None,
    limit: int = 50,
    state: RunState | None = None,
) -> list[Run]:
    """Reads a page of a shop's imports, newest first, those before (started_us, import_id); `state` None: all."""
    wanted, args = ("", ()) if state is None else (" AND state = ?", (state.value,))
    place, after = ("", ()) if before is None else (" AND (started_us, import_id) < (?, ?)", before)
    rows = await db.fetch(
        f"SELECT {_COLUMNS} FROM import_run WHERE shop_id = ?{wanted}{place} "
        "ORDER BY started_us DESC, import_id DESC LIMIT ?",
        (shop_id, *args, *after, limit),
    )
    return [_run(row) for row in rows]


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


_header = msgspec.json.Decoder(tuple[str, ...]).decode
_choice = msgspec.json.Decoder(dict[str, str]).decode


def _run(row: Row) -> Run:
    values: tuple[Any, ...] = (
        *row[:13],
        _header(cast("str", row[13])),
        _choice(cast("str", row[14])),
        *row[15:],
    )
    return Run(*values)  # the columns stand in the order of the fields
