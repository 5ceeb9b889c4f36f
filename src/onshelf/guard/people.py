"""People: who they are, what they may do, and the passwords they are known by."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, cast

from onshelf.clock import Clock
from onshelf.errors import AccessError, Conflict
from onshelf.guard.lockout import Attempts, after_failure
from onshelf.guard.names import LONGEST_NAME, looks, name_of
from onshelf.guard.passwords import Passwords
from onshelf.guard.roles import Principal, Role
from onshelf.guard.tokens import shops_of, shops_text
from onshelf.ids import new_id
from onshelf.store.db import Database, Row, Write

SECOND_US = 1_000_000

PERSON = "person_id, name, role, shops, password, totp, totp_step, subject, ended, failures, locked_until_us, created_us"
_ANOTHER_ADMINISTRATOR = (
    "EXISTS (SELECT 1 FROM person AS other WHERE other.person_id <> person.person_id "
    "AND other.role = 'administrator' AND other.shops IS NULL AND other.ended = 0)"
)
"""Somebody must be left who may let others in."""
_ADMINISTRATORS_IN_TURN = Write(
    "UPDATE person SET ended = ended WHERE role = 'administrator' AND shops IS NULL AND ended = 0"
)
"""Holds the rows of those who may let others in until the unit is done: two of them who end each other at once are asked one
after the other, and the second finds nobody else. A database with one writer has them in turn anyway."""
IN_TURN = Write(
    "INSERT INTO stranger (stranger_id, tries) VALUES (1, 0) ON CONFLICT (stranger_id) DO UPDATE SET tries = stranger.tries"
)
"""Holds a row until the unit is done that all hold who may be the only one, by a first link or by a name: of two at once the
second sees the first."""
_STRANGER = Write(
    "INSERT INTO stranger (stranger_id, tries) VALUES (1, 1) ON CONFLICT (stranger_id) DO UPDATE SET tries = stranger.tries + 1"
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

    @property
    def has_totp(self) -> bool:
        """Tells whether a code is asked for after the password."""
        return bool(self.totp)

    def principal(self) -> Principal:
        """Returns what the person may do."""
        return Principal(f"person:{self.name}", self.role, self.shops, self.person_id)


class People:
    """The verbs; every write is durable when it returns."""

    def __init__(
        self, db: Database, clock: Clock, random: Random, passwords: Passwords | None = None
    ) -> None:
        self._db = db
        self._clock = clock
        self._random = random
        self._passwords = passwords or Passwords()

    def over(self, db: Database) -> "People":
        """Returns the same verbs over another database: one that keeps nothing."""
        return People(db, self._clock, self._random, self._passwords)

    async def any(self) -> bool:
        """Tells whether there is anybody yet."""
        return bool(await self._db.fetch("SELECT 1 FROM person LIMIT 1"))

    async def page(self, after: str, limit: int) -> list[Person]:
        """Returns people by name, the ended too: those that stand after a name (empty: the first)."""
        rows = await self._db.fetch(
            f"SELECT {PERSON} FROM person WHERE name > ? ORDER BY name LIMIT ?",  # noqa: S608
            (after, limit),
        )
        return [read_person(row) for row in rows]

    async def get(self, person_id: str) -> Person | None:
        """Returns a person by id."""
        return await person_by_id(self._db, person_id)

    async def named(self, name: str) -> Person | None:
        """Returns a person by name."""
        return await self._one("name = ?", name)

    async def known_as(self, subject: str) -> Person | None:
        """Returns the person whom an OpenID provider knows by this subject."""
        return await self._one("subject = ?", subject)

    async def admit(self, subject: str, name: str, role: Role) -> Person:
        """Makes a person whom an OpenID provider vouches for; without a password nobody can guess one. Raises Conflict."""
        person_id, now_us = new_id(self._clock.now_us(), self._random), self._clock.now_us()
        name = name_of(name)
        shown = f"{name}-{person_id[-6:]}" if await looks_taken(self._db, name) else name
        await self._db.commit(
            [
                Write(
                    "INSERT INTO person (person_id, name, role, shops, password, totp, subject, created_us) "
                    "VALUES (?, ?, ?, NULL, '', ?, ?, ?)",
                    (person_id, shown, role.value, b"", subject, now_us),
                )
            ]
        )
        found = await self.get(person_id)
        if found is None:
            raise Conflict("the person was taken away at once")
        return found

    async def link(self, person_id: str, subject: str | None) -> None:
        """Lets an OpenID provider vouch for a person; None: no longer. Raises Conflict when the subject is somebody else's."""
        await self._db.commit(
            [Write("UPDATE person SET subject = ? WHERE person_id = ?", (subject, person_id), expect_rows=1)]
        )

    async def change(self, person_id: str, *, role: Role, shops: Collection[str] | None) -> None:
        """Gives a person another role and shops, at once, and makes links void that it made or that let it in again.

        Raises AccessError when nobody would be left to let others in.
        """
        stays = role is Role.ADMINISTRATOR and shops is None
        await self._unless_last(
            "UPDATE person SET role = ?, shops = ? WHERE person_id = ? AND ended = 0",
            (role.value, shops_text(shops), person_id),
            person_id,
            void_links(person_id),
            safe=stays,
        )

    async def end(self, person_id: str) -> None:
        """Lets a person in no more, ends its sessions and makes its links void. Raises AccessError as `change` does."""
        await self._unless_last(
            "UPDATE person SET ended = 1 WHERE person_id = ? AND ended = 0",
            (person_id,),
            person_id,
            Write("DELETE FROM signed_in WHERE person_id = ?", (person_id,)),
            void_links(person_id),
        )

    async def unlock(self, person_id: str) -> None:
        """Forgets wrong passwords."""
        await self._db.commit([attempts_of(person_id, Attempts())])

    async def check_password(self, name: str, password: str) -> Person | None:
        """Returns the person when the password is right and the door is not locked; a wrong one counts towards the lock.

        Takes as long for a name nobody has: the same writes, the same hashing. Who has a second factor is not
        through yet: this try is forgotten, the wrong ones before it are not.
        """
        tried = await self.try_(await self.named(name_of(name)[:LONGEST_NAME]))
        if tried is None:
            await self._db.commit([_STRANGER])
        right = await self._passwords.is_right(tried.password if tried else "", password)
        if tried is None or not right:
            return None
        writes = [_uncounted(tried) if tried.has_totp else attempts_of(tried.person_id, Attempts())]
        if self._passwords.is_dated(tried.password):
            tried = replace(tried, password=await self._passwords.hash(password))
            writes.append(_password(tried.person_id, tried.password))
        await self._db.commit(writes)
        return tried

    async def try_(self, person: Person | None) -> Person | None:
        """Counts a try before it is made, so that a thousand at once are no more than one after the other.

        Returns the person as it was when the try was counted; None: nobody, ended, or locked. Who was right forgets the count.
        """
        while person is not None and not person.ended:
            person_id = person.person_id
            now_us = self._clock.now_us()
            if person.attempts.locked(now_us):
                return None
            counted = after_failure(person.attempts, now_us)
            try:
                await self._db.commit([replace(_counted(person_id, person.attempts, counted), expect_rows=1)])
            except Conflict:
                person = await self.get(person_id)
                continue
            return person
        return None

    async def knows(self, person: Person, password: str) -> bool:
        """Tells whether somebody who has signed in knows the password; a wrong one counts towards the lock."""
        tried = await self.try_(person)
        if tried is None or not await self._passwords.is_right(tried.password, password):
            return False
        await self._db.commit([attempts_of(person.person_id, Attempts())])
        return True

    async def set_password(self, person: Person, old: str, new: str, *, keep: bytes) -> bool:
        """Changes a person's own password, ends its other sessions and makes links void that would change it again.

        False: the old one is wrong, or the door is locked.
        """
        if not await self.knows(person, old):
            return False
        await self._db.commit(
            [
                _password(person.person_id, await self._passwords.hash(new)),
                Write("DELETE FROM signed_in WHERE person_id = ? AND digest <> ?", (person.person_id, keep)),
                Write("DELETE FROM invitation WHERE person_id = ?", (person.person_id,)),
            ]
        )
        return True

    async def _unless_last(
        self, sql: str, args: tuple[str | None, ...], person_id: str, *more: Write, safe: bool = False
    ) -> None:
        keeps_one = (
            "" if safe else f" AND (role <> 'administrator' OR shops IS NOT NULL OR {_ANOTHER_ADMINISTRATOR})"
        )
        first = [] if safe else [_ADMINISTRATORS_IN_TURN]
        try:
            await self._db.commit([*first, Write(sql + keeps_one, args, expect_rows=1), *more])
        except Conflict:
            person = await self.get(person_id)
            if person is None or person.ended:
                raise
            raise AccessError("last_administrator", person.name) from None

    async def _one(self, where: str, value: str) -> Person | None:
        rows = await self._db.fetch(f"SELECT {PERSON} FROM person WHERE {where}", (value,))  # noqa: S608
        return read_person(rows[0]) if rows else None


async def looks_taken(db: Database, name: str) -> bool:
    """Tells whether somebody, ended or not, has this name or one that may be taken for it."""
    wished = looks(name)
    return any(wished & looks(cast("str", other)) for (other,) in await db.fetch("SELECT name FROM person"))


def void_links(person_id: str) -> Write:
    """Makes void what a person has invited others by, and what would let it in again."""
    return Write(
        "DELETE FROM invitation WHERE person_id = ? "
        "OR made_by = (SELECT 'person:' || name FROM person WHERE person_id = ?)",
        (person_id, person_id),
    )


async def person_by_id(db: Database, person_id: str) -> Person | None:
    """Returns a person by id."""
    rows = await db.fetch(f"SELECT {PERSON} FROM person WHERE person_id = ?", (person_id,))  # noqa: S608
    return read_person(rows[0]) if rows else None


def _password(person_id: str, hashed: str) -> Write:
    return Write("UPDATE person SET password = ? WHERE person_id = ?", (hashed, person_id))


def _counted(person_id: str, was: Attempts, now: Attempts) -> Write:
    """Goes from one count to another, unless somebody has tried meanwhile."""
    return Write(
        "UPDATE person SET failures = ?, locked_until_us = ? WHERE person_id = ? AND failures = ? AND locked_until_us = ?",
        (now.failures, now.locked_until_us, person_id, was.failures, was.locked_until_us),
    )


def _uncounted(tried: Person) -> Write:
    """Goes back to the count before a try, unless somebody has tried meanwhile."""
    was = tried.attempts
    return Write(
        "UPDATE person SET failures = ?, locked_until_us = ? WHERE person_id = ? AND failures = ?",
        (was.failures, was.locked_until_us, tried.person_id, was.failures + 1),
    )


def attempts_of(person_id: str, attempts: Attempts) -> Write:
    """Returns the write that keeps how often a wrong password was tried."""
    return Write(
        "UPDATE person SET failures = ?, locked_until_us = ? WHERE person_id = ?",
        (attempts.failures, attempts.locked_until_us, person_id),
    )


def read_person(row: Row) -> Person:
    """Reads a row of the columns `PERSON`."""
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
