"""The gateway, as users of other people's clients have it: reads, writes, tokens, and every way it refuses.

Each check runs with every client that can do it; docs/reference/conformance.md shows the table.
"""

import struct
import zlib
from contextlib import suppress
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from msgspec import json
from strangers import SEEDED, Desk, Failed, Json, Refused, Running, clients

HARD = "新款连衣裙 & 100% + a=b 🌸"  # what encoders, signers and decoders trip over
GIF = b"GIF89a" + struct.pack("<HH", 5, 4)  # ASCII throughout: one client sends files as text
NOTHING = ""  # no session


def png(width: int, height: int) -> bytes:
    """Returns a picture with bytes that are no text in any encoding."""
    pixels = zlib.compress((b"\0" + b"\xff\x80\x00" * width) * height)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", pixels), (b"IEND", b""))
    parts = [
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@clients()
def test_reads_the_time_without_a_session(client: Running) -> None:
    assert len(client.ask("taobao.time.get", session=NOTHING)["time"]) == len("2026-01-01 00:00:00")


@clients()
def test_reads_an_item(client: Running) -> None:
    answer = client.ask("taobao.item.seller.get", fields="num_iid,title,price", num_iid=SEEDED)

    assert answer["item"] == {"num_iid": SEEDED, "price": "99.00", "title": "沙箱示例连衣裙"}


@clients("get")
def test_reads_an_item_with_get(client: Running) -> None:
    answer = client.ask("taobao.item.seller.get", verb="GET", fields="title", num_iid=SEEDED)

    assert answer["item"] == {"title": "沙箱示例连衣裙"}


@clients()
def test_writes_a_chinese_title_with_everything_that_is_special_in_a_form(
    client: Running, desk: Desk
) -> None:
    client.ask("taobao.item.update", num_iid=SEEDED, title=HARD)

    (item,) = desk.control("items")
    assert item["title"] == HARD


@clients()
def test_adds_an_item_and_finds_it_in_the_list_of_those_on_sale(client: Running, desk: Desk) -> None:
    where: Json = {"location.state": "浙江", "location.city": "杭州"}
    what: Json = {
        "type": "fixed",
        "stuff_status": "new",
        "cid": 50010850,
        "desc": "一条很好的裙子，五个字以上",
    }
    added = client.ask("taobao.item.add", title=HARD, num=5, price="12.50", outer_id="款-1", **what, **where)

    listed = client.ask("taobao.items.onsale.get", fields="num_iid,title,outer_id", page_size=200)
    (kept,) = desk.control("items?outer_id=%E6%AC%BE-1")
    assert (kept["title"], kept["price"], kept["num"]) == (HARD, "12.50", 5)
    assert listed["total_results"] == 2
    assert {"num_iid": added["item"]["num_iid"], "title": HARD, "outer_id": "款-1"} in listed["items"]["item"]


@clients()
def test_is_told_of_an_empty_list(client: Running) -> None:
    answer = client.ask("taobao.items.inventory.get", fields="num_iid")

    assert answer["total_results"] == 0
    assert "items" not in answer


@clients("upload", "exact ids")
def test_uploads_a_picture(client: Running, desk: Desk) -> None:
    uploaded = client.ask(
        "taobao.picture.upload", picture_category_id=0, image_input_title="a.gif", files={"img": GIF}
    )["picture"]

    (kept,) = desk.control("pictures")
    assert (uploaded["pixel"], uploaded["title"], uploaded["sizes"]) == ("5x4", "a", len(GIF))
    assert int(kept["picture_id"]) == int(uploaded["picture_id"])


@clients("upload", "any bytes")
def test_uploads_a_picture_whose_bytes_are_no_text_under_a_chinese_name(client: Running) -> None:
    content = png(30, 20)

    uploaded = client.ask(
        "taobao.picture.upload",
        picture_category_id=0,
        image_input_title="连衣裙.png",
        title="连衣裙 & 裙",
        files={"img": content},
    )["picture"]

    assert (uploaded["pixel"], uploaded["title"], uploaded["sizes"]) == ("30x20", "连衣裙 & 裙", len(content))


@clients()
def test_a_code_becomes_a_token_and_the_token_is_refreshed_before_any_session(
    client: Running, desk: Desk
) -> None:
    def token(method: str, **how: Any) -> dict[str, str]:
        answer = client.ask(f"taobao.top.auth.token.{method}", session=NOTHING, **how)
        return json.decode(answer["token_result"], type=dict[str, Any])

    first = token("create", code=desk.code())
    second = token("refresh", refresh_token=first["refresh_token"])

    for one in (first, second):
        user = client.ask("taobao.user.seller.get", session=one["access_token"], fields="nick")["user"]
        assert user["nick"] == unquote(one["taobao_user_nick"]) == desk.info["seller_nick"]
    assert first["access_token"] != second["access_token"]


@clients()
def test_reads_plain_lists_when_it_asks_for_simplify(client: Running) -> None:
    answer = client.ask("taobao.items.onsale.get", simplify="true", fields="num_iid,price")

    assert answer.pop("request_id")
    assert answer == {"items": [{"num_iid": SEEDED, "price": "99.00"}], "total_results": 1}


@clients("xml")
def test_reads_xml_when_it_asks_for_it(client: Running) -> None:
    answer = client.ask("taobao.item.seller.get", format="xml", fields="title", num_iid=SEEDED)

    root = ET.fromstring(answer)
    assert root.tag == "item_seller_get_response"
    assert root.findtext("item/title") == "沙箱示例连衣裙"
    assert answer.rstrip().endswith("-->"), "the platform names the serving host after the root"


@clients("gzip")
def test_reads_a_long_answer_whole_that_came_compressed(client: Running) -> None:
    description = "一条很好的裙子" * 500
    client.ask("taobao.item.update", num_iid=SEEDED, desc=description)

    answer = client.ask("taobao.item.seller.get", fields="desc", num_iid=SEEDED)

    assert answer["item"]["desc"] == description


READ = "taobao.item.seller.get"
ITEM: Json = {"fields": "title", "num_iid": SEEDED}


@clients()
def test_is_told_of_a_wrong_signature(client: Running) -> None:
    assert client.refusal(READ, secret="not-the-secret", **ITEM)[0] == 25


@clients()
def test_is_told_of_an_unknown_app(client: Running) -> None:
    assert client.refusal(READ, app_key="99999999", **ITEM) == (29, "isv.appkey-not-exists")


@clients()
def test_is_told_of_an_unknown_method(client: Running) -> None:
    assert client.refusal("taobao.trade.created.get", **ITEM)[0] == 22


@clients()
def test_is_told_of_a_missing_argument(client: Running) -> None:
    assert client.refusal(READ, fields="title")[0] == 40


@clients()
def test_is_told_of_an_argument_of_the_wrong_kind(client: Running) -> None:
    assert client.refusal(READ, fields="title", num_iid="abc")[0] == 41


@clients()
def test_is_told_of_a_missing_session(client: Running) -> None:
    assert client.refusal(READ, session=NOTHING, **ITEM)[0] == 26


@clients()
def test_is_told_of_an_expired_session(client: Running, desk: Desk) -> None:
    desk.control("sessions", {"session": desk.info["session"], "expires_in": 0})

    assert client.refusal(READ, **ITEM) == (27, "invalid-sessionkey")


@clients()
def test_is_told_of_a_session_that_belongs_to_another_app(client: Running, desk: Desk) -> None:
    desk.control("apps", {"app_key": "87654321", "app_secret": "another"})

    refusal = client.refusal(READ, app_key="87654321", secret="another", **ITEM)

    assert refusal == (27, "sessionkey-not-generated-by-server")


@clients()
def test_is_told_of_a_permission_its_app_lacks(client: Running, desk: Desk) -> None:
    app = {"app_key": desk.info["app_key"], "app_secret": desk.info["app_secret"]}
    desk.control("apps", {**app, "denied": [READ]})

    assert client.refusal(READ, **ITEM) == (11, "isv.permission-api-package-limit")


@clients()
def test_is_told_of_a_business_error(client: Running) -> None:
    refusal = client.refusal(READ, fields="title", num_iid=5)

    assert refusal == (15, "isv.item-get-service-error:ITEM_NOT_FOUND")


@clients()
def test_is_told_of_a_ban_and_goes_on_after_it(client: Running, desk: Desk) -> None:
    desk.control("faults", {"kind": "ban", "count": 1, "seconds": 90})
    banned = [client.refusal(READ, **ITEM) for _ in range(2)]
    desk.control("clock", {"jump_s": 91})

    assert banned == [(7, "accesscontrol.limited-by-dynamic-access-count")] * 2
    assert client.ask(READ, **ITEM)["item"]


@clients()
def test_a_platform_fault_reaches_its_user_or_its_own_retry(client: Running, desk: Desk) -> None:
    desk.control("faults", {"kind": "isp", "count": 1, "sub_code": "isp.top-remote-connection-timeout"})

    if client.stranger.name == "taobaopy":
        assert client.ask(READ, **ITEM)["item"], "it asks again by itself"
    else:
        assert client.refusal(READ, **ITEM) == (15, "isp.top-remote-connection-timeout")


@clients("wall time")
def test_the_wall_time_of_another_country_is_refused(client: Running, desk: Desk) -> None:
    abroad = Running(client.stranger, desk.info, TZ="UTC")
    try:
        assert abroad.refusal(READ, **ITEM)[0] == 31
    finally:
        abroad.stop()


@clients()
def test_goes_on_after_cut_broken_and_half_answers(client: Running, desk: Desk) -> None:
    kinds = ("cut_before", "cut_after", "http_5xx", "truncate", "bad_json")
    for kind in kinds:
        desk.control("faults", {"kind": kind, "count": 1})
        # what its user sees is its authors' choice; some ask again by themselves
        with suppress(Failed, Refused):
            client.ask(READ, **ITEM)

        assert client.ask(READ, **ITEM)["item"]

    assert desk.control("stats")["faults"] == dict.fromkeys(kinds, 1)
