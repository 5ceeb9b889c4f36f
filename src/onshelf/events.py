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


@dataclass(frozen=True, slots=True)
class ShopRemoved:
    """A shop was taken out of the register, with all that was open of it. Written by shops; read by alerts and hooks."""

    shop_id: str
    at_us: int


@dataclass(frozen=True, slots=True)
class JobStarted:
    """Somebody asked for a job, and it is stored with its lines. Written by jobs; read by hooks."""

    shop_id: str
    job_id: str
    kind: str  # "publish", "call", …
    lines: int
    at_us: int


@dataclass(frozen=True, slots=True)
class JobEnded:
    """No line of a job goes on any more. Written by jobs, again after a person had lines retried; read by hooks."""

    shop_id: str
    job_id: str
    kind: str
    state: str  # jobs.job.JobState value: "succeeded", "failed" or "cancelled"
    succeeded: int  # lines
    failed: int
    cancelled: int
    at_us: int


@dataclass(frozen=True, slots=True)
class ImportEnded:
    """A file was read to its end and its good rows are the shop's products. Written by catalog; read by hooks."""

    shop_id: str
    import_id: str
    file: str  # its name, for people
    rows: int
    good: int  # products
    faulty: int  # products
    at_us: int


@dataclass(frozen=True, slots=True)
class HookTrouble:
    """A webhook is told nothing any more, or is again. Written by hooks; read by alerts and hooks."""

    hook_id: str
    host: str  # where it leads
    why: str  # "failing": nothing was accepted for three days; "gone": it asked to stop
    over: bool
    at_us: int


Event = ItemChanged | ShopTrouble | ShopRemoved | JobStarted | JobEnded | ImportEnded | HookTrouble
EVENTS: dict[str, type[Event]] = {
    kind.__name__: kind
    for kind in (ItemChanged, ShopTrouble, ShopRemoved, JobStarted, JobEnded, ImportEnded, HookTrouble)
}
"""Name in the log -> type."""
