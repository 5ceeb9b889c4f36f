"""A step that a state does not allow, as the platform's refusal."""

from collections.abc import Iterator
from contextlib import contextmanager

from onshelf.sandbox.errors import BusinessError
from onshelf.sandbox.market.trade import NotNow

# Families of top-protocol.md 4.4; the reason after the colon is recorded for logistics only.
TRADE_STATE = "isv.trade-service-error:INVALID_TRADE_STATUS"
REFUND_STATE = "isv.refund-service-error:INVALID_REFUND_STATUS"


@contextmanager
def refused_as(sub_code: str) -> Iterator[None]:
    """Turns NotNow into a BusinessError with this sub-code."""
    try:
        yield
    except NotNow as error:
        raise BusinessError(sub_code, f"当前状态不允许该操作：{error.status}") from error
