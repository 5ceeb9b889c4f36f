"""The audit log read from its end: who did what, when, to what, and what changed; page by page, each filter by an index."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, cast

import msgspec

from onshelf.guard.chain import Kind
from onshelf.store.db import Database, Value
from onshelf.store.sql import marks

_NEWEST = "at_us DESC, writer DESC, number DESC"
_MOST_BRANCHES = 100

Place = tuple[int, str, int]
"""Where a page ends: time, writer, number of its last row."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the log."""

    at_us: int
    writer: str
    number: int
    kind: Kind
    actor: str  # "person:lin", "key:erp", "terminal"; of a call: the app key
    action: str  # of a call: the method
    subject: str  # of a call: the shop
    outcome: str
    took_us: int
    request_id: str
    change: dict[str, list[str | None]]  # field -> [before, after]; empty: nothing is kept of it

    @property
    def place(self) -> Place:
        return self.at_us, self.writer, self.number


@dataclass(frozen=True, slots=True)
class Search:
    """Which rows; an empty text: any."""

    kind: Kind = Kind.ACT
    actor: str = ""
    action: str = ""
    subject: str = ""
    shop_id: str = ""  # acts that concerned it; of calls: made for it
    since_us: int = 0
    before_us: int = 0  # 0: no end
    # (actor, subjects): only its own and those on these; None: all
    only: tuple[str, Collection[str]] | None = None


async def history(db: Database, search: Search, after: Place | None, limit: int) -> list[Entry]:
    """Returns rows, newest first: those that stand after a place (None: the newest)."""
    wheres, args = _conditions(search, after)
    branches = _branches(search)
    table, source = _source(search)
    order = ", ".join(f"{table}.{column} DESC" for column in ("at_us", "writer", "number"))
    named = " UNION ".join(
        f"SELECT * FROM (SELECT {table}.at_us, {table}.writer, {table}.number FROM {source} "  # noqa: S608
        f"WHERE {' AND '.join([*wheres, own])} ORDER BY {order} LIMIT {int(limit)}) AS branch_{number}"
        for number, (own, _) in enumerate(branches)
    )
    rows = await db.fetch(
        "SELECT audit.at_us, audit.writer, audit.number, kind, actor, action, subject, outcome, took_us, request_id, told "  # noqa: S608
        f"FROM (SELECT * FROM ({named}) AS every_branch ORDER BY {_NEWEST} LIMIT ?) AS found "
        "JOIN audit ON audit.writer = found.writer AND audit.number = found.number "
        "LEFT JOIN audit_change ON audit_change.writer = found.writer AND audit_change.number = found.number "
        "ORDER BY audit.at_us DESC, audit.writer DESC, audit.number DESC",
        (*(value for _, own in branches for value in (*args, *own)), limit),
    )
    return [_entry(row) for row in rows]


def _source(search: Search) -> tuple[str, str]:
    """Returns the table whose order is read along, and what is read: of a shop's acts the list of them leads to the rows."""
    if not search.shop_id or search.kind is Kind.CALL:
        return "audit", "audit"
    return "audit_shop", (
        "audit_shop JOIN audit ON audit.writer = audit_shop.writer AND audit.number = audit_shop.number"
    )


def _branches(search: Search) -> list[tuple[str, tuple[Value, ...]]]:
    """Returns conditions of which a row has to fulfil one: each is read by its own index, for `OR` would be read by none."""
    if search.only is None:
        return [("1 = 1", ())]
    actor, subjects = search.only
    if len(subjects) > _MOST_BRANCHES:
        return [(f"(actor = ? OR subject IN ({marks(subjects)}))", (actor, *sorted(subjects)))]
    return [("actor = ?", (actor,)), *(("subject = ?", (subject,)) for subject in sorted(subjects))]


def _conditions(search: Search, after: Place | None) -> tuple[list[str], list[Value]]:
    wheres = [f"kind = '{search.kind.value}'"]  # said outright, so that the indexes of one kind serve
    args: list[Value] = []
    table, _ = _source(search)
    shop = {"subject" if table == "audit" else "audit_shop.shop_id": search.shop_id}
    wanted = {"actor": search.actor, "action": search.action, "subject": search.subject}
    for column, value in [*wanted.items(), *shop.items()]:
        if value:
            wheres.append(f"{column} = ?")
            args.append(value)
    if search.since_us:
        wheres.append(f"{table}.at_us >= ?")
        args.append(search.since_us)
    if search.before_us:
        wheres.append(f"{table}.at_us < ?")
        args.append(search.before_us)
    if after is not None:
        wheres.append(f"({table}.at_us, {table}.writer, {table}.number) < (?, ?, ?)")
        args.extend(after)
    return wheres, args


def _entry(row: Any) -> Entry:
    at_us, writer, number, kind, actor, action, subject, outcome, took_us, request_id, told = cast(
        "tuple[Any, ...]", row
    )
    change = msgspec.json.decode(told, type=dict[str, list[str | None]]) if told else {}
    return Entry(
        at_us, writer, number, Kind(kind), actor, action, subject, outcome, took_us, request_id, change
    )


async def rows_at(db: Database, places: Collection[tuple[str, int]]) -> dict[tuple[str, int], Entry]:
    """Returns the rows of a few places (writer, number); those that are gone are absent."""
    found: dict[tuple[str, int], Entry] = {}
    for writer, number in places:
        rows = await db.fetch(
            "SELECT at_us, writer, number, kind, actor, action, subject, outcome, took_us, request_id, '' FROM audit "
            "WHERE writer = ? AND number = ?",
            (writer, number),
        )
        found.update(((writer, number), _entry(row)) for row in rows)
    return found
