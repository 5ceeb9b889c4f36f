"""What making a call twice does: a wrong "harmless" here is a stock counted twice."""

import re

import pytest

from onshelf.cli.explain import page
from onshelf.platforms.top.catalogue import Param, describe, names, typed
from onshelf.platforms.top.outcomes import Kind
from onshelf.platforms.top.repeats import ADDING, kind_of


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        ("taobao.item.seller.get", Kind.READ),
        ("taobao.universalbp.report.query.realtime", Kind.READ),
        ("tmall.product.schema.match", Kind.READ),
        ("taobao.topats.result.get", Kind.READ),
        ("taobao.topats.trades.sold.get", Kind.CREATE),
        ("taobao.item.update.delisting", Kind.WRITE),
        ("taobao.item.update.listing.tmall", Kind.WRITE),
        ("taobao.item.add", Kind.CREATE),
        ("taobao.brand.new", Kind.CREATE),
        ("alibaba.icbu.product.inventory.update", Kind.CREATE),
        ("taobao.jst.astrolabe.storeinventory.update", Kind.CREATE),
    ],
)
def test_the_kind_of_a_call_is_guessed_on_the_safe_side(method: str, kind: Kind) -> None:
    assert kind_of(method, {}) is kind


@pytest.mark.parametrize("method", [name for name in ADDING if name.startswith("taobao.")])
@pytest.mark.parametrize(
    ("given", "kind"), [("", Kind.WRITE), ("1", Kind.WRITE), ("2", Kind.CREATE), ("3", Kind.CREATE)]
)
def test_a_quantity_that_is_added_is_never_the_same_again(method: str, given: str, kind: Kind) -> None:
    assert kind_of(method, {"quantity": "5", "type": given}) is kind


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ("", Kind.WRITE),
        ('{"outer_biz_key":"7"}', Kind.WRITE),
        ('{"type":1}', Kind.WRITE),
        ('{"type":2}', Kind.CREATE),
        ('{"type":"2"}', Kind.CREATE),
        ("[2]", Kind.CREATE),
        ("{", Kind.CREATE),
    ],
)
def test_tmall_says_inside_its_options_that_a_quantity_is_added(options: str, kind: Kind) -> None:
    assert kind_of("tmall.item.quantity.update", {"item_id": "1", "options": options}) is kind


def increments(param: Param) -> bool:
    return bool(re.search(r"\bincrement\b|\bdelta\b", param.meaning)) or any(map(increments, param.fields))


def test_every_typed_write_whose_parameters_speak_of_increments_has_its_exception() -> None:
    spoken = {
        name
        for name, method in typed().items()
        if kind_of(name, {}) is Kind.WRITE and any(map(increments, method.params))
    }

    assert spoken <= set(ADDING), spoken - set(ADDING)


def test_a_stock_nobody_has_described_is_taken_to_be_added() -> None:
    undescribed = [
        name
        for name in names()
        if name not in ADDING and name.endswith((".inventory.update", ".quantity.update", ".stock.update"))
    ]

    assert len(undescribed) > 3
    assert {kind_of(name, {}) for name in undescribed} == {Kind.CREATE}


def test_help_tells_with_which_argument_a_repeat_adds_again() -> None:
    for method, how in ADDING.items():
        known = describe(method)
        assert known is not None
        assert f"With {how} it adds" in " ".join(page(method, known, "en").split())
