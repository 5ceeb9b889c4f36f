"""The classes of flow control: which methods share the limit of trades, of logistics, and of all the rest."""

import pytest

from onshelf.platforms.top.catalogue import names
from onshelf.platforms.top.classes import BASIC, FAMILIES, class_of


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("taobao.trades.sold.get", "class:trade"),
        ("taobao.trade.memo.update", "class:trade"),
        ("taobao.refunds.receive.get", "class:trade"),
        ("taobao.rp.refund.review", "class:trade"),
        ("taobao.logistics.offline.send", "class:logistics"),
        ("taobao.delivery.templates.get", "class:logistics"),
        ("cainiao.waybill.ii.get", "class:logistics"),
        ("taobao.item.add", BASIC),
        ("taobao.items.onsale.get", BASIC),
        ("taobao.tmc.messages.consume", BASIC),
        ("nobody.knows.this", BASIC),
    ],
)
def test_a_method_is_of_the_class_of_its_family(method: str, expected: str) -> None:
    assert class_of(method) == expected


@pytest.mark.parametrize("family", [one for families in FAMILIES.values() for one in families])
def test_every_family_of_the_table_has_methods(family: str) -> None:
    assert any(method.startswith(family) for method in names())
