"""How long pages and lists take at a million items, 100,000 products and a million changes; first paint in Chromium.

A table of addresses: whoever brings a page or a list adds a line. Each is asked `TIMES` times; the time is from the request
to the last byte, one after the other, beside a service that does nothing else.
"""

import asyncio
import math
import subprocess
import sys
from pathlib import Path
from random import Random
from time import perf_counter
from urllib.parse import quote

import aiohttp
from figures import Figure, say
from playwright.async_api import async_playwright
from web_home import SHOP, home
from web_jobs import LARGE_JOB

from onshelf.clock import SystemClock
from onshelf.guard.invitations import Invitations
from onshelf.guard.keys import Keys
from onshelf.guard.roles import Role
from onshelf.store.open import open_database

TIMES = 30
AIM, PAINT_AIM = "≤ 100", "≤ 1000"
WORDS = quote("法式 连衣裙")
LISTS = {
    "items": f"/shops/{SHOP}/items?limit=50",
    "items on sale": f"/shops/{SHOP}/items?limit=200&state=onsale",
    "items by cause": f"/shops/{SHOP}/items?limit=50&state=instock&reason=violation",
    "items by id, one state": f"/shops/{SHOP}/items?limit=50&sort=id&state=deleted",
    "items by code": f"/shops/{SHOP}/items?limit=50&outer_id=B-05",
    "items by code and state": f"/shops/{SHOP}/items?limit=50&outer_id=B-&state=deleted",
    "items by words": f"/shops/{SHOP}/items?limit=50&title={WORDS}",
    "items by words there are not": f"/shops/{SHOP}/items?limit=50&title=nowhere",
    "items in doubt": f"/shops/{SHOP}/items?limit=50&doubtful=true",
    "items changed since": f"/shops/{SHOP}/items?limit=50&changed_since=2026-01-01T00:00:00Z&state=instock",
    "counts of items": f"/shops/{SHOP}/items/counts",
    "one item": f"/shops/{SHOP}/items/700000000007",
    "changes": "/changes?limit=50",
    "changes by cause": f"/shops/{SHOP}/changes?limit=50&reason=violation",
    "changes by state, not ours": "/changes?limit=50&state=deleted&ours=false",
    "changes, oldest first": "/changes?limit=200&order=oldest",
    "today": "/today",
    "alerts": "/alerts?limit=50",
    "products": f"/shops/{SHOP}/products?limit=50",
    "products by words": f"/shops/{SHOP}/products?limit=50&q={quote('连衣裙')}",
    "products by words there are not": f"/shops/{SHOP}/products?limit=50&q=nowhere",
    "products held back": f"/shops/{SHOP}/products?limit=50&held=true",
    "products not listed": f"/shops/{SHOP}/products?limit=50&listed=false",
    "products changed since": f"/shops/{SHOP}/products?limit=50&changed_since=2099-01-01T00:00:00Z",
    "products of a category there is not": f"/shops/{SHOP}/products?limit=200&category=1",
    "imports": f"/shops/{SHOP}/imports?limit=50",
    "jobs": "/jobs?limit=50",
    "jobs, a full page": "/jobs?limit=200",
    "jobs of a shop that failed": f"/jobs?limit=50&shop={SHOP}&state=failed",
    "jobs in a state none is in": "/jobs?limit=50&state=cancelled",
    "one job of 100,000 lines": f"/jobs/{LARGE_JOB}",
    "its lines": f"/jobs/{LARGE_JOB}/lines?limit=200",
    "its lines of one cause": f"/jobs/{LARGE_JOB}/lines?limit=200&state=failed&cause=listing.differs",
    "undecided products": f"/shops/{SHOP}/undecided?limit=50",
}
PAGES = {
    "today": "/",
    "shelf": f"/shelf?shop={SHOP}",
    "shelf by words": f"/shelf?shop={SHOP}&words={WORDS}",
    "shelf by words there are not": f"/shelf?shop={SHOP}&words=nowhere",
    "one item": f"/shelf/{SHOP}/700000000007",
    "products": f"/shops/{SHOP}/products",
    "products by words there are not": f"/shops/{SHOP}/products?q=nowhere",
    "products held back": f"/shops/{SHOP}/products?held=yes",
    "products not listed": f"/shops/{SHOP}/products?listed=no",
    "imports": f"/shops/{SHOP}/imports",
    "the publishing profile": f"/shops/{SHOP}/profile",
    "leaf categories by words": f"/categories?q={quote('保温杯')}",
    "alerts": "/alerts",
    "jobs": "/jobs",
    "one job of 100,000 lines": f"/jobs/{LARGE_JOB}",
    "its live part": f"/jobs/{LARGE_JOB}/live",
    "undecided products": f"/shops/{SHOP}/undecided",
    "shops": "/shops",
}
PAINTED = ("shelf", "today", "products")
CHILD = """
import asyncio, sys
from onshelf.settings import read_settings
from onshelf.web.app import create_app
from onshelf.web.serve import listen, serving
from onshelf.wiring import open_app

async def main(home):
    async with open_app(read_settings({"home": home, "api_per_minute": 1000000}, {})) as app:
        async with serving(create_app(app), listen("127.0.0.1:0", "bench")) as address:
            print(address, flush=True)
            await asyncio.Event().wait()

import uvloop
uvloop.run(main(sys.argv[1]))
"""

_PAINT = "performance.getEntriesByName('first-contentful-paint')"


async def come_in(folder: Path) -> tuple[str, str]:
    """Makes a key and an invitation; returns both secrets."""
    db, clock, random = await open_database(str(folder / "onshelf.db")), SystemClock(), Random()
    try:
        _, shown = await Keys(db, clock, random).add(
            f"bench-{clock.now_us()}", role=Role.ADMINISTRATOR, shops=None, made_by="bench"
        )
        invitation = await Invitations(db, clock, random).invite(
            role=Role.ADMINISTRATOR, shops=None, made_by="bench"
        )
    finally:
        await db.close()
    return shown, invitation


async def times_of(http: aiohttp.ClientSession, address: str, headers: dict[str, str]) -> list[float]:
    """Asks an address again and again; returns milliseconds, the first answer left out: it fills caches."""
    found = []
    for _ in range(TIMES + 1):
        began = perf_counter()
        async with http.get(address, headers=headers) as reply:
            await reply.read()
            if reply.status != 200:
                raise SystemExit(f"{address}: {reply.status} {(await reply.text())[:300]}")
        found.append((perf_counter() - began) * 1000)
    return found[1:]


def p95(times: list[float]) -> float:
    return sorted(times)[math.ceil(0.95 * len(times)) - 1]


async def measure(folder: Path, address: str, words: list[str]) -> None:
    """Measures every list, every page, and what Chromium paints first; with words only those whose name holds one."""
    shown, invitation = await come_in(folder)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        for name, path in chosen(LISTS, words):
            headers = {"Authorization": f"Bearer {shown}"}
            tell(f"list of {name}", await times_of(http, f"{address}/api/v1{path}", headers))
        form = {"name": f"bench {invitation[:6]}", "password": "correct-horse-9", "again": "correct-horse-9"}
        async with http.post(f"{address}/welcome/{invitation}", data=form, allow_redirects=False) as joined:
            cookie = joined.cookies["onshelf_session"].value
        for name, path in chosen(PAGES, words):
            tell(f"page of {name}", await times_of(http, address + path, {}))
    await paint(address, cookie)


def chosen(table: dict[str, str], words: list[str]) -> list[tuple[str, str]]:
    return [(name, path) for name, path in table.items() if not words or any(word in name for word in words)]


def tell(name: str, times: list[float]) -> None:
    note = f"median {sorted(times)[TIMES // 2]:.1f}"
    say(Figure(f"{name}, p95 of {TIMES}", p95(times), "ms", AIM, note))


async def paint(address: str, cookie: str) -> None:
    """Opens pages in Chromium and asks it when it painted first."""
    async with async_playwright() as play:
        browser = await play.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        context = await browser.new_context()
        await context.add_cookies([{"name": "onshelf_session", "value": cookie, "url": address}])
        page = await context.new_page()
        await page.goto(f"{address}/healthz")  # a browser's own start is not the page's
        for name in PAINTED:
            await page.goto(address + PAGES[name], wait_until="load")
            found: float | None = None
            while found is None:  # the page's policy keeps Playwright from waiting in it
                await page.wait_for_timeout(20)
                found = await page.evaluate(f"{_PAINT}[0]?.startTime ?? null")
            say(
                Figure(
                    f"first paint of {name}", found, "ms", PAINT_AIM, "Chromium, nothing cached for the first"
                )
            )
        await browser.close()


def main() -> None:
    folder = home()
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(folder)], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        asyncio.run(measure(folder, child.stdout.readline().strip(), sys.argv[1:]))
    finally:
        child.terminate()
        child.wait(10)


if __name__ == "__main__":
    main()
