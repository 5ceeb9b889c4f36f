"""The control page: HTML for browsers, JSON for programs, nothing from outside, and it works in a real browser."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
import pytest_asyncio

from browser import CHROMIUM, Page, browser
from onshelf.sandbox.explain import _CHARSETS, _JOINS, _ORDERS, _VALUES
from onshelf.sandbox.faults import KINDS
from onshelf.sandbox.launch import in_process, request, running
from onshelf.sandbox.server import Sandbox

FOLDER = Path(__file__).parents[2] / "src/onshelf/sandbox/pages/desk"
TEXTS: dict[str, Any] = json.loads((FOLDER.parents[2] / "reference/texts/sandbox.json").read_text("utf-8"))
SCRIPTS = {file.name: file.read_text("utf-8") for file in FOLDER.glob("*.js")}
PAGE = {"accept": "text/html,application/xhtml+xml"}
WRITE = {"host": "127.0.0.1:8080"}


@pytest.fixture
def sandbox() -> Sandbox:
    return in_process()


@pytest.mark.parametrize("path", ["/", "/_sandbox", "/_sandbox/"])
async def test_a_browser_gets_the_page_and_a_program_the_list_of_controls(
    sandbox: Sandbox, path: str
) -> None:
    _, headers, page = await request(sandbox, "GET", path, headers=PAGE)
    _, _, listing = await request(sandbox, "GET", path)

    assert headers["content-type"].startswith("text/html")
    assert b"desk.js" in page
    assert "/_sandbox/faults" in {row["path"] for row in msgspec.json.decode(listing)}


async def test_the_page_allows_nothing_inline_and_nothing_from_outside(sandbox: Sandbox) -> None:
    _, headers, page = await request(sandbox, "GET", "/_sandbox/", headers=PAGE)

    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(rb"<script>|\son\w+=|style=|<style", page)


@pytest.mark.parametrize("file", sorted(FOLDER.iterdir()), ids=lambda file: file.name)
def test_no_part_names_an_outside_address(file: Path) -> None:
    assert not re.search(r"https?://", file.read_text("utf-8"))


@pytest.mark.parametrize("name", sorted([*SCRIPTS, "desk.css", "texts.json"]))
async def test_every_part_is_served_as_what_it_is(sandbox: Sandbox, name: str) -> None:
    status, headers, body = await request(sandbox, "GET", f"/_sandbox/desk/{name}")

    kind = {"js": "text/javascript", "css": "text/css", "json": "application/json"}[name.rpartition(".")[2]]
    assert (status, headers["content-type"].partition(";")[0]) == (200, kind)
    assert body


def test_every_text_the_page_names_exists() -> None:
    named = {key for script in SCRIPTS.values() for key in re.findall(r"\bt\(\"([a-z_.0-9A-Z]+)\"", script)}

    assert named
    assert {key for key in named if f"sandbox.{key}" not in TEXTS} == set()


def test_every_text_is_named_by_the_page_whole_or_by_its_family() -> None:
    source = "".join(SCRIPTS.values())
    families = set(re.findall(r"t\(`([a-z_.]+)\.\$\{", source))

    unused = [
        key
        for key in (one.removeprefix("sandbox.") for one in TEXTS)
        if f'"{key}"' not in source and not any(key.startswith(f"{family}.") for family in families)
    ]
    assert unused == []


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_fault_can_be_chosen_and_is_explained(kind: str) -> None:
    assert f'"{kind}"' in SCRIPTS["faults.js"]
    assert f"sandbox.fault.{kind}" in TEXTS


@pytest.mark.parametrize(
    "mistake",
    sorted(
        f"{part}.{name.partition('.')[0]}"
        for part, names in (("values", _VALUES), ("order", _ORDERS), ("join", _JOINS), ("charset", _CHARSETS))
        for name in names
        if name
    ),
)
def test_every_mistake_in_a_signature_has_its_sentence(mistake: str) -> None:
    assert f"sandbox.mistake.{mistake}" in TEXTS


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": "http://127.0.0.1:8080"}, 200),
        ({"origin": "http://sandbox:8080", "host": "sandbox:8080"}, 200),
        ({"origin": "http://[::1]:8080", "host": "[::1]:8080"}, 200),
        ({"origin": "https://example.org"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://rebound.example:8080", "host": "rebound.example:8080"}, 403),
    ],
)
async def test_pages_of_other_sites_may_not_use_the_controls(
    sandbox: Sandbox, headers: dict[str, str], status: int
) -> None:
    got, _, _ = await request(sandbox, "POST", "/_sandbox/clock", b'{"jump_s": 1}', {**WRITE, **headers})

    assert got == status


async def test_the_page_is_told_what_a_client_must_know(sandbox: Sandbox) -> None:
    _, _, body = await request(sandbox, "GET", "/_sandbox/info", headers=WRITE)

    info = msgspec.json.decode(body)
    assert info["gateway"] == "http://127.0.0.1:8080/router/rest"
    assert (info["app_key"], info["session"]) == ("12345678", "test")


needs_browser = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium here: the control page was not opened"
)


@pytest_asyncio.fixture
async def info() -> AsyncIterator[dict[str, Any]]:
    async with running() as started:
        yield started


@pytest_asyncio.fixture
async def page(tmp_path: Path, info: dict[str, Any]) -> AsyncIterator[Page]:
    async with browser(tmp_path) as opened:
        await opened.open(f"{info['control']}/")
        yield opened


@needs_browser
async def test_every_tab_opens_without_a_complaint(page: Page) -> None:
    await page.sees("helloworld")
    tabs = await page.run("[...document.querySelectorAll('nav a')].map(a => a.hash)")

    for tab in tabs:
        await page.run(f"location.hash = {tab!r}")
        await page.until(f"document.querySelector('nav a[aria-current]')?.hash === {tab!r}")
        await page.until("document.querySelector('#view section') !== null")

    assert len(tabs) >= 7
    assert page.complaints == []


@needs_browser
async def test_a_wrong_signature_is_explained_on_the_page(page: Page, info: dict[str, Any]) -> None:
    async with aiohttp.ClientSession() as http:
        fields = {"method": "taobao.time.get", "app_key": "12345678", "v": "2.0", "format": "json"}
        async with http.get(f"{info['control']}/clock") as reply:
            now = (await reply.json())["epoch"]
        fields |= {"timestamp": str(int(now * 1000)), "sign_method": "md5", "sign": "0" * 32}
        async with http.post(info["gateway"], data=fields) as reply:
            assert b'"code":25' in await reply.read()

    await page.run("location.hash = '#calls'")
    await page.sees("taobao.time.get")
    await page.run("document.querySelector('a[href^=\"#calls/\"]').click()")

    await page.sees("签名错误，未能找出原因")
    await page.sees("helloworldapp_key12345678formatjson")
    assert page.complaints == []


@needs_browser
async def test_a_fault_is_put_in_force_and_the_seller_acts_by_clicks(
    page: Page, info: dict[str, Any]
) -> None:
    await page.run("location.hash = '#faults'")
    await page.sees("5% 的创建丢失应答")
    await page.run(
        "[...document.querySelectorAll('button')].find(b => b.textContent.includes('凌晨三点')).click()"
    )
    await page.sees("expire_session")
    await page.run("location.hash = '#items'")
    await page.sees("SANDBOX-1")
    await page.run("document.querySelector('td button').click()")
    await page.sees("经历")
    await page.run("[...document.querySelectorAll('button')].find(b => b.textContent === '下架').click()")
    await page.sees("卖家下架")

    async with aiohttp.ClientSession() as http:
        async with http.get(f"{info['control']}/items?outer_id=SANDBOX-1") as reply:
            (item,) = await reply.json()
        async with http.get(f"{info['control']}/faults") as reply:
            (rule,) = await reply.json()
    assert (item["banner"], rule["at_time"]) == ("off_shelf", "03:00")
    assert page.complaints == []


CLICK = "[...document.querySelectorAll('button')].find(b => b.textContent === {text!r}).click()"


@needs_browser
async def test_a_trade_is_lived_through_by_clicks_though_no_number_of_the_browser_holds_its_id(
    page: Page,
) -> None:
    await page.run("location.hash = '#trades'")
    await page.sees("买家下单")
    await page.run(CLICK.format(text="下单"))
    await page.sees("WAIT_BUYER_PAY")

    await page.run(CLICK.format(text="付款"))

    await page.sees("WAIT_SELLER_SEND_GOODS")
    await page.run(CLICK.format(text="卖家发货"))
    await page.sees("WAIT_BUYER_CONFIRM_GOODS")
    await page.run(CLICK.format(text="申请退款"))
    await page.sees("WAIT_SELLER_AGREE")
    await page.run(CLICK.format(text="卖家同意"))
    await page.sees("TRADE_CLOSED")
    assert page.complaints == []


@needs_browser
async def test_the_page_speaks_english_when_asked_and_fits_a_phone(
    tmp_path: Path, info: dict[str, Any]
) -> None:
    async with aiohttp.ClientSession() as http:
        message = {
            "topic": "taobao_item_ItemPunishDownshelf",
            "app_key": "12345678",
            "content": {"text": "x" * 99},
        }
        for path, order in (("buyer", {"action": "buy", "num_iid": info["num_iid"]}), ("messages", message)):
            async with http.post(f"{info['control']}/{path}", json=order) as reply:
                assert reply.status == 200
    async with browser(tmp_path, width=390) as page:
        await page.open(f"{info['control']}/?lang=en")
        await page.sees("Refusals by code")

        for tab in ("#items", "#calls", "#faults", "#trades", "#messages", "#shops", "#received"):
            await page.run(f"location.hash = {tab!r}")
            await page.until(f"document.querySelector('nav a[aria-current]')?.hash === {tab!r}")
            await page.until("document.querySelector('#view table, #view .none') !== null")
            assert await page.run("document.documentElement.scrollWidth <= innerWidth")


@needs_browser
async def test_a_person_clicks_through_the_authorisation(page: Page, info: dict[str, Any]) -> None:
    back = f"{info['control']}/info"
    await page.open(
        f"{info['oauth']}/authorize?response_type=code&client_id=12345678&state=x&redirect_uri={back}"
    )
    await page.sees("授权")
    await page.run("document.querySelector('button').click()")

    await page.until("location.search.includes('code=') && location.search.endsWith('state=x')")
