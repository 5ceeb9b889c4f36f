"""Items, skus, stock and pictures as an app sees them through the gateway."""

import struct
from typing import Any

import msgspec
import pytest

from onshelf.sandbox.clock import wire_time
from onshelf.sandbox.launch import ask, control, in_process, request, signed
from onshelf.sandbox.server import Sandbox
from onshelf.sandbox.wire import Json

ADD: Json = {
    "type": "fixed",
    "cid": 50010850,
    "desc": "一条很好的裙子",
    "num": 5,
    "stuff_status": "new",
    "title": "连衣裙 春季&新款",
    "price": "12.5",
    "location.state": "浙江",
    "location.city": "杭州",
    "outer_id": "A-1",
}
SKUS: Json = {
    "props": "1627207:28320;1627207:28326",
    "sku_properties": "1627207:28320,1627207:28326",
    "sku_quantities": "2,3",
    "sku_prices": "12.50,13",
    "sku_outer_ids": "A-1-W,A-1-R",
}
ALL = "num_iid,title,price,num,approve_status,outer_id,modified,list_time,delist_time,violation,is_timing,sku,item_img,pic_url"


@pytest.fixture
def sandbox() -> Sandbox:
    sandbox = in_process()
    sandbox.clock.pause()
    return sandbox


async def add(sandbox: Sandbox, **change: Any) -> int:
    number: int = (await ask(sandbox, "taobao.item.add", **{**ADD, **change}))["item"]["num_iid"]
    return number


async def read(sandbox: Sandbox, num_iid: int) -> Json:
    item: Json = (await ask(sandbox, "taobao.item.seller.get", fields=ALL, num_iid=num_iid))["item"]
    return item


async def banner(sandbox: Sandbox, name: str, **asked: Any) -> list[int]:
    reply = await ask(sandbox, "taobao.items.inventory.get", fields="num_iid", banner=name, **asked)
    return [row["num_iid"] for row in reply.get("items", {}).get("item", ())]


async def on_sale(sandbox: Sandbox, **asked: Any) -> list[int]:
    reply = await ask(sandbox, "taobao.items.onsale.get", fields="num_iid", **asked)
    return [row["num_iid"] for row in reply.get("items", {}).get("item", ())]


async def test_a_new_item_is_on_sale_with_its_fields_and_skus(sandbox: Sandbox) -> None:
    number = await add(sandbox, **SKUS)

    item = await read(sandbox, number)
    assert (item["approve_status"], item["price"], item["num"], item["title"]) == (
        "onsale",
        "12.50",
        5,
        "连衣裙 春季&新款",
    )
    assert [(sku["outer_id"], sku["quantity"], sku["price"]) for sku in item["skus"]["sku"]] == [
        ("A-1-W", 2, "12.50"),
        ("A-1-R", 3, "13.00"),
    ]


async def test_the_same_code_twice_is_accepted_and_counted_as_a_double(sandbox: Sandbox) -> None:
    first, second = await add(sandbox), await add(sandbox)

    found = await ask(sandbox, "taobao.items.custom.get", outer_id="A-1,none", fields="num_iid")
    stats = await control(sandbox, "stats")
    assert [row["num_iid"] for row in found["items"]["item"]] == [first, second]
    assert stats["doubles"] == ["A-1"]


async def test_a_look_up_that_finds_nothing_has_no_items_key(sandbox: Sandbox) -> None:
    assert list(await ask(sandbox, "taobao.items.custom.get", outer_id="none", fields="num_iid")) == [
        "request_id"
    ]


async def test_how_an_item_came_to_be_is_told(sandbox: Sandbox) -> None:
    await control(sandbox, "faults", {"kind": "cut_before", "method": "taobao.item.add", "at": 1})
    with pytest.raises(Exception, match="cut_before"):
        await add(sandbox)
    await add(sandbox)

    (row,) = await control(sandbox, "items?outer_id=A-1")
    assert row["created_by"]["method"] == "taobao.item.add"
    assert (row["created_by"]["attempt"], row["created_by"]["actor"]) == (2, "call")


@pytest.mark.parametrize(
    ("change", "sub_code"),
    [
        ({"title": "裙" * 31}, "isv.invalid-parameter:title"),
        ({"num": 0}, "isv.item-add-service-error:FORBIDDEN_QUANTITY_ZERO_ERROR"),
        ({"cid": 16}, "isv.invalid-parameter:cid"),
        ({"pic_path": "i1/1/none.jpg"}, "isv.invalid-parameter:picPath"),
        ({"price": ""}, "isv.missing-parameter:price"),
        ({**SKUS, "num": 6}, "isv.parameters-mismatch:num-and-sku_quantities"),
        ({**SKUS, "price": "14"}, "isv.parameters-mismatch:price-and-sku_prices"),
    ],
)
async def test_a_create_that_breaks_a_rule_creates_nothing(
    sandbox: Sandbox, change: Json, sub_code: str
) -> None:
    error = await ask(sandbox, "taobao.item.add", **{**ADD, **change})

    assert (error["code"], error["sub_code"]) == (15, sub_code)
    assert await control(sandbox, "items?outer_id=A-1") == []


async def test_a_tmall_shop_gets_the_same_codes_with_its_suffix(sandbox: Sandbox) -> None:
    await control(sandbox, "shops", {"nick": "旗舰店", "kind": "B"})
    await control(sandbox, "sessions", {"session": "b", "nick": "旗舰店"})

    error = await ask(sandbox, "taobao.item.add", **{**ADD, "title": "裙" * 31}, session="b")

    assert error["sub_code"] == "isv.invalid-parameter:title-tmall"


async def test_each_way_off_the_shelf_has_its_banner(sandbox: Sandbox) -> None:
    names = ("off_shelf", "sold_out", "violation_off_shelf", "never_on_shelf", "regular_shelved")
    delisted, sold, punished = [await add(sandbox) for _ in range(3)]
    await ask(sandbox, "taobao.item.update.delisting", num_iid=delisted)
    await ask(sandbox, "taobao.item.quantity.update", num_iid=sold, quantity=0)
    await control(sandbox, "seller", {"action": "punish", "num_iid": punished})
    never = await add(sandbox, approve_status="instock")
    scheduled = await add(sandbox, list_time="2099-01-01 00:00:00")

    found = [await banner(sandbox, name) for name in names]

    assert found == [[delisted], [sold], [punished], [never], [scheduled]]
    assert sorted(await banner(sandbox, "for_shelved")) == sorted([delisted, never, scheduled])
    assert (await read(sandbox, punished))["violation"] is True


async def test_a_deleted_item_is_in_no_list_and_reads_say_so(sandbox: Sandbox) -> None:
    number = await add(sandbox)

    await ask(sandbox, "taobao.item.delete", num_iid=number)

    by_ids = await ask(
        sandbox, "taobao.items.seller.list.get", fields="num_iid", num_iids=f"{number},11223344"
    )
    error = await ask(sandbox, "taobao.item.seller.get", fields="num_iid", num_iid=number)
    shown = await control(sandbox, "items?outer_id=A-1&deleted=1")
    assert number not in await on_sale(sandbox)
    assert [row["num_iid"] for row in by_ids["items"]["item"]] == [11223344]
    assert error["sub_code"] == "isv.item-is-delete:invalid-numIid-or-iid"
    assert shown[0]["events"][-1]["what"] == "deleted"


async def test_relisting_sets_list_time_and_leaves_modified_alone(sandbox: Sandbox) -> None:
    """So slices by modified time miss a relisting. Source: top-protocol.md 14."""
    number = await add(sandbox)
    await ask(sandbox, "taobao.item.update.delisting", num_iid=number)
    before = await read(sandbox, number)
    await control(sandbox, "clock", {"jump_s": 3600})

    await ask(sandbox, "taobao.item.update.listing", num_iid=number, num=5)

    after = await read(sandbox, number)
    assert after["approve_status"] == "onsale"
    assert after["list_time"] > before["list_time"]
    assert after["modified"] == before["modified"]


async def test_an_item_without_stock_or_punished_cannot_be_listed(sandbox: Sandbox) -> None:
    empty, punished = await add(sandbox), await add(sandbox)
    await control(sandbox, "seller", {"action": "sell_out", "num_iid": empty})
    await control(sandbox, "seller", {"action": "punish", "num_iid": punished})

    no_stock = await ask(sandbox, "taobao.item.update.listing", num_iid=empty, num=0)
    forbidden = await ask(sandbox, "alibaba.item.operate.upshelf", item_id=punished)

    assert no_stock["sub_code"] == "isv.item-listing-service-error:FORBIDDEN_QUANTITY_ZERO_ERROR"
    assert forbidden["sub_code"] == "isv.item-listing-service-error:IC_CHECKSTEP_NO_PERMISSION"


async def test_a_scheduled_item_goes_on_sale_by_the_clock(sandbox: Sandbox) -> None:
    tomorrow = wire_time(sandbox.clock.now() + 86400)
    number = await add(sandbox, list_time=tomorrow)
    before = await read(sandbox, number)

    await control(sandbox, "clock", {"set": tomorrow})

    assert (before["approve_status"], before["is_timing"]) == ("instock", True)
    assert number in await on_sale(sandbox)


async def test_an_item_leaves_the_shelf_when_valid_thru_ends(sandbox: Sandbox) -> None:
    number = await add(sandbox, valid_thru=7)

    await control(sandbox, "clock", {"jump_s": 7 * 86400})

    assert number in await banner(sandbox, "off_shelf")


async def test_an_update_changes_what_it_names_and_nothing_else(sandbox: Sandbox) -> None:
    number = await add(sandbox, **SKUS)
    before = await read(sandbox, number)
    await control(sandbox, "clock", {"jump_s": 1})

    await ask(sandbox, "taobao.item.update", num_iid=number, title="新标题", price="13")

    after = await read(sandbox, number)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"title", "price", "modified"}


async def test_skus_keep_their_ids_when_their_lists_are_sent_again(sandbox: Sandbox) -> None:
    number = await add(sandbox, **SKUS)
    before = (await read(sandbox, number))["skus"]["sku"]

    await ask(sandbox, "taobao.item.update", num_iid=number, **{**SKUS, "sku_quantities": "7,8"}, num=15)

    after = (await read(sandbox, number))["skus"]["sku"]
    assert [sku["sku_id"] for sku in after] == [sku["sku_id"] for sku in before]
    assert [sku["quantity"] for sku in after] == [7, 8]


async def test_stock_is_set_or_moved_and_never_below_nothing(sandbox: Sandbox) -> None:
    number = await add(sandbox)

    moved = await ask(sandbox, "taobao.item.quantity.update", num_iid=number, quantity=-2, type=2)
    refused = await ask(sandbox, "taobao.item.quantity.update", num_iid=number, quantity=-4, type=2)

    assert moved["item"]["num"] == 3
    assert refused["sub_code"] == "isv.invalid-parameter:quantity"


async def test_the_last_piece_of_the_last_sku_sells_the_item_out_and_stock_brings_it_back_to_the_warehouse(
    sandbox: Sandbox,
) -> None:
    number = await add(sandbox, **SKUS)
    first, second = [sku["sku_id"] for sku in (await read(sandbox, number))["skus"]["sku"]]

    await ask(
        sandbox, "taobao.skus.quantity.update", num_iid=number, skuid_quantities=f"{first}:0;{second}:0"
    )
    sold_out = await banner(sandbox, "sold_out")
    await ask(sandbox, "taobao.skus.quantity.update", num_iid=number, skuid_quantities=f"{first}:4", type=2)

    assert sold_out == [number]
    assert await banner(sandbox, "off_shelf") == [number]


async def test_skus_are_added_changed_and_deleted_by_their_properties(sandbox: Sandbox) -> None:
    number = await add(sandbox, **SKUS)
    blue = {"num_iid": number, "properties": "1627207:28338"}

    added = await ask(sandbox, "taobao.item.sku.add", **blue, quantity=4, price="20")
    await ask(sandbox, "taobao.item.sku.update", **blue, quantity=6)
    item = await read(sandbox, number)
    await ask(sandbox, "taobao.item.sku.delete", num_iid=number, properties="1627207:28320")

    left = await ask(sandbox, "taobao.item.skus.get", fields="sku_id,properties,quantity", num_iids=number)
    assert item["num"] == 11
    assert added["sku"]["sku_id"] in [sku["sku_id"] for sku in left["skus"]["sku"]]
    assert [sku["properties"] for sku in left["skus"]["sku"]] == ["1627207:28326", "1627207:28338"]
    assert (await read(sandbox, number))["num"] == 9


async def test_a_sku_is_found_by_its_code(sandbox: Sandbox) -> None:
    await add(sandbox, **SKUS)

    found = await ask(sandbox, "taobao.skus.custom.get", fields="outer_id,quantity", outer_id="A-1-R")

    assert found["skus"]["sku"] == [{"outer_id": "A-1-R", "quantity": 3}]


async def test_lists_filter_sort_and_count(sandbox: Sandbox) -> None:
    numbers = []
    for title, cid in (("红裙", 50010850), ("蓝裙", 50010850), ("红帽", 302910)):
        await control(sandbox, "clock", {"jump_s": 1})
        numbers.append(await add(sandbox, title=title, cid=cid))

    page = await ask(sandbox, "taobao.items.onsale.get", fields="num_iid", page_size=2)

    assert page["total_results"] == 4
    assert [row["num_iid"] for row in page["items"]["item"]] == numbers[:0:-1]
    assert await on_sale(sandbox, q="红") == [numbers[2], numbers[0]]
    assert await on_sale(sandbox, cid=302910) == [numbers[2]]
    assert (await on_sale(sandbox, order_by="modified:asc"))[-1] == numbers[2]


async def test_too_deep_a_page_is_refused(sandbox: Sandbox) -> None:
    deep = await ask(sandbox, "taobao.items.onsale.get", fields="num_iid", page_no=101, page_size=200)
    deeper = await ask(sandbox, "taobao.items.inventory.get", fields="num_iid", page_no=102)

    assert deep["sub_code"] == "isv.invalid-parameter:page_no"
    assert deeper["msg"] == "Invalid arguments:page_no"


async def test_lists_and_look_ups_lag_and_reads_by_id_do_not(sandbox: Sandbox) -> None:
    await control(sandbox, "faults", {"kind": "lag", "seconds": 3})

    number = await add(sandbox)
    early = [
        await on_sale(sandbox),
        await ask(sandbox, "taobao.items.custom.get", outer_id="A-1", fields="num_iid"),
    ]
    by_id = await read(sandbox, number)
    await control(sandbox, "clock", {"jump_s": 3})

    assert number not in early[0]
    assert "items" not in early[1]
    assert by_id["num_iid"] == number
    assert number in await on_sale(sandbox)


def png(width: int, height: int, filler: bytes = b"") -> bytes:
    return (
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
        + struct.pack(">II", width, height)
        + b"\x08\x02\x00\x00\x00"
        + filler
    )


async def upload(
    sandbox: Sandbox, content: bytes, title: str, method: str = "taobao.picture.upload", **more: Any
) -> Json:
    arguments = {"picture_category_id": 0, "image_input_title": f"{title}.png", **more}
    parts = [
        f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in signed(sandbox, method, arguments).items()
    ]
    name = "img" if method == "taobao.picture.upload" else "image"
    parts.append(
        f'--B\r\nContent-Disposition: form-data; name="{name}"; filename="a.png"\r\n\r\n'.encode() + content
    )
    body = b"".join([*parts, b"\r\n--B--\r\n"])
    header = {"content-type": "multipart/form-data; boundary=B"}
    reply = msgspec.json.decode((await request(sandbox, "POST", "/router/rest", body, header))[2])
    inner: Json = next(iter(reply.values()))
    return inner


async def test_the_same_picture_twice_is_two_rows_with_titles_of_their_own(sandbox: Sandbox) -> None:
    title = "图" * 60

    first = (await upload(sandbox, png(350, 200), title))["picture"]
    second = (await upload(sandbox, png(350, 200), title))["picture"]

    found = await ask(sandbox, "taobao.picture.get", title="图" * 40)
    assert (first["title"], second["title"]) == ("图" * 50, "图" * 47 + "(1)")
    assert (first["pixel"], first["sizes"], first["picture_id"] > 2**53) == (
        "350x200",
        len(png(350, 200)),
        True,
    )
    assert [row["picture_id"] for row in found["pictures"]["picture"]] == [
        second["picture_id"],
        first["picture_id"],
    ]


async def test_what_is_no_picture_or_too_large_is_refused(sandbox: Sandbox) -> None:
    text = await upload(sandbox, b"hello", "a")
    large = await upload(sandbox, png(1, 1, b"\0" * 3 * 1024 * 1024), "a")
    named = {"picture_category_id": 0, "image_input_title": "a.png"}
    field = await ask(sandbox, "taobao.picture.upload", img="no file", **named)

    assert text["code"] == 3
    assert (field["code"], field["msg"]) == (41, "Invalid arguments:img")
    assert large["sub_code"] == "isv.item-update-service-error:IC_ITEM_PIC_IS_TOO_LARGES"
    item = await upload(
        sandbox, png(1, 1, b"\0" * 3 * 1024 * 1024), "a", "taobao.item.img.upload", num_iid=11223344
    )
    assert item["msg"] == "Invalid arguments:image"


async def test_an_item_takes_its_main_picture_from_the_picture_space(sandbox: Sandbox) -> None:
    path = (await upload(sandbox, png(9, 9), "主图"))["picture"]["picture_path"]

    number = await add(sandbox, pic_path=path.partition("/imgextra/")[2])
    await ask(sandbox, "taobao.item.joint.img", num_iid=number, pic_path=path, position=1)
    added = await upload(sandbox, png(8, 8), "x", "taobao.item.img.upload", num_iid=number, position=2)

    item = await read(sandbox, number)
    assert item["pic_url"] == path
    assert [row["position"] for row in item["item_imgs"]["item_img"]] == [0, 1, 2]
    await ask(sandbox, "taobao.item.img.delete", num_iid=number, id=added["item_img"]["id"])
    assert len((await read(sandbox, number))["item_imgs"]["item_img"]) == 2


async def test_folders_counts_and_deletion_of_pictures(sandbox: Sandbox) -> None:
    folder = (await ask(sandbox, "taobao.picture.category.add", picture_category_name="夏"))[
        "picture_category"
    ]
    kept = (await upload(sandbox, png(1, 1), "a", picture_category_id=folder["picture_category_id"]))[
        "picture"
    ]
    gone = (await upload(sandbox, png(1, 1), "b"))["picture"]

    done = await ask(sandbox, "taobao.picture.delete", picture_ids=gone["picture_id"])

    assert done["success"] == "true"
    assert (await ask(sandbox, "taobao.picture.pictures.count"))["totals"] == 1
    inside = await ask(sandbox, "taobao.picture.get", picture_category_id=folder["picture_category_id"])
    assert [row["picture_id"] for row in inside["pictures"]["picture"]] == [kept["picture_id"]]


async def test_categories_lead_from_a_root_to_a_leaf_with_properties(sandbox: Sandbox) -> None:
    roots = await ask(sandbox, "taobao.itemcats.get", parent_cid=0, fields="cid,name,is_parent")
    women = await ask(sandbox, "taobao.itemcats.get", parent_cid=16, fields="cid,name,is_parent")
    props = await ask(
        sandbox, "taobao.itemprops.get", cid=50010850, fields="pid,name,prop_values", is_sale_prop="true"
    )

    assert len(roots["item_cats"]["item_cat"]) >= 9
    assert 50010850 in [row["cid"] for row in women["item_cats"]["item_cat"]]
    assert [row["pid"] for row in props["item_props"]["item_prop"]] == [1627207, 20509]


async def test_shop_reads_answer(sandbox: Sandbox) -> None:
    user = await ask(sandbox, "taobao.user.seller.get", fields="nick,user_id,type,item_img_num")
    templates = await ask(sandbox, "taobao.delivery.templates.get", fields="template_id,name")
    cats = await ask(sandbox, "taobao.sellercats.list.get")
    areas = await ask(sandbox, "taobao.areas.get", fields="id,name,parent_id")

    assert user["user"]["nick"] == "沙箱小店"
    assert templates["total_results"] == 2
    assert len(cats["seller_cats"]["seller_cat"]) == 2
    assert {"id": 330000, "name": "浙江", "parent_id": 1} in areas["areas"]["area"]
