"""Brings a database to this version's schema: numbered steps, forward only, each one unit.

Steps are `migrations/NNNN_name.sql`: statements end with `;` at a line's end; `{serial}`, `{blob}` and `{xid}` stand
for the dialect's words. A statement under the line `-- sqlite:` or `-- postgres:` is that backend's alone.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import cast

from onshelf.errors import Conflict, StoreError
from onshelf.store.db import Database, Dialect, Write

_TABLE = Write(
    "CREATE TABLE IF NOT EXISTS migration (number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL)"
)
_ALONE = ("-- sqlite:", "-- postgres:")
_CLASHES = 100  # times another process may be faster than we before something is wrong


@dataclass(frozen=True, slots=True)
class Step:
    """One migration."""

    number: int  # from 1
    name: str
    sql: str


@cache
def steps() -> tuple[Step, ...]:
    """Returns the steps this version knows, in order."""
    found = [file for file in (files("onshelf.store") / "migrations").iterdir() if file.name.endswith(".sql")]
    numbered = sorted((file.name.removesuffix(".sql").split("_", 1), file) for file in found)
    return tuple(Step(int(number), name, file.read_text("utf-8")) for (number, name), file in numbered)


async def migrate(db: Database, *, upto: int | None = None) -> int:
    """Takes the steps that are missing, all or up to a number, and returns how many this call took.

    Safe when several processes do it at once, and to repeat. Raises StoreError when the database comes from a newer version.
    """
    taken = 0
    for _ in range(_CLASHES):
        try:
            done = await _done(db)
            for step in steps():
                if step.number not in done and (upto is None or step.number <= upto):
                    await db.commit(writes_of(step, db.dialect))
                    taken += 1
        except Conflict:
            continue
        return taken
    raise StoreError("migrations: another process keeps getting in the way")


def writes_of(step: Step, dialect: Dialect) -> list[Write]:
    """Turns a step into one unit. Its mark comes first: whoever is second fails there, before any other statement."""
    sql = step.sql.replace("{serial}", dialect.serial)
    sql = sql.replace("{blob}", dialect.blob).replace("{xid}", dialect.xid)
    statements = [part.strip() for part in (sql + "\n").split(";\n")]
    mark = Write("INSERT INTO migration (number, name) VALUES (?, ?)", (step.number, step.name))
    return [mark, *(Write(statement) for statement in statements if _says_something(statement, dialect))]


def _says_something(statement: str, dialect: Dialect) -> bool:
    lines = [line.strip() for line in statement.splitlines()]
    foreign = any(line in _ALONE and line != f"-- {dialect.name}:" for line in lines)
    return not foreign and any(line and not line.startswith("--") for line in lines)


async def _done(db: Database) -> set[int]:
    await db.commit([_TABLE])
    rows = await db.fetch("SELECT number, name FROM migration ORDER BY number")
    done = {cast("int", number): cast("str", name) for number, name in rows}
    known = {step.number for step in steps()}
    newer = [f"{number:04d} {name}" for number, name in done.items() if number not in known]
    if newer:
        raise StoreError(
            f"the database is newer than this version of onshelf (it has {', '.join(newer)}); upgrade onshelf"
        )
    return set(done)
