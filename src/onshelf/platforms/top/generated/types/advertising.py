"""Advertising reports: types that replies hold. Made by `make methods` from the catalogue; edit
`scripts/generate_methods.py`."""

import msgspec

from onshelf.platforms.top.request import Time
from onshelf.platforms.top.rows import Rows


class InsightCategoryDataDTO(msgspec.Struct, kw_only=True):
    """`InsightCategoryDataDTO` as replies show it."""

    cat_id: int | None = None
    cat_name: str | None = None
    click: int | None = None
    ctr: str | None = None
    impression: int | None = None


class InsightCategoryInfoDTO(msgspec.Struct, kw_only=True):
    """`InsightCategoryInfoDTO` as replies show it."""

    cat_id: int | None = None
    cat_level: int | None = None
    cat_name: str | None = None
    cat_path_id: str | None = None
    cat_path_name: str | None = None
    last_sync_time: Time | None = None
    parent_cat_id: int | None = None


class InsightRelatedWord(msgspec.Struct, kw_only=True):
    """`InsightRelatedWord` as replies show it."""

    related_word: str | None = None
    weight: str | None = None


class InsightRelatedWords(msgspec.Struct, kw_only=True):
    """`InsightRelatedWords` as replies show it."""

    bidword: str | None = None
    related_word_items_list: Rows[InsightRelatedWord] = Rows()


class InsightWordDataDTO(msgspec.Struct, kw_only=True):
    """`InsightWordDataDTO` as replies show it."""

    bidword: str | None = None
    click: int | None = None
    competition: int | None = None
    cost: int | None = None
    coverage: str | None = None
    cpc: str | None = None
    ctr: str | None = None
    directtransaction: int | None = None
    directtransactionshipping: int | None = None
    favitemtotal: int | None = None
    favshoptotal: int | None = None
    favtotal: int | None = None
    impression: int | None = None
    indirecttransaction: int | None = None
    indirecttransactionshipping: int | None = None
    roi: str | None = None
    transactionshippingtotal: int | None = None
    transactiontotal: int | None = None


class InsightWordDataUnderCatDTO(msgspec.Struct, kw_only=True):
    """`InsightWordDataUnderCatDTO` as replies show it."""

    bidword: str | None = None
    cat_id: int | None = None
    cat_name: str | None = None
    click: int | None = None
    competition: int | None = None
    cost: int | None = None
    coverage: str | None = None
    cpc: str | None = None
    ctr: str | None = None
    directtransaction: int | None = None
    directtransactionshipping: int | None = None
    favitemtotal: int | None = None
    favshoptotal: int | None = None
    favtotal: int | None = None
    impression: int | None = None
    indirecttransaction: int | None = None
    indirecttransactionshipping: int | None = None
    roi: str | None = None
    transactionshippingtotal: int | None = None
    transactiontotal: int | None = None


class InsightWordsAreaDistributeDataDTO(msgspec.Struct, kw_only=True):
    """`InsightWordsAreaDistributeDataDTO` as replies show it."""

    bidword: str | None = None
    cityname: str | None = None
    click: int | None = None
    competition: int | None = None
    cost: int | None = None
    coverage: str | None = None
    cpc: str | None = None
    ctr: str | None = None
    directtransaction: int | None = None
    directtransactionshipping: int | None = None
    favitemtotal: int | None = None
    favshoptotal: int | None = None
    favtotal: int | None = None
    impression: int | None = None
    indirecttransaction: int | None = None
    indirecttransactionshipping: int | None = None
    provincename: str | None = None
    roi: str | None = None
    transactionshippingtotal: int | None = None
    transactiontotal: int | None = None


class TopReportIndexVo(msgspec.Struct, kw_only=True):
    """`TopReportIndexVo` as replies show it."""

    activity_scene_charge: str | None = None
    ad_pv: str | None = None
    alipay_dir_amt: str | None = None
    alipay_dir_num: str | None = None
    alipay_indir_amt: str | None = None
    alipay_indir_num: str | None = None
    alipay_inshop_amt: str | None = None
    alipay_inshop_amt_avg: str | None = None
    alipay_inshop_cost: str | None = None
    alipay_inshop_num: str | None = None
    alipay_inshop_num_avg: str | None = None
    alipay_inshop_uv: str | None = None
    avg_access_page_num: str | None = None
    cart_cost: str | None = None
    cart_dir_num: str | None = None
    cart_indir_num: str | None = None
    cart_inshop_num: str | None = None
    cart_rate: str | None = None
    charge: str | None = None
    click: str | None = None
    col_cart_cost: str | None = None
    col_cart_num: str | None = None
    col_num: str | None = None
    content_scene_charge: str | None = None
    coupon_shop_num: str | None = None
    crowd_scene_charge: str | None = None
    ctr: str | None = None
    cvr: str | None = None
    deep_inshop_pv: str | None = None
    display_charge: str | None = None
    ecpc: str | None = None
    ecpm: str | None = None
    gmv_inshop_amt: str | None = None
    gmv_inshop_num: str | None = None
    hy_pay_amt: str | None = None
    hy_pay_num: str | None = None
    hy_sg_uv: str | None = None
    inshop_potential_uv: str | None = None
    inshop_potential_uv_rate: str | None = None
    inshop_pv: str | None = None
    inshop_pv_rate: str | None = None
    inshop_uv: str | None = None
    item_col_cart: str | None = None
    item_col_cart_cost: str | None = None
    item_col_dir_num: str | None = None
    item_col_indir_num: str | None = None
    item_col_inshop_cost: str | None = None
    item_col_inshop_num: str | None = None
    item_col_inshop_rate: str | None = None
    item_scene_charge: str | None = None
    natural_pay_amt: str | None = None
    new_alipay_inshop_uv: str | None = None
    new_alipay_inshop_uv_rate: str | None = None
    org_natural_pv: str | None = None
    prepay_dir_amt: str | None = None
    prepay_dir_num: str | None = None
    prepay_indir_amt: str | None = None
    prepay_indir_num: str | None = None
    prepay_inshop_amt: str | None = None
    prepay_inshop_num: str | None = None
    rh_num: str | None = None
    rh_rate: str | None = None
    roi: str | None = None
    search_charge: str | None = None
    shop_col_dir_num: str | None = None
    shop_col_inshop_cost: str | None = None
    shop_scene_charge: str | None = None
    shopping_amt: str | None = None
    shopping_num: str | None = None
    total_charge: str | None = None
    ww_num: str | None = None


class TopReportVo(msgspec.Struct, kw_only=True):
    """`TopReportVo` as replies show it."""

    adgroup_id: str | None = None
    adgroup_name: str | None = None
    bid_word_type: str | None = None
    bidword_id: str | None = None
    bidword_pkg_id: str | None = None
    biz_code: str | None = None
    black_creative_promotion_id: str | None = None
    black_creative_promotion_type: str | None = None
    campaign_id: str | None = None
    campaign_name: str | None = None
    city_id: str | None = None
    city_name: str | None = None
    creative_id: str | None = None
    creative_image_path: str | None = None
    creative_name: str | None = None
    creative_size: str | None = None
    creative_vedio_path: str | None = None
    crowd_name: str | None = None
    hour_id: str | None = None
    img_url: str | None = None
    link_url: str | None = None
    original_word: str | None = None
    promotion_id: str | None = None
    promotion_name: str | None = None
    province_id: str | None = None
    province_name: str | None = None
    report_index: TopReportIndexVo | None = None
    scene1_name: str | None = None
    thedate: str | None = None


class TopBulkData(msgspec.Struct, kw_only=True):
    """`TopBulkData` as replies show it."""

    count: int | None = None
    top_report_v_o_list: Rows[TopReportVo] = Rows()


class TopInfo(msgspec.Struct, kw_only=True):
    """`TopInfo` as replies show it."""

    error_code: str | None = None
    message: str | None = None
    ok: bool | None = None


class TopResult(msgspec.Struct, kw_only=True):
    """`TopResult` as replies show it."""

    info: TopInfo | None = None
    top_report_v_o_top_bulk_data: TopBulkData | None = None
