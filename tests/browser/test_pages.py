"""Every page of the menu: opens without a complaint, asks no foreign address, and a screen reader finds its way."""

import pytest
from console import Sits, keep_screen

from onshelf.web.console.view import MENU

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]


@pytest.mark.parametrize("path", [entry.path for entry in MENU])
async def test_a_page_opens_well_and_can_be_heard(sits: Sits, path: str) -> None:
    async with sits() as sitting:
        await sitting.open(path)
        await sitting.page.locator("h1").first.wait_for()
        await keep_screen(sitting, path.strip("/").replace("/", "-") or "home")

        assert await sitting.serious_faults() == []
        assert sitting.complaints == []
        wider = await sitting.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wider <= 0, f"{path} is {wider} px wider than the screen"
