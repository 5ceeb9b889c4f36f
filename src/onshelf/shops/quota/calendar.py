"""The calendar of closures: when, as on promotion days, the platform shuts methods or wants fewer calls; kept by people."""

from typing import cast

from onshelf.platforms.port import Closure
from onshelf.store.db import Database, Write


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


async def closures(db: Database, after_us: int = 0) -> tuple[Closure, ...]:
    """Returns the closures that end after a moment, soonest first."""
    rows = await db.fetch(
        "SELECT name, from_us, to_us, methods, per_minute FROM quota_closure WHERE to_us > ? "
        "ORDER BY from_us, name",
        (after_us,),
    )
    return tuple(
        Closure(name, from_us, to_us, tuple(methods.split("\n")), per_minute)
        for name, from_us, to_us, methods, per_minute in cast("list[tuple[str, int, int, str, int]]", rows)
    )
