"""Products on Tmall: typed requests and replies. Made by `make methods` from the catalogue; edit
`scripts/generate_methods.py`."""

from datetime import datetime

from onshelf.platforms.top.generated.types.tmall_products import ProductSpec, SpuTemplateDO, Ticket
from onshelf.platforms.top.protocol import File
from onshelf.platforms.top.request import Reply, Request
from onshelf.platforms.top.rows import Rows


class TmallProductMatchSchemaGetReply(Reply, kw_only=True):
    """Reply of `tmall.product.match.schema.get`."""

    match_result: str | None = None


class TmallProductMatchSchemaGet(Request[TmallProductMatchSchemaGetReply], frozen=True, kw_only=True):
    """Calls `tmall.product.match.schema.get`: product match schema get (获取匹配产品规则).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "tmall.product.match.schema.get"
    REPLY = TmallProductMatchSchemaGetReply

    category_id: int  # category id


class TmallProductSchemaMatchReply(Reply, kw_only=True):
    """Reply of `tmall.product.schema.match`."""

    match_result: str | None = None


class TmallProductSchemaMatch(Request[TmallProductSchemaMatchReply], frozen=True, kw_only=True):
    """Calls `tmall.product.schema.match`: product schema match (product匹配接口).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "tmall.product.schema.match"
    REPLY = TmallProductSchemaMatchReply

    category_id: int  # category id
    propvalues: str  # property values


class TmallProductAddSchemaGetReply(Reply, kw_only=True):
    """Reply of `tmall.product.add.schema.get`."""

    add_product_rule: str | None = None


class TmallProductAddSchemaGet(Request[TmallProductAddSchemaGetReply], frozen=True, kw_only=True):
    """Calls `tmall.product.add.schema.get`: product add schema get (产品发布规则获取接口).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "tmall.product.add.schema.get"
    REPLY = TmallProductAddSchemaGetReply

    category_id: int  # category id
    brand_id: int | None = None  # brand id


class TmallProductSchemaAddReply(Reply, kw_only=True):
    """Reply of `tmall.product.schema.add`."""

    add_product_result: str | None = None


class TmallProductSchemaAdd(Request[TmallProductSchemaAddReply], frozen=True, kw_only=True):
    """Calls `tmall.product.schema.add`: product schema add (使用Schema文件发布一个产品).

    Current. Session: needed. A repeat may do it twice.
    """

    METHOD = "tmall.product.schema.add"
    REPLY = TmallProductSchemaAddReply

    category_id: int  # category id
    xml_data: str  # schema document (XML) filled in by the caller
    brand_id: int | None = None  # brand id


class TmallProductSchemaGetReply(Reply, kw_only=True):
    """Reply of `tmall.product.schema.get`."""

    get_product_result: str | None = None


class TmallProductSchemaGet(Request[TmallProductSchemaGetReply], frozen=True, kw_only=True):
    """Calls `tmall.product.schema.get`: product schema get (产品信息获取schema获取).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "tmall.product.schema.get"
    REPLY = TmallProductSchemaGetReply

    product_id: int  # product (SPU) id


class TmallProductUpdateSchemaGetReply(Reply, kw_only=True):
    """Reply of `tmall.product.update.schema.get`."""

    update_product_schema: str | None = None


class TmallProductUpdateSchemaGet(Request[TmallProductUpdateSchemaGetReply], frozen=True, kw_only=True):
    """Calls `tmall.product.update.schema.get`: product update schema get (产品更新规则获取接口).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "tmall.product.update.schema.get"
    REPLY = TmallProductUpdateSchemaGetReply

    product_id: int  # product (SPU) id


class TmallProductSchemaUpdateReply(Reply, kw_only=True):
    """Reply of `tmall.product.schema.update`."""

    update_product_result: str | None = None


class TmallProductSchemaUpdate(Request[TmallProductSchemaUpdateReply], frozen=True, kw_only=True):
    """Calls `tmall.product.schema.update`: product schema update (产品更新接口).

    Current. Session: needed. A repeat sets the same again.
    """

    METHOD = "tmall.product.schema.update"
    REPLY = TmallProductSchemaUpdateReply

    product_id: int  # product (SPU) id
    xml_data: str  # schema document (XML) filled in by the caller


class TmallProductTemplateGetReply(Reply, kw_only=True):
    """Reply of `tmall.product.template.get`."""

    template: SpuTemplateDO | None = None


class TmallProductTemplateGet(Request[TmallProductTemplateGetReply], frozen=True, kw_only=True):
    """Calls `tmall.product.template.get`: product template get (产品接口).

    Current. Session: optional. A repeat changes nothing.
    """

    METHOD = "tmall.product.template.get"
    REPLY = TmallProductTemplateGetReply

    cid: int  # leaf category id


class TmallProductSpecAddReply(Reply, kw_only=True):
    """Reply of `tmall.product.spec.add`."""

    product_spec: ProductSpec | None = None


class TmallProductSpecAdd(Request[TmallProductSpecAddReply], frozen=True, kw_only=True):
    """Calls `tmall.product.spec.add`: product spec add (添加产品规格).

    Current. Session: needed. A repeat may do it twice.
    """

    METHOD = "tmall.product.spec.add"
    REPLY = TmallProductSpecAddReply

    product_id: int  # product (SPU) id
    image: File  # image file, multipart
    certified_pic_str: str | None = None  # certification pictures
    label_price: int | None = None  # tag price; 0..999999999
    certified_txt_str: str | None = None  # certification texts
    spec_props: str | None = None  # spec properties
    spec_props_alias: str | None = None  # spec property aliases; 60 characters
    customer_spec_props: str | None = None  # custom spec properties
    change_prop: str | None = None  # base-colour data (unused on Taobao)
    barcode: str | None = None  # EAN/UPC bar code
    product_code: str | None = None  # product code
    market_time: datetime | None = None  # time to market


class TmallProductSpecGetReply(Reply, kw_only=True):
    """Reply of `tmall.product.spec.get`."""

    product_spec: ProductSpec | None = None


class TmallProductSpecGet(Request[TmallProductSpecGetReply], frozen=True, kw_only=True):
    """Calls `tmall.product.spec.get`: product spec get (根据产品规格的Id号获取当个的规格信息).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "tmall.product.spec.get"
    REPLY = TmallProductSpecGetReply

    spec_id: int  # product spec id


class TmallProductSpecPicUploadReply(Reply, kw_only=True):
    """Reply of `tmall.product.spec.pic.upload`."""

    spec_pic_url: str | None = None


class TmallProductSpecPicUpload(Request[TmallProductSpecPicUploadReply], frozen=True, kw_only=True):
    """Calls `tmall.product.spec.pic.upload`: product spec pic upload (上传产品规格认证图片).

    Current. Session: needed. A repeat may do it twice.
    """

    METHOD = "tmall.product.spec.pic.upload"
    REPLY = TmallProductSpecPicUploadReply

    certify_type: int  # certificate type
    certify_pic: File  # certificate picture


class TmallProductSpecsGetReply(Reply, kw_only=True):
    """Reply of `tmall.product.specs.get`."""

    product_specs: Rows[ProductSpec] = Rows()


class TmallProductSpecsGet(Request[TmallProductSpecsGetReply], frozen=True, kw_only=True):
    """Calls `tmall.product.specs.get`: product specs get (获取产品的规格信息).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "tmall.product.specs.get"
    REPLY = TmallProductSpecsGetReply

    product_id: int | None = None  # product (SPU) id
    cat_id: int | None = None  # leaf category id
    properties: str | None = None  # property string pid:vid;pid:vid


class TmallProductSpecsTicketGetReply(Reply, kw_only=True):
    """Reply of `tmall.product.specs.ticket.get`."""

    tickets: Rows[Ticket] = Rows()


class TmallProductSpecsTicketGet(Request[TmallProductSpecsTicketGetReply], frozen=True, kw_only=True):
    """Calls `tmall.product.specs.ticket.get`: product specs ticket get (产品规格审核信息获取接口).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "tmall.product.specs.ticket.get"
    REPLY = TmallProductSpecsTicketGetReply

    spec_ids: str  # product spec ids
