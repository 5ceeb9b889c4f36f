"""What the audit log promises, over every backend."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from random import Random

import pytest

from onshelf.clock import FakeClock
from onshelf.errors import StoreError
from onshelf.guard.audit import Audit, calls_since
from onshelf.guard.chain import Finding, Flaw, Kind, Link, Said, hash_of
from onshelf.guard.change import Act
from onshelf.guard.proof import verify
from onshelf.guard.vault import Vault
from onshelf.platforms.port import CallRecord
from onshelf.settings import Secret
from onshelf.store.db import Database, Row, Value, Write
from onshelf.store.migrate import migrate
from onshelf.texts import text

START = datetime(2026, 3, 1, tzinfo=UTC)
VAULT = Vault([bytes(32)])


@pytest.fixture
async def db(empty_database: Database) -> Database:
    await migrate(empty_database)
    return empty_database


@pytest.fixture
def clock(db: Database) -> FakeClock:
    return FakeClock(START, db.busy)


@pytest.fixture
async def audit(db: Database, clock: FakeClock) -> AsyncIterator[Audit]:
    audit = Audit(db, VAULT, clock, Random(1))
    yield audit
    await audit.close()


def call(
    at_us: int, method: str = "taobao.item.add", outcome: str = "ok", code: int = 0, app: str = "app"
) -> CallRecord:
    return CallRecord(at_us, 50, "店", app, method, outcome, code, "", "req", b"\x00digest")


async def write(audit: Audit, count: int) -> None:
    for number in range(count):
        audit.called(call(number))
    await audit.flush()


async def change(db: Database, sql: str, *args: Value) -> None:
    await db.commit([Write(sql, args)])


async def flaws(db: Database) -> list[tuple[int, Flaw]]:
    return [(finding.number, finding.flaw) for finding in (await verify(db, VAULT)).findings]


async def rows(db: Database) -> list[Row]:
    return await db.fetch("SELECT number, kind, actor, subject, action FROM audit ORDER BY writer, number")


async def test_calls_and_acts_stand_in_the_order_they_were_noted(db: Database, audit: Audit) -> None:
    audit.called(call(1))
    audit.acted("小王", Act("publish.go", "job-1", after={"rows": 3}))
    audit.called(call(2, "taobao.item.get"))
    await audit.flush()

    assert await rows(db) == [
        (1, "start", "", "", "audit.start"),
        (2, "call", "app", "店", "taobao.item.add"),
        (3, "act", "小王", "job-1", "publish.go"),
        (4, "call", "app", "店", "taobao.item.get"),
    ]


async def test_of_an_act_neither_a_buyer_nor_a_secret_is_kept(db: Database, audit: Audit) -> None:
    after = {"buyer": "陈", "note": "13812345678", "url": Secret("https://x/T0KEN"), "password": "hunter2"}
    audit.acted("小王", Act("export", after=after))
    await audit.flush()

    kept = str([await db.fetch("SELECT * FROM audit"), await db.fetch("SELECT * FROM audit_change")])
    assert not any(one in kept for one in ("陈", "13812345678", "T0KEN", "hunter2"))
    assert "138****5678" in kept


async def test_what_was_noted_is_written_soon_without_being_asked(
    db: Database, audit: Audit, clock: FakeClock
) -> None:
    audit.called(call(1))

    await clock.sleep(1)

    assert len(await rows(db)) == 2


@pytest.mark.parametrize("odd", ["a\0b", "\ud800", "a\nb\x1b[2J"], ids=ascii)
async def test_what_nobody_can_keep_neither_stops_the_log_nor_looks_forged(
    db: Database, audit: Audit, odd: str
) -> None:
    audit.acted(f"person:{odd}", Act("test.act", odd, after={"about": odd}))
    await audit.flush()

    assert (await verify(db, VAULT)).findings == ()
    assert len(await db.fetch("SELECT 1 FROM audit WHERE action = 'test.act'")) == 1


async def test_an_untouched_log_has_no_flaw(db: Database, audit: Audit) -> None:
    for count in (1, 25, 3, 200, 0):
        await write(audit, count)

    report = await verify(db, VAULT)

    assert (report.rows, report.writers, report.findings) == (230, 1, ())


async def test_a_log_longer_than_a_page_is_checked_whole(db: Database, audit: Audit) -> None:
    await write(audit, 4500)
    await change(db, "UPDATE audit SET outcome = 'refused' WHERE number = 4200")

    report = await verify(db, VAULT)

    assert (report.rows, report.findings) == (4501, (Finding(audit.writer, 4200, Flaw.CHANGED),))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("kind", "act"),
        ("at_us", 7),
        ("took_us", 7),
        ("actor", "x"),
        ("subject", "x"),
        ("action", "x"),
        ("outcome", "x"),
        ("platform_code", 7),
        ("sub_code", "x"),
        ("request_id", "x"),
        ("digest", b"x"),
    ],
)
async def test_a_changed_value_is_found_in_its_row(
    db: Database, audit: Audit, column: str, value: Value
) -> None:
    await write(audit, 9)

    await change(db, f"UPDATE audit SET {column} = ? WHERE number = 5", value)

    assert await flaws(db) == [(5, Flaw.CHANGED)]


async def test_a_removed_row_is_found(db: Database, audit: Audit) -> None:
    await write(audit, 9)

    await change(db, "DELETE FROM audit WHERE number = 5")

    assert await flaws(db) == [(5, Flaw.REMOVED)]


async def test_an_inserted_row_is_found(db: Database, audit: Audit) -> None:
    await write(audit, 9)

    await change(db, "UPDATE audit SET number = -number - 1 WHERE number > 5")
    await change(db, "UPDATE audit SET number = -number WHERE number < 0")
    await copy(db, row=5, to=6)

    assert (6, Flaw.CHANGED) in await flaws(db)


async def copy(db: Database, *, row: int, to: int) -> None:
    await change(
        db,
        "INSERT INTO audit SELECT writer, CAST(? AS BIGINT), kind, at_us, took_us, actor, subject, action, outcome, "
        "platform_code, sub_code, request_id, digest, hash FROM audit WHERE number = ?",
        to,
        row,
    )


async def test_exchanged_rows_are_found(db: Database, audit: Audit) -> None:
    await write(audit, 9)

    for before, after in ((4, 100), (5, 4), (100, 5)):
        await change(db, "UPDATE audit SET number = ? WHERE number = ?", after, before)

    assert {4, 5} <= {number for number, _ in await flaws(db)}


async def test_a_cut_tail_is_found(db: Database, audit: Audit) -> None:
    await write(audit, 9)

    await change(db, "DELETE FROM audit WHERE number > 7")

    assert await flaws(db) == [(8, Flaw.CUT)]


async def test_an_added_tail_is_found(db: Database, audit: Audit) -> None:
    await write(audit, 9)

    await copy(db, row=10, to=11)

    assert await flaws(db) == [(11, Flaw.ADDED)]


async def test_a_chain_computed_anew_after_a_change_is_found(db: Database, audit: Audit) -> None:
    """Whoever can change the database can also compute the hashes; the signed head gives them away."""
    await write(audit, 9)
    await forge(db, audit.writer)

    assert await flaws(db) == [(10, Flaw.REWRITTEN)]


async def test_a_forged_seal_is_found(db: Database, audit: Audit) -> None:
    await write(audit, 9)
    await forge(db, audit.writer)
    await change(db, "UPDATE audit_seal SET head = (SELECT hash FROM audit WHERE number = 10)")

    assert await flaws(db) == [(10, Flaw.UNSIGNED)]


async def forge(db: Database, writer: str) -> None:
    """Changes row 5 and computes every hash from there on."""
    await change(db, "UPDATE audit SET outcome = 'refused' WHERE number = 5")
    link = Link(writer)
    for row in await db.fetch(
        "SELECT kind, at_us, took_us, actor, subject, action, outcome, platform_code, sub_code, request_id, "
        "digest FROM audit ORDER BY number"
    ):
        link = Link(writer, link.number + 1, hash_of(link.hash, Said(*row)))  # type: ignore[arg-type]
        await change(db, "UPDATE audit SET hash = ? WHERE number = ?", link.hash, link.number)


async def test_a_removed_seal_is_found(db: Database, audit: Audit) -> None:
    await write(audit, 9)

    await change(db, "DELETE FROM audit_seal")

    assert await flaws(db) == [(1, Flaw.UNSIGNED)]


async def test_a_seal_of_another_key_vouches_for_nothing(db: Database, audit: Audit) -> None:
    await write(audit, 9)

    report = await verify(db, Vault([bytes(31) + b"x"]))

    assert [finding.flaw for finding in report.findings] == [Flaw.UNSIGNED]


async def test_after_a_rotation_old_chains_still_hold(db: Database, audit: Audit) -> None:
    await write(audit, 9)

    report = await verify(db, Vault([bytes(31) + b"x", bytes(32)]))

    assert report.findings == ()


async def test_each_writer_has_a_chain_of_its_own_and_names_the_one_before(
    db: Database, clock: FakeClock
) -> None:
    writers = []
    for number in range(3):
        clock.jump(1)
        audit = Audit(db, VAULT, clock, Random(number))
        await write(audit, 3)
        await audit.close()
        writers.append(audit.writer)

    starts = await db.fetch(
        "SELECT writer, subject FROM audit WHERE kind = ? ORDER BY writer", (str(Kind.START),)
    )

    assert starts == [(writers[0], ""), (writers[1], writers[0]), (writers[2], writers[1])]
    assert (await verify(db, VAULT)).writers == 3


async def test_a_writer_that_vanished_whole_is_missed(db: Database, clock: FakeClock) -> None:
    audits = []
    for number in range(2):
        clock.jump(1)
        audits.append(Audit(db, VAULT, clock, Random(number)))
        await write(audits[-1], 3)
        await audits[-1].close()
    gone = audits[0].writer

    await change(db, "DELETE FROM audit WHERE writer = ?", gone)
    await change(db, "DELETE FROM audit_seal WHERE writer = ?", gone)

    assert (await verify(db, VAULT)).findings == (Finding(gone, 0, Flaw.WRITER_MISSING),)


async def test_a_check_while_writers_go_on_finds_nothing(db: Database, clock: FakeClock) -> None:
    audits = [Audit(db, VAULT, clock, Random(number)) for number in range(3)]

    async def write_on(audit: Audit) -> None:
        for _ in range(20):
            await write(audit, 5)

    writing = asyncio.gather(*(write_on(audit) for audit in audits))
    reports = [await verify(db, VAULT) for _ in range(10)]
    await writing

    assert [report.findings for report in reports] == [()] * 10
    await asyncio.gather(*(audit.close() for audit in audits))


async def test_rows_of_a_group_that_failed_are_written_later(db: Database, audit: Audit) -> None:
    await write(audit, 2)
    await change(db, "ALTER TABLE audit_seal RENAME TO away")
    audit.called(call(3))
    with pytest.raises(StoreError):
        await audit.flush()

    await change(db, "ALTER TABLE away RENAME TO audit_seal")
    audit.called(call(4))
    await audit.flush()

    assert len(await rows(db)) == 5
    assert await flaws(db) == []


class AnswerLost:
    """A database whose commits are done but whose next answer is lost, as when a connection breaks at the wrong moment."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.lose = False
        self.fetch = db.fetch

    async def commit(self, writes: list[Write]) -> list[list[Row]]:
        done = await self._db.commit(writes)
        if self.lose:
            self.lose = False
            raise StoreError("connection lost")
        return done


@pytest.mark.parametrize("before", [0, 2])
async def test_a_group_whose_answer_was_lost_is_not_written_twice(
    db: Database, clock: FakeClock, before: int
) -> None:
    unsteady = AnswerLost(db)
    audit = Audit(unsteady, VAULT, clock, Random(1))  # type: ignore[arg-type]
    await write(audit, before)
    unsteady.lose = True
    with pytest.raises(StoreError):
        await write(audit, 3)

    await write(audit, 1)
    await audit.close()

    assert len(await rows(db)) == 1 + before + 4
    assert await flaws(db) == []


@pytest.mark.parametrize("turns", [0, 1, 5])
async def test_a_flush_that_is_given_up_at_any_moment_writes_all_the_same(
    db: Database, audit: Audit, turns: int
) -> None:
    audit.called(call(1))
    task = asyncio.ensure_future(audit.flush())
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()

    await write(audit, 1)

    assert len(await rows(db)) == 3
    assert await flaws(db) == []


async def test_closing_writes_the_rest(db: Database, clock: FakeClock) -> None:
    audit = Audit(db, VAULT, clock, Random(1))
    audit.called(call(1))

    await audit.close()

    assert len(await rows(db)) == 2


async def test_calls_that_reached_the_platform_are_told_by_app_and_time(db: Database, audit: Audit) -> None:
    for record in (
        call(100, "a"),
        call(90, "too early"),
        call(300, "b", "unanswered"),
        call(200, "c", "refused", 15),
        call(210, "d", "not_sent", 7),
        call(220, "never left", "not_sent"),
        call(230, "another app", app="other"),
    ):
        audit.called(record)
    audit.acted("app", Act("an act"))
    await audit.flush()

    assert await calls_since(db, "app", 100) == [(150, "a"), (250, "c"), (260, "d"), (350, "b")]


@pytest.mark.parametrize("flaw", Flaw)
def test_every_flaw_has_words_for_people(flaw: Flaw) -> None:
    for lang in ("zh", "en"):
        assert "w-1" in text(f"guard.flaw.{flaw}", lang, writer="w-1", number=3)
