"""Sessions of people who signed in: a token shown to the browser, kept as a hash, seen, and ended one by one."""

from dataclasses import dataclass
from random import Random
from typing import Any, cast

from onshelf.clock import DAY_US, Clock
from onshelf.guard.people import PERSON, SECOND_US, Person, read_person
from onshelf.guard.tokens import digest, new_token
from onshelf.store.db import Database, Write

SESSION_US = 12 * 3600 * SECOND_US
"""A session ends when it was not used this long, and in any case after `SESSION_LONGEST_US`."""
SESSION_LONGEST_US = 7 * DAY_US
SEEN_EVERY_US = 60 * SECOND_US
SESSION_ID = 16
"""As many hex digits of a session's digest name it to its person."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """One session of a person, as the person may see it."""

    digest: bytes
    person_id: str
    created_us: int
    seen_us: int
    until_us: int
    agent: str
    address: str

    @property
    def session_id(self) -> str:
        """Names the session without giving it away."""
        return self.digest.hex()[:SESSION_ID]


class Sessions:
    """The verbs; every write is durable when it returns."""

    def __init__(self, db: Database, clock: Clock, random: Random) -> None:
        self._db = db
        self._clock = clock
        self._random = random

    async def begin(self, person: Person, *, agent: str, address: str) -> str:
        """Begins a session; returns its token, kept nowhere else."""
        token, now_us = new_token(self._random), self._clock.now_us()
        await self._db.commit(
            [
                Write("DELETE FROM signed_in WHERE until_us <= ?", (now_us,)),
                Write(
                    "INSERT INTO signed_in (digest, person_id, created_us, seen_us, until_us, agent, address) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (
                        digest(token),
                        person.person_id,
                        now_us,
                        now_us,
                        now_us + SESSION_US,
                        agent[:200],
                        address,
                    ),
                ),
            ]
        )
        return token

    async def whose(self, token: str, *, quiet: bool = False) -> Person | None:
        """Returns whose session it is; None: none, ended or too old. Seen at most once a minute in the database.

        `quiet`: a page asks by itself, nobody uses the session, so its end comes no later.
        """
        now_us = self._clock.now_us()
        columns = ", ".join(f"person.{column}" for column in PERSON.split(", "))
        rows = await self._db.fetch(
            f"SELECT signed_in.seen_us, signed_in.created_us, {columns} FROM signed_in "  # noqa: S608 - our own columns
            "JOIN person USING (person_id) WHERE digest = ? AND until_us > ? AND ended = 0",
            (digest(token), now_us),
        )
        if not rows:
            return None
        seen_us, begun_us, *person = cast("tuple[Any, ...]", rows[0])
        if not quiet and now_us - seen_us >= SEEN_EVERY_US:
            until_us = min(now_us + SESSION_US, begun_us + SESSION_LONGEST_US)
            await self._db.commit(
                [
                    Write(
                        "UPDATE signed_in SET seen_us = ?, until_us = ? WHERE digest = ?",
                        (now_us, until_us, digest(token)),
                    )
                ]
            )
        return read_person(tuple(person))

    async def of(self, person_id: str) -> list[SignedIn]:
        """Returns a person's sessions, newest first."""
        rows = await self._db.fetch(
            "SELECT digest, person_id, created_us, seen_us, until_us, agent, address FROM signed_in "
            "WHERE person_id = ? AND until_us > ? ORDER BY created_us DESC",
            (person_id, self._clock.now_us()),
        )
        return [SignedIn(*cast("tuple[Any, ...]", row)) for row in rows]

    async def end(self, session: bytes) -> None:
        """Ends one session, by its digest."""
        await self._db.commit([Write("DELETE FROM signed_in WHERE digest = ?", (session,))])

    async def end_named(self, person_id: str, session_id: str) -> bool:
        """Ends a session of a person's own; False: there is none of that name."""
        found = [one for one in await self.of(person_id) if one.session_id == session_id]
        for one in found:
            await self.end(one.digest)
        return bool(found)

    async def end_others(self, person_id: str, keep: bytes) -> None:
        """Ends all sessions of a person but one."""
        await self._db.commit(
            [Write("DELETE FROM signed_in WHERE person_id = ? AND digest <> ?", (person_id, keep))]
        )
