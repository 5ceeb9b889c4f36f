"""Counts pushed messages: those that come in, as they come, and those nobody has handled, in the database."""

from collections import Counter
from collections.abc import Sequence
from typing import cast

from onshelf.platforms.port import Push, PushMessage
from onshelf.shops.push.feeds import Feed, Way
from onshelf.shops.push.intake import Source
from onshelf.store.db import Database


class CountingSource:
    """A `Source` around another, whose feeds count what they receive by topic; what comes again counts again."""

    def __init__(self, inner: Source, counted: Counter[str]) -> None:
        self._inner = inner
        self._counted = counted

    async def open(self, feed: Feed, failures: int) -> tuple[Push, Way]:
        push, way = await self._inner.open(feed, failures)
        return _CountingPush(push, self._counted), way


class _CountingPush:
    def __init__(self, inner: Push, counted: Counter[str]) -> None:
        self._inner = inner
        self._counted = counted

    async def ready(self) -> None:
        await self._inner.ready()

    async def receive(self) -> Sequence[PushMessage]:
        messages = await self._inner.receive()
        self._counted.update([one.topic for one in messages])
        return messages

    async def confirm(self, delivery_ids: Sequence[int]) -> None:
        await self._inner.confirm(delivery_ids)

    async def close(self) -> None:
        await self._inner.close()


async def unhandled(db: Database) -> dict[str, int]:
    """Counts the messages that wait for their handler ("waiting") and those set aside for a person ("failed")."""
    rows = await db.fetch(
        "SELECT state, COUNT(*) FROM inbox WHERE state IN ('waiting', 'failed') GROUP BY state"
    )
    return {"waiting": 0, "failed": 0} | {str(state): cast("int", count) for state, count in rows}
