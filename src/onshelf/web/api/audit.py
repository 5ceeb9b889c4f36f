"""`/audit`: who did what, when, to what, and what it changed; and whether the log is as it was written."""

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, Field

from onshelf.clock import from_us, to_us
from onshelf.guard.chain import Flaw, Kind
from onshelf.guard.history import Entry, Search, history
from onshelf.guard.proof import verify
from onshelf.guard.roles import Permission, Principal
from onshelf.web.entrance import Needs
from onshelf.web.house import Door
from onshelf.web.paging import CursorParam, Fields, Limit, Page, Row, page, place_of
from onshelf.web.problem import Problem

router = APIRouter(prefix="/audit", tags=["audit"])
VERIFY_S = 20.0
"""So long a request may take to check the whole log; `onshelf audit verify` takes what it needs."""
Wanted = Annotated[
    str | None, Query(max_length=200, pattern=r"^[^\x00]*$", description="only rows that have just this")
]


class FieldChangeOut(BaseModel):
    """One field that an act changed, in short."""

    before: str | None = Field(description="null: there was none")
    after: str | None = Field(description="null: there is none now")


class EntryOut(Row):
    """One row of the log."""

    at: datetime = Field(description="when it began")
    kind: Kind = Field(
        description="`act`: of a person or a program; `call`: to the platform; `request`: of a program to this API; "
        "`start`: of a process"
    )
    actor: str = Field(description="`person:…`, `key:…`, `cli`, `seller`, `nobody`; of a call: the app key")
    action: str = Field(description="of a call: the method; of a request: the route, as `GET /shops/{shop}`")
    subject: str = Field(
        description="what it was done to; of a call: the shop; of a request: the shop, else the thing, as `job:01h…`"
    )
    outcome: str = Field(description="`ok`, else what went wrong, in short; of a request: the status")
    took_ms: float = Field(
        description="milliseconds it took, of a request until its answer began; 0 of an act"
    )
    request_id: str = Field(description="the platform's, of a call")
    change: dict[str, FieldChangeOut] = Field(
        description="fields that changed; new: before is null; gone: after is"
    )

    @classmethod
    def of(cls, one: Entry) -> "EntryOut":
        return cls(
            at=from_us(one.at_us),
            kind=one.kind,
            actor=one.actor,
            action=one.action,
            subject=one.subject,
            outcome=one.outcome,
            took_ms=one.took_us / 1000,
            request_id=one.request_id,
            change={
                name: FieldChangeOut(before=before, after=after)
                for name, (before, after) in one.change.items()
            },
        )


class FlawOut(BaseModel):
    """A flaw of the log and where it shows."""

    writer: str = Field(description="the process whose chain it is")
    number: int = Field(description="row of the writer's chain")
    flaw: Flaw = Field(description="what is wrong there")


class VerificationOut(BaseModel):
    """What a check of the whole log found."""

    whole: bool = Field(description="all is as it was written")
    rows: int = Field(description="rows that were checked")
    writers: int = Field(description="processes that wrote, each a chain")
    findings: list[FlawOut] = Field(description="the first 200 flaws; empty: none")


@router.get("", response_model=Page[EntryOut])
async def list_audit(
    door: Annotated[Door, Needs(Permission.AUDIT)],
    limit: Limit = 50,
    cursor: CursorParam = None,
    fields: Fields = None,
    kind: Annotated[Kind, Query(description="rows of which kind")] = Kind.ACT,
    actor: Wanted = None,
    action: Wanted = None,
    subject: Wanted = None,
    about_shop: Annotated[
        str | None,
        Query(max_length=64, description="only what concerned this shop, also one that was removed"),
    ] = None,
    since: Annotated[AwareDatetime | None, Query(description="only from then on")] = None,
    before: Annotated[AwareDatetime | None, Query(description="only from before then")] = None,
) -> JSONResponse:
    """Lists what was done, the newest first. Whoever is limited to shops sees what was done to them, and its own acts."""
    await door.app.audit.flush()
    search = Search(
        kind,
        actor or "",
        action or "",
        subject or "",
        about_shop or "",
        to_us(since) if since else 0,
        to_us(before) if before else 0,
        only_of(door.who, about_shop or ""),
    )
    found = await history(door.app.db, search, place_of(cursor, int, str, int), limit + 1)
    places = iter([one.place for one in found[:limit]][-1:])
    return page([EntryOut.of(one) for one in found], limit, lambda _: next(places), fields)


@router.get("/verification")
async def verify_audit(door: Annotated[Door, Needs(Permission.AUDIT)]) -> VerificationOut:
    """Checks every row against its chain, and every chain against its signature. Takes a few seconds for a million rows."""
    await door.app.audit.flush()
    try:
        async with asyncio.timeout(VERIFY_S):
            report = await verify(door.app.db, door.app.vault)
    except TimeoutError:
        raise Problem(503, "log_too_long", seconds=VERIFY_S) from None
    findings = [FlawOut(writer=one.writer, number=one.number, flaw=one.flaw) for one in report.findings]
    return VerificationOut(
        whole=not findings, rows=report.rows, writers=report.writers, findings=findings[:200]
    )


def only_of(who: Principal, about_shop: str = "") -> tuple[str, frozenset[str]] | None:
    """Returns whose rows somebody may see: (its own name, its shops); None: all.

    All that concerned a shop of its own is its to see.
    """
    if who.shops is None or about_shop in who.shops:
        return None
    return who.name, who.shops
