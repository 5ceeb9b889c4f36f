"""The event log, its readers' cursors, and the inbox of push messages.

One table, many readers: a state change and its event are written in one unit, and each reader has a place of its own.
Ids are given before a commit, so an order by id alone would lose events that commit late: places are (transaction,
id), and nothing is read past a transaction that still runs (design, seam 3). A database restored into another
PostgreSQL server starts with younger transaction numbers: run `RESTORED` there once, before anything else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import msgspec

from onshelf.errors import StoreError
from onshelf.events import EVENTS, Event
from onshelf.store.db import Database, Write

RESTORED = (
    Write(
        "UPDATE log_reader SET xid = 0, id = coalesce((SELECT min(event.id) - 1 FROM event "
        "WHERE (event.xid, event.id) > (log_reader.xid, log_reader.id)), (SELECT max(event.id) FROM event), id)"
    ),
    Write("UPDATE event SET xid = 0"),
)
"""For a restore into another server: ids alone tell the order of what is at rest. May show a reader an event again, loses none."""


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """A place in the log."""

    xid: int  # transaction that wrote the event; 0 where the database writes one at a time
    id: int


START = Cursor(0, 0)
_DECODERS = {name: msgspec.json.Decoder(kind) for name, kind in EVENTS.items()}


@dataclass(frozen=True, slots=True)
class Entry:
    """An event in the log."""

    cursor: Cursor
    name: str
    event: Event
    at_us: int  # when it was written


def append(event: Event, at_us: int) -> Write:
    """Returns the write that puts an event into the log; commit it together with the change it tells of."""
    name = type(event).__name__
    if EVENTS.get(name) is not type(event):
        raise ValueError(f"{name} is not in events.EVENTS")
    payload = msgspec.json.encode(event).decode()
    return Write("INSERT INTO event (at_us, name, payload) VALUES (?, ?, ?)", (at_us, name, payload))


async def read(db: Database, reader: str, limit: int) -> list[Entry]:
    """Reads on from a reader's place: at most `limit` events, oldest first; an unknown reader starts at the beginning.

    Raises StoreError for an event this version does not know: a reader must not pass over it.
    """
    return await read_from(db, await cursor(db, reader), limit)


async def read_from(db: Database, place: Cursor, limit: int) -> list[Entry]:
    """Reads what comes after a place the caller keeps itself; as `read`."""
    rows = await db.fetch(
        f"SELECT xid, id, name, payload, at_us FROM event WHERE (xid, id) > (?, ?) AND {db.dialect.settled} "  # noqa: S608
        "ORDER BY xid, id LIMIT ?",
        (place.xid, place.id, limit),
    )
    return [_entry(*cast("tuple[int, int, str, str, int]", row)) for row in rows]


def advance(reader: str, entry: Entry) -> Write:
    """Returns the write that moves a reader past an entry; commit it together with what the reader did.

    A place only moves forward: when another process was there first the unit ends in Conflict, and nothing is done twice.
    """
    return Write(
        "INSERT INTO log_reader (reader, xid, id) VALUES (?, ?, ?) ON CONFLICT (reader) "
        "DO UPDATE SET xid = excluded.xid, id = excluded.id "
        "WHERE (log_reader.xid, log_reader.id) < (excluded.xid, excluded.id)",
        (reader, entry.cursor.xid, entry.cursor.id),
        expect_rows=1,
    )


def begin(reader: str, place: Cursor) -> Write:
    """Returns the write that lets a new reader start at a place; one that has a place keeps it."""
    return Write(
        "INSERT INTO log_reader (reader, xid, id) VALUES (?, ?, ?) ON CONFLICT (reader) DO NOTHING",
        (reader, place.xid, place.id),
    )


async def cursor(db: Database, reader: str) -> Cursor:
    """Returns a reader's place; START when it has none yet."""
    rows = await db.fetch("SELECT xid, id FROM log_reader WHERE reader = ?", (reader,))
    return Cursor(*cast("tuple[int, int]", rows[0])) if rows else START


async def end(db: Database) -> Cursor:
    """Returns the place behind all that can be read now: where somebody begins who only wants what is to come."""
    rows = await db.fetch(
        f"SELECT xid, id FROM event WHERE {db.dialect.settled} ORDER BY xid DESC, id DESC LIMIT 1"  # noqa: S608
    )
    return Cursor(*cast("tuple[int, int]", rows[0])) if rows else START


async def before(db: Database, at_us: int) -> Cursor:
    """Returns a place before everything written since a time; `at_us` grows with ids but for clocks set back."""
    rows = await db.fetch(
        "SELECT xid, id FROM event WHERE at_us < ? ORDER BY at_us DESC, id DESC LIMIT 1", (at_us,)
    )
    return Cursor(*cast("tuple[int, int]", rows[0])) if rows else START


async def behind(db: Database, reader: str) -> int:
    """Counts the events a reader has not passed yet, those of transactions still running included."""
    place = await cursor(db, reader)
    rows = await db.fetch("SELECT count(*) FROM event WHERE (xid, id) > (?, ?)", (place.xid, place.id))
    return cast("int", rows[0][0])


async def is_forgotten(db: Database, place: Cursor) -> bool:
    """Tells whether events that came after a place may be gone: it lies before all that is kept."""
    rows = await db.fetch("SELECT xid, id FROM event ORDER BY xid, id LIMIT 1")
    return START < place < (Cursor(*cast("tuple[int, int]", rows[0])) if rows else START)


def trim(before_us: int, limit: int) -> Write:
    """Returns the write that deletes events written before a time, of the oldest `limit` at most.

    What a reader has not passed stays. So does the newest, for a database may give its id again.
    """
    return Write(
        "DELETE FROM event WHERE id IN (SELECT id FROM event WHERE at_us < ? AND id < (SELECT max(id) FROM event)"
        " AND NOT EXISTS (SELECT 1 FROM log_reader WHERE (log_reader.xid, log_reader.id) < (event.xid, event.id))"
        " ORDER BY xid, id LIMIT ?)",
        (before_us, limit),
    )


def _entry(xid: int, number: int, name: str, payload: str, at_us: int) -> Entry:
    if name not in _DECODERS:
        raise StoreError(
            f"event {number} is of the unknown kind {name}: it was written by a newer version of onshelf"
        )
    try:
        event = _DECODERS[name].decode(payload)
    except msgspec.MsgspecError as error:
        raise StoreError(f"event {number} ({name}) cannot be read: {error}") from error
    return Entry(Cursor(xid, number), name, event, at_us)


@dataclass(frozen=True, slots=True)
class Message:
    """A push message as it came in."""

    app_key: str
    group_name: str  # the consumer group it came through
    data_id: str  # the platform's id of what it tells; with app and group it is unique
    topic: str
    content: bytes  # as received, readable or not
    received_us: int
    user_id: str = ""  # the seller it is about; "" when the platform did not tell
    nick: str = ""
    delivery_id: int = 0  # what confirms the delivery that was kept; 0: it cannot be confirmed


@dataclass(frozen=True, slots=True)
class Kept:
    """A message in the inbox."""

    id: int
    message: Message


def keep(messages: Sequence[Message]) -> list[Write]:
    """Returns the writes that store messages as waiting; one that is there already stays as it is."""
    sql = (
        f"INSERT INTO inbox ({_MESSAGE_COLUMNS}, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting') "  # noqa: S608
        "ON CONFLICT (app_key, group_name, data_id) DO NOTHING"
    )
    return [
        Write(
            sql,
            (
                m.app_key,
                m.group_name,
                m.data_id,
                m.topic,
                m.content,
                m.received_us,
                m.user_id,
                m.nick,
                m.delivery_id,
            ),
        )
        for m in messages
    ]


async def waiting(db: Database, limit: int) -> list[Kept]:
    """Reads the oldest messages nobody has handled."""
    rows = await db.fetch(
        f"SELECT id, {_MESSAGE_COLUMNS} FROM inbox WHERE state = 'waiting' ORDER BY id LIMIT ?",  # noqa: S608
        (limit,),
    )
    return [Kept(cast("int", number), Message(*cast("Any", fields))) for number, *fields in rows]


async def deliveries(
    db: Database, app_key: str, group_name: str, *, since_us: int, among: int
) -> list[tuple[int, str]]:
    """Reads delivery and data id of a group's messages received after a time, of the latest `among` of all."""
    rows = await db.fetch(
        "SELECT delivery_id, data_id FROM (SELECT * FROM inbox ORDER BY id DESC LIMIT ?) AS latest "
        "WHERE app_key = ? AND group_name = ? AND received_us > ? AND delivery_id > 0 ORDER BY id",
        (among, app_key, group_name, since_us),
    )
    return cast("list[tuple[int, str]]", rows)


def handled(kept: Kept) -> Write:
    """Returns the write that ends a message; Conflict when another process has handled it."""
    return Write("UPDATE inbox SET state = 'handled' WHERE id = ? AND state = 'waiting'", (kept.id,), 1)


def failed(kept: Kept) -> Write:
    """Returns the write that sets a message aside that broke its handler; Conflict as with `handled`."""
    return Write("UPDATE inbox SET state = 'failed' WHERE id = ? AND state = 'waiting'", (kept.id,), 1)


def forget(before_us: int, limit: int) -> Write:
    """Returns the write that deletes handled messages received before a time, of the oldest `limit` at most."""
    return Write(
        "DELETE FROM inbox WHERE received_us < ? AND id IN "
        "(SELECT id FROM inbox WHERE state = 'handled' ORDER BY id LIMIT ?)",
        (before_us, limit),
    )


_MESSAGE_COLUMNS = "app_key, group_name, data_id, topic, content, received_us, user_id, nick, delivery_id"
