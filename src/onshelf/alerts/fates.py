"""What became of the messages to people, counted in the database."""

from typing import cast

from onshelf.jobs.job import JobState
from onshelf.store.db import Database


async def fates(db: Database) -> dict[tuple[str, JobState], int]:
    """Counts deliveries by receiver and state: succeeded means accepted by the channel, failed that it must be mended."""
    rows = await db.fetch("SELECT receiver, state, COUNT(*) FROM delivery GROUP BY receiver, state")
    return {(str(receiver), JobState(str(state))): cast("int", count) for receiver, state, count in rows}
