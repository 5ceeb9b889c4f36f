"""Reads nominated items by id, judges them, and writes what follows; what cannot be decided now is put off durably."""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import replace

from onshelf.catalog.item import Item, Reason, State
from onshelf.catalog.store import known_items
from onshelf.clock import SECOND_US
from onshelf.platforms.port import Bucket, SeenItem
from onshelf.watch import nominate, store
from onshelf.watch.compare import Nomination, Sighting, Verdict, judge
from onshelf.watch.read import batches
from onshelf.watch.round import Round

_PARALLEL = 4  # id reads in flight
_MOST_DOUBLINGS = 10  # of the rest before an item whose read broke is asked again


async def learn(
    this: Round, rows: Sequence[SeenItem], bucket: Bucket, evidence: str
) -> tuple[Nomination, ...]:
    """Records the rows of a list that nobody knew and returns those that need an id read."""
    known = await known_items(this.db, this.shop_id, [row.item_id for row in rows])
    sifted = nominate.sift(this.shop_id, rows, known, bucket=bucket, evidence=evidence)
    firsts = [store.Decision(name, verdict, None, put_off=False) for name, verdict in sifted.first_sights]
    this.changes += await store.settle(this.db, this.shop_id, firsts)
    return sifted.names


async def decide(this: Round, names: Sequence[Nomination]) -> None:
    """Decides about nominated items, 20 a call; those the quota does not cover are put off."""
    calls, affordable = batches(await _awake(this, names)), max(0, this.reads.left)
    now, later = calls[:affordable], calls[affordable:]
    witness = await store.any_sure(this.db, this.shop_id) if now else None
    for start in range(0, len(now), _PARALLEL):
        await _all(_decide_batch(this, batch, witness) for batch in now[start : start + _PARALLEL])
    if later:
        now_us = this.clock.now_us()
        writes = [store.put_off(this.shop_id, name, now_us) for batch in later for name in batch]
        await this.db.commit(writes)


async def _awake(this: Round, names: Sequence[Nomination]) -> list[Nomination]:
    """Leaves out items whose read broke and that still rest, whoever names them anew; others keep count of it."""
    broken = await store.resting(
        this.db, this.shop_id, [name.item_id for name in names], now_us=this.clock.now_us()
    )
    counted = [replace(name, failures=broken.get(name.item_id, name.failures)) for name in names]
    return [name for name in counted if name.failures >= 0]


async def _decide_batch(this: Round, batch: Sequence[Nomination], witness: int | None) -> None:
    if not await this.safely(_judge_batch(this, batch, witness)):
        await _put_off(this, batch)


async def _judge_batch(this: Round, batch: Sequence[Nomination], witness: int | None) -> None:
    """Reads, judges and writes one batch; an item whose reason nothing tells is looked for in the lists once."""
    named = {name.item_id: name for name in batch}
    sightings = await this.reads.by_ids(list(named), witness)
    known = await known_items(this.db, this.shop_id, list(named))
    verdicts = _judge(this, sightings, known, named)
    unexplained = [one.item for one in sightings if one.item and _unexplained(verdicts[one.item_id])]
    if unexplained:
        found = await nominate.find_buckets(this.reads, unexplained)
        named |= {one: replace(named[one], bucket=bucket, modified_us=None) for one, bucket in found.items()}
        verdicts = _judge(this, sightings, known, named)
    versions = {one: item.version for one, item in known.items()}
    asked_us = {one.item_id: one.asked_us for one in sightings}
    decisions = [
        store.Decision(named[one], verdicts[one], versions.get(one), asked_us=asked_us[one]) for one in named
    ]
    this.changes += await store.settle(this.db, this.shop_id, decisions)
    this.read += len(batch)


def _judge(
    this: Round, sightings: Sequence[Sighting], known: dict[int, Item], named: dict[int, Nomination]
) -> dict[int, Verdict]:
    return {
        one.item_id: judge(known.get(one.item_id), one, named[one.item_id], this.rules, this.shop_id)
        for one in sightings
    }


def _unexplained(verdict: Verdict) -> bool:
    change = verdict.change
    return change is not None and change.new == State.INSTOCK and change.reason == Reason.UNKNOWN


async def _put_off(this: Round, batch: Sequence[Nomination]) -> None:
    """Keeps a batch that broke for later, each item alone and after a growing rest."""
    now_us, rest_us = this.clock.now_us(), round(this.pace.absent_spacing_s * SECOND_US)
    writes = []
    for name in batch:
        due_us = now_us + rest_us * 2 ** min(name.failures, _MOST_DOUBLINGS)
        writes.append(store.put_off(this.shop_id, replace(name, failures=name.failures + 1), due_us))
    await this.db.commit(writes)
    this.put_off += len(batch)


async def _all(parts: Iterable[Awaitable[None]]) -> None:
    """Waits for every part to end, then raises the first error among them."""
    for outcome in await asyncio.gather(*parts, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome
