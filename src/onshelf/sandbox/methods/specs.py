"""tmall.product.spec*, tmall.product.template.get: a product's specifications, and what tells products apart."""

from collections.abc import Mapping

from onshelf.sandbox import spu
from onshelf.sandbox.call import Call, Handler
from onshelf.sandbox.errors import BusinessError
from onshelf.sandbox.methods.images import keep_upload
from onshelf.sandbox.methods.items import check_leaf
from onshelf.sandbox.methods.products import find, own
from onshelf.sandbox.propstrings import read_pairs
from onshelf.sandbox.rules import invalid
from onshelf.sandbox.wire import Json, listed

_TEXTS = ("barcode", "market_time", "product_code", "spec_props", "spec_props_alias")


def spec_add(call: Call) -> Json:
    """Adds a specification to a product of the seller's own; two of one product differ in their properties."""
    product = own(call)
    pairs = read_pairs(call.get("spec_props"))
    specs: list[Json] = product.setdefault("specs", [])
    if any(read_pairs(one["spec_props"]) == pairs for one in specs):
        raise invalid("spec_props", "产品已有相同的规格")
    row: Json = {
        **{name: call.get(name) for name in _TEXTS},
        "custome_props_name": call.get("customer_spec_props"),
        "pic_url": keep_upload(call, "image").path,
        "product_id": product["product_id"],
        "spec_id": call.world.new_id(),
    }
    specs.append({name: row[name] for name in sorted(row) if row[name] or name == "spec_props"})
    return {"product_spec": {"spec_id": row["spec_id"]}}


def spec_get(call: Call) -> Json:
    """Reads a specification."""
    number = call.number("spec_id")
    for product in call.world.products:
        for spec in product.get("specs", ()):
            if spec["spec_id"] == number:
                return {"product_spec": spec}
    raise BusinessError("isv.product-spec-not-exist:invalid-spec_id", f"产品规格不存在：{number}")


def specs_get(call: Call) -> Json:
    """Lists the specifications of a product, named by id or by its category and key properties."""
    if call.get("product_id"):
        products = [find(call)]
    elif call.get("cat_id") and call.get("properties"):
        wanted = {"cid": call.number("cat_id"), "props": call.get("properties")}
        products = spu.alike(call.world.products, wanted)
    else:
        raise BusinessError("isv.missing-parameter:product_id", "产品ID，或类目与属性，至少传一种")
    return listed("product_specs", "product_spec", [row for one in products for row in one.get("specs", ())])


def spec_pic_upload(call: Call) -> Json:
    """Keeps a certificate's picture and answers its address."""
    return {"spec_pic_url": keep_upload(call, "certify_pic").path}


def template_get(call: Call) -> Json:
    """Answers which properties tell products of a category apart."""
    cid = call.number("cid")
    check_leaf(cid)
    keys = spu.keys(cid)
    named = ";".join(f"{one.pid}:{one.name}" for one in keys)
    template = {"category_id": cid, **listed("key_properties", "number", [one.pid for one in keys])}
    return {"template": {**template, "prop_name_str": named}}


METHODS: Mapping[str, Handler] = {
    "tmall.product.spec.add": spec_add,
    "tmall.product.spec.get": spec_get,
    "tmall.product.specs.get": specs_get,
    "tmall.product.spec.pic.upload": spec_pic_upload,
    "tmall.product.template.get": template_get,
}
