"""Looks through lists that move while they are read: what slips onto a page read before is not taken for absent."""

from collections.abc import Sequence

from top_bench import SHOP, TopBench

from onshelf.ids import ItemId
from onshelf.listing.decide import Timing
from onshelf.listing.intent import Intent, Look
from onshelf.listing.look import look_for
from onshelf.platforms.port import Items, Lane, Page, SeenItem, Slice
from onshelf.platforms.top.platform import TopPlatform
from onshelf.sandbox.launch import ask, control

CODE = "A-FIRST"
TIMING = Timing(write_timeout_s=10, settle_s=20, look_spacing_s=10, looks=3, clock_skew_s=5)


async def add(bench: TopBench, code: str) -> int:
    """Lists an item, a second after the one before."""
    bench.clock.jump(1)
    reply = await ask(
        bench.sandbox,
        "taobao.item.add",
        type="fixed",
        cid=50010850,
        title=f"连衣裙 {code}",
        desc="<p>纯棉面料，亲肤透气</p>",
        num=5,
        price="99.00",
        stuff_status="new",
        outer_id=code,
        **{"location.state": "浙江", "location.city": "杭州"},
    )
    return int(reply["item"]["num_iid"])


class LivingList:
    """Reads of a real shop whose seller delists the newest item after each page, and whose search by code lags."""

    def __init__(self, inner: Items, bench: TopBench, leaving: list[int]) -> None:
        self._inner = inner
        self._bench = bench
        self._leaving = leaving
        self.pages: list[int] = []

    async def get_items(self, item_ids: Sequence[ItemId]) -> tuple[SeenItem, ...]:
        return await self._inner.get_items(item_ids)

    async def find_by_codes(self, outer_ids: Sequence[str]) -> tuple[SeenItem, ...]:
        return ()

    async def get_slice(self, wanted: Slice) -> Page:
        page = await self._inner.get_slice(wanted)
        if wanted.bucket == "onsale":
            self.pages.append(wanted.page)
            if self._leaving:
                await control(
                    self._bench.sandbox, "seller", {"action": "delete", "num_iid": self._leaving.pop()}
                )
        return page


async def look(newer: int, leaving: int) -> tuple[Look, list[int]]:
    """Looks for the item behind so many newer ones, while so many of the newest leave, one after each page."""
    bench = TopBench()
    before_us = bench.clock.now_us()
    await add(bench, CODE)
    others = [await add(bench, f"A-{number}") for number in range(newer)]
    inner = TopPlatform(bench.client).for_shop(SHOP, Lane.LISTING)
    items = LivingList(inner, bench, others[:leaving])
    intent = Intent(
        SHOP.shop_id, CODE, sent={"title": "别的标题"}, first_sent_us=before_us, sent_us=before_us
    )

    async def none_of_ours(_: Sequence[str]) -> list[str]:
        return []

    found = await look_for(
        items, [intent], clock=bench.clock, timing=TIMING, own_codes=none_of_ours, known={}
    )
    await bench.client.close()
    return found[CODE], items.pages


async def test_an_item_that_slips_onto_a_page_read_before_is_found() -> None:
    found, pages = await look(newer=200, leaving=1)

    assert [one.outer_id for one in found.seen] == [CODE]
    assert pages == [1, 2, 1, 2]  # the total that the second page told betrayed it
    assert found.complete


async def test_a_list_that_never_holds_still_proves_no_absence() -> None:
    found, pages = await look(newer=400, leaving=100)

    assert not found.complete
    assert len(pages) <= 6
