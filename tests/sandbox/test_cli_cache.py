"""Kept replies, as a user of the command line has them."""

from command_line import Cli


def calls(shop: Cli, method: str) -> int:
    made: int = shop.control("stats")["by_method"].get(method, 0)
    return made


def test_categories_asked_for_by_one_command_are_known_to_the_next(shop: Cli) -> None:
    words = ("call", "taobao.itemcats.get", "parent_cid=0", "fields=cid,name", "--shop", shop.name)
    before = calls(shop, "taobao.itemcats.get")

    first = shop.good(*words, "--max-age", "3600")
    second = shop.good(*words, "--max-age", "3600")
    fresh = shop.good(*words)

    assert first == second
    assert fresh["item_cats"] == first["item_cats"]
    assert calls(shop, "taobao.itemcats.get") == before + 2
