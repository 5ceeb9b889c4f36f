"""Products and their specifications, by property strings and by schema; and the older generation's items by schema."""

import re
from pathlib import Path
from typing import Any

import pytest
from scene import DRESS, FILES, PRODUCT, SEASON, send

from onshelf.sandbox.launch import ask, control, in_process
from onshelf.sandbox.schema.document import fill
from onshelf.sandbox.server import Sandbox
from onshelf.sandbox.wire import Json

DRESSES, BOOKS_LEAF = 50010850, 50004890
PROPS = f"20000:30111;20021:28396;122216347:{SEASON}"
FIELDS = "product_id,cid,cat_name,props,props_str,name,price,status,pic_url,customer_props,product_imgs,outer_id,modified"


@pytest.fixture
async def sandbox() -> Sandbox:
    """A sandbox with a second seller, a Tmall shop of session `t`."""
    sandbox = in_process()
    sandbox.clock.pause()
    await control(sandbox, "shops", {"nick": "旗舰店", "kind": "B"})
    await control(sandbox, "sessions", {"session": "t", "nick": "旗舰店"})
    return sandbox


async def add(sandbox: Sandbox, **change: Any) -> int:
    what = {"cid": DRESSES, "props": PROPS, "name": "沙箱一号连衣裙", "price": "99", **change}
    made = (await send(sandbox, "taobao.product.add", what, "image"))["product"]
    return int(made["product_id"])


async def get(sandbox: Sandbox, **named: Any) -> Json:
    reply: Json = await ask(sandbox, "taobao.product.get", fields=FIELDS, **named)
    found: Json = reply.get("product", reply)
    return found


async def test_a_product_is_added_and_read_by_id_or_by_what_tells_it_apart(sandbox: Sandbox) -> None:
    number = await add(sandbox, outer_id="P-1", customer_props="13021751:B-7")

    product = await get(sandbox, product_id=number)
    same = await get(sandbox, cid=DRESSES, props="20000:30111")

    assert product == same
    assert (product["cat_name"], product["price"], product["status"]) == ("连衣裙", "99.00", 0)
    assert product["props_str"].startswith("20000:30111:品牌:沙箱一号;")
    assert (product["customer_props"], product["outer_id"]) == ("13021751:B-7", "P-1")
    assert "imgextra" in product["pic_url"]


async def test_a_product_made_by_one_family_is_seen_and_matched_by_the_other(sandbox: Sandbox) -> None:
    number = await add(sandbox)
    matched = await ask(
        sandbox, "tmall.product.schema.match", category_id=DRESSES, propvalues=fill({"prop_20000": "30111"})
    )
    shown = await ask(sandbox, "tmall.product.schema.get", product_id=number)
    other = {**PRODUCT, "prop_20000": "-1", "in_prop_20000": "自有"}
    await ask(sandbox, "tmall.product.schema.add", category_id=DRESSES, xml_data=fill(other))

    found = await ask(
        sandbox, "taobao.products.search", fields="product_id,props,customer_props", cid=DRESSES
    )

    assert matched["match_result"] == str(number)
    assert re.search(r'id="prop_20000".*?<default-value>30111</default-value>', shown["get_product_result"])
    assert found["total_results"] == 2
    assert found["products"]["product"][0]["props"] == PROPS
    assert "20000" not in found["products"]["product"][1]["props"]


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"q": "连衣裙"}, 1),
        ({"q": "帽"}, 0),
        ({"cid": 1623}, 0),
        ({"props": "20000:30111"}, 1),
        ({"props": "20000:30112"}, 0),
        ({"status": "0,3"}, 1),
        ({"status": "3"}, 0),
    ],
)
async def test_products_are_searched_by_each_filter(sandbox: Sandbox, asked: Json, count: int) -> None:
    await add(sandbox)

    found = await ask(sandbox, "taobao.products.search", fields="product_id", **asked)

    assert found["total_results"] == count
    assert ("products" in found) is bool(count)


async def test_a_users_products_come_page_by_page(sandbox: Sandbox) -> None:
    numbers = [await add(sandbox, props=f"20000:{vid}") for vid in (29534, 30111, 30112)]
    asked: Json = {"fields": "product_id", "nick": "沙箱小店", "page_size": 2}

    pages = [await ask(sandbox, "taobao.products.get", **asked, page_no=page) for page in (1, 2)]

    got = [row["product_id"] for page in pages for row in page["products"]["product"]]
    assert got == numbers
    assert "products" not in await ask(sandbox, "taobao.products.get", fields="product_id", nick="旗舰店")


async def test_a_product_is_changed_by_its_seller_alone(sandbox: Sandbox) -> None:
    number = await add(sandbox)
    await control(sandbox, "clock", {"jump_s": 60})

    changed = await ask(sandbox, "taobao.product.update", product_id=number, name="新名", price="88.5")
    refused = await ask(sandbox, "taobao.product.update", session="t", product_id=number, name="别人")
    by_schema = await ask(
        sandbox, "tmall.product.schema.update", session="t", product_id=number, xml_data=fill(PRODUCT)
    )

    product = await get(sandbox, product_id=number)
    assert (product["name"], product["price"]) == ("新名", "88.50")
    assert product["modified"] == changed["product"]["modified"]
    assert refused["sub_code"] == by_schema["sub_code"] == "isv.invalid-permission:product_id-tmall"


async def test_a_product_gets_pictures_and_a_new_main_one(sandbox: Sandbox) -> None:
    number = await add(sandbox)
    before = (await get(sandbox, product_id=number))["pic_url"]

    one: Json = {"product_id": number, "is_major": "true"}
    picture = (await send(sandbox, "taobao.product.img.upload", one, "image"))["product_img"]
    again = {"product_id": number, "id": picture["id"], "position": 3}
    replaced = (await send(sandbox, "taobao.product.img.upload", again, "image"))["product_img"]
    coloured = {"product_id": number, "props": "1627207:28320"}
    colour = await send(sandbox, "taobao.product.propimg.upload", coloured, "image")

    product = await get(sandbox, product_id=number)
    (row,) = product["product_imgs"]["product_img"]
    assert product["pic_url"] == picture["url"] != before
    assert (row["id"], row["position"], row["url"]) == (picture["id"], 3, replaced["url"])
    assert colour["product_prop_img"]["id"] != picture["id"]


@pytest.mark.parametrize(
    ("change", "sub_code"),
    [
        ({"cid": 16}, "isv.invalid-parameter:cid"),
        ({"props": "20000"}, "isv.invalid-parameter:props"),
        ({"customer_props": "20000"}, "isv.invalid-parameter:customer_props"),
        ({"price": "1.234"}, "isv.invalid-parameter:price"),
        ({"cid": BOOKS_LEAF, "props": ""}, "isv.invalid-parameter:props"),
        ({}, "isv.invalid-parameter:props"),  # one like it is there
    ],
)
async def test_a_product_that_breaks_a_rule_is_refused(sandbox: Sandbox, change: Json, sub_code: str) -> None:
    await add(sandbox)

    with pytest.raises(AssertionError, match=f"'{sub_code}'"):
        await add(sandbox, **change)


@pytest.mark.parametrize(
    ("named", "sub_code"),
    [
        ({"product_id": 1}, "isv.product-not-exist:invalid-product_id"),
        ({"cid": DRESSES, "props": "20000:30111"}, "isv.product-not-exist:invalid-props"),
        ({"cid": DRESSES}, "isv.missing-parameter:product_id-or-cid-and-props"),
    ],
)
async def test_a_product_nobody_added_is_not_there(sandbox: Sandbox, named: Json, sub_code: str) -> None:
    assert (await get(sandbox, **named))["sub_code"] == sub_code


async def test_a_product_has_specifications(sandbox: Sandbox) -> None:
    number = await add(sandbox)
    red: Json = {"product_id": number, "spec_props": "1627207:28326", "barcode": "6901234567892"}

    added = await send(sandbox, "tmall.product.spec.add", red, "image")
    one = await ask(sandbox, "tmall.product.spec.get", spec_id=added["product_spec"]["spec_id"])
    by_id = await ask(sandbox, "tmall.product.specs.get", product_id=number)
    by_props = await ask(sandbox, "tmall.product.specs.get", cat_id=DRESSES, properties="20000:30111")
    with pytest.raises(AssertionError, match="spec_props"):
        await send(sandbox, "tmall.product.spec.add", red, "image")

    assert one["product_spec"]["barcode"] == "6901234567892"
    assert by_id["product_specs"]["product_spec"] == [one["product_spec"]]
    assert by_props["product_specs"] == by_id["product_specs"]
    missing = await ask(sandbox, "tmall.product.spec.get", spec_id=1)
    assert missing["sub_code"] == "isv.product-spec-not-exist:invalid-spec_id"


async def test_a_category_says_what_tells_its_products_apart(sandbox: Sandbox) -> None:
    dresses = await ask(sandbox, "tmall.product.template.get", cid=DRESSES)
    books = await ask(sandbox, "tmall.product.template.get", cid=BOOKS_LEAF)

    assert dresses["template"]["key_properties"] == {"number": [20000]}
    assert books["template"]["prop_name_str"] == "1636953:ISBN编号"


async def test_products_live_through_a_snapshot(sandbox: Sandbox) -> None:
    number = await add(sandbox)
    saved = sandbox.snapshot()
    await control(sandbox, "reset", {})

    sandbox.restore(saved)

    assert (await get(sandbox, product_id=number))["product_id"] == number


# Items by the older generation's schema methods


async def made(sandbox: Sandbox, **change: str) -> Json:
    reply: Json = await ask(
        sandbox, "taobao.item.schema.add", category_id=DRESSES, xml_data=fill({**DRESS, **change})
    )
    return reply


async def read(sandbox: Sandbox, number: str) -> Json:
    reply = await ask(
        sandbox, "taobao.item.seller.get", num_iid=number, fields="title,outer_id,price,num,props"
    )
    item: Json = reply["item"]
    return item


async def test_the_older_schema_is_that_of_the_newer_generation(sandbox: Sandbox) -> None:
    older = await ask(sandbox, "taobao.item.add.schema.get", category_id=DRESSES)
    newer = await ask(sandbox, "alibaba.item.publish.schema.get", market="taobao", cat_id=DRESSES)

    assert older["add_rules"] == newer["result"]


async def test_an_item_is_made_read_and_changed_by_the_older_schema(sandbox: Sandbox) -> None:
    number = (await made(sandbox, outer_id="A-1"))["add_result"]
    shown = await ask(sandbox, "taobao.item.update.schema.get", item_id=number)
    whole = await ask(
        sandbox, "taobao.item.schema.update", item_id=number, xml_data=fill({**DRESS, "title": "长裙"})
    )
    after_whole = await read(sandbox, number)
    part = await ask(
        sandbox, "taobao.item.schema.increment.update", item_id=number, parameters=fill({"outer_id": "A-2"})
    )
    named = await ask(
        sandbox,
        "taobao.item.schema.update",
        item_id=number,
        incremental="true",
        xml_data=fill({"price": "13.00"}),
    )

    assert "<default-value>连衣裙</default-value>" in shown["update_rules"]
    assert whole["update_result"] == named["update_result"] == part["item_id"] == number
    assert (after_whole["title"], after_whole["outer_id"]) == ("长裙", "A-1")
    after = await read(sandbox, number)
    assert (after["title"], after["outer_id"], after["price"]) == ("长裙", "A-2", "13.00")


async def test_an_older_increment_schema_holds_the_fields_asked_for(sandbox: Sandbox) -> None:
    number = (await made(sandbox))["add_result"]

    reply = await ask(
        sandbox, "taobao.item.increment.update.schema.get", item_id=number, update_fields="title,price"
    )

    assert re.findall(r'<field id="(\w+)" name', reply["update_rules"]) == ["title", "price"]


async def test_the_older_schema_refuses_as_the_newer_does(sandbox: Sandbox) -> None:
    wide, missing = await made(sandbox, title="裙" * 31), await made(sandbox, prop_20000="")
    parent = await ask(sandbox, "taobao.item.add.schema.get", category_id=16)
    word = await ask(sandbox, "taobao.item.add.schema.get", category_id="裙")
    nobody = await ask(sandbox, "taobao.item.update.schema.get", item_id="4711")

    assert wide["sub_msg"].startswith("title：")
    assert missing["sub_msg"].startswith("prop_20000：")
    assert {wide["sub_code"], missing["sub_code"]} == {"isv.invalid-parameter:xml_data"}
    assert parent["sub_code"] == "isv.invalid-parameter:cid"
    assert word["sub_code"] == "isv.invalid-parameter:category_id"
    assert nobody["sub_code"] == "isv.item-not-exist:invalid-numIid-or-iid"


def test_every_upload_of_products_is_known_to_the_scene() -> None:
    assert {"taobao.product.add", "tmall.product.spec.add"} <= FILES.keys()


# Items on products


ON_PRODUCT = {name: value for name, value in DRESS.items() if not name.startswith("prop_")}


async def test_a_tmall_item_says_what_its_product_does_not_and_takes_the_rest_from_it(
    sandbox: Sandbox,
) -> None:
    """As a recorded book: its item's rules hold no property, its product's hold them all."""
    own = {**PRODUCT, "prop_20000": "-1", "in_prop_20000": "自有"}
    await ask(sandbox, "tmall.product.schema.add", session="t", category_id=DRESSES, xml_data=fill(own))
    number = sandbox.world.products[0]["product_id"]
    leaf = {"session": "t", "category_id": DRESSES, "product_id": number}

    rules = (await ask(sandbox, "tmall.item.add.schema.get", **leaf))["add_item_result"]
    made = await ask(sandbox, "tmall.item.schema.add", **leaf, xml_data=fill(ON_PRODUCT))
    item_id = made["add_item_result"]
    changed = fill({**ON_PRODUCT, "title": "长裙"})
    await ask(sandbox, "tmall.item.schema.update", session="t", item_id=item_id, xml_data=changed)

    fields = "title,props,input_pids,input_str,product_id"
    shown = await ask(sandbox, "taobao.item.seller.get", session="t", num_iid=item_id, fields=fields)
    assert '<field id="prop_20000"' not in rules
    assert '<field id="title"' in rules
    assert shown["item"] == {
        "input_pids": "20000",
        "input_str": "自有",
        "product_id": number,
        "props": f"20021:28396;122216347:{SEASON}",
        "title": "长裙",
    }


async def test_a_change_in_part_leaves_what_was_typed_in_before(sandbox: Sandbox) -> None:
    row = {"prop_1627207": "28320", "sku_price": "12.50", "sku_quantity": "5"}
    own = {**DRESS, "prop_20000": "-1", "in_prop_20000": "自有", "sku": [row]}
    made = await ask(sandbox, "taobao.item.schema.add", category_id=DRESSES, xml_data=fill(own))
    number = made["add_result"]

    async def strings(**named: Any) -> tuple[str, str, str]:
        await ask(sandbox, "alibaba.item.edit.fastupdate", item_id=number, schema=fill(named))
        wanted = "props,input_pids,input_str"
        item = (await ask(sandbox, "taobao.item.seller.get", num_iid=number, fields=wanted))["item"]
        return item["props"], item["input_pids"], item["input_str"]

    kept = f"20021:28396;122216347:{SEASON}"
    assert await strings(sku=[{**row, "sku_quantity": "7"}]) == (f"{kept};1627207:28320", "20000", "自有")
    assert await strings(prop_20000="30111") == (f"{kept};1627207:28320;20000:30111", "", "")
    assert (await strings(prop_20000="-1", in_prop_20000="新牌"))[1:] == ("20000", "新牌")


@pytest.mark.data
async def test_a_recorded_product_is_taken_and_its_items_rules_have_no_more_fields_than_recorded(
    sandbox: Sandbox, data_folder: Path
) -> None:
    """tmall.product.schema.add.xml_data__1.xml, a book of 2016; tmall.item.add.schema.get__1.xml, the rules of its item."""
    replies = data_folder / "real" / "replies"
    book = (replies / "tmall.product.schema.add.xml_data__1.xml").read_text("utf-8")
    recorded = (replies / "tmall.item.add.schema.get__1.xml").read_text("utf-8")
    leaf: Json = {"session": "t", "category_id": BOOKS_LEAF}

    added = await ask(sandbox, "tmall.product.schema.add", **leaf, xml_data=book)
    number = sandbox.world.products[0]["product_id"]
    rules = await ask(sandbox, "tmall.item.add.schema.get", **leaf, product_id=number)

    found = await get(sandbox, product_id=number)
    own = set(re.findall(r'<field id="(\w+)" name', rules["add_item_result"]))
    assert str(number) in added["add_product_result"]
    assert "1636953:9787117214972" in found["customer_props"]
    assert found["pic_url"].startswith("http://img.alicdn.com/imgextra/i2/")
    assert {one for one in own if f'id="{one}"' not in recorded} == {"sku", "prop_1627207"} & own


async def test_words_typed_into_a_document_may_be_numbers_and_hold_commas(sandbox: Sandbox) -> None:
    """Of `input_str` a comma would part two values."""
    book = {
        "prop_1636953": "9787117214972",
        "prop_46602357": "书",
        "prop_46398806": "10",
        "prop_2043189": "张三,李四",
    }
    pictured = {**book, "product_images": {"product_image_0": "http://img.alicdn.com/imgextra/i2/1/a.jpg"}}
    leaf: Json = {"category_id": BOOKS_LEAF}

    await ask(sandbox, "tmall.product.schema.add", **leaf, xml_data=fill(pictured))
    number = sandbox.world.products[0]["product_id"]
    shown = await ask(sandbox, "tmall.product.update.schema.get", product_id=number)
    found = await ask(sandbox, "tmall.product.schema.match", **leaf, propvalues=fill(book))

    assert "<default-value>张三，李四</default-value>" in shown["update_product_schema"]
    assert "<default-value>9787117214972</default-value>" in shown["update_product_schema"]
    assert "<value>http://img.alicdn.com/imgextra/i2/1/a.jpg</value>" in shown["update_product_schema"]
    assert found["match_result"] == str(number)
