"""What a kept reply tells of, and what makes it untrue."""

from fnmatch import fnmatchcase
from importlib.resources import files

import msgspec
import pytest

from onshelf.ids import ItemId, ShopId
from onshelf.platforms.port import ShopRef
from onshelf.platforms.top.cacheable import READS, about, asked_of, untrue_after
from onshelf.platforms.top.outcomes import Kind
from onshelf.platforms.top.repeats import kind_of

SHOP = ShopRef(ShopId("衣品"), "12345678", "http://gateway")
OTHER = ShopRef(ShopId("鞋品"), "12345678", "http://gateway")
ONE = ("taobao.item.seller.get", {"num_iid": "11", "fields": "title"})
BOTH = ("taobao.items.seller.list.get", {"num_iids": "11,22"})
SECOND = ("taobao.item.seller.get", {"num_iid": "22"})
LIST = ("taobao.items.onsale.get", {"page_no": "1"})
PICTURES = ("taobao.picture.get", {"page_no": "1"})
TRADES = ("taobao.trades.sold.get", {"page_no": "1"})
METHODS = [*msgspec.json.decode((files("onshelf") / "reference" / "methods.json").read_bytes())]
CATEGORIES = ("taobao.itemcats.get", {"parent_cid": "0"})


def dropped(tags: tuple[str, ...], read: tuple[str, dict[str, str]], shop: ShopRef = SHOP) -> bool:
    asked = asked_of(*read, b"digest", shop)
    assert asked is not None
    return not asked.tags.isdisjoint(tags)


@pytest.mark.parametrize(
    ("write", "gone", "kept"),
    [
        (
            ("taobao.item.update.delisting", {"num_iid": "11"}),
            [ONE, BOTH, LIST],
            [SECOND, PICTURES, CATEGORIES],
        ),
        (("taobao.item.add", {"title": "T"}), [ONE, SECOND, BOTH, LIST], [PICTURES, TRADES, CATEGORIES]),
        (("alibaba.item.operate.delete", {"item_id": "22"}), [SECOND, BOTH, LIST], [ONE, PICTURES]),
        (("taobao.skus.quantity.update", {"num_iid": "22"}), [SECOND, BOTH, LIST], [ONE]),
        (("taobao.picture.upload", {}), [PICTURES], [ONE, LIST, TRADES]),
        (("taobao.logistics.offline.send", {"tid": "1"}), [TRADES], [ONE, LIST]),
        (("taobao.trade.close", {"tid": "1"}), [TRADES, ONE, LIST], [PICTURES, CATEGORIES]),
        (("taobao.no.such.method", {}), [ONE, LIST, PICTURES, TRADES], [CATEGORIES]),
        (("taobao.tmc.user.permit", {}), [], [ONE, LIST, PICTURES, TRADES, CATEGORIES]),
    ],
)
def test_a_write_drops_what_it_may_have_changed_and_nothing_else(
    write: tuple[str, dict[str, str]],
    gone: list[tuple[str, dict[str, str]]],
    kept: list[tuple[str, dict[str, str]]],
) -> None:
    tags = untrue_after(*write, SHOP.shop_id)

    assert all(dropped(tags, read) for read in gone)
    assert not any(dropped(tags, read) for read in kept)
    assert not any(dropped(tags, read, OTHER) for read in gone), "another shop's are not concerned"


def test_a_message_about_an_item_drops_that_item_and_every_list() -> None:
    tags = about(SHOP.shop_id, "items", ItemId(11))

    assert dropped(tags, ONE)
    assert dropped(tags, BOTH)
    assert dropped(tags, LIST)
    assert not dropped(tags, SECOND)


def test_a_message_about_a_subject_drops_all_of_it() -> None:
    tags = about(SHOP.shop_id, "items")

    assert all(dropped(tags, read) for read in (ONE, SECOND, LIST))
    assert not dropped(tags, TRADES)


def test_equal_parameters_of_another_shop_app_or_gateway_are_another_read() -> None:
    shops = [
        SHOP,
        OTHER,
        ShopRef(SHOP.shop_id, "1", SHOP.gateway),
        ShopRef(SHOP.shop_id, SHOP.app_key, "http://x"),
    ]

    keys = {asked.key for shop in shops if (asked := asked_of(*LIST, b"digest", shop))}

    assert len(keys) == len(shops)
    forms = {asked.key for form in ("json", "xml") if (asked := asked_of(*LIST, b"", SHOP, form))}
    assert len(forms) == 2


@pytest.mark.parametrize(
    "method",
    ["taobao.time.get", "taobao.tmc.messages.consume", "taobao.top.oaid.decrypt", "taobao.no.such.get"],
)
def test_what_is_in_no_row_is_never_kept(method: str) -> None:
    assert asked_of(method, {}, b"digest", SHOP) is None


def test_every_row_of_reads_names_a_method_there_is() -> None:
    assert [pattern for pattern, _ in READS if not any(fnmatchcase(name, pattern) for name in METHODS)] == []


def test_no_write_passes_for_a_read_that_may_be_kept() -> None:
    """The table of reads is asked only for reads; this holds the guess of kinds and the table together."""
    kept = [name for name in METHODS if asked_of(name, {}, b"", SHOP) and name.endswith(".get")]

    assert all(kind_of(name, {}) is Kind.READ for name in kept)
