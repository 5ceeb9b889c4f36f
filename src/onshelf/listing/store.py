"""The tables of the listing room: intents and pictures. Every write is a compare-and-set on the row's version."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from enum import StrEnum
from functools import cache
from typing import Any, cast

import msgspec
from msgspec.structs import replace

from onshelf.catalog.item import State as ItemState
from onshelf.listing.intent import Doing, Intent, Look, State
from onshelf.store.db import Database, Row, Value, Write
from onshelf.store.sql import marks, portions

_JSON: dict[str, Any] = {
    "prior_ids": tuple[int, ...],
    "looks": tuple[Look, ...],
    "sent": dict[str, str],
    "published": dict[str, str],
    "surplus": tuple[int, ...],
    "removed": tuple[int, ...],
}
_FIELDS = Intent.__struct_fields__
_COLUMNS = tuple("before_image" if name == "before" else name for name in _FIELDS)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM intent WHERE shop_id = ?"  # noqa: S608
_QUESTION = "(state = 'undecided' OR (state IN ('published', 'adopted') AND problem <> ''))"
"""`Intent.asking`, as the index `intent_question` says it: a database uses a partial index only where it finds these very words."""
_LINKED = (
    "((state IN ('published', 'adopted') AND problem = '' AND doing <> 'delete') OR state = 'refused'"
    " OR (state = 'planned' AND doing = 'change'))"
)
"""`Intent.at_rest` of one that is linked and asks nothing, as the index `intent_linked` says it."""
_DOUBT = "state IN ('sending', 'unanswered', 'repeat', 'undecided')"
_INSERT = f"INSERT INTO intent ({', '.join(_COLUMNS)}) VALUES ({marks(_COLUMNS)})"  # noqa: S608
_COLUMN_OF = dict(zip(_FIELDS, _COLUMNS, strict=True))
_encode = msgspec.json.Encoder().encode
_decoders = {name: msgspec.json.Decoder(kind).decode for name, kind in _JSON.items()}


class PictureState(StrEnum):
    """How far an upload got."""

    SENDING = "sending"  # may be on its way
    STORED = "stored"
    ABSENT = "absent"  # surely not stored: may be uploaded


class StoredPicture(msgspec.Struct, frozen=True):
    """Our record of one picture in a shop's picture space."""

    shop_id: str
    hash: str
    version: int = 0  # 0: not stored yet
    state: PictureState = PictureState.ABSENT
    picture_id: int | None = None
    path: str = ""  # what a listing names; empty until it is stored
    sent_us: int = 0
    looked_us: int = 0  # the last look for an unanswered upload
    absent: int = 0  # looks since `sent_us` that did not find it


async def load_intents(db: Database, shop_id: str, outer_ids: Sequence[str]) -> dict[str, Intent]:
    """Reads intents by code; products never attempted are absent from the answer."""
    found: dict[str, Intent] = {}
    for codes in portions(outer_ids):
        rows = await db.fetch(f"{_SELECT} AND outer_id IN ({marks(codes)})", (shop_id, *codes))
        found.update((intent.outer_id, intent) for intent in map(_intent, rows))
    return found


async def open_questions(
    db: Database, shop_id: str, *, after: str = "", limit: int = 1_000_000
) -> list[Intent]:
    """Reads the intents that wait for a person, by code, those after the code `after`.

    They are undecided, or published with a problem, or linked to an item that our record of the shelf holds as deleted.
    """
    page, args = "AND outer_id > ? ORDER BY outer_id LIMIT ?", (shop_id, after, limit)
    asked = await db.fetch(f"{_SELECT} AND {_QUESTION} {page}", args)
    gone = await db.fetch(f"SELECT {', '.join(_COLUMNS)} {_gone((shop_id,))} {page}", args)
    found = sorted(map(_intent, [*asked, *gone]), key=lambda intent: intent.outer_id)
    return found[:limit]


def _gone(shop_ids: Sequence[str]) -> str:
    """Gives the SQL of the intents without another question whose item is held as deleted, while there is the product.

    It goes from the deleted items, few in a shop, to their intents: hence the CROSS JOIN, which SQLite does not reorder.
    """
    return (
        "FROM (SELECT shop_id AS gone_shop, item_id AS gone_id FROM item"  # noqa: S608
        f" WHERE shop_id IN ({marks(shop_ids)}) AND state = 'deleted') AS gone CROSS JOIN intent"
        f" WHERE shop_id = gone_shop AND item_id = gone_id AND {_LINKED} AND EXISTS (SELECT 1 FROM product"
        " WHERE product.shop_id = intent.shop_id AND product.outer_id = intent.outer_id)"
    )


async def count_questions(db: Database, shop_ids: Sequence[str]) -> dict[str, int]:
    """Counts the same, by shop; shops without one are absent."""
    found: Counter[str] = Counter()
    for portion in portions(shop_ids):
        asked = await db.fetch(
            f"SELECT shop_id, COUNT(*) FROM intent WHERE shop_id IN ({marks(portion)}) AND {_QUESTION} GROUP BY shop_id",  # noqa: S608
            portion,
        )
        gone = await db.fetch(f"SELECT shop_id, COUNT(*) {_gone(portion)} GROUP BY shop_id", portion)
        for shop_id, count in cast("list[tuple[str, int]]", [*asked, *gone]):
            found[shop_id] += count
    return dict(found)


async def deleted_items(db: Database, shop_id: str, intents: Iterable[Intent]) -> dict[int, int]:
    """Returns which of the items that intents are linked to our record of the shelf holds as deleted, and since when (µs)."""
    linked = [intent.item_id for intent in intents if intent.item_id is not None]
    found: dict[int, int] = {}
    for ids in portions(linked):
        rows = await db.fetch(
            f"SELECT item_id, state, changed_us FROM item WHERE shop_id = ? AND item_id IN ({marks(ids)})",  # noqa: S608
            (shop_id, *ids),
        )
        told = cast("list[tuple[int, str, int]]", rows)
        found.update((item_id, at_us) for item_id, state, at_us in told if state == ItemState.DELETED)
    return found


async def count_doubts(db: Database, shop_id: str) -> int:
    """Counts the products of a shop of which nobody knows yet what their last write came to: under way, unanswered, undecided."""
    rows = await db.fetch(f"SELECT COUNT(*) FROM intent WHERE shop_id = ? AND {_DOUBT}", (shop_id,))  # noqa: S608
    return cast("int", rows[0][0])


def save(intent: Intent, stored: Intent | None) -> tuple[Intent, Write]:
    """Gives the intent as it will be stored, and the write of what differs from `stored`, the record as it is.

    None: there is no record yet. A record whose version has moved on is a Conflict at commit.
    """
    if stored is None:
        new = replace(intent, version=1)
        return new, Write(_INSERT, [_value(name, getattr(new, name)) for name in _FIELDS], 1)
    new = replace(intent, version=stored.version + 1)
    names = tuple(name for name in _FIELDS if getattr(new, name) is not getattr(stored, name))
    values = [_value(name, getattr(new, name)) for name in names]
    return new, Write(_update(names), (*values, stored.shop_id, stored.outer_id, stored.version), 1)


async def load_pictures(db: Database, shop_id: str, hashes: Collection[str]) -> dict[str, StoredPicture]:
    """Reads our records of pictures by hash; unknown ones are absent from the answer."""
    found: dict[str, StoredPicture] = {}
    for portion in portions(list(hashes)):
        rows = await db.fetch(
            f"SELECT {_PICTURE} FROM picture WHERE shop_id = ? AND hash IN ({marks(portion)})",  # noqa: S608
            (shop_id, *portion),
        )
        found.update((picture.hash, picture) for picture in map(_picture, rows))
    return found


def save_picture(picture: StoredPicture) -> tuple[StoredPicture, Write]:
    """As `save`, for a picture."""
    stored = replace(picture, version=picture.version + 1)
    values: tuple[Value, ...] = (
        stored.version,
        stored.state,
        stored.picture_id,
        stored.path,
        stored.sent_us,
        stored.looked_us,
        stored.absent,
    )
    if picture.version == 0:
        return stored, Write(_INSERT_PICTURE, (picture.shop_id, picture.hash, *values), 1)
    return stored, Write(_UPDATE_PICTURE, (*values, picture.shop_id, picture.hash, picture.version), 1)


_PICTURE = "shop_id, hash, version, state, picture_id, path, sent_us, looked_us, absent"
_INSERT_PICTURE = f"INSERT INTO picture ({_PICTURE}) VALUES ({', '.join('?' * 9)})"  # noqa: S608
_UPDATE_PICTURE = (
    "UPDATE picture SET version = ?, state = ?, picture_id = ?, path = ?, sent_us = ?, looked_us = ?, absent = ?"
    " WHERE shop_id = ? AND hash = ? AND version = ?"
)


@cache
def _update(names: tuple[str, ...]) -> str:
    columns = ", ".join(f"{_COLUMN_OF[name]} = ?" for name in names)
    return f"UPDATE intent SET {columns} WHERE shop_id = ? AND outer_id = ? AND version = ?"  # noqa: S608


def _value(name: str, value: Any) -> Value:
    if name not in _JSON or value is None:
        return cast("Value", value)
    return _encode(value).decode()


def _intent(row: Row) -> Intent:
    given: dict[str, Any] = dict(zip(_FIELDS, row, strict=True))
    for name, decode in _decoders.items():
        if given[name] is not None:
            given[name] = decode(given[name])
    return Intent(**{**given, "state": State(given["state"]), "doing": Doing(given["doing"])})


def _picture(row: Row) -> StoredPicture:
    shop_id, hash_, version, state, *rest = cast("tuple[Any, ...]", row)
    return StoredPicture(shop_id, hash_, version, PictureState(state), *rest)
