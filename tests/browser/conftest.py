"""One browser, one sandbox and one service for each file of tests; each test sits down at a desk of its own."""

from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from command_line import Cli
from console import CHROMIUM, Desk, Sits, chromium, desk, log_of, up, wanted
from playwright.async_api import Browser

from onshelf.sandbox.launch import running
from onshelf.texts import Lang

LAST_LINES = 40


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tells with a failure what the service said last; a picture of the page is in `build/failed`."""
    report = yield
    cli = item.funcargs.get("cli")
    if report.failed and isinstance(cli, Cli) and log_of(cli).is_file():
        said = log_of(cli).read_text("utf-8").splitlines()[-LAST_LINES:]
        report.sections.append(("Last lines of the service", "\n".join(said)))
    return report


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for one test file."""
    if CHROMIUM is None:
        pytest.skip(
            "!!! TESTS OF THE CONSOLE SKIPPED: no Chromium here (Debian: apt-get install chromium) !!!"
        )
    async with chromium() as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox_info() -> AsyncIterator[dict[str, Any]]:
    """A sandbox process for one test file."""
    async with running(seed=7) as info:
        yield info


@pytest.fixture(scope="module")
def cli(sandbox_info: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """The command line of the home the service works in, with the shop `shop-a` in the sandbox."""
    line = Cli(tmp_path_factory.mktemp("console") / "home", sandbox_info, "shop-a")
    line.add_shop("shop-a")
    return line


@pytest.fixture(scope="module")
def service(cli: Cli) -> Iterator[tuple[str, str]]:
    """`onshelf up` in that home: its address, and the first administrator's link."""
    with up(cli) as told:
        yield told


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def administrator(browser: Browser, service: tuple[str, str]) -> Any:
    """The cookies of the administrator, who came in by the first link."""
    address, link = service
    async with desk(browser, address, link=link) as sitting:
        return await sitting.page.context.storage_state()


@pytest.fixture(params=wanted(), ids="-".join)
def sits(
    request: pytest.FixtureRequest, browser: Browser, service: tuple[str, str], administrator: Any
) -> Sits:
    lang: Lang = request.param[0]
    size: str = request.param[1]

    def sit(*, known: bool = True) -> AbstractAsyncContextManager[Desk]:
        return desk(browser, service[0], lang=lang, size=size, state=administrator if known else None)

    return sit


@pytest.fixture
def products_file(tmp_path: Path) -> Path:
    """Where a test writes the file it uploads."""
    return tmp_path / "products.csv"
