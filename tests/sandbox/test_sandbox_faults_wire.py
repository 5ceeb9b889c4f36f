"""Each kind of fault over a real socket: on demand, by schedule, and alike for the same seed.

A story is always the same: four items are made, lists and one item are read, time passes, messages are fetched. What a caller
saw of it is compared with what is to be seen.
"""

import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec
import pytest
import pytest_asyncio

from onshelf.sandbox.faults import ACTS, KINDS
from onshelf.sandbox.launch import running
from onshelf.sandbox.wire import Json, sign

SLOW_S = 0.2
JSON = "text/javascript"
ADD: Json = {
    "type": "fixed",
    "cid": 50010850,
    "desc": "一条很好的裙子",
    "num": 5,
    "stuff_status": "new",
    "title": "连衣裙",
    "price": "12.50",
    "location.state": "浙江",
    "location.city": "杭州",
}
CLEAN = {
    "adds": ["ok", "ok", "ok", "ok"],
    "listed": "A B C D",
    "fields": "desc title",
    "later": "A B C D",
    "shelf": "A B C D",
    "messages": "A B C D",
}
BANNED, DAY_GONE = (
    "accesscontrol.limited-by-dynamic-access-count",
    "accesscontrol.limited-by-app-access-count",
)
ITEM_ADD, LISTS, READ, TOPICS = (
    "taobao.item.add",
    "taobao.items.onsale.get",
    "taobao.item.seller.get",
    "taobao_item_ItemAdd",
)


def second(word: str, **more: str) -> Json:
    """Returns what is seen when only the second item's call goes another way."""
    return {"adds": ["ok", word, "ok", "ok"], **more}


WITHOUT = {"listed": "A C D", "later": "A C D", "shelf": "A C D", "messages": "A C D"}
FIRST_ONLY = {"shelf": "A", "messages": "A", "listed": "", "fields": "", "later": ""}

# kind → what it strikes, and what is seen of it when it strikes the second time that comes
SEEN: dict[str, tuple[str, Json]] = {
    "delay": (ITEM_ADD, second("ok slowly")),
    "slow_body": (ITEM_ADD, second("ok slowly")),
    "cut_before": (ITEM_ADD, second("cut", **WITHOUT)),
    "cut_after": (ITEM_ADD, second("cut")),
    "cut_body": (ITEM_ADD, second("cut in the body")),
    "cut_then_done": (ITEM_ADD, second("cut", listed="A C D", later="A C D B", shelf="A C D B", messages="A C D B")),
    "isp": (ITEM_ADD, second("isp.remote-service-error", **WITHOUT)),
    "isp_after": (ITEM_ADD, second("isp.remote-service-timeout")),
    "http_5xx": (ITEM_ADD, second("HTTP 502", **WITHOUT)),
    "http_5xx_after": (ITEM_ADD, second("HTTP 502")),
    "truncate": (ITEM_ADD, second("no JSON")),
    "bad_json": (ITEM_ADD, second("no JSON")),
    "wrong_type": (ITEM_ADD, second("ok as text/html")),
    "ban": (ITEM_ADD, {"adds": ["ok", *[BANNED] * 3], **FIRST_ONLY, "later": "A"}),
    "day_quota_gone": (ITEM_ADD, {"adds": ["ok", *[DAY_GONE] * 3], **FIRST_ONLY, "messages": ""}),
    "expire_session": (ITEM_ADD, {"adds": ["ok", "27", "27", "27"], **FIRST_ONLY}),
    "second_item": (ITEM_ADD, {"listed": "A B B C D", "later": "A B B C D", "shelf": "A B B C D", "messages": "A B B C D"}),
    "edit_code": (ITEM_ADD, {"listed": "A B-E C D", "later": "A B-E C D", "shelf": "A B-E C D", "messages": "A B-E C D"}),
    "lag": (ITEM_ADD, {"listed": "A"}),  # the index behind the lists takes in writes in their order
    "shift_page": (LISTS, {"listed": "A C D D"}),
    "degrade": (READ, {"fields": "title"}),
    "lose_message": (TOPICS, {"messages": "A C D"}),
    "double_message": (TOPICS, {"messages": "A B B C D"}),
    "swap_messages": (TOPICS, {"messages": "A C D B"}),
}  # fmt: skip


class Desk:
    """A caller over a real socket, on the sandbox's time."""

    def __init__(self, info: Json, http: aiohttp.ClientSession) -> None:
        self._info, self._http = info, http
        self._ahead_s = 0.0

    async def control(self, path: str, order: Json | None = None) -> Any:
        verb = "GET" if order is None else "POST"
        async with self._http.request(verb, f"{self._info['control']}/{path}", json=order) as reply:
            assert reply.status == 200, await reply.text()
            return await reply.json()

    async def at(self, moment: str) -> None:
        """Starts over at a moment of the platform."""
        await self.control("reset", {})
        shown = await self.control("clock", {"set": moment})
        self._ahead_s = shown["epoch"] - time.time()

    async def jump(self, seconds: float) -> None:
        await self.control("clock", {"jump_s": seconds})
        self._ahead_s += seconds

    async def see(self, method: str, **arguments: object) -> tuple[str, Json]:
        """Makes a call; returns in a word or two what came of it, and the reply's inner object."""
        began = time.monotonic()
        try:
            async with self._http.post(self._info["gateway"], data=self._signed(method, arguments)) as reply:
                body, kind = await reply.read(), reply.content_type
        except aiohttp.ServerDisconnectedError:
            return "cut", {}
        except aiohttp.ClientPayloadError:
            return "cut in the body", {}
        if reply.status != 200:
            return f"HTTP {reply.status}", {}
        slowly = time.monotonic() - began >= SLOW_S and await self._was_slowed()
        return _read(body, f"{' slowly' if slowly else ''}{'' if kind == JSON else f' as {kind}'}")

    async def _was_slowed(self) -> bool:
        """Tells whether the last call took long by order: on a busy machine any call may."""
        (last,) = await self.control("calls?limit=1")
        return bool({"delay", "slow_body"} & set(last["faults"]))

    def _signed(self, method: str, arguments: Json) -> Json:
        fields = {"method": method, "app_key": "12345678", "session": "test", "v": "2.0", "format": "json"}
        fields |= {"sign_method": "md5", "timestamp": str(int((time.time() + self._ahead_s) * 1000))}
        fields |= {name: str(value) for name, value in arguments.items()}
        return {**fields, "sign": sign(fields.items(), "helloworld", "md5")}

    async def story(self) -> Json:
        """Lives through the story and returns what was seen."""
        await self.see("taobao.tmc.user.permit")
        adds = [(await self.see(ITEM_ADD, **ADD, outer_id=code))[0] for code in "ABCD"]
        listed, (_, read) = await self._listed(), await self.see(READ, num_iid=11223344, fields="title,desc")
        await self.jump(5)
        later = await self._listed()
        shelf = [row for row in await self.control("items") if row["outer_id"] != "SANDBOX-1"]
        names = {row["num_iid"]: row["outer_id"] for row in shelf}
        return {
            "adds": adds,
            "listed": listed,
            "fields": " ".join(read.get("item", {})),
            "later": later,
            "shelf": " ".join(names.values()),
            "messages": " ".join(names[one] for one in await self._told()),
        }

    async def _listed(self) -> str:
        """Reads the list page by page, two rows each."""
        asked = {"fields": "outer_id", "order_by": "list_time:asc", "page_size": 2}
        pages = [(await self.see(LISTS, page_no=number, **asked))[1] for number in (1, 2, 3)]
        rows = [row["outer_id"] for page in pages for row in page.get("items", {}).get("item", ())]
        return " ".join(code for code in rows if code != "SANDBOX-1")

    async def _told(self) -> list[int]:
        _, page = await self.see("taobao.tmc.messages.consume", quantity=200)
        rows = page.get("messages", {}).get("tmc_message", ())
        return [msgspec.json.decode(row["content"])["num_iid"] for row in rows if row["topic"] == TOPICS]


def _read(body: bytes, manner: str) -> tuple[str, Json]:
    try:
        (inner,) = msgspec.json.decode(body, type=dict[str, dict[str, Any]]).values()
    except msgspec.DecodeError:
        return "no JSON", {}
    if "code" in inner:
        sub_code = inner.get("sub_code", "")
        return sub_code if "." in sub_code else str(inner["code"]), {}
    return f"ok{manner}", inner


def order(kind: str, **when: Any) -> Json:
    """Returns a rule of that kind for what it strikes."""
    seconds = SLOW_S if kind in ("delay", "slow_body") else 2
    return {"kind": kind, "method": SEEN[kind][0], "seconds": seconds, "fields": ["desc"], **when}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def info() -> AsyncIterator[Json]:
    async with running() as line:
        yield line


@pytest.fixture
async def desk(info: Json) -> AsyncIterator[Desk]:
    async with aiohttp.ClientSession() as http:
        yield Desk(info, http)


def test_every_kind_of_fault_is_proved_here() -> None:
    assert set(SEEN) == KINDS


async def test_without_faults_nothing_goes_wrong(desk: Desk) -> None:
    await desk.at("2026-12-01 02:00:00")

    assert await desk.story() == CLEAN


@pytest.mark.parametrize("kind", SEEN)
async def test_a_fault_strikes_on_demand_the_call_it_was_ordered_for(desk: Desk, kind: str) -> None:
    await desk.at("2026-12-01 02:00:00")
    await desk.control("faults", order(kind, at=1 if kind == "degrade" else 2))

    assert await desk.story() == {**CLEAN, **SEEN[kind][1]}


@pytest.mark.parametrize("kind", sorted(KINDS - ACTS))
async def test_a_fault_strikes_by_schedule_in_its_time_only(desk: Desk, kind: str) -> None:
    rule = order(kind, at=1 if kind == "degrade" else 2, at_time="03:00", lasts=600)
    seen = []
    for moment_s in (0, 3601, 4201):
        await desk.at("2026-12-01 02:00:00")
        await desk.control("faults", rule)
        await desk.jump(moment_s)
        seen.append(await desk.story())

    assert seen == [CLEAN, {**CLEAN, **SEEN[kind][1]}, CLEAN]


@pytest.mark.parametrize(
    ("kind", "adds", "shelf"),
    [
        ("expire_session", ["27"] * 4, ""),
        ("second_item", ["ok"] * 4, "SANDBOX-1 SANDBOX-1 A B C D"),
        ("edit_code", ["ok"] * 4, "SANDBOX-1-E A B C D"),
    ],
)
async def test_what_the_seller_does_by_schedule_happens_without_a_call(
    desk: Desk, kind: str, adds: list[str], shelf: str
) -> None:
    await desk.at("2026-12-01 02:00:00")
    await desk.control("faults", order(kind, at_time="03:00"))
    await desk.jump(3601)

    seen = [(await desk.see(ITEM_ADD, **ADD, outer_id=code))[0] for code in "ABCD"]
    codes = [row["outer_id"] for row in await desk.control("items")]

    assert seen == adds
    assert codes == (shelf.split() or ["SANDBOX-1"])


@pytest.mark.parametrize("kind", SEEN)
async def test_a_fault_by_chance_strikes_alike_for_the_same_seed(desk: Desk, kind: str) -> None:
    seen = []
    for _ in range(2):
        await desk.at("2026-12-01 02:00:00")
        await desk.control("faults", order(kind, share=0.3, seed=4))
        seen.append(await desk.story())

    assert seen[0] == seen[1] != CLEAN
