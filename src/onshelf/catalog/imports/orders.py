"""The same correction for every row with the same fault: what an order asks for, and which cells it writes."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Literal

import msgspec

from onshelf.catalog.imports.corrections import Changes, Correction, corrections
from onshelf.catalog.imports.faulty import Faulty, How, list_faulty, mend_cells
from onshelf.catalog.imports.mend import cells_of
from onshelf.catalog.imports.runs import Run
from onshelf.catalog.readers import understand
from onshelf.catalog.store import load_profile
from onshelf.store.db import Database, Write

_PAGE = 200


class Order(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is to be done with an import before its file is checked."""

    do: Literal["check", "accept", "write"] = "check"
    rule: str | None = None  # only products that break it; None: any
    bad: str = ""  # of `write`: the value that is written over
    value: str = ""  # of `write`

    @property
    def how(self) -> How:
        return How.ACCEPTED if self.do == "accept" else How.WRITTEN

    def changes(self, one: Correction) -> Changes:
        """Decides what is written for one fault; nothing for most."""
        if self.rule not in (None, one.fault.rule) or one.fault.severity != "fault":
            return {}
        if self.do == "accept":
            return one.changes if one.suggestion else {}
        return one.writing(self.value) if self.do == "write" and one.fault.value == self.bad else {}


CHECK = Order()


def encode_order(order: Order) -> str:
    """Writes an order as JSON."""
    return msgspec.json.encode(order).decode()


def decode_order(text: str) -> Order:
    """Reads an order back; an empty text is a plain check."""
    return msgspec.json.decode(text, type=Order) if text else CHECK


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an order writes into one product."""

    faulty: Faulty
    changes: Changes
    writes: tuple[Write, ...]  # that keep the changes


async def wanted(db: Database, run: Run, order: Order) -> AsyncIterator[Wanted]:
    """Goes through the stopped products of an import and yields those that an order writes into."""
    if order.do == "check":
        return
    columns = understand(run.header, run.chosen)
    prices = (await load_profile(db, run.shop_id)).price_rule
    async for faulty in _stopped(db, run, order.rule):
        changes = _merged(order.changes(one) for one in corrections(faulty, columns, prices))
        if changes:
            writes = mend_cells(run.import_id, changes, cells_of(faulty, columns), order.how)
            yield Wanted(faulty, changes, tuple(writes))


def _merged(all_changes: Iterable[Changes]) -> Changes:
    """Puts the changes of one product together; of two for the same cell the first counts."""
    merged: Changes = {}
    for changes in all_changes:
        for row, cells in changes.items():
            merged[row] = {**cells, **merged.get(row, {})}
    return merged


async def _stopped(db: Database, run: Run, rule: str | None) -> AsyncIterator[Faulty]:
    after = 0
    while page := await list_faulty(db, run.import_id, stopped=True, rule=rule, after=after, limit=_PAGE):
        for faulty in page:
            yield faulty
        after = page[-1].finding.row
