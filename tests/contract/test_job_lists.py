"""Lists of jobs and lines over every database: filters, pages, causes; and acts of which one of two goes through."""

import asyncio
from collections import Counter
from datetime import UTC, datetime

import pytest

from onshelf.clock import SECOND_US, FakeClock
from onshelf.ids import JobId
from onshelf.jobs import lists
from onshelf.jobs.acts import Act, Verdict, act
from onshelf.jobs.job import Job, JobState, Line
from onshelf.jobs.lists import Wanted
from onshelf.jobs.queue import NewLine, Queue
from onshelf.store.db import Database, Write
from onshelf.store.rehearsal import Rehearsal

REFUSED = {"code": "errors.business_fault", "sub_code": "isv.title"}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def queue(database: Database, clock: FakeClock) -> Queue:
    return Queue(database, clock, 60.0)


async def enqueue(
    queue: Queue, clock: FakeClock, name: str, lines: int = 3, *, shop: str = "a", kind: str = "publish"
) -> JobId:
    job = Job(JobId(name), kind, shop, JobState.QUEUED, clock.now_us(), "{}", "person:lin")
    await queue.db.commit(queue.enqueue(job, [NewLine(f"key-{n}") for n in range(1, lines + 1)]))
    return job.job_id


async def claim_all(queue: Queue, shop: str = "a") -> list[Line]:
    return await queue.claim("publish", 1000, shop_id=shop)


async def ids(db: Database, wanted: Wanted) -> list[str]:
    return [listed.job.job_id for listed in await lists.jobs(db, wanted)]


async def test_jobs_are_found_by_the_state_that_their_lines_make(queue: Queue, clock: FakeClock) -> None:
    outcomes: dict[str, tuple[str, ...]] = {
        "failed": ("failed", "succeeded"),
        "queued": ("queued", "failed", "succeeded"),
        "running": ("running", "queued", "failed"),
        "waiting": ("waiting", "failed", "paused"),
        "paused": ("paused", "succeeded"),
        "cancelled": ("cancelled", "succeeded"),
        "succeeded": ("succeeded", "succeeded"),
    }
    for name, states in outcomes.items():
        await enqueue(queue, clock, name, len(states))
        for number, state in enumerate(states, 1):
            await queue.db.commit(
                [
                    Write(
                        "UPDATE job_line SET state = ? WHERE job_id = ? AND number = ?", (state, name, number)
                    )
                ]
            )

    for state in JobState:
        found = await lists.jobs(queue.db, Wanted(state=state))
        assert [(listed.job.job_id, listed.job.state) for listed in found] == [(state.value, state)]


async def test_pages_of_jobs_go_on_where_the_last_ended_though_times_are_equal(
    queue: Queue, clock: FakeClock
) -> None:
    for name in ("j1", "j2", "j3"):
        await enqueue(queue, clock, name, 1)
    clock.jump(1)
    await enqueue(queue, clock, "j0", 1)

    first = await lists.jobs(queue.db, Wanted(), limit=2)
    last = first[-1].job
    rest = await lists.jobs(queue.db, Wanted(), before=(last.created_us, last.job_id), limit=5)

    assert [listed.job.job_id for listed in (*first, *rest)] == ["j0", "j3", "j2", "j1"]


async def test_jobs_are_found_by_shop_kind_and_day(queue: Queue, clock: FakeClock) -> None:
    await enqueue(queue, clock, "old")
    clock.jump(100)
    since_us = clock.now_us()
    await enqueue(queue, clock, "new", shop="b")
    await enqueue(queue, clock, "call", 1, kind="call")

    assert await ids(queue.db, Wanted(since_us=since_us)) == ["new", "call"]
    assert await ids(queue.db, Wanted(shop_ids=("b",))) == ["new"]
    assert await ids(queue.db, Wanted(shop_ids=("a", "b"), kind="publish")) == ["new", "old"]
    assert await ids(queue.db, Wanted(shop_ids=())) == []


async def test_a_job_knows_who_started_it(queue: Queue, clock: FakeClock) -> None:
    job_id = await enqueue(queue, clock, "j1")

    found = await lists.job(queue.db, job_id)

    assert found is not None
    assert found.job.started_by == "person:lin"


async def test_lines_that_failed_alike_are_counted_together_and_found_again(
    queue: Queue, clock: FakeClock
) -> None:
    job_id = await enqueue(queue, clock, "j1", 6)
    one, two, three, four, five, _ = await claim_all(queue)
    late = clock.now_us() + 60 * SECOND_US
    await queue.db.commit(
        [
            queue.fail(one, REFUSED),
            queue.fail(two, {"code": "listing.held"}),
            queue.fail(three, REFUSED),
            queue.succeed(four, {"code": "listing.created"}),
            queue.wait(five, run_at_us=late, outcome={"code": "errors.quota_exceeded"}),
        ]
    )

    found = await lists.causes(queue.db, job_id)
    alike = await lists.lines(queue.db, job_id, state=JobState.FAILED, cause="isv.title")

    assert [(one.state, one.cause, one.lines, one.example.line.key) for one in found] == [
        ("failed", "isv.title", 2, "key-1"),
        ("failed", "listing.held", 1, "key-2"),
        ("waiting", "errors.quota_exceeded", 1, "key-5"),
    ]
    assert [report.line.key for report in alike] == ["key-1", "key-3"]


async def test_only_unfinished_lines_keep_their_keys_and_the_latest_job_has_them(
    queue: Queue, clock: FakeClock
) -> None:
    await enqueue(queue, clock, "j1", 2)
    done, _ = await claim_all(queue)
    await queue.db.commit([queue.succeed(done, {})])
    await enqueue(queue, clock, "j2", 3)

    assert await lists.open_keys(queue.db, "publish", "a") == {"key-1": "j2", "key-2": "j2", "key-3": "j2"}


async def test_of_two_who_pause_at_once_one_did_it(queue: Queue, clock: FakeClock) -> None:
    job_id = await enqueue(queue, clock, "j1")

    done = await asyncio.gather(*(act(queue, job_id, Act.PAUSE) for _ in range(2)))

    assert sorted(one.verdict for one in done if one) == [Verdict.ALREADY, Verdict.DONE]
    assert {one.listed.job.state for one in done if one} == {JobState.PAUSED}


async def test_a_pause_from_a_stale_page_does_nothing_to_a_job_that_has_ended(
    queue: Queue, clock: FakeClock
) -> None:
    job_id = await enqueue(queue, clock, "j1")
    await queue.db.commit([queue.succeed(line, {}) for line in await claim_all(queue)])

    done = await act(queue, job_id, Act.PAUSE)

    assert done is not None
    assert (done.verdict, done.listed.job.held) == (Verdict.ENDED, "")


async def test_a_job_of_a_held_shop_is_not_resumed_by_itself(queue: Queue, clock: FakeClock) -> None:
    job_id = await enqueue(queue, clock, "j1")
    await queue.db.commit(queue.pause_shop("a", "jobs.held.expired"))

    done = await act(queue, job_id, Act.RESUME)

    assert done is not None
    assert (done.verdict, done.listed.job.state) == (Verdict.SHOP_HELD, JobState.PAUSED)


async def test_a_retry_queues_what_failed_and_a_second_finds_nothing(queue: Queue, clock: FakeClock) -> None:
    job_id = await enqueue(queue, clock, "j1", 2)
    one, two = await claim_all(queue)
    await queue.db.commit([queue.fail(one, REFUSED), queue.succeed(two, {})])

    first, second = await act(queue, job_id, Act.RETRY), await act(queue, job_id, Act.RETRY)

    assert first is not None
    assert second is not None
    assert (first.verdict, second.verdict) == (Verdict.DONE, Verdict.NONE_FAILED)
    assert first.listed.counts == {JobState.QUEUED: 1, JobState.SUCCEEDED: 1}


async def test_a_rehearsed_act_is_judged_and_leaves_the_job_as_it_was(queue: Queue, clock: FakeClock) -> None:
    job_id = await enqueue(queue, clock, "j1")

    done = await act(Queue(Rehearsal(queue.db), clock, 60.0), job_id, Act.CANCEL)

    assert done is not None
    assert (done.verdict, done.listed.job.state) == (Verdict.DONE, JobState.QUEUED)


async def test_there_is_nothing_to_do_to_a_job_there_is_not(queue: Queue) -> None:
    assert await act(queue, JobId("none"), Act.PAUSE) is None


async def test_counts_are_those_of_the_lines_though_what_succeeded_is_not_walked_over(
    queue: Queue, clock: FakeClock
) -> None:
    large, small = await enqueue(queue, clock, "j1", 6), await enqueue(queue, clock, "j2", 1)
    one, two, three, *_ = await claim_all(queue)
    await queue.db.commit([queue.succeed(one, {}), queue.succeed(two, {}), queue.fail(three, REFUSED)])

    found = await lists.counts(queue.db, [large, small, "none"])

    by_lines = Counter(report.line.state for report in await lists.lines(queue.db, large))
    assert found == {large: dict(by_lines), small: {JobState.RUNNING: 1}, "none": {}}
    assert by_lines[JobState.SUCCEEDED] == 2


async def test_what_failed_is_left_until_it_ends_in_another_job_of_the_shop(
    queue: Queue, clock: FakeClock
) -> None:
    async def end(name: str, lines: int, failing: int, *, shop: str = "a") -> None:
        await enqueue(queue, clock, name, lines, shop=shop)
        claimed = await claim_all(queue, shop)
        ended = [
            queue.fail(line, REFUSED) if number < failing else queue.succeed(line, {})
            for number, line in enumerate(claimed)
        ]
        await queue.db.commit(ended)
        await clock.sleep(1)

    async def left() -> list[lists.LeftFailed]:
        return await lists.left_failed(queue.db, ["j1", "j2", "j3", "j4"], since_us=0)

    await end("j1", 3, 3)
    await end("j2", 1, 1)
    await end("j3", 2, 0, shop="b")
    assert await left() == [lists.LeftFailed("a", 3, 2, "j2")]
    await end("j4", 2, 0)
    assert await left() == [lists.LeftFailed("a", 1, 1, "j1")]
    assert await lists.left_failed(queue.db, [], since_us=0) == []
