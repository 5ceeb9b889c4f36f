"""What is counted in the database for whoever watches over the service, over every backend."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from onshelf.alerts.fates import fates
from onshelf.clock import SECOND_US, FakeClock
from onshelf.events import ItemChanged
from onshelf.ids import JobId
from onshelf.jobs.depth import depth
from onshelf.jobs.job import Job, JobState
from onshelf.jobs.queue import NewLine, Queue
from onshelf.shops.push.counted import unhandled
from onshelf.store import log
from onshelf.store.db import Database
from onshelf.store.log import Message
from onshelf.watch.detection import Detections

CHANGE = ItemChanged(
    "店", 1, 2, "A-1", "连衣裙", "onsale", "instock", "sold_out", 0, 3 * SECOND_US, False, "push"
)


async def test_jobs_and_lines_are_counted_by_kind_and_state(database: Database) -> None:
    clock = FakeClock(datetime(2026, 1, 1, tzinfo=UTC))
    queue = Queue(database, clock, 60)
    for name, kind, lines in (("a", "publish", 3), ("b", "publish", 1), ("c", "call", 1)):
        job = Job(JobId(name), kind, "shop", JobState.QUEUED, clock.now_us(), "{}")
        await database.commit(queue.enqueue(job, [NewLine(f"key-{n}") for n in range(lines)]))
    first, second = await queue.claim("publish", 2)
    await database.commit([queue.succeed(first, {}), queue.fail(second, {})])
    (called,) = await queue.claim("call", 1)
    await database.commit([queue.succeed(called, {})])

    found = await depth(database)

    assert found.lines == {
        ("publish", "succeeded"): 1,
        ("publish", "failed"): 1,
        ("publish", "queued"): 2,
        ("call", "succeeded"): 1,
    }
    assert found.jobs == {("publish", "queued"): 2, ("call", "succeeded"): 1}


async def test_an_empty_home_has_no_counts(database: Database) -> None:
    found = await depth(database)

    assert (found.jobs, found.lines, await fates(database)) == ({}, {}, {})
    assert await unhandled(database) == {"waiting": 0, "failed": 0}


async def test_messages_nobody_has_handled_are_counted(database: Database) -> None:
    messages = [Message("app", "default", str(n), "taobao_item_ItemAdd", b"{}", 1) for n in range(4)]
    await database.commit(log.keep(messages))
    kept = await log.waiting(database, 2)

    await database.commit([log.handled(kept[0]), log.failed(kept[1])])

    assert await unhandled(database) == {"waiting": 2, "failed": 1}


async def test_detection_is_from_the_platforms_time_to_the_reply_that_told_us(database: Database) -> None:
    detections = Detections(database)
    await database.commit([log.append(CHANGE, 1)])
    await detections.read_on()
    assert not detections.by_evidence  # what was there before the first reading is past

    await database.commit([log.append(replace(CHANGE, version=n), n) for n in range(3, 1500)])
    await database.commit([log.append(replace(CHANGE, evidence="sweep", happened_us=2 * SECOND_US), 2)])
    await asyncio.gather(detections.read_on(), detections.read_on())  # two who ask at the same time

    spreads = {evidence: (sum(one.counts), one.sum_us) for evidence, one in detections.by_evidence.items()}
    assert spreads == {"push": (1497, 1497 * 3 * SECOND_US), "sweep": (1, SECOND_US)}


async def test_our_own_changes_first_sights_and_times_nobody_knows_are_no_detections(
    database: Database,
) -> None:
    detections = Detections(database)
    await detections.read_on()
    odd = [replace(CHANGE, ours=True), replace(CHANGE, old=""), replace(CHANGE, happened_us=CHANGE.seen_us)]

    await database.commit([log.append(one, 1) for one in odd])
    await detections.read_on()

    assert not detections.by_evidence
