"""The queue over every database: claims, fences, holds, and only the drawn arrows."""

import asyncio
import contextlib
import random
from datetime import UTC, datetime

import pytest

from onshelf.clock import SECOND_US, FakeClock
from onshelf.errors import Conflict, LeaseLost
from onshelf.ids import JobId
from onshelf.jobs.job import ARROWS, Job, JobState, Line
from onshelf.jobs.queue import NewLine, Queue
from onshelf.store.db import Database, Write

LEASE_S = 60.0


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def queue(database: Database, clock: FakeClock) -> Queue:
    return Queue(database, clock, LEASE_S)


async def enqueue(
    queue: Queue, clock: FakeClock, name: str, *, lines: int = 3, shop: str = "a", kind: str = "publish"
) -> JobId:
    job = Job(JobId(name), kind, shop, JobState.QUEUED, clock.now_us(), "{}")
    await queue.db.commit(queue.enqueue(job, [NewLine(f"key-{n}") for n in range(1, lines + 1)]))
    return job.job_id


async def states(queue: Queue, job_id: JobId) -> list[str]:
    return [report.line.state.value for report in await queue.lines(job_id, limit=1000)]


async def test_lines_are_claimed_in_order_with_a_lease_a_fence_and_an_attempt(
    queue: Queue, clock: FakeClock
) -> None:
    await enqueue(queue, clock, "j1")

    lines = await queue.claim("publish", 2)

    assert [(line.number, line.key) for line in lines] == [(1, "key-1"), (2, "key-2")]
    assert {(line.fence, line.attempt, line.state) for line in lines} == {(1, 1, JobState.RUNNING)}
    assert lines[0].lease_until_us == clock.now_us() + LEASE_S * SECOND_US


async def test_a_claimed_line_is_not_claimed_again_while_its_lease_lasts(
    queue: Queue, clock: FakeClock
) -> None:
    await enqueue(queue, clock, "j1")
    await queue.claim("publish", 3)

    assert await queue.claim("publish", 3) == []


async def test_a_line_whose_lease_lapsed_is_claimed_by_another_and_the_first_can_write_nothing(
    queue: Queue, clock: FakeClock
) -> None:
    job_id = await enqueue(queue, clock, "j1", lines=1)
    [old] = await queue.claim("publish", 1)
    clock.jump(LEASE_S + 1)
    [new] = await queue.claim("publish", 1)

    with pytest.raises(Conflict):
        await queue.db.commit([queue.succeed(old, {"by": "old"})])
    with pytest.raises(LeaseLost):
        await queue.renew([old])
    await queue.db.commit([queue.succeed(new, {"by": "new"})])

    assert (new.fence, new.attempt) == (2, 2)
    assert [report.outcome for report in await queue.lines(job_id)] == [{"by": "new"}]


async def test_a_new_worker_takes_over_the_lines_of_a_dead_one_at_once(
    queue: Queue, clock: FakeClock
) -> None:
    await enqueue(queue, clock, "j1")
    (dead, *_) = await queue.claim("publish", 3)

    await queue.db.commit([queue.take_over()])

    assert [line.fence for line in await queue.claim("publish", 3)] == [2, 2, 2]
    with pytest.raises(Conflict):
        await queue.db.commit([queue.succeed(dead, {})])


async def test_a_renewed_lease_lasts_from_now(queue: Queue, clock: FakeClock) -> None:
    await enqueue(queue, clock, "j1", lines=1)
    lines = await queue.claim("publish", 1)
    clock.jump(LEASE_S - 1)

    [renewed] = await queue.renew(lines)
    clock.jump(LEASE_S - 1)

    assert renewed.lease_until_us == clock.now_us() + SECOND_US
    assert await queue.claim("publish", 1) == []


async def test_a_settled_line_cannot_be_settled_twice(queue: Queue, clock: FakeClock) -> None:
    await enqueue(queue, clock, "j1", lines=1)
    [line] = await queue.claim("publish", 1)
    await queue.db.commit([queue.succeed(line, {})])

    with pytest.raises(Conflict):
        await queue.db.commit([queue.fail(line, {})])


async def test_a_waiting_line_comes_back_at_its_time_and_before_fresh_ones(
    queue: Queue, clock: FakeClock
) -> None:
    await enqueue(queue, clock, "j1", lines=3)
    [line] = await queue.claim("publish", 1)
    await queue.db.commit([queue.wait(line, run_at_us=clock.now_us() + 5 * SECOND_US, outcome={"code": "x"})])
    [too_early] = await queue.claim("publish", 1)
    clock.jump(5)

    [in_time] = await queue.claim("publish", 1)

    assert too_early.number == 2
    assert (in_time.number, in_time.attempt) == (1, 2)


async def test_a_line_given_back_is_free_at_once_and_counts_no_attempt(
    queue: Queue, clock: FakeClock
) -> None:
    await enqueue(queue, clock, "j1", lines=1)
    [line] = await queue.claim("publish", 1)

    await queue.db.commit([queue.give_back(line)])

    [again] = await queue.claim("publish", 1)
    assert (again.fence, again.attempt) == (2, 1)


async def test_an_unfinished_unit_leaves_the_line_running(queue: Queue, clock: FakeClock) -> None:
    job_id = await enqueue(queue, clock, "j1", lines=2)
    first, second = await queue.claim("publish", 2)
    await queue.db.commit([queue.succeed(second, {})])

    with pytest.raises(Conflict) as lost:
        await queue.db.commit([queue.succeed(first, {}), queue.succeed(second, {})])

    assert lost.value.index == 1
    assert await states(queue, job_id) == ["running", "succeeded"]


async def test_the_same_key_twice_in_a_job_is_a_conflict(queue: Queue, clock: FakeClock) -> None:
    job = Job(JobId("j1"), "publish", "a", JobState.QUEUED, clock.now_us(), "{}")

    with pytest.raises(Conflict):
        await queue.db.commit(queue.enqueue(job, [NewLine("same"), NewLine("same")]))

    assert await queue.job(job.job_id) is None


async def test_a_paused_job_gives_no_lines_and_goes_on_when_resumed(queue: Queue, clock: FakeClock) -> None:
    job_id = await enqueue(queue, clock, "j1")
    paused = await queue.pause(job_id)
    while_paused = await queue.claim("publish", 3)

    resumed = await queue.resume(job_id)

    assert paused is not None
    assert paused.state is JobState.PAUSED
    assert while_paused == []
    assert resumed is not None
    assert resumed.state is JobState.QUEUED
    assert len(await queue.claim("publish", 3)) == 3


async def test_a_running_line_of_a_paused_job_pauses_when_it_would_wait(
    queue: Queue, clock: FakeClock
) -> None:
    job_id = await enqueue(queue, clock, "j1", lines=2)
    first, second = await queue.claim("publish", 2)
    await queue.pause(job_id)

    await queue.db.commit([queue.wait(first, run_at_us=0, outcome={}), queue.succeed(second, {})])

    assert await states(queue, job_id) == ["paused", "succeeded"]


async def test_a_cancelled_job_ends_and_cannot_be_resumed(queue: Queue, clock: FakeClock) -> None:
    job_id = await enqueue(queue, clock, "j1", lines=3)
    first, second = await queue.claim("publish", 2)
    await queue.cancel(job_id)
    await queue.db.commit([queue.wait(first, run_at_us=0, outcome={}), queue.succeed(second, {})])

    resumed = await queue.resume(job_id)

    assert await states(queue, job_id) == ["cancelled", "succeeded", "cancelled"]
    assert resumed is not None
    assert resumed.state is JobState.CANCELLED


async def test_lines_of_a_dead_worker_in_a_held_job_are_reaped_and_not_run(
    queue: Queue, clock: FakeClock
) -> None:
    paused = await enqueue(queue, clock, "j1", lines=1)
    cancelled = await enqueue(queue, clock, "j2", lines=1)
    await queue.claim("publish", 2)
    await queue.pause(paused)
    await queue.cancel(cancelled)
    clock.jump(LEASE_S + 1)

    claimed = await queue.claim("publish", 2)
    await queue.reap()

    assert claimed == []
    assert await states(queue, paused) + await states(queue, cancelled) == ["paused", "cancelled"]


@pytest.mark.parametrize("held", ["job", "shop"])
async def test_an_open_line_that_slipped_past_a_hold_is_not_claimed_and_then_reaped(
    queue: Queue, clock: FakeClock, held: str
) -> None:
    job_id = await enqueue(queue, clock, "j1", lines=1)
    free = await enqueue(queue, clock, "j2", lines=1, shop="b")
    if held == "job":
        await queue.pause(job_id)
    else:
        await queue.db.commit(queue.pause_shop("a", "why"))
    await queue.db.commit([Write("UPDATE job_line SET state = 'waiting' WHERE job_id = ?", (job_id,))])

    claimed = await queue.claim("publish", 9, shop_id="a")
    await queue.reap()

    assert claimed == []
    assert await states(queue, job_id) + await states(queue, free) == ["paused", "queued"]


async def test_two_workers_that_claim_at_once_share_no_line(
    queue: Queue, database: Database, clock: FakeClock
) -> None:
    await enqueue(queue, clock, "j1", lines=200)
    other = Queue(database, clock, LEASE_S)

    batches = await asyncio.gather(*(worker.claim("publish", 7) for worker in [queue, other] * 20))
    batches.append(await queue.claim("publish", 200))

    assert sorted(line.number for batch in batches for line in batch) == list(range(1, 201))


async def test_failed_lines_are_queued_again_on_request_with_attempts_from_one(
    queue: Queue, clock: FakeClock
) -> None:
    job_id = await enqueue(queue, clock, "j1", lines=2)
    first, second = await queue.claim("publish", 2)
    await queue.db.commit([queue.fail(first, {"code": "x"}), queue.succeed(second, {})])
    before = await queue.job(job_id)

    await queue.retry_failed(job_id)

    assert before is not None
    assert before.state is JobState.FAILED
    [again] = await queue.claim("publish", 2)
    assert (again.number, again.attempt, again.fence) == (1, 1, 2)


async def test_a_held_shop_pauses_its_jobs_old_and_new_and_no_other_shop(
    queue: Queue, clock: FakeClock
) -> None:
    old = await enqueue(queue, clock, "j1", shop="a")
    await queue.db.commit(queue.pause_shop("a", "shops.expired"))
    new = await enqueue(queue, clock, "j2", shop="a")
    await enqueue(queue, clock, "j3", shop="b", lines=1)

    claimed = await queue.claim("publish", 10)

    assert [line.shop_id for line in claimed] == ["b"]
    assert await states(queue, old) + await states(queue, new) == ["paused"] * 6
    assert await queue.held_shops() == {"a": ["shops.expired"]}


async def test_resuming_a_shop_leaves_the_jobs_a_person_paused(queue: Queue, clock: FakeClock) -> None:
    by_person = await enqueue(queue, clock, "j1", shop="a", lines=1)
    by_token = await enqueue(queue, clock, "j2", shop="a", lines=1)
    await queue.pause(by_person)
    await queue.db.commit(queue.pause_shop("a", "shops.expired"))
    while_held = await queue.resume(by_person)
    await queue.pause(by_person)

    await queue.db.commit(queue.resume_shop("a", "shops.expired"))

    assert while_held is not None
    assert while_held.state is JobState.PAUSED
    assert await states(queue, by_person) + await states(queue, by_token) == ["paused", "queued"]


async def test_a_shop_held_for_two_reasons_goes_on_when_both_are_lifted(
    queue: Queue, clock: FakeClock
) -> None:
    job_id = await enqueue(queue, clock, "j1", shop="a", lines=1)
    await queue.db.commit(queue.pause_shop("a", "shops.expired") + queue.pause_shop("a", "shops.paused"))

    await queue.db.commit(queue.resume_shop("a", "shops.expired"))
    after_one = await states(queue, job_id)
    await queue.db.commit(queue.resume_shop("a", "shops.paused"))

    assert after_one == ["paused"]
    assert await states(queue, job_id) == ["queued"]


async def test_due_tells_each_shop_s_first_time(queue: Queue, clock: FakeClock) -> None:
    await enqueue(queue, clock, "j1", shop="a", lines=1)
    await enqueue(queue, clock, "j2", shop="b", lines=2)
    await enqueue(queue, clock, "j3", shop="c", lines=1, kind="other")
    now_us = clock.now_us()
    await queue.claim("publish", 1, shop_id="a")

    due = {shop.shop_id: shop.at_us for shop in await queue.due("publish")}

    assert due == {"a": now_us + LEASE_S * SECOND_US, "b": now_us}


async def test_lines_are_paged_and_filtered(queue: Queue, clock: FakeClock) -> None:
    job_id = await enqueue(queue, clock, "j1", lines=5)
    await queue.claim("publish", 2)

    page = await queue.lines(job_id, state=JobState.QUEUED, after=3, limit=1)

    assert [report.line.number for report in page] == [4]
    assert await queue.counts(job_id) == {JobState.RUNNING: 2, JobState.QUEUED: 3}


async def test_jobs_are_listed_newest_first_by_kind_and_shop(queue: Queue, clock: FakeClock) -> None:
    for name, shop in (("j1", "a"), ("j2", "b"), ("j3", "a")):
        await enqueue(queue, clock, name, shop=shop, lines=1)
        clock.jump(1)

    assert [job.job_id for job in await queue.jobs()] == ["j3", "j2", "j1"]
    assert [job.job_id for job in await queue.jobs(shop_id="a", kind="publish")] == ["j3", "j1"]
    assert await queue.job(JobId("none")) is None


@pytest.mark.parametrize("seed", range(8))
async def test_every_change_of_a_line_is_a_drawn_arrow(queue: Queue, clock: FakeClock, seed: int) -> None:
    """Random people and workers act on one job; each line's state is compared after each act."""
    rng = random.Random(seed)
    job_id = await enqueue(queue, clock, "j1", lines=4)
    claimed: list[Line] = []
    before = await states(queue, job_id)

    for _ in range(80):
        await _act(queue, clock, job_id, rng, claimed)
        after = await states(queue, job_id)
        for old, new in zip(before, after, strict=True):
            assert old == new or JobState(new) in ARROWS[JobState(old)]
        before = after


async def _act(
    queue: Queue, clock: FakeClock, job_id: JobId, rng: random.Random, claimed: list[Line]
) -> None:
    act = rng.randrange(12)
    if act < 4:
        claimed += await queue.claim("publish", rng.randint(1, 3))
    elif act == 4:
        await (queue.pause(job_id) if rng.random() < 0.8 else queue.cancel(job_id))
    elif act == 5:
        await queue.resume(job_id)
    elif act == 6:
        await queue.retry_failed(job_id)
    elif act == 7:
        held = await queue.held_shops()
        await queue.db.commit(queue.resume_shop("a", "why") if held else queue.pause_shop("a", "why"))
    elif act == 8:
        clock.jump(LEASE_S / 2)
        await queue.reap()
    elif claimed:
        line = claimed.pop(rng.randrange(len(claimed)))
        wait = queue.wait(line, run_at_us=clock.now_us(), outcome={})
        write = rng.choice([queue.succeed(line, {}), queue.fail(line, {}), wait, queue.give_back(line)])
        with contextlib.suppress(Conflict):
            await queue.db.commit([write])
