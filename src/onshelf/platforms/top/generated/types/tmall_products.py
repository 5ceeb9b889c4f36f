"""Products on Tmall: types that replies hold. Made by `make methods` from the catalogue; edit
`scripts/generate_methods.py`."""

import msgspec

from onshelf.platforms.top.request import Time
from onshelf.platforms.top.rows import Rows


class CertPicInfo(msgspec.Struct, kw_only=True):
    """`CertPicInfo` as replies show it."""

    cert_type: int | None = None
    pic_url: str | None = None


class ProductSpec(msgspec.Struct, kw_only=True):
    """`ProductSpec` as replies show it."""

    barcode: str | None = None
    brand_id: int | None = None
    certified_pics: Rows[CertPicInfo] = Rows()
    custome_props_name: str | None = None
    market_time: Time | None = None
    pic_url: str | None = None
    product_code: str | None = None
    product_id: int | None = None
    spec_id: int | None = None
    spec_props: str | None = None
    spec_props_alias: str | None = None
    status: int | None = None


class SpuTemplateDO(msgspec.Struct, kw_only=True):
    """`SpuTemplateDO` as replies show it."""

    affect_properties: Rows[int] = Rows()
    category_id: int | None = None
    commodity_id: int | None = None
    filter_properties: Rows[int] = Rows()
    key_properties: Rows[int] = Rows()
    prop_features: str | None = None
    prop_name_str: str | None = None
    template_id: int | None = None


class Ticket(msgspec.Struct, kw_only=True):
    """`Ticket` as replies show it."""

    audit_seller_id: int | None = None
    create_user_id: int | None = None
    gmt_create: Time | None = None
    gmt_modified: Time | None = None
    memo: str | None = None
    reason: str | None = None
    spec_id: int | None = None
    status: int | None = None
