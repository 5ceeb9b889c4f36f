"""Which items pushed messages name, and when that calls for a read."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.catalog.item import Item, Reason, State
from onshelf.platforms.port import Bucket
from onshelf.watch.compare import Nomination, Rules, Sighting, judge
from onshelf.watch.nominate import merge
from onshelf.watch.push import TOPICS, is_news, word

RECORD = Item("店", 7, 1, State.ONSALE, Reason.LISTED, "A-1", "连衣裙", None, 5, 1, 1, 1)


@pytest.mark.parametrize(
    ("topic", "claimed"),
    [
        ("ItemAdd", None),
        ("ItemUpshelf", State.ONSALE),
        ("ItemDownshelf", State.INSTOCK),
        ("ItemZeroStock", State.INSTOCK),
        ("ItemDelete", State.DELETED),
        ("ItemUpdate", None),
        ("ItemPunishDelete", State.DELETED),
        ("ItemPunishCc", None),
    ],
)
def test_a_topic_claims_a_state_of_the_item_it_names(topic: str, claimed: State | None) -> None:
    named = Nomination(7, "push", gone=claimed is State.DELETED)

    assert word(TOPICS + topic, b'{"nick":"n","num_iid":7}') == (named, claimed)


def test_a_punished_item_is_expected_in_the_list_of_the_punished() -> None:
    assert word(TOPICS + "ItemPunishDownshelf", b'{"num_iid":7}') == (
        Nomination(7, "push", Bucket.VIOLATION),
        State.INSTOCK,
    )


def test_only_stock_that_ran_out_is_worth_a_read() -> None:
    """Stock changes with every sale: reading each would eat the quota."""
    assert word(TOPICS + "ItemStockChanged", b'{"num_iid":7,"num":502,"increment":1}') is None
    assert word(TOPICS + "ItemStockChanged", b'{"num_iid":"7","num":"0"}') == (
        Nomination(7, "push"),
        State.INSTOCK,
    )


@pytest.mark.parametrize(
    "topic", ["taobao_trade_TradeCreate", "taobao_item_ItemRecommendAdd", "ItemAdds", ""]
)
def test_other_topics_name_nothing(topic: str) -> None:
    assert word(topic, b'{"num_iid":7}') is None


DEEP = b'{"x":' + b"[" * 200_000


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"{}", b'{"num_iid":null}', b'{"num_iid":"x"}', b"\xff", b"\x1f\x8b", DEEP],
    ids=range(9),
)
def test_a_content_that_cannot_be_read_names_nothing(content: bytes) -> None:
    assert word(TOPICS + "ItemDownshelf", content) is None


@given(st.binary() | st.text().map(str.encode))
def test_no_content_breaks_the_reading(content: bytes) -> None:
    word(TOPICS + "ItemUpdate", content)


@pytest.mark.parametrize(
    ("claimed", "record", "news"),
    [
        (State.ONSALE, RECORD, False),
        (State.INSTOCK, RECORD, True),
        (None, RECORD, True),
        (State.ONSALE, None, True),
        (State.ONSALE, replace(RECORD, doubt=1), True),
    ],
    ids=["as we know it", "otherwise", "nothing claimed", "unknown item", "in doubt"],
)
def test_a_claim_is_news_unless_our_record_says_the_same(
    claimed: State | None, record: Item | None, news: bool
) -> None:
    assert is_news(claimed, record) is news


@pytest.mark.parametrize(
    ("gone", "witnessed", "deleted"),
    [(True, True, True), (False, True, False), (True, False, False)],
    ids=["the platform says so", "nobody says so", "the reply was empty"],
)
def test_a_deletion_that_was_told_needs_one_read_less(gone: bool, witnessed: bool, deleted: bool) -> None:
    rules = Rules(absent_looks=2, absent_spacing_us=30, skew_us=0)
    sighting = Sighting(7, asked_us=5, answered_us=6, item=None, witnessed=witnessed)

    verdict = judge(RECORD, sighting, Nomination(7, "push", gone=gone), rules, "店")

    assert (verdict.change is not None) is deleted
    assert (verdict.again_us is None) is deleted


def test_what_was_told_is_not_lost_when_a_list_names_the_item_too() -> None:
    told, listed = Nomination(7, "push", gone=True), Nomination(7, "slice", Bucket.TAKEN_OFF)

    assert merge([told, listed]) == [replace(listed, gone=True)]
