"""Products: typed requests and replies. Made by `make methods` from the catalogue; edit
`scripts/generate_methods.py`."""

from datetime import datetime

from onshelf.platforms.top.generated.types.products import Product, ProductImg, ProductPropImg
from onshelf.platforms.top.protocol import File
from onshelf.platforms.top.request import Listing, Reply, Request, Values, Walk
from onshelf.platforms.top.rows import Rows


class ProductAddReply(Reply, kw_only=True):
    """Reply of `taobao.product.add`."""

    product: Product | None = None


class ProductAdd(Request[ProductAddReply], frozen=True, kw_only=True):
    """Calls `taobao.product.add`: product add (上传一个产品，不包括产品非主图和属性图片).

    Current. Session: needed. A repeat may do it twice.
    """

    METHOD = "taobao.product.add"
    REPLY = ProductAddReply

    cid: int  # leaf category id
    image: File  # image file, multipart; 1048576 bytes
    name: str | None = None  # name
    price: str | None = None  # price in yuan, two decimals
    outer_id: str | None = None  # seller's own code
    props: str | None = None  # item properties pid:vid;pid:vid; max 35 pairs, 549 bytes in total
    binds: str | None = None  # non-key properties pid:vid;pid:vid; 512 characters
    sale_props: str | None = None  # sales properties pid:vid;pid:vid
    customer_props: str | None = None  # free-text properties pid:value;pid:value
    desc: str | None = None  # item description HTML
    major: bool | None = None  # main picture flag
    native_unkeyprops: str | None = None  # native non-key properties
    market_time: datetime | None = None  # time to market
    property_alias: str | None = None  # aliases pid:vid:alias;pid:vid:alias


class ProductGetReply(Reply, kw_only=True):
    """Reply of `taobao.product.get`."""

    product: Product | None = None


class ProductGet(Request[ProductGetReply], frozen=True, kw_only=True):
    """Calls `taobao.product.get`: product get (获取一个产品的信息).

    Current. Session: optional. A repeat changes nothing.
    """

    METHOD = "taobao.product.get"
    REPLY = ProductGetReply

    fields: Values  # comma list of response fields to return
    product_id: int | None = None  # product (SPU) id
    cid: int | None = None  # leaf category id
    props: str | None = None  # item properties pid:vid;pid:vid; max 35 pairs, 549 bytes in total


class ProductUpdateReply(Reply, kw_only=True):
    """Reply of `taobao.product.update`."""

    product: Product | None = None


class ProductUpdate(Request[ProductUpdateReply], frozen=True, kw_only=True):
    """Calls `taobao.product.update`: product update (修改一个产品，可以修改主图，不能修改子图片).

    Current. Session: needed. A repeat sets the same again.
    """

    METHOD = "taobao.product.update"
    REPLY = ProductUpdateReply

    product_id: int  # product (SPU) id
    outer_id: str | None = None  # seller's own code
    binds: str | None = None  # non-key properties pid:vid;pid:vid
    sale_props: str | None = None  # sales properties pid:vid;pid:vid
    name: str | None = None  # name
    price: str | None = None  # price in yuan, two decimals
    desc: str | None = None  # item description HTML
    major: bool | None = None  # main picture flag
    native_unkeyprops: str | None = None  # native non-key properties
    image: File | None = None  # image file, multipart; 1048576 bytes


class ProductImgUploadReply(Reply, kw_only=True):
    """Reply of `taobao.product.img.upload`."""

    product_img: ProductImg | None = None


class ProductImgUpload(Request[ProductImgUploadReply], frozen=True, kw_only=True):
    """Calls `taobao.product.img.upload`: product img upload (上传单张产品非主图，如果需要传多张，可调多次).

    Current. Session: needed. A repeat may do it twice.
    """

    METHOD = "taobao.product.img.upload"
    REPLY = ProductImgUploadReply

    product_id: int  # product (SPU) id
    image: File  # image file, multipart; 1048576 bytes
    id: int | None = None  # record id (pass to update an existing record)
    position: int | None = None  # picture slot
    is_major: bool | None = None  # make this the main picture; default false


class ProductPropimgUploadReply(Reply, kw_only=True):
    """Reply of `taobao.product.propimg.upload`."""

    product_prop_img: ProductPropImg | None = None


class ProductPropimgUpload(Request[ProductPropimgUploadReply], frozen=True, kw_only=True):
    """Calls `taobao.product.propimg.upload`: product propimg upload (上传单张产品属性图片，如果需要传多张，可调多次).

    Current. Session: needed. A repeat may do it twice.
    """

    METHOD = "taobao.product.propimg.upload"
    REPLY = ProductPropimgUploadReply

    product_id: int  # product (SPU) id
    props: str  # item properties pid:vid;pid:vid; max 35 pairs, 549 bytes in total
    image: File  # image file, multipart; 1048576 bytes
    id: int | None = None  # record id (pass to update an existing record)
    position: int | None = None  # picture slot


class ProductsGetReply(Reply, kw_only=True):
    """Reply of `taobao.products.get`."""

    products: Rows[Product] = Rows()


class ProductsGet(Listing[ProductsGetReply, Product], frozen=True, kw_only=True):
    """Calls `taobao.products.get`: products get (获取产品列表).

    Current. Session: optional. A repeat changes nothing.
    Read whole by `rows`: 100 rows a page.
    """

    METHOD = "taobao.products.get"
    REPLY = ProductsGetReply
    WALK = Walk(rows="products", page="page_no", most_rows=100)

    fields: Values  # comma list of response fields to return
    nick: str  # user nick
    page_no: int | None = None  # page number, from 1
    page_size: int | None = None  # rows per page; at most 100; default 40


class ProductsSearchReply(Reply, kw_only=True):
    """Reply of `taobao.products.search`."""

    total_results: int | None = None
    products: Rows[Product] = Rows()


class ProductsSearch(Listing[ProductsSearchReply, Product], frozen=True, kw_only=True):
    """Calls `taobao.products.search`: products search (搜索产品信息).

    Current. Session: none. A repeat changes nothing.
    Read whole by `rows`: 100 rows a page.
    """

    METHOD = "taobao.products.search"
    REPLY = ProductsSearchReply
    WALK = Walk(rows="products", page="page_no", most_rows=100, total="total_results")

    fields: Values  # comma list of response fields to return
    q: str | None = None  # title search word
    cid: int | None = None  # leaf category id
    props: str | None = None  # item properties pid:vid;pid:vid; max 35 pairs, 549 bytes in total
    status: str | None = None  # status filter; 20 characters
    page_no: int | None = None  # page number, from 1
    page_size: int | None = None  # rows per page; at most 100; default 40
    vertical_market: int | None = None  # vertical market filter; at least 0
    customer_props: str | None = None  # free-text properties pid:value;pid:value
    suite_items_str: str | None = None  # suite items
    barcode_str: str | None = None  # bar code string
    market_id: str | None = None  # market id
