"""What several families share: types that replies hold. Made by `make methods` from the catalogue;
edit `scripts/generate_methods.py`."""

from decimal import Decimal
from typing import Any

import msgspec

from onshelf.platforms.top.request import Time
from onshelf.platforms.top.rows import Rows


class AppCustomer(msgspec.Struct, kw_only=True):
    """`AppCustomer` as replies show it."""

    created: Time | None = None
    modified: str | None = None
    nick: str | None = None
    status: str | None = None
    subscriptions: Rows[Any] = Rows()
    type: Rows[str] = Rows()
    user_id: int | None = None


class CombineSubItemDO(msgspec.Struct, kw_only=True):
    """`CombineSubItemDO` as replies show it."""

    combine_sub_item_fee: int | None = None
    edu_original_fee: int | None = None
    estcon_time: str | None = None
    ismain: bool | None = None
    item_id: int | None = None
    item_name: str | None = None
    num_iid: str | None = None
    origin_fee: int | None = None
    outer_iid: str | None = None
    outer_sku_id: str | None = None
    quantity: int | None = None
    sku_id: int | None = None
    sku_title: str | None = None


class CuntaoItemSpecific(msgspec.Struct, kw_only=True):
    """`CuntaoItemSpecific` as replies show it."""

    kick_back_rate: str | None = None


class DescModuleInfo(msgspec.Struct, kw_only=True):
    """`DescModuleInfo` as replies show it."""

    anchor_module_ids: str | None = None
    ids_module_ids: str | None = None
    type: int | None = None


class FoodSecurity(msgspec.Struct, kw_only=True):
    """`FoodSecurity` as replies show it."""

    contact: str | None = None
    design_code: str | None = None
    factory: str | None = None
    factory_site: str | None = None
    food_additive: str | None = None
    health_product_no: str | None = None
    mix: str | None = None
    period: str | None = None
    plan_storage: str | None = None
    prd_license_no: str | None = None
    product_date_end: str | None = None
    product_date_start: str | None = None
    stock_date_end: str | None = None
    stock_date_start: str | None = None
    supplier: str | None = None


class ItemImg(msgspec.Struct, kw_only=True):
    """`ItemImg` as replies show it."""

    created: Time | None = None
    id: int | None = None
    position: int | None = None
    url: str | None = None


class LocalityLife(msgspec.Struct, kw_only=True):
    """`LocalityLife` as replies show it."""

    choose_logis: str | None = None
    eticket: str | None = None
    expirydate: str | None = None
    merchant: str | None = None
    network_id: str | None = None
    obs: str | None = None
    onsale_auto_refund_ratio: int | None = None
    packageid: str | None = None
    refund_ratio: int | None = None
    refundmafee: str | None = None
    verification: str | None = None
    version: str | None = None


class Location(msgspec.Struct, kw_only=True):
    """`Location` as replies show it."""

    address: str | None = None
    city: str | None = None
    country: str | None = None
    district: str | None = None
    state: str | None = None
    zip: str | None = None


class MpicVideo(msgspec.Struct, kw_only=True):
    """`MpicVideo` as replies show it."""

    num_iid: int | None = None
    video_duaration: int | None = None
    video_id: int | None = None
    video_pic: str | None = None
    video_status: int | None = None


class PaimaiInfo(msgspec.Struct, kw_only=True):
    """`PaimaiInfo` as replies show it."""

    ceil_price: int | None = None
    delay_in_minute: int | None = None
    deposit: int | None = None
    end: Time | None = None
    frequency: int | None = None
    increment: str | None = None
    interval: int | None = None
    mode: int | None = None
    period: int | None = None
    repeat: int | None = None
    reserve: str | None = None
    start: Time | None = None
    start_price: int | None = None
    valid_hour: int | None = None
    valid_minute: int | None = None


class PropImg(msgspec.Struct, kw_only=True):
    """`PropImg` as replies show it."""

    created: Time | None = None
    id: int | None = None
    position: int | None = None
    properties: str | None = None
    url: str | None = None


class SkuFeature(msgspec.Struct, kw_only=True):
    """`SkuFeature` as replies show it."""

    color_hot_new: str | None = None
    color_material: str | None = None
    color_material_img: str | None = None
    color_series: str | None = None
    color_value: str | None = None


class Sku(msgspec.Struct, kw_only=True):
    """`Sku` as replies show it."""

    barcode: str | None = None
    change_prop: str | None = None
    created: str | None = None
    extra_id: int | None = None
    gmt_modified: Time | None = None
    iid: str | None = None
    memo: str | None = None
    modified: str | None = None
    num_iid: int | None = None
    outer_id: str | None = None
    price: str | None = None
    properties: str | None = None
    properties_name: str | None = None
    quantity: int | None = None
    sku_delivery_time: str | None = None
    sku_feature: SkuFeature | None = None
    sku_id: int | None = None
    sku_spec_id: int | None = None
    status: str | None = None  # normal, delete
    with_hold_quantity: int | None = None


class Video(msgspec.Struct, kw_only=True):
    """`Video` as replies show it."""

    created: Time | None = None
    id: int | None = None
    iid: str | None = None
    modified: Time | None = None
    num_iid: int | None = None
    url: str | None = None
    video_id: int | None = None


class Item(msgspec.Struct, kw_only=True):
    """`Item` as replies show it."""

    after_sale_id: int | None = None
    appkey: str | None = None
    approve_status: str | None = None  # onsale, instock
    auction_point: int | None = None
    auto_fill: str | None = None  # no_mark, time_card, fee_card
    auto_repost: bool | None = None
    barcode: str | None = None
    callback_url: str | None = msgspec.field(name="callbackUrl", default=None)
    change_prop: str | None = None
    chaoshi_extends_info: str | None = None
    cid: int | None = None
    cod_postage_id: int | None = None
    cpv_memo: str | None = None
    created: Time | None = None
    cuntao_item_specific: CuntaoItemSpecific | None = None
    custom_made_type_id: str | None = None
    delist_time: Time | None = None
    delivery_time: Any | None = None
    desc: str | None = None
    desc_module_info: DescModuleInfo | None = None
    desc_modules: str | None = None
    detail_url: str | None = None
    ems_fee: Decimal | None = None
    express_fee: Decimal | None = None
    features: str | None = None
    first_starts_time: Time | None = None
    food_security: FoodSecurity | None = None
    freight_payer: str | None = None  # seller, buyer
    global_stock_country: str | None = None
    global_stock_delivery_place: str | None = None
    global_stock_tax_free_promise: bool | None = None
    global_stock_type: str | None = None  # 1, 2
    gmt_modified: Time | None = None
    has_discount: bool | None = None
    has_invoice: bool | None = None
    has_showcase: bool | None = None
    has_warranty: bool | None = None
    iid: str | None = None
    increment: str | None = None
    inner_shop_auction_template_id: int | None = None
    input_custom_cpv: str | None = None
    input_pids: str | None = None
    input_str: str | None = None
    is_3d: bool | None = msgspec.field(name="is_3D", default=None)
    is_area_sale: bool | None = None
    is_cspu: bool | None = None
    is_ex: bool | None = None
    is_fenxiao: int | None = None
    is_lightning_consignment: bool | None = None
    is_offline: str | None = None  # 1, 2, 3
    is_prepay: bool | None = None
    is_taobao: bool | None = None
    is_timing: bool | None = None
    is_virtual: bool | None = None
    is_xinpin: bool | None = None
    item_imgs: Rows[ItemImg] = Rows()
    item_rectangle_imgs: Rows[ItemImg] = Rows()
    item_size: str | None = None
    item_weight: str | None = None
    large_screen_image_url: str | None = None
    list_time: Time | None = None
    locality_life: LocalityLife | None = None
    location: Location | None = None
    logistics_info: str | None = None
    modified: Time | None = None
    mpic_video: MpicVideo | None = None
    ms_payment: Any | None = None
    newprepay: str | None = None
    nick: str | None = None
    num: int | None = None
    num_iid: int | None = None
    o2o_bind_service: bool | None = None
    one_station: bool | None = None
    open_iid: str | None = None
    outer_id: str | None = None
    outer_shop_auction_template_id: int | None = None
    paimai_info: PaimaiInfo | None = None
    period_sold_quantity: int | None = None
    pic_url: str | None = None
    post_fee: Decimal | None = None
    postage_id: int | None = None
    price: Decimal | None = None
    product_id: int | None = None
    promoted_service: str | None = None
    prop_imgs: Rows[PropImg] = Rows()
    property_alias: str | None = None
    props: str | None = None
    props_name: str | None = None
    qualification: str | None = None
    score: int | None = None
    second_kill: str | None = None  # web_only, wap_only, web_and_wap
    second_result: bool | None = None
    sell_point: str | None = None
    sell_promise: bool | None = None
    seller_cids: str | None = None
    shop_type: str | None = None
    skus: Rows[Sku] = Rows()
    sold_quantity: int | None = None
    spu_confirm: bool | None = None
    stuff_status: str | None = None  # new, unused, second
    sub_stock: int | None = None  # 0, 1, 2
    sub_title: str | None = None
    template_id: str | None = None
    title: str | None = None
    type: str | None = None  # fixed, auction
    valid_thru: int | None = None  # 7, 14
    video_id: int | None = None
    videos: Rows[Video] = Rows()
    violation: bool | None = None
    volume: int | None = None
    wap_desc: str | None = None
    wap_detail_url: str | None = None
    wireless_desc: str | None = None
    with_hold_quantity: int | None = None
    ww_status: bool | None = None


class NotifyItem(msgspec.Struct, kw_only=True):
    """`NotifyItem` as replies show it."""

    changed_fields: str | None = None
    iid: str | None = None
    increment: int | None = None
    modified: Time | None = None
    nick: str | None = None
    num: int | None = None
    num_iid: int | None = None
    price: str | None = None
    sku_id: int | None = None
    sku_num: int | None = None
    status: str | None = None
    title: str | None = None
    user_id: int | None = None


class NotifyRefund(msgspec.Struct, kw_only=True):
    """`NotifyRefund` as replies show it."""

    buyer_nick: str | None = None
    modified: Time | None = None
    nick: str | None = None
    oid: int | None = None
    refund_fee: str | None = None
    rid: int | None = None
    seller_nick: str | None = None
    status: str | None = None
    tid: int | None = None
    user_id: int | None = None


class NotifyTrade(msgspec.Struct, kw_only=True):
    """`NotifyTrade` as replies show it."""

    buyer_nick: str | None = None
    is_3d: bool | None = msgspec.field(name="is_3D", default=None)
    modified: Time | None = None
    nick: str | None = None
    oid: int | None = None
    payment: str | None = None
    seller_nick: str | None = None
    status: str | None = None
    tid: int | None = None
    trade_mark: str | None = None
    type: str | None = None
    user_id: int | None = None


class Subtask(msgspec.Struct, kw_only=True):
    """`Subtask` as replies show it."""

    is_success: bool | None = None
    sub_task_request: str | None = None
    sub_task_result: str | None = None


class Task(msgspec.Struct, kw_only=True):
    """`Task` as replies show it."""

    check_code: str | None = None
    created: Time | None = None
    download_url: str | None = None
    method: str | None = None
    schedule: Time | None = None
    status: str | None = None
    subtasks: Rows[Subtask] = Rows()
    task_id: int | None = None
