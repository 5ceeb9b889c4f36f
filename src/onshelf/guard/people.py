"""People who sign in: invited once, known by a password (kept by argon2id), in sessions that can be ended."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from random import Random
from typing import Any, cast

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from onshelf.clock import Clock
from onshelf.errors import AccessError, Conflict
from onshelf.guard.lockout import Attempts, after_failure
from onshelf.guard.roles import Principal, Role
from onshelf.guard.tokens import digest, new_token, shops_of, shops_text
from onshelf.ids import new_id
from onshelf.store.db import Database, Row, Write

SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US
SESSION_US = 12 * 3600 * SECOND_US
"""A session ends when it was not used this long, and in any case after `SESSION_LONGEST_US`."""
SESSION_LONGEST_US = 7 * DAY_US
SEEN_EVERY_US = 60 * SECOND_US
INVITATION_US = DAY_US
LEAST_PASSWORD = 10  # characters

_PERSON = "person_id, name, role, shops, password, totp, totp_step, subject, ended, failures, locked_until_us, created_us"
_hasher = PasswordHasher()
_NOBODY = (
    "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$Zm9yIG5vYm9keSBhdCBhbGwsIG9ubHkgdG8gdGFrZSB0aW1l"
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in."""

    person_id: str
    name: str
    role: Role
    shops: frozenset[str] | None
    password: str = field(repr=False)
    totp: bytes = field(repr=False)
    totp_step: int
    subject: str | None
    ended: bool
    attempts: Attempts
    created_us: int

    def principal(self) -> Principal:
        """Returns what the person may do."""
        return Principal(f"person:{self.name}", self.role, self.shops, self.person_id)


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


@dataclass(frozen=True, slots=True)
class Invitation:
    """What the holder of an invitation's token may become."""

    name: str  # empty: free to choose
    role: Role
    shops: frozenset[str] | None
    made_by: str
    until_us: int


class People:
    """The verbs; every write is durable when it returns."""

    def __init__(self, db: Database, clock: Clock, random: Random) -> None:
        self._db = db
        self._clock = clock
        self._random = random

    async def any(self) -> bool:
        """Tells whether there is anybody yet."""
        return bool(await self._db.fetch("SELECT 1 FROM person LIMIT 1"))

    async def everybody(self) -> list[Person]:
        """Returns everybody, the ended too, by name."""
        return [_person(row) for row in await self._db.fetch(f"SELECT {_PERSON} FROM person ORDER BY name")]  # noqa: S608

    async def get(self, person_id: str) -> Person | None:
        """Returns a person by id."""
        return await self._one("person_id = ?", person_id)

    async def named(self, name: str) -> Person | None:
        """Returns a person by name."""
        return await self._one("name = ?", name)

    async def invite(self, *, role: Role, shops: Collection[str] | None, made_by: str, name: str = "") -> str:
        """Makes an invitation good for a day and one use; returns its token, kept nowhere else."""
        token = new_token(self._random)
        args = (
            digest(token),
            name,
            role.value,
            shops_text(shops),
            made_by,
            self._clock.now_us() + INVITATION_US,
        )
        await self._db.commit(
            [
                Write(
                    "INSERT INTO invitation (digest, name, role, shops, made_by, until_us) VALUES (?, ?, ?, ?, ?, ?)",
                    args,
                )
            ]
        )
        return token

    async def invitation(self, token: str) -> Invitation | None:
        """Returns what a token is good for; None: unknown, used or too old."""
        rows = await self._db.fetch(
            "SELECT name, role, shops, made_by, until_us FROM invitation WHERE digest = ? AND until_us > ?",
            (digest(token), self._clock.now_us()),
        )
        if not rows:
            return None
        name, role, shops, made_by, until_us = cast("tuple[Any, ...]", rows[0])
        return Invitation(name, Role(role), shops_of(shops), made_by, until_us)

    async def accept(self, token: str, name: str, password: str) -> Person:
        """Makes the person an invitation is for. Raises AccessError (used, too old), Conflict (the name is taken)."""
        invitation = await self.invitation(token)
        if invitation is None:
            raise AccessError("invitation")
        person_id = new_id(self._clock.now_us(), self._random)
        hashed = await asyncio.to_thread(_hasher.hash, password)
        await self._db.commit(
            [
                Write("DELETE FROM invitation WHERE digest = ?", (digest(token),), expect_rows=1),
                Write(
                    "INSERT INTO person (person_id, name, role, shops, password, totp, created_us) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (
                        person_id,
                        name,
                        invitation.role.value,
                        shops_text(invitation.shops),
                        hashed,
                        b"",
                        self._clock.now_us(),
                    ),
                ),
            ]
        )
        found = await self.get(person_id)
        if found is None:
            raise Conflict("the person was taken away at once")
        return found

    async def check_password(self, name: str, password: str) -> Person | None:
        """Returns the person when the password is right and the door is not locked; a wrong one counts towards the lock.

        Takes as long for a name nobody has.
        """
        person = await self.named(name)
        now_us = self._clock.now_us()
        right = await asyncio.to_thread(_verify, person.password if person else _NOBODY, password)
        if person is None or person.ended or person.attempts.locked(now_us):
            return None
        if right:
            await self._db.commit([_attempts(person.person_id, Attempts())])
            return person
        await self._db.commit([_attempts(person.person_id, after_failure(person.attempts, now_us))])
        return None

    async def sign_in(self, person: Person, *, agent: str, address: str) -> str:
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

    async def who_signed_in(self, token: str) -> Person | None:
        """Returns whose session it is; None: none, ended or too old. Seen at most once a minute in the database."""
        now_us = self._clock.now_us()
        columns = ", ".join(f"person.{column}" for column in _PERSON.split(", "))
        rows = await self._db.fetch(
            f"SELECT signed_in.seen_us, signed_in.created_us, {columns} FROM signed_in "  # noqa: S608 - our own columns
            "JOIN person USING (person_id) WHERE digest = ? AND until_us > ? AND ended = 0",
            (digest(token), now_us),
        )
        if not rows:
            return None
        seen_us, begun_us, *person = cast("tuple[Any, ...]", rows[0])
        if now_us - seen_us >= SEEN_EVERY_US:
            until_us = min(now_us + SESSION_US, begun_us + SESSION_LONGEST_US)
            await self._db.commit(
                [
                    Write(
                        "UPDATE signed_in SET seen_us = ?, until_us = ? WHERE digest = ?",
                        (now_us, until_us, digest(token)),
                    )
                ]
            )
        return _person(tuple(person))

    async def sessions(self, person_id: str) -> list[SignedIn]:
        """Returns a person's sessions, newest first."""
        rows = await self._db.fetch(
            "SELECT digest, person_id, created_us, seen_us, until_us, agent, address FROM signed_in "
            "WHERE person_id = ? AND until_us > ? ORDER BY created_us DESC",
            (person_id, self._clock.now_us()),
        )
        return [SignedIn(*cast("tuple[Any, ...]", row)) for row in rows]

    async def sign_out(self, session: bytes) -> None:
        """Ends one session, by its digest."""
        await self._db.commit([Write("DELETE FROM signed_in WHERE digest = ?", (session,))])

    async def _one(self, where: str, value: str) -> Person | None:
        rows = await self._db.fetch(f"SELECT {_PERSON} FROM person WHERE {where}", (value,))  # noqa: S608
        return _person(rows[0]) if rows else None


def _verify(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _attempts(person_id: str, attempts: Attempts) -> Write:
    return Write(
        "UPDATE person SET failures = ?, locked_until_us = ? WHERE person_id = ?",
        (attempts.failures, attempts.locked_until_us, person_id),
    )


def _person(row: Row) -> Person:
    (
        person_id,
        name,
        role,
        shops,
        password,
        totp,
        totp_step,
        subject,
        ended,
        failures,
        locked_until_us,
        created_us,
    ) = cast("tuple[Any, ...]", row)
    return Person(
        person_id,
        name,
        Role(role),
        shops_of(shops),
        password,
        totp,
        totp_step,
        subject,
        bool(ended),
        Attempts(failures, locked_until_us),
        created_us,
    )
