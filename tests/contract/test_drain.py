"""The worker over every database: batches, fairness, stopping, and what a raised error leaves behind."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from random import Random

import pytest

from onshelf.clock import SystemClock
from onshelf.errors import BusinessFault, NotSent, SessionExpired
from onshelf.ids import JobId
from onshelf.jobs.drain import Drain
from onshelf.jobs.failure import HELD_EXPIRED
from onshelf.jobs.job import Job, JobState, Line
from onshelf.jobs.queue import NewLine, Queue
from onshelf.jobs.waker import LocalWaker
from onshelf.store.db import Database

CLOCK = SystemClock()
PATIENCE_S = 60  # for what takes milliseconds on a machine with nothing else to do


@pytest.fixture
def queue(database: Database) -> Queue:
    return Queue(database, CLOCK, lease_s=60)


class Works:
    """A handler that runs `act` on each batch, then settles every line well."""

    def __init__(self, queue: Queue, act: Callable[[Sequence[Line]], Awaitable[None]] | None = None) -> None:
        self.batches: list[list[int]] = []
        self._queue = queue
        self._act = act

    async def run(self, lines: Sequence[Line]) -> None:
        self.batches.append([line.number for line in lines])
        if self._act:
            await self._act(lines)
        await self._queue.db.commit([self._queue.succeed(line, {"code": "done"}) for line in lines])


def drain(queue: Queue, handler: Works, *, batch: int = 4, parallel: int = 2) -> Drain:
    return Drain(
        queue,
        {"publish": handler},
        CLOCK,
        LocalWaker(),
        random=Random(1),
        batch=batch,
        parallel=parallel,
        tick_s=0.02,
    )


async def enqueue(queue: Queue, name: str, *, lines: int, shop: str = "a") -> JobId:
    job = Job(JobId(name), "publish", shop, JobState.QUEUED, CLOCK.now_us(), "{}")
    await queue.db.commit(queue.enqueue(job, [NewLine(f"key-{n}") for n in range(1, lines + 1)]))
    return job.job_id


async def test_a_job_is_worked_off_in_batches_until_it_has_ended(queue: Queue) -> None:
    job_id = await enqueue(queue, "j1", lines=10)
    handler = Works(queue)

    state = await drain(queue, handler).until_ended(job_id, asyncio.Event())

    assert state is JobState.SUCCEEDED
    assert sorted(number for batch in handler.batches for number in batch) == list(range(1, 11))
    assert sorted(map(len, handler.batches)) == [2, 4, 4]


async def test_several_batches_are_in_flight_but_no_more_than_the_shop_may_have(queue: Queue) -> None:
    await enqueue(queue, "j1", lines=20)
    begun, go_on, stop = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def wait(_: Sequence[Line]) -> None:
        if len(handler.batches) == 2:
            begun.set()
        await go_on.wait()

    handler = Works(queue, wait)
    running = asyncio.create_task(drain(queue, handler, batch=3, parallel=2).run(stop))
    await asyncio.wait_for(begun.wait(), PATIENCE_S)
    await asyncio.sleep(0)

    assert handler.batches == [[1, 2, 3], [4, 5, 6]]
    assert not running.done()
    await end(running, stop, go_on)


async def test_a_shop_that_hangs_holds_up_no_other(queue: Queue) -> None:
    await enqueue(queue, "j1", lines=100, shop="hangs")
    quick = await enqueue(queue, "j2", lines=10, shop="quick")
    go_on, stop = asyncio.Event(), asyncio.Event()

    async def hang(lines: Sequence[Line]) -> None:
        if lines[0].shop_id == "hangs":
            await go_on.wait()

    worker = drain(queue, Works(queue, hang), batch=2, parallel=1)
    running = asyncio.create_task(worker.run(stop))

    await asyncio.wait_for(ended(queue, quick), PATIENCE_S)

    assert await queue.counts(quick) == {JobState.SUCCEEDED: 10}
    assert not running.done()
    await end(running, stop, go_on)


async def test_a_woken_worker_finds_what_was_enqueued_while_it_rested(queue: Queue) -> None:
    waker, stop = LocalWaker(), asyncio.Event()
    worker = Drain(queue, {"publish": Works(queue)}, CLOCK, waker, random=Random(1), tick_s=3600)
    task = asyncio.create_task(worker.run(stop))
    job_id = await enqueue(queue, "j1", lines=1)

    waker.wake()
    await asyncio.wait_for(ended(queue, job_id), PATIENCE_S)

    stop.set()
    await asyncio.wait_for(task, PATIENCE_S)


async def test_stopping_lets_the_batch_in_flight_end_and_leaves_the_rest_queued(queue: Queue) -> None:
    job_id = await enqueue(queue, "j1", lines=10)
    stop = asyncio.Event()

    async def stop_in_flight(_: Sequence[Line]) -> None:
        stop.set()

    await drain(queue, Works(queue, stop_in_flight), batch=4, parallel=1).run(stop)

    assert await queue.counts(job_id) == {JobState.SUCCEEDED: 4, JobState.QUEUED: 6}


async def test_what_a_stopped_handler_leaves_is_given_back_at_once(queue: Queue) -> None:
    job_id = await enqueue(queue, "j1", lines=3)
    stop = asyncio.Event()

    class Leaves(Works):
        async def run(self, lines: Sequence[Line]) -> None:
            stop.set()
            await queue.db.commit([queue.succeed(lines[0], {})])

    await drain(queue, Leaves(queue)).run(stop)

    assert await queue.counts(job_id) == {JobState.SUCCEEDED: 1, JobState.QUEUED: 2}
    assert [line.attempt for line in await queue.claim("publish", 9)] == [1, 1]


async def test_a_refusal_fails_the_open_lines_of_the_batch_with_its_texts(queue: Queue) -> None:
    job_id = await enqueue(queue, "j1", lines=2)

    async def refuse(lines: Sequence[Line]) -> None:
        await queue.db.commit([queue.succeed(lines[0], {})])
        raise BusinessFault("taobao.item.add", "no", platform_code=15, sub_code="isv.x")

    state = await drain(queue, Works(queue, refuse)).until_ended(job_id, asyncio.Event())

    assert state is JobState.FAILED
    first, second = await queue.lines(job_id)
    assert (first.line.state, second.line.state) == (JobState.SUCCEEDED, JobState.FAILED)
    assert second.outcome["code"] == "errors.business_fault"


async def test_a_passing_fault_lets_the_lines_wait_and_then_succeed(queue: Queue) -> None:
    job_id = await enqueue(queue, "j1", lines=2)

    async def fail_once(lines: Sequence[Line]) -> None:
        if lines[0].attempt == 1:
            raise NotSent("taobao.item.add", "connect failed")

    state = await drain(queue, Works(queue, fail_once)).until_ended(job_id, asyncio.Event())

    assert state is JobState.SUCCEEDED
    assert [report.line.attempt for report in await queue.lines(job_id)] == [2, 2]


async def test_a_defect_of_a_handler_fails_its_lines_and_not_the_worker(queue: Queue) -> None:
    broken = await enqueue(queue, "j1", lines=1)
    sound = await enqueue(queue, "j2", lines=1)

    async def defect(lines: Sequence[Line]) -> None:
        if lines[0].job_id == broken:
            raise KeyError("surprise")

    worker = drain(queue, Works(queue, defect), batch=1)

    assert await worker.until_ended(broken, asyncio.Event()) is JobState.FAILED
    assert await worker.until_ended(sound, asyncio.Event()) is JobState.SUCCEEDED


async def test_a_dead_token_pauses_the_shop_and_the_work_goes_on_once_it_is_resumed(queue: Queue) -> None:
    job_id = await enqueue(queue, "j1", lines=5)
    dead = True

    async def expired(_: Sequence[Line]) -> None:
        if dead:
            raise SessionExpired("taobao.item.add", "invalid session", platform_code=27)

    worker = drain(queue, Works(queue, expired), batch=2, parallel=1)
    paused = await worker.until_ended(job_id, asyncio.Event())
    held = await queue.held_shops()
    dead = False
    await queue.db.commit(queue.resume_shop("a", HELD_EXPIRED))

    resumed = await worker.until_ended(job_id, asyncio.Event())

    assert (paused, held) == (JobState.PAUSED, {"a": [HELD_EXPIRED]})
    assert resumed is JobState.SUCCEEDED


async def test_no_job_of_that_name_is_told_as_none(queue: Queue) -> None:
    assert await drain(queue, Works(queue)).until_ended(JobId("none"), asyncio.Event()) is None


async def ended(queue: Queue, job_id: JobId) -> None:
    while await queue.has_open_lines(job_id):  # each look is a real round trip to the database
        pass


async def end(running: "asyncio.Task[None]", stop: asyncio.Event, go_on: asyncio.Event) -> None:
    """Lets a worker come to its end. To cancel all tasks would hit those in which the database gives its connections back."""
    stop.set()
    go_on.set()
    await asyncio.wait_for(running, PATIENCE_S)
