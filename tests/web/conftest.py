"""A service of the test's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from service import Service, noon, served


@pytest_asyncio.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    """A served app with one shop, `shop-a`; it is noon."""
    async with served(tmp_path / "home", clock=noon()) as found:
        await found.add_shop()
        yield found
