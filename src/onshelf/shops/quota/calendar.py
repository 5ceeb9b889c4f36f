"""The calendar of closures: when, as on promotion days, the platform shuts methods or wants fewer calls; kept by people."""

import re
from datetime import datetime
from typing import cast

from onshelf.clock import to_us
from onshelf.errors import SettingsError, expected
from onshelf.platforms.port import Closure
from onshelf.store.db import Database, Row, Write
from onshelf.texts import Words

LAST_US = 4_102_444_800_000_000
"""The year 2100."""
MOST = 1_000
"""So many closures are heeded at once."""
_NAME = re.compile(r"[^/\x00-\x1f\x7f]{1,60}")
_METHOD = re.compile(r"[A-Za-z0-9_.*?-]{1,120}")


def put(closure: Closure) -> Write:
    """Adds a closure, or replaces the one of its name."""
    return Write(
        "INSERT INTO quota_closure (name, from_us, to_us, methods, per_minute) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (name) DO UPDATE SET from_us = excluded.from_us, to_us = excluded.to_us, "
        "methods = excluded.methods, per_minute = excluded.per_minute",
        (closure.name, closure.from_us, closure.to_us, "\n".join(closure.methods), closure.per_minute),
    )


def remove(name: str) -> Write:
    """Takes a closure off the calendar. Conflict at commit: there is none of that name."""
    return Write("DELETE FROM quota_closure WHERE name = ?", (name,), expect_rows=1)


def check(closure: Closure) -> Closure:
    """Returns the closure when it can stand on the calendar; raises SettingsError naming what cannot."""
    if not _NAME.fullmatch(closure.name):
        raise _wrong("name", closure.name, expected("calendar_name"))
    if closure.to_us <= closure.from_us:
        raise _wrong("ends", "", expected("after_begin"))
    if not closure.methods:
        raise _wrong("methods", "", expected("a_method"))
    for method in closure.methods:
        if not _METHOD.fullmatch(method):
            raise _wrong("methods", method, expected("methods"))
    return closure


def moment_us(at: datetime, name: str) -> int:
    """Returns a moment as the calendar keeps it; raises SettingsError for one no calendar of ours reaches."""
    moment = to_us(at)
    if not 0 <= moment < LAST_US:
        raise _wrong(name, str(at), expected("calendar_moment"))
    return moment


def _wrong(name: str, value: str, wanted: str | Words) -> SettingsError:
    return SettingsError(name, value=value[:80], origin="calendar", expected=wanted)


async def closures(
    db: Database, after_us: int = 0, *, place: tuple[int, str] | None = None, limit: int = MOST
) -> tuple[Closure, ...]:
    """Returns the closures that end after a moment, soonest first; those behind `place` (begin, name) when it is given."""
    behind, args = ("AND (from_us, name) > (?, ?) ", place) if place else ("", ())
    rows = await db.fetch(
        f"SELECT name, from_us, to_us, methods, per_minute FROM quota_closure WHERE to_us > ? {behind}"  # noqa: S608
        "ORDER BY from_us, name LIMIT ?",
        (after_us, *args, limit),
    )
    return tuple(map(_closure, rows))


async def find(db: Database, name: str) -> Closure | None:
    """Returns the closure of a name; None: there is none."""
    rows = await db.fetch(
        "SELECT name, from_us, to_us, methods, per_minute FROM quota_closure WHERE name = ?", (name,)
    )
    return _closure(rows[0]) if rows else None


def _closure(row: Row) -> Closure:
    name, from_us, to_us, methods, per_minute = cast("tuple[str, int, int, str, int]", row)
    return Closure(name, from_us, to_us, tuple(methods.split("\n")), per_minute)
