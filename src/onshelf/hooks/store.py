"""The table of webhooks and its SQL. Writes are values, so that a step is one commit; `messages.py` has what they are told."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import msgspec

from onshelf.hooks.decide import Decision, Fate
from onshelf.hooks.hook import Hook, HookState
from onshelf.store.db import Database, Row, Value, Write

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
            _shops(one),
            sealed,
            one.state,
            one.made_by,
            one.created_us,
        ),
    )


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants of a webhook to be otherwise; None: nothing of it."""

    url: str | None = None
    types: frozenset[str] | None = None
    shops: frozenset[str] | None = None
    every_shop: bool = False  # whatever `shops` says
    about: str | None = None

    def granted(self, old: Hook) -> Hook:
        """Returns a webhook as it is with what is wished."""
        return replace(
            old,
            url=old.url if self.url is None else self.url,
            types=old.types if self.types is None else self.types,
            shops=None if self.every_shop else old.shops if self.shops is None else self.shops,
            about=old.about if self.about is None else self.about,
        )


def change(old: Hook, wish: Wish) -> Write:
    """Stores what is wished, something at least, and returns the row. Conflict: it hears of other shops than `old`, or is gone."""
    new = wish.granted(old)
    columns: dict[str, tuple[bool, Value]] = {
        "url": (wish.url is not None, new.url),
        "types": (wish.types is not None, _names(new.types)),
        "shops": (wish.every_shop or wish.shops is not None, _shops(new)),
        "about": (wish.about is not None, new.about),
    }
    given = {name: value for name, (is_given, value) in columns.items() if is_given}
    return Write(
        f"UPDATE hook SET {', '.join(f'{name} = ?' for name in given)} WHERE {_AS_READ} RETURNING {_HOOK}",  # noqa: S608
        (*given.values(), old.hook_id, _shops(old)),
        expect_rows=1,
    )


_AS_READ = "hook_id = ? AND shops IS NOT DISTINCT FROM ?"


def changed(rows: Sequence[Row]) -> Hook | None:
    """Reads what `change` returned; None: it was rehearsed."""
    return _hook(rows[0]) if rows else None


def unchanged(one: Hook) -> Write:
    """Lets a unit happen only while a webhook hears of the shops it was read with. Conflict: of others by now, or it is gone."""
    return Write(
        f"UPDATE hook SET shops = shops WHERE {_AS_READ}",  # noqa: S608
        (one.hook_id, _shops(one)),
        expect_rows=1,
    )


def put_secrets(hook_id: str, known: bytes, sealed: bytes) -> Write:
    """Replaces the secrets. Conflict: they are no longer those that are known, or there is no such webhook."""
    return Write(
        "UPDATE hook SET secrets = ? WHERE hook_id = ? AND secrets = ?",
        (sealed, hook_id, known),
        expect_rows=1,
    )


def pause(hook_id: str) -> Write:
    """Stops telling a webhook; Conflict when it was not told anything anyway."""
    return _move(hook_id, HookState.ACTIVE, HookState.PAUSED, "")


def stop(hook_id: str, state: HookState, why: str) -> Write:
    """Stops a webhook that fails, or that asked for it; Conflict when it was not active."""
    return _move(hook_id, HookState.ACTIVE, state, why)


def resume(one: Hook) -> Write:
    """Tells a webhook again. Conflict: its state has changed meanwhile."""
    return Write(
        "UPDATE hook SET state = 'active', why = '', misses = 0, failing_us = 0, rest_until_us = 0"
        " WHERE hook_id = ? AND state = ?",
        (one.hook_id, one.state),
        expect_rows=1,
    )


def end_rest(hook_id: str) -> Write:
    """Lets a webhook be told at once; its rests begin anew. Whether it fails, and since when, stays as it is."""
    return Write("UPDATE hook SET misses = 0, rest_until_us = 0 WHERE hook_id = ?", (hook_id,))


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
    """Records how a webhook stands after a try. A rest that somebody ended while the try was under way stays ended."""
    if decision.fate is Fate.ACCEPTED:
        return accepted(hook_id, now_us)
    return Write(
        "UPDATE hook SET misses = misses + 1, failing_us = CASE WHEN failing_us = 0 THEN ? ELSE failing_us END,"
        " rest_until_us = CASE WHEN misses >= ? THEN ? ELSE rest_until_us END WHERE hook_id = ?",
        (now_us, decision.misses, decision.rest_until_us, hook_id),
    )


def accepted(hook_id: str, now_us: int) -> Write:
    """Records that a webhook accepted something: it rests no more."""
    return Write(
        "UPDATE hook SET misses = 0, failing_us = 0, rest_until_us = 0, accepted_us = ? WHERE hook_id = ?",
        (now_us, hook_id),
    )


def _move(hook_id: str, old: HookState, new: HookState, why: str) -> Write:
    return Write(
        "UPDATE hook SET state = ?, why = ? WHERE hook_id = ? AND state = ?",
        (new, why, hook_id, old),
        expect_rows=1,
    )


def _shops(one: Hook) -> str | None:
    return None if one.shops is None else _names(one.shops)


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
