"""Filters of the shelf that people keep, over every database."""

import pytest

from onshelf.catalog.saved_filters import SavedFilter, drop_filter, save_filter, saved_filters
from onshelf.store.db import Database

SOLD_OUT = SavedFilter("售罄", {"shop": "店铺", "cause": "sold_out"})


async def test_a_filter_is_kept_for_its_person_until_it_is_dropped(database: Database) -> None:
    newer = SavedFilter("售罄", {"cause": "sold_out", "within": "7"})
    await database.commit([save_filter("lin", SOLD_OUT), save_filter("wang", SOLD_OUT)])
    await database.commit([save_filter("lin", newer), save_filter("lin", SavedFilter("a", {}))])

    assert await saved_filters(database, "lin") == [SavedFilter("a", {}), newer]

    await database.commit([drop_filter("lin", "售罄"), drop_filter("lin", "no such")])
    assert await saved_filters(database, "lin") == [SavedFilter("a", {})]
    assert await saved_filters(database, "wang") == [SOLD_OUT]


@pytest.mark.parametrize("name", ["", "字" * 41])
def test_a_name_is_given_and_short(name: str) -> None:
    with pytest.raises(ValueError, match="1 to 40"):
        save_filter("lin", SavedFilter(name, {}))
