"""Changes, put-off nominations, marks of a sweep and the memory of a shop's looks, as tables.

A change, the item's new record and its event are one unit, so that each change is stored and told exactly once.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, cast

import msgspec

from onshelf.catalog import store as catalog
from onshelf.catalog.item import Expected, State
from onshelf.catalog.item_list import count_doubtful
from onshelf.errors import Conflict
from onshelf.events import ItemChanged
from onshelf.platforms.port import Bucket
from onshelf.store import log
from onshelf.store.db import Database, Row, Write
from onshelf.store.sql import marks, portions
from onshelf.watch.compare import Nomination, Verdict
from onshelf.watch.plan import Memory

_CHANGE_FIELDS = tuple(field.name for field in fields(ItemChanged))
CHANGE_COLUMNS = ", ".join(_CHANGE_FIELDS)


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict on the record it was made from, ready to be written."""

    named: Nomination
    verdict: Verdict
    known_version: int | None  # None: there was no record
    put_off: bool = True  # the nomination may have a row of its own
    asked_us: int = 0  # when the read behind the verdict was sent; 0: it was a list


async def settle(db: Database, shop_id: str, decisions: Sequence[Decision]) -> list[ItemChanged]:
    """Writes decisions as one durable unit and returns the changes among them.

    A decision whose record was changed meanwhile is dropped: another process has seen the same, or something newer.
    """
    pending = [(decision, decision_writes(shop_id, decision)) for decision in decisions]
    while pending:
        owners = [place for place, (_, writes) in enumerate(pending) for _ in writes]
        try:
            await db.commit([write for _, writes in pending for write in writes])
        except Conflict as lost:
            del pending[owners[lost.index]]
            continue
        return [decision.verdict.change for decision, _ in pending if decision.verdict.change]
    return []


def decision_writes(shop_id: str, decision: Decision) -> list[Write]:
    """Returns one decision's part of a unit: record, change, event, and whether the item is to be asked again."""
    verdict, writes = decision.verdict, []
    if verdict.record:
        writes.append(catalog.write_item(verdict.record, expect_version=decision.known_version))
    if verdict.spent:
        writes.append(_take_back(shop_id, decision.named.item_id, verdict.spent))
    if verdict.change:
        writes += [_insert_change(verdict.change), log.append(verdict.change, verdict.change.seen_us)]
    if verdict.again_us is not None:
        writes.append(put_off(shop_id, replace(decision.named, failures=0), verdict.again_us))
    elif decision.put_off:
        writes.append(_drop_nomination(shop_id, decision.named.item_id, decision.asked_us))
    return writes


def put_off(shop_id: str, named: Nomination, due_us: int) -> Write:
    """Returns the write that keeps a nomination until it is due; it replaces an older one of the item."""
    return Write(
        "INSERT INTO nomination (shop_id, item_id, due_us, evidence, bucket, modified_us, failures, gone) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (shop_id, item_id) DO UPDATE SET due_us = excluded.due_us, "
        "evidence = excluded.evidence, bucket = excluded.bucket, modified_us = excluded.modified_us, "
        "failures = excluded.failures, gone = excluded.gone",
        (
            shop_id,
            named.item_id,
            due_us,
            named.evidence,
            named.bucket,
            named.modified_us,
            named.failures,
            int(named.gone),
        ),
    )


def name_now(shop_id: str, named: Nomination, now_us: int) -> Write:
    """Returns the write that makes a nomination due at once; an item whose read broke rests on."""
    return Write(
        "INSERT INTO nomination (shop_id, item_id, due_us, evidence, bucket, modified_us, failures, gone) "
        "VALUES (?, ?, ?, ?, ?, NULL, 0, ?) ON CONFLICT (shop_id, item_id) DO UPDATE SET due_us = excluded.due_us, "
        "evidence = excluded.evidence, bucket = excluded.bucket, modified_us = NULL, gone = excluded.gone "
        "WHERE nomination.failures = 0",
        (shop_id, named.item_id, now_us, named.evidence, named.bucket, int(named.gone)),
    )


async def due(db: Database, shop_id: str, *, now_us: int, limit: int) -> list[Nomination]:
    """Reads the nominations that are due, those that never failed first."""
    rows = await db.fetch(
        "SELECT item_id, evidence, bucket, modified_us, failures, gone FROM nomination WHERE shop_id = ? AND due_us <= ? "
        "ORDER BY failures, due_us, item_id LIMIT ?",
        (shop_id, now_us, limit),
    )
    return [_nomination(row) for row in rows]


async def resting(db: Database, shop_id: str, item_ids: Sequence[int], *, now_us: int) -> dict[int, int]:
    """Tells of which items a read broke before: id to how often, or -1 while it still rests."""
    found: dict[int, int] = {}
    for ids in portions(item_ids):
        rows = await db.fetch(
            "SELECT item_id, failures, due_us FROM nomination WHERE shop_id = ? AND failures > 0 "  # noqa: S608 - marks only
            f"AND item_id IN ({marks(ids)})",
            (shop_id, *ids),
        )
        for item_id, failures, due_us in cast("list[tuple[int, int, int]]", rows):
            found[item_id] = failures if due_us <= now_us else -1
    return found


async def any_undecided(db: Database, shop_id: str, *, now_us: int) -> bool:
    """Tells whether some item is still to be read that should have been: its read broke, or the quota did not cover it."""
    rows = await db.fetch(
        "SELECT 1 FROM nomination WHERE shop_id = ? AND (failures > 0 OR due_us <= ?) LIMIT 1",
        (shop_id, now_us),
    )
    return bool(rows)


async def next_due_us(db: Database, shop_id: str) -> int | None:
    """Returns when the earliest nomination that was put off is due; None when there is none."""
    rows = await db.fetch("SELECT MIN(due_us) FROM nomination WHERE shop_id = ?", (shop_id,))
    return cast("int | None", rows[0][0])


async def mark_listed(db: Database, shop_id: str, item_ids: Sequence[int], at_us: int) -> None:
    """Notes that a sweep met these items in a list; each id once."""
    rows = [(shop_id, item_id, at_us) for item_id in item_ids]
    await db.upsert_many(
        "watch_mark", key=("shop_id", "item_id"), columns=("shop_id", "item_id", "listed_us"), rows=rows
    )


async def unlisted(
    db: Database, shop_id: str, state: State, *, since_us: int, after: int, limit: int
) -> list[int]:
    """Reads the ids of a state, after the id `after`, that no sweep met and no id read decided since a time."""
    rows = await db.fetch(
        "SELECT item_id FROM item WHERE shop_id = ? AND item_id > ? AND state = ? AND doubt = 0 AND asked_us < ? "
        "AND NOT EXISTS (SELECT 1 FROM watch_mark WHERE watch_mark.shop_id = item.shop_id "
        "AND watch_mark.item_id = item.item_id AND listed_us >= ?) ORDER BY item_id LIMIT ?",
        (shop_id, after, state.value, since_us, since_us, limit),
    )
    return [cast("int", item_id) for (item_id,) in rows]


async def count_sure(db: Database, shop_id: str) -> dict[State, int]:
    """Counts the items by state, those in doubt left out: the lists no longer show them."""
    counts = Counter(await catalog.count_items(db, shop_id))
    counts.subtract(await count_doubtful(db, shop_id))
    return {state: count for state, count in counts.items() if count}


async def any_sure(db: Database, shop_id: str) -> int | None:
    """Returns an item that is there as far as we know, to witness a reply; None when the shop has none."""
    rows = await db.fetch(
        "SELECT item_id FROM item WHERE shop_id = ? AND state = ? AND doubt = 0 "
        "ORDER BY changed_us DESC, item_id DESC LIMIT 1",
        (shop_id, State.ONSALE.value),
    )
    return cast("int", rows[0][0]) if rows else None


async def recall(db: Database, shop_id: str) -> Memory:
    """Reads what the shop's looks know; a shop never looked at has an empty memory of round 0."""
    rows = await db.fetch("SELECT memory FROM watch_shop WHERE shop_id = ?", (shop_id,))
    return _memories.decode(cast("str", rows[0][0])) if rows else Memory()


async def memories(db: Database, shop_ids: Sequence[str]) -> dict[str, Memory]:
    """As `recall`, for several shops by name."""
    found = dict.fromkeys(shop_ids, Memory())
    for ids in portions(shop_ids):
        rows = await db.fetch(
            f"SELECT shop_id, memory FROM watch_shop WHERE shop_id IN ({marks(ids)})",  # noqa: S608
            ids,
        )
        found.update(
            (shop_id, _memories.decode(text)) for shop_id, text in cast("list[tuple[str, str]]", rows)
        )
    return found


async def remember(db: Database, shop_id: str, memory: Memory) -> Memory:
    """Keeps the memory durably and returns it with its new round. Raises Conflict when another process looked meanwhile."""
    kept = replace(memory, round=memory.round + 1)
    text = msgspec.json.encode(kept).decode()
    if memory.round:
        sql = "UPDATE watch_shop SET round = ?, memory = ? WHERE shop_id = ? AND round = ?"
        await db.commit([Write(sql, (kept.round, text, shop_id, memory.round), expect_rows=1)])
    else:
        sql = "INSERT INTO watch_shop (shop_id, round, memory) VALUES (?, ?, ?)"
        await db.commit([Write(sql, (shop_id, kept.round, text))])
    return kept


async def history(
    db: Database, shop_id: str, *, item_id: int | None = None, since_us: int = 0, limit: int = 1000
) -> list[ItemChanged]:
    """Reads stored changes, oldest first: of one item or of the whole shop, seen at `since_us` or later."""
    wanted, args = ("", ()) if item_id is None else (" AND item_id = ?", (item_id,))
    rows = await db.fetch(
        f"SELECT {CHANGE_COLUMNS} FROM change WHERE shop_id = ? AND seen_us >= ?{wanted} "  # noqa: S608 - names of this file
        "ORDER BY seen_us, item_id, version LIMIT ?",
        (shop_id, since_us, *args, limit),
    )
    return [change_of(row) for row in rows]


_memories = msgspec.json.Decoder(Memory)


def _insert_change(change: ItemChanged) -> Write:
    values = {**asdict(change), "ours": int(change.ours)}
    sql = f"INSERT INTO change ({CHANGE_COLUMNS}) VALUES ({marks(_CHANGE_FIELDS)})"  # noqa: S608
    return Write(sql, tuple(values.values()))


def _take_back(shop_id: str, item_id: int, spent: Expected) -> Write:
    """Clears a fulfilled expectation, unless a job has set another meanwhile: the next such change is not ours."""
    return Write(
        "UPDATE item SET expected_state = NULL, expected_by = NULL, expected_until_us = NULL "
        "WHERE shop_id = ? AND item_id = ? AND expected_state = ? AND expected_by = ? AND expected_until_us = ?",
        (shop_id, item_id, spent.state.value, spent.by, spent.until_us),
    )


def _drop_nomination(shop_id: str, item_id: int, asked_us: int) -> Write:
    """Takes a nomination off, but none that a message made after the read was sent: the read may not show what it tells."""
    return Write(
        "DELETE FROM nomination WHERE shop_id = ? AND item_id = ? AND NOT (evidence = 'push' AND due_us > ?)",
        (shop_id, item_id, asked_us),
    )


def _nomination(row: Row) -> Nomination:
    item_id, evidence, bucket, modified_us, failures, gone = cast("tuple[Any, ...]", row)
    listed = Bucket(bucket) if bucket else None
    return Nomination(item_id, evidence, listed, modified_us, failures, bool(gone))


def change_of(row: Row) -> ItemChanged:
    """Reads `CHANGE_COLUMNS` back into a change."""
    values = dict(zip(_CHANGE_FIELDS, cast("tuple[Any, ...]", row), strict=True))
    return ItemChanged(**{**values, "ours": bool(values["ours"])})
