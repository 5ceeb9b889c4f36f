"""How long a shop may be worked for, as `onshelf shop list` and `probe` show it."""

from datetime import UTC, datetime, timedelta

from command_line import Cli
from seller import authorise


def test_the_list_tells_when_each_tier_ends_and_what_the_last_probe_found(shop: Cli) -> None:
    authorise(shop)
    probed = shop.good("shop", "probe", shop.name)

    row = next(row for row in shop.good("shop", "list") if row["shop"] == shop.name)

    assert set(row["authorisation"]["tiers"]) == {"r1", "r2", "w1", "w2"}
    assert row["authorisation"]["tiers"] == probed["authorisation"]["tiers"]
    assert datetime.fromisoformat(row["authorisation"]["ends"]) > datetime.now(UTC) + timedelta(hours=1)
    assert row["authorisation"]["refreshable"] is True
    assert row["probe"]["well"] is True


def test_a_session_from_a_file_has_no_known_end(common_shop: Cli) -> None:
    row = next(row for row in common_shop.good("shop", "list") if row["shop"] == "common")

    assert (row["authorisation"]["ends"], row["authorisation"]["warn_days"]) == (None, None)
    assert set(row["authorisation"]["tiers"].values()) == {None}


def test_the_probe_says_it_to_people_too(shop: Cli) -> None:
    authorise(shop)

    done = shop.run("shop", "probe", shop.name, lang="en")

    assert done.code == 0
    assert "high-risk writes" in done.out


def test_a_refused_probe_is_kept_with_what_to_do(shop: Cli) -> None:
    app = {"app_key": shop.info["app_key"], "app_secret": shop.info["app_secret"]}
    shop.control("apps", {**app, "denied": ["taobao.picture.get"]})
    try:
        failed = shop.run("shop", "probe", shop.name)
    finally:
        shop.control("apps", {**app, "denied": []})

    row = next(row for row in shop.good("shop", "list") if row["shop"] == shop.name)
    assert failed.code == 1
    assert "图片空间" in failed.err
    assert "图片空间" in row["probe"]["faults"]["taobao.picture.get"]


def test_a_shop_is_removed_when_its_name_is_written_twice(shop: Cli) -> None:
    shop.add_shop("leaving")
    told = shop.good("shop", "remove", "leaving")
    misspelt = shop.run("shop", "remove", "leaving", "--confirm", "leeving")
    listed = [row["shop"] for row in shop.good("shop", "list")]
    gone = shop.good("shop", "remove", "leaving", "--confirm", "leaving")

    assert (told["removed"], told["authorisation"], told["in_doubt"]) == (False, True, 0)
    assert misspelt.code == 2
    assert "leaving" in listed
    assert gone["removed"] is True
    assert "leaving" not in [row["shop"] for row in shop.good("shop", "list")]
