"""Which feeds there are, whom a message concerns, how a feed stands, and how it is tried again."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.clock import SECOND_US
from onshelf.ids import AppKey, ShopId
from onshelf.shops.push.feeds import (
    SILENT_US,
    STOPPED,
    Link,
    Standing,
    Way,
    about,
    feeds_of,
    groups_of,
    standing,
    takes_from_others,
)
from onshelf.shops.push.intake import LONGEST_REST_S, rest_s
from onshelf.shops.push.source import Mode, choose_way
from onshelf.shops.shop import Shop, ShopState

MC = "ws://mc.api.taobao.com/"
SHOP = Shop(ShopId("a"), "taobao", AppKey("1"), "http://gw", "", MC, "甲", ShopState.AUTHORISED, 1)
OTHER = replace(SHOP, shop_id=ShopId("b"), nick="乙")
NOW_US = 1_000 * SECOND_US
LINK = Link(Way.SOCKET, "", NOW_US, NOW_US, 0)


def test_shops_of_one_app_share_a_feed_for_each_group() -> None:
    found = feeds_of([SHOP, OTHER, replace(SHOP, app_key=AppKey("2"))], ["default", "night"])

    assert [(feed.app_key, feed.group) for feed in found] == [
        ("1", "default"),
        ("1", "night"),
        ("2", "default"),
        ("2", "night"),
    ]
    assert found[0].shop == SHOP.ref()


def test_a_shop_without_a_message_service_has_no_feed() -> None:
    assert feeds_of([replace(SHOP, tmc="")], ["default"]) == []


@pytest.mark.parametrize(
    ("setting", "groups"),
    [("default", ("default",)), (" a, b ,a,", ("a", "b")), ("", ("default",)), (" , ", ("default",))],
)
def test_groups_are_a_comma_list(setting: str, groups: tuple[str, ...]) -> None:
    assert groups_of(setting) == groups


@pytest.mark.parametrize(
    ("address", "environment", "group", "takes"),
    [
        (MC, "development", "default", True),
        (MC, "sandbox", "default", True),
        (MC, "development", "laptop-7", False),
        (MC, "production", "default", False),
        ("ws://127.0.0.1:8089/", "development", "default", False),
        ("ws://nottaobao.com/", "development", "default", False),
    ],
)
def test_a_test_machine_takes_no_messages_away_from_production(
    address: str, environment: str, group: str, takes: bool
) -> None:
    (feed,) = feeds_of([replace(SHOP, tmc=address)], [group])

    assert takes_from_others(feed, environment) is takes


def names(shops: list[Shop], app_key: str, nick: str) -> list[str]:
    return [shop.shop_id for shop in about(shops, app_key, nick)]


def test_a_message_is_about_its_seller_or_about_whoever_it_may_be() -> None:
    unknown = replace(SHOP, shop_id=ShopId("c"), nick="")
    shops = [SHOP, OTHER, unknown, replace(SHOP, shop_id=ShopId("d"), app_key=AppKey("2"))]

    assert names(shops, "1", "甲") == ["a"]
    assert names(shops, "1", "丙") == ["c"]
    assert names(shops, "1", "") == ["a", "b", "c"]
    assert names(shops, "9", "甲") == []


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        (None, Standing.ENDED),
        (LINK, Standing.SOCKET),
        (replace(LINK, way=Way.HTTP), Standing.HTTP),
        (replace(LINK, alive_us=NOW_US - SILENT_US), Standing.ENDED),
        (replace(LINK, way=Way.DOWN, why="not_sent"), Standing.DOWN),
        (replace(LINK, way=Way.DOWN, why=STOPPED), Standing.ENDED),
        (replace(LINK, way=Way.DOWN, why="not_sent", alive_us=NOW_US - SILENT_US), Standing.ENDED),
    ],
)
def test_how_messages_come_is_one_word(link: Link | None, expected: Standing) -> None:
    known = {("1", "default"): link} if link else {}

    assert standing(SHOP, known, NOW_US) == (expected, link)


def test_a_shop_stands_by_the_best_of_its_groups() -> None:
    down = replace(LINK, way=Way.DOWN, why="refused")

    assert standing(SHOP, {("1", "a"): down, ("1", "b"): LINK, ("2", "a"): down}, NOW_US) == (
        Standing.SOCKET,
        LINK,
    )
    assert standing(replace(SHOP, tmc=""), {("1", "a"): LINK}, NOW_US) == (Standing.OFF, None)


@pytest.mark.parametrize(
    ("mode", "failures", "way"),
    [
        ("auto", 0, Way.SOCKET),
        ("auto", 2, Way.SOCKET),
        ("auto", 3, Way.HTTP),
        ("auto", 4, Way.SOCKET),
        ("auto", 7, Way.HTTP),
        ("socket", 99, Way.SOCKET),
        ("http", 0, Way.HTTP),
    ],
)
def test_http_is_taken_when_told_or_when_the_socket_keeps_failing(
    mode: Mode, failures: int, way: Way
) -> None:
    assert choose_way(mode, failures) is way


@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True))
def test_the_rest_grows_to_a_minute_and_is_never_nothing(failures: int, spread: float) -> None:
    assert 0.25 <= rest_s(failures, spread) <= LONGEST_REST_S
    assert rest_s(failures + 1, spread) >= rest_s(failures, spread)
