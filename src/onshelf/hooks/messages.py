"""The table of messages to webhooks and its SQL. Writes are values, so that a step is one commit."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, cast

from onshelf.hooks.decide import Decision, Fate
from onshelf.hooks.hook import Hook, HookState
from onshelf.hooks.store import after_try
from onshelf.hooks.told import TEST, Told
from onshelf.jobs.job import JobState
from onshelf.store.db import Database, Row, Value, Write
from onshelf.store.sql import marks, portions

_DELIVERY = (
    "place, delivery_id, hook_id, type, shop_id, body, state, happened_us, created_us, run_at_us, attempt,"
    " first_us, tried_us, ended_us, status, note, anew_after"
)
_OPEN = "state IN ('queued', 'waiting', 'running')"
_ANEW = "state = 'queued', first_us = 0, ended_us = 0, note = '', anew_after = hook_delivery.attempt"
_AT_REST = "(hook_delivery.ended_us > 0 OR hook_delivery.state = 'waiting')"
"""What is neither under way nor about to be. `attempt` counts on when a message begins anew: it is the fence of `settle`."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one receiver and what became of it."""

    place: int  # order of making
    delivery_id: str  # the receiver knows it by this at every try
    hook_id: str
    type: str
    shop_id: str  # empty: it is about no shop
    body: str
    state: JobState  # queued, running, waiting (for the next try), succeeded, failed (given up), cancelled
    happened_us: int  # when its event was written
    created_us: int
    run_at_us: int  # not before; the end of the lease while it runs
    attempt: int  # tries so far
    first_us: int  # when the first try began; 0: never tried
    tried_us: int  # when the last try began; 0: never
    ended_us: int  # 0: not yet
    status: int  # HTTP status of the last answer; 0: there was none
    note: str  # what was last said against it; empty: nothing
    anew_after: int = 0  # tries before its rests began anew

    @property
    def at_rest(self) -> bool:
        """Tells whether it has ended, or waits for its next try."""
        return self.ended_us > 0 or self.state is JobState.WAITING

    def next_us(self, hook: Hook) -> int:
        """Returns when it is tried next, as far as that is known; 0: not at all, or not before its webhook goes on."""
        if self.ended_us or hook.state is not HookState.ACTIVE:
            return 0
        return max(self.run_at_us, hook.rest_until_us)


def cancel(hook_id: str, now_us: int) -> Write:
    """Drops what a webhook was still to be told."""
    return Write(
        f"UPDATE hook_delivery SET state = 'cancelled', ended_us = ? WHERE hook_id = ? AND {_OPEN}",  # noqa: S608
        (now_us, hook_id),
    )


def keep_only(hook_id: str, shops: Collection[str]) -> Write:
    """Forgets messages about other shops and about none: who sees a webhook of these shops must not read those."""
    others = f" AND shop_id NOT IN ({marks(shops)})" if shops else ""
    return Write(
        f"DELETE FROM hook_delivery WHERE hook_id = ? AND type <> ?{others}",  # noqa: S608
        (hook_id, TEST, *sorted(shops)),
    )


@dataclass(frozen=True, slots=True)
class New:
    """A message to make; the id of the event makes its own, so that the same event never makes two."""

    hook_id: str
    event_id: int
    told: Told
    happened_us: int

    @property
    def delivery_id(self) -> str:
        return f"{self.hook_id}-{self.event_id}"


def post(messages: Sequence[New], now_us: int, *, again: bool = False) -> list[Write]:
    """Makes messages, due at once, and returns a row for each. One that is there already stays as it is, and has no row.

    again: one that has ended or waits is sent again.
    """
    otherwise = (
        f"DO UPDATE SET {_ANEW}, run_at_us = excluded.run_at_us WHERE {_AT_REST}" if again else "DO NOTHING"
    )
    return [
        Write(
            f"{_INSERT} VALUES {', '.join([_MARKS] * len(portion))} ON CONFLICT (delivery_id) {otherwise} RETURNING place",
            [value for one in portion for value in _new(one, now_us)],
        )
        for portion in portions(messages)
    ]


_INSERT = "INSERT INTO hook_delivery (delivery_id, hook_id, type, shop_id, body, state, happened_us, created_us, run_at_us)"
_MARKS = "(?, ?, ?, ?, ?, 'queued', ?, ?, ?)"


def _new(one: New, now_us: int) -> tuple[Value, ...]:
    told = one.told
    return (
        one.delivery_id,
        one.hook_id,
        told.type,
        told.shop_id,
        told.body,
        one.happened_us,
        now_us,
        now_us,
    )


def keep_test(one: Delivery) -> Write:
    """Stores a test that was sent, for the list of messages."""
    return Write(
        "INSERT INTO hook_delivery (delivery_id, hook_id, type, shop_id, body, state, happened_us, created_us, run_at_us,"
        " attempt, first_us, tried_us, ended_us, status, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            one.delivery_id, one.hook_id, one.type, one.shop_id, one.body, one.state, one.happened_us, one.created_us,
            one.run_at_us, one.attempt, one.first_us, one.tried_us, one.ended_us, one.status, one.note,
        ),
    )  # fmt: skip


async def claim(
    db: Database, hook_id: str, limit: int, *, now_us: int, lease_until_us: int
) -> list[Delivery]:
    """Takes due messages of a webhook for one try each, those due longest first; durable. Empty: another process has them."""
    rows = await db.claim(
        "hook_delivery",
        set_sql="state = 'running', attempt = attempt + 1, tried_us = ?, run_at_us = ?,"
        " first_us = CASE WHEN first_us = 0 THEN ? ELSE first_us END",
        where_sql=f"hook_id = ? AND {_OPEN} AND run_at_us <= ?",
        order_by="run_at_us, place",
        limit=limit,
        returning=_DELIVERY,
        args=(now_us, lease_until_us, now_us, hook_id, now_us),
    )
    return sorted(map(_delivery, rows), key=lambda one: one.place)


def settle(held: Delivery, decision: Decision, *, now_us: int, status: int, note: str) -> list[Write]:
    """Records what became of a try, and how its webhook stands. Conflict: the lease had passed to another process."""
    ended_us = 0 if decision.fate is Fate.PUT_OFF else now_us
    return [
        Write(
            "UPDATE hook_delivery SET state = ?, run_at_us = ?, ended_us = ?, status = ?, note = ?"
            " WHERE place = ? AND attempt = ? AND state = 'running'",
            (
                _STATES[decision.fate],
                decision.run_at_us,
                ended_us,
                status,
                note,
                held.place,
                held.attempt,
            ),
            expect_rows=1,
        ),
        after_try(held.hook_id, decision, now_us),
    ]


_STATES = {
    Fate.ACCEPTED: JobState.SUCCEEDED,
    Fate.PUT_OFF: JobState.WAITING,
    Fate.GIVEN_UP: JobState.FAILED,
    Fate.GONE: JobState.FAILED,
}


def replay(hook_id: str, delivery_id: str, now_us: int) -> Write:
    """Sends a message that has ended or waits again, under its id. Conflict: there is none, or it is under way."""
    return Write(
        f"UPDATE hook_delivery SET {_ANEW}, run_at_us = ? WHERE hook_id = ? AND delivery_id = ? AND {_AT_REST}",  # noqa: S608
        (now_us, hook_id, delivery_id),
        expect_rows=1,
    )


def release(hook_id: str) -> Write:
    """Lets all messages of a webhook that wait be tried at once, in the order of their making."""
    return Write(
        f"UPDATE hook_delivery SET {_ANEW}, run_at_us = created_us WHERE hook_id = ? AND state = 'waiting'",  # noqa: S608
        (hook_id,),
    )


async def on_the_way(db: Database, delivery_ids: Sequence[str]) -> int:
    """Counts those of some messages that are under way or about to be."""
    counted = 0
    for portion in portions(delivery_ids):
        rows = await db.fetch(
            f"SELECT COUNT(*) FROM hook_delivery WHERE delivery_id IN ({marks(portion)}) AND NOT {_AT_REST}",  # noqa: S608
            portion,
        )
        counted += cast("int", rows[0][0])
    return counted


def take_over(now_us: int) -> Write:
    """Ends every lease now. Only for a process that knows all earlier ones to be dead."""
    return Write(
        "UPDATE hook_delivery SET run_at_us = ? WHERE state = 'running' AND run_at_us > ?", (now_us, now_us)
    )


def forget(before_us: int, limit: int) -> Write:
    """Deletes messages made before a time, at most `limit`."""
    return Write(
        "DELETE FROM hook_delivery WHERE state <> 'running' AND place IN"
        " (SELECT place FROM hook_delivery WHERE created_us < ? ORDER BY created_us LIMIT ?)",
        (before_us, limit),
    )


async def delivery(db: Database, hook_id: str, delivery_id: str) -> Delivery | None:
    """Returns one message of a webhook; None: there is none."""
    rows = await db.fetch(
        f"SELECT {_DELIVERY} FROM hook_delivery WHERE delivery_id = ? AND hook_id = ?",  # noqa: S608
        (delivery_id, hook_id),
    )
    return _delivery(rows[0]) if rows else None


async def deliveries(
    db: Database, hook_id: str, *, state: JobState | None = None, before: int | None = None, limit: int
) -> list[Delivery]:
    """Returns messages of a webhook, newest first, those made before the place `before`, of one state when named."""
    of_state, wanted = ("", ()) if state is None else (" AND state = ?", (state,))
    rows = await db.fetch(
        f"SELECT {_DELIVERY} FROM hook_delivery WHERE hook_id = ?{of_state} AND place < ?"  # noqa: S608
        " ORDER BY place DESC LIMIT ?",
        (hook_id, *wanted, (1 << 62) if before is None else before, limit),
    )
    return [_delivery(row) for row in rows]


async def counts(db: Database, hook_id: str, most: int) -> dict[JobState, int]:
    """Counts the messages of a webhook by state, each up to `most`."""
    counted: dict[JobState, int] = {}
    for state in JobState:
        rows = await db.fetch(
            "SELECT COUNT(*) FROM (SELECT 1 AS one FROM hook_delivery WHERE hook_id = ? AND state = ? LIMIT ?) AS few",
            (hook_id, state, most),
        )
        counted[state] = cast("int", rows[0][0])
    return counted


def _delivery(row: Row) -> Delivery:
    place, delivery_id, hook_id, kind, shop_id, body, state, *rest = cast("tuple[Any, ...]", row)
    return Delivery(place, delivery_id, hook_id, kind, shop_id, body, JobState(state), *rest)
