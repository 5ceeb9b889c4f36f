"""Every event type of the event log: one frozen dataclass each. The docstring says who writes it and who reads it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ItemChanged:
    """An item's state on the platform changed. Written by watch; read by alerts (and later search)."""

    shop_id: str
    item_id: int
    version: int  # of the item's record after this change; (shop_id, item_id, version) is unique
    outer_id: str  # empty when the item carries none
    title: str
    old: str  # catalog.item.State value, "" when first seen
    new: str
    reason: str  # catalog.item.Reason value
    happened_us: int  # the platform's time of the change, else when it was seen
    seen_us: int  # when our deciding read was answered
    ours: bool  # our own job intended it
    evidence: str  # what named the item: "push", "slice", "count", "sweep"


@dataclass(frozen=True, slots=True)
class ShopTrouble:
    """Something about a shop wants a person, or no longer does. Written by shops; read by alerts."""

    shop_id: str
    trouble: str  # "authorisation", "tier", "probe" or "messages": one of each stands at a time
    cause: str  # "authorisation_ends", "authorisation_ended", "tier_ended", "probe_failed", "messages_down"
    over: bool  # the trouble has ended
    loud: bool  # work has stopped, or stops within a day
    what: str  # the fact in no language: a time, the methods that failed; "" for none
    at_us: int  # when it was seen


Event = ItemChanged | ShopTrouble
EVENTS: dict[str, type[Event]] = {"ItemChanged": ItemChanged, "ShopTrouble": ShopTrouble}
"""Name in the log -> type."""
