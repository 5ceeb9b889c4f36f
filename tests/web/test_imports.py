"""Imports over the API: files that come in whole, streams that are settled line by line, and their failed rows."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
from aiohttp import FormData
from service import Answer, Service

from onshelf.catalog.profile import Profile
from onshelf.catalog.readers import open_table
from onshelf.catalog.store import count_products, list_products, save_profile
from onshelf.clock import Clock, SystemClock
from onshelf.guard.roles import Role

IMPORTS = "/shops/shop-a/imports"
NDJSON = {"Content-Type": "application/x-ndjson"}
PROFILE = Profile(category_id=50010850, province="浙江", city="杭州", stock=5, pictures_optional=True)
DIRTY = '商家编码,标题,价格\nA,杯,1\nB,,2\nC,=HYPERLINK("x"),贵\n'


@pytest.fixture
async def shop(service: Service) -> Service:
    await service.app.db.commit([save_profile("shop-a", PROFILE, 1)])
    return service


def form(content: str | bytes, name: str = "goods.csv") -> FormData:
    made = FormData(quote_fields=False)
    made.add_field("file", content.encode() if isinstance(content, str) else content, filename=name)
    return made


def lines(products: Iterable[object]) -> bytes:
    return b"".join(msgspec.json.encode(one) + b"\n" for one in products)


def cups(count: int) -> bytes:
    return lines({"outer_id": f"C-{n}", "title": f"杯 {n}", "price": "9.90"} for n in range(count))


def told(answer: Answer) -> list[dict[str, Any]]:
    assert answer.status == 200, answer.text
    return [msgspec.json.decode(line) for line in answer.body.splitlines()]


async def send(shop: Service, body: Any, query: str = "", **given: Any) -> list[dict[str, Any]]:
    return told(await shop.api("POST", IMPORTS + query, data=body, headers=NDJSON, **given))


async def held(shop: Service) -> dict[str, bool]:
    return {one.product.outer_id: one.held for one in await list_products(shop.app.db, "shop-a")}


async def test_a_files_good_rows_come_in_and_its_faulty_ones_come_back_as_a_workbook(
    shop: Service, tmp_path: Any
) -> None:
    done = await shop.api("POST", IMPORTS, data=form(DIRTY, "../../春款.csv"))
    answer = done.json
    book = await shop.api("GET", f"{IMPORTS}/{answer['import_id']}/failed-rows.xlsx")

    assert (answer["file"], answer["state"], answer["good"], answer["faulty"], answer["added"]) == (
        ("春款.csv", "done", 1, 2, 1)
    )
    assert answer["by_rule"]["title_blank"] == 1
    path = tmp_path / "failed.xlsx"
    path.write_bytes(book.body)
    assert [row[:3] for _, row in open_table(path).rows][1:] == [
        ["B", "", "2"],
        ["C", '=HYPERLINK("x")', "贵"],
    ]
    assert b"<f>" not in book.body
    assert list((shop.app.settings.home / "uploads").iterdir()) == []


async def test_a_mended_workbook_is_imported_again(shop: Service) -> None:
    first = (await shop.api("POST", IMPORTS, data=form(DIRTY))).json
    book = await shop.api("GET", f"{IMPORTS}/{first['import_id']}/failed-rows.xlsx")

    again = await shop.api("POST", IMPORTS, data=form(book.body, "failed.xlsx"))

    assert (again.json["rows"], again.json["faulty"]) == (2, 2)


async def test_a_dry_run_of_a_file_tells_all_and_keeps_nothing(shop: Service) -> None:
    await shop.api("POST", IMPORTS, data=form("商家编码,标题,价格\nA,杯,2\nD,碗,1\n"))
    before = await shop.app.db.fetch("SELECT * FROM product")

    tried = (await shop.api("POST", f"{IMPORTS}?dry_run=true", data=form(DIRTY + "D,碗,1\n"))).json

    assert (tried["import_id"], tried["added"], tried["changed"], tried["same"]) == ("", 0, 1, 1)
    assert [row["row"] for row in tried["findings"] if row["stopped"]] == [3, 4]
    assert await shop.app.db.fetch("SELECT * FROM product") == before
    assert await shop.app.db.fetch("SELECT COUNT(*) FROM import_run") == [(1,)]
    assert list((shop.app.settings.home / "uploads").iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("goods.exe", "MZ", "unreadable"),
        ("goods.csv", "", "unreadable"),
        ("goods.xlsx", "no workbook", "unreadable"),
        ("goods.csv", "只有一列\n1\n", "unreadable"),
    ],
)
async def test_a_file_nobody_can_read_is_refused_and_leaves_nothing(
    shop: Service, name: str, content: str, code: str
) -> None:
    answer = await shop.api("POST", IMPORTS, data=form(content, name))

    assert (answer.status, answer.json["code"]) == (422, code)
    folder = shop.app.settings.home / "uploads"
    assert not folder.exists() or list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/plain", b"x"),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=x", b"--x\r\nnonsense"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--x--',
        ),
    ],
)
async def test_a_request_without_a_file_is_refused(shop: Service, kind: str, body: bytes) -> None:
    answer = await shop.api("POST", IMPORTS, data=body, headers={"Content-Type": kind})

    assert (answer.status, answer.json["code"]) == (422, "bad_upload")


async def test_each_line_of_a_stream_has_its_own_fate(shop: Service) -> None:
    await send(
        shop,
        lines([{"outer_id": "A", "title": "杯", "price": "1"}, {"outer_id": "B", "title": "碗", "price": 2}]),
    )
    body = lines(
        [{"outer_id": "A", "title": "杯", "price": "1"}, {"outer_id": "B", "title": "碗", "price": "3"}]
    )
    body += b'\n{"outer_id": "C", "title": broken\n'
    body += lines([{"outer_id": "D", "title": "", "price": "1"}, {"outer_id": "E", "name": "x"}, 7])
    body += lines([{"outer_id": "F", "title": "壶", "price": "4"}])[:-1]

    *settled, last = await send(shop, body)

    assert [(one["line"], one["outer_id"], one["status"]) for one in settled] == [
        (1, "A", "same"),
        (2, "B", "changed"),
        (4, "", "faulty"),
        (5, "D", "faulty"),
        (6, "", "faulty"),
        (7, "", "faulty"),
        (8, "F", "added"),
    ]
    assert [fault["rule"] for fault in settled[3]["faults"]] == ["title_blank"]
    assert all(fault["remedy"] for one in settled for fault in one["faults"])
    assert {name: last[name] for name in ("lines", "added", "changed", "same", "faulty")} == {
        "lines": 7,
        "added": 1,
        "changed": 1,
        "same": 1,
        "faulty": 4,
    }


async def test_a_stream_is_an_import_with_findings_and_a_workbook(shop: Service, tmp_path: Any) -> None:
    sku = {"options": {"颜色": "红"}, "price": "5", "stock": 1}
    *_, last = await send(
        shop, lines([{"outer_id": "A", "title": "", "price": "1"}, {"outer_id": "B", "skus": [sku]}])
    )

    shown = (await shop.api("GET", f"{IMPORTS}/{last['import_id']}")).json
    findings = (
        await shop.api("GET", f"{IMPORTS}/{last['import_id']}/findings?rule=title_blank&limit=1")
    ).json
    book = await shop.api("GET", f"{IMPORTS}/{last['import_id']}/failed-rows.xlsx")
    path = tmp_path / "failed.xlsx"
    path.write_bytes(book.body)
    header, first, second = (values for _, values in open_table(path).rows)

    assert (shown["state"], shown["faulty"], shown["made_by"]) == ("done", 2, "key:administrator-0")
    assert [row["outer_id"] for row in findings["items"]] == ["A"]
    assert findings["next"]
    assert dict(zip(header, first, strict=True))["outer_id"] == "A"
    assert dict(zip(header, second, strict=True))["option1_value"] == "红"


async def test_the_second_line_with_a_code_is_faulty_and_holds_the_product(shop: Service) -> None:
    *settled, _ = await send(shop, lines([{"outer_id": "A", "title": t, "price": "1"} for t in ("杯", "碗")]))

    assert [one["status"] for one in settled] == ["added", "faulty"]
    assert [fault["rule"] for fault in settled[1]["faults"]] == ["outer_id_twice"]
    assert await held(shop) == {"A": True}


async def test_a_mended_line_lets_the_product_go(shop: Service) -> None:
    good, bad = {"outer_id": "A", "title": "杯", "price": "1"}, {"outer_id": "A", "title": "", "price": "1"}
    await send(shop, lines([good]))
    await send(shop, lines([bad]))
    before = await held(shop)

    *settled, _ = await send(shop, lines([good]))

    assert (before, await held(shop), settled[0]["status"]) == ({"A": True}, {"A": False}, "same")


async def test_a_dry_run_of_a_stream_keeps_nothing(shop: Service) -> None:
    *settled, last = await send(shop, cups(3) + b"x\n", "?dry_run=true")

    assert [one["status"] for one in settled] == ["added", "added", "added", "faulty"]
    assert last["import_id"] == ""
    assert await held(shop) == {}
    assert await shop.app.db.fetch("SELECT COUNT(*) FROM import_run") == [(0,)]


async def test_a_line_without_end_is_one_faulty_line(shop: Service) -> None:
    body = cups(1) + b'{"title": "' + b"x" * (3 << 20) + b'"}\n' + cups(2)[-60:].split(b"\n", 1)[1]

    *settled, _ = await send(shop, BytesIO(body))

    assert [one["status"] for one in settled][:2] == ["added", "faulty"]


async def test_the_answer_streams_while_the_request_still_comes(shop: Service) -> None:
    first_told = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        yield cups(500)
        await asyncio.wait_for(first_told.wait(), 10)
        yield lines([{"outer_id": "last", "title": "末", "price": "1"}])

    shown = {**NDJSON, "Authorization": f"Bearer {await shop.key()}"}
    async with shop.http.post(f"{shop.address}/api/v1{IMPORTS}", data=body(), headers=shown) as reply:
        assert b'"status":"added"' in await reply.content.readline()
        first_told.set()
        rest = (await reply.read()).splitlines()

    assert msgspec.json.decode(rest[-1])["added"] == 501


async def test_a_client_that_reads_only_when_all_is_sent_is_served_too(shop: Service) -> None:
    """Its answer is larger than the buffers between the two: they would wait for each other."""
    host = urlsplit(shop.address)
    bad = b"x" * 50 + b"\n"
    count = 20_000
    head = (
        f"POST /api/v1{IMPORTS}?dry_run=true HTTP/1.1\r\nHost: {host.netloc}\r\nContent-Type: application/x-ndjson\r\n"
        f"Authorization: Bearer {await shop.key()}\r\nContent-Length: {len(bad) * count}\r\nConnection: close\r\n\r\n"
    )

    def talk() -> bytes:
        with socket.create_connection((host.hostname, host.port), timeout=30) as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 17)
            line.sendall(head.encode() + bad * count)
            parts = []
            while part := line.recv(1 << 16):
                parts.append(part)
            return b"".join(parts)

    answer = await asyncio.to_thread(talk)

    assert f'"lines":{count}'.encode() in answer
    assert len(answer) > 6_000_000


async def test_what_was_told_before_a_client_left_stays(shop: Service) -> None:
    host = urlsplit(shop.address)
    reader, writer = await asyncio.open_connection(host.hostname, host.port)
    writer.write(
        (
            f"POST /api/v1{IMPORTS} HTTP/1.1\r\nHost: {host.netloc}\r\nContent-Type: application/x-ndjson\r\n"
            f"Authorization: Bearer {await shop.key()}\r\nContent-Length: 10000000\r\n\r\n"
        ).encode()
        + cups(700)
    )
    await asyncio.wait_for(reader.readuntil(b'"C-499"'), 10)
    writer.close()
    runs = await settled_runs(shop)

    assert [(run["state"], run["rows"]) for run in runs] == [("failed", 500)]
    assert (await count_products(shop.app.db, "shop-a")).ready == 500


async def settled_runs(shop: Service) -> list[dict[str, Any]]:
    """Waits until no import is under way any more, and lists them."""
    clock: Clock = SystemClock()
    for _ in range(200):
        runs: list[dict[str, Any]] = (await shop.api("GET", IMPORTS)).json["items"]
        if all(run["state"] != "reading" for run in runs):
            return runs
        await clock.sleep(0.05)
    raise AssertionError("an import stays under way")


async def test_imports_are_listed_newest_first_page_by_page_and_by_state(shop: Service) -> None:
    for number in range(3):
        await shop.api("POST", IMPORTS, data=form("标题,价格\n杯,1\n", f"{number}.csv"))
    broken = "标题,价格\n" + "杯,1\n" * 300 + '"杯,1\n'
    await shop.api("POST", IMPORTS, data=form(broken, "broken.csv"))

    first = (await shop.api("GET", f"{IMPORTS}?limit=2")).json
    second = (await shop.api("GET", f"{IMPORTS}?limit=2&cursor={first['next']}")).json
    failed = (await shop.api("GET", f"{IMPORTS}?state=failed")).json

    assert [one["file"] for one in (*first["items"], *second["items"])] == [
        "broken.csv",
        "2.csv",
        "1.csv",
        "0.csv",
    ]
    assert second["next"] is None
    assert [one["file"] for one in failed["items"]] == ["broken.csv"]


async def test_an_import_of_another_shop_is_not_there(shop: Service) -> None:
    await shop.add_shop("shop-b")
    made = (await shop.api("POST", IMPORTS, data=form(DIRTY))).json

    for path in ("", "/findings", "/failed-rows.xlsx"):
        answer = await shop.api("GET", f"/shops/shop-b/imports/{made['import_id']}{path}")
        assert (answer.status, answer.json["code"]) == (404, "no_import")


async def test_who_only_looks_brings_nothing_in(shop: Service) -> None:
    for role in (Role.VIEWER, Role.DEVELOPER):
        assert (await shop.api("POST", IMPORTS, data=cups(1), headers=NDJSON, role=role)).status == 403


async def test_a_stream_without_end_is_told_where_it_was_given_up(shop: Service) -> None:
    """What still comes is read and dropped: whoever sends all before it reads gets to the answer."""
    body = cups(1) + b"\n" * 1_000_000 + cups(2)
    first, last = await send(shop, BytesIO(body))
    kept = (await shop.api("GET", f"{IMPORTS}/{last['import_id']}")).json

    assert (first["status"], last["lines"], last["code"]) == ("added", 1, "too_many_lines")
    assert last["remedy"]
    assert (kept["state"], kept["added"]) == ("failed", 1)


async def test_a_line_with_variants_without_end_is_no_product(shop: Service) -> None:
    """Three bytes of it would be told of in a kilobyte."""
    body = b'{"outer_id": "A", "title": "T", "skus": [' + b'{"options": {}},' * 600 + b'{"options": {}}]}\n'
    first, _ = await send(shop, body)
    (fault,) = first["faults"]

    assert fault["rule"] == "line_broken"
