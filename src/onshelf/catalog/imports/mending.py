"""One product of a checked import mended in place: cells written, its rows checked at once, and what hung on its old code."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import cast

from onshelf.catalog.imports import staging
from onshelf.catalog.imports.faulty import (
    Faulty,
    How,
    drop_faulty,
    faulty_by_code,
    get_faulty,
    mend_cells,
    recount,
    set_faulty,
)
from onshelf.catalog.imports.mend import Again, Reading, cells_of, check_again, group_of
from onshelf.catalog.imports.runs import Run
from onshelf.catalog.readers import Changes
from onshelf.store.db import Database, Write

TWICE = "outer_id_twice"


async def mend_product(
    db: Database,
    run: Run,
    faulty: Faulty,
    changes: Mapping[int, Changes],
    *,
    reading: Reading,
    how: How = How.WRITTEN,
) -> Faulty | None:
    """Writes into cells of a faulty product and checks it; returns what is still wrong with it, None when nothing is.

    `changes`: row -> field -> text; rows that are not the product's are passed over. The product that has its old code for
    itself now is checked again too.
    """
    own = {row: cells for row, cells in changes.items() if row in faulty.finding.rows}
    again = await _check_again(db, run, faulty, reading, own)
    kept = mend_cells(run.import_id, own, cells_of(faulty, reading.columns), how)
    await db.commit([*kept, *_settle(run, faulty, again), recount(run.import_id)])
    if faulty.finding.outer_id != again.outer_id:
        await _release(db, run, faulty.finding.outer_id, reading)
    return await get_faulty(db, run.import_id, faulty.finding.row) if again.finding else None


async def _check_again(
    db: Database, run: Run, faulty: Faulty, reading: Reading, changes: Mapping[int, Changes]
) -> Again:
    group = group_of(faulty, reading.columns, changes)
    plain = await asyncio.to_thread(check_again, group, reading, lambda _: 0)
    other = await _other_row(db, run, plain.outer_id, faulty.finding.row) if plain.outer_id else 0
    return await asyncio.to_thread(check_again, group, reading, lambda _: other) if other else plain


async def _other_row(db: Database, run: Run, outer_id: str, row: int) -> int:
    """Returns a row of the file with the same code that is not `row`; 0: there is none."""
    others = [one.finding.row for one in await faulty_by_code(db, run.import_id, outer_id)]
    aside = await db.fetch(
        "SELECT source FROM staged WHERE import_id = ? AND outer_id = ?", (run.import_id, outer_id)
    )
    others += [int(cast("str", source).rpartition(":")[2]) for (source,) in aside]
    return next((other for other in sorted(others) if other != row), 0)


async def _release(db: Database, run: Run, outer_id: str, reading: Reading) -> None:
    """Checks the product again that now has a code for itself."""
    left = await faulty_by_code(db, run.import_id, outer_id)
    if len(left) == 1 and any(fault.rule == TWICE for fault in left[0].finding.faults):
        again = await _check_again(db, run, left[0], reading, {})
        await db.commit([*_settle(run, left[0], again), recount(run.import_id)])


def _settle(run: Run, faulty: Faulty, again: Again) -> Sequence[Write]:
    """Writes down what a product came to when it was checked again."""
    old, row = faulty.finding, faulty.finding.row
    writes = [
        Write(
            "DELETE FROM staged WHERE import_id = ? AND outer_id = ? AND source = ?",
            (run.import_id, old.outer_id, f"{run.file}:{row}"),
        )
    ]
    if again.finding is None:
        writes += drop_faulty(run.import_id, row)
    else:
        writes += set_faulty(run.import_id, again.finding, faulty.lines)
    if again.product is not None:
        writes.append(staging.put_aside(run.import_id, again.product))
    return writes
