"""Invitations: a link shown once that makes a person, or lets one who forgot the password in again."""

from collections.abc import Collection
from dataclasses import dataclass
from random import Random
from typing import Any, cast

from onshelf.clock import DAY_US, Clock
from onshelf.errors import AccessError, Conflict
from onshelf.guard.names import name_of
from onshelf.guard.passwords import Passwords
from onshelf.guard.people import IN_TURN, Person, looks_taken, person_by_id, void_links
from onshelf.guard.roles import Role
from onshelf.guard.tokens import digest, new_token, shops_of, shops_text
from onshelf.ids import new_id
from onshelf.store.db import Database, Write

INVITATION_US = DAY_US
FIRST = "terminal"
"""Who made the link of the first administrator, and none that makes anybody else."""
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

    async def first(self) -> str:
        """Makes the link of the first administrator; those of earlier starts are void, and it is once there is anybody."""
        token = new_token(self._random)
        void = Write("DELETE FROM invitation WHERE made_by = ? AND person_id = ''", (FIRST,))
        await self._db.commit([void, self._write(token, "", Role.ADMINISTRATOR, None, FIRST, "")])
        return token

    async def invite(
        self, *, role: Role, shops: Collection[str] | None, made_by: str, name: str = "", key_id: str = ""
    ) -> str:
        """Makes an invitation good for a day and one use; returns its token, kept nowhere else.

        `key_id`: the key that makes it, and with which it ends; empty: no key does.
        Raises Conflict when somebody has the name, or one that looks like it.
        """
        name = name_of(name)
        if name and await looks_taken(self._db, name):
            raise Conflict(f"the name {name} is taken")
        token = new_token(self._random)
        await self._db.commit([self._write(token, name, role, shops, made_by, "", key_id)])
        return token

    async def let_in_again(self, person: Person, *, made_by: str, key_id: str = "") -> str:
        """Makes an invitation by which somebody sets a new password; any older one of the person's is void.

        `key_id`: as `invite`.
        """
        token = new_token(self._random)
        await self._db.commit(
            [
                Write("DELETE FROM invitation WHERE person_id = ?", (person.person_id,)),
                self._write(token, person.name, person.role, person.shops, made_by, person.person_id, key_id),
            ]
        )
        return token

    async def waiting(self, after: tuple[int, bytes] | None = None, limit: int = 1000) -> list[Invitation]:
        """Returns the invitations that can still be accepted, the newest first; `after`: end and digest of the last one seen."""
        rows = await self._db.fetch(
            f"SELECT {_INVITATION} FROM invitation WHERE until_us > ? AND (until_us, digest) < (?, ?)"  # noqa: S608
            " ORDER BY until_us DESC, digest DESC LIMIT ?",
            (self._clock.now_us(), *(after or (1 << 62, b"")), limit),
        )
        return [_read(row) for row in rows]

    async def get(self, invitation: bytes) -> Invitation | None:
        """Returns an invitation that can still be accepted, by its digest; None: there is none."""
        rows = await self._db.fetch(
            f"SELECT {_INVITATION} FROM invitation WHERE digest = ? AND until_us > ?",  # noqa: S608
            (invitation, self._clock.now_us()),
        )
        return _read(rows[0]) if rows else None

    async def withdraw(self, invitation: bytes) -> None:
        """Makes an invitation void, by its digest. Harmless to repeat."""
        await self._db.commit([Write("DELETE FROM invitation WHERE digest = ?", (invitation,))])

    async def of(self, token: str) -> Invitation | None:
        """Returns what a token is good for; None: unknown, used or too old."""
        return await self.get(digest(token))

    async def accept(self, token: str, name: str, password: str) -> Person:
        """Makes the person, or gives one a new password and ends its sessions and its second factor.

        Raises AccessError (used, too old, or what it gives has changed), Conflict (the name is taken, or looks as if).
        """
        invitation = await self.of(token)
        if invitation is None:
            raise AccessError("invitation")
        hashed, name = await self._passwords.hash(password), name_of(name)
        if invitation.person_id:
            person_id, writes = invitation.person_id, _reset(invitation, hashed)
        else:
            if await looks_taken(self._db, name):
                raise Conflict(f"the name {name} is taken")
            person_id = new_id(self._clock.now_us(), self._random)
            writes = self._join(person_id, name, hashed, invitation)
        try:
            await self._db.commit(writes)
        except Conflict:
            if not invitation.person_id and await self.of(token) and await looks_taken(self._db, name):
                raise
            raise AccessError("invitation") from None
        found = await person_by_id(self._db, person_id)
        if found is None:
            raise Conflict("the person was taken away at once")
        return found

    def _write(
        self,
        token: str,
        name: str,
        role: Role,
        shops: Collection[str] | None,
        made_by: str,
        person_id: str,
        key_id: str = "",
    ) -> Write:
        until_us = self._clock.now_us() + INVITATION_US
        return Write(
            f"INSERT INTO invitation ({_INVITATION}, key_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            (digest(token), name, role.value, shops_text(shops), made_by, until_us, person_id, key_id),
        )

    def _join(self, person_id: str, name: str, hashed: str, invitation: Invitation) -> list[Write]:
        first = invitation.made_by == FIRST
        nobody = " WHERE NOT EXISTS (SELECT 1 FROM person)" if first else ""
        return [
            *([IN_TURN] if first else []),
            _use(invitation),
            Write(
                "INSERT INTO person (person_id, name, role, shops, password, totp, created_us) "
                f"SELECT ?, ?, ?, ?, ?, ?, ?{nobody}",
                (
                    person_id,
                    name,
                    invitation.role.value,
                    shops_text(invitation.shops),
                    hashed,
                    b"",
                    self._clock.now_us(),
                ),
                expect_rows=1,
            ),
        ]


def _use(invitation: Invitation) -> Write:
    return Write("DELETE FROM invitation WHERE digest = ?", (invitation.digest,), expect_rows=1)


def _reset(invitation: Invitation, hashed: str) -> list[Write]:
    """Lets somebody in again whose rights are still those it had: who could give a link for these might not for others."""
    person_id = invitation.person_id
    return [
        _use(invitation),
        Write(
            "UPDATE person SET password = ?, totp = ?, totp_step = 0, failures = 0, locked_until_us = 0, ended = 0 "
            "WHERE person_id = ? AND role = ? AND shops IS NOT DISTINCT FROM ?",
            (hashed, b"", person_id, invitation.role.value, shops_text(invitation.shops)),
            expect_rows=1,
        ),
        Write("DELETE FROM recovery_code WHERE person_id = ?", (person_id,)),
        Write("DELETE FROM signed_in WHERE person_id = ?", (person_id,)),
        void_links(person_id),
    ]


def _read(row: Any) -> Invitation:
    found, name, role, shops, made_by, until_us, person_id = cast("tuple[Any, ...]", row)
    return Invitation(found, name, Role(role), shops_of(shops), made_by, until_us, person_id)
