"""The Taobao open platform as the features see it: `port.Platform` and `port.ShopPort` over `TopClient`."""

from collections.abc import Awaitable, Sequence
from dataclasses import replace

from onshelf.ids import ItemId
from onshelf.platforms.port import (
    AT_ONCE,
    Draft,
    Free,
    Lane,
    Page,
    Picture,
    SeenItem,
    Send,
    Shelf,
    ShopRef,
    Slice,
)
from onshelf.platforms.top.call import Answer, T
from onshelf.platforms.top.client import TopClient
from onshelf.platforms.top.methods import item, picture
from onshelf.platforms.top.methods.item import ItemReply, ItemsReply
from onshelf.platforms.top.methods.picture import PictureReply, PicturesReply
from onshelf.platforms.top.outcomes import Kind
from onshelf.platforms.top.protocol import File

MOST_IDS = 20
MOST_CODES = 40
LISTING_CALLS = (
    "taobao.item.add",
    "taobao.item.update",
    "taobao.item.joint.img",
    "taobao.picture.upload",
    "taobao.items.custom.get",
    "taobao.items.seller.list.get",
)
"""What publishing cannot do without."""


class TopPlatform:
    """Makes ports of shops on Taobao and Tmall."""

    def __init__(self, client: TopClient) -> None:
        self._client = client

    def for_shop(self, shop: ShopRef, lane: Lane) -> "TopShop":
        return TopShop(self._client, shop, lane)

    def free(self, shop: ShopRef, lane: Lane) -> Free:
        """Returns what an app may call now; for listing with the closures of what listing calls only."""
        free = self._client.quotas.of(shop.app_key).free(lane)
        if lane is Lane.LISTING and free.closures:
            met = (one for one in free.closures if any(map(one.covers, LISTING_CALLS)))
            return replace(free, closures=tuple(met))
        return free


class TopShop:
    """One shop at one priority. Publishes by item.add and item.update, the route of apps that still may."""

    def __init__(self, client: TopClient, shop: ShopRef, lane: Lane) -> None:
        self._client = client
        self._shop = shop
        self._lane = lane

    async def create(self, draft: Draft, *, shelf: Shelf, send: Send = AT_ONCE) -> ItemId:
        """Makes an item with its main picture in one call; the other pictures are joined by `update` of "pictures"."""
        answer = await self._call(
            "taobao.item.add", item.add_params(draft, shelf), ItemReply, kind=Kind.CREATE, send=send
        )
        return ItemId(answer.value.item.num_iid)

    async def update(
        self, item_id: ItemId, draft: Draft, *, fields: frozenset[str], send: Send = AT_ONCE
    ) -> None:
        """Sets the named fields, in one call or several; after an error some of them may stand already."""
        for step in item.update_steps(item_id, draft, fields):
            await self._write(step.method, step.params, send)
        if "pictures" in fields and len(draft.pictures) > 1:
            await self._join_pictures(item_id, draft.pictures, send)

    async def list_item(self, item_id: ItemId, *, stock: int, send: Send = AT_ONCE) -> None:
        params = {"num_iid": str(item_id), "num": str(stock)}
        await self._write("taobao.item.update.listing", params, send)

    async def delist(self, item_id: ItemId, *, send: Send = AT_ONCE) -> None:
        await self._write("taobao.item.update.delisting", {"num_iid": str(item_id)}, send)

    async def delete(self, item_id: ItemId, *, send: Send = AT_ONCE) -> None:
        await self._write("taobao.item.delete", {"num_iid": str(item_id)}, send)

    async def get_items(self, item_ids: Sequence[ItemId]) -> tuple[SeenItem, ...]:
        """Reads at most 20 items whole: skus and pictures are empty, not None, when there are none."""
        _at_most(item_ids, MOST_IDS, "item ids")
        if not item_ids:
            return ()
        params = {"fields": item.WHOLE, "num_iids": ",".join(map(str, item_ids))}
        answer = await self._read("taobao.items.seller.list.get", params, ItemsReply)
        return _items(answer, whole=True)

    async def find_by_codes(self, outer_ids: Sequence[str]) -> tuple[SeenItem, ...]:
        """Finds items by their own code, not by those of their skus; each found item tells its `outer_id`."""
        _at_most(outer_ids, MOST_CODES, "codes")
        if any("," in code or not code.strip() for code in outer_ids):
            raise ValueError("a code is blank or holds a comma, which would break the look-up's list")
        if not outer_ids:
            return ()
        params = {"fields": item.FOUND, "outer_id": ",".join(outer_ids)}
        return _items(await self._read("taobao.items.custom.get", params, ItemsReply))

    async def get_slice(self, wanted: Slice) -> Page:
        step = item.slice_request(wanted)
        answer = await self._read(step.method, step.params, ItemsReply)
        return Page(_items(answer), answer.value.total_results)

    async def upload(self, content: bytes, *, title: str, file_name: str, send: Send = AT_ONCE) -> Picture:
        """Stores a picture; its title is cut at 50 characters, and a title already taken gets "(1)"."""
        answer = await self._call(
            "taobao.picture.upload",
            picture.upload_params(title, file_name),
            PictureReply,
            kind=Kind.CREATE,
            send=send,
            files={"img": picture.upload_file(content, file_name)},
        )
        return picture.picture(answer.value.picture)

    async def find_pictures(self, title_start: str) -> tuple[Picture, ...]:
        """Finds living pictures, oldest first; asks the platform by title and keeps those that begin so."""
        found: list[Picture] = []
        for number in range(1, _MOST_PAGES + 1):
            params = picture.find_params(title_start, number)
            answer = await self._read("taobao.picture.get", params, PicturesReply)
            rows = answer.value.pictures.picture if answer.value.pictures else []
            found += [picture.picture(row) for row in rows if row.title.startswith(title_start)]
            if len(rows) < picture.MOST_A_PAGE:
                break
        return tuple(found)

    async def _join_pictures(self, item_id: ItemId, wanted: Sequence[str], send: Send) -> None:
        """Joins the further pictures an item does not show yet, so that repeating adds none twice."""
        shown = {path for found in await self.get_items([item_id]) for path in found.pictures or ()}
        for position, path in enumerate(wanted[1:], start=1):
            if path not in shown:
                params = {"num_iid": str(item_id), "pic_path": path, "position": str(position)}
                await self._write("taobao.item.joint.img", params, send, kind=Kind.CREATE)

    async def _write(
        self, method: str, params: dict[str, str], send: Send, *, kind: Kind = Kind.WRITE
    ) -> None:
        await self._call(method, params, dict, kind=kind, send=send)

    def _read(self, method: str, params: dict[str, str], reply: type[T]) -> Awaitable[Answer[T]]:
        return self._call(method, params, reply, kind=Kind.READ)

    def _call(
        self,
        method: str,
        params: dict[str, str],
        reply: type[T],
        *,
        kind: Kind,
        send: Send = AT_ONCE,
        files: dict[str, File] | None = None,
    ) -> Awaitable[Answer[T]]:
        return self._client.call(
            method,
            params,
            reply,
            shop=self._shop,
            kind=kind,
            lane=self._lane,
            send=send,
            files=files,
        )


_MOST_PAGES = 50  # of 100 pictures with one title start: more is no look-up any longer


def _items(answer: Answer[ItemsReply], *, whole: bool = False) -> tuple[SeenItem, ...]:
    rows = answer.value.items.item if answer.value.items else []
    return tuple(item.seen(row, answer.asked_us, answer.answered_us, whole=whole) for row in rows)


def _at_most(values: Sequence[object], most: int, what: str) -> None:
    if len(values) > most:
        raise ValueError(f"{len(values)} {what}: at most {most} a call")
