"""What the page of the shelf is asked for."""

from urllib.parse import parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from onshelf.catalog.item import Reason, State
from onshelf.catalog.item_list import ItemFilter
from onshelf.clock import DAY_US
from onshelf.web.console.shelf_view import FIELDS, Asked

HOUR_US = DAY_US // 24


@given(st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=150)))
def test_what_was_asked_comes_back_from_its_own_address(given_fields: dict[str, str]) -> None:
    asked = Asked.of(given_fields)

    assert Asked.of(dict(parse_qsl(urlsplit(asked.address()).query))) == asked
    assert asked.wanted(40 * DAY_US)


def test_the_fields_become_a_filter() -> None:
    asked = Asked.of(
        {
            "shop": "s",
            "state": "instock",
            "cause": "sold_out",
            "code": "A-",
            "words": " 裙  春 ",
            "within": "7",
        }
    )

    assert asked.wanted(10 * DAY_US) == ItemFilter(
        State.INSTOCK, Reason.SOLD_OUT, "A-", ("裙", "春"), 3 * DAY_US
    )
    assert Asked(state="left").wanted(2 * DAY_US) == ItemFilter(left_since_us=2 * DAY_US - 8 * HOUR_US)
    assert Asked(state="left").wanted(2 * DAY_US - 8 * HOUR_US - 1) == ItemFilter(
        left_since_us=DAY_US - 8 * HOUR_US
    )
    assert Asked(state="doubtful").wanted(0) == ItemFilter(doubtful=True)


def test_a_choice_there_is_not_counts_as_none() -> None:
    assert Asked.of({"state": "sold", "cause": "x", "within": "8"}) == Asked()


def test_an_address_may_tell_a_field_otherwise_or_drop_it() -> None:
    asked = Asked(shop="店", state="onsale", code="A&B")

    assert asked.address(state="") == "/shelf?shop=%E5%BA%97&code=A%26B"
    assert asked.address("/shelf/rows", cursor="x").startswith("/shelf/rows?shop=")
