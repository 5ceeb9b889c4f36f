"""One product written, changed or deleted by a person or a program: held to the rules of a file's row."""
# ruff: noqa: S608 - what is put into SQL here is column names of this file, never a value

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from onshelf.catalog.check import Look, Terms
from onshelf.catalog.given import Given, Outcome, check_given, given_of
from onshelf.catalog.item import State
from onshelf.catalog.pictures import PictureFolder
from onshelf.catalog.product import Finding
from onshelf.catalog.product_list import why_held
from onshelf.catalog.store import (
    PRODUCT_COLUMNS,
    Stored,
    get_products,
    items_by_code,
    load_profile,
    product_values,
)
from onshelf.errors import Conflict, RowFaults
from onshelf.store.db import Database, Value, Write


@dataclass(frozen=True, slots=True)
class Deleted:
    """A product that is no longer ours."""

    outer_id: str
    item_ids: tuple[int, ...]  # items on the platform that carry its code: they stay as they are


class Busy(Conflict):
    """A job is working on the product just now."""


def version_of(stored: Stored) -> str:
    """Returns a text that changes whenever the product does."""
    return f"{stored.digest}{'-held' if stored.held else ''}"


async def get_product(db: Database, shop_id: str, outer_id: str) -> Stored | None:
    """Returns a product; None: the shop has none of this code."""
    return (await get_products(db, shop_id, [outer_id])).get(outer_id)


class Editor:
    """Writes products of one shop. `folder`: where its pictures lie; `by`: who, as the audit log has them."""

    def __init__(self, db: Database, shop_id: str, *, folder: Path, by: str, now_us: int) -> None:
        self._db = db
        self._shop_id = shop_id
        self._folder = folder
        self._by = by
        self._now_us = now_us

    async def put(self, given: Given, *, known: Stored | None) -> Stored:
        """Sets a whole product; nothing is listed by it. `known`: what it replaces, None for a new one.

        Durable when it returns. Raises RowFaults; Conflict: it is no longer what was known.
        """
        return await self._put(given, known, PictureFolder(self._folder, flat=True).look)

    async def change(self, known: Stored, changes: Mapping[str, Any]) -> Stored:
        """Changes some fields of a product, named as those of `Given`; pictures that stay are not looked at again.

        A held product stays held unless what its newest row got wrong is what is changed: the rest is from before that row.
        Raises RowFaults, Conflict.
        """
        folder = PictureFolder(self._folder, flat=True)
        kept = frozenset(known.product.pictures)
        given = msgspec.structs.replace(given_of(known.product), **changes)
        held = known.held and not await self._mends(known, changes)
        return await self._put(
            given, known, lambda name: Look(name, name) if name in kept else folder.look(name), held=held
        )

    async def release(self, known: Stored) -> Stored:
        """Lets a held product be published as it stands here, whatever its newest row got wrong. Raises Conflict."""
        await self._db.commit(
            [_set(self._shop_id, product_values(known.product), known.changed_us, known, held=False)]
        )
        return replace(known, held=False)

    async def check(self, given: Given, look: Callable[[str], Look] | None = None) -> Outcome:
        """Holds a product to the rules by the shop's profile, and writes nothing."""
        terms = Terms.of(await load_profile(self._db, self._shop_id))
        return check_given(given, terms, look or PictureFolder(self._folder, flat=True).look, source=self._by)

    async def delete(self, known: Stored) -> Deleted:
        """Deletes our own record of a product; the platform's items stay. Raises Busy while a job works on it, Conflict."""
        code = known.product.outer_id
        running = await self._db.fetch(
            "SELECT 1 FROM job_line WHERE state = 'running' AND shop_id = ? AND key = ? LIMIT 1",
            (self._shop_id, code),
        )
        if running:
            raise Busy(f"a job is working on {code}")
        items = (await items_by_code(self._db, self._shop_id, [code])).get(code, ())
        await self._db.commit(
            [
                Write(
                    "DELETE FROM product WHERE shop_id = ? AND outer_id = ? AND digest = ?",
                    (self._shop_id, code, known.digest),
                    expect_rows=1,
                )
            ]
        )
        return Deleted(code, tuple(one.item_id for one in items if one.state is not State.DELETED))

    async def _mends(self, known: Stored, changes: Mapping[str, Any]) -> bool:
        why = await why_held(self._db, self._shop_id, known.product.outer_id)
        return why is None or answers(why, changes)

    async def _put(
        self, given: Given, known: Stored | None, look: Callable[[str], Look], *, held: bool = False
    ) -> Stored:
        outcome = await self.check(given, look)
        if outcome.product is None:
            raise RowFaults(1, outcome.finding.faults if outcome.finding else ())
        values = product_values(outcome.product)
        digest = str(values[-1])
        same = known is not None and known.digest == digest
        changed_us = known.changed_us if known is not None and same else self._now_us
        await self._db.commit([_set(self._shop_id, values, changed_us, known, held=held)])
        return Stored(outcome.product, digest, held=held, changed_us=changed_us)


def answers(why: Finding, changed: Collection[str]) -> bool:
    """Tells whether a change speaks of every field that a faulty row got wrong. `changed`: fields of `Given`."""
    wrong = {fault.field for fault in why.faults if fault.severity == "fault"}
    return all(_MENDED_BY.get(name, {name}) & set(changed) for name in wrong)


_MENDED_BY: dict[str, frozenset[str]] = {
    "category": frozenset({"category", "category_id"}),
    "delivery_template": frozenset({"delivery_template_id"}),
    "picture": frozenset({"pictures"}),
    **dict.fromkeys(("price", "cost", "floor", "list_price", "sku.price"), frozenset({"price", "skus"})),
    **dict.fromkeys(("stock", "sku.stock"), frozenset({"stock", "skus"})),
    **dict.fromkeys(("sku", "sku.outer_id", "sku.properties"), frozenset({"skus"})),
}
"""Field of a fault -> the fields of a product of which one must change to answer it; others answer by their own name."""


def _set(
    shop_id: str, values: tuple[Value, ...], changed_us: int, known: Stored | None, *, held: bool
) -> Write:
    columns = (*PRODUCT_COLUMNS, "held", "changed_us")
    if known is None:
        marks = ", ".join("?" * (len(columns) + 1))
        return Write(
            f"INSERT INTO product (shop_id, {', '.join(columns)}) VALUES ({marks})",
            (shop_id, *values, int(held), changed_us),
            expect_rows=1,
        )
    settings = ", ".join(f"{column} = ?" for column in columns)
    return Write(
        f"UPDATE product SET {settings} WHERE shop_id = ? AND outer_id = ? AND digest = ? AND held = ?",
        (*values, int(held), changed_us, shop_id, known.product.outer_id, known.digest, int(known.held)),
        expect_rows=1,
    )
