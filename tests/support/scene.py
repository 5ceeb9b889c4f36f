"""A sandbox in which everything has happened that the platform's replies tell of, and calls that ask for it."""

from urllib.parse import urlencode

import msgspec

from onshelf.sandbox.categories import properties
from onshelf.sandbox.clock import read_time
from onshelf.sandbox.launch import ask, control, in_process, request, signed
from onshelf.sandbox.schema.document import fill
from onshelf.sandbox.server import Sandbox
from onshelf.sandbox.tokens import issue_code
from onshelf.sandbox.wire import Json, root_name

ITEM, DRESSES, DAY = 11223344, 50010850, "2026-11-11 00:00:00"
PAIRS = "1627207:28320;1627207:28326"
FILES = {  # parameter that holds a picture
    "taobao.item.img.upload": "image",
    "taobao.item.propimg.upload": "image",
    "taobao.picture.upload": "img",
    "taobao.product.add": "image",
    "taobao.product.img.upload": "image",
    "taobao.product.propimg.upload": "image",
    "tmall.product.spec.add": "image",
    "tmall.product.spec.pic.upload": "certify_pic",
    "taobao.refund.message.add": "image",
}
UPLOAD: Json = {"picture_category_id": 0, "image_input_title": "裙.gif"}
SEASON = next(str(one.values[0][0]) for one in properties(DRESSES) if one.pid == 122216347)
PRODUCT = {"prop_20000": "30111", "prop_20021": "28396", "prop_122216347": SEASON}
DRESS = {
    **PRODUCT,
    "title": "连衣裙",
    "description": "一条很好的裙子",
    "price": "12.50",
    "quantity": "5",
    "location": {"prov": "浙江", "city": "杭州"},
}
NEW: Json = {
    "type": "fixed",
    "cid": DRESSES,
    "desc": "一条很好的裙子",
    "num": 5,
    "stuff_status": "new",
    "title": "连衣裙",
    "price": "12.5",
    "location.state": "浙江",
    "location.city": "杭州",
    "postage_id": 1,
}
FULL: Json = {
    "num_iid": ITEM,
    "props": PAIRS,
    "sku_properties": PAIRS.replace(";", ","),
    "sku_quantities": "50,50",
    "sku_prices": "99,109",
    "sku_outer_ids": "W,R",
    "input_pids": "20000",
    "input_str": "自有",
    "freight_payer": "buyer",
    "post_fee": "5",
    "express_fee": "8",
    "ems_fee": "20",
    "property_alias": "1627207:28320:米白",
    "product_id": 1,
    "is_taobao": "true",
    "is_ex": "true",
    "sell_promise": "true",
    "sub_stock": 1,
    "seller_cids": "1",
}


class Scene:
    """A sandbox in which everything has happened that recorded replies tell of, and what calls ask of it."""

    def __init__(self, sandbox: Sandbox, **ids: str) -> None:
        self.sandbox, self.ids = sandbox, ids
        self.shop = sandbox.world.shops[sandbox.options.seller_nick]

    def reads(self) -> dict[str, Json]:
        """Returns what calls of reading methods say beside `fields`, where they must say something."""
        sku_id = self.shop.shelf.items[ITEM].skus[0]["sku_id"]
        return {
            "taobao.item.get": {"num_iid": ITEM},
            "taobao.items.list.get": {"num_iids": ITEM},
            "taobao.items.custom.get": {"outer_id": "SANDBOX-1"},
            "taobao.skus.custom.get": {"outer_id": "W"},
            "taobao.item.sku.get": {"sku_id": sku_id, "num_iid": ITEM},
            "taobao.trade.fullinfo.get": {"tid": self.ids["rated"], "include_oaid": "true"},
            "taobao.trades.sold.increment.get": {
                "start_modified": DAY,
                "end_modified": "2026-11-12 00:00:00",
            },
            "taobao.logistics.partners.get": {"is_need_carriage": "true"},
            "taobao.logistics.trace.search": {"tid": self.ids["rated"]},
            "taobao.refund.get": {"refund_id": self.ids["refund"]},
            "taobao.refund.messages.get": {"refund_id": self.ids["refund"]},
            "taobao.traderates.get": {"rate_type": "get", "role": "buyer"},
            "taobao.itemcats.get": {"parent_cid": 0},
            "taobao.itemprops.get": {"cid": DRESSES},
            "taobao.itempropvalues.get": {"cid": DRESSES},
            "taobao.delivery.template.get": {"template_ids": self.shop.record.templates[0]["template_id"]},
            "taobao.shop.get": {"nick": self.shop.nick},
            "taobao.user.get": {"nick": self.shop.nick},
            "taobao.tmc.user.get": {"nick": self.shop.nick},
            "tmall.product.schema.get": {"product_id": self.ids["product"]},
            "taobao.product.get": {"product_id": self.ids["product"]},
            "taobao.products.get": {"nick": self.shop.nick},
            "tmall.product.spec.get": {"spec_id": self.ids["spec"]},
            "tmall.product.specs.get": {"product_id": self.ids["product"]},
            "tmall.product.template.get": {"cid": DRESSES},
        }

    def writes(self) -> dict[str, Json]:
        """Returns what calls of writing methods say."""
        item, path = self.shop.shelf.items[ITEM], next(iter(self.shop.pictures.rows.values())).path
        number, sku = {"num_iid": ITEM}, {"num_iid": ITEM, "properties": "1627207:28320"}
        shown = item.wire["prop_imgs"]["prop_img"][0]["id"]
        parcel = {"tid": self.ids["paid"], "company_code": "SF", "out_sid": "SF10000001"}
        other = fill({**PRODUCT, "prop_20000": "30112"})
        product = {"product_id": self.ids["product"]}
        return {
            "taobao.item.add": NEW,
            "taobao.item.update": {**number, "title": "长裙"},
            "taobao.item.delete": number,
            "taobao.item.quantity.update": {**number, "sku_id": item.skus[0]["sku_id"], "quantity": 7},
            "taobao.item.update.listing": {**number, "num": 7},
            "taobao.item.update.delisting": number,
            "taobao.item.joint.img": {**number, "pic_path": path},
            "taobao.item.img.upload": number,
            "taobao.item.img.delete": {**number, "id": item.images[0]["id"]},
            "taobao.item.propimg.upload": sku,
            "taobao.item.propimg.delete": {**number, "id": shown},
            "taobao.item.sku.add": {**number, "properties": "1627207:28341", "quantity": 1, "price": "99"},
            "taobao.item.sku.update": {**sku, "quantity": 7},
            "taobao.item.sku.price.update": {**sku, "price": "100", "item_price": "100"},
            "taobao.item.sku.delete": {**sku, "item_price": "109"},
            "taobao.logistics.dummy.send": {"tid": self.ids["paid"]},
            "taobao.logistics.offline.send": parcel,
            "taobao.logistics.online.send": parcel,
            "taobao.logistics.online.confirm": {"tid": self.ids["called"], "out_sid": "SF10000002"},
            "taobao.trade.close": {"tid": self.ids["unpaid"], "close_reason": "缺货"},
            "taobao.trade.memo.update": {"tid": self.ids["paid"], "memo": "备注"},
            "taobao.picture.upload": UPLOAD,
            "taobao.picture.delete": {"picture_ids": next(iter(self.shop.pictures.rows))},
            "taobao.refund.message.add": {"refund_id": self.ids["refund"], "content": "请看图"},
            "taobao.sellercats.list.add": {"name": "夏装"},
            "taobao.tmc.user.permit": {},
            "taobao.tmc.messages.consume": {},
            "taobao.top.auth.token.create": {"code": self.ids["code"]},
            "tmall.item.schema.add": {"category_id": DRESSES, "product_id": 1, "xml_data": fill(DRESS)},
            "tmall.product.schema.add": {"category_id": DRESSES, "xml_data": other},
            "taobao.item.schema.add": {"category_id": DRESSES, "xml_data": fill(DRESS)},
            "taobao.item.schema.update": {"item_id": ITEM, "xml_data": fill(DRESS)},
            "taobao.item.schema.increment.update": {"item_id": ITEM, "parameters": fill({"title": "长裙"})},
            "taobao.product.add": {"cid": DRESSES, "props": "20000:30112", "name": "裙", "price": "99"},
            "taobao.product.update": {**product, "name": "裙"},
            "taobao.product.img.upload": product,
            "taobao.product.propimg.upload": {**product, "props": "1627207:28320"},
            "tmall.product.spec.add": {**product, "spec_props": "1627207:28320"},
            "tmall.product.spec.pic.upload": {"certify_type": 1},
        }


async def scene() -> Scene:
    """Lets happen what recorded replies tell of."""
    sandbox = in_process()
    sandbox.clock.pause()
    sandbox.clock.jump(read_time(DAY) - sandbox.clock.now())
    shop = sandbox.world.shops[sandbox.options.seller_nick]
    await ask(sandbox, "taobao.tmc.user.permit", topics="taobao_item_ItemStockChanged")
    await send(sandbox, "taobao.picture.upload", UPLOAD, "img")
    path = next(iter(shop.pictures.rows.values())).path
    await send(sandbox, "taobao.item.joint.img", {"num_iid": ITEM, "pic_path": path})
    template = shop.record.templates[1]["template_id"]
    await send(sandbox, "taobao.item.update", {**FULL, "postage_id": template})
    shown = {"num_iid": ITEM, "properties": "1627207:28326", "pic_path": path}
    await send(sandbox, "taobao.item.joint.propimg", shown)
    await send(sandbox, "taobao.picture.category.add", {"picture_category_name": "夏装"})
    resting = (await send(sandbox, "taobao.item.add", NEW))["item"]["num_iid"]
    await send(sandbox, "taobao.item.update.delisting", {"num_iid": resting})
    product = {"category_id": DRESSES, "xml_data": fill(PRODUCT)}
    await send(sandbox, "tmall.product.schema.add", product)
    number = str(sandbox.world.products[0]["product_id"])
    await send(sandbox, "taobao.product.update", {"product_id": number, "name": "裙", "price": "99"})
    for method in ("taobao.product.img.upload", "taobao.product.propimg.upload"):
        pictured = {"product_id": number, "props": "1627207:28326", "position": 1}
        await send(sandbox, method, pictured, "image")
    red = {"product_id": number, "spec_props": "1627207:28326", "barcode": "6901234567892"}
    spec = (await send(sandbox, "tmall.product.spec.add", red, "image"))["product_spec"]["spec_id"]
    rated = await bought(sandbox, "pay", "send", "confirm", "rate")
    paid, called, claimed = [await bought(sandbox, "pay") for _ in range(3)]
    await send(sandbox, "taobao.logistics.online.send", {"tid": called, "company_code": "SF"})
    refund = (await control(sandbox, "buyer", {"action": "refund", "tid": int(claimed)}))["refund_id"]
    await send(sandbox, "taobao.refund.message.add", {"refund_id": refund, "content": "请看图"}, "image")
    unpaid = await bought(sandbox)
    sandbox.clock.jump(11)
    return Scene(
        sandbox,
        rated=rated,
        paid=paid,
        called=called,
        unpaid=unpaid,
        refund=refund,
        product=number,
        spec=str(spec),
        code=issue_code(sandbox.world, "12345678", shop.nick, sandbox.clock.now()),
    )


async def bought(sandbox: Sandbox, *steps: str) -> str:
    """Lets a buyer buy and go on; returns the trade's id."""
    wish = {"action": "buy", "num_iid": ITEM, "message": "请尽快发货", "buyer": 7}
    tid: str = (await control(sandbox, "buyer", wish))["tid"]
    for step in steps:
        if step == "send":
            parcel = {"tid": tid, "company_code": "SF", "out_sid": "SF10000001"}
            await send(sandbox, "taobao.logistics.offline.send", parcel)
        else:
            await control(sandbox, "buyer", {"action": step, "tid": int(tid)})
    await send(sandbox, "taobao.trade.memo.add", {"tid": tid, "memo": "备注", "flag": 1})
    return tid


async def send(sandbox: Sandbox, method: str, arguments: Json, name: str = "") -> Json:
    """Makes a call, with a picture as its file when `name` says which, and returns what stands inside the reply's root."""
    fields = signed(sandbox, method, arguments)
    kind, body = {}, urlencode(fields).encode()
    if name:
        head = '--B\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n'
        texts = "".join(f"{head.format(key, '')}{value}\r\n" for key, value in fields.items())
        file = head.format(name, '; filename="a.gif"').encode() + b"GIF89a\x01\x00\x01\x00" + b"\0" * 20
        body = texts.encode() + file + b"\r\n--B--\r\n"
        kind = {"content-type": "multipart/form-data; boundary=B"}
    _, _, reply = await request(sandbox, "POST", "/router/rest", body, kind)
    ((root, inner),) = msgspec.json.decode(reply, type=dict[str, Json]).items()
    assert root == root_name(method), f"{method}: {inner}"
    return inner
