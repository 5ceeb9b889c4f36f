"""The end of a job is noticed once: no line of it goes on. The mark and its event are one commit.

Settling a line costs nothing more for it: whoever works looks at the few jobs that have no end yet.
"""

from typing import Any, cast

from onshelf.clock import Clock
from onshelf.errors import Conflict
from onshelf.events import JobEnded
from onshelf.jobs.job import JobState, job_state
from onshelf.store import log
from onshelf.store.db import Database, Write

_GOES_ON = (
    "EXISTS (SELECT 1 FROM job_line WHERE job_line.job_id = job.job_id"
    " AND job_line.state IN ('queued', 'running', 'waiting', 'paused'))"
)
_AT_ONCE = 100


async def note_ended(db: Database, clock: Clock) -> int:
    """Marks the jobs that have ended since the last look, and tells of each; returns how many."""
    rows = await db.fetch(
        f"SELECT job_id, kind, shop_id FROM job WHERE ended_us = 0 AND NOT {_GOES_ON} ORDER BY job_id LIMIT ?",  # noqa: S608
        (_AT_ONCE,),
    )
    count = 0
    for job_id, kind, shop_id in cast("list[tuple[str, str, str]]", rows):
        count += await _note(db, clock.now_us(), job_id, kind, shop_id)
    return count


async def _note(db: Database, now_us: int, job_id: str, kind: str, shop_id: str) -> int:
    lines = await db.fetch("SELECT state, COUNT(*) FROM job_line WHERE job_id = ? GROUP BY state", (job_id,))
    counts = {JobState(state): count for state, count in cast("list[tuple[Any, int]]", lines)}
    ended = JobEnded(
        shop_id,
        job_id,
        kind,
        job_state(counts).value,
        counts.get(JobState.SUCCEEDED, 0),
        counts.get(JobState.FAILED, 0),
        counts.get(JobState.CANCELLED, 0),
        now_us,
    )
    mark = f"UPDATE job SET ended_us = ? WHERE job_id = ? AND ended_us = 0 AND NOT {_GOES_ON}"  # noqa: S608
    try:
        await db.commit([Write(mark, (now_us, job_id), expect_rows=1), log.append(ended, now_us)])
    except Conflict:
        return 0  # another process told it, or a line goes on again
    return 1
