"""Full reconciliation, in shares: every page of a state's lists, then an id read of what is known and in none of them."""

import structlog

from onshelf.catalog.item import State
from onshelf.errors import Conflict
from onshelf.platforms.port import Bucket
from onshelf.watch import plan, store
from onshelf.watch.compare import Nomination, state_in
from onshelf.watch.decide import decide, learn
from onshelf.watch.round import Round
from onshelf.watch.walk import after, wanted

_UNLISTED_AT_ONCE = 500
_log = structlog.get_logger()


async def save(this: Round) -> None:
    """Keeps the round's memory; when another process has looked at the shop meanwhile, its memory holds."""
    try:
        this.memory = await store.remember(this.db, this.shop_id, this.memory)
    except Conflict:
        _log.warning("watch.looked_twice", shop_id=this.shop_id)
        this.memory = await store.recall(this.db, this.shop_id)


async def continue_sweeps(this: Round) -> None:
    """Reads on in the sweeps under way as far as this round's share goes, and closes those whose lists are all read."""
    until = max(0, this.reads.left - this.planned.sweep_calls)
    for state, sweep in list(this.memory.sweeps.items()):
        for bucket in sweep.walks:
            await this.safely(_sweep_list(this, bucket, until))
        if state in this.memory.sweeps and not this.memory.sweeps[state].walks:
            await _end(this, state)


async def _sweep_list(this: Round, bucket: Bucket, until: int) -> None:
    """Reads on in one list; each page is decided, marked and remembered before the next."""
    while this.reads.left > until and (sweep := this.memory.sweeps.get(state_in(bucket))):
        walk = sweep.walks.get(bucket)
        slice_ = wanted(walk, bucket) if walk else None
        if walk is None or slice_ is None:
            return
        page = await this.reads.page(slice_)
        await decide(this, await learn(this, page.items, bucket, sweep.evidence))
        listed = sorted({row.item_id for row in page.items})
        await store.mark_listed(this.db, this.shop_id, listed, this.clock.now_us())
        this.memory = plan.walked(this.memory, bucket, after(walk, page))
        await save(this)


async def _end(this: Round, state: State) -> None:
    sweep, last = this.memory.sweeps[state], 0
    while ids := await store.unlisted(
        this.db, this.shop_id, state, since_us=sweep.began_us, after=last, limit=_UNLISTED_AT_ONCE
    ):
        await decide(this, [Nomination(item_id, sweep.evidence) for item_id in ids])
        last = ids[-1]
    known = await store.count_sure(this.db, this.shop_id)
    clean = not await store.any_undecided(this.db, this.shop_id, now_us=this.clock.now_us())
    this.memory = plan.end_sweep(this.memory, state, known.get(state, 0), clean=clean)
