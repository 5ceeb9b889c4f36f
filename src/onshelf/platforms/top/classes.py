"""Which class of flow control a method belongs to: trade, logistics, or basic like all the rest. Pure.

The platform publishes no such list; the classes and their figures come from an article, the families from the methods'
own names (requirements A5). A method counted in the wrong class costs speed or a ban of seconds, never a wrong call.
"""

from collections.abc import Mapping
from functools import lru_cache

BASIC = "class:basic"
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "class:trade": (
        "taobao.trade.",
        "taobao.trades.",
        "taobao.traderate.",
        "taobao.traderates.",
        "taobao.refund.",
        "taobao.refunds.",
        "taobao.rp.",
        "taobao.opentrade.",
        "taobao.omniorder.",
        "taobao.modifyorder.",
        "taobao.fenxiao.order",
        "taobao.fenxiao.trade.",
        "taobao.fenxiao.refund.",
        "taobao.jds.trade",
        "taobao.jds.refund.",
        "taobao.increment.trades.",
        "taobao.increment.refunds.",
        "taobao.topats.trades.",
        "taobao.top.oaid.",
        "tmall.exchange.",
        "tmall.traderate.",
        "alibaba.trade.",
        "alibaba.order.",
    ),
    "class:logistics": (
        "taobao.logistics.",
        "taobao.delivery.",
        "taobao.wlb.",
        "taobao.wms.",
        "taobao.areas.",
        "alibaba.ascp.logistics.",
        "cainiao.",
    ),
}
"""Class -> beginnings of the names of its methods."""


@lru_cache(maxsize=8192)
def class_of(method: str) -> str:
    """Returns the class of a method, the scope of its limit."""
    for name, families in FAMILIES.items():
        if method.startswith(families):
            return name
    return BASIC
