"""The audit log read from its end: who did what, when, to what, and what changed; page by page, each filter by an index."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, cast

import msgspec

from onshelf.guard.chain import Kind
from onshelf.store.db import Database, Value

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
    actor: str  # "person:lin", "key:erp", "cli"; of a call: the app key
    action: str  # of a call: the method; of a request: "GET /shops/{shop}"
    subject: str  # of a call: the shop; of a request: the shop, else the thing, as "job:01h…"
    outcome: str  # of a request: the status
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
    shop_id: str = ""  # acts that concerned it; of calls and requests: about it
    since_us: int = 0
    before_us: int = 0  # 0: no end
    # (actor, shops): only its own and those that concerned these; None: all
    only: tuple[str, Collection[str]] | None = None


@dataclass(frozen=True, slots=True)
class _Branch:
    """A part of the rows, read along one index in its order."""

    table: str  # whose order is read along: "audit", or "audit_shop", the list of a shop's acts that leads to the rows
    where: str = "1 = 1"
    args: tuple[Value, ...] = ()

    @property
    def source(self) -> str:
        if self.table == "audit":
            return "audit"
        return (
            "audit_shop JOIN audit ON audit.writer = audit_shop.writer AND audit.number = audit_shop.number"
        )


async def history(db: Database, search: Search, after: Place | None, limit: int) -> list[Entry]:
    """Returns rows, newest first: those that stand after a place (None: the newest)."""
    branches = _branches(search)
    parts = [_part(branch, number, search, after, limit) for number, branch in enumerate(branches)]
    named = " UNION ".join(sql for sql, _ in parts)
    rows = await db.fetch(
        "SELECT audit.at_us, audit.writer, audit.number, kind, actor, action, subject, outcome, took_us, request_id, told "  # noqa: S608
        f"FROM (SELECT * FROM ({named}) AS every_branch ORDER BY {_NEWEST} LIMIT ?) AS found "
        "JOIN audit ON audit.writer = found.writer AND audit.number = found.number "
        "LEFT JOIN audit_change ON audit_change.writer = found.writer AND audit_change.number = found.number "
        "ORDER BY audit.at_us DESC, audit.writer DESC, audit.number DESC",
        (*(value for _, args in parts for value in args), limit),
    )
    return [_entry(row) for row in rows]


def _branches(search: Search) -> list[_Branch]:
    """Returns parts that hold every row wanted: each is read by its own index, for `OR` would be read by none."""
    whole = _Branch("audit")
    if search.shop_id:
        of_shop = "subject" if search.kind is not Kind.ACT else "audit_shop.shop_id"
        table = "audit" if search.kind is not Kind.ACT else "audit_shop"
        whole = _Branch(table, f"{of_shop} = ?", (search.shop_id,))
    if search.only is None:
        return [whole]
    actor, shops = search.only
    own = _Branch(whole.table, f"{whole.where} AND actor = ?", (*whole.args, actor))
    if search.shop_id:
        return [own, *([whole] if search.shop_id in shops else [])]
    if len(shops) > _MOST_BRANCHES:
        return [own, _Branch("audit", _many(search.kind, len(shops)), tuple(sorted(shops)))]
    if search.kind is Kind.ACT:
        return [own, *(_Branch("audit_shop", "audit_shop.shop_id = ?", (shop,)) for shop in sorted(shops))]
    return [own, *(_Branch("audit", "subject = ?", (shop,)) for shop in sorted(shops))]


def _many(kind: Kind, shops: int) -> str:
    """Says that a row concerned one of many shops; read along all rows, of which most fit then."""
    listed = ", ".join("?" * shops)
    if kind is not Kind.ACT:
        return f"subject IN ({listed})"
    return (
        f"EXISTS (SELECT 1 FROM audit_shop AS own WHERE own.shop_id IN ({listed}) "  # noqa: S608
        "AND own.at_us = audit.at_us AND own.writer = audit.writer AND own.number = audit.number)"
    )


def _part(
    branch: _Branch, number: int, search: Search, after: Place | None, limit: int
) -> tuple[str, tuple[Value, ...]]:
    wheres, args = _conditions(search, branch.table, after)
    order = ", ".join(f"{branch.table}.{column} DESC" for column in ("at_us", "writer", "number"))
    sql = (
        f"SELECT * FROM (SELECT {branch.table}.at_us, {branch.table}.writer, {branch.table}.number "  # noqa: S608
        f"FROM {branch.source} WHERE {' AND '.join([*wheres, branch.where])} "
        f"ORDER BY {order} LIMIT {int(limit)}) AS branch_{number}"
    )
    return sql, (*args, *branch.args)


def _conditions(search: Search, table: str, after: Place | None) -> tuple[list[str], list[Value]]:
    wheres = [f"kind = '{search.kind.value}'"]  # said outright, so that the indexes of one kind serve
    args: list[Value] = []
    wanted = {"actor": search.actor, "action": search.action, "subject": search.subject}
    for column, value in wanted.items():
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
