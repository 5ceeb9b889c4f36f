"""Reads a shop for one look: pages of lists, and items by id, 20 a call. Counts its calls; decides nothing."""

from collections.abc import Sequence

from onshelf.clock import Clock
from onshelf.ids import ItemId
from onshelf.platforms.port import Items, Page, Slice
from onshelf.watch.compare import Nomination, Sighting

IDS = 20  # items.seller.list.get takes no more


class Reads:
    """The reads of one look. Raises what the port raises."""

    def __init__(self, items: Items, clock: Clock, calls: int) -> None:
        self._items = items
        self._clock = clock
        self.left = calls  # may go below zero by a call or two: a page begun is read to its end
        self.made = 0

    async def page(self, wanted: Slice) -> Page:
        """Reads a page of a list."""
        self._count()
        return await self._items.get_slice(wanted)

    async def by_ids(self, item_ids: Sequence[int], witness: int | None = None) -> list[Sighting]:
        """Reads at most 20 items and tells of each whether it was shown.

        `witness`: an item known to be there, read along when there is room, so that an empty reply can be told from a
        true absence.
        """
        asked = list(dict.fromkeys(item_ids))
        if witness is not None and len(asked) < IDS and witness not in asked:
            asked.append(witness)
        self._count()
        asked_us = self._clock.now_us()
        shown = {item.item_id: item for item in await self._items.get_items([ItemId(one) for one in asked])}
        answered_us = self._clock.now_us()
        return [
            Sighting(one, asked_us, answered_us, shown.get(ItemId(one)), witnessed=bool(shown))
            for one in dict.fromkeys(item_ids)
        ]

    @property
    def spent(self) -> bool:
        """Tells that no further call should be begun."""
        return self.left <= 0

    def _count(self) -> None:
        self.left -= 1
        self.made += 1


def batches(names: Sequence[Nomination]) -> list[list[Nomination]]:
    """Cuts nominations into calls; one that broke a read before goes alone, so that it harms no other."""
    sound = [name for name in names if not name.failures]
    parts = [sound[start : start + IDS] for start in range(0, len(sound), IDS)]
    return parts + [[name] for name in names if name.failures]
