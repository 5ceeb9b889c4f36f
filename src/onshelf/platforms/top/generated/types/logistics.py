"""Shipping: types that replies hold. Made by `make methods` from the catalogue; edit
`scripts/generate_methods.py`."""

import msgspec

from onshelf.platforms.top.generated.types.shared import Location
from onshelf.platforms.top.request import Time
from onshelf.platforms.top.rows import Rows


class AddressResult(msgspec.Struct, kw_only=True):
    """`AddressResult` as replies show it."""

    addr: str | None = None
    area_id: int | None = None
    cancel_def: bool | None = None
    city: str | None = None
    contact_id: int | None = None
    contact_name: str | None = None
    country: str | None = None
    get_def: bool | None = None
    memo: str | None = None
    mobile_phone: str | None = None
    modify_date: Time | None = None
    phone: str | None = None
    province: str | None = None
    seller_company: str | None = None
    send_def: bool | None = None
    zip_code: str | None = None


class CarriageDetail(msgspec.Struct, kw_only=True):
    """`CarriageDetail` as replies show it."""

    add_fee: int | None = None
    add_weight: int | None = None
    damage_payment: str | None = None
    got_time: str | None = None
    initial_fee: int | None = None
    initial_weight: int | None = None
    lost_payment: str | None = None
    way_day: str | None = None


class LogisticsCompany(msgspec.Struct, kw_only=True):
    """`LogisticsCompany` as replies show it."""

    code: str | None = None
    id: int | None = None
    name: str | None = None
    reg_mail_no: str | None = None


class LogisticsMail(msgspec.Struct, kw_only=True):
    """`LogisticsMail` as replies show it."""

    company_name: str | None = None
    out_sid: str | None = None


class PartnerDetail(msgspec.Struct, kw_only=True):
    """`PartnerDetail` as replies show it."""

    account_no: str | None = None
    company_code: str | None = None
    company_id: int | None = None
    company_name: str | None = None
    full_name: str | None = None
    reg_mail_no: str | None = None
    wangwang_id: str | None = None


class LogisticsPartner(msgspec.Struct, kw_only=True):
    """`LogisticsPartner` as replies show it."""

    carriage: CarriageDetail | None = None
    cover_remark: str | None = None
    partner: PartnerDetail | None = None
    uncover_remark: str | None = None


class Shipping(msgspec.Struct, kw_only=True):
    """`Shipping` as replies show it."""

    buyer_nick: str | None = None
    company_name: str | None = None
    created: Time | None = None
    delivery_end: Time | None = None
    delivery_start: Time | None = None
    freight_payer: str | None = None
    is_quick_cod_order: bool | None = None
    is_spilt: int | None = None
    is_split: int | None = None
    is_success: bool | None = None
    item_title: str | None = None
    location: Location | None = None
    modified: Time | None = None
    openuid: str | None = None
    order_code: str | None = None
    ouid: str | None = None
    out_sid: str | None = None
    receiver_mobile: str | None = None
    receiver_name: str | None = None
    receiver_phone: str | None = None
    seller_confirm: str | None = None
    seller_nick: str | None = None
    status: str | None = None
    sub_tids: Rows[int] = Rows()
    tid: int | None = None
    type: str | None = None


class SingleResultDto(msgspec.Struct, kw_only=True):
    """`SingleResultDto` as replies show it."""

    buyer_nick: str | None = None
    company_name: str | None = None
    created: Time | None = None
    delivery_end: Time | None = None
    delivery_start: Time | None = None
    freight_payer: str | None = None
    is_quick_cod_order: bool | None = None
    is_split: int | None = None
    item_title: str | None = None
    location: Location | None = None
    mails: Rows[LogisticsMail] = Rows()
    modified: Time | None = None
    openuid: str | None = None
    order_code: str | None = None
    ouid: str | None = None
    out_sid: str | None = None
    receiver_mobile: str | None = None
    receiver_mobile_new: str | None = None
    receiver_name: str | None = None
    receiver_phone: str | None = None
    receiver_phone_new: str | None = None
    seller_confirm: str | None = None
    seller_nick: str | None = None
    status: str | None = None
    sub_tids: Rows[int] = Rows()
    tid: int | None = None
    type: str | None = None


class TransitStepInfo(msgspec.Struct, kw_only=True):
    """`TransitStepInfo` as replies show it."""

    action: str | None = None
    status_desc: str | None = None
    status_time: str | None = None


class TransitStepResult(msgspec.Struct, kw_only=True):
    """`TransitStepResult` as replies show it."""

    company_name: str | None = None
    out_sid: str | None = None
    status: str | None = None
    tid: int | None = None
    trace_list: Rows[TransitStepInfo] = Rows()
