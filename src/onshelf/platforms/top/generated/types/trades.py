"""Trades and ratings: types that replies hold. Made by `make methods` from the catalogue; edit
`scripts/generate_methods.py`."""

import msgspec

from onshelf.platforms.top.generated.types.shared import CombineSubItemDO
from onshelf.platforms.top.request import Time
from onshelf.platforms.top.rows import Rows


class AddressDetail(msgspec.Struct, kw_only=True):
    """`AddressDetail` as replies show it."""

    area: str | None = None
    biz_type: str | None = None
    city: str | None = None
    contact_name: str | None = None
    country: str | None = None
    detailed_address: str | None = None
    division_code: str | None = None
    prov: str | None = None
    telephone: str | None = None


class AgreeRefundCheck(msgspec.Struct, kw_only=True):
    """`AgreeRefundCheck` as replies show it."""

    delivery_process: str | None = None
    delivery_tips: str | None = None
    detail_order_id: str | None = None


class CombineConsignInfo(msgspec.Struct, kw_only=True):
    """`CombineConsignInfo` as replies show it."""

    comb_id: str | None = None
    consign_time: str | None = None
    item_id: str | None = None
    render_consign_time: str | None = None
    sku_id: str | None = None


class PackageGoodsDetail(msgspec.Struct, kw_only=True):
    """`PackageGoodsDetail` as replies show it."""

    amount: int | None = None
    item_id: int | None = None
    sku_id: int | None = None


class SendGoodsDetail(msgspec.Struct, kw_only=True):
    """`SendGoodsDetail` as replies show it."""

    amount: int | None = None
    consign_status: int | None = None
    goods_details: Rows[PackageGoodsDetail] = Rows()
    type: int | None = None


class CombineLogisticsDetail(msgspec.Struct, kw_only=True):
    """`CombineLogisticsDetail` as replies show it."""

    invoice_no: str | None = None
    logistics_company: str | None = None
    send_goods_details: Rows[SendGoodsDetail] = Rows()
    sub_order_id: str | None = None


class DeliveryPlan(msgspec.Struct, kw_only=True):
    """`DeliveryPlan` as replies show it."""

    actual_ship_time: Time | None = None
    curr_phase: int | None = None
    goods_num: int | None = None
    oaid: str | None = None
    order_id: int | None = None
    out_logistics_id: str | None = None
    plan_id: int | None = None
    plan_refund_status: int | None = None
    plan_status: int | None = None
    prepare_time_begin: Time | None = None
    privacy_expire_time: Time | None = None
    privacy_num: str | None = None
    receiver_address: str | None = None
    receiver_city: str | None = None
    receiver_country: str | None = None
    receiver_district: str | None = None
    receiver_mobile: str | None = None
    receiver_name: str | None = None
    receiver_phone: str | None = None
    receiver_state: str | None = None
    receiver_town: str | None = None
    ship_time_begin: Time | None = None


class ExpandCardInfo(msgspec.Struct, kw_only=True):
    """`ExpandCardInfo` as replies show it."""

    basic_price: str | None = None
    basic_price_used: str | None = None
    expand_price: str | None = None
    expand_price_used: str | None = None


class IdentifyLogisticsInfo(msgspec.Struct, kw_only=True):
    """`IdentifyLogisticsInfo` as replies show it."""

    detail_order_id: int | None = None
    invoice_no: str | None = None
    logistics_company: str | None = None
    refund: bool | None = None
    refund_id: str | None = None
    stage_no: int | None = None


class IdentifyServiceInfo(msgspec.Struct, kw_only=True):
    """`IdentifyServiceInfo` as replies show it."""

    detail_order_id: int | None = None
    service_id: str | None = None
    unit_id: str | None = None


class IdentifyInfo(msgspec.Struct, kw_only=True):
    """`IdentifyInfo` as replies show it."""

    identify_logistics_infos: Rows[IdentifyLogisticsInfo] = Rows()
    identify_service_infos: Rows[IdentifyServiceInfo] = Rows()


class LogisticServiceTag(msgspec.Struct, kw_only=True):
    """`LogisticServiceTag` as replies show it."""

    service_tag: str | None = None
    service_type: str | None = None


class LogisticsAgreement(msgspec.Struct, kw_only=True):
    """`LogisticsAgreement` as replies show it."""

    asdp_ads: str | None = None
    asdp_biz_type: str | None = None
    logistics_service_msg: str | None = None
    no_detail_part_consign: str | None = None
    promise_sign_time: str | None = None
    push_time: str | None = None
    sign_time: str | None = None
    sink_type: str | None = None


class LogisticsConsignInfo(msgspec.Struct, kw_only=True):
    """`LogisticsConsignInfo` as replies show it."""

    combine_item: Rows[CombineConsignInfo] = Rows()
    consign_time: str | None = None
    related_id: str | None = None
    render_consign_time: str | None = None


class LogisticsInfo(msgspec.Struct, kw_only=True):
    """`LogisticsInfo` as replies show it."""

    bar_code: str | None = None
    biz_delivery_code: str | None = None
    biz_delivery_type: int | None = None
    biz_sd_type: str | None = None
    biz_store_code: str | None = None
    black_delivery_cps: str | None = None
    combine_item_code: str | None = None
    combine_item_id: str | None = None
    consign_type: str | None = None
    delivery_cps: str | None = None
    item_code: str | None = None
    item_id: str | None = None
    item_ratio: int | None = None
    need_consign_num: int | None = None
    num_iid: int | None = None
    promise_collect_time: str | None = None
    promise_outbound_time: str | None = None
    send_city: str | None = None
    send_country: str | None = None
    send_district: str | None = None
    send_division_code: str | None = None
    send_state: str | None = None
    send_town: str | None = None
    sku_id: str | None = None
    store_code: str | None = None
    sub_trade_id: int | None = None
    trade_id: int | None = None
    type: str | None = None
    unused_delivery_error_msg: str | None = None
    unused_warehouse_error_msg: str | None = None
    used_black_delivery_error_msg: str | None = None
    white_delivery_cps: str | None = None


class LogisticsModifyInfo(msgspec.Struct, kw_only=True):
    """`LogisticsModifyInfo` as replies show it."""

    comb_id: str | None = None
    consign_time: str | None = None
    item_id: str | None = None
    modify_reason: str | None = None
    modify_time: str | None = None
    origin_consign_time: str | None = None
    related_id: str | None = None
    sku_id: str | None = None


class LogisticsTag(msgspec.Struct, kw_only=True):
    """`LogisticsTag` as replies show it."""

    logistic_service_tag_list: Rows[LogisticServiceTag] = Rows()
    order_id: str | None = None


class ShipInfo(msgspec.Struct, kw_only=True):
    """`ShipInfo` as replies show it."""

    transport_type: str | None = None


class SortInfo(msgspec.Struct, kw_only=True):
    """`SortInfo` as replies show it."""

    day_sort_val: int | None = None
    hour_sort_val: int | None = None


class Order(msgspec.Struct, kw_only=True):
    """`Order` as replies show it."""

    adjust_fee: str | None = None
    assembly_item: str | None = None
    assembly_price: str | None = None
    assembly_rela: str | None = None
    auto_flow: str | None = None
    b2b_daixiao: str | None = None
    bind_oid: int | None = None
    bind_oids: str | None = None
    bind_oids_all_status: str | None = None
    biz_code: str | None = None
    brand_light_shop_source: str | None = None
    brand_light_shop_store_id: str | None = None
    bundle_id: str | None = None
    bundle_out_name: str | None = None
    bundle_type: int | None = None
    buyer_nick: str | None = None
    buyer_rate: bool | None = None
    cal_penalty: str | None = None
    car_store_code: str | None = None
    car_store_name: str | None = None
    car_taker: str | None = None
    car_taker_id: str | None = None
    car_taker_id_num: str | None = None
    car_taker_phone: str | None = None
    cid: int | None = None
    cl_car_taker: str | None = None
    cl_car_taker_i_d_num: str | None = None
    cl_car_taker_id_num: str | None = None
    cl_car_taker_phone: str | None = None
    cl_down_payment: str | None = None
    cl_down_payment_ratio: str | None = None
    cl_installment_num: str | None = None
    cl_month_payment: str | None = None
    cl_service_fee: str | None = None
    cl_tail_payment: str | None = None
    cloud_store: str | None = None
    cloud_store_bind_pos: str | None = None
    cloud_store_token: str | None = None
    collect_time: str | None = None
    combine_item_info: Rows[CombineSubItemDO] = Rows()
    combo_id: str | None = None
    consign_time: str | None = None
    credit_buy: str | None = None
    customization: str | None = None
    cutoff_minutes: str | None = None
    delivery_time: str | None = None
    discount_fee: str | None = None
    dispatch_time: str | None = None
    distribute_status: str | None = None
    divide_order_fee: str | None = None
    down_payment: str | None = None
    down_payment_ratio: str | None = None
    end_time: Time | None = None
    es_date: str | None = None
    es_range: str | None = None
    es_time: str | None = None
    estimate_con_time: str | None = None
    et_plate_number: str | None = None
    et_ser_time: str | None = None
    et_shop_name: str | None = None
    et_verified_shop_name: str | None = None
    expand_card_basic_price_used_suborder: str | None = None
    expand_card_expand_price_used_suborder: str | None = None
    extend_info: str | None = None
    f_status: str | None = None
    f_term: str | None = None
    f_type: str | None = None
    fqg_num: int | None = None
    gift_mids: str | None = None
    has_gift: bool | None = None
    hj_settle_no_commission: str | None = None
    iid: str | None = None
    installment_num: str | None = None
    inv_type: str | None = None
    invoice_no: str | None = None
    is_daixiao: bool | None = None
    is_devalue_fee: bool | None = None
    is_force_dc: bool | None = None
    is_fqg_s_fee: bool | None = None
    is_free_gift: bool | None = None
    is_idle: str | None = None
    is_jzfx: bool | None = None
    is_kaola: bool | None = None
    is_oversold: bool | None = None
    is_service_order: bool | None = None
    is_sh_ship: bool | None = None
    is_www: bool | None = None
    item_meal_id: int | None = None
    item_meal_name: str | None = None
    item_memo: str | None = None
    jewcc_no: str | None = None
    lijian: str | None = None
    logistics_company: str | None = None
    md_fee: str | None = None
    md_qualification: str | None = None
    modified: Time | None = None
    modify_address: str | None = None
    month_payment: str | None = None
    need_return: bool | None = None
    nr_outer_iid: str | None = None
    nr_reduce_inv_fail: str | None = None
    num: int | None = None
    num_iid: int | None = None
    o2o_et_order_id: str | None = None
    o2o_guide_id: str | None = None
    o2o_guide_name: str | None = None
    o2o_shop_id: str | None = None
    o2o_shop_name: str | None = None
    oid: int | None = None
    oid_str: str | None = None
    one_yuan_reservation_orders: str | None = None
    order_attr: str | None = None
    order_from: str | None = None
    order_taking: str | None = None
    os_activity_id: str | None = None
    os_date: str | None = None
    os_fg_item_id: str | None = None
    os_gift_count: str | None = None
    os_range: str | None = None
    os_sort_num: str | None = None
    out_item_id: str | None = None
    out_unique_id: str | None = None
    outer_iid: str | None = None
    outer_sku_id: str | None = None
    part_mjz_discount: str | None = None
    payment: str | None = None
    penalty: str | None = None
    pic_path: str | None = None
    price: str | None = None
    promise_collect_time: str | None = None
    promise_end_time: str | None = None
    promise_service: str | None = None
    propoint: str | None = None
    refund_id: int | None = None
    # WAIT_SELLER_AGREE, WAIT_BUYER_RETURN_GOODS, WAIT_SELLER_CONFIRM_GOODS, SELLER_REFUSE_BUYER, CLOSED,
    # SUCCESS
    refund_status: str | None = None
    retail_store_id: str | None = None
    rt_omni_outer_sc_id: str | None = None
    rt_omni_sc_id: str | None = None
    s_tariff_fee: str | None = None
    seller_nick: str | None = None
    seller_rate: bool | None = None
    seller_type: str | None = None
    service_fee: str | None = None
    service_order_type: str | None = None
    service_outer_id: str | None = None
    ship_info: Rows[ShipInfo] = Rows()
    shipper: str | None = None
    shipping_type: str | None = None
    shp_info: Rows[ShipInfo] = Rows()
    sign_time: str | None = None
    sku_id: str | None = None
    sku_properties_name: str | None = None
    snapshot: str | None = None
    snapshot_url: str | None = None
    sort_info: SortInfo | None = None
    special_refund_type: str | None = None
    # TRADE_NO_CREATE_PAY, WAIT_BUYER_PAY, WAIT_SELLER_SEND_GOODS, WAIT_BUYER_CONFIRM_GOODS,
    # TRADE_BUYER_SIGNED, TRADE_FINISHED, TRADE_CLOSED, TRADE_CLOSED_BY_TAOBAO, PAY_PENDING
    status: str | None = None
    store_code: str | None = None
    sub_order_tax_fee: str | None = None
    sub_order_tax_promotion_fee: str | None = None
    sub_order_tax_rate: str | None = None
    tail_payment: str | None = None
    tax_coupon_discount: str | None = None
    tax_free: bool | None = None
    ti_modify_address_time: str | None = None
    ticket_expdate_key: str | None = None
    ticket_outer_id: str | None = None
    tid: int | None = None
    timeout_action_time: Time | None = None
    timing_promise: str | None = None
    title: str | None = None
    tmser_spu_code: str | None = None
    total_fee: str | None = None
    trade_fulfillment_type: int | None = None
    type: str | None = None
    ws_bank_apply_no: str | None = None
    xxx: str | None = None
    zhengji_status: str | None = None


class OrderAmount(msgspec.Struct, kw_only=True):
    """`OrderAmount` as replies show it."""

    adjust_fee: str | None = None
    discount_fee: str | None = None
    divide_order_fee: str | None = None
    num: int | None = None
    num_iid: int | None = None
    oid: int | None = None
    part_mjz_discount: str | None = None
    payment: str | None = None
    price: str | None = None
    promotion_name: str | None = None
    sku_id: int | None = None
    sku_properties_name: str | None = None
    title: str | None = None


class PromotionDetail(msgspec.Struct, kw_only=True):
    """`PromotionDetail` as replies show it."""

    discount_fee: str | None = None
    gift_item_id: str | None = None
    gift_item_name: str | None = None
    gift_item_num: str | None = None
    id: int | None = None
    kd_child_discount_fee: str | None = None
    kd_discount_fee: str | None = None
    promotion_desc: str | None = None
    promotion_id: str | None = None
    promotion_name: str | None = None


class Results(msgspec.Struct, kw_only=True):
    """`Results` as replies show it."""

    content: str | None = None
    created: Time | None = None
    item_price: str | None = None
    item_title: str | None = None
    logistics_service_score: int | None = None
    nick: str | None = None
    num_iid: int | None = None
    oid: int | None = None
    ouid: str | None = None
    rated_nick: str | None = None
    reply: str | None = None
    result: str | None = None
    role: str | None = None
    tid: int | None = None
    valid_score: bool | None = None


class ServiceOrder(msgspec.Struct, kw_only=True):
    """`ServiceOrder` as replies show it."""

    apple_care_email: str | None = None
    apple_care_mpn: str | None = None
    buyer_nick: str | None = None
    combine_sub_item_id: int | None = None
    combine_sub_item_sku_id: int | None = None
    comm_amount_unit: str | None = None
    et_plate_number: str | None = None
    et_ser_time: str | None = None
    et_shop_name: str | None = None
    et_verified_shop_name: str | None = None
    ext_service_biz_id: str | None = None
    item_oid: int | None = None
    num: int | None = None
    oid: int | None = None
    oid_str: str | None = None
    payment: str | None = None
    pic_path: str | None = None
    price: str | None = None
    refund_id: int | None = None
    seller_nick: str | None = None
    service_detail_url: str | None = None
    service_id: int | None = None
    service_order_type: str | None = None
    service_outer_id: str | None = None
    title: str | None = None
    tmser_spu_code: str | None = None
    total_fee: str | None = None


class StepPayDetail(msgspec.Struct, kw_only=True):
    """`StepPayDetail` as replies show it."""

    id: int | None = None
    pay_status: int | None = None
    step_actual_pay_fee: str | None = None
    step_channel_no: str | None = None
    step_instrument_code: str | None = None
    step_no: int | None = None


class TradeExt(msgspec.Struct, kw_only=True):
    """`TradeExt` as replies show it."""

    before_close_flag: int | None = None
    before_confirm_flag: int | None = None
    before_enable_flag: int | None = None
    before_modify_flag: int | None = None
    before_pay_flag: int | None = None
    before_rate_flag: int | None = None
    before_refund_flag: int | None = None
    before_ship_flag: int | None = None
    ext_attributes: str | None = None
    extra_data: str | None = None
    third_party_status: int | None = None


class Trade(msgspec.Struct, kw_only=True):
    """`Trade` as replies show it."""

    acookie_id: str | None = None
    address_details: Rows[AddressDetail] = Rows()
    adjust_fee: str | None = None
    agree_refund_checks: Rows[AgreeRefundCheck] = Rows()
    aid: str | None = None
    alipay_id: int | None = None
    alipay_no: str | None = None
    alipay_point: int | None = None
    alipay_url: str | None = None
    alipay_warn_msg: str | None = None
    allow_appkeys: str | None = None
    app_name: str | None = None
    area_id: str | None = None
    arrive_cut_time: str | None = None
    arrive_interval: int | None = None
    asdp_ads: str | None = None
    asdp_biz_type: str | None = None
    assembly: str | None = None
    async_modified: Time | None = None
    available_confirm_fee: str | None = None
    biz_code: str | None = None
    brand_light_shop_source: str | None = None
    brand_light_shop_store_id: str | None = None
    buyer_alipay_no: str | None = None
    buyer_area: str | None = None
    buyer_cod_fee: str | None = None
    buyer_email: str | None = None
    buyer_flag: int | None = None
    buyer_ip: str | None = None
    buyer_memo: str | None = None
    buyer_message: str | None = None
    buyer_nick: str | None = None
    buyer_obtain_point_fee: int | None = None
    buyer_open_uid: str | None = None
    buyer_rate: bool | None = None
    can_rate: bool | None = None
    cloud_store: str | None = None
    cn_service: str | None = None
    cod_fee: str | None = None
    cod_status: str | None = None
    collect_time: str | None = None
    combine_logistics_details: Rows[CombineLogisticsDetail] = Rows()
    commission_fee: str | None = None
    consign_interval: int | None = None
    consign_time: Time | None = None
    coupon_fee: int | None = None
    created: Time | None = None
    credit_card_fee: str | None = None
    cross_bonded_declare: bool | None = None
    cutoff_minutes: str | None = None
    delay_create_delivery: int | None = None
    delivery_cps: str | None = None
    delivery_plan: Rows[DeliveryPlan] = Rows()
    delivery_time: str | None = None
    discount_fee: str | None = None
    dispatch_time: str | None = None
    donee_nick: str | None = None
    donee_open_uid: str | None = None
    drug_register: str | None = None
    easy_home_city_type: str | None = None
    encrypt_alipay_id: str | None = None
    end_time: Time | None = None
    es_date: str | None = None
    es_range: str | None = None
    es_time: str | None = None
    est_con_time: str | None = None
    et_plate_number: str | None = None
    et_ser_time: str | None = None
    et_shop_id: int | None = None
    et_shop_name: str | None = None
    et_type: str | None = None
    et_verified_shop_name: str | None = None
    eticket_ext: str | None = None
    eticket_service_addr: str | None = None
    expand_card_basic_price: str | None = None
    expand_card_basic_price_used: str | None = None
    expand_card_expand_price: str | None = None
    expand_card_expand_price_used: str | None = None
    expandcard_info: ExpandCardInfo | None = None
    express_agency_fee: str | None = None
    extend_info: str | None = None
    forbid_consign: int | None = None
    general_new_presell: bool | None = None
    gifting: str | None = None
    gifting_takeout: str | None = None
    has_buyer_message: bool | None = None
    has_post_fee: bool | None = None
    has_yfx: bool | None = None
    hk_birthday: str | None = None
    hk_card_code: str | None = None
    hk_card_type: str | None = None
    hk_china_name: str | None = None
    hk_en_name: str | None = None
    hk_flight_date: str | None = None
    hk_flight_no: str | None = None
    hk_gender: str | None = None
    hk_pickup: str | None = None
    hk_pickup_id: str | None = None
    hold_install: str | None = None
    identify_info: IdentifyInfo | None = None
    identity: str | None = None
    iid: str | None = None
    invoice_detail_after_refund: str | None = None
    invoice_detail_mid_refund: str | None = None
    invoice_detail_pay: str | None = None
    invoice_kind: str | None = None
    invoice_name: str | None = None
    invoice_type: str | None = None
    is_3d: bool | None = msgspec.field(name="is_3D", default=None)
    is_brand_sale: bool | None = None
    is_cycle_buy: bool | None = None
    is_daixiao: bool | None = None
    is_force_dc: bool | None = None
    is_force_wlb: bool | None = None
    is_gift: bool | None = None
    is_istore: bool | None = None
    is_lgtype: bool | None = None
    is_o2o_passport: bool | None = None
    is_openmall: bool | None = None
    is_part_consign: bool | None = None
    is_sh_ship: bool | None = None
    is_wmly: str | None = None
    is_wt: bool | None = None
    lg_aging: str | None = None
    lg_aging_type: str | None = None
    linkedmall_ext_info: str | None = None
    lm: str | None = None
    logistics_agreement: LogisticsAgreement | None = None
    logistics_consign_info: Rows[LogisticsConsignInfo] = Rows()
    logistics_infos: Rows[LogisticsInfo] = Rows()
    logistics_modify_info: Rows[LogisticsModifyInfo] = Rows()
    m_tariff_fee: str | None = None
    mark_desc: str | None = None
    market: str | None = None
    modified: Time | None = None
    ncz_ext_attr: str | None = None
    new_presell: bool | None = None
    no_shipping: bool | None = None
    nr_deposit_order_id: str | None = None
    nr_no_handle: str | None = None
    nr_offline: str | None = None
    nr_shop_guide_id: str | None = None
    nr_shop_guide_name: str | None = None
    nr_shop_id: str | None = None
    nr_shop_name: str | None = None
    nr_store_code: str | None = None
    nr_store_order_id: str | None = None
    num: int | None = None
    num_iid: int | None = None
    nut_feature: str | None = None
    o2o: str | None = None
    o2o_contract: str | None = None
    o2o_delivery: str | None = None
    o2o_et_order_id: str | None = None
    o2o_guide_id: str | None = None
    o2o_guide_name: str | None = None
    o2o_out_trade_id: str | None = None
    o2o_service_address: str | None = None
    o2o_service_city: str | None = None
    o2o_service_district: str | None = None
    o2o_service_mobile: str | None = None
    o2o_service_name: str | None = None
    o2o_service_state: str | None = None
    o2o_service_town: str | None = None
    o2o_shop_id: str | None = None
    o2o_shop_name: str | None = None
    o2o_snatch_status: str | None = None
    o2o_step_order_id: str | None = None
    o2o_step_trade_detail: str | None = None
    o2o_step_trade_detail_new: str | None = None
    o2o_voucher_price: str | None = None
    o2o_xiaopiao: str | None = None
    oaid: str | None = None
    ob_tag: str | None = None
    obs: str | None = None
    ofp_hold: int | None = None
    og_id: str | None = None
    oi_date: str | None = None
    oi_range: str | None = None
    omni_attr: str | None = None
    omni_package: str | None = None
    omni_param: str | None = None
    omnichannel_param: str | None = None
    order_follow_id: str | None = None
    order_tax_fee: str | None = None
    order_tax_promotion_fee: str | None = None
    orders: Rows[Order] = Rows()
    os_date: str | None = None
    os_range: str | None = None
    outer_partner_member_id: str | None = None
    paid_coupon_fee: str | None = None
    pay_channel: str | None = None
    pay_time: Time | None = None
    payment: str | None = None
    pcc_af: int | None = None
    pic_path: str | None = None
    platform_subsidy_fee: str | None = None
    play_type: str | None = None
    pmtp: str | None = None
    point_fee: int | None = None
    post_fee: str | None = None
    post_gate_declare: bool | None = None
    price: str | None = None
    priority_consign_time: str | None = None
    promise_service: str | None = None
    promise_sign_time: str | None = None
    promotion: str | None = None
    promotion_details: Rows[PromotionDetail] = Rows()
    propoint: str | None = None
    q_r_pay: bool | None = None
    real_name_auth_status: str | None = None
    real_point_fee: int | None = None
    receipt_rel_ids: Rows[str] = Rows()
    receipt_type: str | None = None
    received_payment: str | None = None
    receiver_address: str | None = None
    receiver_city: str | None = None
    receiver_country: str | None = None
    receiver_district: str | None = None
    receiver_mobile: str | None = None
    receiver_name: str | None = None
    receiver_phone: str | None = None
    receiver_state: str | None = None
    receiver_town: str | None = None
    receiver_zip: str | None = None
    recharge_fee: str | None = None
    retail_out_order_id: str | None = None
    retail_store_code: str | None = None
    retail_store_id: str | None = None
    root_cat: str | None = None
    rt_omni_outer_store_id: str | None = None
    rt_omni_send_type: str | None = None
    rt_omni_store_id: str | None = None
    rx_audit_status: str | None = None
    scenario_group: str | None = None
    seller_alipay_no: str | None = None
    seller_can_rate: bool | None = None
    seller_cod_fee: str | None = None
    seller_email: str | None = None
    seller_flag: int | None = None  # 0, 1, 2, 3, 4, 5
    seller_memo: str | None = None
    seller_mobile: str | None = None
    seller_name: str | None = None
    seller_nick: str | None = None
    seller_phone: str | None = None
    seller_rate: bool | None = None
    send_time: str | None = None
    service_orders: Rows[ServiceOrder] = Rows()
    service_tags: Rows[LogisticsTag] = Rows()
    service_type: str | None = None
    share_group_hold: int | None = None
    shipping_type: str | None = None  # free, post, express, ems, virtual, 25, 26, seller, instant
    shop_code: str | None = None
    shop_pick: str | None = None
    sid: str | None = None
    sign_time: str | None = None
    snapshot: str | None = None
    snapshot_url: str | None = None
    sort_info: SortInfo | None = None
    sorted: int | None = None
    stage_address_type: str | None = None
    # TRADE_NO_CREATE_PAY, WAIT_BUYER_PAY, SELLER_CONSIGNED_PART, WAIT_SELLER_SEND_GOODS,
    # WAIT_BUYER_CONFIRM_GOODS, TRADE_BUYER_SIGNED, TRADE_FINISHED, TRADE_CLOSED, TRADE_CLOSED_BY_TAOBAO,
    # PAY_PENDING, WAIT_PRE_AUTH_CONFIRM, PAID_FORBID_CONSIGN
    status: str | None = None
    step_paid_fee: str | None = None
    step_pay_details: Rows[StepPayDetail] = Rows()
    # FRONT_NOPAID_FINAL_NOPAID, FRONT_PAID_FINAL_NOPAID, FRONT_PAID_FINAL_PAID, FRONT_PAID_FRONT_FORFEITED
    step_trade_status: str | None = None
    suning_shop_code: str | None = None
    suning_shop_valid: int | None = None
    tcps_code: str | None = None
    tcps_end: str | None = None
    tcps_start: str | None = None
    team_buy_hold: int | None = None
    third_party_customs_declaration: str | None = None
    threepl_timing: bool | None = None
    tid: int | None = None
    tid_str: str | None = None
    timeout_action_time: Time | None = None
    timing_promise: str | None = None
    title: str | None = None
    tmall_coupon_fee: int | None = None
    tmall_delivery: bool | None = None
    top_hold: int | None = None
    toptype: int | None = None
    total_fee: str | None = None
    trade_attr: str | None = None
    trade_ext: TradeExt | None = None
    trade_from: str | None = None
    trade_memo: str | None = None
    trade_source: str | None = None
    txp_freezer_id: str | None = None
    txp_receive_method: str | None = None
    # fixed, auction, guarantee_trade, auto_delivery, independent_simple_trade, independent_shop_trade, ec,
    # cod, fenxiao, game_equipment, shopex_trade, netcn_trade, external_trade, o2o_offlinetrade, step, nopaid,
    # pre_auth_type
    type: str | None = None
    ua: str | None = None
    v_logistics_create: bool | None = None
    wtt_param: str | None = None
    yfx_fee: str | None = None
    yfx_id: str | None = None
    yfx_type: str | None = None
    you_xiang: bool | None = None
    zero_purchase: bool | None = None
    zqs_order_tag: str | None = None


class TradeAmount(msgspec.Struct, kw_only=True):
    """`TradeAmount` as replies show it."""

    alipay_no: str | None = None
    buyer_cod_fee: str | None = None
    buyer_obtain_point_fee: str | None = None
    cod_fee: str | None = None
    commission_fee: str | None = None
    created: Time | None = None
    end_time: Time | None = None
    express_agency_fee: str | None = None
    order_amounts: Rows[OrderAmount] = Rows()
    pay_time: Time | None = None
    payment: str | None = None
    post_fee: str | None = None
    promotion_details: Rows[PromotionDetail] = Rows()
    seller_cod_fee: str | None = None
    tid: int | None = None
    total_fee: str | None = None


class TradeConfirmFee(msgspec.Struct, kw_only=True):
    """`TradeConfirmFee` as replies show it."""

    confirm_fee: str | None = None
    confirm_post_fee: str | None = None
    is_last_order: bool | None = None
