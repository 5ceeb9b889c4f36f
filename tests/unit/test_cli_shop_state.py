"""When a person must authorise again, as a table shows it."""

from dataclasses import replace

import pytest

from onshelf.cli.shop_state import authorisation, ends_cell
from onshelf.clock import DAY_US
from onshelf.shops.shop import session_only
from onshelf.shops.store import StoredToken

NOW_US = 1_800_000_000_000_000  # 2027-01-15 16:00 in Beijing


@pytest.mark.parametrize(
    ("days", "dead", "shown"),
    [
        (400, False, "2028-02-19"),
        (20, False, "2027-02-04 !"),
        (400, True, ""),
        (None, False, ""),
    ],
)
def test_a_date_has_a_mark_when_it_is_near_and_a_dead_authorisation_has_none(
    days: int | None, dead: bool, shown: str
) -> None:
    end_us = None if days is None else NOW_US + days * DAY_US
    stored = StoredToken(replace(session_only("s"), expires_us=end_us), NOW_US, 1, dead)

    assert ends_cell(authorisation(stored, NOW_US)) == shown


def test_a_shop_never_authorised_has_no_date() -> None:
    assert ends_cell(authorisation(None, NOW_US)) == ""
