"""One sandbox and one process a client for all tests of a file; each test begins with a fresh world."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from strangers import Desk, Running, Stranger

from onshelf.sandbox.launch import running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def info() -> AsyncIterator[dict[str, Any]]:
    """The start-up line of a sandbox in a process of its own."""
    async with running() as line:
        yield line


@pytest.fixture(scope="module")
def crew(info: dict[str, Any]) -> Iterator[dict[str, Running]]:
    """The clients that have been started, by name."""
    started: dict[str, Running] = {}
    yield started
    for one in started.values():
        one.stop()


@pytest.fixture
def client(request: pytest.FixtureRequest, desk: Desk, crew: dict[str, Running]) -> Running:
    """The client that is the test's parameter, started when it is first wanted."""
    stranger: Stranger = request.param
    if stranger.missing:
        pytest.skip(stranger.missing)
    if stranger.name not in crew:
        crew[stranger.name] = Running(stranger, desk.info)
    return crew[stranger.name]


@pytest.fixture
def desk(info: dict[str, Any]) -> Desk:
    """The sandbox's controls, and nothing left of the test before."""
    desk = Desk(info)
    desk.control("reset", {})
    return desk
