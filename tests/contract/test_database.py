"""What every backend of the database port promises."""

import asyncio
import os
import random
import signal
import sys
from typing import Any

import pytest

from onshelf.errors import Conflict, StoreError
from onshelf.store.db import Database, Write
from onshelf.store.open import open_database

DURABLE = ["file", pytest.param("postgres", marks=pytest.mark.postgres)]
DURABLE_ONLY = pytest.mark.parametrize("database_url", DURABLE, indirect=True)
"""For what a database in memory cannot do: outlive its connection, or serve a second one."""

ITEM = "CREATE TABLE item (id BIGINT NOT NULL PRIMARY KEY, title TEXT, price BIGINT, picture {blob}, rate DOUBLE PRECISION)"
CODE = "CREATE TABLE code (code TEXT NOT NULL PRIMARY KEY, item_id BIGINT NOT NULL REFERENCES item (id))"


@pytest.fixture
async def db(empty_database: Database) -> Database:
    item = ITEM.replace("{blob}", empty_database.dialect.blob)
    await empty_database.commit([Write(item), Write(CODE)])
    return empty_database


def insert(item_id: int, title: str = "", price: int = 0) -> Write:
    return Write("INSERT INTO item (id, title, price) VALUES (?, ?, ?)", (item_id, title, price))


async def ids(db: Database) -> list[Any]:
    return [row[0] for row in await db.fetch("SELECT id FROM item ORDER BY id")]


async def test_a_text_that_holds_a_nul_breaks_nothing(db: Database) -> None:
    """Strangers can send one anywhere: it is kept, or something in its place, and looked for without an error."""
    await db.commit([insert(1, "a\0b"), insert(2, "whole")])
    await db.upsert_many("item", key=["id"], columns=["id", "title"], rows=[(2, "c\0"), (3, "d")])
    kept = [row[0] for row in await db.fetch("SELECT title FROM item ORDER BY id")]
    found = await db.fetch("SELECT id FROM item WHERE title = ?", ("a\0b",))
    none = await db.fetch("SELECT id FROM item WHERE title = ?", ("\0",))

    assert [str(title).replace("\0", "\ufffd") for title in kept] == ["a\ufffdb", "c\ufffd", "d"]
    assert (found, none) == ([(1,)], [])


async def test_values_come_back_as_they_went_in(db: Database) -> None:
    row = (2**63 - 1, '连衣裙 👗 it\'s "new"? 100%', -(2**63), bytes(range(256)), 0.1)

    await db.commit([Write("INSERT INTO item VALUES (?, ?, ?, ?, ?)", row)])

    assert await db.fetch("SELECT * FROM item WHERE title = ?", (row[1],)) == [row]


async def test_none_is_stored_as_null(db: Database) -> None:
    await db.commit([Write("INSERT INTO item VALUES (?, ?, ?, ?, ?)", (1, None, None, None, None))])

    assert await db.fetch("SELECT * FROM item WHERE title IS NULL") == [(1, None, None, None, None)]


async def test_a_question_mark_in_quotes_is_no_placeholder(db: Database) -> None:
    await db.commit([insert(1, "新品?")])

    assert await db.fetch("SELECT id FROM item WHERE title = '新品?' AND id = ?", (1,)) == [(1,)]


async def test_a_unit_happens_whole_or_not_at_all(db: Database) -> None:
    with pytest.raises(Conflict):
        await db.commit([insert(1), insert(2), insert(1)])

    assert await ids(db) == []


async def test_later_writes_of_a_unit_see_earlier_ones(db: Database) -> None:
    await db.commit([insert(1), Write("UPDATE item SET price = 5 WHERE id = 1", (), 1)])

    assert await db.fetch("SELECT price FROM item") == [(5,)]


async def test_a_taken_key_is_a_conflict_that_names_the_write(db: Database) -> None:
    await db.commit([insert(1)])

    with pytest.raises(Conflict) as caught:
        await db.commit([insert(2), insert(3), insert(1, "secret title")])

    assert caught.value.index == 2
    assert "secret title" not in str(caught.value)


@pytest.mark.parametrize("expected", [0, 2])
async def test_another_count_of_rows_rolls_the_unit_back(db: Database, expected: int) -> None:
    await db.commit([insert(1)])
    compare_and_set = Write("UPDATE item SET price = 9 WHERE id = ?", (1,), expected)

    with pytest.raises(Conflict) as caught:
        await db.commit([insert(2), compare_and_set])

    assert caught.value.index == 1
    assert await db.fetch("SELECT id, price FROM item") == [(1, 0)]


async def test_no_row_to_update_is_a_conflict_when_one_was_expected(db: Database) -> None:
    with pytest.raises(Conflict):
        await db.commit([Write("UPDATE item SET price = 9 WHERE id = ?", (1,), 1)])


async def test_rows_are_counted_for_statements_that_return_them_too(db: Database) -> None:
    await db.commit([insert(1), insert(2)])

    with pytest.raises(Conflict):
        await db.commit([Write("DELETE FROM item RETURNING id", (), 1)])

    assert await ids(db) == [1, 2]


async def test_an_insert_that_did_nothing_touched_no_row(db: Database) -> None:
    again = Write("INSERT INTO item (id) VALUES (?) ON CONFLICT (id) DO NOTHING", (1,), 1)
    await db.commit([again])

    with pytest.raises(Conflict):
        await db.commit([insert(2), again])

    assert await ids(db) == [1]


async def test_returned_rows_stand_at_their_write(db: Database) -> None:
    returned = await db.commit(
        [insert(1), Write("INSERT INTO item (id, title) VALUES (?, ?) RETURNING id, title", (2, "裙"))]
    )

    assert returned == [[], [(2, "裙")]]


async def test_an_empty_unit_is_done_at_once(db: Database) -> None:
    assert await db.commit([]) == []


async def test_a_missing_parent_is_refused(db: Database) -> None:
    with pytest.raises(StoreError) as caught:
        await db.commit([insert(1), Write("INSERT INTO code VALUES ('A-1', 2)")])

    assert not isinstance(caught.value, Conflict)
    assert await ids(db) == []


@pytest.mark.parametrize(
    "write",
    [
        Write("INSERT INTO nowhere VALUES (1)"),
        Write("INSERT INTO item (id) VALUES (?)", (2**63,)),
        Write("INSERT INTO item (id) VALUES (?, ?)", (1,)),
        Write("INSERT INTO item (id, title) VALUES (1, ?)", ([],)),  # type: ignore[arg-type]
        Write("INSERT INTO item (id, title) VALUES (1, ?)", ("\ud800",)),
    ],
    ids=["no table", "over 64 bits", "too few values", "a list", "half a character"],
)
async def test_a_wrong_statement_fails_alone_and_the_database_goes_on(db: Database, write: Write) -> None:
    with pytest.raises(StoreError):
        await db.commit([write])

    await db.commit([insert(7)])
    assert await ids(db) == [7]


async def test_a_wrong_read_is_an_error_of_the_store(db: Database) -> None:
    with pytest.raises(StoreError):
        await db.fetch("SELECT * FROM nowhere")


async def test_of_units_sent_together_the_failing_ones_fail_alone(db: Database) -> None:
    """They share a transaction in SQLite; every third one conflicts."""
    await db.commit([insert(0)])

    outcomes = await asyncio.gather(
        *(db.commit([insert(n), insert(n + 100 if n % 3 else 0)]) for n in range(1, 61)),
        return_exceptions=True,
    )

    failed = [n for n, outcome in enumerate(outcomes, 1) if isinstance(outcome, Conflict)]
    assert failed == list(range(3, 61, 3))
    kept = [n for n in range(1, 61) if n % 3]
    assert await ids(db) == [0, *kept, *(n + 100 for n in kept)]


async def test_of_many_that_compare_and_set_one_version_one_wins(db: Database) -> None:
    await db.commit([insert(1)])
    take = Write("UPDATE item SET price = price + 1 WHERE id = 1 AND price = 0", (), 1)

    outcomes = await asyncio.gather(*(db.commit([take]) for _ in range(20)), return_exceptions=True)

    assert sum(not isinstance(outcome, Conflict) for outcome in outcomes) == 1
    assert await db.fetch("SELECT price FROM item") == [(1,)]


async def test_concurrent_increments_are_all_counted(db: Database) -> None:
    await db.commit([insert(1)])

    await asyncio.gather(
        *(db.commit([Write("UPDATE item SET price = price + ? WHERE id = 1", (n,), 1)]) for n in range(200))
    )

    assert await db.fetch("SELECT price FROM item") == [(sum(range(200)),)]


async def test_units_that_take_the_same_rows_in_opposite_orders_all_come_through(db: Database) -> None:
    """The classic deadlock: the server ends one of the two, which is then run again."""
    await db.commit([insert(n) for n in range(4)])
    add = [Write("UPDATE item SET price = price + 1 WHERE id = ?", (n,), 1) for n in range(4)]

    await asyncio.gather(*(db.commit(add if n % 2 else add[::-1]) for n in range(40)))

    assert await db.fetch("SELECT DISTINCT price FROM item") == [(40,)]


async def test_a_caller_that_gives_up_leaves_the_others_alone(db: Database) -> None:
    tasks = [asyncio.ensure_future(db.commit([insert(n)])) for n in range(40)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()

    outcomes = await asyncio.gather(*tasks, return_exceptions=True)

    assert all(not isinstance(outcome, Exception) for outcome in outcomes[1::2])
    assert set(range(1, 40, 2)) <= set(await ids(db))


async def test_it_is_busy_while_work_is_under_way_and_idle_after(db: Database) -> None:
    task = asyncio.ensure_future(db.commit([insert(1)]))
    await asyncio.sleep(0)
    assert db.busy()

    await task

    assert not db.busy()


async def test_a_closed_database_refuses(db: Database) -> None:
    await db.close()
    await db.close()

    with pytest.raises(StoreError):
        await db.fetch("SELECT 1")
    with pytest.raises(StoreError):
        await db.commit([insert(1)])


async def test_closing_waits_for_units_under_way(database_url: str, db: Database) -> None:
    tasks = [asyncio.ensure_future(db.commit([insert(n)])) for n in range(50)]
    await asyncio.sleep(0)

    await db.close()

    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [outcome for outcome in outcomes if isinstance(outcome, BaseException)] == []


# claim


async def claim(db: Database, limit: int, worker: int) -> list[Any]:
    rows = await db.claim(
        "item",
        set_sql="price = ?, title = ?",
        where_sql="price = 0 AND id > ?",
        order_by="rate DESC, id",
        limit=limit,
        returning="id, price",
        args=(worker, "taken", -1),
    )
    assert all(row[1] == worker for row in rows)
    return [row[0] for row in rows]


async def test_a_claim_takes_the_first_rows_in_order(db: Database) -> None:
    rates = [(n, float(n % 3)) for n in range(9)]
    await db.commit([Write("INSERT INTO item (id, price, rate) VALUES (?, 0, ?)", rate) for rate in rates])

    assert await claim(db, 4, 1) == [2, 5, 8, 1]
    assert await claim(db, 100, 2) == [4, 7, 0, 3, 6]
    assert await claim(db, 100, 3) == []


async def test_many_claimers_take_each_row_once_and_leave_none(db: Database) -> None:
    await db.upsert_many("item", key=["id"], columns=["id", "price"], rows=[(n, 0) for n in range(400)])

    async def work(worker: int) -> list[Any]:
        taken: list[Any] = []
        while rows := await claim(db, 7, worker):
            taken += rows
        return taken

    taken = [row for rows in await asyncio.gather(*(work(worker) for worker in range(1, 9))) for row in rows]
    left = await claim(db, 400, 9)

    assert sorted([*taken, *left], key=str) == sorted(range(400), key=str)


@DURABLE_ONLY
async def test_a_row_that_changed_before_the_lock_is_not_claimed(database_url: str, db: Database) -> None:
    """Two connections take turns at the same rows: a claim re-checks the condition on what the other left."""
    other = await open_database(database_url)
    await db.upsert_many("item", key=["id"], columns=["id", "price"], rows=[(n, 0) for n in range(100)])

    async def grab(database: Database, worker: int) -> int:
        return sum([len(await claim(database, 1, worker)) for _ in range(60)])

    counts = await asyncio.gather(grab(db, 1), grab(other, 2), grab(db, 3), grab(other, 4))
    left = await claim(db, 100, 5)
    await other.close()

    assert sum(counts) + len(left) == 100


# upsert_many


async def upsert(db: Database, *rows: tuple[int, str | None, int | None]) -> list[Any]:
    changed = await db.upsert_many("item", key=["id"], columns=["id", "title", "price"], rows=rows)
    return sorted(changed)


async def test_an_upsert_returns_only_what_is_new_or_changed(db: Database) -> None:
    assert await upsert(db, (1, "a", 1), (2, "b", None), (3, None, 3)) == [(1,), (2,), (3,)]
    assert await upsert(db, (1, "a", 1), (2, "b", 2), (3, "c", 3), (4, "d", 4)) == [(2,), (3,), (4,)]
    assert await upsert(db, (1, "a", 1), (4, None, 4)) == [(4,)]
    assert await db.fetch("SELECT id, title, price FROM item ORDER BY id") == [
        (1, "a", 1),
        (2, "b", 2),
        (3, "c", 3),
        (4, None, 4),
    ]


async def test_an_upsert_leaves_other_columns_alone(db: Database) -> None:
    await db.commit([Write("INSERT INTO item (id, title, rate) VALUES (1, 'a', 0.5)")])

    await upsert(db, (1, "b", 2))

    assert await db.fetch("SELECT title, price, rate FROM item") == [("b", 2, 0.5)]


async def test_an_upsert_of_nothing_changes_nothing(db: Database) -> None:
    assert await upsert(db) == []


async def test_an_upsert_of_keys_alone_inserts_what_is_missing(db: Database) -> None:
    await db.commit([insert(1)])

    assert await db.upsert_many("item", key=["id"], columns=["id"], rows=[(1,), (2,)]) == [(2,)]


async def test_an_upsert_goes_by_keys_of_several_columns(empty_database: Database) -> None:
    await empty_database.commit(
        [Write("CREATE TABLE p (shop TEXT, code TEXT, n INTEGER, PRIMARY KEY (shop, code))")]
    )
    columns = ["n", "code", "shop"]

    async def put(*rows: tuple[int, str, str]) -> list[Any]:
        return sorted(await empty_database.upsert_many("p", key=["shop", "code"], columns=columns, rows=rows))

    assert await put((1, "A", "s"), (1, "A", "t")) == [("s", "A"), ("t", "A")]
    assert await put((1, "A", "s"), (2, "A", "t")) == [("t", "A")]


async def test_an_upsert_of_many_rows_passes_every_limit_on_values(db: Database) -> None:
    rows = [(n, f"商品{n}", n) for n in range(20_000)]

    assert (
        len(await db.upsert_many("item", key=["id"], columns=["id", "title", "price"], rows=rows)) == 20_000
    )
    assert await upsert(db, *rows[:5000], (5001, "x", 1)) == [(5001,)]


async def test_an_upsert_with_one_bad_row_changes_nothing(db: Database) -> None:
    with pytest.raises(StoreError):
        await db.upsert_many(
            "item", key=["id"], columns=["id", "price"], rows=[(1, 1), (None, 2), (2, 2**64)]
        )

    assert await ids(db) == []


async def test_crossing_upserts_all_come_through(db: Database) -> None:
    """The same keys in opposite orders: the classic deadlock."""
    forth = [(n, "x", 0) for n in range(200)]

    async def put(worker: int) -> None:
        rows = [(n, title, worker) for n, title, _ in (forth if worker % 2 else forth[::-1])]
        await db.upsert_many("item", key=["id"], columns=["id", "title", "price"], rows=rows)

    await asyncio.gather(*(put(worker) for worker in range(8)))

    assert len(await db.fetch("SELECT DISTINCT price FROM item")) == 1


# durability and several processes


@DURABLE_ONLY
async def test_what_was_committed_is_there_after_reopening(database_url: str, db: Database) -> None:
    await db.commit([insert(1, "连衣裙")])
    await db.close()

    again = await open_database(database_url)
    rows = await again.fetch("SELECT id, title FROM item")
    await again.close()

    assert rows == [(1, "连衣裙")]


@DURABLE_ONLY
async def test_two_connections_write_the_same_rows_and_lose_nothing(database_url: str, db: Database) -> None:
    other = await open_database(database_url)
    await db.commit([insert(1)])
    add = Write("UPDATE item SET price = price + 1 WHERE id = 1", (), 1)

    await asyncio.gather(*(database.commit([add]) for _ in range(100) for database in (db, other)))
    seen = await other.fetch("SELECT price FROM item")
    await other.close()

    assert seen == [(200,)]


WRITER = """
import asyncio, sys
from onshelf.store.db import Write
from onshelf.store.open import open_database

async def put(db, first):
    for number in range(first, first + 100_000):
        pair = [Write("INSERT INTO item (id) VALUES (?)", (sign * number,), 1) for sign in (1, -1)]
        await db.commit(pair)
        print(number, flush=True)

async def main():
    db = await open_database(sys.argv[1])
    await asyncio.gather(*(put(db, task * 100_000 + 1) for task in range(16)))

asyncio.run(main())
"""


@DURABLE_ONLY
async def test_a_killed_process_loses_nothing_it_was_told_is_kept(database_url: str, db: Database) -> None:
    seed = random.randrange(2**32)
    for lines in random.Random(seed).sample(range(50, 1500), 3):
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", WRITER, database_url, stdout=asyncio.subprocess.PIPE, env=dict(os.environ)
        )
        assert child.stdout is not None
        acknowledged = [int(await child.stdout.readline()) for _ in range(lines)]
        child.send_signal(signal.SIGKILL)
        acknowledged += [int(line) for line in (await child.stdout.read()).split(b"\n") if line]
        await child.wait()

        kept = set(await ids(db))

        assert {number for number in acknowledged if number not in kept} == set(), f"seed {seed}"
        assert {number for number in kept if -number not in kept} == set(), (
            f"half a unit was kept, seed {seed}"
        )
        await db.commit([Write("DELETE FROM item")])
