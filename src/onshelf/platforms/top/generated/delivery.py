"""Delivery templates: typed requests and replies. Made by `make methods` from the catalogue; edit
`scripts/generate_methods.py`."""

from typing import Literal

from onshelf.platforms.top.generated.types.delivery import DeliveryTemplate
from onshelf.platforms.top.request import Reply, Request, Values
from onshelf.platforms.top.rows import Rows


class DeliveryTemplatesGetReply(Reply, kw_only=True):
    """Reply of `taobao.delivery.templates.get`."""

    delivery_templates: Rows[DeliveryTemplate] = Rows()
    total_results: int | None = None


class DeliveryTemplatesGet(Request[DeliveryTemplatesGetReply], frozen=True, kw_only=True):
    """Calls `taobao.delivery.templates.get`: freight templates of the user (获取用户下所有模板).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.delivery.templates.get"
    REPLY = DeliveryTemplatesGetReply

    fields: Values  # comma list of response fields to return


class DeliveryTemplateGetReply(Reply, kw_only=True):
    """Reply of `taobao.delivery.template.get`."""

    delivery_templates: Rows[DeliveryTemplate] = Rows()
    total_results: int | None = None


class DeliveryTemplateGet(Request[DeliveryTemplateGetReply], frozen=True, kw_only=True):
    """Calls `taobao.delivery.template.get`: delivery template get (获取用户指定运费模板信息).

    Current. Session: optional. A repeat changes nothing.
    """

    METHOD = "taobao.delivery.template.get"
    REPLY = DeliveryTemplateGetReply

    template_ids: Values  # comma list of template ids; at most 20
    fields: Values  # comma list of response fields to return
    user_nick: str | None = None  # user nick


class DeliveryTemplateAddReply(Reply, kw_only=True):
    """Reply of `taobao.delivery.template.add`."""

    delivery_template: DeliveryTemplate | None = None


class DeliveryTemplateAdd(Request[DeliveryTemplateAddReply], frozen=True, kw_only=True):
    """Calls `taobao.delivery.template.add`: delivery template add (新增运费模板).

    Current. Session: needed. A repeat may do it twice.
    """

    METHOD = "taobao.delivery.template.add"
    REPLY = DeliveryTemplateAddReply

    name: str  # name; 50 characters
    assumer: Literal[0, 1]  # who pays freight in the template
    valuation: Literal[0, 1, 3]  # freight valuation rule
    template_types: str  # delivery services in the template
    template_dests: str  # destinations
    template_start_standards: str  # first unit size
    template_start_fees: str  # first unit fee
    template_add_standards: str  # extra unit size
    template_add_fees: str  # per extra unit fee
    consign_area_id: int | None = None  # ship-from area id


class DeliveryTemplateUpdateReply(Reply, kw_only=True):
    """Reply of `taobao.delivery.template.update`."""

    complete: bool | None = None


class DeliveryTemplateUpdate(Request[DeliveryTemplateUpdateReply], frozen=True, kw_only=True):
    """Calls `taobao.delivery.template.update`: delivery template update (修改运费模板).

    Current. Session: needed. A repeat sets the same again.
    """

    METHOD = "taobao.delivery.template.update"
    REPLY = DeliveryTemplateUpdateReply

    template_id: int  # template id
    template_types: str  # delivery services in the template
    template_dests: str  # destinations
    template_start_standards: str  # first unit size
    template_start_fees: str  # first unit fee
    template_add_standards: str  # extra unit size
    template_add_fees: str  # per extra unit fee
    name: str | None = None  # name
    assumer: Literal[0, 1] | None = None  # who pays freight in the template


class DeliveryTemplateDeleteReply(Reply, kw_only=True):
    """Reply of `taobao.delivery.template.delete`."""

    complete: bool | None = None


class DeliveryTemplateDelete(Request[DeliveryTemplateDeleteReply], frozen=True, kw_only=True):
    """Calls `taobao.delivery.template.delete`: delivery template delete (删除运费模板).

    Current. Session: needed. A repeat sets the same again.
    """

    METHOD = "taobao.delivery.template.delete"
    REPLY = DeliveryTemplateDeleteReply

    template_id: int  # template id
