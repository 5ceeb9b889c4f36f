"""The keys of programs: shown once, kept as a hash, with a role, shops and an end."""

from collections.abc import Collection
from dataclasses import dataclass
from random import Random
from typing import Any, cast

from onshelf.clock import Clock
from onshelf.errors import Conflict
from onshelf.guard.names import looks
from onshelf.guard.people import IN_TURN
from onshelf.guard.roles import Principal, Role
from onshelf.guard.tokens import digest, shops_of, shops_text
from onshelf.store.db import Database, Row, Write

PREFIX = "onshelf"
USED_EVERY_US = 60_000_000
"""How exactly the last use of a key is known."""
_GOOD = "ended = 0 AND (until_us = 0 OR until_us > ?)"
"""A key that has not ended, at a time."""
_KEY = "key_id, name, role, shops, made_by, created_us, until_us, used_us, ended"


@dataclass(frozen=True, slots=True)
class Key:
    """A key a program shows; its secret was shown once."""

    key_id: str
    name: str
    role: Role
    shops: frozenset[str] | None
    made_by: str
    created_us: int
    until_us: int  # 0: no end
    used_us: int  # 0: never, else to the minute
    ended: bool

    def principal(self) -> Principal:
        """Returns what the program may do."""
        return Principal(f"key:{self.name}", self.role, self.shops, key_id=self.key_id)


class Keys:
    """The keys of programs."""

    def __init__(self, db: Database, clock: Clock, random: Random) -> None:
        self._db = db
        self._clock = clock
        self._random = random

    def over(self, db: Database) -> "Keys":
        """Returns the same verbs over another database: one that keeps nothing."""
        return Keys(db, self._clock, self._random)

    async def add(
        self, name: str, *, role: Role, shops: Collection[str] | None, made_by: str, until_us: int = 0
    ) -> tuple[Key, str]:
        """Makes a key; returns it and what the program shows, `onshelf_<id>_<secret>`, kept nowhere else.

        Raises Conflict when a key that has not ended has the name, or one that looks like it: the audit log knows keys by name.
        """
        now_us = self._clock.now_us()
        await self._check_free(name, now_us)
        key_id = self._random.randbytes(6).hex()
        shown = f"{PREFIX}_{key_id}_{self._random.randbytes(32).hex()}"
        await self._db.commit(
            [
                IN_TURN,
                Write(
                    "INSERT INTO api_key (key_id, digest, name, role, shops, made_by, created_us, until_us) "  # noqa: S608
                    f"SELECT ?, ?, ?, ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM api_key WHERE name = ? AND {_GOOD})",
                    (
                        key_id,
                        digest(shown),
                        name,
                        role.value,
                        shops_text(shops),
                        made_by,
                        now_us,
                        until_us,
                        name,
                        now_us,
                    ),
                    expect_rows=1,
                ),
            ]
        )
        return Key(
            key_id,
            name,
            role,
            None if shops is None else frozenset(shops),
            made_by,
            now_us,
            until_us,
            0,
            ended=False,
        ), shown

    async def whose(self, shown: str) -> Key | None:
        """Returns the key a program shows; None: unknown, ended or too old. Its use is noted to the minute."""
        prefix, _, rest = shown.partition("_")
        key_id = rest.partition("_")[0]
        now_us = self._clock.now_us()
        if prefix != PREFIX:
            return None
        key = await self._one(
            f"key_id = ? AND digest = ? AND {_GOOD}",
            key_id,
            digest(shown),
            now_us,
        )
        if key is not None and now_us - key.used_us >= USED_EVERY_US:
            await self._db.commit(
                [Write("UPDATE api_key SET used_us = ? WHERE key_id = ?", (now_us, key_id))]
            )
        return key

    async def page(self, after: tuple[int, str] | None, limit: int) -> list[Key]:
        """Returns keys, the ended too, newest first: those that stand after a place (time made, id)."""
        where, args = ("(created_us, key_id) < (?, ?)", after) if after else ("1 = 1", ())
        rows = await self._db.fetch(
            f"SELECT {_KEY} FROM api_key WHERE {where} ORDER BY created_us DESC, key_id DESC LIMIT ?",  # noqa: S608
            (*args, limit),
        )
        return [_key(row) for row in rows]

    async def get(self, key_id: str) -> Key | None:
        """Returns a key by id."""
        return await self._one("key_id = ?", key_id)

    async def end(self, key_id: str) -> None:
        """Ends a key at once, and makes void what it has invited others by. Raises Conflict: there is none, or it has ended."""
        await self._db.commit(
            [
                Write(
                    "UPDATE api_key SET ended = 1 WHERE key_id = ? AND ended = 0", (key_id,), expect_rows=1
                ),
                Write("DELETE FROM invitation WHERE key_id = ?", (key_id,)),
            ]
        )

    async def _check_free(self, name: str, now_us: int) -> None:
        """Raises Conflict when a good key may be taken for one of this name."""
        rows = await self._db.fetch(f"SELECT name FROM api_key WHERE {_GOOD}", (now_us,))  # noqa: S608
        wished = looks(name)
        if any(wished & looks(cast("str", other)) for (other,) in rows):
            raise Conflict(f"the name {name} is taken")

    async def _one(self, where: str, *args: str | bytes | int) -> Key | None:
        rows = await self._db.fetch(f"SELECT {_KEY} FROM api_key WHERE {where}", args)  # noqa: S608
        return _key(rows[0]) if rows else None


def _key(row: Row) -> Key:
    key_id, name, role, shops, made_by, created_us, until_us, used_us, ended = cast("tuple[Any, ...]", row)
    return Key(key_id, name, Role(role), shops_of(shops), made_by, created_us, until_us, used_us, bool(ended))
