"""The table of kept replies: what moves slowly (categories, schemas), for all processes of a home and over restarts."""

from typing import cast

from onshelf.platforms.cache import Asked, Kept
from onshelf.store.db import Database, Write


class DatabaseStore:
    """Implements `platforms.cache.KeepingStore`. What is old goes whenever something is put."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def get(self, key: str) -> Kept | None:
        rows = await self._db.fetch(
            "SELECT value, asked_us, answered_us FROM kept_reply WHERE key = ?", (key,)
        )
        return Kept(*cast("tuple[bytes, int, int]", rows[0])) if rows else None

    async def put(self, asked: Asked, kept: Kept, until_us: int, mark: str = "") -> None:
        put = Write(
            "INSERT INTO kept_reply (key, value, asked_us, answered_us, until_us) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value, asked_us = excluded.asked_us,"
            " answered_us = excluded.answered_us, until_us = excluded.until_us",
            (asked.key, kept.value, kept.asked_us, kept.answered_us, until_us),
        )
        await self._db.commit([Write("DELETE FROM kept_reply WHERE until_us < ?", (kept.answered_us,)), put])
