"""The tables of a shop's health: what its last probe found, and of which end of its authorisation somebody was told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import msgspec

from onshelf.errors import Error
from onshelf.ids import ShopId
from onshelf.shops.tokens.expiry import Warned
from onshelf.store.db import Database, Write
from onshelf.store.sql import marks
from onshelf.texts import LANGS


class Fault(msgspec.Struct, frozen=True):
    """What a probe found wrong with one method."""

    method: str
    code: str  # of our error
    message: dict[str, str]  # by language, remedy included


def fault(method: str, error: Error) -> Fault:
    """Puts an error into words that can be kept."""
    words: dict[str, str] = {lang: f"{error.message(lang)} {error.remedy(lang)}".strip() for lang in LANGS}
    return Fault(method, error.code, words)


@dataclass(frozen=True, slots=True)
class Probed:
    """What the last probe found."""

    at_us: int
    offset_us: int | None  # the platform's clock minus ours; None: it did not answer
    allowed: tuple[str, ...]  # methods that answered
    faults: tuple[Fault, ...]  # empty: well


async def probes(db: Database, of: Sequence[ShopId] | None = None) -> dict[ShopId, Probed]:
    """Returns the last probe of each shop that was ever probed, of some alone unless `of` is None."""
    among = "" if of is None else f" WHERE shop_id IN ({marks(of)})"
    rows = await db.fetch(
        f"SELECT shop_id, at_us, offset_us, allowed, faults FROM shop_probe{among}",  # noqa: S608
        of or (),
    )
    return {
        ShopId(shop_id): Probed(
            at_us,
            offset_us,
            msgspec.json.decode(allowed, type=tuple[str, ...]),
            msgspec.json.decode(faults, type=tuple[Fault, ...]),
        )
        for shop_id, at_us, offset_us, allowed, faults in cast("list[tuple[Any, ...]]", rows)
    }


def put_probe(shop_id: ShopId, probed: Probed) -> Write:
    """Stores what a probe found, in place of the one before."""
    return Write(
        "INSERT INTO shop_probe (shop_id, at_us, offset_us, allowed, faults) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (shop_id) DO UPDATE SET at_us = excluded.at_us, offset_us = excluded.offset_us,"
        " allowed = excluded.allowed, faults = excluded.faults",
        (shop_id, probed.at_us, probed.offset_us, _text(probed.allowed), _text(probed.faults)),
    )


async def warnings(db: Database) -> Mapping[ShopId, Warned]:
    """Returns of which end somebody was told, for each shop where that still stands."""
    rows = await db.fetch("SELECT shop_id, end_us, days FROM shop_warning")
    return {
        ShopId(shop_id): Warned(end_us, days)
        for shop_id, end_us, days in cast("list[tuple[str, int, int]]", rows)
    }


def put_warning(shop_id: ShopId, warned: Warned) -> Write:
    """Stores what somebody is told."""
    return Write(
        "INSERT INTO shop_warning (shop_id, end_us, days) VALUES (?, ?, ?)"
        " ON CONFLICT (shop_id) DO UPDATE SET end_us = excluded.end_us, days = excluded.days",
        (shop_id, warned.end_us, warned.days),
    )


def settle_warning(shop_id: ShopId) -> Write:
    """Forgets a warning that is over."""
    return Write("DELETE FROM shop_warning WHERE shop_id = ?", (shop_id,))


def forget(shop_id: ShopId) -> list[Write]:
    """Forgets everything about a shop's health."""
    return [settle_warning(shop_id), Write("DELETE FROM shop_probe WHERE shop_id = ?", (shop_id,))]


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()
