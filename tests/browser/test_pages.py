"""Every page and its telling states in a home somebody has worked in: opens without a complaint, stays still, can be heard."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from command_line import Cli
from console import Desk, Sits, desk
from lived_in import SHOP, Worker
from playwright.async_api import Browser
from screens import SCREENS, Screen

from onshelf.web.console.view import MENU

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]
MOST_SHIFT = 0.01
OPENINGS = 3


@pytest.fixture(scope="module")
def cli(sandbox_info: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """The command line of a home whose shop has a name as shops have."""
    line = Cli(tmp_path_factory.mktemp("console") / "home", sandbox_info, SHOP)
    line.add_shop(SHOP)
    return line


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def places(
    browser: Browser,
    service: tuple[str, str],
    administrator: Any,
    cli: Cli,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, str]:
    """What paths name once somebody has worked in the home."""
    folder: Path = tmp_path_factory.mktemp("files")
    async with desk(browser, service[0], state=administrator) as sitting:
        return await Worker(cli, sitting, folder, datetime.now(UTC)).live()


async def stands_well(sitting: Desk, path: str, *answered: int) -> None:
    """Checks that a page can be heard, fits the screen, and complained of nothing but `answered`."""
    expected = tuple(f"status of {status} " for status in answered)
    assert await sitting.serious_faults() == []
    assert [one for one in sitting.complaints if not any(part in one for part in expected)] == []
    assert await sitting.wider() <= 0, path


async def stands_still(sitting: Desk, path: str) -> None:
    """Checks that a page does not move under the eye while it opens.

    To be asked before anything is done there: an answer makes room for itself, and a browser counts that when it took long.
    A page that moves by itself moves each time; half a page painted on a machine that had no time for the rest does not.
    """
    moved = [await sitting.shifted()]
    while moved[-1] > MOST_SHIFT and len(moved) < OPENINGS:
        await sitting.page.reload()
        await sitting.drawn()
        moved.append(await sitting.shifted())
    assert moved[-1] <= MOST_SHIFT, (path, moved)


@pytest.mark.parametrize("path", [entry.path for entry in MENU])
async def test_a_page_opens_well_before_there_is_anything(sits: Sits, path: str) -> None:
    async with sits() as sitting:
        await sitting.open(path)

        await stands_still(sitting, path)
        await stands_well(sitting, path)


@pytest.mark.parametrize("screen", [pytest.param(one, id=one.name) for one in SCREENS])
async def test_a_page_of_a_home_at_work_opens_well(
    sits: Sits, places: dict[str, str], screen: Screen
) -> None:
    async with sits(known=not screen.bare) as sitting:
        reply = await sitting.page.goto(sitting.address + screen.at(places))
        assert reply is not None
        assert reply.status == screen.status
        await sitting.drawn()
        await stands_still(sitting, screen.path)
        if screen.act is not None:
            await screen.act(sitting)

        await screen.keep(sitting)
        await stands_well(sitting, screen.path, screen.status, screen.refused)
