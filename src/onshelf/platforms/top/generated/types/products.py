"""Products: types that replies hold. Made by `make methods` from the catalogue; edit
`scripts/generate_methods.py`."""

from typing import Any

import msgspec

from onshelf.platforms.top.request import Time
from onshelf.platforms.top.rows import Rows


class ProductImg(msgspec.Struct, kw_only=True):
    """`ProductImg` as replies show it."""

    created: Time | None = None
    id: int | None = None
    modified: Time | None = None
    position: int | None = None
    product_id: int | None = None
    url: str | None = None


class ProductPropImg(msgspec.Struct, kw_only=True):
    """`ProductPropImg` as replies show it."""

    created: Time | None = None
    id: int | None = None
    modified: Time | None = None
    position: int | None = None
    product_id: int | None = None
    props: str | None = None
    url: str | None = None


class Product(msgspec.Struct, kw_only=True):
    """`Product` as replies show it."""

    barcode_str: str | None = None
    binds: str | None = None
    binds_str: str | None = None
    cat_name: str | None = None
    cid: int | None = None
    collect_num: int | None = None
    commodity_id: int | None = None
    created: Time | None = None
    cspu_feature: str | None = None
    customer_props: str | None = None
    desc: str | None = None
    is_suite_effective: bool | None = None
    level: int | None = None
    modified: Time | None = None
    name: str | None = None
    outer_id: str | None = None
    pic_path: str | None = None
    pic_url: str | None = None
    price: str | None = None
    product_extra_infos: Rows[Any] = Rows()
    product_id: int | None = None
    product_imgs: Rows[ProductImg] = Rows()
    product_prop_imgs: Rows[ProductPropImg] = Rows()
    property_alias: str | None = None
    props: str | None = None
    props_str: str | None = None
    rate_num: int | None = None
    sale_num: int | None = None
    sale_props: str | None = None
    sale_props_str: str | None = None
    sell_pt: str | None = None
    shop_price: str | None = None
    standard_price: str | None = None
    status: int | None = None
    suite_items_str: str | None = None
    template_id: int | None = None
    tsc: str | None = None
    vertical_market: int | None = None
