"""The second factor: a code of the phone (RFC 6238) that counts once, and codes on paper for when the phone is lost."""

from random import Random

import pyotp

from onshelf.clock import Clock
from onshelf.errors import Conflict
from onshelf.guard.lockout import Attempts
from onshelf.guard.people import People, Person, attempts_of
from onshelf.guard.tokens import digest
from onshelf.guard.vault import Vault
from onshelf.store.db import Database, Write

STEP_S = 30
ISSUER = "onshelf"
RECOVERY_CODES = 10
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_SECRET_LENGTH = 32  # base32 digits: 160 bits, as RFC 4226 recommends
_DRIFT = 1  # steps a phone may be off either way


class Totp:
    """The verbs; every write is durable when it returns."""

    def __init__(self, db: Database, vault: Vault, clock: Clock, random: Random) -> None:
        self._db = db
        self._vault = vault
        self._clock = clock
        self._random = random

    def propose(self, person_id: str) -> tuple[str, str]:
        """Returns a new secret (base32), and the same sealed for the form that brings it back."""
        secret = "".join(_ALPHABET[byte % 32] for byte in self._random.randbytes(_SECRET_LENGTH))
        return secret, self._vault.seal(secret.encode(), _proposed(person_id)).hex()

    def proposed(self, person_id: str, sealed: str) -> str:
        """Returns the secret of a form. Raises StoreError or ValueError when the form is not ours."""
        return self._vault.open(bytes.fromhex(sealed), _proposed(person_id)).decode()

    async def enrol(self, person_id: str, secret: str, code: str) -> list[str] | None:
        """Asks for codes from now on; returns the codes on paper, shown once. None: the code does not fit the secret."""
        step = self._step_of(secret, code)
        if step is None:
            return None
        codes = [_on_paper(self._random.randbytes(8).hex()) for _ in range(RECOVERY_CODES)]
        await self._db.commit(
            [
                Write(
                    "UPDATE person SET totp = ?, totp_step = ? WHERE person_id = ?",
                    (self._vault.seal(secret.encode(), _kept(person_id)), step, person_id),
                    expect_rows=1,
                ),
                Write("DELETE FROM recovery_code WHERE person_id = ?", (person_id,)),
                *(
                    Write(
                        "INSERT INTO recovery_code (person_id, digest) VALUES (?, ?)",
                        (person_id, digest(code)),
                    )
                    for code in codes
                ),
            ]
        )
        return codes

    async def remove(self, person_id: str) -> None:
        """Asks for no code any more."""
        await self._db.commit(
            [
                Write("UPDATE person SET totp = ?, totp_step = 0 WHERE person_id = ?", (b"", person_id)),
                Write("DELETE FROM recovery_code WHERE person_id = ?", (person_id,)),
            ]
        )

    async def check(self, people: People, person: Person, code: str) -> bool:
        """Tells whether a code lets the person in, and uses it up; a wrong one counts towards the lock."""
        tried = await people.try_(person)
        if tried is None or not tried.has_totp:
            return False
        try:
            await self._db.commit([self._use(tried, code), attempts_of(tried.person_id, Attempts())])
        except Conflict:
            return False
        return True

    async def left(self, person_id: str) -> int:
        """Returns how many codes on paper are left."""
        rows = await self._db.fetch("SELECT count(*) FROM recovery_code WHERE person_id = ?", (person_id,))
        return int(rows[0][0] or 0)

    def _use(self, person: Person, code: str) -> Write:
        """Uses a code up: one of the phone moves the step on, one on paper goes; touches no row when it is neither."""
        typed = "".join(code.split())
        if len(typed) > 6:
            args = (person.person_id, digest(_on_paper(typed.replace("-", "").lower())))
            return Write("DELETE FROM recovery_code WHERE person_id = ? AND digest = ?", args, expect_rows=1)
        secret = self._vault.open(person.totp, _kept(person.person_id)).decode()
        step = self._step_of(secret, typed) or 0
        return Write(
            "UPDATE person SET totp_step = ? WHERE person_id = ? AND totp_step < ?",
            (step, person.person_id, step),
            expect_rows=1,
        )

    def _step_of(self, secret: str, code: str) -> int | None:
        """Returns the step whose code it is, near now."""
        now = self._clock.now_us() // 1_000_000 // STEP_S
        totp = pyotp.TOTP(secret)
        return next(
            (step for step in range(now - _DRIFT, now + _DRIFT + 1) if _same(totp.generate_otp(step), code)),
            None,
        )


def address_of(secret: str, name: str) -> str:
    """Returns what the picture on the screen tells the phone."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


def _same(right: str, typed: str) -> bool:
    return bool(pyotp.utils.strings_equal(right, "".join(typed.split())))


def _on_paper(digits: str) -> str:
    return "-".join(digits[start : start + 4] for start in range(0, len(digits), 4))


def _proposed(person_id: str) -> str:
    return f"totp/proposed/{person_id}"


def _kept(person_id: str) -> str:
    return f"person/totp/{person_id}"
