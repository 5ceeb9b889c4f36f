"""The smaller families through the gateway: quick changes, delivery templates, users, products, folders, the platform itself."""

import struct
from typing import Any

import msgspec
import pytest

from onshelf.sandbox.launch import ask, control, in_process, request, signed
from onshelf.sandbox.schema.document import fill
from onshelf.sandbox.schema.fields import Values
from onshelf.sandbox.server import Sandbox
from onshelf.sandbox.wire import Json

ITEM = 11223344
TEMPLATE: Json = {
    "name": "江浙沪包邮",
    "assumer": 0,
    "valuation": 0,
    "template_types": "express;ems",
    "template_dests": "1,310000,330000;1",
    "template_start_standards": "1,1;1",
    "template_start_fees": "8.00,0.00;20.00",
    "template_add_standards": "1,1;1",
    "template_add_fees": "2.00,0.00;5.00",
}


@pytest.fixture
def sandbox() -> Sandbox:
    sandbox = in_process()
    sandbox.clock.pause()
    return sandbox


def text(value: object) -> str:
    return msgspec.json.encode(value).decode()


async def read(sandbox: Sandbox, fields: str = "num,price,outer_id,sku,has_showcase,barcode") -> Json:
    item: Json = (await ask(sandbox, "taobao.item.seller.get", num_iid=ITEM, fields=fields))["item"]
    return item


async def with_skus(sandbox: Sandbox) -> list[Json]:
    """Gives the item two skus and returns them."""
    pairs = "1627207:28320;1627207:28326"
    await ask(
        sandbox,
        "taobao.item.update",
        num_iid=ITEM,
        props=pairs,
        sku_properties=pairs.replace(";", ","),
        sku_quantities="2,3",
        sku_prices="99,109",
        sku_outer_ids="W,R",
    )
    rows: list[Json] = (await read(sandbox))["skus"]["sku"]
    return rows


# Quick changes


async def test_prices_of_item_and_skus_are_set(sandbox: Sandbox) -> None:
    white, _ = await with_skus(sandbox)
    changes = [{"sku_id": white["sku_id"], "price": "88"}, {"outer_id": "R", "price": "98.5"}]

    reply = await ask(
        sandbox, "tmall.item.price.update", item_id=ITEM, item_price="88", sku_prices=text(changes)
    )
    refusal = await ask(sandbox, "tmall.item.price.update", item_id=ITEM, item_price="1")

    item = await read(sandbox)
    assert reply["price_update_result"] == str(ITEM)
    assert (item["price"], [sku["price"] for sku in item["skus"]["sku"]]) == ("88.00", ["88.00", "98.50"])
    assert refusal["sub_code"] == "isv.parameters-mismatch:price-and-sku_prices"


@pytest.mark.parametrize(("kind", "left"), [(1, [7, 3]), (2, [9, 3])])
async def test_stock_of_skus_is_set_or_added(sandbox: Sandbox, kind: int, left: list[int]) -> None:
    await with_skus(sandbox)

    await ask(
        sandbox,
        "tmall.item.quantity.update",
        item_id=ITEM,
        sku_quantities=text([{"properties": "1627207:28320", "quantity": 7}]),
        options=text({"type": kind}),
    )

    item = await read(sandbox)
    assert [sku["quantity"] for sku in item["skus"]["sku"]] == left
    assert item["num"] == sum(left)


async def test_stock_of_an_item_without_skus_is_set(sandbox: Sandbox) -> None:
    await ask(sandbox, "tmall.item.quantity.update", item_id=ITEM, item_quantity=7)

    assert (await read(sandbox))["num"] == 7


@pytest.mark.parametrize(
    ("arguments", "sub_code"),
    [
        ({}, "isv.parameters-mismatch:item_quantity-and-sku_quantities"),
        ({"sku_quantities": text([{"sku_id": 1, "quantity": 1}])}, "isv.sku-not-exist:invalid-skuId"),
        ({"sku_quantities": text([{"outer_id": "W", "quantity": -1}])}, "isv.invalid-parameter:quantity"),
    ],
)
async def test_wrong_stock_is_refused(sandbox: Sandbox, arguments: Json, sub_code: str) -> None:
    await with_skus(sandbox)

    assert (await ask(sandbox, "tmall.item.quantity.update", item_id=ITEM, **arguments))[
        "sub_code"
    ] == sub_code


async def test_json_of_another_shape_is_an_invalid_argument(sandbox: Sandbox) -> None:
    refusal = await ask(sandbox, "tmall.item.price.update", item_id=ITEM, sku_prices='{"a": 1}')

    assert (refusal["code"], refusal["msg"]) == (41, "Invalid arguments:sku_prices")


async def test_codes_and_bar_codes_are_set(sandbox: Sandbox) -> None:
    white, red = await with_skus(sandbox)
    changes = [{"sku_id": red["sku_id"], "outer_id": "R-2"}]

    await ask(sandbox, "tmall.item.outerid.update", item_id=ITEM, outer_id="NEW", sku_outers=text(changes))
    await ask(
        sandbox,
        "taobao.item.barcode.update",
        item_id=ITEM,
        item_barcode="690",
        sku_ids=white["sku_id"],
        sku_barcodes="691",
    )

    item = await read(sandbox)
    assert (item["outer_id"], item["barcode"]) == ("NEW", "690")
    assert [(sku["outer_id"], sku.get("barcode")) for sku in item["skus"]["sku"]] == [
        ("W", "691"),
        ("R-2", None),
    ]


async def test_an_item_goes_into_the_shops_window_and_out_again(sandbox: Sandbox) -> None:
    await ask(sandbox, "taobao.item.recommend.add", num_iid=ITEM)
    shown = (await read(sandbox))["has_showcase"]
    await ask(sandbox, "taobao.item.recommend.delete", num_iid=ITEM)

    assert (shown, (await read(sandbox))["has_showcase"]) == (True, False)


# Delivery templates and shop categories


async def templates(sandbox: Sandbox) -> dict[str, Json]:
    reply = await ask(sandbox, "taobao.delivery.templates.get", fields="template_id,name,fee_list,assumer")
    return {row["name"]: row for row in reply["delivery_templates"]["delivery_template"]}


async def test_a_delivery_template_is_added_changed_and_deleted(sandbox: Sandbox) -> None:
    number = (await ask(sandbox, "taobao.delivery.template.add", **TEMPLATE))["delivery_template"][
        "template_id"
    ]
    added = (await templates(sandbox))["江浙沪包邮"]
    await ask(
        sandbox, "taobao.delivery.template.update", **{**TEMPLATE, "template_id": number, "name": "江浙沪"}
    )
    changed = await templates(sandbox)
    await ask(sandbox, "taobao.delivery.template.delete", template_id=number)

    fees = added["fee_list"]["top_fee"]
    assert [(fee["service_type"], fee["start_fee"]) for fee in fees] == [
        ("express", "8.00"),
        ("express", "0.00"),
        ("ems", "20.00"),
    ]
    assert "江浙沪" in changed
    assert "江浙沪" not in await templates(sandbox)


@pytest.mark.parametrize(
    ("change", "sub_code"),
    [
        ({"name": "全国包邮"}, "isv.invalid-parameter:name"),
        ({"template_types": "pigeon"}, "isv.invalid-parameter:template_types"),
        ({"template_start_fees": "8.00"}, "isv.invalid-parameter:template_start_fees"),
        ({"template_start_fees": "x,y;20"}, "isv.invalid-parameter:template_start_fees"),
        ({"template_add_fees": "2.00;5.00"}, "isv.invalid-parameter:template_add_fees"),
    ],
)
async def test_a_wrong_template_is_refused(sandbox: Sandbox, change: Json, sub_code: str) -> None:
    refusal = await ask(sandbox, "taobao.delivery.template.add", **{**TEMPLATE, **change})

    assert refusal["sub_code"] == sub_code


async def test_a_template_nobody_has_is_refused(sandbox: Sandbox) -> None:
    refusal = await ask(sandbox, "taobao.delivery.template.delete", template_id=1)

    assert refusal["sub_code"] == "isv.delivery-template-not-exist:invalid-template_id"


async def test_a_shop_category_is_renamed(sandbox: Sandbox) -> None:
    first = (await ask(sandbox, "taobao.sellercats.list.get"))["seller_cats"]["seller_cat"][0]

    await ask(sandbox, "taobao.sellercats.list.update", cid=first["cid"], name="秋冬新品")

    again = (await ask(sandbox, "taobao.sellercats.list.get"))["seller_cats"]["seller_cat"][0]
    assert again == {**first, "name": "秋冬新品"}


# Pictures


def png(size: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"\0" * 8 + struct.pack(">II", size, size) + b"\0" * 8


async def send(sandbox: Sandbox, method: str, name: str, content: bytes, **arguments: Any) -> Json:
    """Makes a call with a file."""
    fields = signed(sandbox, method, arguments).items()
    parts = "".join(
        f'--B\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in fields
    )
    head = f'--B\r\nContent-Disposition: form-data; name="{name}"; filename="a.png"\r\n\r\n'
    body = parts.encode() + head.encode() + content + b"\r\n--B--\r\n"
    kind = {"content-type": "multipart/form-data; boundary=B"}
    _, _, reply = await request(sandbox, "POST", "/router/rest", body, kind)
    (inner,) = msgspec.json.decode(reply, type=dict[str, Json]).values()
    return inner


async def upload(sandbox: Sandbox) -> Json:
    reply = await send(
        sandbox, "taobao.picture.upload", "img", png(8), picture_category_id=0, image_input_title="裙.png"
    )
    picture: Json = reply["picture"]
    return picture


async def test_a_picture_is_renamed_moved_and_replaced(sandbox: Sandbox) -> None:
    number = (await upload(sandbox))["picture_id"]
    folder = (await ask(sandbox, "taobao.picture.category.add", picture_category_name="夏装"))[
        "picture_category"
    ]
    folder_id = folder["picture_category_id"]

    await ask(sandbox, "taobao.picture.update", picture_id=number, new_name="长裙")
    await ask(sandbox, "taobao.picture.changecategory", picture_ids=number, picture_category_id=folder_id)
    await send(sandbox, "taobao.picture.replace", "image_data", png(16), picture_id=number)

    row = (await ask(sandbox, "taobao.picture.get", picture_id=number))["pictures"]["picture"][0]
    assert (row["title"], row["picture_category_id"], row["pixel"]) == ("长裙", folder_id, "16x16")


async def test_a_picture_that_an_item_shows_is_referenced(sandbox: Sandbox) -> None:
    picture = await upload(sandbox)
    before = await ask(sandbox, "taobao.picture.isreferenced.get", picture_id=picture["picture_id"])

    await ask(sandbox, "taobao.item.joint.img", num_iid=ITEM, pic_path=picture["picture_path"])

    after = await ask(sandbox, "taobao.picture.isreferenced.get", picture_id=picture["picture_id"])
    assert (before["is_referenced"], after["is_referenced"]) == (False, True)


async def test_a_property_picture_is_taken_off(sandbox: Sandbox) -> None:
    await with_skus(sandbox)
    picture = await upload(sandbox)
    joined = await ask(
        sandbox,
        "taobao.item.joint.propimg",
        num_iid=ITEM,
        properties="1627207:28320",
        pic_path=picture["picture_path"],
    )

    await ask(sandbox, "taobao.item.propimg.delete", num_iid=ITEM, id=joined["prop_img"]["id"])
    again = await ask(sandbox, "taobao.item.propimg.delete", num_iid=ITEM, id=joined["prop_img"]["id"])

    assert (await read(sandbox, "prop_img")).get("prop_imgs", {}) == {}
    assert again["sub_code"] == "isv.invalid-parameter:id"


async def test_a_folder_is_renamed_and_never_put_below_one_that_is_not_there(sandbox: Sandbox) -> None:
    folder = (await ask(sandbox, "taobao.picture.category.add", picture_category_name="夏装"))[
        "picture_category"
    ]
    number = folder["picture_category_id"]

    done = await ask(sandbox, "taobao.picture.category.update", category_id=number, category_name="秋装")
    refusal = await ask(sandbox, "taobao.picture.category.update", category_id=number, parent_id=4711)

    assert done["done"] is True
    assert refusal["sub_code"] == "isv.invalid-parameter:picture_category_id"


# People and the platform


async def test_a_buyers_open_id_is_the_same_by_trade_and_by_order(sandbox: Sandbox) -> None:
    trade = await control(sandbox, "buyer", {"action": "buy", "num_iid": ITEM})
    asked = [{"tid": trade["tid"], "buyer_nick": trade["buyer_nick"]}]

    by_trade = await ask(sandbox, "taobao.openuid.get.bytrade", tid=trade["tid"])
    by_order = await ask(sandbox, "taobao.user.openuid.getbyorder", tid_infos=text(asked))

    (row,) = by_order["open_uids"]["open_uid_info"]
    assert by_trade["open_uid"] == row["buyer_open_uid"] == trade["buyer_open_uid"]


async def test_users_are_read_by_nick_and_unknown_ones_are_left_out(sandbox: Sandbox) -> None:
    nick = sandbox.options.seller_nick

    one = await ask(sandbox, "taobao.user.get", fields="nick,type", nick=nick)
    several = await ask(sandbox, "taobao.users.get", fields="nick", nicks=f"{nick},nobody")
    nobody = await ask(sandbox, "taobao.user.get", fields="nick", nick="nobody")

    assert one["user"] == {"nick": nick, "type": "C"}
    assert several["users"]["user"] == [{"nick": nick}]
    assert nobody["sub_code"] == "isv.user-not-exist:invalid-nick"


async def test_banned_words_are_found_in_a_text(sandbox: Sandbox) -> None:
    found = await ask(sandbox, "taobao.kfc.keyword.search", content="国家级连衣裙")
    none = await ask(sandbox, "taobao.kfc.keyword.search", content="连衣裙")

    assert found["kfc_search_result"] == {"content": "***连衣裙", "level": "A", "matched": True}
    assert none["kfc_search_result"] == {"matched": False}


# Products

BAG: Values = {"prop_20000": "30111", "prop_20021": "28400"}
BAGS = 122690003


async def test_a_product_is_added_found_read_and_changed(sandbox: Sandbox) -> None:
    added = await ask(sandbox, "tmall.product.schema.add", category_id=BAGS, xml_data=fill(BAG))
    found = await ask(sandbox, "tmall.product.schema.match", category_id=BAGS, propvalues=fill(BAG))
    other = await ask(
        sandbox,
        "tmall.product.schema.match",
        category_id=BAGS,
        propvalues=fill({**BAG, "prop_20000": "30112"}),
    )
    number = found["match_result"]
    changed = {**BAG, "prop_13021751": "B-7"}
    await ask(sandbox, "tmall.product.schema.update", product_id=number, xml_data=fill(changed))
    shown = await ask(sandbox, "tmall.product.schema.get", product_id=number)

    assert f"<default-value>{number}</default-value>" in added["add_product_result"]
    assert other["match_result"] == ""
    assert "<default-value>B-7</default-value>" in shown["get_product_result"]


async def test_a_product_like_another_is_refused(sandbox: Sandbox) -> None:
    for _ in range(2):
        reply = await ask(sandbox, "tmall.product.schema.add", category_id=BAGS, xml_data=fill(BAG))

    assert reply["sub_code"] == "isv.invalid-parameter:xml_data"


async def test_a_product_nobody_added_is_refused(sandbox: Sandbox) -> None:
    refusal = await ask(sandbox, "tmall.product.schema.get", product_id=1)

    assert refusal["sub_code"] == "isv.product-not-exist:invalid-product_id"
