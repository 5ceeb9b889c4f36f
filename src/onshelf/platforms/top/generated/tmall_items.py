"""Items on Tmall: typed requests and replies. Made by `make methods` from the catalogue; edit
`scripts/generate_methods.py`."""

from collections.abc import Sequence
from decimal import Decimal

from onshelf.platforms.top.generated.types.tmall_items import ModularDescInfo
from onshelf.platforms.top.request import Part, Reply, Request, Time


class UpdateSkuPrice(Part, frozen=True, kw_only=True):
    """sku prices, comma joined, two decimals."""

    sku_id: int | None = None
    properties: str | None = None
    outer_id: str | None = None
    price: str | None = None


class UpdateItemPriceOption(Part, frozen=True, kw_only=True):
    """option object."""

    ignore_fake_credit: bool | None = None
    currency_type: str | None = None


class UpdateSkuQuantity(Part, frozen=True, kw_only=True):
    """sku quantities, comma joined."""

    outer_id: str | None = None
    properties: str | None = None
    quantity: int | None = None
    sku_id: int | None = None


class UpdateItemQuantityOption(Part, frozen=True, kw_only=True):
    """option object."""

    outer_biz_key: str | None = None
    type: int | None = None


class UpdateSkuOuterId(Part, frozen=True, kw_only=True):
    """sku outer ids."""

    outer_id: str | None = None
    properties: str | None = None
    sku_id: int | None = None


class UpdateSkuShipTime(Part, frozen=True, kw_only=True):
    """sku ship times."""

    ship_time: str | None = None
    sku_id: int | None = None
    properties: str | None = None
    outer_id: str | None = None


class UpdateItemShipTimeOption(Part, frozen=True, kw_only=True):
    """option object."""

    ship_time_type: int
    update_type: int | None = None


class TmallItemAddSchemaGetReply(Reply, kw_only=True):
    """Reply of `tmall.item.add.schema.get`."""

    add_item_result: str | None = None


class TmallItemAddSchemaGet(Request[TmallItemAddSchemaGetReply], frozen=True, kw_only=True):
    """Calls `tmall.item.add.schema.get`: item add schema get (天猫发布商品规则获取).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "tmall.item.add.schema.get"
    REPLY = TmallItemAddSchemaGetReply

    category_id: int  # category id
    product_id: int  # product (SPU) id
    type: str | None = None  # type filter
    isv_init: bool | None = None  # sent by ISV on behalf of seller


class TmallItemSchemaAddReply(Reply, kw_only=True):
    """Reply of `tmall.item.schema.add`."""

    add_item_result: str | None = None
    gmt_create: Time | None = None


class TmallItemSchemaAdd(Request[TmallItemSchemaAddReply], frozen=True, kw_only=True):
    """Calls `tmall.item.schema.add`: item schema add (天猫根据规则发布商品).

    Current. Session: needed. A repeat may do it twice.
    """

    METHOD = "tmall.item.schema.add"
    REPLY = TmallItemSchemaAddReply

    category_id: int  # category id
    product_id: int  # product (SPU) id
    xml_data: str  # schema document (XML) filled in by the caller


class TmallItemUpdateSchemaGetReply(Reply, kw_only=True):
    """Reply of `tmall.item.update.schema.get`."""

    update_item_result: str | None = None


class TmallItemUpdateSchemaGet(Request[TmallItemUpdateSchemaGetReply], frozen=True, kw_only=True):
    """Calls `tmall.item.update.schema.get`: item update schema get (天猫编辑商品规则获取).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "tmall.item.update.schema.get"
    REPLY = TmallItemUpdateSchemaGetReply

    item_id: int  # item id (same as num_iid)
    category_id: int | None = None  # category id
    product_id: int | None = None  # product (SPU) id


class TmallItemSchemaUpdateReply(Reply, kw_only=True):
    """Reply of `tmall.item.schema.update`."""

    update_item_result: str | None = None
    gmt_modified: Time | None = None


class TmallItemSchemaUpdate(Request[TmallItemSchemaUpdateReply], frozen=True, kw_only=True):
    """Calls `tmall.item.schema.update`: item schema update (天猫根据规则编辑商品).

    Current. Session: needed. A repeat sets the same again.
    """

    METHOD = "tmall.item.schema.update"
    REPLY = TmallItemSchemaUpdateReply

    item_id: int  # item id (same as num_iid)
    xml_data: str  # schema document (XML) filled in by the caller
    category_id: int | None = None  # category id
    product_id: int | None = None  # product (SPU) id


class TmallItemIncrementUpdateSchemaGetReply(Reply, kw_only=True):
    """Reply of `tmall.item.increment.update.schema.get`."""

    update_item_result: str | None = None


class TmallItemIncrementUpdateSchemaGet(
    Request[TmallItemIncrementUpdateSchemaGetReply], frozen=True, kw_only=True
):
    """Calls `tmall.item.increment.update.schema.get`: item increment update schema get (天猫增量更新商品规则获取).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "tmall.item.increment.update.schema.get"
    REPLY = TmallItemIncrementUpdateSchemaGetReply

    item_id: int  # item id (same as num_iid)
    xml_data: str | None = None  # schema document (XML) filled in by the caller


class TmallItemSchemaIncrementUpdateReply(Reply, kw_only=True):
    """Reply of `tmall.item.schema.increment.update`."""

    update_item_result: str | None = None
    gmt_modified: Time | None = None


class TmallItemSchemaIncrementUpdate(Request[TmallItemSchemaIncrementUpdateReply], frozen=True, kw_only=True):
    """Calls `tmall.item.schema.increment.update`: item schema increment update (天猫根据规则增量更新商品).

    Current. Session: needed. A repeat sets the same again.
    """

    METHOD = "tmall.item.schema.increment.update"
    REPLY = TmallItemSchemaIncrementUpdateReply

    item_id: int  # item id (same as num_iid)
    xml_data: str  # schema document (XML) filled in by the caller


class TmallItemAddSimpleschemaGetReply(Reply, kw_only=True):
    """Reply of `tmall.item.add.simpleschema.get`."""

    result: str | None = None


class TmallItemAddSimpleschemaGet(Request[TmallItemAddSimpleschemaGetReply], frozen=True, kw_only=True):
    """Calls `tmall.item.add.simpleschema.get`: item add simpleschema get.

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "tmall.item.add.simpleschema.get"
    REPLY = TmallItemAddSimpleschemaGetReply


class TmallItemSimpleschemaAddReply(Reply, kw_only=True):
    """Reply of `tmall.item.simpleschema.add`."""

    result: str | None = None
    gmt_modified: Time | None = None


class TmallItemSimpleschemaAdd(Request[TmallItemSimpleschemaAddReply], frozen=True, kw_only=True):
    """Calls `tmall.item.simpleschema.add`: item simpleschema add (天猫简化发布商品).

    Current. Session: needed. A repeat may do it twice.
    """

    METHOD = "tmall.item.simpleschema.add"
    REPLY = TmallItemSimpleschemaAddReply

    schema_xml_fields: str  # extra schema fields XML


class TmallItemUpdateSimpleschemaGetReply(Reply, kw_only=True):
    """Reply of `tmall.item.update.simpleschema.get`."""

    error: bool | None = None
    error_msg: str | None = None
    result: str | None = None


class TmallItemUpdateSimpleschemaGet(Request[TmallItemUpdateSimpleschemaGetReply], frozen=True, kw_only=True):
    """Calls `tmall.item.update.simpleschema.get`: item update simpleschema get (官网同购编辑商品的get接口).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "tmall.item.update.simpleschema.get"
    REPLY = TmallItemUpdateSimpleschemaGetReply

    item_id: int | None = None  # item id (same as num_iid)


class TmallItemSimpleschemaUpdateReply(Reply, kw_only=True):
    """Reply of `tmall.item.simpleschema.update`."""

    update_item_result: str | None = None
    gmt_modified: Time | None = None
    sku_map_json: str | None = None


class TmallItemSimpleschemaUpdate(Request[TmallItemSimpleschemaUpdateReply], frozen=True, kw_only=True):
    """Calls `tmall.item.simpleschema.update`: item simpleschema update (天猫简化编辑商品).

    Current. Session: needed. A repeat sets the same again.
    """

    METHOD = "tmall.item.simpleschema.update"
    REPLY = TmallItemSimpleschemaUpdateReply

    item_id: int  # item id (same as num_iid)
    schema_xml_fields: str  # extra schema fields XML


class TmallItemPriceUpdateReply(Reply, kw_only=True):
    """Reply of `tmall.item.price.update`."""

    price_update_result: str | None = None


class TmallItemPriceUpdate(Request[TmallItemPriceUpdateReply], frozen=True, kw_only=True):
    """Calls `tmall.item.price.update`: item price update (天猫商品/SKU价格更新接口).

    Current. Session: needed. A repeat sets the same again.
    """

    METHOD = "tmall.item.price.update"
    REPLY = TmallItemPriceUpdateReply

    item_id: int  # item id (same as num_iid)
    item_price: Decimal | None = None  # new item price so that it stays inside the sku price range; yuan
    # sku prices, comma joined, two decimals; at most 999999
    sku_prices: Sequence[UpdateSkuPrice] | None = None
    options: UpdateItemPriceOption | None = None  # option object


class TmallItemQuantityUpdateReply(Reply, kw_only=True):
    """Reply of `tmall.item.quantity.update`."""

    quantity_update_result: str | None = None


class TmallItemQuantityUpdate(Request[TmallItemQuantityUpdateReply], frozen=True, kw_only=True):
    """Calls `tmall.item.quantity.update`: item quantity update (天猫商品/SKU库存更新接口).

    Current. Session: needed. A repeat sets the same again; with `options={"type":2}` it may do it twice.
    """

    METHOD = "tmall.item.quantity.update"
    REPLY = TmallItemQuantityUpdateReply

    item_id: int  # item id (same as num_iid)
    item_quantity: int | None = None  # item quantity value
    sku_quantities: Sequence[UpdateSkuQuantity] | None = None  # sku quantities, comma joined; at most 20
    options: UpdateItemQuantityOption | None = None  # option object


class TmallItemOuteridUpdateReply(Reply, kw_only=True):
    """Reply of `tmall.item.outerid.update`."""

    outerid_update_result: str | None = None


class TmallItemOuteridUpdate(Request[TmallItemOuteridUpdateReply], frozen=True, kw_only=True):
    """Calls `tmall.item.outerid.update`: item outerid update (天猫商品/SKU商家编码更新接口).

    Current. Session: needed. A repeat sets the same again.
    """

    METHOD = "tmall.item.outerid.update"
    REPLY = TmallItemOuteridUpdateReply

    item_id: int  # item id (same as num_iid)
    outer_id: str | None = None  # seller's own code
    sku_outers: Sequence[UpdateSkuOuterId] | None = None  # sku outer ids; at most 2000


class TmallItemShiptimeUpdateReply(Reply, kw_only=True):
    """Reply of `tmall.item.shiptime.update`."""

    result: str | None = None


class TmallItemShiptimeUpdate(Request[TmallItemShiptimeUpdateReply], frozen=True, kw_only=True):
    """Calls `tmall.item.shiptime.update`: item shiptime update (更新商品发货时间).

    Current. Session: needed. A repeat sets the same again.
    """

    METHOD = "tmall.item.shiptime.update"
    REPLY = TmallItemShiptimeUpdateReply

    item_id: int  # item id (same as num_iid)
    option: UpdateItemShipTimeOption  # option object
    ship_time: str | None = None  # ship time
    sku_ship_times: Sequence[UpdateSkuShipTime] | None = None  # sku ship times; at most 20


class TmallItemDescModulesGetReply(Reply, kw_only=True):
    """Reply of `tmall.item.desc.modules.get`."""

    modular_desc_info: ModularDescInfo | None = None


class TmallItemDescModulesGet(Request[TmallItemDescModulesGetReply], frozen=True, kw_only=True):
    """Calls `tmall.item.desc.modules.get`: item desc modules get (商品描述模块信息获取).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "tmall.item.desc.modules.get"
    REPLY = TmallItemDescModulesGetReply

    cat_id: int  # leaf category id
    usr_id: str  # user id
