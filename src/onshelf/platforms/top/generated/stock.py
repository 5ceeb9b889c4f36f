"""Stock and variants of items: typed requests and replies. Made by `make methods` from the catalogue;
edit `scripts/generate_methods.py`."""

from decimal import Decimal
from typing import Literal

from onshelf.platforms.top.generated.types.shared import Item, Sku
from onshelf.platforms.top.request import Listing, Reply, Request, Values, Walk
from onshelf.platforms.top.rows import Rows


class ItemQuantityUpdateReply(Reply, kw_only=True):
    """Reply of `taobao.item.quantity.update`."""

    item: Item | None = None


class ItemQuantityUpdate(Request[ItemQuantityUpdateReply], frozen=True, kw_only=True):
    """Calls `taobao.item.quantity.update`: change stock of an item or sku (宝贝/SKU库存修改).

    Current. Session: needed. A repeat sets the same again; with `type=2` it may do it twice.
    Refusals seen: isv.item-not-exist:invalid-numIid-or-iid, isv.item-is-delete:invalid-numIid-or-iid,
    isv.invalid-parameter:sku-properties, isv.item-quantity-item-update-service-error,
    isv.item-quantity-sku-update-service-error-tmall, isv.item-is-presale:invalid-presale-tags-id-tmall,
    isv.error-inventory-invalid-item-quantity-tmall.
    """

    METHOD = "taobao.item.quantity.update"
    REPLY = ItemQuantityUpdateReply

    num_iid: int  # numeric item id
    # new value (full mode, >= 0) or delta (increment mode, may be negative; result must stay >= 0)
    quantity: int
    sku_id: int | None = None  # numeric sku id
    outer_id: str | None = None  # seller's own code
    type: Literal[1, 2] | None = None  # 1 full replace (default), 2 increment


class SkusQuantityUpdateReply(Reply, kw_only=True):
    """Reply of `taobao.skus.quantity.update`."""

    item: Item | None = None


class SkusQuantityUpdate(Request[SkusQuantityUpdateReply], frozen=True, kw_only=True):
    """Calls `taobao.skus.quantity.update`: change stock of several skus (SKU库存修改).

    Current. Session: needed. A repeat sets the same again; with `type=2` it may do it twice.
    Articles call it items.quantity.update; the real name is taobao.skus.quantity.update. Max 20 skus.
    Refusals seen: isv.item-not-exist:invalid-numIid-or-iid, isv.item-is-delete:invalid-numIid-or-iid,
    isv.invalid-parameter:sku-properties, isv.item-quantity-item-update-service-error,
    isv.item-quantity-sku-update-service-error-tmall, isv.item-is-presale:invalid-presale-tags-id-tmall,
    isv.error-inventory-invalid-item-quantity-tmall.
    """

    METHOD = "taobao.skus.quantity.update"
    REPLY = SkusQuantityUpdateReply

    num_iid: int  # numeric item id
    skuid_quantities: str | None = None  # skuId:qty;skuId:qty; max 20 skus
    # outerId:qty;outerId:qty, used when skuid_quantities is empty; max 20
    outerid_quantities: str | None = None
    # 1 full replace (default), 2 increment; an over-large negative delta sets stock to 0
    type: Literal[1, 2] | None = None


class ItemSkuAddReply(Reply, kw_only=True):
    """Reply of `taobao.item.sku.add`."""

    sku: Sku | None = None


class ItemSkuAdd(Request[ItemSkuAddReply], frozen=True, kw_only=True):
    """Calls `taobao.item.sku.add`: add a sku (添加SKU).

    Current. Session: needed. A repeat may do it twice.
    """

    METHOD = "taobao.item.sku.add"
    REPLY = ItemSkuAddReply

    num_iid: int  # numeric item id; at least 0
    properties: str  # property string pid:vid;pid:vid
    quantity: int  # quantity; at least 0
    price: Decimal  # price in yuan, two decimals
    outer_id: str | None = None  # seller's own code
    lang: Literal["zh_HK", "zh_CN"] | None = None  # text language; default zh_CN
    item_price: Decimal | None = None  # new item price so that it stays inside the sku price range; yuan
    ignorewarning: Values | None = None  # warning codes to ignore, comma separated


class ItemSkuGetReply(Reply, kw_only=True):
    """Reply of `taobao.item.sku.get`."""

    sku: Sku | None = None


class ItemSkuGet(Request[ItemSkuGetReply], frozen=True, kw_only=True):
    """Calls `taobao.item.sku.get`: get one sku (获取SKU).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.item.sku.get"
    REPLY = ItemSkuGetReply

    fields: Values  # comma list of response fields to return
    sku_id: int  # numeric sku id
    num_iid: int | None = None  # numeric item id; at least 0


class ItemSkuUpdateReply(Reply, kw_only=True):
    """Reply of `taobao.item.sku.update`."""

    sku: Sku | None = None


class ItemSkuUpdate(Request[ItemSkuUpdateReply], frozen=True, kw_only=True):
    """Calls `taobao.item.sku.update`: update a sku (更新SKU信息).

    Current. Session: needed. A repeat sets the same again.
    """

    METHOD = "taobao.item.sku.update"
    REPLY = ItemSkuUpdateReply

    num_iid: int  # numeric item id; at least 0
    properties: str  # property string pid:vid;pid:vid
    quantity: int | None = None  # quantity; at least 0
    price: Decimal | None = None  # price in yuan, two decimals
    outer_id: str | None = None  # seller's own code
    lang: Literal["zh_HK", "zh_CN"] | None = None  # text language; default zh_CN
    item_price: Decimal | None = None  # new item price so that it stays inside the sku price range; yuan
    ignorewarning: Values | None = None  # warning codes to ignore, comma separated


class ItemSkuDeleteReply(Reply, kw_only=True):
    """Reply of `taobao.item.sku.delete`."""

    sku: Sku | None = None


class ItemSkuDelete(Request[ItemSkuDeleteReply], frozen=True, kw_only=True):
    """Calls `taobao.item.sku.delete`: delete a sku (删除SKU).

    Current. Session: needed. A repeat sets the same again.
    """

    METHOD = "taobao.item.sku.delete"
    REPLY = ItemSkuDeleteReply

    num_iid: int  # numeric item id
    properties: str  # property string pid:vid;pid:vid
    lang: Literal["zh_HK", "zh_CN"] | None = None  # text language; default zh_CN
    item_price: Decimal | None = None  # new item price so that it stays inside the sku price range; yuan
    item_num: int | None = None  # new item quantity, must match remaining sku total
    ignorewarning: Values | None = None  # warning codes to ignore, comma separated


class ItemSkuPriceUpdateReply(Reply, kw_only=True):
    """Reply of `taobao.item.sku.price.update`."""

    sku: Sku | None = None


class ItemSkuPriceUpdate(Request[ItemSkuPriceUpdateReply], frozen=True, kw_only=True):
    """Calls `taobao.item.sku.price.update`: update sku price (更新商品SKU的价格).

    Current. Session: needed. A repeat sets the same again.
    """

    METHOD = "taobao.item.sku.price.update"
    REPLY = ItemSkuPriceUpdateReply

    num_iid: int  # numeric item id; at least 0
    properties: str  # property string pid:vid;pid:vid
    quantity: int | None = None  # quantity; at least 0
    price: Decimal | None = None  # price in yuan, two decimals
    outer_id: str | None = None  # seller's own code
    lang: Literal["zh_HK", "zh_CN"] | None = None  # text language; default zh_CN
    item_price: Decimal | None = None  # new item price so that it stays inside the sku price range; yuan
    ignorewarning: Values | None = None  # warning codes to ignore, comma separated


class ItemSkusGetReply(Reply, kw_only=True):
    """Reply of `taobao.item.skus.get`."""

    skus: Rows[Sku] = Rows()


class ItemSkusGet(Listing[ItemSkusGetReply, Sku], frozen=True, kw_only=True):
    """Calls `taobao.item.skus.get`: get skus of several items (根据商品ID列表获取SKU信息).

    Current. Session: needed. A repeat changes nothing.
    Read whole by `rows`: 40 num_iids a call.
    """

    METHOD = "taobao.item.skus.get"
    REPLY = ItemSkusGetReply
    WALK = Walk(rows="skus", ids="num_iids", most_ids=40)

    fields: Values  # comma list of response fields to return
    num_iids: Values  # comma list of item ids; at most 40


class SkusCustomGetReply(Reply, kw_only=True):
    """Reply of `taobao.skus.custom.get`."""

    skus: Rows[Sku] = Rows()


class SkusCustomGet(Request[SkusCustomGetReply], frozen=True, kw_only=True):
    """Calls `taobao.skus.custom.get`: find own skus by outer_id (根据外部ID取商品SKU).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.skus.custom.get"
    REPLY = SkusCustomGetReply

    fields: Values  # comma list of response fields to return
    outer_id: str  # one sku seller code
