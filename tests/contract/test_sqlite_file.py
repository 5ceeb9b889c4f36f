"""What the SQLite backend owes to its file and to the process it lives in."""

import asyncio
import sys
from pathlib import Path

import pytest

from onshelf.errors import Conflict, StoreError
from onshelf.store.db import Database, Write
from onshelf.store.open import open_database

ITEM = Write("CREATE TABLE item (id INTEGER NOT NULL PRIMARY KEY, picture BLOB)")
FILE_ONLY = pytest.mark.parametrize("database_url", ["file"], indirect=True)


@pytest.fixture
async def db(empty_database: Database) -> Database:
    await empty_database.commit([ITEM])
    return empty_database


def insert(item_id: int, size: int = 0) -> Write:
    return Write("INSERT INTO item VALUES (?, ?)", (item_id, bytes(size)))


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "onshelf.db"
    file.write_bytes(b"not a database" * 100)

    with pytest.raises(StoreError, match=r"onshelf\.db"):
        await open_database(str(file))


async def test_a_file_in_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="missing"):
        await open_database(str(tmp_path / "missing" / "onshelf.db"))


@FILE_ONLY
async def test_a_full_disk_is_an_error_of_the_store_and_everything_before_it_stays(db: Database) -> None:
    await db.commit([insert(1)])
    await db.commit([Write("PRAGMA max_page_count = 64")])

    outcomes = await asyncio.gather(
        db.commit([insert(2)]), db.commit([insert(3, 2**20)]), db.commit([insert(1)]), return_exceptions=True
    )

    assert isinstance(outcomes[1], StoreError)
    assert not isinstance(outcomes[1], Conflict)
    kept = {row[0] for row in await db.fetch("SELECT id FROM item")}
    assert kept == {1} | {2 for _ in range(1) if not isinstance(outcomes[0], BaseException)}
    await db.commit([Write("PRAGMA max_page_count = 100000")])
    await db.commit([insert(4, 2**20)])


@FILE_ONLY
async def test_every_commit_is_synced_and_foreign_keys_are_held(db: Database) -> None:
    settings = [
        await db.commit([Write(f"PRAGMA {name}")]) for name in ("synchronous", "journal_mode", "foreign_keys")
    ]

    assert settings == [[[(2,)]], [[("wal",)]], [[(1,)]]]


@FILE_ONLY
async def test_a_read_cannot_write(db: Database) -> None:
    with pytest.raises(StoreError):
        await db.fetch("DELETE FROM item RETURNING id")


@FILE_ONLY
async def test_a_long_read_holds_no_write_up(db: Database) -> None:
    await db.upsert_many("item", key=["id"], columns=["id"], rows=[(n,) for n in range(3000)])
    count = "SELECT count(*) FROM item AS a, item AS b WHERE a.id + b.id >= 0"
    long = asyncio.ensure_future(db.fetch(count))

    await db.commit([insert(-1)])

    assert not long.done()
    assert len(await long) == 1


async def test_opening_makes_the_process_hand_over_the_interpreter_readily(tmp_path: Path) -> None:
    """Measured with uvloop, turns of 0.4 to 1 ms and Python's 5 ms: 120 commits take thousands of turns, at 0.1 ms a dozen."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.005)

    db = await open_database(str(tmp_path / "onshelf.db"))

    assert sys.getswitchinterval() == pytest.approx(0.0001)
    await db.close()
    sys.setswitchinterval(before)
