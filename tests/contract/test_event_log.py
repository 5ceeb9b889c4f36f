"""What the event log and the inbox promise, over every backend."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import asyncpg
import pytest

from onshelf.errors import Conflict, StoreError
from onshelf.events import ItemChanged
from onshelf.store import log
from onshelf.store.db import Database, Write
from onshelf.store.migrate import migrate

POSTGRES = pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
EVENT = ItemChanged(
    "店", 520813250866, 2, "A-1", "连衣裙", "onsale", "instock", "sold_out", 5, 6, False, "slice"
)


@pytest.fixture
async def db(empty_database: Database) -> Database:
    await migrate(empty_database)
    return empty_database


def numbered(number: int) -> Write:
    return log.append(replace(EVENT, version=number), at_us=number)


def version_of(entry: log.Entry) -> int:
    assert isinstance(entry.event, ItemChanged)
    return entry.event.version


async def versions(db: Database, reader: str = "alerts", limit: int = 100) -> list[int]:
    return [version_of(entry) for entry in await log.read(db, reader, limit)]


async def test_an_event_comes_back_as_it_was_written(db: Database) -> None:
    await db.commit([log.append(EVENT, at_us=7)])

    (entry,) = await log.read(db, "alerts", 10)

    assert (entry.name, entry.event, entry.at_us) == ("ItemChanged", EVENT, 7)


async def test_each_reader_has_its_own_place(db: Database) -> None:
    await db.commit([numbered(n) for n in range(5)])
    entries = await log.read(db, "alerts", 3)

    await db.commit([log.advance("alerts", entries[-1])])

    assert await versions(db, "alerts") == [3, 4]
    assert await versions(db, "search") == [0, 1, 2, 3, 4]
    assert await log.behind(db, "alerts") == 2
    assert await log.cursor(db, "search") == log.START


async def test_a_follower_that_keeps_its_own_place_sees_what_comes_after_it(db: Database) -> None:
    assert await log.end(db) == log.START
    await db.commit([numbered(n) for n in range(3)])

    place = await log.end(db)
    await db.commit([numbered(n) for n in (3, 4)])
    entries = await log.read_from(db, place, 10)

    assert [version_of(entry) for entry in entries] == [3, 4]
    assert await log.read_from(db, entries[-1].cursor, 10) == []
    assert await log.cursor(db, "alerts") == log.START


async def test_reading_does_not_move_the_place(db: Database) -> None:
    await db.commit([numbered(1)])

    assert await versions(db) == await versions(db) == [1]


async def test_an_event_of_a_unit_that_failed_is_not_in_the_log(db: Database) -> None:
    with pytest.raises(Conflict):
        await db.commit([numbered(1), Write("DELETE FROM event WHERE id = -1", (), 1)])

    assert await versions(db) == []


async def test_of_two_processes_at_one_place_only_one_moves_on(db: Database) -> None:
    await db.commit([numbered(1), numbered(2)])
    first, second = await log.read(db, "alerts", 2)
    await db.commit([log.advance("alerts", second)])

    for entry in (first, second):
        with pytest.raises(Conflict):
            await db.commit([log.advance("alerts", entry)])


async def test_an_event_of_an_unknown_kind_stops_the_reader_with_a_clear_word(db: Database) -> None:
    await db.commit([Write("INSERT INTO event (at_us, name, payload) VALUES (1, 'FromTomorrow', '{}')")])

    with pytest.raises(StoreError, match=r"FromTomorrow.*newer version"):
        await log.read(db, "alerts", 10)


async def test_a_damaged_event_is_named(db: Database) -> None:
    await db.commit([Write("INSERT INTO event (at_us, name, payload) VALUES (1, 'ItemChanged', '{')")])

    with pytest.raises(StoreError, match=r"event 1 \(ItemChanged\) cannot be read"):
        await log.read(db, "alerts", 10)


def test_only_listed_events_go_into_the_log() -> None:
    @dataclass(frozen=True)
    class Stray:
        pass

    with pytest.raises(ValueError, match="Stray"):
        log.append(Stray(), at_us=1)  # type: ignore[arg-type]


async def test_a_reader_among_many_writers_sees_every_event_once(db: Database) -> None:
    written = range(300)
    seen: list[int] = []
    writers = asyncio.gather(*(db.commit([numbered(n)]) for n in written))

    while len(seen) < len(written):
        entries = await log.read(db, "alerts", 20)
        if entries:
            await db.commit([log.advance("alerts", entries[-1])])
        seen += [version_of(entry) for entry in entries]
    await writers

    assert sorted(seen) == list(written)
    assert await log.behind(db, "alerts") == 0


@asynccontextmanager
async def transaction(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Opens a transaction that has written an event and commits at the end of the block."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            write = numbered(int(await connection.fetchval("SELECT count(*) + 1 FROM log_reader")))
            await connection.execute(write.sql.replace("?, ?, ?", "$1, $2, $3"), *write.args)
            yield connection
    finally:
        await connection.close()


@POSTGRES
async def test_an_event_that_commits_late_is_not_lost(db: Database, database_url: str) -> None:
    """The first writer gets the lower id and commits last; a reader by id alone would have passed it."""
    async with transaction(database_url):
        await db.commit([numbered(2)])

        assert await versions(db) == [], "what lies behind an open transaction has to wait"
        assert await log.behind(db, "alerts") == 1

    assert await versions(db) == [1, 2]


@POSTGRES
async def test_an_event_that_commits_late_is_read_after_those_the_reader_has_passed(
    db: Database, database_url: str
) -> None:
    await db.commit([numbered(7)])
    async with transaction(database_url):
        await db.commit([numbered(8)])
        (entry,) = await log.read(db, "alerts", 10)
        await db.commit([log.advance("alerts", entry)])

        assert version_of(entry) == 7

    assert await versions(db) == [1, 8]


@POSTGRES
async def test_a_log_restored_into_a_younger_server_keeps_its_order_and_places(db: Database) -> None:
    """The reader has passed event 2, which committed before event 1."""
    old = "INSERT INTO event (id, xid, at_us, name, payload) VALUES (?, ?, ?, ?, ?)"
    rows = [(n, xid, *numbered(n).args) for n, xid in ((1, 9_000_002), (2, 9_000_001), (3, 9_000_003))]
    await db.commit([Write(old, row) for row in rows])
    await db.commit([Write("INSERT INTO log_reader VALUES ('alerts', 9000001, 2), ('search', 9000003, 3)")])
    await db.commit([Write("ALTER TABLE event ALTER COLUMN id RESTART WITH 4")])
    assert await versions(db) == []

    await db.commit(log.RESTORED)

    await db.commit([numbered(4)])
    assert await versions(db, "alerts") == [1, 2, 3, 4]
    assert await versions(db, "search") == [4]


MESSAGE = log.Message("12345678", "default", "d-1", "taobao_item_ItemDownshelf", b"\xff{raw", 9)


async def test_a_message_is_kept_once_and_handled_once(db: Database) -> None:
    await db.commit(log.keep([MESSAGE, MESSAGE]))
    await db.commit(log.keep([replace(MESSAGE, received_us=10), replace(MESSAGE, group_name="other")]))

    kept = await log.waiting(db, 10)
    assert [one.message for one in kept] == [MESSAGE, replace(MESSAGE, group_name="other")]

    await db.commit([log.handled(kept[0])])
    assert await log.waiting(db, 10) == kept[1:]
    with pytest.raises(Conflict):
        await db.commit([log.handled(kept[0])])


async def test_a_handled_message_that_is_delivered_again_stays_handled(db: Database) -> None:
    await db.commit(log.keep([MESSAGE]))
    await db.commit([log.handled(one) for one in await log.waiting(db, 1)])

    await db.commit(log.keep([MESSAGE]))

    assert await log.waiting(db, 10) == []


async def test_old_events_go_once_every_reader_has_passed_them(db: Database) -> None:
    await db.commit([numbered(number) for number in range(1, 8)])
    entries = await log.read(db, "alerts", 100)
    await db.commit([log.advance("alerts", entries[5]), log.advance("hooks", entries[2])])

    await db.commit([log.trim(5, 2)])
    few = await versions(db, "stranger")
    await db.commit([log.trim(5, 100)])

    assert few == [3, 4, 5, 6, 7]  # two at once
    assert await versions(db, "stranger") == [4, 5, 6, 7]  # `hooks` has yet to read the fourth
    assert await versions(db, "hooks") == [4, 5, 6, 7]


async def test_the_newest_event_stays_so_that_no_place_is_given_twice(db: Database) -> None:
    await db.commit([numbered(1), numbered(2)])
    newest = (await log.read(db, "alerts", 100))[-1]

    await db.commit([log.trim(100, 100)])
    await db.commit([numbered(3)])

    assert await versions(db, "stranger") == [2, 3]
    assert [version_of(one) for one in await log.read_from(db, newest.cursor, 100)] == [3]


async def test_a_place_is_forgotten_when_what_came_after_it_may_be_gone(db: Database) -> None:
    await db.commit([numbered(number) for number in range(1, 5)])
    first, second, third, _ = [one.cursor for one in await log.read(db, "alerts", 100)]
    before = [await log.is_forgotten(db, place) for place in (log.START, first, second)]

    await db.commit([log.trim(3, 100)])

    assert before == [False, False, False]
    assert [await log.is_forgotten(db, place) for place in (log.START, second, third)] == [False, True, False]


async def test_no_place_in_an_empty_log_is_forgotten(db: Database) -> None:
    assert not await log.is_forgotten(db, log.Cursor(0, 7))
