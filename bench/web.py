"""How long every page and list takes at a million items, 100,000 products and a million changes; first paint in Chromium.

The addresses are those of the routes; tables add filters, and say which routes are not measured and why. Each is asked
`TIMES` times; the time is from the request to the last byte, one after the other, beside a service that does nothing else.
"""

import asyncio
import math
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from random import Random
from time import perf_counter
from urllib.parse import quote

import aiohttp
import apsw
from fastapi import APIRouter
from fastapi.routing import APIRoute
from figures import Figure, say
from playwright.async_api import async_playwright
from web_home import SHOP, home
from web_jobs import LARGE_JOB
from web_office import APP_KEY, CHANNEL

from onshelf.clock import SystemClock
from onshelf.guard.invitations import Invitations
from onshelf.guard.keys import Keys
from onshelf.guard.roles import Role
from onshelf.store.open import open_database
from onshelf.web.api import routers
from onshelf.web.console import pages

TIMES = 30
AIM, PAINT_AIM = "≤ 100", "≤ 1000"
WORDS = quote("法式 连衣裙")
FILTERED = {
    "items on sale": f"/shops/{SHOP}/items?limit=200&state=onsale",
    "items by cause": f"/shops/{SHOP}/items?limit=50&state=instock&reason=violation",
    "items by id, one state": f"/shops/{SHOP}/items?limit=50&sort=id&state=deleted",
    "items by code": f"/shops/{SHOP}/items?limit=50&outer_id=B-05",
    "items by code and state": f"/shops/{SHOP}/items?limit=50&outer_id=B-&state=deleted",
    "items by words": f"/shops/{SHOP}/items?limit=50&title={WORDS}",
    "items by words there are not": f"/shops/{SHOP}/items?limit=50&title=nowhere",
    "items in doubt": f"/shops/{SHOP}/items?limit=50&doubtful=true",
    "items changed since": f"/shops/{SHOP}/items?limit=50&changed_since=2026-01-01T00:00:00Z&state=instock",
    "changes by cause": f"/shops/{SHOP}/changes?limit=50&reason=violation",
    "changes by state, not ours": "/changes?limit=50&state=deleted&ours=false",
    "changes, oldest first": "/changes?limit=200&order=oldest",
    "products by words": f"/shops/{SHOP}/products?limit=50&q={quote('连衣裙')}",
    "products by words there are not": f"/shops/{SHOP}/products?limit=50&q=nowhere",
    "products held back": f"/shops/{SHOP}/products?limit=50&held=true",
    "products not listed": f"/shops/{SHOP}/products?limit=50&listed=false",
    "products changed since": f"/shops/{SHOP}/products?limit=50&changed_since=2099-01-01T00:00:00Z",
    "products of a category there is not": f"/shops/{SHOP}/products?limit=200&category=1",
    "findings of one rule": f"/shops/{SHOP}/imports/{{import_id}}/findings?limit=200&rule=price_missing",
    "jobs, a full page": "/jobs?limit=200",
    "jobs of a shop that failed": f"/jobs?limit=50&shop={SHOP}&state=failed",
    "jobs in a state none is in": "/jobs?limit=50&state=cancelled",
    "lines of one cause": f"/jobs/{LARGE_JOB}/lines?limit=200&state=failed&cause=listing.differs",
    "acts of one person": "/audit?limit=200&actor=person:7",
    "calls of one method": "/audit?limit=200&kind=call&action=taobao.item.add",
}
"""Lists of the API with filters; without any, every list there is is measured."""
SOUGHT = {
    "shelf, left today": f"/shelf?shop={SHOP}&state=left",
    "shelf by words": f"/shelf?shop={SHOP}&words={WORDS}",
    "shelf by words there are not": f"/shelf?shop={SHOP}&words=nowhere",
    "products by words there are not": f"/shops/{SHOP}/products?q=nowhere",
    "products held back": f"/shops/{SHOP}/products?held=yes",
    "products not listed": f"/shops/{SHOP}/products?listed=no",
    "calls in the audit log": "/audit?kind=call",
}
"""Pages with filters."""
QUERIES = {
    "/shelf": f"?shop={SHOP}",
    "/shelf/rows": f"?shop={SHOP}",
    "/categories": f"?q={quote('保温杯')}",
    "/shops/{shop}/product": "?code=B-0000007",
}
"""What an address asks to be told."""
NO_LISTS = {
    "/events": "a stream: bench/events.py",
    "/audit/verification": "reads the whole log: a check, not a list",
    "/shops/{shop}/publishing": "a plan looks at every product and its pictures",
}
NO_PAGES = {
    "/oauth/callback": "the platform's way back",
    "/shops/{shop}/delivery-templates": "asks the platform",
    "/shops/{shop}/publishing/plan": "the plan, brought in beside its page",
    "/shops/{shop}/product/picture": "a file",
    "/audit/export": "a file, written row by row while it is sent",
    "/welcome/{token}": "good for one use",
    "/sign-in/openid": "leads to the provider",
    "/sign-in/openid/back": "leads from the provider",
    "/account/totp": "makes another secret each time",
}
"""What is not measured, and why; nor are the workbooks, which are made when they are asked for."""
PAINTED = {"shelf": f"/shelf?shop={SHOP}", "today": "/", "products": f"/shops/{SHOP}/products"}
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
        headers = {"Authorization": f"Bearer {shown}"}
        values = names_in(folder / "onshelf.db")
        for name, path in chosen({**addresses(routers(), values, NO_LISTS), **FILTERED}, words):
            tell(f"list of {name}", await times_of(http, f"{address}/api/v1{path.format(**values)}", headers))
        form = {"name": f"bench {invitation[:6]}", "password": "correct-horse-9", "again": "correct-horse-9"}
        async with http.post(f"{address}/welcome/{invitation}", data=form, allow_redirects=False) as joined:
            cookie = joined.cookies["onshelf_session"].value
        for name, path in chosen({**addresses(pages(), values, NO_PAGES), **SOUGHT}, words):
            tell(f"page of {name}", await times_of(http, address + path, {}))
    await paint(address, cookie)


def addresses(
    rooms: Iterable[APIRouter], values: dict[str, str], without: Mapping[str, str]
) -> dict[str, str]:
    """Returns path -> address of everything that can be read; a route whose name of a part is unknown here is an error."""
    found = [
        route.path
        for room in rooms
        for route in room.routes
        if isinstance(route, APIRoute) and "GET" in (route.methods or ())
    ]
    return {
        path: path.replace(":path", "").format(**values) + QUERIES.get(path, "")
        for path in found
        if path not in without and not path.endswith(".xlsx")
    }


def names_in(file: Path) -> dict[str, str]:
    """Reads what stands for the parts of addresses."""
    db = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READONLY)
    (found,) = db.execute(
        "SELECT hook_id, (SELECT max(delivery_id) FROM hook_delivery), (SELECT max(import_id) FROM import_run),"
        " (SELECT max(person_id) FROM person), (SELECT max(key_id) FROM api_key), (SELECT max(fingerprint) FROM alert)"
        " FROM hook"
    ).fetchall()
    db.close()
    webhook, delivery, import_id, person, key, alert = map(str, found)
    return {
        "shop": SHOP, "item_id": "700000000007", "outer_id": "B-0000007", "job": LARGE_JOB, "app_key": APP_KEY,
        "channel": CHANNEL, "name": "lang", "webhook": webhook, "delivery": delivery, "import_id": import_id,
        "person": person, "key": key, "alert": quote(alert, safe=""),
    }  # fmt: skip


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
        for name, path in PAINTED.items():
            await page.goto(address + path, wait_until="load")
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
