"""`/shops/{shop}/imports`: product files and streams of products in, what was wrong with them, and their failed rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, cast

import msgspec
from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.datastructures import UploadFile

from onshelf import acts
from onshelf.catalog.imports.faulty import Faulty, count_rules, list_faulty
from onshelf.catalog.imports.imports import Tried
from onshelf.catalog.imports.report import failed_rows
from onshelf.catalog.imports.runs import Run, RunState, list_runs
from onshelf.catalog.imports.stream import Fate, Stream, Told
from onshelf.catalog.product import Finding
from onshelf.clock import from_us
from onshelf.errors import Unreadable
from onshelf.guard.roles import Permission
from onshelf.texts import Lang
from onshelf.web.entrance import Needs
from onshelf.web.exchange import Body, Exchange
from onshelf.web.house import Door
from onshelf.web.paging import CursorParam, DryRun, Fields, Limit, Page, Row, page, place_of
from onshelf.web.problem import FaultOut, Problem, fault_out
from onshelf.web.uploaded import Form, parts_of

router = APIRouter(prefix="/shops/{shop}/imports", tags=["imports"])
NDJSON = "application/x-ndjson"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LARGEST_BYTES = 512 << 20
"""A hundred thousand products of five kilobytes."""
_SHOWN = 200  # findings told with a dry run; all are counted
ImportId = Annotated[str, Path(max_length=40, description="id of the import")]


class ImportOut(Row):
    """One import."""

    import_id: str = Field(description="empty for a dry run")
    file: str = Field(description="name of the file, only shown")
    state: RunState = Field(
        description="`done`, or how far it is; `failed`: the file could not be read; `dropped`: somebody gave it up"
    )
    started: datetime = Field(description="when it came")
    ended: datetime | None = Field(description="null: not yet")
    made_by: str = Field(description="who brought it; empty: a command on the machine")
    rows: int = Field(description="rows or lines that were read")
    good: int = Field(description="products that passed")
    faulty: int = Field(description="products stopped by a fault")
    added: int = Field(description="products the shop did not have")
    changed: int = Field(description="products whose published content became another")
    same: int = Field(description="products that were here already, just so")

    @classmethod
    def of(cls, run: Run) -> "ImportOut":
        return cls(
            import_id=run.import_id,
            file=run.file,
            state=RunState(run.state),
            started=from_us(run.started_us),
            ended=from_us(run.ended_us) if run.ended_us else None,
            made_by=run.made_by,
            rows=run.rows,
            good=run.good,
            faulty=run.faulty,
            added=run.added,
            changed=run.changed,
            same=run.same if run.state == RunState.DONE else 0,
        )


class FindingOut(Row):
    """What is wrong with one product of an import."""

    row: int = Field(description="its first row, as a spreadsheet shows it; of a stream its line")
    rows: list[int] = Field(description="all its rows")
    outer_id: str
    title: str
    stopped: bool = Field(description="false: it has warnings only, and was taken")
    faults: list[FaultOut] = Field(description="all that is wrong with it")

    @classmethod
    def of(cls, finding: Finding, lang: Lang) -> "FindingOut":
        return cls(
            row=finding.row,
            rows=list(finding.rows),
            outer_id=finding.outer_id,
            title=finding.title,
            stopped=finding.stopped,
            faults=[fault_out(fault, lang) for fault in finding.faults],
        )


class ImportedOut(ImportOut):
    """An import that is over, with what was found."""

    by_rule: dict[str, int] = Field(description="products that break each rule, warnings too")
    notes: list[str] = Field(description="what the reader decided by itself")
    findings: list[FindingOut] = Field(
        description=f"of a dry run: the first {_SHOWN} products with a fault or a warning; of an import: see `…/findings`"
    )


@router.get("", response_model=Page[ImportOut])
async def list_imports(
    shop: str,
    door: Annotated[Door, Needs(Permission.READ)],
    limit: Limit = 50,
    cursor: CursorParam = None,
    fields: Fields = None,
    state: Annotated[RunState | None, Query(description="only imports in this state")] = None,
) -> JSONResponse:
    """Lists a shop's imports, newest first."""
    place = cast("tuple[int, str] | None", place_of(cursor, int, str))
    runs = await list_runs(door.app.db, shop, before=place, limit=limit + 1, state=state)
    keys = {run.import_id: (run.started_us, run.import_id) for run in runs}
    return page([ImportOut.of(run) for run in runs], limit, lambda row: keys[row.import_id], fields)


_FILE = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "string", "format": "binary"}},
}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": _FILE},
            NDJSON: {
                "schema": {"type": "string", "description": "one product as JSON a line, as PUT takes it"}
            },
        },
    }
}
_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Of a file: how the import ended. Of a stream: one line a product as it is settled, the tally last.",
        "content": {NDJSON: {"schema": {"type": "string"}}},
    }
}


@router.post("", response_model=ImportedOut, openapi_extra=_BODY, responses=_ANSWER)
async def import_products(
    shop: str,
    request: Request,
    door: Annotated[Door, Needs(Permission.PRODUCTS)],
    dry_run: DryRun = False,
) -> Response:
    """Takes products in, from a file (CSV, Excel, JSON, Shopify export) or as a stream of lines; nothing is listed by it.

    A file's good rows become products all at once at its end, its faulty ones are kept for `…/failed-rows.xlsx`. A stream is
    settled line by line: `{"line": 1, "outer_id": "A", "status": "added|changed|same|faulty", "faults": []}`, at last
    `{"lines": …, "added": …, "changed": …, "same": …, "faulty": …, "import_id": …}`; an answer without that line broke off,
    and what it did not tell of is to be sent again. A stream may have 1,000,000 lines and 2,000,000 faults: beyond, the rest is
    not taken, the import has failed, and the last line says so by `code`, `title` and `remedy`, too.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == NDJSON:
        return await _streamed(shop, door)
    if kind != "multipart/form-data":
        raise Problem(422, "bad_upload", detail=f"Content-Type {kind[:60] or '—'}")
    return await _from_file(shop, request, door)


@router.get("/{import_id}")
async def show_import(
    shop: str, import_id: ImportId, door: Annotated[Door, Needs(Permission.READ)]
) -> ImportedOut:
    """Shows one import."""
    run = await _run(door, shop, import_id)
    by_rule = await count_rules(door.app.db, run.import_id)
    return _imported(run, by_rule, (), (), door.lang)


@router.get("/{import_id}/findings", response_model=Page[FindingOut])
async def list_findings(
    shop: str,
    import_id: ImportId,
    door: Annotated[Door, Needs(Permission.READ)],
    limit: Limit = 50,
    cursor: CursorParam = None,
    fields: Fields = None,
    stopped: Annotated[
        bool | None, Query(description="only products that were stopped, or only warned of")
    ] = None,
    rule: Annotated[
        str | None, Query(max_length=60, description="only products that break this rule")
    ] = None,
) -> JSONResponse:
    """Lists what an import found wrong, in the order of rows. Kept for 30 days."""
    run = await _run(door, shop, import_id)
    place = place_of(cursor, int)
    found: Sequence[Faulty] = await list_faulty(
        door.app.db,
        run.import_id,
        stopped=stopped,
        rule=rule,
        after=place[0] if place else 0,
        limit=limit + 1,
    )
    rows = [FindingOut.of(one.finding, door.lang) for one in found]
    return page(rows, limit, lambda row: (row.row,), fields)


@router.get(
    "/{import_id}/failed-rows.xlsx",
    response_class=Response,
    responses={200: {"content": {WORKBOOK: {"schema": {"type": "string", "format": "binary"}}}}},
)
async def show_import_failed_rows(
    shop: str, import_id: ImportId, door: Annotated[Door, Needs(Permission.READ)]
) -> Response:
    """Gives the faulty rows as a workbook with a reason column: to be mended and imported again. Kept for 30 days."""
    run = await _run(door, shop, import_id)
    book = await failed_rows(door.app.db, run, lang=door.lang)
    headers = {"Content-Disposition": f'attachment; filename="failed-rows-{run.import_id}.xlsx"'}
    return Response(book, media_type=WORKBOOK, headers=headers)


async def _run(door: Door, shop: str, import_id: str) -> Run:
    run = await door.app.imports.get(shop, import_id)
    if run is None:
        raise Problem(404, "no_import", import_id=import_id)
    return run


async def _from_file(shop: str, request: Request, door: Door) -> Response:
    async with Form(request) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Problem(422, "bad_upload", detail="file")
        imports, name = door.app.imports, file.filename or "file"
        if door.dry_run:
            tried = await imports.look_through(shop, name, parts_of(file))
            return _json(_tried(tried, door))
        done = await imports.take(shop, name, parts_of(file), made_by=door.who.name)
    run = done.run
    door.acted(acts.products_imported(run))
    notes = tuple(note.message(door.lang) for note in done.notes)
    return _json(_imported(run, done.tally.by_rule, notes, (), door.lang))


def _tried(tried: Tried, door: Door) -> ImportedOut:
    notes = tuple(note.message(door.lang) for note in tried.report.notes)
    findings = tried.report.findings[:_SHOWN]
    return _imported(tried.run, tried.report.tally.by_rule, notes, findings, door.lang)


def _imported(
    run: Run, by_rule: Mapping[str, int], notes: Sequence[str], findings: Sequence[Finding], lang: Lang
) -> ImportedOut:
    shown = [FindingOut.of(finding, lang) for finding in findings]
    return ImportedOut(
        **ImportOut.of(run).model_dump(), by_rule=dict(by_rule), notes=list(notes), findings=shown
    )


def _json(shown: BaseModel) -> Response:
    return Response(shown.model_dump_json(), media_type="application/json")


async def _streamed(shop: str, door: Door) -> Response:
    stream = await door.app.imports.stream(shop, made_by=door.who.name, dry_run=door.dry_run)

    async def work(body: Body) -> Body:
        refused: Unreadable | None = None
        try:
            try:
                async for told in stream.take(body):
                    yield b"".join(_line(one, door.lang) for one in told)
            except Unreadable as error:
                refused = error
            yield _last_line(stream, refused, door.lang)
        finally:  # what was settled stays, also when the sender goes away
            door.acted(acts.products_imported(stream.run))

    return Exchange(work, media_type=NDJSON)


_encode = msgspec.json.Encoder().encode


def _line(told: Told, lang: Lang) -> bytes:
    faults = [fault_out(fault, lang).model_dump() for fault in told.faults]
    said = {"line": told.number, "outer_id": told.outer_id, "status": told.fate.value, "faults": faults}
    return _encode(said) + b"\n"


def _last_line(stream: Stream, refused: Unreadable | None, lang: Lang) -> bytes:
    counts = {fate.value: stream.sum.fates[fate] for fate in Fate}
    told = {"lines": stream.sum.lines, **counts, "import_id": stream.import_id}
    if refused is not None:
        told |= {"code": refused.why, "title": refused.message(lang), "remedy": refused.remedy(lang)}
    return _encode(told) + b"\n"
