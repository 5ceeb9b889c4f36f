"""Workers are killed (-9) while they drain: no line is lost, none is settled twice, and the lock of the home is free again."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from onshelf.clock import SystemClock
from onshelf.ids import JobId
from onshelf.jobs.home import HomeLock
from onshelf.jobs.job import Job, JobState
from onshelf.jobs.queue import NewLine, Queue
from onshelf.store.db import Write
from onshelf.store.migrate import migrate
from onshelf.store.open import open_database

LINES = 600
KILLS = 4
LEASE_S = 0.5
JOB = JobId("j1")

CHILD = """
import asyncio, random, sys
from pathlib import Path
from onshelf.clock import SystemClock
from onshelf.jobs.drain import Drain
from onshelf.jobs.home import HomeLock
from onshelf.jobs.queue import Queue
from onshelf.jobs.waker import LocalWaker
from onshelf.store.db import Write
from onshelf.store.open import open_database

class Settles:
    def __init__(self, queue):
        self.queue = queue

    async def run(self, lines):
        for line in lines:
            mark = Write("INSERT INTO done (number) VALUES (?)", (line.number,))
            await self.queue.db.commit([mark, self.queue.succeed(line, {})])

async def main(home, lease_s):
    clock = SystemClock()
    queue = Queue(await open_database(str(home / "onshelf.db")), clock, lease_s)
    drain = Drain(queue, {"mark": Settles(queue)}, clock, LocalWaker(),
                  random=random.Random(1), batch=20, parallel=3, tick_s=0.05)
    print("ready", flush=True)
    await drain.until_ended("j1", asyncio.Event())
    await queue.db.close()

with HomeLock(Path(sys.argv[1])):
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2])))
"""


async def _prepare(home: Path) -> None:
    db = await open_database(str(home / "onshelf.db"))
    await migrate(db)
    clock = SystemClock()
    job = Job(JOB, "mark", "a", JobState.QUEUED, clock.now_us(), "{}")
    lines = [NewLine(str(number)) for number in range(LINES)]
    await db.commit([Write("CREATE TABLE done (number BIGINT NOT NULL)")])
    await db.commit(Queue(db, clock, LEASE_S).enqueue(job, lines))
    await db.close()


async def _look(home: Path) -> tuple[dict[JobState, int], list[int]]:
    db = await open_database(str(home / "onshelf.db"))
    counts = await Queue(db, SystemClock(), LEASE_S).counts(JOB)
    done = [int(str(row[0])) for row in await db.fetch("SELECT number FROM done ORDER BY number")]
    await db.close()
    return counts, done


def _start(home: Path) -> "subprocess.Popen[bytes]":
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(home), str(LEASE_S)], stdout=subprocess.PIPE, env=os.environ
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"ready\n"
    return child


def test_killed_workers_lose_no_line_and_settle_none_twice(tmp_path: Path) -> None:
    asyncio.run(_prepare(tmp_path))
    seed = random.randrange(1 << 32)
    rng = random.Random(seed)

    left_running = 0
    for _ in range(KILLS):
        with _start(tmp_path) as child:
            time.sleep(rng.uniform(0.0, 0.06))  # the random point of the kill, not a wait for anything
            child.send_signal(signal.SIGKILL)
        lock = HomeLock(tmp_path)
        assert lock.try_acquire()
        lock.release()
        left_running += asyncio.run(_look(tmp_path))[0].get(JobState.RUNNING, 0)
    with _start(tmp_path) as last:
        assert last.wait(timeout=60) == 0

    counts, done = asyncio.run(_look(tmp_path))
    assert counts == {JobState.SUCCEEDED: LINES}, f"seed {seed}"
    assert done == list(range(1, LINES + 1)), f"seed {seed}"
    assert left_running, f"no kill came in the middle of the work: seed {seed}"
