"""`onshelf quota` as a person uses it: the standing, what is permitted, the calendar, and a publish that heeds them."""

import pytest
from command_line import Cli

ADD = "taobao.item.add"


def own_quota(shop: Cli, **settings: str) -> dict[str, object]:
    (told,) = [one for one in shop.good("quota", **settings) if one["shop"] == shop.name]
    return dict(told)


def test_the_standing_says_what_the_calls_of_a_day_are_good_for(shop: Cli) -> None:
    told = own_quota(shop, quota_per_day="5000")

    assert told["products_per_day"] == 2380
    assert told["detection_s"] == 173
    assert (
        shop.run("quota", quota_per_day="5000", lang="en").out.count("5,000 calls a day list about 2,380")
        == 1
    )


def test_the_standing_says_how_long_the_day_lasts_at_the_pace_of_the_last_hour(shop: Cli) -> None:
    for _ in range(3):
        shop.good("call", "taobao.time.get", "--shop", shop.name)
    used = own_quota(shop)["used_24h"]

    told = own_quota(shop, quota_per_day=str(2 * int(str(used))))

    assert told["day_lasts_until"]
    assert own_quota(shop, quota_per_day="1000000")["day_lasts_until"] is None


def test_each_limit_stands_in_a_row_in_words(shop: Cli) -> None:
    rows = shop.run("quota", quota_per_day="5000", quota_methods="taobao.item.add=7/3", lang="en").out

    said = " ".join(rows.split())
    assert "basic methods" not in said  # this environment lifts it
    assert said.index("5,000 / day") < said.index("trade methods 200 / minute") < said.index("7 / 3 s")


def test_what_is_told_of_an_app_holds_in_place_of_the_setting(shop: Cli) -> None:
    shop.good("quota", "permit", "20000", "--shop", shop.name)
    told = own_quota(shop, quota_per_day="5000")
    shop.good("quota", "permit", "--forget", "--shop", shop.name)
    after = own_quota(shop, quota_per_day="5000")

    assert told["per_day"] == 20_000
    assert after["per_day"] == 5000


def test_a_closure_is_listed_shown_in_the_plan_and_taken_away_again(shop: Cli) -> None:
    add = ("quota", "calendar", "add", "double-eleven", "--from", "2020-11-11", "--to", "2099-11-12 02:00")
    added = shop.good(*add, "--method", "taobao.item.*", "--per-minute", "60")
    listed = shop.good("quota", "calendar")
    plan = shop.good("publish", "--shop", shop.name)
    other = shop.good(*add, "--method", "taobao.trades.*")
    plan_then = shop.good("publish", "--shop", shop.name)
    shop.good("quota", "calendar", "remove", "double-eleven")

    assert added["from"] == "2020-11-10T16:00:00Z"
    assert listed == [added]
    assert plan["closures"] == ["double-eleven"]
    assert (other["methods"], plan_then["closures"]) == (["taobao.trades.*"], [])
    assert shop.good("quota", "calendar") == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("permit",), "Give either a number of calls or --forget"),
        (("permit", "5", "--forget"), "Give either a number of calls or --forget"),
        (("calendar", "remove", "nobody"), "There is no nobody on the calendar"),
        (
            ("calendar", "add", "x", "--from", "2026-11-12", "--to", "2026-11-11", "--method", "*"),
            "does not end after it begins",
        ),
    ],
)
def test_what_is_used_wrongly_is_said_in_one_line(
    common_shop: Cli, words: tuple[str, ...], said: str
) -> None:
    done = common_shop.run("quota", *words, lang="en")

    assert done.code == 2
    assert said in done.err
    assert done.err.count("\n") == 1


def test_a_limit_of_methods_that_is_no_limit_is_said_with_its_form(common_shop: Cli) -> None:
    done = common_shop.run("quota", quota_methods="taobao.item.add=fast", lang="en")

    assert done.code == 2
    assert "METHOD=CALLS/SECONDS" in done.err
