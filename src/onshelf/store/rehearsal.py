"""A database that does everything and keeps nothing: what a dry run of a verb works on."""

from collections.abc import Sequence
from typing import NoReturn

from onshelf.errors import Conflict, StoreError
from onshelf.store.db import Database, Dialect, Row, Value, Write

_NEVER = Write("DELETE FROM migration WHERE 1 = 0", expect_rows=1)


class Rehearsal:
    """Runs each unit, learns whether it would go through, and rolls it back.

    A unit sees the rows as they are, so conflicts and broken constraints are found as in earnest. What a unit would return
    is not: RETURNING rows come back empty, and a verb that reads after it wrote sees what was there before.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    @property
    def dialect(self) -> Dialect:
        return self._db.dialect

    def busy(self) -> bool:
        return self._db.busy()

    async def fetch(self, sql: str, args: Sequence[Value] = ()) -> list[Row]:
        return await self._db.fetch(sql, args)

    async def commit(self, writes: Sequence[Write]) -> list[list[Row]]:
        """Raises Conflict where the real commit would."""
        try:
            await self._db.commit([*writes, _NEVER])
        except Conflict as conflict:
            if conflict.index < len(writes):
                raise
        return [[] for _ in writes]

    async def claim(self, table: str, **_: object) -> NoReturn:
        """Raises StoreError: nobody works in a rehearsal."""
        raise StoreError(f"a rehearsal does not claim rows of {table}")

    async def upsert_many(self, table: str, **_: object) -> NoReturn:
        """Raises StoreError: rows by the thousand are checked, not rehearsed."""
        raise StoreError(f"a rehearsal does not store rows of {table}")

    async def close(self) -> None:
        """Leaves the database open: it belongs to whoever opened it."""
