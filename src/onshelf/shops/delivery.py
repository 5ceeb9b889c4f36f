"""The delivery templates of a shop, as the platform knows them: a read, nothing changed."""

from dataclasses import dataclass

from onshelf.platforms.port import Lane, ShopRef
from onshelf.platforms.top.client import TopClient
from onshelf.platforms.top.generated.delivery import DeliveryTemplatesGetReply
from onshelf.platforms.top.outcomes import Kind

METHOD = "taobao.delivery.templates.get"


@dataclass(frozen=True, slots=True)
class DeliveryTemplate:
    """One template of the seller's."""

    template_id: int
    name: str


async def delivery_templates(client: TopClient, shop: ShopRef) -> list[DeliveryTemplate]:
    """Asks for a shop's templates, in the platform's order. Raises the PlatformError family."""
    answer = await client.call(
        METHOD,
        {"fields": "template_id,name"},
        DeliveryTemplatesGetReply,
        shop=shop,
        kind=Kind.READ,
        lane=Lane.LISTING,
    )
    return [
        DeliveryTemplate(one.template_id, one.name or str(one.template_id))
        for one in answer.value.delivery_templates
        if one.template_id
    ]
