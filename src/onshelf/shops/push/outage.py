"""Tells somebody when pushed messages have not come for long, and when they come again. The looks at the shelf go on meanwhile."""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum

import structlog

from onshelf.clock import BEIJING, SECOND_US, Clock, from_us
from onshelf.events import ShopTrouble
from onshelf.jobs.schedule import Entry
from onshelf.shops.push.feeds import Link, links, put_told
from onshelf.shops.shop import Shop
from onshelf.shops.store import ShopStore
from onshelf.store.log import append

KIND = "messages"
"""The schedule kind of `Outages`."""
_log = structlog.get_logger()


class News(StrEnum):
    """What is to be told of an app's messages now."""

    NOTHING = "nothing"
    DOWN = "down"
    OVER = "over"


def news(wanted: Sequence[Link], *, told: bool, after_us: int, now_us: int) -> News:
    """Decides what is to be told. `wanted`: the feeds there should be; one that is down for `after_us` is trouble.

    It is over when all of them stand, or none is wanted any more; a process that is stopped ends no trouble.
    """
    if any(link.tries(now_us) and now_us - link.since_us >= after_us for link in wanted):
        return News.NOTHING if told else News.DOWN
    return News.OVER if told and all(link.stands(now_us) for link in wanted) else News.NOTHING


class Outages:
    """A schedule handler: looks how the feeds of every app fare."""

    def __init__(self, shops: ShopStore, clock: Clock, *, groups: Collection[str], after_s: float) -> None:
        """`groups`: the consumer groups received here; none: nothing is received. `after_s`: 0 tells nothing."""
        self._shops = shops
        self._clock = clock
        self._groups = groups if after_s else ()
        self._after_us = round(after_s * SECOND_US)

    async def run(self, entry: Entry) -> None:
        """Tells of each app whose messages do not come, for each of its shops."""
        shops, known = await self._shops.list(), await links(self._shops.db)
        for app_key in sorted({app_key for app_key, _ in known}):
            mine = {group: link for (app, group), link in known.items() if app == app_key}
            await self._see(app_key, mine, [one for one in shops if one.app_key == app_key and one.tmc])

    async def _see(self, app_key: str, mine: Mapping[str, Link], shops: Sequence[Shop]) -> None:
        wanted = [link for group, link in mine.items() if shops and group in self._groups]
        told = any(link.told_us for link in mine.values())
        now_us = self._clock.now_us()
        found = news(wanted, told=told, after_us=self._after_us, now_us=now_us)
        if found is News.NOTHING:
            return
        over = found is News.OVER
        since = "" if over else _beijing(min(link.since_us for link in wanted if link.tries(now_us)))
        events = [
            ShopTrouble(one.shop_id, "messages", "messages_down", over, False, since, now_us) for one in shops
        ]
        told_us = 0 if over else now_us
        await self._shops.db.commit([put_told(app_key, told_us), *(append(one, now_us) for one in events)])
        _log.warning("push.outage", app_key=app_key, over=over, since=since)


def _beijing(moment_us: int) -> str:
    return from_us(moment_us).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
