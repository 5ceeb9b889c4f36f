"""The pages of imports: a file dropped on the page, what its columns are, its faults, and brought in; `mending.py` mends them."""

from collections.abc import AsyncIterator
from pathlib import PurePath
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from onshelf import acts
from onshelf.catalog.imports.checks import problem_of
from onshelf.catalog.imports.faulty import (
    Faulty,
    count_mended,
    count_rules,
    list_faulty,
)
from onshelf.catalog.imports.report import failed_rows
from onshelf.catalog.imports.runs import OPEN, Run, RunState, list_runs
from onshelf.catalog.readers import understand
from onshelf.catalog.readers.columns import CHOICES
from onshelf.catalog.store import load_profile
from onshelf.errors import Unreadable
from onshelf.guard.roles import Permission
from onshelf.texts import text
from onshelf.web.console.import_view import FaultyView, column_views, rule_views, still_missing
from onshelf.web.console.sign_in import views_of
from onshelf.web.console.visit import Opens, Visit
from onshelf.web.paging import cursor_text, place_of
from onshelf.web.problem import Problem

router = APIRouter(prefix="/shops/{shop}/imports")
Reads = Annotated[Visit, Opens(Permission.READ)]
Brings = Annotated[Visit, Opens(Permission.PRODUCTS)]
RUNS_SHOWN = FAULTY_SHOWN = 20
_PIECE = 1 << 18
PICTURES = 100  # in one request
WAITS_S = 1.5
"""How long a page waits for a check; a longer one is shown while it goes on."""
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
    visit.door.acted(acts.file_uploaded(run))
    if kept.is_known and not kept.head.missing:
        await imports.begin_check(run, within_s=WAITS_S)
        return back_to(request, run, did="known")
    return back_to(request, run)


@router.post("/pictures")
async def take_pictures(
    shop: str,
    request: Request,
    visit: Brings,
    file: Annotated[list[UploadFile], File(max_length=PICTURES)],
    import_id: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Keeps the pictures that the rows of a file name; of an import that waits for them a plain form asks for a check too."""
    pictures = visit.door.app.pictures
    kept = [await pictures.keep(shop, one.filename or "", _pieces(one)) for one in file]
    good = [one.name for one in kept if one.fault is None]
    visit.door.acted(acts.pictures_added(shop, good))
    if "hx-request" not in request.headers:
        if import_id:
            return await check(shop, import_id, request, visit)
        return RedirectResponse(f"/shops/{_quoted(shop)}/imports", 303)
    bad = [one for one in kept if one.fault is not None]
    return views_of(request).page(request, "import_pictures.html", visit, good=len(good), bad=bad)


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
        request, visit, await run_of(visit, shop, import_id), rule=rule, after=after, did=did, count=n
    )


@router.post("/{import_id}/columns")
async def choose(shop: str, import_id: str, request: Request, visit: Brings) -> Response:
    """Takes the person's word for what the columns are, and checks the file at once."""
    run, imports = await run_of(visit, shop, import_id), visit.door.app.imports
    form = await request.form()
    pairs = zip(form.getlist("header"), form.getlist("field"), strict=False)
    chosen = {str(header): str(field) for header, field in pairs if field in CHOICES}
    try:
        run, head = await imports.choose(run, chosen)
        if not head.missing:
            await imports.begin_check(run, within_s=WAITS_S)
    except Unreadable as unreadable:
        return await _show(request, visit, run, problem=unreadable)
    return back_to(request, run)


@router.post("/{import_id}/check")
async def check(shop: str, import_id: str, request: Request, visit: Brings) -> Response:
    """Checks the file again, as after a change of the profile or once missing pictures are there."""
    run = await run_of(visit, shop, import_id)
    await visit.door.app.imports.begin_check(run, within_s=WAITS_S)
    return back_to(request, run, did="checked")


@router.post("/{import_id}/remap")
async def remap(shop: str, import_id: str, request: Request, visit: Brings) -> Response:
    """Goes back to the question what the columns are."""
    run = await run_of(visit, shop, import_id)
    await visit.door.app.imports.choose(run, run.chosen)
    return back_to(request, run)


@router.get("/{import_id}/failed-rows.xlsx")
async def workbook(shop: str, import_id: str, visit: Reads) -> Response:
    """Gives the faulty rows as a workbook with the reasons."""
    run = await run_of(visit, shop, import_id)
    content = await failed_rows(visit.door.app.db, run, lang=visit.door.lang)
    name = quote(f"{PurePath(run.file).stem}-{text('web.imports.workbook.file', visit.door.lang)}.xlsx")
    return Response(
        content, media_type=XLSX, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    )


@router.post("/{import_id}/bring-in")
async def bring_in(shop: str, import_id: str, request: Request, visit: Brings) -> Response:
    """Makes the good rows the shop's products."""
    run, imports = await run_of(visit, shop, import_id), visit.door.app.imports
    if await imports.is_outdated(run):
        await imports.begin_check(run, within_s=WAITS_S)
        return back_to(request, run, did="outdated")
    done = await imports.bring_in(run)
    visit.door.acted(acts.products_imported(done))
    return back_to(request, run)


@router.post("/{import_id}/drop")
async def drop(shop: str, import_id: str, request: Request, visit: Brings) -> Response:
    """Gives an import up."""
    run = await run_of(visit, shop, import_id)
    await visit.door.app.imports.drop(run)
    visit.door.acted(acts.import_dropped(run))
    return _go(request, f"/shops/{_quoted(shop)}/imports")


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


async def run_of(visit: Visit, shop: str, import_id: str) -> Run:
    """Returns an import of a shop. Raises Problem 404."""
    run = await visit.door.app.imports.get(shop, import_id)
    if run is None:
        raise Problem(404, "no_import", import_id=import_id)
    return run


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(_PIECE):
        yield piece


def back_to(request: Request, run: Run, did: str = "", count: int = 0) -> Response:
    """Leads back to the page of an import, which says what was `did` and to how many products."""
    told = f"?did={did}&n={count}" if did else ""
    return _go(request, f"/shops/{_quoted(run.shop_id)}/imports/{run.import_id}{told}")


def _go(request: Request, address: str) -> Response:
    """Leads the browser on, whether a form or a script asked."""
    if "hx-request" in request.headers:
        return Response(status_code=204, headers={"HX-Redirect": address})
    return RedirectResponse(address, 303)


def _quoted(shop: str) -> str:
    return quote(shop, safe="")
