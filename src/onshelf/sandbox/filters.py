"""What the rows of a list must be like, as a value: lists of the same filter are told apart by it. Pure."""

from collections.abc import Mapping
from typing import Any

import msgspec


class Filter(msgspec.Struct, frozen=True):
    """All that is asked for must hold; nothing asked for holds always."""

    word: str = ""  # somewhere in the title
    cid: int = 0  # 0: any category
    seller_cids: frozenset[str] = frozenset()  # in one of these shop categories
    flags: tuple[tuple[str, bool], ...] = ()  # field → what it says; a field the item lacks says false

    def fits(self, wire: Mapping[str, Any]) -> bool:
        """Tells whether an item's fields are as asked."""
        return (
            (not self.word or self.word in wire["title"])
            and (not self.cid or wire["cid"] == self.cid)
            and (not self.seller_cids or not self.seller_cids.isdisjoint(wire["seller_cids"].split(",")))
            and all(bool(wire.get(name, False)) is wanted for name, wanted in self.flags)
        )


ANY = Filter()
