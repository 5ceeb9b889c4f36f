"""Passwords: kept by argon2id, checked away from the event loop, and as slowly for a name that nobody has."""

import asyncio
import base64

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST_PASSWORD = 10  # characters
AT_ONCE = 2
"""So many are worked on at a time: each takes 64 MiB, and guessers must not have them all."""


class Passwords:
    """Hashes and checks. Tests pass a hasher that takes less time."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobodys = _nobodys(self._hasher)
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def hash(self, password: str) -> str:
        """Returns what is kept of a password."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def is_right(self, kept: str, password: str) -> bool:
        """Tells whether a password is the one kept; with nothing kept it takes as long and is wrong."""
        async with self._turns:
            return await asyncio.to_thread(self._verify, kept, password)

    def is_dated(self, kept: str) -> bool:
        """Tells whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(kept)

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept or self._nobodys, password) and bool(kept)
        except (VerificationError, InvalidHashError):
            return False


def _nobodys(hasher: PasswordHasher) -> str:
    """Returns a hash of no known password with the hasher's own parameters: checking it costs what a real one costs."""
    salt, hashed = (
        base64.b64encode(bytes(size)).rstrip(b"=").decode() for size in (hasher.salt_len, hasher.hash_len)
    )
    return (
        f"$argon2id$v=19$m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}${salt}${hashed}"
    )
