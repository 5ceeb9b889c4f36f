"""All the open work of one shop: how much there is, how much of it is still to do, and its end when the shop leaves."""

from typing import cast

from onshelf.jobs import statements as sql
from onshelf.store.db import Database, Write
from onshelf.store.sql import marks

_OPEN = "('queued', 'waiting', 'running', 'paused')"
_GOES_ON = "('queued', 'waiting', 'running')"


async def open_work(db: Database, shop_id: str) -> tuple[int, int]:
    """Counts the jobs of a shop that have open lines, and those lines."""
    rows = await db.fetch(
        f"SELECT count(DISTINCT job.job_id), count(*) FROM job JOIN job_line USING (job_id) "  # noqa: S608
        f"WHERE job.shop_id = ? AND job_line.state IN {_OPEN}",
        (shop_id,),
    )
    return cast("tuple[int, int]", rows[0])


async def lines_to_go(db: Database, kind: str, shop_ids: frozenset[str]) -> dict[str, int]:
    """Counts, by job, the lines of a kind that go on by themselves; jobs without one are absent."""
    if not shop_ids:
        return {}
    rows = await db.fetch(
        f"SELECT job_id, count(*) FROM job_line WHERE kind = ? AND shop_id IN ({marks(shop_ids)}) AND state IN {_GOES_ON} "  # noqa: S608
        "GROUP BY job_id ORDER BY job_id",
        (kind, *sorted(shop_ids)),
    )
    return dict(cast("list[tuple[str, int]]", rows))


def cancel(shop_id: str, now_us: int) -> list[Write]:
    """Ends all open work of a shop for good: open lines now, running ones at their next step; lifts what held the shop."""
    open_line = f"SELECT 1 FROM job_line WHERE job_line.job_id = job.job_id AND job_line.state IN {_OPEN}"  # noqa: S608
    return [
        Write(
            f"UPDATE job SET held = 'cancelled' WHERE shop_id = ? AND EXISTS ({open_line})",  # noqa: S608
            (shop_id,),
        ),
        sql.move(
            "'cancelled'", f"{sql.OF_SHOP} AND state IN ('queued', 'waiting', 'paused')", shop_id, now_us
        ),
        Write("DELETE FROM held_shop WHERE shop_id = ?", (shop_id,)),
    ]
