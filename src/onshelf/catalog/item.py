"""What a platform shows of a shop: an item's state, the reasons it can have, and our record of it. Pure values."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class State(StrEnum):
    """Where an item stands. The platform knows ONSALE and INSTOCK; absence, confirmed, is DELETED."""

    ONSALE = "onsale"
    INSTOCK = "instock"
    DELETED = "deleted"


class Reason(StrEnum):
    """Why a state changed, as far as the platform tells."""

    OURS = "ours"  # our own job did it
    LISTED = "listed"  # somebody else put it on the shelf
    TAKEN_OFF = "taken_off"  # the seller took it off
    SOLD_OUT = "sold_out"
    VIOLATION = "violation"
    SCHEDULED = "scheduled"  # waits for its listing time
    NEVER_LISTED = "never_listed"
    DELETED = "deleted"
    FIRST_SEEN = "first_seen"
    UNKNOWN = "unknown"  # the platform gives no reason


@dataclass(frozen=True, slots=True)
class Expected:
    """A state our own job intends, so that watch does not alarm it."""

    state: State
    by: str  # job id
    until_us: int


@dataclass(frozen=True, slots=True)
class Item:
    """Our record of an item; `version` counts the changes of its state."""

    shop_id: str
    item_id: int
    version: int
    state: State
    reason: Reason
    outer_id: str
    title: str
    price: Decimal | None
    stock: int | None
    seen_us: int  # when the read behind this record was answered
    asked_us: int  # when that read was sent: observations are ordered by it
    changed_us: int  # when the state changed, as well as known
    expected: Expected | None = None
    doubt: int = 0  # consecutive id reads that did not show it
