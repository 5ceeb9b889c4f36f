"""Publishing by schema: typed requests and replies. Made by `make methods` from the catalogue; edit
`scripts/generate_methods.py`."""

from typing import Literal

from onshelf.platforms.top.request import Reply, Request, Values


class AlibabaItemPublishMarketGetReply(Reply, kw_only=True):
    """Reply of `alibaba.item.publish.market.get`."""

    markets: str | None = None


class AlibabaItemPublishMarketGet(Request[AlibabaItemPublishMarketGetReply], frozen=True, kw_only=True):
    """Calls `alibaba.item.publish.market.get`: markets the seller may publish to.

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "alibaba.item.publish.market.get"
    REPLY = AlibabaItemPublishMarketGetReply


class AlibabaItemPublishPropsGetReply(Reply, kw_only=True):
    """Reply of `alibaba.item.publish.props.get`."""

    result: str | None = None


class AlibabaItemPublishPropsGet(Request[AlibabaItemPublishPropsGetReply], frozen=True, kw_only=True):
    """Calls `alibaba.item.publish.props.get`: cascaded property data for publishing (商品级联属性信息获取).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "alibaba.item.publish.props.get"
    REPLY = AlibabaItemPublishPropsGetReply

    market: Literal["taobao", "tmall", "litetao"]  # market to publish to
    cat_id: int  # leaf category id
    schema: str  # schema document (XML) filled in by the caller
    prop_id: int  # property id
    barcode: str | None = None  # EAN/UPC bar code


class AlibabaItemPublishSchemaGetReply(Reply, kw_only=True):
    """Reply of `alibaba.item.publish.schema.get`."""

    result: str | None = None


class AlibabaItemPublishSchemaGet(Request[AlibabaItemPublishSchemaGetReply], frozen=True, kw_only=True):
    """Calls `alibaba.item.publish.schema.get`: schema for publishing a new item (获取商品发布规则信息).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "alibaba.item.publish.schema.get"
    REPLY = AlibabaItemPublishSchemaGetReply

    market: Literal["taobao", "tmall", "litetao"]  # market to publish to
    cat_id: int  # leaf category id
    images: Values | None = None  # main picture URLs; at most 5
    item_type: str | None = None  # b fixed price, a auction
    biz_type: str | None = None  # business extension agreed with the platform
    spu_id: int | None = None  # product (SPU) id; required when market is tmall
    barcode: str | None = None  # EAN/UPC bar code


class AlibabaItemPublishSubmitReply(Reply, kw_only=True):
    """Reply of `alibaba.item.publish.submit`."""

    create_time: str | None = None
    item_id: int | None = None
    market: str | None = None


class AlibabaItemPublishSubmit(Request[AlibabaItemPublishSubmitReply], frozen=True, kw_only=True):
    """Calls `alibaba.item.publish.submit`: publish a new item by schema (商品发布).

    Current. Session: needed. A repeat may do it twice.
    This is the real name of the submit step (there is no alibaba.item.publish.schema.submit).
    """

    METHOD = "alibaba.item.publish.submit"
    REPLY = AlibabaItemPublishSubmitReply

    market: Literal["taobao", "tmall", "litetao"]  # market to publish to
    cat_id: int  # leaf category id
    schema: str  # filled-in schema document
    biz_type: str | None = None  # business extension agreed with the platform
    spu_id: int | None = None  # product (SPU) id; required when market is tmall
    barcode: str | None = None  # EAN/UPC bar code


class AlibabaItemEditSchemaGetReply(Reply, kw_only=True):
    """Reply of `alibaba.item.edit.schema.get`."""

    result: str | None = None


class AlibabaItemEditSchemaGet(Request[AlibabaItemEditSchemaGetReply], frozen=True, kw_only=True):
    """Calls `alibaba.item.edit.schema.get`: schema for editing an item (商品编辑获取schema信息).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "alibaba.item.edit.schema.get"
    REPLY = AlibabaItemEditSchemaGetReply

    item_id: int  # item id (same as num_iid)
    biz_type: str | None = None  # business extension agreed with the platform
    fields: Values | None = None  # comma list of response fields to return


class AlibabaItemEditSubmitReply(Reply, kw_only=True):
    """Reply of `alibaba.item.edit.submit`."""

    update_time: str | None = None
    item_id: int | None = None
    market: str | None = None


class AlibabaItemEditSubmit(Request[AlibabaItemEditSubmitReply], frozen=True, kw_only=True):
    """Calls `alibaba.item.edit.submit`: submit an edited item by schema (商品编辑提交schema信息).

    Current. Session: needed. A repeat may do it twice.
    """

    METHOD = "alibaba.item.edit.submit"
    REPLY = AlibabaItemEditSubmitReply

    item_id: int  # item id (same as num_iid)
    schema: str  # schema document (XML) filled in by the caller
    biz_type: str | None = None  # business extension agreed with the platform
    cat_id: int | None = None  # leaf category id
    spu_id: int | None = None  # product (SPU) id; required when market is tmall


class AlibabaItemEditFastupdateReply(Reply, kw_only=True):
    """Reply of `alibaba.item.edit.fastupdate`."""

    update_time: str | None = None
    item_id: int | None = None
    market: str | None = None


class AlibabaItemEditFastupdate(Request[AlibabaItemEditFastupdateReply], frozen=True, kw_only=True):
    """Calls `alibaba.item.edit.fastupdate`: partial item edit by schema (商品编辑增量更新).

    Current. Session: needed. A repeat may do it twice.
    Cannot add skus; new skus need alibaba.item.edit.submit.
    """

    METHOD = "alibaba.item.edit.fastupdate"
    REPLY = AlibabaItemEditFastupdateReply

    item_id: int  # item id (same as num_iid)
    schema: str  # schema with only the changed fields (price, stock ... of existing skus; cannot add skus)
    cat_id: int | None = None  # leaf category id
    spu_id: int | None = None  # product (SPU) id; required when market is tmall


class AlibabaItemOperateUpshelfReply(Reply, kw_only=True):
    """Reply of `alibaba.item.operate.upshelf`."""

    result: str | None = None


class AlibabaItemOperateUpshelf(Request[AlibabaItemOperateUpshelfReply], frozen=True, kw_only=True):
    """Calls `alibaba.item.operate.upshelf`: put an item on shelf (商品上架).

    Current. Session: needed. A repeat sets the same again.
    """

    METHOD = "alibaba.item.operate.upshelf"
    REPLY = AlibabaItemOperateUpshelfReply

    item_id: int  # item id (same as num_iid)
    quantity: int | None = None  # stock to list with


class AlibabaItemOperateDownshelfReply(Reply, kw_only=True):
    """Reply of `alibaba.item.operate.downshelf`."""

    result: str | None = None


class AlibabaItemOperateDownshelf(Request[AlibabaItemOperateDownshelfReply], frozen=True, kw_only=True):
    """Calls `alibaba.item.operate.downshelf`: take an item off shelf (商品下架).

    Current. Session: needed. A repeat sets the same again.
    """

    METHOD = "alibaba.item.operate.downshelf"
    REPLY = AlibabaItemOperateDownshelfReply

    item_id: int  # item id (same as num_iid)


class AlibabaItemOperateDeleteReply(Reply, kw_only=True):
    """Reply of `alibaba.item.operate.delete`."""

    result: str | None = None


class AlibabaItemOperateDelete(Request[AlibabaItemOperateDeleteReply], frozen=True, kw_only=True):
    """Calls `alibaba.item.operate.delete`: delete an item (商品删除).

    Current. Session: needed. A repeat sets the same again.
    """

    METHOD = "alibaba.item.operate.delete"
    REPLY = AlibabaItemOperateDeleteReply

    item_id: int  # item id (same as num_iid)
