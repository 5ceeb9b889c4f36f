"""Which fields an item of a category has: general ones with recorded ids and rules, and those its properties make. Pure.

Ids `prop_<pid>`, `in_prop_<pid>` (a value of the seller's own) and `sku` follow Tmall's; the newer generation is given
the same ones, as no reply of it is recorded.
"""

from collections.abc import Iterable

from onshelf.sandbox.categories import Property, properties
from onshelf.sandbox.rules import title_width
from onshelf.sandbox.schema.fields import (
    COMPLEX,
    INPUT,
    MULTI,
    MULTI_COMPLEX,
    REQUIRED,
    SINGLE,
    Field,
    Rule,
    kind,
    longest,
    shortest,
    tip,
    unless,
)
from onshelf.sandbox.wire import Json

OWN = "-1"  # the option "a value of my own"
IMAGES = 5
_PRICE = r"^([0-9]+|[0-9]{1,3}(,[0-9]{3})*)(\.[0-9]{0,2})?$"
_YES_NO = (("true", "是"), ("false", "否"))
_MONEY = (
    kind("decimal"),
    Rule("regexRule", _PRICE),
    Rule("minValueRule", "0.00", include=False),
    Rule("maxValueRule", "100000000.00", include=False),
)
_STOCK = (
    kind("integer"),
    Rule("regexRule", "^[0-9]*$"),
    Rule("minValueRule", "0", include=True),
    Rule("maxValueRule", "1000000", include=False),
)
_CODE = (kind("text"), longest(64, "byte"))


def schema(cid: int, *, tmall: bool, seller_cats: Iterable[Json] = ()) -> tuple[Field, ...]:
    """Returns the fields of an item in a leaf category."""
    own = properties(cid)
    item = tuple(field for one in own if not one.is_sale_prop for field in _item_property(one))
    return (
        *_wording(title_width(cid, tmall=tmall), tmall=tmall),
        *item,
        *_selling(),
        *_skus([one for one in own if one.is_sale_prop]),
        *_delivery(),
        *_shop(seller_cats),
        *_pictures(),
        *((_VERSION,) if tmall else ()),
    )


_VERSION = Field(
    "service_version",
    "天猫系统服务版本",
    INPUT,
    (kind("long"), REQUIRED, Rule("readOnlyRule", "true")),
    default="11100",
)


def _wording(widest: int, *, tmall: bool) -> tuple[Field, ...]:
    kinds = (("5", "全新"),) if tmall else (("5", "全新"), ("6", "二手"))
    title = (kind("text"), REQUIRED, shortest(1, "byte"), longest(widest, "byte"))
    desc = (kind("html"), shortest(5, "character"), longest(25_000, "character"), REQUIRED)
    return (
        Field("title", "商品标题", INPUT, title),
        Field("stuff_status", "宝贝类型", SINGLE, (REQUIRED,), kinds, default="5"),
        Field("description", "商品描述", INPUT, desc),
        Field("outer_id", "商家外部编码", INPUT, _CODE),
    )


def _selling() -> tuple[Field, ...]:
    states = (("0", "出售中"), ("1", "定时上架"), ("2", "仓库中"))
    return (
        Field("item_status", "商品状态", SINGLE, (REQUIRED,), states, default="0"),
        Field("start_time", "开始时间", INPUT, (kind("time"), unless("item_status", "1"))),
        Field(
            "price",
            "商品价格",
            INPUT,
            (REQUIRED, *_MONEY, tip("商品价格必须在销售属性表中所填最高与最低价格范围区间内")),
        ),
        Field("quantity", "商品数量", INPUT, (REQUIRED, *_STOCK)),
        Field("sub_stock", "拍下减库存", SINGLE, (), _YES_NO, default="false"),
        Field("valid_thru", "有效期", SINGLE, (REQUIRED,), (("7", "7天"), ("14", "14天")), default="14"),
        Field("has_discount", "是否支持会员折扣", SINGLE, (), _YES_NO, default="false"),
        Field("has_invoice", "发票", SINGLE, (), _YES_NO, default="false"),
        Field("has_warranty", "保修", SINGLE, (), _YES_NO, default="false"),
    )


def _delivery() -> tuple[Field, ...]:
    place = (
        Field("prov", "省份", INPUT, (kind("text"), REQUIRED)),
        Field("city", "城市", INPUT, (kind("text"), REQUIRED)),
    )
    fees = tuple(
        Field(name, text, INPUT, (kind("decimal"),))
        for name, text in (("express_fee", "快递费用"), ("post_fee", "平邮费用"), ("ems_fee", "EMS费用"))
    )
    payers = (("2", "卖家承担运费"), ("1", "买家承担运费"))
    ways = (("postage", "使用运费模板"), ("freight_details", "设置运费"))
    buyer_pays = unless("freight_payer", "1")
    return (
        Field("location", "所在地", COMPLEX, (REQUIRED,), fields=place),
        Field("freight_payer", "运费承担方式", SINGLE, (REQUIRED,), payers, default="2"),
        Field("freight_by_buyer", "买家承担运费", SINGLE, (buyer_pays,), ways, default="freight_details"),
        Field(
            "freight",
            "运费",
            COMPLEX,
            (REQUIRED, buyer_pays, unless("freight_by_buyer", "freight_details")),
            fields=fees,
        ),
        Field(
            "postage_id",
            "运费模板ID",
            INPUT,
            (kind("long"), REQUIRED, buyer_pays, unless("freight_by_buyer", "postage")),
        ),
    )


def _shop(seller_cats: Iterable[Json]) -> tuple[Field, ...]:
    options = tuple((str(one["cid"]), str(one["name"])) for one in seller_cats)
    return (
        Field(
            "seller_cids",
            "商品所属的店铺类目列表",
            MULTI,
            (Rule("maxInputNumRule", "32", include=True),),
            options,
        ),
        Field(
            "after_sale_id",
            "售后说明模板ID",
            INPUT,
            (kind("long"), Rule("devTipRule", "请使用taobao.aftersale.get接口获取售后说明模板信息")),
        ),
    )


def _pictures() -> tuple[Field, ...]:
    each = tuple(Field(f"item_image_{at}", "商品图片", INPUT, (kind("url"),)) for at in range(IMAGES))
    return (Field("item_images", "商品图片", COMPLEX, fields=each),)


def _item_property(prop: Property) -> tuple[Field, ...]:
    """Makes the field of an item property; one that takes own values beside a list gets a second field for them."""
    name, rules = f"prop_{prop.pid}", (REQUIRED,) if prop.must else ()
    if not prop.values:
        return (Field(name, prop.name, INPUT, (*rules, kind("text"))),)
    options = tuple((str(vid), text) for vid, text in prop.values)
    if not prop.is_input_prop:
        return (Field(name, prop.name, MULTI if prop.multi else SINGLE, rules, options),)
    own = Field(f"in_{name}", prop.name, INPUT, (REQUIRED, kind("text"), unless(name, OWN)))
    return (Field(name, prop.name, SINGLE, rules, (*options, (OWN, "自定义"))), own)


def _skus(sales: list[Property]) -> tuple[Field, ...]:
    """Makes the field of the skus; a category without sales properties has none."""
    if not sales:
        return ()
    chosen = tuple(
        Field(
            f"prop_{one.pid}",
            one.name,
            SINGLE if one.values else INPUT,
            (REQUIRED,) if one.must else (),
            tuple((str(vid), text) for vid, text in one.values),
            custom=one.is_input_prop,
        )
        for one in sales
    )
    row = (
        *chosen,
        Field("sku_price", "价格", INPUT, (REQUIRED, *_MONEY)),
        Field("sku_quantity", "库存", INPUT, (REQUIRED, *_STOCK)),
        Field("sku_outerId", "商家编码", INPUT, _CODE),
    )
    rules = (REQUIRED,) if any(one.must for one in sales) else ()
    return (Field("sku", "SKU", MULTI_COMPLEX, rules, fields=row),)
