"""The verbs of who may come in, over any database, with passwords that anybody could guess, in no time."""

from datetime import UTC, datetime
from random import Random

from argon2 import PasswordHasher

from onshelf.clock import FakeClock
from onshelf.guard.invitations import Invitations
from onshelf.guard.keys import Keys
from onshelf.guard.passwords import Passwords
from onshelf.guard.people import People, Person
from onshelf.guard.roles import Role
from onshelf.guard.sessions import Sessions
from onshelf.guard.totp import Totp
from onshelf.guard.vault import Vault
from onshelf.store.db import Database, Write

START = datetime(2026, 3, 1, tzinfo=UTC)
PASSWORD = "correct-horse-9"
VAULT = Vault([bytes(32)])


class Guard:
    """All verbs over one database, with passwords that anybody could guess, in no time."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.clock = FakeClock(START, db.busy)
        parts = (db, self.clock, Random(3))
        passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        self.people = People(*parts, passwords)
        self.invitations = Invitations(*parts, passwords)
        self.sessions = Sessions(*parts)
        self.keys = Keys(*parts)
        self.totp = Totp(db, VAULT, self.clock, Random(4))

    async def join(self, name: str, role: Role = Role.ADMINISTRATOR, *shops: str) -> Person:
        token = await self.invitations.invite(role=role, shops=shops or None, made_by="test")
        return await self.invitations.accept(token, name, PASSWORD)

    async def forget_everybody(self) -> None:
        """Empties the database of people and links."""
        await self.db.commit([Write("DELETE FROM person"), Write("DELETE FROM invitation")])
