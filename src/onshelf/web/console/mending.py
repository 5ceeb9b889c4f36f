"""What is done on the page of a checked import: cells mended, suggestions accepted, words mapped, and any of it undone."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from onshelf import acts
from onshelf.catalog.amounts import is_number
from onshelf.catalog.imports.corrections import corrections
from onshelf.catalog.imports.faulty import (
    How,
    count_mended,
    count_rules,
    get_faulty,
    list_mended,
    restore_cell,
    restore_cells,
)
from onshelf.catalog.imports.orders import Order
from onshelf.catalog.imports.runs import Run
from onshelf.catalog.readers import understand
from onshelf.catalog.store import load_profile
from onshelf.guard.roles import Permission
from onshelf.web import keeping
from onshelf.web.console.import_view import FaultyView, key_of
from onshelf.web.console.imports import WAITS_S, Brings, Reads, back_to, run_of
from onshelf.web.console.sign_in import views_of
from onshelf.web.console.visit import Opens, Visit
from onshelf.web.paging import cursor_text, place_of
from onshelf.web.problem import Problem

router = APIRouter(prefix="/shops/{shop}/imports")
Word = Annotated[str, Form(max_length=200)]
Cell = Annotated[str, Form(max_length=100_000)]
CHANGES_SHOWN = 100


@router.post("/{import_id}/mend")
async def mend(
    shop: str, import_id: str, request: Request, visit: Brings,
    row: Annotated[int, Form()], key: Word, value: Cell = "", accept: Word = "",
) -> Response:  # fmt: skip
    """Writes one cell, or accepts what was suggested for it, and shows what is still wrong with the product."""
    app = visit.door.app
    run = await run_of(visit, shop, import_id)
    columns, prices = understand(run.header, run.chosen), (await load_profile(app.db, shop)).price_rule
    faulty = await get_faulty(app.db, import_id, row)
    found = (
        next((one for one in corrections(faulty, columns, prices) if key_of(one) == key), None)
        if faulty
        else None
    )
    left = faulty
    if found is not None and found.rows:
        changes, how = (found.changes, How.ACCEPTED) if accept else (found.writing(value), How.WRITTEN)
        left = await app.imports.mend(run, row, changes, how)
        visit.door.acted(acts.import_mended(run, row=row, field=found.field))
    run = await run_of(visit, shop, import_id)
    stopped = left is not None and left.finding.stopped
    return views_of(request).page(
        request,
        "import_mended.html",
        visit,
        shop=shop,
        run=run,
        row=row,
        card=FaultyView.of(left, columns, prices) if left is not None and stopped else None,
        counts=await count_rules(app.db, import_id),
        outlook=await app.imports.outlook(run),
        mended=await count_mended(app.db, import_id),
    )


@router.post("/{import_id}/accept")
async def accept(shop: str, import_id: str, request: Request, visit: Brings, rule: Word = "") -> Response:
    """Accepts what is suggested for all products that break a rule, or any rule."""
    return await _mend_alike(
        request, visit, await run_of(visit, shop, import_id), Order("accept", rule or None)
    )


@router.post("/{import_id}/write-all")
async def write_everywhere(
    shop: str, import_id: str, request: Request, visit: Brings, rule: Word, bad: Cell = "", value: Cell = ""
) -> Response:
    """Writes one value for all products with the same fault in the same words."""
    order = Order("write", rule, bad=bad, value=value)
    return await _mend_alike(request, visit, await run_of(visit, shop, import_id), order)


@router.get("/{import_id}/changes")
async def changes(
    shop: str, import_id: str, request: Request, visit: Reads, cursor: str | None = None
) -> Response:
    """Lists the cells that say something else than the file, each with what the file says."""
    run, db = await run_of(visit, shop, import_id), visit.door.app.db
    after = place_of(cursor, int, str) or (0, "")
    found = await list_mended(db, import_id, after=after, limit=CHANGES_SHOWN + 1)
    shown = found[:CHANGES_SHOWN]
    more = cursor_text((shown[-1].row, shown[-1].field)) if len(found) > CHANGES_SHOWN else ""
    return views_of(request).page(
        request, "import_changes.html", visit, current="products", tab="imports", shop=shop, run=run,
        problem=None, changes=shown, mended=await count_mended(db, import_id), more=more,
    )  # fmt: skip


@router.post("/{import_id}/restore")
async def restore(
    shop: str,
    import_id: str,
    request: Request,
    visit: Brings,
    row: Annotated[int, Form()] = 0,
    field: Word = "",
) -> Response:
    """Lets a cell say again what its file says; without a row all cells whose suggestion was accepted."""
    run = await run_of(visit, shop, import_id)
    cells = restore_cell(import_id, row, field) if row else restore_cells(import_id, How.ACCEPTED)
    await visit.door.app.imports.restore(run, cells, within_s=WAITS_S)
    visit.door.acted(acts.import_restored(run, row=row, field=field))
    return back_to(request, run, did="restored")


@router.post("/{import_id}/map")
async def map_word(
    shop: str,
    import_id: str,
    request: Request,
    visit: Annotated[Visit, Opens(Permission.APPROVE)],
    word: Word,
    value: Word = "",
) -> Response:
    """Puts a word of the file into the shop's profile as the name of a leaf category, and checks the file again."""
    app, run = visit.door.app, await run_of(visit, shop, import_id)
    if not is_number(value) or not int(value):
        raise Problem(422, "no_leaf", word=word)
    before = await load_profile(app.db, shop)
    after = msgspec.structs.replace(before, categories={**before.categories, word: int(value)})
    await keeping.set_profile(visit.door, shop, before, after)
    await app.imports.begin_check(run, within_s=WAITS_S)
    return back_to(request, run, did="mapped", count=1)


async def _mend_alike(request: Request, visit: Visit, run: Run, order: Order) -> Response:
    count = await visit.door.app.imports.mend_alike(run, order, within_s=WAITS_S)
    visit.door.acted(acts.import_mended(run, rule=order.rule, count=count))
    if count is None:
        return back_to(request, run)
    return back_to(request, run, did="accepted" if order.do == "accept" else "written", count=count)
