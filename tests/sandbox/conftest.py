"""A sandbox and a shop for the tests of the command line."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
import pytest_asyncio
from command_line import Cli

from onshelf.cli.story.pictures import draw
from onshelf.sandbox.launch import running


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A data folder that does not exist yet."""
    return tmp_path / "home"


@pytest.fixture
def cli(home: Path) -> Cli:
    """The command line in a new home, without a sandbox."""
    return Cli(home)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox_info() -> AsyncIterator[dict[str, Any]]:
    """A sandbox process for one test file."""
    async with running(seed=7) as info:
        yield info


@pytest.fixture(scope="module")
def shop_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that the tests of one file share, each with a shop of its own."""
    return tmp_path_factory.mktemp("cli") / "home"


@pytest.fixture(scope="module")
def common_shop(sandbox_info: dict[str, Any], shop_home: Path) -> Cli:
    """A shop for the tests of one file that leave nothing behind."""
    cli = Cli(shop_home, sandbox_info, "common")
    cli.add_shop(cli.name)
    return cli


@pytest.fixture
def shop(request: pytest.FixtureRequest, sandbox_info: dict[str, Any], shop_home: Path) -> Iterator[Cli]:
    """A shop of the test's own, and a sandbox without faults."""
    cli = Cli(shop_home, sandbox_info, f"shop-{crc32(request.node.nodeid.encode()):x}")
    cli.control("faults", verb="DELETE")
    cli.add_shop(cli.name)
    yield cli
    cli.control("faults", verb="DELETE")


@pytest.fixture(scope="session")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture a shop may use."""
    path = tmp_path_factory.mktemp("pictures") / "shirt.jpg"
    path.write_bytes(draw("T恤", "A-1"))
    return path
