"""Which feeds of pushed messages there are, whether each may be received here, and how it fares. Values and one small table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import cast
from urllib.parse import urlsplit

from onshelf.clock import SECOND_US
from onshelf.ids import AppKey
from onshelf.platforms.port import ShopRef
from onshelf.shops.shop import Shop
from onshelf.store.db import Database, Write

DEFAULT_GROUP = "default"
BEAT_S = 15.0
"""How often a feed says that it still stands."""
SILENT_US = round(6 * BEAT_S * SECOND_US)  # without a word for so long its process is gone
HEARD_US = 2 * SECOND_US
"""A confirm sent so long before the next messages came was heard: answered over HTTP, long there over a socket."""
_REAL = ("taobao.com", "tmall.com")


class Standing(StrEnum):
    """Whether a shop's messages come, in a word."""

    OFF = "off"  # the shop names no message service
    ENDED = "ended"  # no process receives
    DOWN = "down"  # a process tries in vain
    SOCKET = "socket"
    HTTP = "http"


STOPPED = "stopped"
"""Why a feed is down whose process was told to stop."""
LEFT_ALONE = "group"
"""Why a feed is down that is not opened, since others would lose its messages."""


class Way(StrEnum):
    """How messages come."""

    SOCKET = "socket"
    HTTP = "http"  # asked for again and again
    DOWN = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """The messages of one consumer group of an app."""

    app_key: AppKey
    group: str
    address: str  # of the message service, ws://… or wss://…
    shop: ShopRef  # a shop of the app, for calls over HTTP


@dataclass(frozen=True, slots=True)
class Link:
    """How a feed fares, as its process last told."""

    way: Way
    why: str  # why it is down; "" while it is up
    since_us: int  # when that began
    alive_us: int  # when its process last said so
    last_us: int  # when a message came; 0: none yet
    sure_us: int = 0  # what came before that has certainly been confirmed
    told_us: int = 0  # when somebody was told that it is down; 0: nobody, or that is over

    def stands(self, now_us: int) -> bool:
        """Tells whether messages come; a process that fell silent has ended."""
        return self.way is not Way.DOWN and now_us - self.alive_us < SILENT_US

    def tries(self, now_us: int) -> bool:
        """Tells whether a process tries in vain to have messages come."""
        in_vain = self.way is Way.DOWN and self.why not in (STOPPED, LEFT_ALONE)
        return in_vain and now_us - self.alive_us < SILENT_US


def standing(shop: Shop, known: Mapping[tuple[str, str], Link], now_us: int) -> tuple[Standing, Link | None]:
    """Tells whether a shop's messages come, and the link that says so: one of its app that stands, else the latest."""
    of_app = [link for (app_key, _), link in known.items() if app_key == shop.app_key]
    if not shop.tmc or not of_app:
        return (Standing.ENDED if shop.tmc else Standing.OFF), None
    link = max(of_app, key=lambda one: (one.stands(now_us), one.alive_us))
    if link.stands(now_us):
        return Standing(link.way.value), link
    left_alone = link.why == LEFT_ALONE and now_us - link.alive_us < SILENT_US
    return (Standing.DOWN if left_alone or link.tries(now_us) else Standing.ENDED), link


def feeds_of(shops: Sequence[Shop], groups: Sequence[str]) -> list[Feed]:
    """Gives one feed an app and group, at the first address its shops name; shops without one take no part."""
    found: dict[tuple[str, str], Feed] = {}
    for shop in shops:
        for group in groups if shop.tmc else ():
            found.setdefault((shop.app_key, group), Feed(shop.app_key, group, shop.tmc, shop.ref()))
    return list(found.values())


def groups_of(setting: str) -> tuple[str, ...]:
    """Reads the comma list of consumer groups; an empty one is the default group."""
    names = tuple(dict.fromkeys(name.strip() for name in setting.split(",") if name.strip()))
    return names or (DEFAULT_GROUP,)


def takes_from_others(feed: Feed, environment: str) -> bool:
    """Tells whether receiving here would take a production's messages away: a group's connections share one queue."""
    host = urlsplit(feed.address).hostname or ""
    real = any(host == domain or host.endswith(f".{domain}") for domain in _REAL)
    return real and environment != "production" and feed.group == DEFAULT_GROUP


def about(shops: Sequence[Shop], app_key: str, nick: str) -> list[Shop]:
    """Finds the shops a message may be about: the seller's own, else those of the app whose seller is not known."""
    of_app = [shop for shop in shops if shop.app_key == app_key]
    own = [shop for shop in of_app if nick and shop.nick == nick]
    return own or [shop for shop in of_app if not nick or not shop.nick]


def put_link(feed: Feed, way: Way, now_us: int, why: str = "") -> Write:
    """Returns the write that tells how a feed fares from now on.

    When that began stays as it is while a process goes on telling the same.
    """
    return Write(
        "INSERT INTO push_link (app_key, group_name, way, why, since_us, alive_us, last_us) VALUES (?, ?, ?, ?, ?, ?, 0) "
        "ON CONFLICT (app_key, group_name) DO UPDATE SET way = excluded.way, why = excluded.why, "
        "alive_us = excluded.alive_us, since_us = CASE WHEN push_link.way = excluded.way "
        "AND push_link.why <> ? AND push_link.alive_us > ? THEN push_link.since_us ELSE excluded.since_us END",
        (feed.app_key, feed.group, way, why, now_us, now_us, STOPPED, now_us - SILENT_US),
    )


def beat(feed: Feed, now_us: int) -> Write:
    """Returns the write that says that a feed still stands."""
    return Write(
        "UPDATE push_link SET alive_us = ? WHERE app_key = ? AND group_name = ?",
        (now_us, feed.app_key, feed.group),
    )


def came(feed: Feed, now_us: int) -> Write:
    """Returns the write that says that messages have come, and those before them were heard of; it is a beat, too."""
    return Write(
        "UPDATE push_link SET alive_us = ?, last_us = ?, sure_us = ? WHERE app_key = ? AND group_name = ?",
        (now_us, now_us, now_us - HEARD_US, feed.app_key, feed.group),
    )


def put_told(app_key: str, told_us: int) -> Write:
    """Returns the write that says when somebody was told that an app's messages do not come; 0: that is over."""
    return Write("UPDATE push_link SET told_us = ? WHERE app_key = ?", (told_us, app_key))


async def links(db: Database) -> dict[tuple[str, str], Link]:
    """Reads how every feed fares, by app key and group."""
    rows = await db.fetch(
        "SELECT app_key, group_name, way, why, since_us, alive_us, last_us, sure_us, told_us "
        "FROM push_link ORDER BY app_key, group_name"
    )
    return {
        (cast("str", app), cast("str", group)): Link(
            Way(cast("str", way)),
            cast("str", why),
            cast("int", since),
            cast("int", alive),
            cast("int", last),
            cast("int", sure),
            cast("int", told),
        )
        for app, group, way, why, since, alive, last, sure, told in rows
    }
