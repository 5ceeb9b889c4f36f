"""What became of a job, as a workbook: every line with its outcome."""

from collections.abc import AsyncIterator
from typing import Any

from onshelf.catalog.store import get_products
from onshelf.clock import BEIJING, from_us
from onshelf.jobs import lists
from onshelf.jobs.job import Job
from onshelf.jobs.lists import LineReport
from onshelf.jobs.outcome import said
from onshelf.listing.workbook import Cells, workbook
from onshelf.store.db import Database
from onshelf.texts import Lang, text

LINES_A_PAGE = 500
_COLUMNS = {"number": 8, "outer_id": 22, "title": 40, "state": 10, "what": 50, "remedy": 50, "item_id": 18,
            "attempt": 8, "changed": 20}  # fmt: skip
"""Text key under `listing.report.` -> width in characters."""


async def line_pages(db: Database, job_id: str, **wanted: Any) -> AsyncIterator[list[LineReport]]:
    """Reads the lines of a job, some hundred at a time; `wanted` as `lists.lines` takes it."""
    after = 0
    while page := await lists.lines(db, job_id, after=after, limit=LINES_A_PAGE, **wanted):
        after = page[-1].line.number
        yield page


async def report(db: Database, job: Job, lang: Lang) -> bytes:
    """Writes the report of a job."""
    return await workbook(
        text("listing.report.sheet", lang),
        [text(f"listing.report.{name}", lang) for name in _COLUMNS],
        _rows(db, job, lang),
        widths=list(_COLUMNS.values()),
        made=from_us(job.created_us),
    )


async def _rows(db: Database, job: Job, lang: Lang) -> AsyncIterator[list[Cells]]:
    async for page in line_pages(db, job.job_id):
        titles = await get_products(db, job.shop_id, [one.line.key for one in page])
        yield [
            _row(one, titles[one.line.key].product.title if one.line.key in titles else "", lang)
            for one in page
        ]


def _row(one: LineReport, title: str, lang: Lang) -> Cells:
    told = said(one.outcome, lang)
    return (
        one.line.number,
        one.line.key,
        title,
        text(f"jobs.state.{one.line.state}", lang),
        told.what,
        told.remedy,
        str(one.outcome.get("item_id") or ""),
        one.line.attempt,
        f"{from_us(one.changed_us).astimezone(BEIJING):%Y-%m-%d %H:%M:%S}",
    )
