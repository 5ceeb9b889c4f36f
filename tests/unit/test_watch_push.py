"""Which items pushed messages name, and when that calls for a read."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.catalog.item import Item, Reason, State
from onshelf.platforms.port import Bucket
from onshelf.watch.compare import Nomination
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
    assert word(TOPICS + topic, b'{"nick":"n","num_iid":7}') == (Nomination(7, "push"), claimed)


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


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", b'{"num_iid":null}', b'{"num_iid":"x"}', b"\xff", b"\x1f\x8b"]
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
