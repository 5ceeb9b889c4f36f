"""Where at the console the cause of an alert is mended: its pages lead there, and so do messages. Pure."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from onshelf.alerts.rules import SHOP_CAUSES
from onshelf.catalog.item import Reason


@dataclass(frozen=True, slots=True)
class Mend:
    """One page, and the text `web.mend.<word>` that leads there."""

    path: str
    word: str


_OF_SHOP = {
    "authorisation_ends": "authorise",
    "authorisation_ended": "authorise",
    "tier_ended": "authorise",
    "probe_failed": "probe",
    "messages_down": "connection",
}


def mend_of(cause: str, shop_id: str, *, item_id: int = 0, outer_id: str = "") -> Mend:
    """Returns where a cause is mended: of one item with `item_id`, else of all of a shop alike.

    `outer_id`: as alerts have it: of a webhook's alert its id.
    """
    if cause == "webhook_stopped":
        return Mend(f"/developer/webhooks/{quote(outer_id)}" if outer_id else "/developer", "webhook")
    if cause in SHOP_CAUSES:
        return Mend(f"/shops/{quote(shop_id)}", _OF_SHOP.get(cause, "shop"))
    if item_id:
        return Mend(f"/shelf/{quote(shop_id)}/{item_id}", "item")
    asked = urlencode({"shop": shop_id, "cause": cause} if cause in set(Reason) else {"shop": shop_id})
    return Mend(f"/shelf?{asked}", "shelf")
