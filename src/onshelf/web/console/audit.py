"""The page of the audit log: who did what, when, to what, and what programs asked; the same as a file; a check of it all."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from onshelf import acts
from onshelf.clock import BEIJING, to_us
from onshelf.guard.chain import Kind
from onshelf.guard.history import Entry, Search, history, rows_at
from onshelf.guard.proof import Report, verify
from onshelf.guard.roles import Permission
from onshelf.texts import Lang, catalogue, text
from onshelf.web.actors import PLACES
from onshelf.web.api.audit import VERIFY_S, only_of
from onshelf.web.console.sign_in import views_of
from onshelf.web.console.view import shown_moment
from onshelf.web.console.visit import Opens, Visit
from onshelf.web.house import Door
from onshelf.web.paging import cursor_text, place_of
from onshelf.web.problem import Problem

router = APIRouter()
ROWS = 50
EXPORTED_AT_ONCE = 1_000
SHOWN_FLAWS = 50
KNOWN_PEOPLE = 200
"""Names offered to choose from; any other can be typed."""
Reads = Annotated[Visit, Opens(Permission.AUDIT)]
FIELDS = ("actor", "action", "subject", "about_shop", "since", "until")
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """What the filter says; an empty field lets all through."""

    kind: Kind
    fields: Mapping[str, str]

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "Asked":
        """Reads an address; what is no choice of ours counts as empty."""
        kind = Kind(given["kind"]) if given.get("kind") in set(Kind) else Kind.ACT
        told = {name: given.get(name, "").replace("\x00", "").strip()[:LONGEST] for name in FIELDS}
        return cls(kind, told)

    @property
    def query(self) -> str:
        """Returns the address's part behind the `?`, without a cursor."""
        return urlencode({"kind": self.kind.value, **{name: one for name, one in self.fields.items() if one}})

    async def search(self, door: Door) -> Search:
        """Says it as the log takes it. Raises Problem 422 for a day that is none."""
        of = self.fields
        return Search(
            self.kind,
            of["actor"] if self.kind is Kind.CALL else await _actor(door, of["actor"]),
            of["action"],
            of["subject"],
            of["about_shop"],
            since_us=_begin_of(of["since"]),
            before_us=_begin_of(of["until"], days=1),
            only=only_of(door.who, of["about_shop"]),
        )


@router.get("/audit")
async def log(request: Request, visit: Reads) -> Response:
    """Lists rows, the newest first."""
    door, asked = visit.door, Asked.of(request.query_params)
    await door.app.audit.flush()
    place = place_of(request.query_params.get("cursor"), int, str, int)
    found = await history(door.app.db, await asked.search(door), place, ROWS + 1)
    more = cursor_text(found[ROWS - 1].place) if len(found) > ROWS else ""
    return views_of(request).page(
        request,
        "audit.html",
        visit,
        current="audit",
        rows=found[:ROWS],
        kind=asked.kind.value,
        asked=asked.fields,
        filtered=any(asked.fields.values()),
        query=asked.query,
        next=f"/audit?{asked.query}&{urlencode({'cursor': more})}" if more else "",
        acts=ACTS,
        changes=lambda one: changes_of(one, door.lang),
        known=await _known(door, asked.kind) if door.who.shops is None else [],
        shops=[shop.shop_id for shop in await door.shops()],
    )


@router.get("/audit/export")
async def export(request: Request, visit: Reads) -> Response:
    """Answers all rows that fit the filter as a file for a spreadsheet, the newest first."""
    door, asked = visit.door, Asked.of(request.query_params)
    await door.app.audit.flush()
    search = await asked.search(door)
    if not search.before_us:  # what is written meanwhile, this export itself too, is not waited for
        search = replace(search, before_us=door.app.clock.now_us())
    door.acted(acts.audit_exported(asked.kind.value, asked.query))
    name = f"onshelf-audit-{shown_moment(door.app.clock.now_us())[:10]}.csv"
    return StreamingResponse(
        _lines(door, search),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


async def _lines(door: Door, search: Search) -> AsyncIterator[str]:
    yield "\ufeff" + line_of(
        [
            text(f"web.audit.{name}", door.lang)
            for name in ("at", "actor", "action", "subject", "outcome", "change")
        ]
    )
    place = None
    while found := await history(door.app.db, search, place, EXPORTED_AT_ONCE):
        yield "".join(line_of(cells_of(one, door.lang)) for one in found)
        place = found[-1].place


def cells_of(one: Entry, lang: Lang) -> list[str]:
    """Puts a row into the cells of a spreadsheet."""
    changes = "\n".join(map(str, changes_of(one, lang)))
    act = text(f"web.act.{one.action}", lang) if one.action in ACTS else one.action
    return [shown_moment(one.at_us), one.actor, act, one.subject, one.outcome, changes]


@dataclass(frozen=True, slots=True)
class Shown:
    """One field of a change in words; a side is None where there was nothing."""

    label: str
    before: str | None
    after: str | None
    lang: Lang

    def __str__(self) -> str:
        colon, none = text("web.audit.colon", self.lang), text("web.audit.nothing", self.lang)
        if self.before is None:
            return f"{self.label}{colon}{self.after}"
        return f"{self.label}{colon}{self.before} → {none if self.after is None else self.after}"


def changes_of(one: Entry, lang: Lang) -> list[Shown]:
    """Puts what an act changed into words, the fields every reader knows first."""
    names = sorted(one.change, key=lambda name: (CHANGED_FIELDS.get(name, len(CHANGED_FIELDS)), name))
    found = []
    for name in names:
        before, after = (_value(name, side, lang) for side in one.change[name])
        found.append(Shown(_label(one.action, name, lang), before, after, lang))
    return found


def _label(action: str, name: str, lang: Lang) -> str:
    if name in CHANGED_FIELDS:
        return text(f"web.audit.field.{name}", lang)
    if name.startswith("categories."):
        return text("web.audit.mapped", lang, word=name.removeprefix("categories."))
    scope, _, window_s = name.rpartition("/")
    if action == "quota.permit" and window_s in PER:
        return text("web.audit.limit", lang, scope=scope, per=text(f"web.audit.per.{window_s}", lang))
    return name


def _value(name: str, value: str | None, lang: Lang) -> str | None:
    if value in ("True", "False"):
        return text("web.audit.yes" if value == "True" else "web.audit.no", lang)
    if name == "role" and value is not None:
        return text(f"web.role.{value}", lang)
    return text(f"web.audit.value.{name}.{value}", lang) if f"{name}.{value}" in VALUES else value


def line_of(cells: list[str]) -> str:
    """Writes one line of CSV; a cell that a spreadsheet would reckon is made text."""
    line = io.StringIO()
    csv.writer(line).writerow(
        [f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell for cell in cells]
    )
    return line.getvalue()


@router.post("/audit/verify")
async def check(request: Request, visit: Reads) -> Response:
    """Checks the whole log; answers the part of the page that tells."""
    app = visit.door.app
    await app.audit.flush()
    report: Report | None = None
    try:
        async with asyncio.timeout(VERIFY_S):
            report = await verify(app.db, app.vault)
    except TimeoutError:
        pass
    flaws = report.findings[:SHOWN_FLAWS] if report else ()
    sees_all = visit.door.who.shops is None
    template = "audit_verified.html" if "hx-request" in request.headers else "audit_verified_page.html"
    return views_of(request).page(
        request,
        template,
        visit,
        current="audit",
        report=report,
        seconds=int(VERIFY_S),
        flaws=flaws,
        rows=await rows_at(app.db, {(one.writer, one.number) for one in flaws} if sees_all else ()),
        acts=ACTS,
    )


async def _known(door: Door, kind: Kind) -> list[str]:
    """Names who may have done it: programs of requests, people of acts."""
    if kind is Kind.REQUEST:
        return [one.name for one in await door.keys.page(None, KNOWN_PEOPLE)]
    return [one.name for one in await door.people.page("", KNOWN_PEOPLE)]


async def _actor(door: Door, given: str) -> str:
    """Returns how the log names somebody who was typed as people know them: a person, else a key; else as it stands."""
    if not given or ":" in given:
        return given
    person = await door.people.named(given)
    return f"person:{given}" if person else given if given in PLACES else f"key:{given}"


def _begin_of(day: str, *, days: int = 0) -> int:
    """Returns when a day in China begins, or one so many days later, µs; 0: no day. Raises Problem 422."""
    if not day:
        return 0
    try:
        begins = datetime.combine(datetime.fromisoformat(day).date(), datetime.min.time(), BEIJING)
        return to_us(begins + timedelta(days=days))
    except (ValueError, OverflowError):
        raise Problem(422, "no_day", day=day[:40]) from None


ACTS = frozenset(key.removeprefix("web.act.") for key in catalogue("web") if key.startswith("web.act."))
"""Acts that have a word of their own; others are shown by their name."""
CHANGED_FIELDS = {
    name: place
    for place, name in enumerate(
        key.removeprefix("web.audit.field.") for key in catalogue("web") if key.startswith("web.audit.field.")
    )
}
"""Fields of changes that have a word of their own, in the order they are told in."""
VALUES = frozenset(
    key.removeprefix("web.audit.value.") for key in catalogue("web") if key.startswith("web.audit.value.")
)
"""`field.value` of values that have a word of their own."""
PER = frozenset({"1", "60", "86400"})
"""Seconds of windows that have a word of their own."""
