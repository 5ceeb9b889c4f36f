"""What the command line says of a method."""

import pytest

from onshelf.cli.explain import as_data, page
from onshelf.platforms.top.catalogue import describe, names
from onshelf.texts import LANGS, Lang

INVENTORY = "taobao.items.inventory.get"


def explained(method: str, lang: Lang = "en") -> str:
    known = describe(method)
    assert known is not None
    return page(method, known, lang)


def test_a_page_tells_types_limits_values_and_what_is_required() -> None:
    shown = " ".join(explained(INVENTORY).split())

    assert "fields * text; comma list of response fields to return" in shown
    assert "rows per page; at least 1; at most 200; default 40" in shown
    assert "regular_shelved | never_on_shelf | off_shelf" in shown
    assert "Needs the shop's session. A read: a repeat changes nothing." in shown
    assert "onshelf call taobao.items.inventory.get fields=" in shown


def test_a_page_of_a_method_that_left_names_its_successor() -> None:
    shown = " ".join(explained("taobao.item.get").split())

    assert "new apps use taobao.item.seller.get" in shown


def test_a_file_and_an_object_say_how_they_are_given() -> None:
    assert "img=@FILE" in explained("taobao.picture.upload")
    assert "{sku_id, properties, outer_id, price}" in explained("tmall.item.price.update")


@pytest.mark.parametrize("lang", LANGS)
def test_every_method_can_be_explained(lang: Lang) -> None:
    for method in names()[::25]:
        assert explained(method, lang).startswith(method)


def test_programs_get_the_whole_description() -> None:
    known = describe(INVENTORY)
    assert known is not None

    told = as_data(INVENTORY, known)

    assert {row["name"] for row in told["params"] if row["required"]} == {"fields"}
    assert told["response"]["root_key"] == "items_inventory_get_response"
