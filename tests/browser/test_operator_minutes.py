"""The operator's minutes: from a supplier's dirty file of a thousand rows to every good row verified on the shelf.

A person's time is reckoned by the keystroke-level model (Card, Moran, Newell 1980): a click is a thought, a movement and a
press; a typed value a thought, the way to the keys and its keys. The job's own time passes without a person.
"""

import re
import sys
from pathlib import Path
from time import monotonic

import pytest
from command_line import Cli
from console import Desk, Sits, keep_screen
from dirty import BY_HAND, profile_settings, write_dirty

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

ROWS, EACH = 1_000, 5
CLICK_S = 1.35 + 1.1 + 0.2
TYPED_S, KEY_S = 1.35 + 0.4, 0.28
READ_S = 15.0
"""To look through one page of the way."""
PAGES = 5
AIM_S = 180.0
JOB_MS = 240_000


class Person:
    """Somebody who works, and the time it takes them."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.typed_s = 0.0
        self.waited_s = 0.0
        desk.page.on("dialog", lambda dialog: dialog.accept())

    async def press(self, key: str, then: str, **values: object) -> None:
        """Presses a button, and waits until the next thing to do is there."""
        begun = monotonic()
        await self.desk.press(key, **values)
        await self.desk.page.locator(then).first.wait_for()
        self.waited_s += monotonic() - begun

    async def type(self, field: str, value: str, then: str) -> None:
        """Writes into a field and confirms by the Enter key."""
        begun = monotonic()
        await self.desk.page.locator(field).first.fill(value)
        await self.desk.page.locator(field).first.press("Enter")
        await self.desk.page.locator(then).first.wait_for()
        self.waited_s += monotonic() - begun
        self.typed_s += TYPED_S + KEY_S * (len(value) + 1)

    @property
    def needed_s(self) -> float:
        return self.desk.clicks * CLICK_S + self.typed_s + self.waited_s + READ_S * PAGES


@pytest.fixture
def shop(cli: Cli) -> str:
    """The shop, with a profile that maps the file's words but one."""
    settings = [f"--set={name}={value}" for name, value in profile_settings().items()]
    assert cli.run("shop", "profile", "shop-a", *settings).code == 0
    return "shop-a"


async def test_a_dirty_file_is_on_the_shelf_in_three_minutes_of_a_person(
    sits: Sits, cli: Cli, shop: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with sits() as sitting:
        prefix = f"OM-{sitting.lang}-{sitting.size}"
        file = tmp_path / "供应商9月上新.csv"
        faulty = write_dirty(file, rows=ROWS, each=EACH, prefix=prefix)
        person = Person(sitting)

        await sitting.open(f"/shops/{shop}/products")
        await person.press("products.import", "form[data-upload]")
        sitting.clicks += 2  # the button, and the file in the system's window
        begun = monotonic()
        await sitting.page.set_input_files("#file", file)
        await sitting.page.locator("select[name=field], #import-figures").first.wait_for()
        person.waited_s += monotonic() - begun
        if await sitting.page.locator("select[name=field]").count():  # asked once for each kind of file
            await person.press("imports.columns.go", "#import-figures")
        await keep_screen(sitting, "products-import-faults")
        sitting.clicks += 1  # the question
        await person.press("imports.accept_every", ".notice-good")
        for mended in range(1, EACH + 1):
            await person.type("article input[name=value]", "39.90", f".mended >> nth={mended - 1}")
        await person.press("imports.bring_in", ".steps [aria-current] >> nth=0", good=f"{ROWS:,}")
        await sitting.sees(sitting.say("imports.publish"))
        await person.press("imports.publish", "button.button-main[class]")
        sitting.clicks += 1  # the question
        await sitting.page.get_by_role("button", name=re.compile(f"{ROWS:,}|{ROWS}")).first.wait_for()
        begun = monotonic()
        sitting.clicks += 1
        await sitting.page.locator("form[action$='/publishing'] button.button-main").first.click()
        await sitting.page.wait_for_url("**/jobs/*")
        person.waited_s += monotonic() - begun
        started = monotonic()
        await sitting.page.locator("#live:not([hx-get])").wait_for(timeout=JOB_MS)
        took_s = monotonic() - started
        shown = await sitting.page.locator("#live .figure-good .figure-value").inner_text()
        await keep_screen(sitting, "products-operator-done")

    on_shelf = sum(bool(cli.shelf(f"{prefix}-{number:04d}")) for number in range(0, ROWS, 97))
    assert len(faulty[BY_HAND]) == EACH
    assert shown == f"{ROWS:,}", "every good row is verified on the shelf"
    assert on_shelf == len(range(0, ROWS, 97))
    assert cli.control("stats")["doubles"] == []
    told = (
        f"{sitting.clicks} clicks, {EACH} values typed, {person.waited_s:.1f} s of waiting: "
        f"{person.needed_s:.0f} s of a person; the job {took_s:.0f} s"
    )
    with capsys.disabled():
        sys.stdout.write(f"\noperator's minutes: {told}\n")
    assert person.needed_s <= AIM_S, told
