"""The calls of the last day by minute, followed over every database without reading the day again."""

from datetime import UTC, datetime
from random import Random

from onshelf.clock import FakeClock
from onshelf.guard.audit import HOUR_US, Audit, lanes_since
from onshelf.guard.vault import Vault
from onshelf.platforms.port import CallRecord
from onshelf.shops.quota.minutes import MINUTE_US, CallMinutes
from onshelf.store.db import Database


def called(
    clock: FakeClock,
    method: str,
    *,
    app_key: str = "app",
    outcome: str = "ok",
    code: int = 0,
    lane: str = "",
) -> CallRecord:
    return CallRecord(
        at_us=clock.now_us(),
        took_us=1000,
        app_key=app_key,
        shop_id="a",
        method=method,
        outcome=outcome,
        platform_code=code,
        sub_code="",
        request_id="",
        request_digest=b"",
        lane=lane,
    )


async def test_minutes_are_followed_and_those_of_yesterday_forgotten(database: Database) -> None:
    clock = FakeClock(datetime(2026, 11, 10, 4, 0, 1, tzinfo=UTC), busy=database.busy)
    audit = Audit(database, Vault([b"k" * 32]), clock, Random(1))
    minutes = CallMinutes(database, audit, clock)
    first = clock.now_us() // MINUTE_US
    audit.called(called(clock, "a.b"))
    audit.called(called(clock, "a.b"))
    audit.called(called(clock, "a.b", app_key="other"))
    audit.called(called(clock, "a.b", outcome="not_sent"))
    at_first = await minutes.of("app")
    await clock.sleep(10 * 60)
    audit.called(called(clock, "c.d"))
    later = await minutes.of("app")
    again = await minutes.of("app")
    await clock.sleep(24 * 3600 - 5 * 60)
    next_day = await minutes.of("app")
    await audit.close()

    assert at_first == {first: {"a.b": 2}}
    assert later == again == {first: {"a.b": 2}, first + 10: {"c.d": 1}}
    assert next_day == {first + 10: {"c.d": 1}}


async def test_a_late_call_of_a_past_minute_is_still_counted(database: Database) -> None:
    clock = FakeClock(datetime(2026, 11, 10, 4, 0, 1, tzinfo=UTC), busy=database.busy)
    audit = Audit(database, Vault([b"k" * 32]), clock, Random(1))
    minutes = CallMinutes(database, audit, clock)
    slow = called(clock, "a.b")
    await clock.sleep(90)
    await minutes.of("app")
    audit.called(slow)
    found = await minutes.of("app")
    await audit.close()

    assert sum(calls.total() for calls in found.values()) == 1


async def test_what_calls_were_for_is_counted_by_the_hour_and_over_processes(database: Database) -> None:
    clock = FakeClock(datetime(2026, 11, 10, 4, 0, 1, tzinfo=UTC), busy=database.busy)
    first, second = (Audit(database, Vault([b"k" * 32]), clock, Random(seed)) for seed in (1, 2))
    first.called(called(clock, "a.b", lane="polls"))
    first.called(called(clock, "a.b", lane="polls", outcome="not_sent"))
    first.called(called(clock, "a.b", app_key="other", lane="polls"))
    await first.close()
    await clock.sleep(2 * 3600)
    second.called(called(clock, "c.d", lane="listing"))
    second.called(called(clock, "c.d", lane="polls", outcome="not_sent", code=7))
    second.called(called(clock, "c.d"))
    await second.close()

    assert await lanes_since(database, "app", clock.now_us() - 24 * HOUR_US) == {"polls": 2, "listing": 1}
    assert await lanes_since(database, "app", clock.now_us() - HOUR_US) == {"polls": 1, "listing": 1}
