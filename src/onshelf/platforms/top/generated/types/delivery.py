"""Delivery templates: types that replies hold. Made by `make methods` from the catalogue; edit
`scripts/generate_methods.py`."""

import msgspec

from onshelf.platforms.top.request import Time
from onshelf.platforms.top.rows import Rows


class TopFee(msgspec.Struct, kw_only=True):
    """`TopFee` as replies show it."""

    add_fee: str | None = None
    add_standard: str | None = None
    destination: str | None = None
    service_type: str | None = None
    start_fee: str | None = None
    start_standard: str | None = None


class DeliveryTemplate(msgspec.Struct, kw_only=True):
    """`DeliveryTemplate` as replies show it."""

    address: str | None = None
    assumer: int | None = None
    consign_area_id: int | None = None
    created: Time | None = None
    fee_list: Rows[TopFee] = Rows()
    modified: Time | None = None
    name: str | None = None
    supports: str | None = None
    template_id: int | None = None
    template_type: int | None = None
    valuation: int | None = None
