"""The table of webhooks and its SQL. Writes are values, so that a step is one commit; `messages.py` has what they are told."""

from typing import Any, cast

import msgspec

from onshelf.hooks.decide import Decision, Fate
from onshelf.hooks.hook import Hook, HookState
from onshelf.store.db import Database, Row, Write

_HOOK = (
    "hook_id, url, about, types, shops, state, why, made_by, created_us, misses, failing_us, rest_until_us,"
    " accepted_us"
)


async def hooks(db: Database) -> list[Hook]:
    """Returns every webhook by id."""
    return [_hook(row) for row in await db.fetch(f"SELECT {_HOOK} FROM hook ORDER BY hook_id")]  # noqa: S608


async def hook(db: Database, hook_id: str) -> Hook | None:
    """Returns one webhook; None: there is none."""
    rows = await db.fetch(f"SELECT {_HOOK} FROM hook WHERE hook_id = ?", (hook_id,))  # noqa: S608
    return _hook(rows[0]) if rows else None


async def secrets(db: Database, hook_id: str) -> bytes | None:
    """Returns the sealed secrets of a webhook; None: there is no such webhook."""
    rows = await db.fetch("SELECT secrets FROM hook WHERE hook_id = ?", (hook_id,))
    return cast("bytes", rows[0][0]) if rows else None


def add(one: Hook, sealed: bytes) -> Write:
    """Stores a new webhook."""
    return Write(
        "INSERT INTO hook (hook_id, url, about, types, shops, secrets, state, made_by, created_us)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            one.hook_id,
            one.url,
            one.about,
            _names(one.types),
            None if one.shops is None else _names(one.shops),
            sealed,
            one.state,
            one.made_by,
            one.created_us,
        ),
    )


def change(one: Hook) -> Write:
    """Stores what a person may change of a webhook. Conflict: there is none."""
    shops = None if one.shops is None else _names(one.shops)
    return Write(
        "UPDATE hook SET url = ?, about = ?, types = ?, shops = ? WHERE hook_id = ?",
        (one.url, one.about, _names(one.types), shops, one.hook_id),
        expect_rows=1,
    )


def put_secrets(hook_id: str, sealed: bytes) -> Write:
    """Replaces the secrets. Conflict: there is no such webhook."""
    return Write("UPDATE hook SET secrets = ? WHERE hook_id = ?", (sealed, hook_id), expect_rows=1)


def pause(hook_id: str) -> Write:
    """Stops telling a webhook; Conflict when it was not told anything anyway."""
    return _move(hook_id, HookState.ACTIVE, HookState.PAUSED, "")


def stop(hook_id: str, state: HookState, why: str) -> Write:
    """Stops a webhook that fails, or that asked for it; Conflict when it was not active."""
    return _move(hook_id, HookState.ACTIVE, state, why)


def resume(one: Hook) -> list[Write]:
    """Tells a webhook again, at once what waits. Conflict: its state has changed meanwhile."""
    return [
        Write(
            "UPDATE hook SET state = 'active', why = '', misses = 0, failing_us = 0, rest_until_us = 0"
            " WHERE hook_id = ? AND state = ?",
            (one.hook_id, one.state),
            expect_rows=1,
        ),
        Write(
            "UPDATE hook_delivery SET state = 'queued', run_at_us = created_us, first_us = 0"
            " WHERE hook_id = ? AND state = 'waiting'",
            (one.hook_id,),
        ),
    ]


def remove(hook_id: str) -> list[Write]:
    """Forgets a webhook and its messages. Conflict: there is none."""
    return [
        Write("DELETE FROM hook WHERE hook_id = ?", (hook_id,), expect_rows=1),
        Write("DELETE FROM hook_delivery WHERE hook_id = ?", (hook_id,)),
    ]


async def due(db: Database) -> list[tuple[Hook, int]]:
    """Returns the active webhooks with open messages, and when the first of these falls due."""
    rows = await db.fetch(
        f"SELECT {_HOOK}, (SELECT MIN(run_at_us) FROM hook_delivery d WHERE d.hook_id = hook.hook_id AND {_DUE_OPEN})"  # noqa: S608
        " FROM hook WHERE state = 'active' ORDER BY hook_id"
    )
    return [(_hook(row[:-1]), cast("int", row[-1])) for row in rows if row[-1] is not None]


_DUE_OPEN = "d.state IN ('queued', 'waiting', 'running')"


def after_try(hook_id: str, decision: Decision, now_us: int) -> Write:
    """Records how a webhook stands after a try."""
    if decision.fate is Fate.ACCEPTED:
        return Write(
            "UPDATE hook SET misses = 0, failing_us = 0, rest_until_us = 0, accepted_us = ? WHERE hook_id = ?",
            (now_us, hook_id),
        )
    return Write(
        "UPDATE hook SET misses = misses + 1, failing_us = CASE WHEN failing_us = 0 THEN ? ELSE failing_us END,"
        " rest_until_us = ? WHERE hook_id = ?",
        (now_us, decision.rest_until_us, hook_id),
    )


def _move(hook_id: str, old: HookState, new: HookState, why: str) -> Write:
    return Write(
        "UPDATE hook SET state = ?, why = ? WHERE hook_id = ? AND state = ?",
        (new, why, hook_id, old),
        expect_rows=1,
    )


def _names(names: frozenset[str]) -> str:
    return msgspec.json.encode(sorted(names)).decode()


def _hook(row: Row) -> Hook:
    hook_id, url, about, types, shops, state, why, made_by, *numbers = cast("tuple[Any, ...]", row)
    return Hook(
        hook_id,
        url,
        about,
        frozenset(msgspec.json.decode(types, type=list[str])),
        None if shops is None else frozenset(msgspec.json.decode(shops, type=list[str])),
        HookState(state),
        why,
        made_by,
        *numbers,
    )
