"""Tables and SQL of what goes out: what is untold, and deliveries. Writes are values, so that a turn is one commit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import msgspec

from onshelf.alerts.decide import Group, Reason, Told
from onshelf.alerts.rules import Alert
from onshelf.alerts.standing import Fate, Step
from onshelf.jobs.job import JobState
from onshelf.store.db import Database, Row, Value, Write
from onshelf.store.sql import marks, portions

_LAST = 1 << 62  # after every place
_OPEN = "('queued', 'waiting', 'running')"
_COLUMNS = (
    "place, delivery_id, receiver, state, reason, changes, created_us, run_at_us, attempt, tried_us, ended_us,"
    " remaining, note"
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one receiver and what became of it."""

    place: int  # order of sending
    delivery_id: str  # the id a receiver knows the message by, the same at every try
    receiver: str
    state: JobState  # queued, running, waiting (for the next try), succeeded, failed (the channel must be mended), cancelled
    reason: Reason
    changes: int  # how many changes it tells
    created_us: int
    run_at_us: int  # not before; the end of the lease while it runs
    attempt: int  # tries so far
    tried_us: int  # when the last try began; 0: never
    ended_us: int  # when the channel accepted it or refused it for good; 0: not yet
    remaining: tuple[str, ...]  # recipients still to be reached; empty: all
    note: str  # what the channel last said against it


def notify(kept: Sequence[tuple[Step, Sequence[str]]]) -> list[Write]:
    """Makes news of changes of alerts, each for its receivers; held news goes ahead of what frees it."""
    news = [
        _notice(receiver, step)
        for step, receivers in kept
        if step.fate != Fate.KNOWN
        for receiver in receivers
    ]
    freed = [step.standing.alert.fingerprint for step, _ in kept if step.frees]
    sql = "UPDATE notice SET held = 0 WHERE fingerprint = ? AND held = 1"
    return [*(Write(sql, (fingerprint,)) for fingerprint in freed), *insert("notice", _NOTICE, news)]


def drop(fingerprints: Sequence[str]) -> list[Write]:
    """Forgets the news of alerts that nobody has been told of yet, held news too."""
    sql = "DELETE FROM notice WHERE delivery_id = '' AND fingerprint IN"
    return [Write(f"{sql} ({marks(portion)})", portion) for portion in portions(fingerprints)]


_NOTICE = ("receiver", "change_id", "group_key", "state", "seen_us", "fingerprint", "held")


def _notice(receiver: str, step: Step) -> tuple[Value, ...]:
    a = step.standing.alert
    return (receiver, a.change_id, a.group, a.state, a.seen_us, a.fingerprint, int(step.fate == Fate.HELD))


async def untold(db: Database) -> list[tuple[Group, Told | None, str]]:
    """Returns each receiver's groups with news, what it was last told of them, and its kind (empty: it is gone)."""
    rows = await db.fetch(
        "SELECT n.receiver, n.group_key, MIN(n.seen_us), COUNT(CASE WHEN n.state = 'firing' THEN 1 END), COUNT(*),"
        " (SELECT COUNT(*) FROM alert a"
        " WHERE a.group_key = n.group_key AND a.state = 'firing' AND a.standing <> 'silenced'),"
        " MAX(t.at_us), MAX(t.firing), MAX(c.kind)"
        " FROM notice n LEFT JOIN told t ON t.receiver = n.receiver AND t.group_key = n.group_key"
        " LEFT JOIN channel c ON c.name = n.receiver"
        " WHERE n.delivery_id = '' AND n.held = 0 GROUP BY n.receiver, n.group_key ORDER BY MIN(n.seen_us), n.receiver, n.group_key"
    )
    return [_group(row) for row in rows]


async def news(db: Database, group: Group) -> list[str]:
    """Returns the change ids a receiver was not told of, oldest first."""
    rows = await db.fetch(
        "SELECT n.change_id FROM notice n JOIN alert_change c ON c.change_id = n.change_id"
        " WHERE n.delivery_id = '' AND n.held = 0 AND n.receiver = ? AND n.group_key = ? ORDER BY c.place",
        (group.receiver, group.key),
    )
    return [str(change_id) for (change_id,) in rows]


def post(group: Group, reason: Reason, messages: Mapping[str, Sequence[str]], now_us: int) -> list[Write]:
    """Makes a group's news into deliveries (delivery id → change ids), due at once; a Conflict means another did it."""
    writes: list[Write] = []
    for delivery_id, change_ids in messages.items():
        writes += insert(
            "delivery",
            ("delivery_id", "receiver", "state", "reason", "changes", "created_us", "run_at_us"),
            [(delivery_id, group.receiver, "queued", reason, len(change_ids), now_us, now_us)],
        )
        writes += [
            Write(
                "UPDATE notice SET delivery_id = ? WHERE receiver = ? AND delivery_id = '' AND held = 0"  # noqa: S608
                f" AND change_id IN ({marks(portion)})",
                (delivery_id, group.receiver, *portion),
                len(portion),
            )
            for portion in portions(change_ids)
        ]
    told = "INSERT INTO told (receiver, group_key, at_us, firing) VALUES (?, ?, ?, ?) ON CONFLICT (receiver, group_key) DO UPDATE SET at_us = excluded.at_us, firing = excluded.firing"  # noqa: E501
    return [*writes, Write(told, (group.receiver, group.key, now_us, group.standing))]


@dataclass(frozen=True, slots=True)
class Head:
    """A receiver's next open delivery."""

    delivery: Delivery
    kind: str  # of its channel; empty when the channel is gone
    last_us: int  # when the receiver was last sent anything; 0: never


async def heads(db: Database) -> list[Head]:
    """Returns the head of each receiver's queue: a message waits for those before it, so a recovery never comes first.

    Stopped channels are left out: their deliveries are kept until somebody mends the channel.
    """
    rows = await db.fetch(
        f"SELECT {_prefixed('d')}, c.kind, (SELECT MAX(l.tried_us) FROM delivery l WHERE l.receiver = d.receiver)"  # noqa: S608
        " FROM delivery d LEFT JOIN channel c ON c.name = d.receiver"
        f" WHERE d.place IN (SELECT MIN(place) FROM delivery WHERE state IN {_OPEN} GROUP BY receiver)"
        " AND (c.stopped IS NULL OR c.stopped = '') ORDER BY d.place"
    )
    return [Head(_delivery(fields), str(kind or ""), cast("int", last)) for *fields, kind, last in rows]


async def unsent(db: Database, receiver: str, limit: int) -> list[Delivery]:
    """Returns a receiver's deliveries that no channel has seen yet, oldest first."""
    return await _deliveries(
        db, "state = 'queued' AND attempt = 0 AND receiver = ? ORDER BY place", (receiver,), limit
    )


async def deliveries(
    db: Database,
    *,
    receivers: Sequence[str] | None = None,
    state: JobState | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[Delivery]:
    """Returns the latest deliveries, newest first; None means all. before: the place of the last one seen."""
    where, args = ["place < ?"], [_LAST if before is None else before]
    if receivers is not None:
        where.append(f"receiver IN ({marks(receivers)})")
    if state is not None:
        where.append("state = ?")
    given: list[Value] = [*args, *(receivers or ()), *([str(state)] if state else [])]
    return await _deliveries(db, f"{' AND '.join(where)} ORDER BY place DESC", given, limit)


async def told_by(db: Database, delivery_id: str) -> tuple[Alert, ...]:
    """Returns the changes a delivery tells, in the order they happened to the alerts."""
    rows = await db.fetch(
        "SELECT c.alert FROM notice n JOIN alert_change c ON c.change_id = n.change_id"
        " WHERE n.delivery_id = ? ORDER BY c.place",
        (delivery_id,),
    )
    return tuple(alert_of(told) for (told,) in rows)


def claim(head: Delivery, folded: Sequence[Delivery], *, now_us: int, lease_until_us: int) -> list[Write]:
    """Takes a delivery for one try, with never tried ones of the same receiver folded into it.

    A Conflict means another process has one of them; nothing is changed then.
    """
    writes = [
        Write(
            "UPDATE delivery SET state = 'running', attempt = attempt + 1, tried_us = ?, run_at_us = ?, changes = ?"  # noqa: S608
            f" WHERE place = ? AND attempt = ? AND state IN {_OPEN}",
            (
                now_us,
                lease_until_us,
                head.changes + sum(each.changes for each in folded),
                head.place,
                head.attempt,
            ),
            1,
        )
    ]
    for each in folded:
        writes += [
            Write(
                "DELETE FROM delivery WHERE place = ? AND attempt = 0 AND state = 'queued'", (each.place,), 1
            ),
            Write(
                "UPDATE notice SET delivery_id = ? WHERE delivery_id = ?",
                (head.delivery_id, each.delivery_id),
                each.changes,
            ),
        ]
    return writes


def take_over(now_us: int) -> Write:
    """Ends every lease now. Only for a process that knows all earlier ones to be dead."""
    return Write(
        "UPDATE delivery SET run_at_us = ? WHERE state = 'running' AND run_at_us > ?", (now_us, now_us)
    )


def accepted(held: Delivery, *, now_us: int, note: str) -> Write:
    """Ends a held delivery: its channel has it. Conflict: the lease had passed to another process."""
    return _settle(held, JobState.SUCCEEDED, note, ended_us=now_us)


def put_off(held: Delivery, *, run_at_us: int, note: str, remaining: Sequence[str]) -> Write:
    """Gives a held delivery back until its next try, which is for the remaining recipients. Conflict as in `accepted`."""
    return _settle(held, JobState.WAITING, note, run_at_us=run_at_us, remaining=remaining)


def refused(held: Delivery, *, now_us: int, note: str) -> list[Write]:
    """Keeps a held delivery as failed and stops its channel until somebody mends it. Conflict as in `accepted`."""
    stop = Write(
        "UPDATE channel SET stopped = ?, changed_us = ? WHERE name = ?", (note, now_us, held.receiver)
    )
    return [_settle(held, JobState.FAILED, note, ended_us=now_us, remaining=held.remaining), stop]


def resume(receiver: str, now_us: int) -> list[Write]:
    """Starts a mended channel again: what it had refused is queued once more, in its old order."""
    return [
        Write("UPDATE channel SET stopped = '', changed_us = ? WHERE name = ?", (now_us, receiver)),
        Write(
            "UPDATE delivery SET state = 'waiting', run_at_us = ?, ended_us = 0"
            " WHERE receiver = ? AND state = 'failed'",
            (now_us, receiver),
        ),
    ]


def cancel(receiver: str, now_us: int) -> list[Write]:
    """Drops what a removed channel was still to be told."""
    return [
        Write("DELETE FROM notice WHERE receiver = ? AND delivery_id = ''", (receiver,)),
        Write("DELETE FROM told WHERE receiver = ?", (receiver,)),
        Write(
            "UPDATE delivery SET state = 'cancelled', ended_us = ?"  # noqa: S608
            f" WHERE receiver = ? AND (state IN {_OPEN} OR state = 'failed')",
            (now_us, receiver),
        ),
    ]


def _settle(
    held: Delivery,
    state: JobState,
    note: str,
    *,
    ended_us: int = 0,
    run_at_us: int = 0,
    remaining: Sequence[str] = (),
) -> Write:
    left = msgspec.json.encode(list(remaining)).decode() if remaining else ""
    return Write(
        "UPDATE delivery SET state = ?, note = ?, ended_us = ?, run_at_us = ?, remaining = ?"
        " WHERE place = ? AND attempt = ? AND state = 'running'",
        (state, note, ended_us, run_at_us, left, held.place, held.attempt),
        1,
    )


async def _deliveries(db: Database, where: str, args: Sequence[Value], limit: int) -> list[Delivery]:
    rows = await db.fetch(f"SELECT {_COLUMNS} FROM delivery WHERE {where} LIMIT ?", (*args, limit))  # noqa: S608
    return [_delivery(row) for row in rows]


def insert(
    table: str, columns: Sequence[str], rows: Sequence[Sequence[Value]], otherwise: str = ""
) -> Iterator[Write]:
    """Inserts rows, a few hundred a statement. otherwise: what to do with one that is there."""
    for portion in portions(rows):
        values = ", ".join([f"({marks(columns)})"] * len(portion))
        yield Write(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES {values} {otherwise}",  # noqa: S608
            [value for row in portion for value in row],
        )


def _prefixed(alias: str) -> str:
    return ", ".join(f"{alias}.{column}" for column in _COLUMNS.split(", "))


def alert_of(told: Value) -> Alert:
    """Reads an alert as it is kept."""
    return msgspec.json.decode(cast("str", told), type=Alert)


def _group(row: Row) -> tuple[Group, Told | None, str]:
    receiver, key, oldest_us, fired, all_of_it, standing_now, at_us, was_firing, kind = row
    count, fires = cast("int", all_of_it), cast("int", fired)
    group = Group(
        str(receiver), str(key), cast("int", oldest_us), fires, count - fires, cast("int", standing_now)
    )
    told = None if at_us is None else Told(cast("int", at_us), cast("int", was_firing))
    return group, told, str(kind or "")


def _delivery(row: Sequence[Value]) -> Delivery:
    place, delivery_id, receiver, state, reason, *numbers, remaining, note = row
    changes, created_us, run_at_us, attempt, tried_us, ended_us = (cast("int", number) for number in numbers)
    return Delivery(
        place=cast("int", place),
        delivery_id=str(delivery_id),
        receiver=str(receiver),
        state=JobState(str(state)),
        reason=Reason(str(reason)),
        changes=changes,
        created_us=created_us,
        run_at_us=run_at_us,
        attempt=attempt,
        tried_us=tried_us,
        ended_us=ended_us,
        remaining=tuple(msgspec.json.decode(str(remaining), type=list[str])) if remaining else (),
        note=str(note),
    )
