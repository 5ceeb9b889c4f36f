"""A write under way holds its Idempotency-Key as long as its process lives, and not much longer."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from onshelf.clock import FakeClock, from_us
from onshelf.store.db import Database
from onshelf.store.migrate import migrate
from onshelf.store.open import open_database
from onshelf.web.once import Once

SCOPE: dict[str, Any] = {
    "type": "http",
    "method": "POST",
    "path": "/api/v1/x",
    "query_string": b"",
    "headers": [(b"idempotency-key", b"k"), (b"authorization", b"Bearer x")],
}
LONG_S = 200.0


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    db = await open_database(str(tmp_path / "onshelf.db"))
    await migrate(db)
    yield db
    await db.close()


@pytest.fixture
def clock(database: Database) -> FakeClock:
    return FakeClock(from_us(1_800_000_000_000_000), busy=database.busy)


class House:
    """A route that takes its time, behind the middleware."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.clock = clock
        self.done = 0
        self.once = Once(self.route, prefix="/api", db=database, clock=clock, lang="en", known=self.known)

    async def route(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.clock.sleep(LONG_S)
        self.done += 1
        await Response("done")(scope, receive, send)

    async def known(self, scope: Scope) -> bool:
        return True

    async def ask(self) -> int:
        """Sends the write; returns the status of its answer."""
        status = []

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                status.append(message["status"])

        await self.once(dict(SCOPE), receive, send)
        return int(status[0])


async def test_a_long_write_is_under_way_to_its_end(database: Database, clock: FakeClock) -> None:
    house = House(database, clock)
    first = asyncio.create_task(house.ask())
    await clock.sleep(LONG_S - 10)
    meanwhile = await house.ask()

    assert (meanwhile, await first, await house.ask(), house.done) == (409, 200, 200, 1)


async def test_the_key_of_a_process_that_died_is_free_within_a_minute(
    database: Database, clock: FakeClock
) -> None:
    house = House(database, clock)
    died = asyncio.create_task(house.ask())
    await clock.sleep(30)
    house.once._db = _Gone(database)  # type: ignore[assignment] # from here on nothing of it is written
    died.cancel()
    await asyncio.gather(died, return_exceptions=True)
    after = House(database, clock)
    at_once = await after.ask()
    await clock.sleep(61)

    assert (at_once, await after.ask()) == (409, 200)


class _Gone:
    """What a killed process does to the database: nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def commit(self, writes: object) -> list[object]:
        raise ConnectionError("killed")
