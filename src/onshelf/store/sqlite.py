"""The database port over SQLite: one writer thread that commits waiting units together, and a few reader threads.

A group of units is one transaction with one fsync; each unit has its own savepoint, so a unit that fails takes nothing
with it. apsw is used because it brings its own, current SQLite. Its errors are translated here and nowhere else.
"""

import asyncio
import contextlib
import json
import sys
import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Any, cast

import apsw

from onshelf.errors import Conflict, StoreError
from onshelf.store.db import Dialect, Row, Value, Write
from onshelf.store.sql import marks, portions

SQLITE = Dialect(
    name="sqlite",
    serial="INTEGER PRIMARY KEY AUTOINCREMENT",
    blob="BLOB",
    xid="BIGINT NOT NULL DEFAULT 0",
    settled="xid = 0",
)
MEMORY = ":memory:"

_READERS = 2
_GROUP = 512  # units in one transaction at most: bounds how long the first of them waits
_BUSY_TIMEOUT_MS = 30_000  # another process may hold the file's write lock for one big unit
_UPSERT_VALUES = 1_500  # values bound by one INSERT: longer statements are no faster and leave apsw's cache
_CACHED_STATEMENTS = 256
_SWITCH_S = 0.0001

_UNIT_FAULTS = (
    apsw.ConstraintError,
    apsw.SQLError,
    apsw.MismatchError,
    apsw.TooBigError,
    apsw.RangeError,
    apsw.BindingsError,
)
_TAKEN = (
    apsw.SQLITE_CONSTRAINT_UNIQUE,
    apsw.SQLITE_CONSTRAINT_PRIMARYKEY,
    apsw.SQLITE_CONSTRAINT_ROWID,
)

_Work = Callable[[apsw.Connection], Any]


class _Task:
    """Work on its way to a thread and back. `work` None: close the connection and end the thread."""

    __slots__ = ("error", "future", "result", "work")

    def __init__(self, work: _Work | None, future: asyncio.Future[Any]) -> None:
        self.work = work
        self.future = future
        self.result: Any = None
        self.error: Exception | None = None


class SqliteDatabase:
    """A SQLite file shared by the tasks of one event loop, and by other processes. `:memory:` has one connection only."""

    dialect = SQLITE

    def __init__(self, path: str) -> None:
        """Opens or makes the file; its folder must exist. Needs a running event loop.

        Makes the whole process hand over the interpreter more readily: with uvloop and turns of about 1 ms a thread that
        waits Python's 5 ms never gets it, and commits stand still while the loop is busy.
        """
        sys.setswitchinterval(min(_SWITCH_S, sys.getswitchinterval()))
        self._loop = asyncio.get_running_loop()
        self._pending = 0
        self._closed = False
        self._writes: SimpleQueue[_Task] = SimpleQueue()
        self._reads: SimpleQueue[_Task] = self._writes if path == MEMORY else SimpleQueue()
        writer = _connect(path)
        readers = [] if path == MEMORY else [_connect(path, reader=True) for _ in range(_READERS)]
        self._threads = [_start(self._write, writer), *(_start(self._read, reader) for reader in readers)]

    async def fetch(self, sql: str, args: Sequence[Value] = ()) -> list[Row]:
        return cast("list[Row]", await self._submit(self._reads, lambda db: db.execute(sql, args).fetchall()))

    async def commit(self, writes: Sequence[Write]) -> list[list[Row]]:
        return cast("list[list[Row]]", await self._submit(self._writes, lambda db: _run_unit(db, writes)))

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
        chosen = set_sql.count("?")
        pick = f"SELECT rowid FROM {table} WHERE {where_sql} ORDER BY {order_by} LIMIT ?"  # noqa: S608 - our own SQL
        take = f"UPDATE {table} SET {set_sql} WHERE rowid IN (SELECT value FROM json_each(?)) RETURNING rowid, {returning}"  # noqa: S608

        def work(db: apsw.Connection) -> list[Row]:
            places = [row[0] for row in db.execute(pick, (*args[chosen:], limit))]
            rows = {row[0]: row[1:] for row in db.execute(take, (*args[:chosen], json.dumps(places)))}
            return [rows[place] for place in places]

        return cast("list[Row]", await self._submit(self._writes, work))

    async def upsert_many(
        self, table: str, *, key: Sequence[str], columns: Sequence[str], rows: Sequence[Sequence[Value]]
    ) -> list[Row]:
        def work(db: apsw.Connection) -> list[Row]:
            changed: list[Row] = []
            for portion in portions(rows, max(1, _UPSERT_VALUES // len(columns))):
                sql = _upsert_sql(table, tuple(key), tuple(columns), len(portion))
                changed += db.execute(sql, [value for row in portion for value in row])
            return changed

        return cast("list[Row]", await self._submit(self._writes, work))

    def busy(self) -> bool:
        return self._pending > 0

    async def close(self) -> None:
        if self._closed:
            return
        ended = [
            self._submit(self._reads if number else self._writes, None)
            for number in range(len(self._threads))
        ]
        self._closed = True
        await asyncio.gather(*ended)
        for thread in self._threads:
            thread.join()

    def _submit(self, queue: SimpleQueue[_Task], work: _Work | None) -> asyncio.Future[Any]:
        """Hands work to a thread. A caller that is cancelled meanwhile does not stop it."""
        if self._closed:
            raise StoreError("the database is closed")
        future: asyncio.Future[Any] = self._loop.create_future()
        self._pending += 1
        queue.put(_Task(work, future))
        return future

    def _settle(self, tasks: Sequence[_Task]) -> None:
        self._pending -= len(tasks)
        for task in tasks:
            if task.future.done():
                continue
            if task.error is None:
                task.future.set_result(task.result)
            else:
                task.future.set_exception(task.error)

    def _hand_back(self, tasks: Sequence[_Task]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits any more
            self._loop.call_soon_threadsafe(self._settle, tasks)

    def _write(self, connection: apsw.Connection) -> None:
        """Runs the writer thread: takes what waits, commits it together, hands it back."""
        while True:
            tasks, end = _take(self._writes)
            if tasks:
                _run_group(connection, tasks)
                self._hand_back(tasks)
            if end is not None:
                connection.close()
                self._hand_back([end])
                return

    def _read(self, connection: apsw.Connection) -> None:
        while True:
            task = self._reads.get()
            if task.work is None:
                connection.close()
                self._hand_back([task])
                return
            try:
                task.result = task.work(connection)
            except Exception as error:  # noqa: BLE001 - belongs to the caller, must not end the thread
                task.error = _translate(error)
            self._hand_back([task])


def _start(run: Callable[[apsw.Connection], None], connection: apsw.Connection) -> threading.Thread:
    thread = threading.Thread(target=run, args=(connection,), name="onshelf-sqlite", daemon=True)
    thread.start()
    return thread


def _connect(path: str, *, reader: bool = False) -> apsw.Connection:
    """Opens one connection: WAL, every commit fsynced, foreign keys held."""
    try:
        connection = apsw.Connection(path, statementcachesize=_CACHED_STATEMENTS)
        connection.set_busy_timeout(_BUSY_TIMEOUT_MS)
        connection.execute("PRAGMA journal_mode=WAL").fetchall()
        connection.execute("PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY")
        if reader:
            connection.execute("PRAGMA query_only=ON")
    except apsw.Error as error:
        raise StoreError(f"{path}: {error}") from error
    return connection


def _take(queue: SimpleQueue[_Task]) -> tuple[list[_Task], _Task | None]:
    """Waits for work and takes all that is there, at most a group; the second value is the order to end."""
    tasks: list[_Task] = []
    task = queue.get()
    with contextlib.suppress(Empty):
        while task.work is not None:
            tasks.append(task)
            if len(tasks) == _GROUP:
                break
            task = queue.get_nowait()
        else:
            return tasks, task
    return tasks, None


def _run_group(connection: apsw.Connection, tasks: Sequence[_Task]) -> None:
    """Runs the units in one transaction; a fault that is no unit's own fails them all, and nothing was written."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        for task in tasks:
            _run_task(connection, task)
        connection.execute("COMMIT")
    except apsw.Error as error:
        with contextlib.suppress(apsw.Error):  # some faults have already rolled back by themselves
            connection.execute("ROLLBACK")
        for task in tasks:
            task.error = task.error or _translate(error)


def _run_task(connection: apsw.Connection, task: _Task) -> None:
    connection.execute("SAVEPOINT unit")
    try:
        task.result = cast("_Work", task.work)(connection)
    except Exception as error:
        if isinstance(error, apsw.Error) and not isinstance(error, _UNIT_FAULTS):
            raise
        task.error = _translate(error)
        connection.execute("ROLLBACK TO unit")
    connection.execute("RELEASE unit")


def _run_unit(db: apsw.Connection, writes: Sequence[Write]) -> list[list[Row]]:
    results: list[list[Row]] = []
    for index, write in enumerate(writes):
        try:
            rows = db.execute(write.sql, write.args).fetchall()
        except apsw.ConstraintError as error:
            raise _translate(error, index) from error
        if write.expect_rows is not None and (touched := db.changes()) != write.expect_rows:
            raise Conflict(f"{write.sql[:40]}…: {touched} rows, not {write.expect_rows}", index=index)
        results.append(cast("list[Row]", rows))
    return results


def _translate(error: Exception, index: int = 0) -> StoreError:
    if isinstance(error, StoreError):
        return error
    if isinstance(error, apsw.ConstraintError) and getattr(error, "extendedresult", 0) in _TAKEN:
        return Conflict(str(error), index=index)
    return StoreError(f"{type(error).__name__}: {error}")


def _upsert_sql(table: str, key: tuple[str, ...], columns: tuple[str, ...], rows: int) -> str:
    values = ", ".join([f"({marks(columns)})"] * rows)
    others = [column for column in columns if column not in key]
    keys = ", ".join(key)
    change = "NOTHING"
    if others:
        sets = ", ".join(f"{column} = excluded.{column}" for column in others)
        differs = " OR ".join(f"{table}.{column} IS NOT excluded.{column}" for column in others)
        change = f"UPDATE SET {sets} WHERE {differs}"
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES {values} "  # noqa: S608 - names are our own
        f"ON CONFLICT ({keys}) DO {change} RETURNING {keys}"
    )
