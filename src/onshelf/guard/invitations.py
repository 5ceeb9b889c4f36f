"""Invitations: a link shown once that makes a person, or lets one who forgot the password in again."""

from collections.abc import Collection
from dataclasses import dataclass
from random import Random
from typing import Any, cast

from onshelf.clock import Clock
from onshelf.errors import AccessError, Conflict
from onshelf.guard.passwords import Passwords
from onshelf.guard.people import DAY_US, Person, person_by_id
from onshelf.guard.roles import Role
from onshelf.guard.tokens import digest, new_token, shops_of, shops_text
from onshelf.ids import new_id
from onshelf.store.db import Database, Write

INVITATION_US = DAY_US
_INVITATION = "digest, name, role, shops, made_by, until_us, person_id"


@dataclass(frozen=True, slots=True)
class Invitation:
    """What the holder of a token may become."""

    digest: bytes
    name: str  # empty: free to choose
    role: Role
    shops: frozenset[str] | None
    made_by: str
    until_us: int
    person_id: str  # whom it lets in again; empty: it makes somebody new


class Invitations:
    """The verbs; every write is durable when it returns."""

    def __init__(
        self, db: Database, clock: Clock, random: Random, passwords: Passwords | None = None
    ) -> None:
        self._db = db
        self._clock = clock
        self._random = random
        self._passwords = passwords or Passwords()

    def over(self, db: Database) -> "Invitations":
        """Returns the same verbs over another database: one that keeps nothing."""
        return Invitations(db, self._clock, self._random, self._passwords)

    async def invite(self, *, role: Role, shops: Collection[str] | None, made_by: str, name: str = "") -> str:
        """Makes an invitation good for a day and one use; returns its token, kept nowhere else."""
        token = new_token(self._random)
        await self._db.commit([self._write(token, name, role, shops, made_by, "")])
        return token

    async def let_in_again(self, person: Person, *, made_by: str) -> str:
        """Makes an invitation by which somebody sets a new password; any older one of the person's is void."""
        token = new_token(self._random)
        await self._db.commit(
            [
                Write("DELETE FROM invitation WHERE person_id = ?", (person.person_id,)),
                self._write(token, person.name, person.role, person.shops, made_by, person.person_id),
            ]
        )
        return token

    async def waiting(self) -> list[Invitation]:
        """Returns the invitations that can still be accepted, the newest first."""
        rows = await self._db.fetch(
            f"SELECT {_INVITATION} FROM invitation WHERE until_us > ? ORDER BY until_us DESC, digest",  # noqa: S608
            (self._clock.now_us(),),
        )
        return [_read(row) for row in rows]

    async def withdraw(self, invitation: bytes) -> None:
        """Makes an invitation void, by its digest. Harmless to repeat."""
        await self._db.commit([Write("DELETE FROM invitation WHERE digest = ?", (invitation,))])

    async def of(self, token: str) -> Invitation | None:
        """Returns what a token is good for; None: unknown, used or too old."""
        rows = await self._db.fetch(
            f"SELECT {_INVITATION} FROM invitation WHERE digest = ? AND until_us > ?",  # noqa: S608
            (digest(token), self._clock.now_us()),
        )
        return _read(rows[0]) if rows else None

    async def accept(self, token: str, name: str, password: str) -> Person:
        """Makes the person, or gives one a new password and ends its sessions and its second factor.

        Raises AccessError (used, too old), Conflict (the name is taken).
        """
        invitation = await self.of(token)
        if invitation is None:
            raise AccessError("invitation")
        hashed = await self._passwords.hash(password)
        person_id = invitation.person_id or new_id(self._clock.now_us(), self._random)
        used = Write("DELETE FROM invitation WHERE digest = ?", (digest(token),), expect_rows=1)
        if invitation.person_id:
            await self._db.commit([used, *_reset(person_id, hashed)])
        else:
            await self._db.commit([used, self._join(person_id, name, hashed, invitation)])
        found = await person_by_id(self._db, person_id)
        if found is None:
            raise Conflict("the person was taken away at once")
        return found

    def _write(
        self, token: str, name: str, role: Role, shops: Collection[str] | None, made_by: str, person_id: str
    ) -> Write:
        until_us = self._clock.now_us() + INVITATION_US
        return Write(
            f"INSERT INTO invitation ({_INVITATION}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            (digest(token), name, role.value, shops_text(shops), made_by, until_us, person_id),
        )

    def _join(self, person_id: str, name: str, hashed: str, invitation: Invitation) -> Write:
        return Write(
            "INSERT INTO person (person_id, name, role, shops, password, totp, created_us) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                person_id,
                name,
                invitation.role.value,
                shops_text(invitation.shops),
                hashed,
                b"",
                self._clock.now_us(),
            ),
        )


def _reset(person_id: str, hashed: str) -> list[Write]:
    return [
        Write(
            "UPDATE person SET password = ?, totp = ?, totp_step = 0, failures = 0, locked_until_us = 0, ended = 0 "
            "WHERE person_id = ?",
            (hashed, b"", person_id),
            expect_rows=1,
        ),
        Write("DELETE FROM recovery_code WHERE person_id = ?", (person_id,)),
        Write("DELETE FROM signed_in WHERE person_id = ?", (person_id,)),
    ]


def _read(row: Any) -> Invitation:
    found, name, role, shops, made_by, until_us, person_id = cast("tuple[Any, ...]", row)
    return Invitation(found, name, Role(role), shops_of(shops), made_by, until_us, person_id)
