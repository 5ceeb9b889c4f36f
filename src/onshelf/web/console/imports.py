"""The pages of imports: a file dropped on the page, what its columns are, its faults mended in place, and brought in."""

from collections.abc import AsyncIterator
from pathlib import PurePath
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from onshelf.catalog.amounts import is_number
from onshelf.catalog.checks import problem_of
from onshelf.catalog.corrections import corrections
from onshelf.catalog.faulty import (
    Faulty,
    How,
    count_mended,
    count_rules,
    get_faulty,
    list_faulty,
    list_mended,
    restore_cell,
    restore_cells,
)
from onshelf.catalog.orders import Order
from onshelf.catalog.readers import understand
from onshelf.catalog.readers.columns import CHOICES
from onshelf.catalog.report import failed_rows
from onshelf.catalog.runs import OPEN, Run, RunState, list_runs
from onshelf.catalog.store import load_profile, replace_profile
from onshelf.errors import Unreadable
from onshelf.guard.roles import Permission
from onshelf.texts import text
from onshelf.web.console.import_view import FaultyView, column_views, key_of, rule_views, still_missing
from onshelf.web.console.sign_in import views_of
from onshelf.web.console.visit import Opens, Visit
from onshelf.web.paging import cursor_text, place_of
from onshelf.web.problem import Problem

router = APIRouter(prefix="/shops/{shop}/imports")
Reads = Annotated[Visit, Opens(Permission.READ)]
Brings = Annotated[Visit, Opens(Permission.PRODUCTS)]
Word = Annotated[str, Form(max_length=200)]
Cell = Annotated[str, Form(max_length=100_000)]
RUNS_SHOWN = FAULTY_SHOWN = 20
_PIECE = 1 << 18
PICTURES = 100  # in one request
WAITS_S = 1.5
"""How long a page waits for a check; a longer one is shown while it goes on."""
CHANGES_SHOWN = 100
_LOOKED_AT = 50  # products among which one with a suggestion is looked for, for a rule's example
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("")
async def every(shop: str, request: Request, visit: Reads, before: str | None = None) -> Response:
    """Lists the imports of a shop, newest first, below the place where a file is dropped."""
    return await _list(shop, request, visit, before)


@router.post("")
async def upload(shop: str, request: Request, visit: Brings, file: UploadFile) -> Response:
    """Keeps a file and leads to the question what its columns are; where that was answered before, to its check."""
    imports = visit.door.app.imports
    try:
        kept = await imports.keep(shop, file.filename or "", _pieces(file), made_by=visit.door.who.name)
    except Unreadable as unreadable:
        return await _list(shop, request, visit, None, unreadable)
    run = kept.run
    visit.door.acted("import.uploaded", run.import_id, shop=shop, file=run.file)
    if kept.is_known and not kept.head.missing:
        await imports.begin_check(run, within_s=WAITS_S)
        return _back(request, run, did="known")
    return _back(request, run)


@router.post("/pictures")
async def take_pictures(
    shop: str, request: Request, visit: Brings, file: Annotated[list[UploadFile], File(max_length=PICTURES)]
) -> Response:
    """Keeps the pictures that the rows of a file name."""
    pictures = visit.door.app.pictures
    kept = [await pictures.keep(shop, one.filename or "", _pieces(one)) for one in file]
    good = sum(one.fault is None for one in kept)
    visit.door.acted("pictures.added", shop, count=good)
    if "hx-request" not in request.headers:
        return RedirectResponse(f"/shops/{_quoted(shop)}/imports", 303)
    bad = [one for one in kept if one.fault is not None]
    return views_of(request).page(request, "import_pictures.html", visit, good=good, bad=bad)


@router.get("/{import_id}")
async def show(
    shop: str,
    import_id: str,
    request: Request,
    visit: Reads,
    rule: str = "",
    after: int = 0,
    did: str = "",
    n: int = 0,
) -> Response:
    """Shows how far an import is: its columns, its faults, or what it came to."""
    return await _show(
        request, visit, await _run(visit, shop, import_id), rule=rule, after=after, did=did, count=n
    )


@router.post("/{import_id}/columns")
async def choose(shop: str, import_id: str, request: Request, visit: Brings) -> Response:
    """Takes the person's word for what the columns are, and checks the file at once."""
    run, imports = await _run(visit, shop, import_id), visit.door.app.imports
    form = await request.form()
    pairs = zip(form.getlist("header"), form.getlist("field"), strict=False)
    chosen = {str(header): str(field) for header, field in pairs if field in CHOICES}
    try:
        run, head = await imports.choose(run, chosen)
        if not head.missing:
            await imports.begin_check(run, within_s=WAITS_S)
    except Unreadable as unreadable:
        return await _show(request, visit, run, problem=unreadable)
    return _back(request, run)


@router.post("/{import_id}/check")
async def check(shop: str, import_id: str, request: Request, visit: Brings) -> Response:
    """Checks the file again, as after a change of the profile."""
    run = await _run(visit, shop, import_id)
    await visit.door.app.imports.begin_check(run, within_s=WAITS_S)
    return _back(request, run)


@router.post("/{import_id}/remap")
async def remap(shop: str, import_id: str, request: Request, visit: Brings) -> Response:
    """Goes back to the question what the columns are."""
    run = await _run(visit, shop, import_id)
    await visit.door.app.imports.choose(run, run.chosen)
    return _back(request, run)


@router.post("/{import_id}/mend")
async def mend(
    shop: str, import_id: str, request: Request, visit: Brings,
    row: Annotated[int, Form()], key: Word, value: Cell = "", accept: Word = "",
) -> Response:  # fmt: skip
    """Writes one cell, or accepts what was suggested for it, and shows what is still wrong with the product."""
    app = visit.door.app
    run = await _run(visit, shop, import_id)
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
        visit.door.acted("import.mended", import_id, row=row, field=found.field)
    run = await _run(visit, shop, import_id)
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
        request, visit, await _run(visit, shop, import_id), Order("accept", rule or None)
    )


@router.post("/{import_id}/write-all")
async def write_everywhere(
    shop: str, import_id: str, request: Request, visit: Brings, rule: Word, bad: Cell = "", value: Cell = ""
) -> Response:
    """Writes one value for all products with the same fault in the same words."""
    order = Order("write", rule, bad=bad, value=value)
    return await _mend_alike(request, visit, await _run(visit, shop, import_id), order)


@router.get("/{import_id}/changes")
async def changes(
    shop: str, import_id: str, request: Request, visit: Reads, cursor: str | None = None
) -> Response:
    """Lists the cells that say something else than the file, each with what the file says."""
    run, db = await _run(visit, shop, import_id), visit.door.app.db
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
    run = await _run(visit, shop, import_id)
    cells = restore_cell(import_id, row, field) if row else restore_cells(import_id, How.ACCEPTED)
    await visit.door.app.imports.restore(run, cells, within_s=WAITS_S)
    visit.door.acted("import.restored", import_id, row=row or None, field=field or None)
    return _back(request, run, did="restored")


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
    app, run = visit.door.app, await _run(visit, shop, import_id)
    if not is_number(value) or not int(value):
        raise Problem(422, "no_leaf", word=word)
    before = await load_profile(app.db, shop)
    after = msgspec.structs.replace(before, categories={**before.categories, word: int(value)})
    await app.db.commit(replace_profile(shop, before, after, app.clock.now_us()))
    visit.door.changed("shop.profile_set", shop, {word: before.categories.get(word)}, {word: int(value)})
    await app.imports.begin_check(run, within_s=WAITS_S)
    return _back(request, run, did="mapped", count=1)


@router.get("/{import_id}/failed-rows.xlsx")
async def workbook(shop: str, import_id: str, visit: Reads) -> Response:
    """Gives the faulty rows as a workbook with the reasons."""
    run = await _run(visit, shop, import_id)
    content = await failed_rows(visit.door.app.db, run, lang=visit.door.lang)
    name = quote(f"{PurePath(run.file).stem}-{text('web.imports.workbook.file', visit.door.lang)}.xlsx")
    return Response(
        content, media_type=XLSX, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    )


@router.post("/{import_id}/bring-in")
async def bring_in(shop: str, import_id: str, request: Request, visit: Brings) -> Response:
    """Makes the good rows the shop's products."""
    run, imports = await _run(visit, shop, import_id), visit.door.app.imports
    if await imports.is_outdated(run):
        await imports.begin_check(run, within_s=WAITS_S)
        return _back(request, run, did="outdated")
    done = await imports.bring_in(run)
    visit.door.acted("products.imported", import_id, shop=shop, good=done.good, faulty=done.faulty)
    return _back(request, run)


@router.post("/{import_id}/drop")
async def drop(shop: str, import_id: str, request: Request, visit: Brings) -> Response:
    """Gives an import up."""
    run = await _run(visit, shop, import_id)
    await visit.door.app.imports.drop(run)
    visit.door.acted("import.dropped", import_id, shop=shop)
    return _go(request, f"/shops/{_quoted(shop)}/imports")


async def _mend_alike(request: Request, visit: Visit, run: Run, order: Order) -> Response:
    count = await visit.door.app.imports.mend_alike(run, order, within_s=WAITS_S)
    visit.door.acted("import.mended", run.import_id, rule=order.rule or "", products=count)
    if count is None:
        return _back(request, run)
    return _back(request, run, did="accepted" if order.do == "accept" else "written", count=count)


async def _list(
    shop: str, request: Request, visit: Visit, before: str | None, problem: Unreadable | None = None
) -> Response:
    place = place_of(before, int, str)
    found = await list_runs(visit.door.app.db, shop, before=place, limit=RUNS_SHOWN + 1)
    shown = found[:RUNS_SHOWN]
    last = (shown[-1].started_us, shown[-1].import_id) if len(found) > RUNS_SHOWN else None
    return views_of(request).page(
        request, "imports.html", visit, status=422 if problem else 200, current="products", tab="imports",
        shop=shop, runs=shown, more=cursor_text(last) if last else "", problem=problem, open_states=OPEN,
    )  # fmt: skip


async def _show(
    request: Request,
    visit: Visit,
    run: Run,
    *,
    problem: Unreadable | None = None,
    rule: str = "",
    **shown: Any,
) -> Response:
    """Shows the step an import is at."""
    step: dict[str, Any] = {"did": "", "count": 0, "rule": rule, "problem": problem} | shown
    template = "import_ended.html"
    step["problem"] = problem or problem_of(run)
    try:
        if run.state == RunState.CHECKING:
            template = "import_checking.html"
        elif run.state == RunState.UPLOADED:
            head = await visit.door.app.imports.head(run)
            template, step["head"] = "import_columns.html", head
            columns = column_views(head, run.chosen)
            step |= {"columns": columns, "choices": CHOICES, "missing": still_missing(columns)}
        elif run.state == RunState.CHECKED:
            template, step = (
                "import_faults.html",
                step | await _faults(visit, run, rule, int(step.get("after", 0))),
            )
    except Unreadable as unreadable:
        step["problem"] = unreadable
    return views_of(request).page(
        request, template, visit, status=422 if problem else 200,
        current="products", tab="imports", shop=run.shop_id, run=run, **step,
    )  # fmt: skip


async def _faults(visit: Visit, run: Run, rule: str, after: int) -> dict[str, Any]:
    db, columns = visit.door.app.db, understand(run.header, run.chosen)
    prices = (await load_profile(db, run.shop_id)).price_rule
    counts = await count_rules(db, run.import_id)
    firsts = {name: await _firsts(visit, run, name) for name in counts}
    page = await list_faulty(
        db, run.import_id, stopped=True, rule=rule or None, after=after, limit=FAULTY_SHOWN + 1
    )
    shown = page[:FAULTY_SHOWN]
    return {
        "rules": rule_views(counts, firsts, columns, prices),
        "counts": counts,
        "shown_cards": [FaultyView.of(one, columns, prices) for one in shown],
        "more": shown[-1].finding.row if len(page) > FAULTY_SHOWN else 0,
        "outlook": await visit.door.app.imports.outlook(run),
        "mended": await count_mended(db, run.import_id),
    }


async def _firsts(visit: Visit, run: Run, rule: str) -> list[Faulty]:
    """Returns the first products that break a rule: those that are stopped, for their cells are kept, else one only warned."""
    db = visit.door.app.db
    stopped = await list_faulty(db, run.import_id, stopped=True, rule=rule, limit=_LOOKED_AT)
    return stopped or await list_faulty(db, run.import_id, rule=rule, limit=1)


async def _run(visit: Visit, shop: str, import_id: str) -> Run:
    run = await visit.door.app.imports.get(shop, import_id)
    if run is None:
        raise Problem(404, "no_import", import_id=import_id)
    return run


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(_PIECE):
        yield piece


def _back(request: Request, run: Run, did: str = "", count: int = 0) -> Response:
    told = f"?did={did}&n={count}" if did else ""
    return _go(request, f"/shops/{_quoted(run.shop_id)}/imports/{run.import_id}{told}")


def _go(request: Request, address: str) -> Response:
    """Leads the browser on, whether a form or a script asked."""
    if "hx-request" in request.headers:
        return Response(status_code=204, headers={"HX-Redirect": address})
    return RedirectResponse(address, 303)


def _quoted(shop: str) -> str:
    return quote(shop, safe="")
