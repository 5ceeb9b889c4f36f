"""Advertising reports: typed requests and replies. Made by `make methods` from the catalogue; edit
`scripts/generate_methods.py`."""

from typing import Any

from onshelf.platforms.top.generated.types.advertising import (
    InsightCategoryDataDTO,
    InsightCategoryInfoDTO,
    InsightRelatedWords,
    InsightWordDataDTO,
    InsightWordDataUnderCatDTO,
    InsightWordsAreaDistributeDataDTO,
    TopResult,
)
from onshelf.platforms.top.request import Part, Reply, Request, Values
from onshelf.platforms.top.rows import Rows


class TopServiceContext(Part, frozen=True, kw_only=True):
    """service context object."""

    biz_code: str


class TopAccountReportQueryVo(Part, frozen=True, kw_only=True):
    """report query object."""

    by_page: bool
    split_type: str
    unify_type: str
    start_time: str
    end_time: str
    effect_equal: int
    query_domains: Values
    query_field_in_list: Values
    biz_code_in_list: Values | None = None
    offset: int | None = None
    page_size: int | None = None


class TopItemPromotionReportQueryVo(Part, frozen=True, kw_only=True):
    """report query object."""

    by_page: bool
    split_type: str
    unify_type: str
    start_time: str
    end_time: str
    effect_equal: int
    query_field_in_list: Values
    query_domains: Values | None = None
    biz_code_in_list: Values | None = None
    province_id_in_list: Values | None = None
    item_ids: Values | None = None
    strategy_optimize_target_in_list: Values | None = None
    strategy_campaign_id_in_list: Values | None = None
    item_id_or_name: str | None = None
    offset: int | None = None
    page_size: int | None = None


class TopRealTimeReportQueryVo(Part, frozen=True, kw_only=True):
    """report query object."""

    by_page: bool
    split_type: str
    unify_type: str
    effect_equal: int
    query_domains: Values
    query_field_in_list: Values
    start_time: str | None = None
    end_time: str | None = None
    biz_code_in_list: Values | None = None
    strategy_campaign_id_in_list: Values | None = None
    offset: int | None = None
    page_size: int | None = None


class SimbaInsightCatsdataGetReply(Reply, kw_only=True):
    """Reply of `taobao.simba.insight.catsdata.get`."""

    cat_data_list: Rows[InsightCategoryDataDTO] = Rows()


class SimbaInsightCatsdataGet(Request[SimbaInsightCatsdataGetReply], frozen=True, kw_only=True):
    """Calls `taobao.simba.insight.catsdata.get`: simba insight catsdata get (获取类目的大盘数据).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.simba.insight.catsdata.get"
    REPLY = SimbaInsightCatsdataGetReply

    category_id_list: Values  # comma list of category ids; at most 5
    start_date: str  # start of time window
    end_date: str  # end of time window


class SimbaInsightCatsinfoGetReply(Reply, kw_only=True):
    """Reply of `taobao.simba.insight.catsinfo.get`."""

    category_info_list: Rows[InsightCategoryInfoDTO] = Rows()


class SimbaInsightCatsinfoGet(Request[SimbaInsightCatsinfoGetReply], frozen=True, kw_only=True):
    """Calls `taobao.simba.insight.catsinfo.get`: simba insight catsinfo get (类目信息获取).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.simba.insight.catsinfo.get"
    REPLY = SimbaInsightCatsinfoGetReply

    type: int  # type filter
    category_id_list: Values | None = None  # comma list of category ids; at most 20


class SimbaInsightCatstopwordnewGetReply(Reply, kw_only=True):
    """Reply of `taobao.simba.insight.catstopwordnew.get`."""

    topword_data_list: Rows[InsightWordDataUnderCatDTO] = Rows()


class SimbaInsightCatstopwordnewGet(Request[SimbaInsightCatstopwordnewGetReply], frozen=True, kw_only=True):
    """Calls `taobao.simba.insight.catstopwordnew.get`: simba insight catstopwordnew get (获取类目下最热门的词).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.simba.insight.catstopwordnew.get"
    REPLY = SimbaInsightCatstopwordnewGetReply

    cat_id: str  # leaf category id
    start_date: str  # start of time window
    end_date: str  # end of time window
    dimension: str  # statistics dimension
    page_size: int  # rows per page; 1..20


class SimbaInsightCatsworddataGetReply(Reply, kw_only=True):
    """Reply of `taobao.simba.insight.catsworddata.get`."""

    catword_data_list: Rows[InsightWordDataUnderCatDTO] = Rows()


class SimbaInsightCatsworddataGet(Request[SimbaInsightCatsworddataGetReply], frozen=True, kw_only=True):
    """Calls `taobao.simba.insight.catsworddata.get`: simba insight catsworddata get (获取类目下关键词的数据).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.simba.insight.catsworddata.get"
    REPLY = SimbaInsightCatsworddataGetReply

    cat_id: str  # leaf category id
    bidword_list: Values  # comma list of keywords; at most 100
    start_date: str  # start of time window
    end_date: str  # end of time window


class SimbaInsightWordsdataGetReply(Reply, kw_only=True):
    """Reply of `taobao.simba.insight.wordsdata.get`."""

    word_data_list: Rows[InsightWordDataDTO] = Rows()


class SimbaInsightWordsdataGet(Request[SimbaInsightWordsdataGetReply], frozen=True, kw_only=True):
    """Calls `taobao.simba.insight.wordsdata.get`: simba insight wordsdata get (获取关键词的大盘数据).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.simba.insight.wordsdata.get"
    REPLY = SimbaInsightWordsdataGetReply

    bidword_list: Values  # comma list of keywords; at most 100
    start_date: str  # start of time window
    end_date: str  # end of time window


class SimbaInsightWordsareadataGetReply(Reply, kw_only=True):
    """Reply of `taobao.simba.insight.wordsareadata.get`."""

    word_areadata_list: Rows[InsightWordsAreaDistributeDataDTO] = Rows()


class SimbaInsightWordsareadataGet(Request[SimbaInsightWordsareadataGetReply], frozen=True, kw_only=True):
    """Calls `taobao.simba.insight.wordsareadata.get`: simba insight wordsareadata get (获取关键词按地域进行细分的数据).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.simba.insight.wordsareadata.get"
    REPLY = SimbaInsightWordsareadataGetReply

    bidword: str  # keyword
    start_date: str  # start of time window
    end_date: str  # end of time window


class SimbaInsightRelatedwordsGetReply(Reply, kw_only=True):
    """Reply of `taobao.simba.insight.relatedwords.get`."""

    related_words_result_list: Rows[InsightRelatedWords] = Rows()


class SimbaInsightRelatedwordsGet(Request[SimbaInsightRelatedwordsGetReply], frozen=True, kw_only=True):
    """Calls `taobao.simba.insight.relatedwords.get`: simba insight relatedwords get (获取词的相关词).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.simba.insight.relatedwords.get"
    REPLY = SimbaInsightRelatedwordsGetReply

    bidword_list: Values  # comma list of keywords; at most 100
    number: int  # number; 1..10


class SimbaRptCustbaseGetReply(Reply, kw_only=True):
    """Reply of `taobao.simba.rpt.custbase.get`."""

    rpt_cust_base_list: str | None = None


class SimbaRptCustbaseGet(Request[SimbaRptCustbaseGetReply], frozen=True, kw_only=True):
    """Calls `taobao.simba.rpt.custbase.get`: simba rpt custbase get (客户账户报表基础数据对象).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.simba.rpt.custbase.get"
    REPLY = SimbaRptCustbaseGetReply

    subway_token: str  # advertising account token
    start_time: str  # start of time window
    end_time: str  # end of time window
    source: str  # source
    nick: str | None = None  # user nick
    page_no: int | None = None  # page number, from 1; at least 1
    page_size: int | None = None  # rows per page; at least 1


class SimbaRptCusteffectGetReply(Reply, kw_only=True):
    """Reply of `taobao.simba.rpt.custeffect.get`."""

    rpt_cust_effect_list: str | None = None


class SimbaRptCusteffectGet(Request[SimbaRptCusteffectGetReply], frozen=True, kw_only=True):
    """Calls `taobao.simba.rpt.custeffect.get`: simba rpt custeffect get (用户账户报表效果数据查询（只有汇总数据，无分类数据）).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.simba.rpt.custeffect.get"
    REPLY = SimbaRptCusteffectGetReply

    start_time: str  # start of time window
    end_time: str  # end of time window
    subway_token: str  # advertising account token
    source: str  # source
    nick: str | None = None  # user nick
    page_no: int | None = None  # page number, from 1; at least 1
    page_size: int | None = None  # rows per page; at least 1


class UniversalbpReportQueryAccountReply(Reply, kw_only=True):
    """Reply of `taobao.universalbp.report.query.account`."""

    result: TopResult | None = None


class UniversalbpReportQueryAccount(Request[UniversalbpReportQueryAccountReply], frozen=True, kw_only=True):
    """Calls `taobao.universalbp.report.query.account`: universalbp report query account (账户报表查询).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.universalbp.report.query.account"
    REPLY = UniversalbpReportQueryAccountReply

    top_service_context: TopServiceContext  # service context object
    top_account_report_query_v_o: TopAccountReportQueryVo  # report query object


class UniversalbpReportQueryItemPromotionReply(Reply, kw_only=True):
    """Reply of `taobao.universalbp.report.query.item.promotion`."""

    result: TopResult | None = None


class UniversalbpReportQueryItemPromotion(
    Request[UniversalbpReportQueryItemPromotionReply], frozen=True, kw_only=True
):
    """Calls `taobao.universalbp.report.query.item.promotion`: universalbp report query item promotion
    (宝贝主体报表查询).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.universalbp.report.query.item.promotion"
    REPLY = UniversalbpReportQueryItemPromotionReply

    top_service_context: TopServiceContext  # service context object
    top_item_promotion_report_query_v_o: TopItemPromotionReportQueryVo  # report query object


class UniversalbpReportQueryRealtimeReply(Reply, kw_only=True):
    """Reply of `taobao.universalbp.report.query.realtime`."""

    result: TopResult | None = None


class UniversalbpReportQueryRealtime(Request[UniversalbpReportQueryRealtimeReply], frozen=True, kw_only=True):
    """Calls `taobao.universalbp.report.query.realtime`: universalbp report query realtime (实时报表查询).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.universalbp.report.query.realtime"
    REPLY = UniversalbpReportQueryRealtimeReply

    top_service_context: TopServiceContext  # service context object
    top_real_time_report_query_v_o: TopRealTimeReportQueryVo  # report query object


class AlibabaDataItemGetReply(Reply, kw_only=True):
    """Reply of `alibaba.data.item.get`."""

    unnamed: str | None = None


class AlibabaDataItemGet(Request[AlibabaDataItemGetReply], frozen=True, kw_only=True):
    """Calls `alibaba.data.item.get`: data item get (获取商品).

    Current. Session: optional. A repeat changes nothing.
    Virtual API for Weex authentication; returns no analytics. Not useful as a data API.
    """

    METHOD = "alibaba.data.item.get"
    REPLY = AlibabaDataItemGetReply

    un_named: str | None = None  # dummy parameter


class SpmeffectGetReply(Reply, kw_only=True):
    """Reply of `taobao.spmeffect.get`."""

    spm_result: Any | None = None


class SpmeffectGet(Request[SpmeffectGetReply], frozen=True, kw_only=True):
    """Calls `taobao.spmeffect.get`: spmeffect get.

    Legacy. Session: optional. A repeat changes nothing.
    Older apps may still call it; new ones use nothing.
    """

    METHOD = "taobao.spmeffect.get"
    REPLY = SpmeffectGetReply

    date: str  # date
    module_detail: bool | None = None  # module detail; default false
    page_detail: bool | None = None  # page detail; default false
