"""What migrations promise, over every backend."""

import asyncio
from collections.abc import Iterable

import pytest

from onshelf.errors import StoreError
from onshelf.store.db import Database, Row, Write
from onshelf.store.migrate import Step, migrate, steps, writes_of
from onshelf.store.open import open_database
from onshelf.store.postgres import POSTGRES
from onshelf.store.sqlite import SQLITE

DURABLE = ["file", pytest.param("postgres", marks=pytest.mark.postgres)]
DURABLE_ONLY = pytest.mark.parametrize("database_url", DURABLE, indirect=True)


async def schema(db: Database) -> list[Row]:
    """Reads every table, column, index and constraint; words of the backend's own."""
    if db.dialect is SQLITE:
        return await db.fetch("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name")
    columns = await db.fetch(
        "SELECT table_name::text, column_name::text, data_type::text, is_nullable::text, column_default::text "
        "FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY 1, 2"
    )
    constraints = await db.fetch(
        "SELECT conrelid::regclass::text, conname::text, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = current_schema()::regnamespace ORDER BY 1, 2"
    )
    indexes = await db.fetch(
        "SELECT indexname::text, replace(indexdef, schemaname, '') FROM pg_indexes "
        "WHERE schemaname = current_schema() ORDER BY 1"
    )
    return [*columns, *constraints, *indexes]


def test_steps_are_numbered_from_one_without_a_gap_or_a_twin() -> None:
    numbers = [step.number for step in steps()]

    assert numbers == list(range(1, len(numbers) + 1))


async def test_from_scratch_is_the_same_as_step_by_step(empty_database: Database) -> None:
    await migrate(empty_database)
    at_once = await schema(empty_database)
    tables = [row[0] for row in await empty_database.fetch("SELECT name FROM migration")]
    await drop_everything(empty_database)

    taken = [await migrate(empty_database, upto=step.number) for step in steps()]

    assert taken == [1] * len(tables)
    assert await schema(empty_database) == at_once


async def drop_everything(db: Database) -> None:
    if db.dialect is SQLITE:
        names = await db.fetch(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
        order: Iterable[object] = reversed([name for (name,) in names])
        await db.commit(
            [Write("PRAGMA defer_foreign_keys=ON"), *(Write(f"DROP TABLE {name}") for name in order)]
        )
    else:
        ((name,),) = await db.fetch("SELECT current_schema()::text")
        await db.commit([Write(f"DROP SCHEMA {name!s} CASCADE"), Write(f"CREATE SCHEMA {name!s}")])


async def test_a_second_time_nothing_is_left_to_do(empty_database: Database) -> None:
    assert await migrate(empty_database) == len(steps())

    assert await migrate(empty_database) == 0


@DURABLE_ONLY
async def test_several_processes_may_migrate_at_once(database_url: str) -> None:
    databases = [await open_database(database_url) for _ in range(4)]

    taken = await asyncio.gather(*(migrate(db) for db in databases), return_exceptions=True)
    await asyncio.gather(*(db.close() for db in databases))

    assert sum(count for count in taken if isinstance(count, int)) == len(steps()), taken


async def test_a_database_of_a_newer_version_is_refused(empty_database: Database) -> None:
    await migrate(empty_database)
    await empty_database.commit([Write("INSERT INTO migration (number, name) VALUES (9999, 'tomorrow')")])

    with pytest.raises(StoreError, match=r"9999 tomorrow.*upgrade onshelf"):
        await migrate(empty_database)


async def test_a_step_that_fails_leaves_nothing_behind(empty_database: Database) -> None:
    await migrate(empty_database, upto=1)
    broken = Step(2, "broken", "CREATE TABLE half (id BIGINT);\nCREATE TABLE event (id BIGINT);\n")
    before = await schema(empty_database)

    with pytest.raises(StoreError):
        await empty_database.commit(writes_of(broken, empty_database.dialect))

    assert await schema(empty_database) == before
    assert await empty_database.fetch("SELECT number FROM migration") == [(1,)]


def test_a_step_is_cut_at_semicolons_that_end_a_line() -> None:
    step = Step(
        3,
        "x",
        "-- why; and so\nCREATE TABLE a (t TEXT DEFAULT 'x;y', id {serial});\n\n-- only words\nCREATE TABLE b (c {blob})",
    )

    mark, *statements = [write.sql for write in writes_of(step, SQLITE)]

    assert mark.startswith("INSERT INTO migration")
    assert [statement.rpartition("CREATE")[2] for statement in statements] == [
        " TABLE a (t TEXT DEFAULT 'x;y', id INTEGER PRIMARY KEY AUTOINCREMENT)",
        " TABLE b (c BLOB)",
    ]


def test_a_statement_of_one_backend_alone_is_taken_there_only() -> None:
    step = Step(
        4, "x", "CREATE TABLE a (t TEXT);\n-- why\n-- sqlite:\nCREATE s\n  ; BODY;\n-- postgres:\nCREATE p;\n"
    )

    taken = {
        dialect.name: [write.sql.rpartition("CREATE")[2] for write in writes_of(step, dialect)[1:]]
        for dialect in (SQLITE, POSTGRES)
    }

    assert taken == {"sqlite": [" TABLE a (t TEXT)", " s\n  ; BODY"], "postgres": [" TABLE a (t TEXT)", " p"]}
