"""A PostgreSQL server of a test process's own, and schemas on it: each test has one that is empty and its alone."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from onshelf.store.migrate import migrate
from onshelf.store.open import open_database

OPTIONS = "-c listen_addresses='' -c deadlock_timeout=20ms"
SHAPE = """
SELECT md5(string_agg(format('%s.%s %s', c.relname, a.attname, a.atttypid), ',' ORDER BY c.relname, a.attnum))
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relnamespace = current_schema()::regnamespace
"""
"""One value for all tables, indexes and columns of a schema."""
EMPTY = """
DO $$
DECLARE
  name TEXT; found BOOLEAN; used TEXT[] := '{}';
BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO found;
    IF found THEN used := used || quote_ident(name); END IF;
  END LOOP;
  EXECUTE format('TRUNCATE %s RESTART IDENTITY CASCADE', array_to_string(used, ', '));
  PERFORM setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
    FROM pg_sequences WHERE schemaname = current_schema() AND last_value IS NOT NULL;
END $$
"""
"""Empties the tables that have rows, and lets every counter begin anew."""


class Schemas:
    """The schemas of one server. One with the whole schema is emptied and given again: to make it takes 200 statements."""

    def __init__(self, server: str) -> None:
        """server: the address of the server, for `open_database`."""
        self._server = server
        self._spare = ""  # an emptied one with all tables; none: it is in use, or not made yet
        self._shape = ""  # of one with all tables
        self._seeds: dict[str, str] = {}  # what migrations write into their tables: JSON of rows, by table

    @asynccontextmanager
    async def bare(self) -> AsyncIterator[str]:
        """Gives the address of a schema without tables."""
        name = await self._make()
        yield self._address(name)
        await self._drop(name)

    @asynccontextmanager
    async def whole(self) -> AsyncIterator[str]:
        """Gives the address of a schema with all tables, as the migrations leave it."""
        name, self._spare = self._spare or await self._make_whole(), ""
        yield self._address(name)
        async with self._connection(name) as connection:
            same = await connection.fetchval(SHAPE) == self._shape
            if same:
                await self._empty(connection)
        if same:
            self._spare = name
        else:
            await self._drop(name)

    async def _make(self) -> str:
        name = f"t{os.urandom(8).hex()}"
        async with self._connection() as connection:
            await connection.execute(f"CREATE SCHEMA {name}")
        return name

    async def _make_whole(self) -> str:
        name = await self._make()
        db = await open_database(self._address(name))
        await migrate(db)
        await db.close()
        async with self._connection(name) as connection:
            self._shape = await connection.fetchval(SHAPE)
            for (table,) in await connection.fetch(
                "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
            ):
                rows = await connection.fetchval(f"SELECT json_agg({table})::text FROM {table}")
                if rows is not None:
                    self._seeds[table] = rows
        return name

    async def _empty(self, connection: Any) -> None:
        async with connection.transaction():
            await connection.execute(EMPTY)
            for table, rows in self._seeds.items():
                await connection.execute(
                    f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, $1)", rows
                )

    async def _drop(self, name: str) -> None:
        async with self._connection() as connection:
            await connection.execute(f"DROP SCHEMA {name} CASCADE")

    @asynccontextmanager
    async def _connection(self, name: str = "") -> AsyncIterator[Any]:
        connection = await asyncpg.connect(self._address(name) if name else self._server)
        try:
            yield connection
        finally:
            await connection.close()

    def _address(self, name: str) -> str:
        return f"{self._server}&search_path={name}"


@contextmanager
def postgres_server() -> Iterator[str]:
    """Runs a server on a socket in a temporary folder and gives its address; skips the test, loudly, where there is none."""
    on_path = shutil.which("postgres")
    binaries = [Path(on_path)] if on_path else sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not binaries:
        pytest.skip("!!! POSTGRESQL TESTS SKIPPED: no server here (Debian: apt-get install postgresql) !!!")
    folder = Path(tempfile.mkdtemp(prefix="onshelf-pg-"))
    try:
        with _served(binaries[-1].parent, folder) as address:
            yield address
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _served(binaries: Path, folder: Path) -> Iterator[str]:
    user = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
    if user:
        shutil.chown(folder, user)
    data = folder / "data"

    def run(program: str, *arguments: str) -> None:
        command = [str(binaries / program), "-D", str(data), *arguments]
        subprocess.run(
            command, check=True, cwd=folder, user=user, env={}, stdout=subprocess.DEVNULL, timeout=60
        )

    run("initdb", "-A", "trust", "-U", "onshelf", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", f"-k {folder} -F {OPTIONS}", "start")
    try:
        yield f"postgresql://onshelf@/postgres?host={folder}"
    finally:
        run("pg_ctl", "-w", "-m", "immediate", "stop")
