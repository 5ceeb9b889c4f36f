"""The page of the audit log: who did what, when, to what; and a check of the whole log at a button's press."""

import asyncio
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from onshelf.clock import BEIJING, to_us
from onshelf.guard.audit import Report, verify
from onshelf.guard.chain import Kind
from onshelf.guard.history import Search, history
from onshelf.guard.roles import Permission
from onshelf.texts import catalogue
from onshelf.web.api.audit import VERIFY_S, only_of
from onshelf.web.console.sign_in import views_of
from onshelf.web.console.visit import Opens, Visit
from onshelf.web.paging import cursor_text, place_of
from onshelf.web.problem import Problem

router = APIRouter()
ROWS = 50
Reads = Annotated[Visit, Opens(Permission.AUDIT)]
Word = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")]


@router.get("/audit")
async def log(
    request: Request,
    visit: Reads,
    kind: Kind = Kind.ACT,
    actor: Word = "",
    action: Word = "",
    subject: Word = "",
    day: Annotated[str, Query(max_length=10)] = "",
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> Response:
    """Lists rows, the newest first."""
    await visit.door.app.audit.flush()
    since_us, before_us = _day(day)
    wanted = {"actor": actor.strip(), "action": action.strip(), "subject": subject.strip()}
    search = Search(kind, **wanted, since_us=since_us, before_us=before_us, only=only_of(visit.door.who))
    found = await history(visit.door.app.db, search, place_of(cursor, int, str, int), ROWS + 1)
    asked = {name: value for name, value in {"kind": kind.value, **wanted, "day": day}.items() if value}
    more = cursor_text(found[ROWS - 1].place) if len(found) > ROWS else ""
    return views_of(request).page(
        request,
        "audit.html",
        visit,
        current="audit",
        rows=found[:ROWS],
        kind=kind.value,
        asked={**wanted, "day": day},
        filtered=any(wanted.values()) or bool(day),
        next=f"/audit?{urlencode({**asked, 'cursor': more})}" if more else "",
        acts=ACTS,
    )


@router.post("/audit/verify")
async def check(request: Request, visit: Reads) -> Response:
    """Checks the whole log; answers the part of the page that tells."""
    await visit.door.app.audit.flush()
    report: Report | None = None
    try:
        async with asyncio.timeout(VERIFY_S):
            report = await verify(visit.door.app.db, visit.door.app.vault)
    except TimeoutError:
        pass
    template = "audit_verified.html" if "hx-request" in request.headers else "audit_verified_page.html"
    return views_of(request).page(
        request, template, visit, current="audit", report=report, seconds=int(VERIFY_S)
    )


def _day(day: str) -> tuple[int, int]:
    """Returns when a day in China begins and ends, µs; zeros: any day. Raises Problem 422."""
    if not day:
        return 0, 0
    try:
        begins = datetime.combine(datetime.fromisoformat(day).date(), datetime.min.time(), BEIJING)
        return to_us(begins), to_us(begins + timedelta(days=1))
    except (ValueError, OverflowError):
        raise Problem(422, "no_day", day=day) from None


ACTS = frozenset(key.removeprefix("web.act.") for key in catalogue("web") if key.startswith("web.act."))
"""Acts that have a word of their own; others are shown by their name."""
