"""The database port: transactions are values. Implemented by `sqlite.py` and `postgres.py`, held to one contract suite.

SQL is portable (design, seam 13): `?` placeholders, integer microseconds, TEXT ids, JSON kept as TEXT and never
looked into by SQL, `INSERT … ON CONFLICT … DO UPDATE … WHERE`, `RETURNING`. `claim` and `upsert_many` are the only dialect verbs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

Value = int | float | str | bytes | None
Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Write:
    """One statement of a unit. With `expect_rows`, another count of touched rows rolls the whole unit back (compare-and-set)."""

    sql: str
    args: Sequence[Value] = ()
    expect_rows: int | None = None  # None: any count will do


@dataclass(frozen=True, slots=True)
class Dialect:
    """The few words the backends do not share. Only the room `store` reads them."""

    name: str  # "sqlite" or "postgres": whose alone a statement of a migration is
    serial: str  # column type of a key the database counts up
    blob: str  # column type of bytes
    xid: str  # column type and default: the transaction that wrote the row
    settled: str  # condition on `xid`: no transaction still running can commit a row before this one


class Database(Protocol):
    """Reads, and units of writes that happen whole or not at all. Belongs to the event loop that opened it."""

    @property
    def dialect(self) -> Dialect: ...

    def busy(self) -> bool:
        """Tells whether work is under way that the event loop cannot see (`FakeClock` must not jump then)."""
        ...

    async def fetch(self, sql: str, args: Sequence[Value] = ()) -> list[Row]:
        """Reads rows; sees everything committed before the call."""
        ...

    async def commit(self, writes: Sequence[Write]) -> list[list[Row]]:
        """Runs the writes as one unit, in order; durable (fsync) when it returns.

        Returns the RETURNING rows of each write (an empty list for a write without).
        Raises Conflict (nothing written; `index` tells which write) when an `expect_rows` differs or a unique
        constraint is violated.
        """
        ...

    async def claim(
        self,
        table: str,
        *,
        set_sql: str,
        where_sql: str,
        order_by: str,
        limit: int,
        returning: str,
        args: Sequence[Value],
    ) -> list[Row]:
        """Updates at most `limit` rows that no other claimer is updating, in order, and returns them; one durable unit.

        `args` fill the placeholders of `set_sql`, then those of `where_sql`. `table` has a primary key (found by the
        backend's `ctid` or `rowid`), so any table will do.
        """
        ...

    async def upsert_many(
        self, table: str, *, key: Sequence[str], columns: Sequence[str], rows: Sequence[Sequence[Value]]
    ) -> list[Row]:
        """Inserts rows, or updates those that differ; untouched rows cost no write. Returns the keys that were new or changed.

        `columns` includes the key columns and gives the order of each row's values; a key occurs once in `rows`.
        """
        ...

    async def close(self) -> None:
        """Waits for running units, then closes."""
        ...
