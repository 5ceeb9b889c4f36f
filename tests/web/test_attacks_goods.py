"""Attacks by what people bring in: scripts in titles, formulas in cells, addresses that lead inside, names that lead out."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import openpyxl
import pytest
from aiohttp import FormData
from PIL import Image
from service import Answer, Browser, Service, served
from shelf_items import item, keep

from onshelf.catalog.profile import Profile
from onshelf.catalog.store import save_profile
from onshelf.guard.change import Act
from onshelf.guard.roles import Role
from onshelf.store.db import Write
from onshelf.web.console.view import MENU

IMPORTS = "/shops/shop-a/imports"
EVIL = "\"'><evil-tag onmouseover=evil()>x</evil-tag><script>evil()</script>{{7*7}}"
"""Breaks out of an attribute of either quote and of an element, if anything lets it."""
SHORT_EVIL = "杯\"'><evil-tag>"
DESCRIPTION = (
    "<p>好</p><script>evil()</script><img src=x onerror=evil()><evil-tag></evil-tag><svg/onload=evil()>"
    "<a href='javascript:evil()'>x</a><iframe srcdoc='<script>evil()</script>'></iframe>"
)
PROFILE = Profile(category_id=50010850, province="浙江", city="杭州", stock=5, pictures_optional=True)


class Elements(HTMLParser):
    """What a browser would make elements and attributes of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.scripts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] == "script" and data.strip():
            self.scripts.append(data)


def unsafe(page: str) -> list[str]:
    """Returns what on a page would run, or came out of where it was put."""
    found = Elements(page)
    return [
        *(tag for tag in found.tags if tag in ("evil-tag", "iframe", "object", "embed", "base")),
        *(name for name, _ in found.attributes if name.startswith("on") or name == "srcdoc"),
        *(
            value
            for name, value in found.attributes
            if name in ("href", "src", "action", "formaction", "hx-get", "hx-post")
            and value.strip().lower().startswith(("javascript:", "data:text", "vbscript:"))
        ),
        *found.scripts,
    ]


@pytest.fixture
async def shop(service: Service) -> Service:
    await service.app.db.commit([save_profile("shop-a", PROFILE, 1)])
    return service


async def brought_in(shop: Service, *products: dict[str, Any], query: str = "") -> list[dict[str, Any]]:
    body = b"".join(msgspec.json.encode(one) + b"\n" for one in products)
    answer = await shop.api(
        "POST", IMPORTS + query, data=body, headers={"Content-Type": "application/x-ndjson"}
    )
    assert answer.status == 200, answer.text
    return [msgspec.json.decode(line) for line in answer.body.splitlines()]


def file_of(content: bytes, name: str) -> FormData:
    made = FormData(quote_fields=False)
    made.add_field("file", content, filename=name)
    return made


def pages_of(browser: Browser) -> AsyncIterator[tuple[str, str]]:
    """Opens every page of the menu, and every page of ours that these lead to."""

    async def walk() -> AsyncIterator[tuple[str, str]]:
        waiting, seen = [entry.path for entry in MENU], set[str]()
        while waiting and len(seen) < 120:
            path = waiting.pop(0)
            if path in seen or path.startswith("/static"):
                continue
            seen.add(path)
            answer = await browser.get(path)
            assert answer.status < 500, f"{path}: {answer.status}"
            if not answer.headers.get("Content-Type", "").startswith("text/html"):
                continue
            yield path, answer.text
            waiting += [
                value
                for name, value in Elements(answer.text).attributes
                if name in ("href", "hx-get") and value.startswith("/") and not value.startswith("//")
            ]

    return walk()


async def test_what_people_wrote_is_text_on_every_page(shop: Service) -> None:
    """Products, faulty rows, items, people, keys, files and filters are named as an attacker would name them."""
    await brought_in(
        shop,
        {"outer_id": "E-1", "title": SHORT_EVIL, "price": "9.90", "description": DESCRIPTION},
        {"outer_id": "E-2", "title": EVIL * 3, "price": EVIL, "description": DESCRIPTION},
        {"outer_id": EVIL, "title": "杯", "price": "9.90"},
    )
    csv = f'商家编码,标题,价格\nE-3,"{EVIL.replace(chr(34), chr(34) * 2)}",贵\n'
    await shop.api("POST", IMPORTS, data=file_of(csv.encode(), "<evil-tag>.csv"))
    await keep(shop, item(1, title=EVIL), item(2, title=SHORT_EVIL))
    await shop.api("POST", "/keys", json={"name": EVIL[:60], "role": "viewer"})
    await shop.api("POST", "/invitations", json={"role": "viewer", "name": EVIL[:60]})
    shop.app.audit.acted(EVIL, Act("test.act", EVIL, {EVIL: EVIL}, {EVIL: DESCRIPTION}))
    opened, wrong, shown = 0, {}, 0
    async with shop.browser(name=SHORT_EVIL) as browser:
        async for path, page in pages_of(browser):
            opened += 1
            shown += "evil-tag" in page
            if found := unsafe(page):
                wrong[path] = found

    assert wrong == {}
    assert opened >= len(MENU) + 5
    assert shown >= 5  # else nothing of it was looked at


async def test_a_stored_description_keeps_no_script(shop: Service) -> None:
    await brought_in(shop, {"outer_id": "E-1", "title": "杯", "price": "9.90", "description": DESCRIPTION})
    stored = (await shop.api("GET", "/shops/shop-a/products/E-1")).json["description"]

    assert unsafe(stored) == []


FORMULAS = ["=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", '=HYPERLINK("http://evil")']


def cells_of(book: bytes) -> list[Any]:
    sheet = openpyxl.load_workbook(io.BytesIO(book)).active
    assert sheet is not None
    return [cell for row in sheet.iter_rows() for cell in row]


async def test_no_cell_of_a_workbook_of_ours_is_computed(shop: Service) -> None:
    """What a spreadsheet would compute stays text, in the cells and in the package itself; no link is made of it."""
    rows = [{"outer_id": f"F-{n}", "title": formula, "price": formula} for n, formula in enumerate(FORMULAS)]
    tally = (await brought_in(shop, *rows))[-1]
    book = (await shop.api("GET", f"{IMPORTS}/{tally['import_id']}/failed-rows.xlsx")).body
    cells = cells_of(book)
    with zipfile.ZipFile(io.BytesIO(book)) as package:
        sheets = b"".join(package.read(name) for name in package.namelist() if "sheet" in name)

    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
    assert "f" not in {cell.data_type for cell in cells}
    assert any(str(cell.value).startswith("=cmd") for cell in cells)
    assert b"<f>" not in sheets
    assert b"<hyperlink" not in sheets.lower()


@asynccontextmanager
async def canary() -> AsyncIterator[tuple[str, list[str]]]:
    """A server inside the machine that nothing of ours may ask; yields (where, who asked)."""
    asked: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readline()).decode("latin-1"))
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", asked


async def test_no_picture_address_makes_us_ask_anybody(shop: Service) -> None:
    async with canary() as (place, asked):
        told = await brought_in(
            shop,
            *(
                {"outer_id": f"P-{n}", "title": "杯", "price": "9.90", "pictures": [address]}
                for n, address in enumerate(
                    (
                        f"http://{place}/a.png",
                        f"//{place}/a.png",
                        f"ftp://{place}/a",
                        f"gopher://{place}/",
                        f"\\\\{place}\\share\\a.png",
                        "http://169.254.169.254/latest/meta-data/",
                    )
                )
            ),
        )

        taken = [
            (await shop.api("GET", f"/shops/shop-a/products/{line['outer_id']}")).json.get("pictures")
            for line in told[:-1]
        ]

    assert len(taken) == 6
    assert [one for one in taken if one] == []
    assert asked == []


INSIDE = [
    "http://{place}/",
    "http://localhost:{port}/",
    "http://0x7f000001:{port}/",
    "http://2130706433:{port}/",
    "http://127.1:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://169.254.169.254/latest/meta-data/",
    "http://10.0.0.1/",
    "http://metadata.google.internal/",
]


NOT_INSIDE: list[dict[str, Any]] = [
    {"inside_addresses": "refuse"},
    {"environment": "production"},
    {"public_address": "https://onshelf.example.com", "trusted_proxies": "127.0.0.1"},
]
"""Without a word of the setting, whatever makes others come in shuts the way inside."""


@pytest.mark.parametrize("given", NOT_INSIDE, ids=lambda given: next(iter(given)))
@pytest.mark.parametrize("address", INSIDE)
async def test_no_webhook_or_channel_leads_inside(
    tmp_path: Path, address: str, given: dict[str, Any]
) -> None:
    """Where others come in: told when it is made, and never asked, not by a test message either."""
    async with served(tmp_path / "home", **given) as service, canary() as (place, asked):
        await service.add_shop()
        url = address.format(place=place, port=place.split(":")[1])
        hook = await service.api("POST", "/webhooks", json={"url": url})
        if hook.status < 300:
            await service.api("POST", f"/webhooks/{hook.json['webhook']}/test")
        wish = {"name": "inside", "kind": "webhook", "values": {"url": url}}
        channel = await service.api("POST", "/channels", json=wish)
        if channel.status < 300:
            await service.api("POST", "/channels/inside/test")

        assert asked == []
        assert hook.status == 422, hook.text


async def test_a_key_of_one_shop_scans_no_ports_of_a_service_that_others_reach(tmp_path: Path) -> None:
    """By the defaults and a public address: a name that comes to lead inside is found out as its test is sent."""
    async with served(tmp_path / "home", **NOT_INSIDE[-1]) as service, canary() as (place, asked):
        await service.add_shop()
        given: dict[str, Any] = {"role": Role.DEVELOPER, "shops": ("shop-a",)}
        hook = await service.api("POST", "/webhooks", json={"url": "https://erp.example.com/in"}, **given)
        await service.app.db.commit([Write("UPDATE hook SET url = ?", (f"http://{place}/",))])
        tried = await service.api("POST", f"/webhooks/{hook.json['webhook']}/test", **given)

    assert asked == []
    assert tried.json["status"] is None


def files_in(home: Path) -> set[Path]:
    return {file for file in home.rglob("*") if file.is_file() and "onshelf.db" not in file.name}


NAMES = [
    "../../../key",
    "..\\..\\key",
    "/etc/passwd",
    "key\0.csv",
    "a" * 300 + ".csv",
    "\r\nX-Evil: 1.csv",
    "..",
]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
async def test_the_name_of_an_upload_leads_nowhere(shop: Service, name: str) -> None:
    home = Path(shop.app.settings.home)
    before = files_in(home)
    content = "商家编码,标题,价格\nA,,1\n".encode()
    boundary = b"x-boundary"
    body = b"".join(
        [
            b"--" + boundary + b'\r\nContent-Disposition: form-data; name="file"; filename="',
            name.replace("\r\n", "%0D%0A").encode(),
            b'"\r\n\r\n' + content + b"\r\n--" + boundary + b"--\r\n",
        ]
    )
    answer = await shop.api(
        "POST",
        IMPORTS,
        data=body,
        headers={"Content-Type": f"multipart/form-data; boundary={boundary.decode()}"},
    )
    after = files_in(home) - before

    assert answer.status < 500
    assert [file for file in after if not file.is_relative_to(home / "uploads")] == []
    if answer.status == 200:
        assert "/" not in answer.json["file"]
        assert "\\" not in answer.json["file"]
        book = await shop.api("GET", f"{IMPORTS}/{answer.json['import_id']}/failed-rows.xlsx")
        assert "X-Evil" not in book.headers
        assert ".." not in book.headers["Content-Disposition"]


def private_picture(folder: Path) -> Path:
    """A true picture that lies outside of what people may name."""
    file = folder / "private.png"
    Image.new("RGB", (800, 800), (200, 30, 30)).save(file)
    return file


async def put(service: Service, pictures: list[str]) -> Answer:
    given = {"title": "杯", "price": "9.90", "pictures": pictures}
    return await service.api("PUT", "/shops/shop-a/products/PIC", json=given)


@pytest.mark.parametrize("way", ["absolute", "upward", "link"])
async def test_no_picture_of_a_product_is_taken_from_outside_its_folder(
    shop: Service, tmp_path: Path, way: str
) -> None:
    secret = private_picture(tmp_path)
    folder = shop.app.imports.pictures("shop-a")
    folder.mkdir(parents=True, exist_ok=True)
    named = {
        "absolute": str(secret),
        "upward": "../" * len(folder.parts) + str(secret).lstrip("/"),
        "link": "link.png",
    }[way]
    if way == "link":
        (folder / "link.png").symlink_to(secret)
    await put(shop, [named])
    async with shop.browser() as browser:
        shown = await browser.get("/shops/shop-a/product/picture?code=PIC")

    assert shown.status == 404
    assert not shown.body.startswith(b"\x89PNG")


async def test_a_stranger_cannot_make_us_take_a_large_file(service: Service) -> None:
    """It is refused before it is kept anywhere, with no key and with one that is not good; the rest of it is not waited for."""
    strangers: tuple[dict[str, str], ...] = (
        {},
        {"Authorization": "Bearer onshelf_00_11"},
        {"Cookie": "onshelf_session=x"},
    )
    for shown in strangers:
        headers = {**shown, "Content-Type": "application/x-ndjson"}
        try:
            answer = await service.ask(
                "POST", f"/api/v1{IMPORTS}", headers=headers, data=io.BytesIO(b"x" * (4 << 20))
            )
        except aiohttp.ClientOSError:  # we hung up while it was still sending
            continue
        assert answer.status in (401, 413)

    assert [file for file in files_in(service.app.settings.home) if "uploads" in file.parts] == []


async def test_many_parts_of_a_form_are_refused(service: Service) -> None:
    """A form of a hundred thousand fields is cheap to send and dear to take apart."""
    async with service.browser() as browser:
        token = await browser.csrf("/account")
        form = "&".join(f"f{number}=x" for number in range(60_000))
        answer = await service.ask(
            "POST",
            "/account/password",
            http=browser.http,
            data=f"csrf={token}&{form}",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )

    assert answer.status in (400, 403, 413, 422)


async def test_who_only_looks_cannot_bring_a_script_in(shop: Service) -> None:
    answer = await shop.api(
        "POST",
        IMPORTS,
        role=Role.VIEWER,
        data=b"{}\n",
        headers={"Content-Type": "application/x-ndjson"},
    )

    assert answer.status == 403
