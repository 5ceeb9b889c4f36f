"""Every business rule through the gateway, in both generations: item by item's own parameters, and by schema."""

import re
import struct
from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec
import pytest

from onshelf.sandbox.categories import categories, properties
from onshelf.sandbox.clock import wire_time
from onshelf.sandbox.launch import ask, control, in_process, request, signed
from onshelf.sandbox.schema.document import fill
from onshelf.sandbox.schema.fields import Values
from onshelf.sandbox.server import Sandbox
from onshelf.sandbox.wire import Json

DRESSES, SHOES, DAY_S = 50010850, 50012906, 86_400
SEASON = next(str(one.values[0][0]) for one in properties(DRESSES) if one.pid == 122216347)
BY_PARAMETERS: Json = {
    "type": "fixed",
    "cid": DRESSES,
    "desc": "一条很好的裙子",
    "num": 5,
    "stuff_status": "new",
    "title": "连衣裙",
    "price": "12.50",
    "location.state": "浙江",
    "location.city": "杭州",
    "outer_id": "A-1",
    "props": "1627207:28320;1627207:28326",
    "sku_properties": "1627207:28320,1627207:28326",
    "sku_quantities": "2,3",
    "sku_prices": "12.50,13.00",
}
BY_SCHEMA: Values = {
    "title": "连衣裙",
    "description": "一条很好的裙子",
    "outer_id": "A-1",
    "prop_20000": "30111",
    "prop_20021": "28396",
    "prop_122216347": SEASON,
    "price": "12.50",
    "quantity": "5",
    "location": {"prov": "浙江", "city": "杭州"},
    "sku": [
        {"prop_1627207": "28320", "sku_price": "12.50", "sku_quantity": "2"},
        {"prop_1627207": "28326", "sku_price": "13.00", "sku_quantity": "3"},
    ],
}


@pytest.fixture
def sandbox() -> Sandbox:
    sandbox = in_process()
    sandbox.clock.pause()
    return sandbox


class ByParameters:
    """taobao.item.*."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    async def add(self, **change: Any) -> Json:
        reply: Json = await ask(self.sandbox, "taobao.item.add", **{**BY_PARAMETERS, **change})
        made: Json = reply.get("item", reply)
        return made

    async def update(self, number: int, **change: Any) -> Json:
        reply: Json = await ask(self.sandbox, "taobao.item.update", num_iid=number, **change)
        return reply

    async def put_on(self, number: int, num: int = 5) -> Json:
        reply: Json = await ask(self.sandbox, "taobao.item.update.listing", num_iid=number, num=num)
        return reply

    async def plain(self, **change: Any) -> Json:
        """Adds an item without skus."""
        return await self.add(
            **{"props": "", "sku_properties": "", "sku_quantities": "", "sku_prices": "", **change}
        )


class BySchema:
    """alibaba.item.publish.*, edit.* and operate.*; takes the same words as the older generation."""

    names: ClassVar[Mapping[str, str]] = {
        "title": "title",
        "price": "price",
        "num": "quantity",
        "outer_id": "outer_id",
        "valid_thru": "valid_thru",
    }

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def document(self, change: Json) -> Values:
        found: Values = {self.names[name]: str(value) for name, value in change.items() if name in self.names}
        if "list_time" in change:
            found |= {"item_status": "1", "start_time": change["list_time"]}
        if change.get("approve_status") == "instock":
            found["item_status"] = "2"
        return found

    async def add(self, **change: Any) -> Json:
        return await self.submit({**BY_SCHEMA, **self.document(change)})

    async def submit(self, values: Values, cid: int = DRESSES) -> Json:
        reply: Json = await ask(
            self.sandbox, "alibaba.item.publish.submit", market="taobao", cat_id=cid, schema=fill(values)
        )
        return {"num_iid": reply.get("item_id"), **reply}

    async def update(self, number: int, **change: Any) -> Json:
        document = fill(self.document(change))
        reply: Json = await ask(self.sandbox, "alibaba.item.edit.fastupdate", item_id=number, schema=document)
        return reply

    async def put_on(self, number: int, num: int = 5) -> Json:
        reply: Json = await ask(self.sandbox, "alibaba.item.operate.upshelf", item_id=number, quantity=num)
        return reply

    async def plain(self, **change: Any) -> Json:
        return await self.submit(
            {name: value for name, value in (BY_SCHEMA | self.document(change)).items() if name != "sku"}
        )


Seller = ByParameters | BySchema


@pytest.fixture(params=[ByParameters, BySchema])
def seller(request: pytest.FixtureRequest, sandbox: Sandbox) -> Seller:
    made: Seller = request.param(sandbox)
    return made


async def stands(seller: Seller, number: int) -> str:
    """Returns `onsale`, or the banner the item is listed under."""
    for banner in ("regular_shelved", "never_on_shelf", "off_shelf", "sold_out", "violation_off_shelf"):
        page = await ask(seller.sandbox, "taobao.items.inventory.get", fields="num_iid", banner=banner)
        if number in [row["num_iid"] for row in page.get("items", {}).get("item", ())]:
            return banner
    page = await ask(seller.sandbox, "taobao.items.onsale.get", fields="num_iid")
    return "onsale" if number in [row["num_iid"] for row in page["items"]["item"]] else "nowhere"


def told(seller: Seller, refusal: Json, sub_code: str, field: str) -> bool:
    """Tells whether a refusal names the rule: by its sub_code, or in a schema's list of faults by the field."""
    if isinstance(seller, BySchema) and refusal["sub_code"] == "isv.invalid-parameter:schema":
        return bool(field) and refusal["sub_msg"].startswith(f"{field}：")
    return bool(refusal["code"] == 15 and refusal["sub_code"] == sub_code)


@pytest.mark.parametrize(
    ("change", "sub_code", "field"),
    [
        ({"title": "裙" * 31}, "isv.invalid-parameter:title", "title"),
        ({"title": "裙" * 30 + "a"}, "isv.invalid-parameter:title", "title"),
        ({"title": "国家级连衣裙"}, "isv.invalid-parameter:title", ""),
        ({"price": "20.00"}, "isv.parameters-mismatch:price-and-sku_prices", ""),
        ({"price": "12.49"}, "isv.parameters-mismatch:price-and-sku_prices", ""),
        ({"num": 6}, "isv.parameters-mismatch:num-and-sku_quantities", ""),
        ({"outer_id": "码" * 22}, "isv.invalid-parameter:outer_id", "outer_id"),
    ],
)
async def test_an_item_against_a_rule_is_neither_made_nor_changed(
    seller: Seller, change: Json, sub_code: str, field: str
) -> None:
    added = await seller.add(**change)
    number = (await seller.add())["num_iid"]
    updated = await seller.update(number, **change)

    assert told(seller, added, sub_code, field)
    assert told(seller, updated, sub_code, field)
    fields = "title,price,num,outer_id"
    item = await ask(seller.sandbox, "taobao.item.seller.get", num_iid=number, fields=fields)
    assert item["item"] == {"num": 5, "outer_id": "A-1", "price": "12.50", "title": "连衣裙"}
    assert len(await control(seller.sandbox, "items?outer_id=A-1")) == 1


async def test_a_title_as_wide_as_allowed_is_taken(seller: Seller) -> None:
    assert (await seller.add(title="裙" * 30))["num_iid"]


@pytest.mark.parametrize("props", ["1627207", "1627207:红", "1627207:28320;;1:2"])
async def test_a_property_string_must_be_pairs_of_numbers(sandbox: Sandbox, props: str) -> None:
    by_parameters = await ByParameters(sandbox).plain(props=props)
    by_schema = await BySchema(sandbox).submit({**BY_SCHEMA, "prop_20000": "红"})

    assert by_parameters["sub_code"] == "isv.invalid-parameter:props"
    assert by_schema["sub_msg"].startswith("prop_20000：")


@pytest.mark.parametrize(
    ("change", "sub_code"),
    [
        ({"sku_properties": "1627207:28320,1627207:28320"}, "isv.invalid-parameter:sku-properties"),
        ({"sku_properties": "1627207,1627207:28326"}, "isv.invalid-parameter:sku-properties"),
        ({"sku_properties": "9" * 30 + ":-1,1627207:28326"}, "isv.invalid-parameter:sku-properties"),
        (
            {"sku_properties": "1627207:28320,1627207:28338"},
            "isv.item-update-service-error:IC_CHECKSTEP_SKU_PROP_NOT_FOUND_IN_ITEM",
        ),
        ({"sku_quantities": "5"}, "isv.parameters-mismatch:sku_properties-and-sku_quantities"),
    ],
)
async def test_the_properties_of_skus_are_pairs_of_the_items_own_and_differ(
    sandbox: Sandbox, change: Json, sub_code: str
) -> None:
    assert (await ByParameters(sandbox).add(**change))["sub_code"] == sub_code


@pytest.mark.parametrize(
    ("method", "arguments", "answer"),
    [
        ("taobao.items.seller.list.get", {"fields": "num_iid", "num_iids": "N,11223344"}, "items"),
        ("taobao.item.skus.get", {"fields": "sku_id", "num_iids": "N"}, "request_id"),
        ("taobao.picture.delete", {"picture_ids": "N"}, "success"),
        ("taobao.picture.changecategory", {"picture_ids": "N", "picture_category_id": 0}, "done"),
        ("taobao.item.schema.add", {"category_id": "N", "xml_data": "<itemParam/>"}, "sub_code"),
        ("taobao.item.update", {"num_iid": 11223344, "input_pids": "N", "input_str": "a"}, "sub_code"),
        ("tmall.item.simpleschema.add", {"schema_xml_fields": fill({"category_id": "N"})}, "sub_code"),
        (
            "taobao.item.barcode.update",
            {"item_id": 11223344, "sku_ids": "N", "sku_barcodes": "1"},
            "sub_code",
        ),
        ("taobao.skus.quantity.update", {"num_iid": 11223344, "skuid_quantities": "1:N"}, "sub_code"),
    ],
)
async def test_a_number_beyond_all_bounds_is_answered(
    sandbox: Sandbox, method: str, arguments: Json, answer: str
) -> None:
    asked = {name: str(value).replace("N", "9" * 5000) for name, value in arguments.items()}

    assert answer in await ask(sandbox, method, **asked)


async def test_what_a_category_requires_must_be_there(sandbox: Sandbox) -> None:
    """Shoes require a size: recorded (itemprops.get of 2018), so asked for without any switch."""
    shown = await ask(sandbox, "taobao.itemprops.get", cid=SHOES, fields="pid,must", is_sale_prop="true")
    must = [row["pid"] for row in shown["item_props"]["item_prop"] if row["must"]]
    sized: Json = {"cid": SHOES, "num": 5, "sku_quantities": "5", "sku_prices": "12.50"}
    pair = "1627207:28320;20549:-1001"
    brand = {
        name: value
        for name, value in BY_SCHEMA.items()
        if name in ("prop_20000", "prop_20021", "prop_122216347")
    }

    legacy = ByParameters(sandbox)
    refusals = [await legacy.add(cid=SHOES), await legacy.plain(cid=SHOES)]
    made = await legacy.add(**sized, props="1627207:28320", sku_properties=pair)
    schema = await BySchema(sandbox).submit({**BY_SCHEMA, **brand}, cid=SHOES)

    assert must == [20549]
    assert {one["sub_code"] for one in refusals} == {"isv.item-add-service-error:ITEM_PROPERTIES_ERROR"}
    assert "20549" in refusals[0]["sub_msg"]
    assert made["num_iid"]
    assert "sku[0].prop_20549：" in schema["sub_msg"]


async def test_forty_leaves_and_more_require_what_was_recorded_and_hundreds_more_when_switched_on(
    sandbox: Sandbox,
) -> None:
    """Invented ones are marked in item-properties.json; what item.add asks for is what itemprops.get calls a must."""
    leaves = [one.cid for one in categories().values() if not one.is_parent]
    recorded = [cid for cid in leaves if any(one.must and not one.invented for one in properties(cid))]
    invented = [cid for cid in leaves if any(one.must and one.invented for one in properties(cid))]

    async def musts() -> set[int]:
        reply = await ask(sandbox, "taobao.itemprops.get", cid=DRESSES, fields="pid,must")
        return {row["pid"] for row in reply["item_props"]["item_prop"] if row["must"]}

    before = await musts()
    await control(sandbox, "policy", {"required_props": True})

    assert len(recorded) > 1_000
    assert len(invented) > 3_000
    assert (before, await musts()) == (set(), {20000, 20021, 122216347})
    refusal = await ByParameters(sandbox).add()
    assert refusal["sub_code"] == "isv.item-add-service-error:ITEM_PROPERTIES_ERROR"
    given = f"20000:30111;20021:28396;122216347:{SEASON};{BY_PARAMETERS['props']}"
    assert (await ByParameters(sandbox).add(props=given))["num_iid"]


async def test_the_same_item_twice_is_two_items_unless_the_house_rule_says_otherwise(seller: Seller) -> None:
    first, second = await seller.add(), await seller.add()
    await control(seller.sandbox, "policy", {"refuse_doubles": True})

    third = await seller.add()

    assert first["num_iid"] != second["num_iid"]
    assert third["sub_code"] == "isv.item-add-service-error:ITEM_REPEATED"


async def test_without_permission_for_its_category_nothing_is_published(seller: Seller) -> None:
    number = (await seller.add())["num_iid"]
    await control(seller.sandbox, "policy", {"closed_categories": [16]})

    added, updated = await seller.add(), await seller.update(number, title="长裙")

    assert added["sub_code"] == "isv.item-add-service-error:ERROR_PUBLISH_PERMISSION_INVALID"
    assert updated["sub_code"] == "isv.item-update-service-error:ERROR_PUBLISH_PERMISSION_INVALID"


async def test_a_deleted_item_is_refused_as_deleted(seller: Seller) -> None:
    number = (await seller.add())["num_iid"]
    deleting: Json = {"num_iid": number}
    method = "taobao.item.delete"
    if isinstance(seller, BySchema):
        method, deleting = "alibaba.item.operate.delete", {"item_id": number}
    await ask(seller.sandbox, method, **deleting)

    refusals = [await seller.update(number, title="长裙"), await seller.put_on(number)]
    refusals.append(await ask(seller.sandbox, method, **deleting))

    assert {one["sub_code"] for one in refusals} == {"isv.item-is-delete:invalid-numIid-or-iid"}
    assert (await seller.put_on(4711))["sub_code"] == "isv.item-not-exist:invalid-numIid-or-iid"
    assert await stands(seller, number) == "nowhere"


async def test_nothing_is_listed_without_stock(seller: Seller) -> None:
    added = await seller.plain(num=0)
    resting = (await seller.plain(num=0, approve_status="instock"))["num_iid"]

    listed = await seller.put_on(resting, num=0)

    assert added["sub_code"] == "isv.item-add-service-error:FORBIDDEN_QUANTITY_ZERO_ERROR"
    assert listed["sub_code"] == "isv.item-listing-service-error:FORBIDDEN_QUANTITY_ZERO_ERROR"
    assert await stands(seller, resting) == "never_on_shelf"
    assert "sub_code" not in await seller.put_on(resting, num=5)
    assert await stands(seller, resting) == "onsale"


async def test_a_listing_may_be_set_for_later_and_comes_by_the_clock(seller: Seller) -> None:
    tomorrow = wire_time(seller.sandbox.clock.now() + DAY_S)
    number = (await seller.add(list_time=tomorrow))["num_iid"]
    before = await stands(seller, number)

    await control(seller.sandbox, "clock", {"jump_s": DAY_S})

    assert (before, await stands(seller, number)) == ("regular_shelved", "onsale")


async def test_a_listing_set_for_a_time_gone_by_is_on_sale_at_once(seller: Seller) -> None:
    yesterday = wire_time(seller.sandbox.clock.now() - DAY_S)

    assert await stands(seller, (await seller.add(list_time=yesterday))["num_iid"]) == "onsale"


@pytest.mark.parametrize("days", [7, 14])
async def test_an_item_comes_off_when_its_time_is_up_and_not_before(seller: Seller, days: int) -> None:
    number = (await seller.add(valid_thru=days))["num_iid"]

    await control(seller.sandbox, "clock", {"jump_s": days * DAY_S - 1})
    before = await stands(seller, number)
    await control(seller.sandbox, "clock", {"jump_s": 1})

    assert (before, await stands(seller, number)) == ("onsale", "off_shelf")


async def test_the_last_piece_sold_takes_the_item_off_and_counts_as_sold_when_paid(seller: Seller) -> None:
    """By schema stock falls at payment unless told otherwise, by parameters at once; sold it is when paid."""
    number = (await seller.plain(num=2))["num_iid"]

    async def sold() -> int:
        reply = await ask(seller.sandbox, "taobao.item.seller.get", num_iid=number, fields="sold_quantity")
        return int(reply["item"]["sold_quantity"])

    trade = await control(seller.sandbox, "buyer", {"action": "buy", "num_iid": number, "num": 2})
    ordered = await sold()
    await control(seller.sandbox, "buyer", {"action": "pay", "tid": int(trade["tid"])})

    assert (ordered, await sold()) == (0, 2)
    assert await stands(seller, number) == "sold_out"


async def test_what_was_sold_is_no_change_of_the_item_and_can_be_listed_by(seller: Seller) -> None:
    number = (await seller.plain())["num_iid"]
    trade = await control(seller.sandbox, "buyer", {"action": "buy", "num_iid": number, "num": 2})
    await control(seller.sandbox, "buyer", {"action": "pay", "tid": int(trade["tid"])})

    wanted = {"fields": "num_iid,sold_quantity,num", "order_by": "sold_quantity:desc"}
    page = await ask(seller.sandbox, "taobao.items.onsale.get", **wanted)

    assert page["items"]["item"][0] == {"num": 3, "num_iid": number, "sold_quantity": 2}


async def test_a_trade_closed_unpaid_counts_nothing_as_sold(seller: Seller) -> None:
    number = (await seller.plain())["num_iid"]
    trade = await control(seller.sandbox, "buyer", {"action": "buy", "num_iid": number})

    await control(seller.sandbox, "buyer", {"action": "cancel", "tid": int(trade["tid"])})

    item = await ask(seller.sandbox, "taobao.item.seller.get", num_iid=number, fields="num,sold_quantity")
    assert item["item"] == {"num": 5, "sold_quantity": 0}


async def test_a_punished_item_is_a_violation_and_cannot_be_listed(seller: Seller) -> None:
    number = (await seller.add())["num_iid"]
    await control(seller.sandbox, "seller", {"action": "punish", "num_iid": number})

    refusal = await seller.put_on(number)

    shown = await ask(
        seller.sandbox, "taobao.item.seller.get", num_iid=number, fields="violation,approve_status"
    )
    assert refusal["sub_code"] == "isv.item-listing-service-error:IC_CHECKSTEP_NO_PERMISSION"
    assert shown["item"] == {"approve_status": "instock", "violation": True}
    assert await stands(seller, number) == "violation_off_shelf"


@pytest.mark.parametrize(
    ("change", "sub_code"),
    [
        ({"type": "auction"}, "isv.invalid-parameter:type"),
        ({"freight_payer": "buyer", "express_fee": "8"}, "isv.missing-parameter:post_fee"),
    ],
)
async def test_an_item_that_contradicts_itself_is_refused(
    sandbox: Sandbox, change: Json, sub_code: str
) -> None:
    assert (await ByParameters(sandbox).add(**change))["sub_code"] == sub_code


async def test_a_sku_comes_with_stock_and_may_sell_out_later(sandbox: Sandbox) -> None:
    number = (await ByParameters(sandbox).add())["num_iid"]
    blue: Json = {"num_iid": number, "properties": "1627207:28338", "price": "12.50"}

    empty = await ask(sandbox, "taobao.item.sku.add", **blue, quantity=0)
    added = await ask(sandbox, "taobao.item.sku.add", **blue, quantity=1)
    sold = await ask(sandbox, "taobao.item.sku.update", **blue, quantity=0)

    assert empty["sub_code"] == "isv.invalid-parameter:quantity"
    assert added["sku"]["sku_id"] == sold["sku"]["sku_id"]


async def test_a_fee_beyond_all_bounds_is_refused(sandbox: Sandbox) -> None:
    """Of item.add the catalogue's own limit refuses it first."""
    fees = {"post_fee": "5", "express_fee": "1000", "ems_fee": "20"}
    paying = {"freight_payer": "1", "freight_by_buyer": "freight_details", "freight": fees}

    by_parameters = await ByParameters(sandbox).add(freight_payer="buyer", **fees)
    by_schema = await BySchema(sandbox).submit({**BY_SCHEMA, **paying})

    assert by_parameters["msg"] == "Invalid arguments:express_fee"
    assert by_schema["sub_code"] == "isv.invalid-parameter:express_fee"


@pytest.mark.parametrize(("field", "value"), [("stuff_status", "second"), ("type", "auction")])
async def test_tmall_sells_new_things_at_fixed_prices(sandbox: Sandbox, field: str, value: str) -> None:
    await control(sandbox, "shops", {"nick": "旗舰店", "kind": "B"})
    await control(sandbox, "sessions", {"session": "b", "nick": "旗舰店"})

    refusal = await ask(sandbox, "taobao.item.add", session="b", **{**BY_PARAMETERS, field: value})

    assert refusal["sub_code"] == f"isv.invalid-parameter:{field}-tmall"


# Pictures


def png(width: int, height: int, size: int = 0) -> bytes:
    head = (
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", width, height) + b"\x08\x02\x00\x00\x00"
    )
    return head.ljust(size, b"\0")


async def send(sandbox: Sandbox, method: str, name: str, content: bytes, **arguments: Any) -> Json:
    parts = [
        f'--B\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in signed(sandbox, method, arguments).items()
    ]
    head = f'--B\r\nContent-Disposition: form-data; name="{name}"; filename="a.png"\r\n\r\n'
    body = b"".join([*parts, head.encode(), content, b"\r\n--B--\r\n"])
    header = {"content-type": "multipart/form-data; boundary=B"}
    reply = msgspec.json.decode((await request(sandbox, "POST", "/router/rest", body, header))[2])
    inner: Json = next(iter(reply.values()))
    return inner


async def upload(sandbox: Sandbox, content: bytes, **more: Any) -> Json:
    what = {"picture_category_id": 0, "image_input_title": "a.png", **more}
    return await send(sandbox, "taobao.picture.upload", "img", content, **what)


async def test_a_picture_of_three_megabytes_fits_and_one_byte_more_does_not(sandbox: Sandbox) -> None:
    most = 3 * 1024 * 1024

    fits, large = await upload(sandbox, png(9, 9, most)), await upload(sandbox, png(9, 9, most + 1))

    assert fits["picture"]["sizes"] == most
    assert large["sub_code"] == "isv.item-update-service-error:IC_ITEM_PIC_IS_TOO_LARGES"


@pytest.mark.parametrize(
    ("width", "height", "sub_code"),
    [
        (480, 960, None),
        (620, 1, None),
        (479, 960, "isv.invalid-parameter:img"),
        (621, 960, "isv.invalid-parameter:img"),
        (500, 961, "isv.invalid-parameter:img"),
    ],
)
async def test_a_picture_for_phones_has_a_size_of_its_own(
    sandbox: Sandbox, width: int, height: int, sub_code: str | None
) -> None:
    reply = await upload(sandbox, png(width, height), client_type="client:phone")

    assert reply.get("sub_code") == sub_code


async def test_a_full_picture_space_takes_none_in_either_generation(sandbox: Sandbox) -> None:
    number = (await ByParameters(sandbox).add())["num_iid"]
    await control(sandbox, "policy", {"space_bytes": len(png(9, 9))})
    kept = (await upload(sandbox, png(9, 9)))["picture"]

    full = "isv.pictureServiceClient-service-error:PICTURE_SPACE_FULL"
    assert (await upload(sandbox, png(9, 9)))["sub_code"] == full
    assert (await send(sandbox, "taobao.item.img.upload", "image", png(9, 9), num_iid=number))[
        "sub_code"
    ] == full
    await ask(sandbox, "taobao.picture.delete", picture_ids=kept["picture_id"])
    assert "picture" in await upload(sandbox, png(9, 9))


async def test_other_bytes_for_a_picture_must_fit_as_a_new_one(sandbox: Sandbox) -> None:
    picture = (await upload(sandbox, png(9, 9, 1000)))["picture"]
    await control(sandbox, "policy", {"space_bytes": 1200})

    async def replaced(content: bytes) -> Json:
        what = {"picture_id": picture["picture_id"]}
        return await send(sandbox, "taobao.picture.replace", "image_data", content, **what)

    assert (await replaced(png(9, 9, 1200)))["done"] is True
    full = await replaced(png(9, 9, 1201))
    assert full["sub_code"] == "isv.pictureServiceClient-service-error:PICTURE_SPACE_FULL"
    assert (await replaced(b"hello"))["code"] == 3


async def test_a_folder_stands_below_one_that_is_there_and_not_below_itself(sandbox: Sandbox) -> None:
    add, move = "taobao.picture.category.add", "taobao.picture.category.update"
    above = (await ask(sandbox, add, picture_category_name="夏"))["picture_category"]["picture_category_id"]
    below = await ask(sandbox, add, picture_category_name="裙", parent_id=above)
    number = below["picture_category"]["picture_category_id"]

    nowhere = await ask(sandbox, add, picture_category_name="帽", parent_id=4711)
    round_about = [await ask(sandbox, move, category_id=above, parent_id=one) for one in (above, number)]

    assert nowhere["sub_code"] == "isv.invalid-parameter:picture_category_id"
    assert {one["sub_code"] for one in round_about} == {"isv.invalid-parameter:parent_id"}


async def test_a_picture_that_is_in_no_space_is_refused_by_both(sandbox: Sandbox) -> None:
    elsewhere = "http://elsewhere/a.jpg"

    by_parameters = await ByParameters(sandbox).add(pic_path=elsewhere)
    by_schema = await BySchema(sandbox).submit({**BY_SCHEMA, "item_images": {"item_image_0": elsewhere}})

    assert by_parameters["sub_code"] == "isv.invalid-parameter:picPath"
    assert by_schema["sub_code"] == "isv.invalid-parameter:item_image_0"


async def test_only_colours_have_pictures_of_their_own(sandbox: Sandbox) -> None:
    pairs = "1627207:28320;20509:28314"
    one = {"props": pairs, "sku_properties": pairs, "sku_quantities": "5", "sku_prices": "12.50"}
    number = (await ByParameters(sandbox).add(**one))["num_iid"]

    colour, size = [
        await send(sandbox, "taobao.item.propimg.upload", "image", png(9, 9), num_iid=number, properties=pair)
        for pair in pairs.split(";")
    ]

    assert colour["prop_img"]["id"]
    assert size["sub_code"] == "isv.invalid-parameter:properties"


async def test_a_schemas_fields_say_what_its_rules_are(sandbox: Sandbox) -> None:
    """What is refused above stands in the schema a caller reads first."""
    reply = await ask(sandbox, "alibaba.item.publish.schema.get", market="taobao", cat_id=SHOES)
    document = reply["result"]

    assert re.search(r'id="title".*?maxLengthRule" value="60"', document)
    assert re.search(r'id="prop_20549"[^>]*type="singleCheck"><rules><rule name="requiredRule"', document)
