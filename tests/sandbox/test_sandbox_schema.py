"""Items made and changed by schema through the gateway, in both generations."""

import re
from typing import Any

import pytest

from onshelf.sandbox.launch import ask, control, in_process
from onshelf.sandbox.schema.document import fill
from onshelf.sandbox.schema.fields import Values
from onshelf.sandbox.server import Sandbox
from onshelf.sandbox.wire import Json

DRESSES, HATS = 50010850, 302910
DRESS: Values = {
    "title": "连衣裙",
    "description": "一条很好的裙子",
    "outer_id": "A-1",
    "prop_20000": "30111",
    "prop_20021": "28396",
    "price": "12.50",
    "quantity": "5",
    "location": {"prov": "浙江", "city": "杭州"},
    "sku": [
        {"prop_1627207": "28320", "sku_price": "12.50", "sku_quantity": "2"},
        {"prop_1627207": "28326", "sku_price": "13.00", "sku_quantity": "3"},
    ],
}
READ = "title,num,price,props,approve_status,sku,outer_id,list_time,is_timing,item_img,cid,pic_url"


@pytest.fixture
def sandbox() -> Sandbox:
    sandbox = in_process()
    sandbox.clock.pause()
    return sandbox


async def schema_of(sandbox: Sandbox, cid: int = DRESSES, **asked: Any) -> str:
    reply = await ask(
        sandbox, "alibaba.item.publish.schema.get", **{"market": "taobao", "cat_id": cid, **asked}
    )
    text: str = reply["result"]
    return text


async def document(sandbox: Sandbox, **change: Any) -> str:
    """Returns a filled-in document; a change to None leaves the field out."""
    season = re.search(
        r'id="prop_122216347".*?<option displayName="[^"]*" value="(\d+)"', await schema_of(sandbox)
    )
    assert season
    values = {**DRESS, "prop_122216347": season.group(1), **change}
    return fill({name: value for name, value in values.items() if value is not None})


async def submit(sandbox: Sandbox, **change: Any) -> Json:
    reply: Json = await ask(
        sandbox,
        "alibaba.item.publish.submit",
        market="taobao",
        cat_id=DRESSES,
        schema=await document(sandbox, **change),
    )
    return reply


async def read(sandbox: Sandbox, num_iid: int) -> Json:
    item: Json = (await ask(sandbox, "taobao.item.seller.get", num_iid=num_iid, fields=READ))["item"]
    return item


async def test_an_item_is_published_by_its_categorys_schema(sandbox: Sandbox) -> None:
    reply = await submit(sandbox)

    item = await read(sandbox, reply["item_id"])
    assert reply["market"] == "taobao"
    assert (item["title"], item["num"], item["price"], item["approve_status"]) == (
        "连衣裙",
        5,
        "12.50",
        "onsale",
    )
    assert [sku["properties"] for sku in item["skus"]["sku"]] == ["1627207:28320", "1627207:28326"]
    assert "20000:30111" in item["props"]


async def test_another_category_asks_for_other_fields(sandbox: Sandbox) -> None:
    dresses, hats = [set(re.findall(r'id="(\w+)"', await schema_of(sandbox, cid))) for cid in (DRESSES, HATS)]

    assert {"prop_122216347", "prop_122216586"} <= dresses - hats
    assert "prop_20000" in dresses & hats


async def test_a_parent_category_has_no_schema(sandbox: Sandbox) -> None:
    refusal = await ask(sandbox, "alibaba.item.publish.schema.get", market="taobao", cat_id=16)

    assert refusal["sub_code"] == "isv.invalid-parameter:cid"


async def test_every_fault_of_a_document_is_told_at_once(sandbox: Sandbox) -> None:
    refusal = await submit(sandbox, title="裙" * 31, prop_20000=None, price="x", sku=None)

    assert refusal["sub_code"] == "isv.invalid-parameter:schema"
    assert [part.partition("：")[0] for part in refusal["sub_msg"].split("；")] == [
        "title",
        "prop_20000",
        "price",
        "price",
        "price",
        "price",
    ]


async def test_a_document_that_is_no_xml_is_refused(sandbox: Sandbox) -> None:
    refusal = await ask(sandbox, "alibaba.item.publish.submit", market="taobao", cat_id=DRESSES, schema="{}")

    assert refusal["sub_code"] == "isv.invalid-parameter:schema"


@pytest.mark.parametrize(
    ("change", "sub_code"),
    [
        ({"price": "20"}, "isv.parameters-mismatch:price-and-sku_prices"),
        ({"quantity": "6"}, "isv.parameters-mismatch:num-and-sku_quantities"),
        ({"quantity": "0", "sku": None}, "isv.item-add-service-error:FORBIDDEN_QUANTITY_ZERO_ERROR"),
        ({"item_images": {"item_image_0": "http://elsewhere/a.jpg"}}, "isv.invalid-parameter:item_image_0"),
    ],
)
async def test_the_rules_of_items_hold_for_documents_too(
    sandbox: Sandbox, change: Values, sub_code: str
) -> None:
    assert (await submit(sandbox, **change))["sub_code"] == sub_code


async def test_a_document_may_schedule_the_listing(sandbox: Sandbox) -> None:
    reply = await submit(sandbox, item_status="1", start_time="2036-01-01 00:00:00")

    item = await read(sandbox, reply["item_id"])
    assert (item["approve_status"], item["is_timing"], item["list_time"]) == (
        "instock",
        True,
        "2036-01-01 00:00:00",
    )


async def test_a_brand_of_ones_own_is_typed_in(sandbox: Sandbox) -> None:
    missing = await submit(sandbox, prop_20000="-1")
    made = await submit(sandbox, prop_20000="-1", in_prop_20000="自有")

    assert "in_prop_20000" in missing["sub_msg"]
    item = await ask(
        sandbox, "taobao.item.seller.get", num_iid=made["item_id"], fields="input_pids,input_str"
    )
    assert item["item"] == {"input_pids": "20000", "input_str": "自有"}


async def test_an_edit_schema_holds_what_the_item_holds(sandbox: Sandbox) -> None:
    number = (await submit(sandbox))["item_id"]

    reply = await ask(sandbox, "alibaba.item.edit.schema.get", item_id=number, fields="title,sku")

    assert re.findall(r'<field id="(\w+)" name="[^"]+" type="\w+"><rules>', reply["result"])[0] == "title"
    assert "<default-value>连衣裙</default-value>" in reply["result"]
    assert reply["result"].count("<default-complex-values>") == 2
    assert 'id="price"' not in reply["result"]


async def test_an_edit_makes_the_item_what_the_document_says(sandbox: Sandbox) -> None:
    number = (await submit(sandbox))["item_id"]
    before = await read(sandbox, number)

    reply = await ask(
        sandbox,
        "alibaba.item.edit.submit",
        item_id=number,
        schema=await document(sandbox, title="长裙", sku=DRESS["sku"][:1], quantity="2"),
    )

    item = await read(sandbox, number)
    assert set(reply) == {"item_id", "market", "update_time", "request_id"}
    assert (item["title"], item["num"]) == ("长裙", 2)
    assert item["skus"]["sku"][0]["sku_id"] == before["skus"]["sku"][0]["sku_id"]


async def test_an_edit_without_skus_takes_them_off(sandbox: Sandbox) -> None:
    number = (await submit(sandbox))["item_id"]

    await ask(sandbox, "alibaba.item.edit.submit", item_id=number, schema=await document(sandbox, sku=None))

    assert (await read(sandbox, number)).get("skus", {}) == {}


async def test_a_fast_update_changes_only_what_it_names(sandbox: Sandbox) -> None:
    number = (await submit(sandbox))["item_id"]
    row = {"prop_1627207": "28320", "sku_quantity": "7"}

    reply = await ask(sandbox, "alibaba.item.edit.fastupdate", item_id=number, schema=fill({"sku": [row]}))

    item = await read(sandbox, number)
    assert reply["item_id"] == number
    assert (item["title"], item["num"]) == ("连衣裙", 10)
    assert [(sku["quantity"], sku["price"]) for sku in item["skus"]["sku"]] == [(7, "12.50"), (3, "13.00")]


async def test_a_fast_update_cannot_add_a_sku(sandbox: Sandbox) -> None:
    number = (await submit(sandbox))["item_id"]
    row = {"prop_1627207": "28327", "sku_quantity": "7", "sku_price": "12.50"}

    refusal = await ask(sandbox, "alibaba.item.edit.fastupdate", item_id=number, schema=fill({"sku": [row]}))

    assert refusal["sub_code"] == "isv.invalid-parameter:schema"


async def test_a_property_keeps_its_other_pairs_in_a_fast_update(sandbox: Sandbox) -> None:
    number = (await submit(sandbox))["item_id"]

    await ask(sandbox, "alibaba.item.edit.fastupdate", item_id=number, schema=fill({"prop_20000": "30112"}))

    pairs = (await read(sandbox, number))["props"].split(";")
    assert {"20000:30112", "20021:28396", "1627207:28320"} <= set(pairs)
    assert "20000:30111" not in pairs


async def test_the_values_of_one_property_are_asked_for(sandbox: Sandbox) -> None:
    asked = {"market": "taobao", "cat_id": DRESSES, "schema": fill({"title": "裙"})}

    colours = await ask(sandbox, "alibaba.item.publish.props.get", prop_id=1627207, **asked)
    refusal = await ask(sandbox, "alibaba.item.publish.props.get", prop_id=1, **asked)

    assert 'displayName="乳白色" value="28321"' in colours["result"]
    assert refusal["sub_code"] == "isv.invalid-parameter:prop_id"


@pytest.mark.parametrize(
    ("asked", "sub_code"),
    [
        ({"market": "tmall"}, "isv.missing-parameter:spu_id"),
        ({"market": "tmall", "spu_id": 1}, "isv.invalid-permission:market"),
    ],
)
async def test_a_seller_publishes_to_their_own_market(
    sandbox: Sandbox, asked: dict[str, Any], sub_code: str
) -> None:
    refusal = await ask(sandbox, "alibaba.item.publish.schema.get", **{"cat_id": DRESSES, **asked})

    assert refusal["sub_code"] == sub_code


# Tmall


@pytest.fixture
async def tmall(sandbox: Sandbox) -> Sandbox:
    """A sandbox whose session `t` is a Tmall shop's."""
    await control(sandbox, "shops", {"nick": "旗舰店", "kind": "B"})
    await control(sandbox, "sessions", {"session": "t", "nick": "旗舰店"})
    return sandbox


async def add_tmall(sandbox: Sandbox, **change: Any) -> Json:
    reply: Json = await ask(
        sandbox,
        "tmall.item.schema.add",
        session="t",
        category_id=DRESSES,
        product_id=1,
        xml_data=await document(sandbox, **change),
    )
    return reply


async def test_a_tmall_item_is_added_and_its_id_is_a_text(tmall: Sandbox) -> None:
    """tmall.item.schema.add__1.json: add_item_result and gmt_create at the root."""
    reply = await add_tmall(tmall)

    assert list(reply) == ["add_item_result", "gmt_create", "request_id"]
    assert reply["add_item_result"].isdecimal()


async def test_a_tmall_refusal_says_so(tmall: Sandbox) -> None:
    refusal = await add_tmall(tmall, stuff_status="6")

    assert refusal["sub_code"] == "isv.invalid-parameter:xml_data-tmall"


async def test_a_read_only_field_takes_no_other_value(tmall: Sandbox) -> None:
    """service_version of tmall.item.add.schema.get__1.xml."""
    refusal = await add_tmall(tmall, service_version="1")
    number = int((await add_tmall(tmall, service_version="11100"))["add_item_result"])
    shown = await ask(tmall, "tmall.item.update.schema.get", session="t", item_id=number)

    assert refusal["sub_msg"].startswith("service_version：")
    assert "<default-value>11100</default-value>" in shown["update_item_result"]


async def test_a_tmall_item_is_updated_whole_and_in_part(tmall: Sandbox) -> None:
    number = int((await add_tmall(tmall))["add_item_result"])

    whole = await ask(
        tmall,
        "tmall.item.schema.update",
        session="t",
        item_id=number,
        xml_data=await document(tmall, title="长裙"),
    )
    part = await ask(
        tmall,
        "tmall.item.schema.increment.update",
        session="t",
        item_id=number,
        xml_data=fill({"outer_id": "A-2"}),
    )

    item = (await ask(tmall, "taobao.item.seller.get", session="t", num_iid=number, fields=READ))["item"]
    assert (item["title"], item["outer_id"]) == ("长裙", "A-2")
    assert set(whole) == set(part) == {"gmt_modified", "update_item_result", "request_id"}


async def test_an_increment_schema_holds_only_the_fields_asked_for(tmall: Sandbox) -> None:
    number = int((await add_tmall(tmall))["add_item_result"])

    reply = await ask(
        tmall,
        "tmall.item.increment.update.schema.get",
        session="t",
        item_id=number,
        xml_data=fill({"update_fields": ["title", "price"]}),
    )

    assert re.findall(r'<field id="(\w+)" name', reply["update_item_result"]) == ["title", "price"]


async def test_a_simple_schema_names_its_category_inside(tmall: Sandbox) -> None:
    fields = (await ask(tmall, "tmall.item.add.simpleschema.get", session="t"))["result"]

    made = await ask(
        tmall,
        "tmall.item.simpleschema.add",
        session="t",
        schema_xml_fields=await document(tmall, category_id=str(DRESSES)),
    )
    missing = await ask(
        tmall, "tmall.item.simpleschema.add", session="t", schema_xml_fields=await document(tmall)
    )

    assert 'id="category_id"' in fields
    assert made["result"].isdecimal()
    assert missing["sub_code"] == "isv.invalid-parameter:schema_xml_fields-tmall"
