"""Items: typed requests and replies. Made by `make methods` from the catalogue; edit
`scripts/generate_methods.py`."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec

from onshelf.platforms.top.generated.types.items import IdsModule, ItemTemplate
from onshelf.platforms.top.generated.types.shared import Item
from onshelf.platforms.top.protocol import File
from onshelf.platforms.top.request import Reply, Request, Values
from onshelf.platforms.top.rows import Rows


class ItemAddReply(Reply, kw_only=True):
    """Reply of `taobao.item.add`."""

    item: Item | None = None


class ItemAdd(Request[ItemAddReply], frozen=True, kw_only=True):
    """Calls `taobao.item.add`: create an item.

    Removed. Session: needed. A repeat may do it twice.
    Older apps may still call it; new ones use alibaba.item.publish.submit.
    Removed from the catalogue after 2023-01; the current publishing path is alibaba.item.publish.*. item
    price must lie between the lowest and highest sku price; num must equal the sku sum; title 30 Chinese
    chars.
    Refusals seen: isv.invalid-permission:add-xinpin, isv.invalid-parameter:xinpin.
    """

    METHOD = "taobao.item.add"
    REPLY = ItemAddReply

    type: Literal["fixed", "auction"]  # fixed price or auction listing
    cid: int  # leaf category id; at least 0
    # description HTML, more than 5 and fewer than 25000 characters; transport limit 200000; 200000 characters
    desc: str
    num: int  # stock quantity; must equal the sum of sku quantities; 0..900000000
    stuff_status: Literal["new", "second"]  # condition of the goods
    # item title: 30 Chinese characters = 60 bytes (Tmall book categories up to 120 bytes); 120 characters
    title: str
    location_state: str = msgspec.field(name="location.state")  # province of the goods, Chinese name
    location_city: str = msgspec.field(name="location.city")  # city of the goods, Chinese name
    # state to put the listing in: onsale (live) or instock (warehouse); default onsale
    approve_status: Literal["onsale", "instock"] | None = None
    valid_thru: Literal[7, 14] | None = None  # listing duration in days; default 14
    post_fee: Decimal | None = None  # surface mail fee in yuan; fill all three fees together; 0.01..999
    express_fee: Decimal | None = None  # express fee in yuan; 0.01..999
    ems_fee: Decimal | None = None  # EMS fee in yuan; 0.01..999
    has_warranty: bool | None = None  # warranty offered; default false
    has_invoice: bool | None = None  # invoice offered (must be true for Tmall sellers); default false
    increment: Decimal | None = None  # auction price step; yuan
    props: str | None = None  # item properties pid:vid;pid:vid; max 35 pairs, 549 bytes in total
    # who pays freight; buyer requires fees or postage_id; default seller
    freight_payer: Literal["seller", "buyer"] | None = None
    seller_cids: Values | None = None  # comma list of the seller's shop category ids (leaf ones); at most 10
    has_showcase: bool | None = None  # recommended in showcase; default false
    # scheduled listing time; future time keeps the item off shelf until then
    list_time: datetime | None = None
    price: Decimal | None = None  # price in yuan, two decimals; 0..100000000
    has_discount: bool | None = None  # takes part in member discount; default false
    outer_id: str | None = None  # seller's own code
    postage_id: int | None = None  # freight template id of the seller
    product_id: int | None = None  # product (SPU) id
    is_taobao: bool | None = None  # shown on Taobao
    is_ex: bool | None = None  # shown in external shops
    is_3d: bool | None = msgspec.field(name="is_3D", default=None)  # is 3D item
    auction_point: int | None = None  # reward-point rebate ratio, tenths of a percent (5 = 0.5%)
    property_alias: str | None = None  # aliases pid:vid:alias;pid:vid:alias; 800 characters
    lang: Literal["zh_CN", "zh_HK"] | None = None  # text language; default zh_CN
    # relative URL of a picture already in the seller's picture space; wins over image
    pic_path: str | None = None
    image: File | None = None  # image file, multipart; 3145728 bytes
    auto_fill: Literal["no_mark", "time_card", "fee_card"] | None = None  # virtual top-up category marker
    sell_promise: bool | None = None  # return/exchange promise
    cod_postage_id: int | None = None  # cash-on-delivery freight template id (obsolete)
    is_lightning_consignment: bool | None = None  # fast-dispatch mark; cannot be removed while onsale
    weight: int | None = None  # weight (Tmall supermarket sellers)
    is_xinpin: bool | None = None  # new-arrival mark; needs permission for the category
    # stock deduction: 1 on order, 2 on payment, 0 no change; default 0
    sub_stock: Literal[0, 1, 2] | None = None
    # item features key:value;key:value (only keys supported by TOP, e.g. mysize_tp); 4000 characters
    features: str | None = None
    # production licence number
    food_security_prd_license_no: str | None = msgspec.field(
        name="food_security.prd_license_no", default=None
    )
    # product standard number
    food_security_design_code: str | None = msgspec.field(name="food_security.design_code", default=None)
    # manufacturer name
    food_security_factory: str | None = msgspec.field(name="food_security.factory", default=None)
    # manufacturer address
    food_security_factory_site: str | None = msgspec.field(name="food_security.factory_site", default=None)
    # manufacturer contact
    food_security_contact: str | None = msgspec.field(name="food_security.contact", default=None)
    food_security_mix: str | None = msgspec.field(name="food_security.mix", default=None)  # ingredient list
    # storage method
    food_security_plan_storage: str | None = msgspec.field(name="food_security.plan_storage", default=None)
    # shelf life in days (number only)
    food_security_period: str | None = msgspec.field(name="food_security.period", default=None)
    # food additives
    food_security_food_additive: str | None = msgspec.field(name="food_security.food_additive", default=None)
    # supplier
    food_security_supplier: str | None = msgspec.field(name="food_security.supplier", default=None)
    # production start date yyyy-MM-dd
    food_security_product_date_start: str | None = msgspec.field(
        name="food_security.product_date_start", default=None
    )
    # production end date yyyy-MM-dd
    food_security_product_date_end: str | None = msgspec.field(
        name="food_security.product_date_end", default=None
    )
    # purchase start date yyyy-MM-dd
    food_security_stock_date_start: str | None = msgspec.field(
        name="food_security.stock_date_start", default=None
    )
    # purchase end date yyyy-MM-dd
    food_security_stock_date_end: str | None = msgspec.field(
        name="food_security.stock_date_end", default=None
    )
    # health-product registration number
    food_security_health_product_no: str | None = msgspec.field(
        name="food_security.health_product_no", default=None
    )
    scenic_ticket_pay_way: int | None = None  # 1 full payment, 2 deposit
    scenic_ticket_book_cost: str | None = None  # scenic ticket deposit percent 1-20
    global_stock_type: str | None = None  # 1 in stock, 2 purchase on demand
    # overseas purchase country (with global_stock_type); 30 characters
    global_stock_country: str | None = None
    global_stock_delivery_place: str | None = None  # 1 domestic, 2 overseas/HK/Macau/Taiwan
    global_stock_tax_free_promise: bool | None = None  # seller pays tax promise
    # validity: date range, end date or days
    locality_life_expirydate: str | None = msgspec.field(name="locality_life.expirydate", default=None)
    # outlet id
    locality_life_network_id: str | None = msgspec.field(name="locality_life.network_id", default=None)
    # code merchant id:nick
    locality_life_merchant: str | None = msgspec.field(name="locality_life.merchant", default=None)
    # 1 pay on redeem, 0 not
    locality_life_verification: str | None = msgspec.field(name="locality_life.verification", default=None)
    # refund percent 1-100
    locality_life_refund_ratio: int | None = msgspec.field(name="locality_life.refund_ratio", default=None)
    # automatic refund percent 1-100
    locality_life_onsale_auto_refund_ratio: int | None = msgspec.field(
        name="locality_life.onsale_auto_refund_ratio", default=None
    )
    # 1 ship, 0 not
    locality_life_choose_logis: str | None = msgspec.field(name="locality_life.choose_logis", default=None)
    # code fee payer on refund
    locality_life_refundmafee: str | None = msgspec.field(name="locality_life.refundmafee", default=None)
    # 1 = store pickup supported
    locality_life_obs: str | None = msgspec.field(name="locality_life.obs", default=None)
    # e-ticket properties k:v;k:v
    locality_life_eticket: str | None = msgspec.field(name="locality_life.eticket", default=None)
    # e-ticket version
    locality_life_version: str | None = msgspec.field(name="locality_life.version", default=None)
    # e-ticket package id
    locality_life_packageid: str | None = msgspec.field(name="locality_life.packageid", default=None)
    # auction mode 1 rising, 2 Dutch, 3 falling; 1..3
    paimai_info_mode: int | None = msgspec.field(name="paimai_info.mode", default=None)
    # auction deposit
    paimai_info_deposit: int | None = msgspec.field(name="paimai_info.deposit", default=None)
    # price-drop interval in minutes; 1..60
    paimai_info_interval: int | None = msgspec.field(name="paimai_info.interval", default=None)
    # reserve price; yuan
    paimai_info_reserve: Decimal | None = msgspec.field(name="paimai_info.reserve", default=None)
    # auction duration hours; 1..48
    paimai_info_valid_hour: int | None = msgspec.field(name="paimai_info.valid_hour", default=None)
    # auction duration minutes; 0..59
    paimai_info_valid_minute: int | None = msgspec.field(name="paimai_info.valid_minute", default=None)
    item_weight: str | None = None  # weight in kg, number only
    item_size: str | None = None  # bulk:3 or length:10;breadth:10;height:10 (metres, m3)
    input_custom_cpv: str | None = None  # seller-defined sales property values (virtual negative vids)
    cpv_memo: str | None = None  # notes on standard sales property values
    support_custom_made: bool | None = None  # supports custom-made market
    custom_made_type_id: str | None = None  # custom-made tool id
    newprepay: str | None = None  # 7-day no-reason return: 0 no, empty or 1 yes
    barcode: str | None = None  # EAN/UPC bar code
    sell_point: str | None = None  # selling point text; 150 characters
    qualification: str | None = None  # qualification data
    o2o_bind_service: bool | None = None  # car O2O service mark
    ignorewarning: Values | None = None  # warning codes to ignore, comma separated
    # reference price
    ms_payment_reference_price: str | None = msgspec.field(name="ms_payment.reference_price", default=None)
    # tail payment deductible
    ms_payment_voucher_price: str | None = msgspec.field(name="ms_payment.voucher_price", default=None)
    ms_payment_price: str | None = msgspec.field(name="ms_payment.price", default=None)  # deposit price
    after_sale_id: int | None = None  # after-sale (warranty text) template id
    # use item-level or sku-level ship time
    delivery_time_need_delivery_time: str | None = msgspec.field(
        name="delivery_time.need_delivery_time", default=None
    )
    # absolute or relative ship time
    delivery_time_delivery_time_type: str | None = msgspec.field(
        name="delivery_time.delivery_time_type", default=None
    )
    # ship time: days (relative, >3) or yyyy-MM-dd (absolute)
    delivery_time_delivery_time: str | None = msgspec.field(name="delivery_time.delivery_time", default=None)
    change_prop: str | None = None  # base-colour data (unused on Taobao)
    desc_modules: str | None = None  # modular description (obsolete)
    is_offline: str | None = None  # 1 online (default), 2 online or offline, 3 offline
    wireless_desc: str | None = None  # mobile description document
    spu_confirm: bool | None = None  # SPU confirmation (phone category)
    video_id: int | None = None  # main video id
    interactive_id: int | None = None  # interaction id of the main video
    lease_extends_info: str | None = None  # lease extension data
    brokerage: str | None = None  # commission percent (Tao Xiaopu only)
    biz_code: str | None = None  # business identity code (special programmes)
    image_urls: Values | None = None  # obsolete; at most 5
    input_pids: Values | None = None  # comma list of property ids the seller typed by hand
    input_str: str | None = None  # hand-typed property values, one group per input_pids entry
    # sku property strings, pid:vid;pid:vid per sku, skus joined by comma; max 512 bytes
    sku_properties: Values | None = None
    sku_quantities: Values | None = None  # sku quantities, comma joined
    sku_prices: Values | None = None  # sku prices, comma joined, two decimals
    # sku seller codes, comma joined; keep the commas even when empty; max 512 bytes
    sku_outer_ids: Values | None = None
    sku_barcode: Values | None = None  # sku bar codes, comma joined
    sku_spec_ids: str | None = None  # not in use
    sku_delivery_times: str | None = None  # not in use
    sku_hd_length: Values | None = None  # home decoration: sku lengths in cm, comma joined
    sku_hd_height: Values | None = None  # home decoration: sku heights, comma joined
    sku_hd_lamp_quantity: Values | None = None  # home decoration: lamp counts, comma joined


class ItemUpdateReply(Reply, kw_only=True):
    """Reply of `taobao.item.update`."""

    item: Item | None = None


class ItemUpdate(Request[ItemUpdateReply], frozen=True, kw_only=True):
    """Calls `taobao.item.update`: update an item.

    Removed. Session: needed. A repeat sets the same again.
    Older apps may still call it; new ones use alibaba.item.edit.submit or alibaba.item.edit.fastupdate.
    Removed from the catalogue between 2023-01 and 2023-10; current path alibaba.item.edit.*. A future
    list_time takes the item off shelf until that time (is_timing true).
    Refusals seen: isv.item-is-delete:invalid-numIid-or-iid,
    isv.item-update-service-error:ITEM_PROPERTIES_ERROR, isv.item-update-service-error:IC_LIMIT_FOR_DPC,
    isv.item-update-service-error:IC_CHECKSTEP_SKU_PROP_NOT_FOUND_IN_ITEM,
    isv.item-update-service-error:IC_PERMISSION_FOR_TBCP_ONLY,
    isv.item-update-service-error:IC_CHECKSTEP_SPU_NOT_EXIST-tmall,
    isv.item-update-service-error:IC_ITEM_PIC_IS_TOO_LARGES,
    isv.item-update-service-error:FORBIDDEN_QUANTITY_ZERO_ERROR, isv.antisteal-service-error,
    isv.error-food-security-required, isv.pictureServiceClient-service-error:PICTURE_QUERY_PICTURE_FAILED,
    isv.invalid-parameters:item_delete, isv.invalid-parameter:picPath, isv.invalid-permission:xinpin,
    isv.invalid-parameter:xinpin.
    """

    METHOD = "taobao.item.update"
    REPLY = ItemUpdateReply

    num_iid: int  # numeric item id; at least 1
    # state to put the listing in: onsale (live) or instock (warehouse)
    approve_status: Literal["onsale", "instock"] | None = None
    cid: int | None = None  # leaf category id; at least 0
    # description HTML, more than 5 and fewer than 25000 characters; transport limit 200000; 200000 characters
    desc: str | None = None
    valid_thru: Literal[7, 14] | None = None  # listing duration in days
    post_fee: Decimal | None = None  # surface mail fee in yuan; fill all three fees together; 0.01..999
    express_fee: Decimal | None = None  # express fee in yuan; 0.01..999
    ems_fee: Decimal | None = None  # EMS fee in yuan; 0.01..999
    has_warranty: bool | None = None  # warranty offered
    has_invoice: bool | None = None  # invoice offered (must be true for Tmall sellers)
    increment: Decimal | None = None  # auction price step; yuan
    props: str | None = None  # item properties pid:vid;pid:vid; max 35 pairs, 549 bytes in total
    num: int | None = None  # stock quantity; must equal the sum of sku quantities; 0..900000000
    # who pays freight; buyer requires fees or postage_id
    freight_payer: Literal["seller", "buyer"] | None = None
    seller_cids: Values | None = None  # comma list of the seller's shop category ids (leaf ones); at most 10
    has_showcase: bool | None = None  # recommended in showcase
    # scheduled listing time; future time keeps the item off shelf until then
    list_time: datetime | None = None
    stuff_status: Literal["new", "unused", "second"] | None = None  # condition of the goods
    title: str | None = None  # item title: 30 Chinese characters = 60 bytes; 120 characters
    price: Decimal | None = None  # price in yuan, two decimals; 0..100000000
    has_discount: bool | None = None  # takes part in member discount
    outer_id: str | None = None  # seller's own code
    postage_id: int | None = None  # freight template id of the seller
    product_id: int | None = None  # product (SPU) id
    is_taobao: bool | None = None  # shown on Taobao
    is_ex: bool | None = None  # shown in external shops
    is_3d: bool | None = msgspec.field(name="is_3D", default=None)  # is 3D item
    auction_point: int | None = None  # reward-point rebate ratio, tenths of a percent (5 = 0.5%)
    property_alias: str | None = None  # aliases pid:vid:alias;pid:vid:alias; 800 characters
    lang: str | None = None  # text language
    # relative URL of a picture already in the seller's picture space; wins over image
    pic_path: str | None = None
    is_replace_sku: bool | None = None  # replace all skus with the given list
    image: File | None = None  # image file, multipart; 3145728 bytes
    # province of the goods, Chinese name
    location_state: str | None = msgspec.field(name="location.state", default=None)
    # city of the goods, Chinese name
    location_city: str | None = msgspec.field(name="location.city", default=None)
    auto_fill: Literal["no_mark", "time_card", "fee_card"] | None = None  # virtual top-up category marker
    sell_promise: bool | None = None  # return/exchange promise
    cod_postage_id: int | None = None  # cash-on-delivery freight template id (obsolete)
    is_lightning_consignment: bool | None = None  # fast-dispatch mark; cannot be removed while onsale
    weight: int | None = None  # weight (Tmall supermarket sellers)
    is_xinpin: bool | None = None  # new-arrival mark; needs permission for the category
    # stock deduction: 1 on order, 2 on payment, 0 no change; default 0
    sub_stock: Literal[0, 1, 2] | None = None
    # item features key:value;key:value (only keys supported by TOP, e.g. mysize_tp); 4000 characters
    features: str | None = None
    # production licence number
    food_security_prd_license_no: str | None = msgspec.field(
        name="food_security.prd_license_no", default=None
    )
    # product standard number
    food_security_design_code: str | None = msgspec.field(name="food_security.design_code", default=None)
    # manufacturer name
    food_security_factory: str | None = msgspec.field(name="food_security.factory", default=None)
    # manufacturer address
    food_security_factory_site: str | None = msgspec.field(name="food_security.factory_site", default=None)
    # manufacturer contact
    food_security_contact: str | None = msgspec.field(name="food_security.contact", default=None)
    food_security_mix: str | None = msgspec.field(name="food_security.mix", default=None)  # ingredient list
    # storage method
    food_security_plan_storage: str | None = msgspec.field(name="food_security.plan_storage", default=None)
    # shelf life in days (number only)
    food_security_period: str | None = msgspec.field(name="food_security.period", default=None)
    # food additives
    food_security_food_additive: str | None = msgspec.field(name="food_security.food_additive", default=None)
    # supplier
    food_security_supplier: str | None = msgspec.field(name="food_security.supplier", default=None)
    # production start date yyyy-MM-dd
    food_security_product_date_start: str | None = msgspec.field(
        name="food_security.product_date_start", default=None
    )
    # production end date yyyy-MM-dd
    food_security_product_date_end: str | None = msgspec.field(
        name="food_security.product_date_end", default=None
    )
    # purchase start date yyyy-MM-dd
    food_security_stock_date_start: str | None = msgspec.field(
        name="food_security.stock_date_start", default=None
    )
    # purchase end date yyyy-MM-dd
    food_security_stock_date_end: str | None = msgspec.field(
        name="food_security.stock_date_end", default=None
    )
    # health-product registration number
    food_security_health_product_no: str | None = msgspec.field(
        name="food_security.health_product_no", default=None
    )
    scenic_ticket_pay_way: int | None = None  # 1 full payment, 2 deposit
    scenic_ticket_book_cost: str | None = None  # scenic ticket deposit percent 1-20
    empty_fields: Values | None = None  # comma list of field names to clear
    global_stock_type: str | None = None  # 1 in stock, 2 purchase on demand
    # overseas purchase country (with global_stock_type); 30 characters
    global_stock_country: str | None = None
    global_stock_delivery_place: str | None = None  # 1 domestic, 2 overseas/HK/Macau/Taiwan
    global_stock_tax_free_promise: bool | None = None  # seller pays tax promise
    # validity: date range, end date or days
    locality_life_expirydate: str | None = msgspec.field(name="locality_life.expirydate", default=None)
    # outlet id
    locality_life_network_id: str | None = msgspec.field(name="locality_life.network_id", default=None)
    # code merchant id:nick
    locality_life_merchant: str | None = msgspec.field(name="locality_life.merchant", default=None)
    # 1 pay on redeem, 0 not
    locality_life_verification: str | None = msgspec.field(name="locality_life.verification", default=None)
    # refund percent 1-100
    locality_life_refund_ratio: int | None = msgspec.field(name="locality_life.refund_ratio", default=None)
    # automatic refund percent 1-100
    locality_life_onsale_auto_refund_ratio: int | None = msgspec.field(
        name="locality_life.onsale_auto_refund_ratio", default=None
    )
    # 1 ship, 0 not
    locality_life_choose_logis: str | None = msgspec.field(name="locality_life.choose_logis", default=None)
    # code fee payer on refund
    locality_life_refundmafee: str | None = msgspec.field(name="locality_life.refundmafee", default=None)
    # 1 = store pickup supported
    locality_life_obs: str | None = msgspec.field(name="locality_life.obs", default=None)
    # e-ticket properties k:v;k:v
    locality_life_eticket: str | None = msgspec.field(name="locality_life.eticket", default=None)
    # e-ticket version
    locality_life_version: str | None = msgspec.field(name="locality_life.version", default=None)
    # e-ticket package id
    locality_life_packageid: str | None = msgspec.field(name="locality_life.packageid", default=None)
    # auction mode 1 rising, 2 Dutch, 3 falling; 1..3
    paimai_info_mode: int | None = msgspec.field(name="paimai_info.mode", default=None)
    # auction deposit
    paimai_info_deposit: int | None = msgspec.field(name="paimai_info.deposit", default=None)
    # price-drop interval in minutes; 1..60
    paimai_info_interval: int | None = msgspec.field(name="paimai_info.interval", default=None)
    # reserve price; yuan
    paimai_info_reserve: Decimal | None = msgspec.field(name="paimai_info.reserve", default=None)
    # auction duration hours; 1..48
    paimai_info_valid_hour: int | None = msgspec.field(name="paimai_info.valid_hour", default=None)
    # auction duration minutes; 0..59
    paimai_info_valid_minute: int | None = msgspec.field(name="paimai_info.valid_minute", default=None)
    item_weight: str | None = None  # weight in kg, number only
    item_size: str | None = None  # bulk:3 or length:10;breadth:10;height:10 (metres, m3)
    input_custom_cpv: str | None = None  # seller-defined sales property values (virtual negative vids)
    cpv_memo: str | None = None  # notes on standard sales property values
    newprepay: str | None = None  # 7-day no-reason return: 0 no, empty or 1 yes
    barcode: str | None = None  # EAN/UPC bar code
    sell_point: str | None = None  # selling point text; 150 characters
    qualification: str | None = None  # qualification data
    o2o_bind_service: bool | None = None  # car O2O service mark
    ignorewarning: Values | None = None  # warning codes to ignore, comma separated
    ms_payment_price: str | None = msgspec.field(name="ms_payment.price", default=None)  # deposit price
    # tail payment deductible
    ms_payment_voucher_price: str | None = msgspec.field(name="ms_payment.voucher_price", default=None)
    # reference price
    ms_payment_reference_price: str | None = msgspec.field(name="ms_payment.reference_price", default=None)
    after_sale_id: int | None = None  # after-sale (warranty text) template id
    # ship time: days (relative, >3) or yyyy-MM-dd (absolute)
    delivery_time_delivery_time: str | None = msgspec.field(name="delivery_time.delivery_time", default=None)
    # absolute or relative ship time
    delivery_time_delivery_time_type: str | None = msgspec.field(
        name="delivery_time.delivery_time_type", default=None
    )
    # use item-level or sku-level ship time
    delivery_time_need_delivery_time: str | None = msgspec.field(
        name="delivery_time.need_delivery_time", default=None
    )
    change_prop: str | None = None  # base-colour data (unused on Taobao)
    desc_modules: str | None = None  # modular description (obsolete)
    is_offline: str | None = None  # 1 online (default), 2 online or offline, 3 offline
    wireless_desc: str | None = None  # mobile description document
    spu_confirm: bool | None = None  # SPU confirmation (phone category)
    video_id: int | None = None  # main video id
    interactive_id: int | None = None  # interaction id of the main video
    lease_extends_info: str | None = None  # lease extension data
    input_pids: Values | None = None  # comma list of property ids the seller typed by hand
    input_str: str | None = None  # hand-typed property values, one group per input_pids entry
    # sku property strings, pid:vid;pid:vid per sku, skus joined by comma; max 512 bytes
    sku_properties: Values | None = None
    sku_quantities: Values | None = None  # sku quantities, comma joined
    sku_prices: Values | None = None  # sku prices, comma joined, two decimals
    # sku seller codes, comma joined; keep the commas even when empty; max 512 bytes
    sku_outer_ids: Values | None = None
    sku_barcode: Values | None = None  # sku bar codes, comma joined
    sku_spec_ids: str | None = None  # not in use
    sku_delivery_times: str | None = None  # not in use
    sku_hd_length: Values | None = None  # home decoration: sku lengths in cm, comma joined
    sku_hd_height: Values | None = None  # home decoration: sku heights, comma joined
    sku_hd_lamp_quantity: Values | None = None  # home decoration: lamp counts, comma joined


class ItemGetReply(Reply, kw_only=True):
    """Reply of `taobao.item.get`."""

    item: Item | None = None


class ItemGet(Request[ItemGetReply], frozen=True, kw_only=True):
    """Calls `taobao.item.get`: get one item (public/legacy).

    Legacy. Session: optional. A repeat changes nothing.
    Older apps may still call it; new ones use taobao.item.seller.get.
    Legacy; not in the 2021+ catalogue. Use taobao.item.seller.get.
    Refusals seen: isv.item-get-service-error:ITEM_NOT_FOUND, isv.item-is-delete:invalid-numIid,
    isv.item-is-delete:invalid-numIid-or-iid.
    """

    METHOD = "taobao.item.get"
    REPLY = ItemGetReply

    fields: Values  # comma list of response fields to return
    num_iid: int | None = None  # numeric item id; at least 1
    track_iid: str | None = None  # track iid


class ItemSellerGetReply(Reply, kw_only=True):
    """Reply of `taobao.item.seller.get`."""

    item: Item | None = None


class ItemSellerGet(Request[ItemSellerGetReply], frozen=True, kw_only=True):
    """Calls `taobao.item.seller.get`: get one own item, all fields (获取单个商品详细信息).

    Current. Session: needed. A repeat changes nothing.
    Refusals seen: isv.item-get-service-error:ITEM_NOT_FOUND, isv.item-is-delete:invalid-numIid,
    isv.item-is-delete:invalid-numIid-or-iid.
    """

    METHOD = "taobao.item.seller.get"
    REPLY = ItemSellerGetReply

    fields: Values  # comma list of response fields to return
    num_iid: int  # numeric item id; at least 1


class ItemDeleteReply(Reply, kw_only=True):
    """Reply of `taobao.item.delete`."""

    item: Item | None = None


class ItemDelete(Request[ItemDeleteReply], frozen=True, kw_only=True):
    """Calls `taobao.item.delete`: delete one item (删除单条商品).

    Current. Session: needed. A repeat sets the same again.
    Refusals seen: isv.missing-parameter:iid-or-numIid, isv.invalid-permission:update-item,
    isv.item-is-delete:invalid-numIid-or-iid.
    """

    METHOD = "taobao.item.delete"
    REPLY = ItemDeleteReply

    num_iid: int  # numeric item id; at least 0


class ItemUpdateListingReply(Reply, kw_only=True):
    """Reply of `taobao.item.update.listing`."""

    item: Item | None = None


class ItemUpdateListing(Request[ItemUpdateListingReply], frozen=True, kw_only=True):
    """Calls `taobao.item.update.listing`: put one item on shelf (一口价商品上架).

    Current. Session: needed. A repeat sets the same again.
    One item per call.
    Refusals seen: isv.item-listing-service-error:ITEM_PROPERTIES_ERROR,
    isv.item-listing-service-error:IC_PERMISSION_FOR_TBCP_ONLY,
    isv.item-listing-service-error:IC_CHECKSTEP_NO_PERMISSION,
    isv.item-listing-service-error:QUANTITY_ITEM_CAT_TOO_LARGE.
    """

    METHOD = "taobao.item.update.listing"
    REPLY = ItemUpdateListingReply

    num_iid: int  # numeric item id; at least 0
    num: int  # quantity to list with, > 0; with skus the sku total is used instead; at least 0


class ItemUpdateDelistingReply(Reply, kw_only=True):
    """Reply of `taobao.item.update.delisting`."""

    item: Item | None = None


class ItemUpdateDelisting(Request[ItemUpdateDelistingReply], frozen=True, kw_only=True):
    """Calls `taobao.item.update.delisting`: take one item off shelf (商品下架).

    Current. Session: needed. A repeat sets the same again.
    One item per call, response carries num_iid and modified only.
    Refusals seen: isv.item-listing-service-error.
    """

    METHOD = "taobao.item.update.delisting"
    REPLY = ItemUpdateDelistingReply

    num_iid: int  # numeric item id; at least 0


class ItemUpdateListingTmallReply(Reply, kw_only=True):
    """Reply of `taobao.item.update.listing.tmall`."""

    item: Item | None = None


class ItemUpdateListingTmall(Request[ItemUpdateListingTmallReply], frozen=True, kw_only=True):
    """Calls `taobao.item.update.listing.tmall`: put one Tmall item on shelf (taobao.item.update.listing天猫分流).

    Current. Session: needed. A repeat sets the same again.
    """

    METHOD = "taobao.item.update.listing.tmall"
    REPLY = ItemUpdateListingTmallReply

    num_iid: int  # numeric item id
    num: int  # stock quantity; must equal the sum of sku quantities


class ItemUpdateDelistingTmallReply(Reply, kw_only=True):
    """Reply of `taobao.item.update.delisting.tmall`."""

    item: Item | None = None


class ItemUpdateDelistingTmall(Request[ItemUpdateDelistingTmallReply], frozen=True, kw_only=True):
    """Calls `taobao.item.update.delisting.tmall`: take one Tmall item off shelf
    (taobao.item.update.delisting.tmall).

    Current. Session: needed. A repeat sets the same again.
    """

    METHOD = "taobao.item.update.delisting.tmall"
    REPLY = ItemUpdateDelistingTmallReply

    num_iid: int  # numeric item id


class ItemPriceUpdateReply(Reply, kw_only=True):
    """Reply of `taobao.item.price.update`."""

    item: Item | None = None


class ItemPriceUpdate(Request[ItemPriceUpdateReply], frozen=True, kw_only=True):
    """Calls `taobao.item.price.update`: update item, price oriented.

    Removed. Session: needed. A repeat sets the same again.
    Older apps may still call it; new ones use alibaba.item.edit.fastupdate or taobao.item.sku.price.update.
    Removed from the catalogue between 2023-01 and 2023-10; older limits kept in its docs: num 0-999999,
    image 524288 bytes, title 60.
    """

    METHOD = "taobao.item.price.update"
    REPLY = ItemPriceUpdateReply

    num_iid: int  # numeric item id; at least 1
    # state to put the listing in: onsale (live) or instock (warehouse)
    approve_status: Literal["onsale", "instock"] | None = None
    cid: int | None = None  # leaf category id; at least 0
    desc: str | None = None  # item description HTML; 200000 characters
    valid_thru: Literal[7, 14] | None = None  # listing duration in days
    post_fee: Decimal | None = None  # surface mail fee in yuan; fill all three fees together; 0.01..999
    express_fee: Decimal | None = None  # express fee in yuan; 0.01..999
    ems_fee: Decimal | None = None  # EMS fee in yuan; 0.01..999
    has_warranty: bool | None = None  # warranty offered
    has_invoice: bool | None = None  # invoice offered (must be true for Tmall sellers)
    increment: Decimal | None = None  # auction price step; yuan
    props: str | None = None  # item properties pid:vid;pid:vid; max 35 pairs, 549 bytes in total
    num: int | None = None  # stock quantity; must equal the sum of sku quantities; 0..999999
    # who pays freight; buyer requires fees or postage_id
    freight_payer: Literal["seller", "buyer"] | None = None
    seller_cids: Values | None = None  # comma list of the seller's shop category ids (leaf ones); at most 10
    has_showcase: bool | None = None  # recommended in showcase
    # scheduled listing time; future time keeps the item off shelf until then
    list_time: datetime | None = None
    stuff_status: Literal["new", "unused", "second"] | None = None  # condition of the goods
    title: str | None = None  # item title, max 60 bytes; 60 characters
    price: Decimal | None = None  # price in yuan, two decimals; 0..100000000
    has_discount: bool | None = None  # takes part in member discount
    outer_id: str | None = None  # seller's own code
    postage_id: int | None = None  # freight template id of the seller
    product_id: int | None = None  # product (SPU) id
    is_taobao: bool | None = None  # shown on Taobao
    is_ex: bool | None = None  # shown in external shops
    is_3d: bool | None = msgspec.field(name="is_3D", default=None)  # is 3D item
    auction_point: int | None = None  # reward-point rebate ratio, tenths of a percent (5 = 0.5%)
    property_alias: str | None = None  # aliases pid:vid:alias;pid:vid:alias
    lang: str | None = None  # text language
    # relative URL of a picture already in the seller's picture space; wins over image
    pic_path: str | None = None
    is_replace_sku: bool | None = None  # replace all skus with the given list
    image: File | None = None  # image file, multipart; 524288 bytes
    # province of the goods, Chinese name
    location_state: str | None = msgspec.field(name="location.state", default=None)
    # city of the goods, Chinese name
    location_city: str | None = msgspec.field(name="location.city", default=None)
    auto_fill: Literal["no_mark", "time_card", "fee_card"] | None = None  # virtual top-up category marker
    sell_promise: bool | None = None  # return/exchange promise
    cod_postage_id: int | None = None  # cash-on-delivery freight template id (obsolete)
    is_lightning_consignment: bool | None = None  # fast-dispatch mark; cannot be removed while onsale
    weight: int | None = None  # weight (Tmall supermarket sellers)
    is_xinpin: bool | None = None  # new-arrival mark; needs permission for the category
    sub_stock: int | None = None  # stock deduction: 1 on order, 2 on payment, 0 no change
    ignorewarning: Values | None = None  # warning codes to ignore, comma separated
    input_pids: Values | None = None  # comma list of property ids the seller typed by hand
    input_str: str | None = None  # hand-typed property values, one group per input_pids entry
    # sku property strings, pid:vid;pid:vid per sku, skus joined by comma; max 512 bytes
    sku_properties: Values | None = None
    sku_quantities: Values | None = None  # sku quantities, comma joined
    sku_prices: Values | None = None  # sku prices, comma joined, two decimals
    # sku seller codes, comma joined; keep the commas even when empty; max 512 bytes
    sku_outer_ids: Values | None = None


class ItemPermitCheckReply(Reply, kw_only=True):
    """Reply of `taobao.item.permit.check`."""

    error_msg: str | None = None
    error: bool | None = None
    errorcode: str | None = None


class ItemPermitCheck(Request[ItemPermitCheckReply], frozen=True, kw_only=True):
    """Calls `taobao.item.permit.check`: pre-check before publish or edit.

    Removed. Session: needed. A repeat changes nothing.
    Older apps may still call it; new ones use alibaba.item.publish.schema.get.
    """

    METHOD = "taobao.item.permit.check"
    REPLY = ItemPermitCheckReply

    cid: int  # leaf category id
    type: Literal["fixed", "auction"]  # type filter
    item_id: int | None = None  # item id (same as num_iid)


class ItemBarcodeUpdateReply(Reply, kw_only=True):
    """Reply of `taobao.item.barcode.update`."""

    item: Item | None = None


class ItemBarcodeUpdate(Request[ItemBarcodeUpdateReply], frozen=True, kw_only=True):
    """Calls `taobao.item.barcode.update`: item barcode update (更新商品条形码信息).

    Current. Session: needed. A repeat sets the same again.
    """

    METHOD = "taobao.item.barcode.update"
    REPLY = ItemBarcodeUpdateReply

    item_id: int  # item id (same as num_iid)
    item_barcode: str | None = None  # item-level bar code
    sku_ids: Values | None = None  # comma list of sku ids
    sku_barcodes: str | None = None  # sku bar codes
    isforce: bool | None = None  # force flag
    src: str | None = None  # source


class ItemTemplatesGetReply(Reply, kw_only=True):
    """Reply of `taobao.item.templates.get`."""

    item_template_list: Rows[ItemTemplate] = Rows()


class ItemTemplatesGet(Request[ItemTemplatesGetReply], frozen=True, kw_only=True):
    """Calls `taobao.item.templates.get`: item templates get.

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.item.templates.get"
    REPLY = ItemTemplatesGetReply


class ItemAnchorGetReply(Reply, kw_only=True):
    """Reply of `taobao.item.anchor.get`."""

    total_results: int | None = None
    anchor_modules: Rows[IdsModule] = Rows()


class ItemAnchorGet(Request[ItemAnchorGetReply], frozen=True, kw_only=True):
    """Calls `taobao.item.anchor.get`: item anchor get (获取可用宝贝描述规范化模块).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.item.anchor.get"
    REPLY = ItemAnchorGetReply

    type: int  # type filter; -1..1
    cat_id: int  # leaf category id


class ItemRecommendAddReply(Reply, kw_only=True):
    """Reply of `taobao.item.recommend.add`."""

    item: Item | None = None


class ItemRecommendAdd(Request[ItemRecommendAddReply], frozen=True, kw_only=True):
    """Calls `taobao.item.recommend.add`: item recommend add.

    Legacy. Session: needed. A repeat may do it twice.
    Older apps may still call it; new ones use nothing.
    """

    METHOD = "taobao.item.recommend.add"
    REPLY = ItemRecommendAddReply

    num_iid: int  # numeric item id; at least 0


class ItemRecommendDeleteReply(Reply, kw_only=True):
    """Reply of `taobao.item.recommend.delete`."""

    item: Item | None = None


class ItemRecommendDelete(Request[ItemRecommendDeleteReply], frozen=True, kw_only=True):
    """Calls `taobao.item.recommend.delete`: item recommend delete.

    Legacy. Session: needed. A repeat sets the same again.
    Older apps may still call it; new ones use nothing.
    """

    METHOD = "taobao.item.recommend.delete"
    REPLY = ItemRecommendDeleteReply

    num_iid: int  # numeric item id; at least 0
