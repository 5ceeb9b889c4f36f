"""The console in a real browser: Debian's Chromium over the real service and the real sandbox, driven by Playwright."""

import asyncio
import json
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from command_line import Cli, wait_until
from playwright.async_api import Browser, Page, Route, ViewportSize, async_playwright
from playwright.async_api import Error as PlaywrightError

from onshelf.texts import Lang, text

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
           "--disable-component-update", "--disable-sync")  # fmt: skip
PASSWORD = "correct-horse-9"
SIZES: dict[str, ViewportSize] = {
    "desk": {"width": 1280, "height": 860},
    "phone": {"width": 390, "height": 844},
}
AXE = Path(__file__).parents[2] / "build" / "clients" / "node" / "node_modules" / "axe-core" / "axe.min.js"
FAILED = Path(__file__).parents[2] / "build" / "failed"
PATIENCE_MS = 20_000
SHIFTED = """new Promise((told) => {
  let sum = 0;
  new PerformanceObserver((seen) => seen.getEntries().forEach((one) => { if (!one.hadRecentInput) sum += one.value; }))
    .observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => setTimeout(() => told(sum), 50));
})"""


@dataclass(slots=True)
class Desk:
    """Somebody at the console. `say` gives the word a control carries in the language of this desk."""

    page: Page
    address: str
    lang: Lang
    size: str
    clicks: int = 0
    # errors of scripts, breaches of the policy, foreign addresses
    complaints: list[str] = field(default_factory=list)

    def say(self, key: str, /, **values: Any) -> str:
        return text(f"web.{key}", self.lang, **values)

    async def open(self, path: str) -> None:
        """Goes to a page of the console."""
        await self.page.goto(self.address + path)

    async def press(self, key: str, /, **values: Any) -> None:
        """Presses the button or link that carries a text of the catalogue; counted as a click of a person."""
        await self.press_text(self.say(key, **values))

    async def press_text(self, words: str) -> None:
        self.clicks += 1
        found = self.page.get_by_role("button", name=words, exact=True).or_(
            self.page.get_by_role("link", name=words, exact=True)
        )
        await found.first.click()

    async def sees(self, words: str) -> None:
        """Waits until words are on the page."""
        await self.page.get_by_text(words).first.wait_for()

    async def drawn(self) -> None:
        """Waits until the charts of the page, if it has any, are drawn."""
        if await self.page.locator("[data-chart]").count():
            await self.page.locator("[data-chart] svg").first.wait_for()

    async def shifted(self) -> float:
        """Returns how far what was already painted has moved since the page was opened: cumulative layout shift."""
        moved: float = await self.page.evaluate(SHIFTED)
        return moved

    async def wider(self) -> int:
        """Returns by how many pixels the page is wider than the window."""
        beyond: int = await self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return beyond

    async def serious_faults(self) -> list[str]:
        """Runs axe over the page once it is there whole; returns what it finds but for minor matters."""
        await self.page.wait_for_load_state("load")
        await self.page.evaluate(AXE.read_text("utf-8"))
        found = await self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:160]}"
            for one in found["violations"]
            if one["impact"] != "minor"
        ]


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """One browser without a window; what it leaves in its folder for temporary files goes with it."""
    with tempfile.TemporaryDirectory(prefix="onshelf-browser-", ignore_cleanup_errors=True) as folder:
        env: dict[str, str | float | bool] = {**os.environ, "TMPDIR": folder}
        async with async_playwright() as play:
            browser = await play.chromium.launch(executable_path=CHROMIUM, args=list(OPTIONS), env=env)
            try:
                yield browser
            finally:
                await browser.close()


@asynccontextmanager
async def desk(
    browser: Browser,
    address: str,
    *,
    lang: Lang = "zh",
    size: str = "desk",
    link: str = "",
    state: Any = None,
) -> AsyncIterator[Desk]:
    """Sits down at the console; with `link` by an invitation, with `state` as somebody who has signed in."""
    context = await browser.new_context(
        viewport=SIZES[size],
        storage_state=state,
        locale="zh-CN" if lang == "zh" else "en",
        reduced_motion="reduce",  # nothing is caught on its way
    )
    context.set_default_timeout(PATIENCE_MS)
    await context.add_cookies([{"name": "onshelf_lang", "value": lang, "url": address}])
    page = await context.new_page()
    sitting = Desk(page, address, lang, size)
    page.on("pageerror", lambda error: sitting.complaints.append(str(error)))
    page.on("console", lambda said: sitting.complaints.append(said.text) if said.type == "error" else None)

    async def within(route: Route) -> None:
        if not route.request.url.startswith((address, "data:", "blob:")):
            sitting.complaints.append(f"asks {route.request.url}")
            await route.abort()
        else:
            await route.continue_()

    await context.route("**/*", within)
    try:
        if link:
            await page.goto(link)
            await page.fill("#name", "林")
            await page.fill("#password", PASSWORD)
            await page.fill("#again", PASSWORD)
            await page.click("button.button-main")
            await page.wait_for_url(lambda url: "/welcome/" not in url)
        yield sitting
    except BaseException:
        await keep_failure(page)
        raise
    finally:
        await context.close()


async def comes_true(true: Callable[[], object], what: str) -> None:
    """As `wait_until`, while the browser goes on: its requests pass through this very loop."""
    await asyncio.to_thread(wait_until, true, what)


@contextmanager
def up(cli: Cli, **settings: str) -> Iterator[tuple[str, str]]:
    """Runs `onshelf up` in the home of a command line; yields (address, link of the first administrator)."""
    with log_of(cli).open("w", encoding="utf-8") as log:  # a pipe that nobody reads would fill up and stop it
        child = cli.start_long(log, "up", "--json", service="127.0.0.1:0", **settings)
        try:
            assert child.stdout is not None
            told = json.loads(child.stdout.readline())
            yield told["service"], told["welcome"]
        finally:
            child.terminate()
            child.communicate(timeout=30)


def log_of(cli: Cli) -> Path:
    """Returns the file that `up` lets the service of a home complain into."""
    return cli.home.with_suffix(".log")


async def keep_failure(page: Page) -> None:
    """Keeps a picture of the page as it is when a test fails, under the test's name in `build/failed`; best effort."""
    name = re.sub(r"[^\w-]+", "-", os.environ.get("PYTEST_CURRENT_TEST", "").partition(" ")[0]).strip("-")
    with suppress(PlaywrightError):
        await page.screenshot(path=FAILED / f"{name}.png", full_page=True)


async def keep_screen(sitting: Desk, name: str) -> None:
    """Keeps a picture of the page as `<name>.<language>.<size>.png` in the folder ONSHELF_TEST_SCREENS names, if any."""
    folder = os.environ.get("ONSHELF_TEST_SCREENS")
    if folder:
        path = Path(folder) / f"{name}.{sitting.lang}.{sitting.size}.png"
        # to hide it takes a style that the policy refuses
        await sitting.page.screenshot(path=path, caret="initial")


class Sits(Protocol):
    """Gives an administrator's desk of the combination the test runs in; with `known=False` that of somebody not signed in."""

    def __call__(self, *, known: bool = True) -> AbstractAsyncContextManager[Desk]: ...


def wanted() -> list[tuple[Lang, str]]:
    """Returns the combinations to try: Chinese at a desk, or with ONSHELF_TEST_DESKS=all all four."""
    every: list[tuple[Lang, str]] = [("zh", "desk"), ("en", "phone"), ("en", "desk"), ("zh", "phone")]
    return every if os.environ.get("ONSHELF_TEST_DESKS") == "all" else every[:1]
