"""`GET /events`: what happens, as it happens, to those who may see it; after a break nothing is missed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec
import pytest
from service import Service

from onshelf.clock import SystemClock
from onshelf.events import HookTrouble, ShopTrouble
from onshelf.guard.keys import Keys
from onshelf.guard.roles import Role
from onshelf.hooks.hub import MOST_EACH, Hub, place_of, place_text
from onshelf.hooks.told import Told
from onshelf.store import log
from onshelf.store.db import Write
from onshelf.store.log import Cursor
from onshelf.web.api import events as routes

PATIENCE_S = 60.0


async def happen(service: Service, *whats: str, shop: str = "shop-a") -> None:
    now_us = service.app.clock.now_us()
    await service.app.db.commit(
        [
            log.append(
                ShopTrouble(shop, "probe", "probe_failed", over=False, loud=True, what=what, at_us=now_us),
                now_us,
            )
            for what in whats
        ]
    )


class Follower:
    """Somebody who reads a stream."""

    def __init__(self, reply: aiohttp.ClientResponse) -> None:
        self.reply = reply
        self.last_id = ""

    async def event(self) -> dict[str, Any]:
        """Reads on to the next event."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                fields = await self.part()
                if "data" in fields:
                    data: dict[str, Any] = msgspec.json.decode(fields["data"])
                    return data

    async def part(self) -> dict[str, str]:
        """Reads on to the next empty line."""
        fields: dict[str, str] = {}
        while line := (await self.reply.content.readline()).decode().rstrip("\n"):
            name, _, value = line.partition(": ")
            fields[name] = value
        self.last_id = fields.get("id", self.last_id)
        return fields

    async def whats(self, count: int) -> list[str]:
        return [str((await self.event())["data"]["what"]) for _ in range(count)]


@asynccontextmanager
async def following(
    service: Service,
    query: str = "",
    *,
    shops: tuple[str, ...] | None = None,
    after: str = "",
    role: Role = Role.VIEWER,
) -> AsyncIterator[Follower]:
    headers = {"Authorization": f"Bearer {await service.key(role, shops)}"}
    if after:
        headers["Last-Event-ID"] = after
    async with service.http.get(f"{service.address}/api/v1/events{query}", headers=headers) as reply:
        assert reply.status == 200, await reply.text()
        found = Follower(reply)
        await found.part()  # the greeting: from here on nothing is missed
        yield found


async def test_what_happens_comes_as_it_happens(service: Service) -> None:
    await happen(service, "before")
    async with following(service) as follower:
        await happen(service, "one", "two")
        first = await follower.event()
        second = await follower.event()

    assert follower.reply.headers["Content-Type"].startswith("text/event-stream")
    assert first["type"] == "shop.trouble"
    assert [one["data"]["what"] for one in (first, second)] == ["one", "two"]


async def test_who_comes_back_after_more_than_is_kept_is_told_so(service: Service) -> None:
    """Silence would say that nothing was missed."""
    await happen(service, "one", "two", "three")
    first, second, _ = await log.read_from(service.app.db, log.START, 10)
    await service.app.db.commit([log.trim(second.at_us + 1, 10)])

    late = await service.api("GET", "/events", headers={"Last-Event-ID": place_text(first.cursor)})

    assert (late.status, late.json["code"]) == (410, "event_forgotten")


async def test_after_a_break_nothing_is_missed_and_nothing_comes_twice(service: Service) -> None:
    async with following(service) as follower:
        await happen(service, "one", "two")
        await follower.whats(1)
        seen = follower.last_id
    await happen(service, *map(str, range(500)))

    async with following(service, after=seen) as again:
        told = await again.whats(501)

    assert told == ["two", *map(str, range(500))]


async def test_a_place_can_be_told_in_the_address_too(service: Service) -> None:
    async with following(service) as follower:
        seen = follower.last_id
    await happen(service, "one")

    async with following(service, f"?after={seen}") as again:
        assert await again.whats(1) == ["one"]


async def test_each_sees_its_own_shops_and_asks_for_fewer(service: Service) -> None:
    await service.add_shop("shop-b")
    now_us = service.app.clock.now_us()
    async with (
        following(service, shops=("shop-a",)) as mine,
        following(service, "?shop=shop-b") as one_shop,
        following(service, "?types=webhook.trouble") as one_type,
    ):
        trouble = HookTrouble("h", "erp.example.com", "gone", over=False, at_us=now_us)
        await service.app.db.commit([log.append(trouble, now_us)])
        await happen(service, "b", shop="shop-b")
        await happen(service, "a")

        assert await mine.whats(1) == ["a"]
        assert await one_shop.whats(1) == ["b"]
        assert (await one_type.event())["type"] == "webhook.trouble"


async def test_a_foreign_shop_and_nonsense_are_refused(service: Service) -> None:
    await service.add_shop("shop-b")
    foreign = await service.api("GET", "/events?shop=shop-b", shops=("shop-a",))
    kind = await service.api("GET", "/events?types=item.exploded")
    places = [await service.api("GET", f"/events?after={text}") for text in ("x", "1-", "-1", "1-2-3", "٣-٤")]

    assert (foreign.status, foreign.json["code"]) == (404, "no_shop")
    assert (kind.status, kind.json["code"]) == (422, "no_event_type")
    assert {place.json["code"] for place in places} == {"bad_event_id"}


async def test_a_caller_has_a_number_of_streams(service: Service) -> None:
    """Each key its own, of old keys of one name too."""
    for role in (Role.VIEWER, Role.OPERATOR, Role.APPROVER):
        await service.key(role)
    await service.app.db.commit([Write("UPDATE api_key SET name = 'erp'")])
    async with (
        following(service),
        following(service, role=Role.OPERATOR),
    ):
        open_ones = [following(service) for _ in range(MOST_EACH - 1)]
        for one in open_ones:
            await one.__aenter__()
        refused = await service.api("GET", "/events", role=Role.VIEWER)
        other = following(service, role=Role.APPROVER)
        await other.__aenter__()
        for one in (*open_ones, other):
            await one.__aexit__(None, None, None)

    assert (refused.status, refused.json["code"]) == (429, "too_many_streams")


async def test_many_streams_asked_for_at_once_are_no_more_than_one_after_the_other(service: Service) -> None:
    """Asked whether there is room before any of them has begun, all would find some."""
    hub = service.web.state.house.hub
    streams = [hub.follow("key:erp", lambda _: True) for _ in range(3 * MOST_EACH)]
    begun = await asyncio.gather(*(anext(stream, None) for stream in streams))
    followers = hub.callers["key:erp"]
    for stream in streams:
        await stream.aclose()

    assert len([one for one in begun if one]) == followers == MOST_EACH


async def test_an_ended_key_loses_its_stream(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "HEARTBEAT_S", 0.0)
    keys = Keys(service.app.db, service.app.clock, service.app.random)
    key, shown = await keys.add("erp", role=Role.VIEWER, shops=None, made_by="test")
    headers = {"Authorization": f"Bearer {shown}"}
    async with service.http.get(f"{service.address}/api/v1/events", headers=headers) as reply:
        follower = Follower(reply)
        await follower.part()
        await keys.end(key.key_id)
        await happen(service, "secret")
        async with asyncio.timeout(PATIENCE_S):
            rest = await reply.read()

    assert rest == b""


async def test_who_hung_up_makes_room(service: Service) -> None:
    for _ in range(2):
        open_ones = [following(service) for _ in range(MOST_EACH)]
        for one in open_ones:
            await one.__aenter__()
        for one in open_ones:
            await one.__aexit__(None, None, None)
        async with asyncio.timeout(PATIENCE_S):
            while not await admitted(service):
                await SystemClock().sleep(0.02)


async def admitted(service: Service) -> bool:
    headers = {"Authorization": f"Bearer {await service.key(Role.VIEWER)}"}
    async with service.http.get(f"{service.address}/api/v1/events", headers=headers) as reply:
        return reply.status == 200


async def test_nothing_is_read_while_nobody_follows(service: Service) -> None:
    hub = Hub(service.app.db, SystemClock())
    one, two = hub.follow("me", every), hub.follow("me", every)
    await anext(one)
    await anext(two)
    reading = hub._tail

    await one.aclose()
    assert hub._tail is reading is not None
    await two.aclose()

    assert hub._tail is None
    assert not hub.callers


def every(_: Told) -> bool:
    return True


async def test_who_falls_behind_what_is_kept_reads_on_from_the_log(service: Service) -> None:
    hub = Hub(service.app.db, SystemClock(), tick_s=0.01, kept=5)
    chunks = hub.follow("me", every)
    await anext(chunks)
    got = b""
    for number in range(10):
        await happen(service, *(f"{number}-{one}" for one in range(50)))
        await asyncio.wait_for(_settled(hub), PATIENCE_S)  # the hub has read all, the follower nothing
    while got.count(b"data:") < 500:
        got += await asyncio.wait_for(anext(chunks), PATIENCE_S)
    await chunks.aclose()

    assert len(hub._frames) == 5
    whats = [
        msgspec.json.decode(line[6:])["data"]["what"] for line in got.split(b"\n") if line[:5] == b"data:"
    ]
    assert whats == [f"{number}-{one}" for number in range(10) for one in range(50)]


async def _settled(hub: Hub) -> None:
    end = await log.end(hub._db)
    while hub._end != end:
        await SystemClock().sleep(0.005)


async def test_silence_is_broken_by_a_sign_of_life_that_carries_the_place(service: Service) -> None:
    hub = Hub(service.app.db, SystemClock(), tick_s=0.01, beat_s=0.05)
    chunks = hub.follow("me", every)
    await anext(chunks)

    sign = await asyncio.wait_for(anext(chunks), PATIENCE_S)
    await chunks.aclose()

    assert sign == f": alive\nid: {place_text(await log.end(service.app.db))}\n\n".encode()


@pytest.mark.parametrize("place", [Cursor(0, 0), Cursor(12, 345)])
def test_a_place_is_read_as_it_was_written(place: Cursor) -> None:
    assert place_of(place_text(place)) == place
