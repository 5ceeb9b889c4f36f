"""What keeps shops workable by day and night: tokens refreshed before work needs them, holds without a cause lifted, pauses."""

import structlog

from onshelf.errors import PlatformError, SessionExpired
from onshelf.ids import ShopId
from onshelf.jobs.failure import HELD_EXPIRED
from onshelf.jobs.queue import Queue
from onshelf.jobs.schedule import Entry
from onshelf.platforms.port import Sessions
from onshelf.shops.shop import ShopState
from onshelf.shops.store import ShopStore

log = structlog.get_logger()

KIND = "shops"
"""The schedule kind of `Upkeep`."""

HELD_PAUSED = "shops.held.paused"
"""Text key of the reason when a person paused a shop."""


class Upkeep:
    """A schedule handler: looks after every shop once a run."""

    def __init__(self, store: ShopStore, queue: Queue, sessions: Sessions) -> None:
        self._store = store
        self._queue = queue
        self._sessions = sessions

    async def run(self, entry: Entry) -> None:
        """Asks for each shop's session, which refreshes those that are due, and frees shops that live but are held.

        A shop is left held when a worker, told of a dead token, holds it just after a person has renewed it.
        """
        held = await self._queue.held_shops()
        for shop in await self._store.list():
            if shop.state is ShopState.NEW or not await self._lives(shop.shop_id):
                continue
            if HELD_EXPIRED in held.get(shop.shop_id, ()):
                await self._queue.db.commit(self._queue.resume_shop(shop.shop_id, HELD_EXPIRED))

    async def _lives(self, shop_id: ShopId) -> bool:
        try:
            await self._sessions.session(shop_id)
        except SessionExpired:
            return False
        except PlatformError as error:
            log.warning("shops.upkeep_failed", shop_id=shop_id, error=str(error))
            return False
        return True


async def pause(store: ShopStore, queue: Queue, shop_id: ShopId) -> None:
    """Stops all work of a shop until a person resumes it; durable."""
    await store.db.commit(
        [store.set_state(shop_id, ShopState.PAUSED), *queue.pause_shop(shop_id, HELD_PAUSED)]
    )


async def resume(store: ShopStore, queue: Queue, shop_id: ShopId) -> ShopState:
    """Ends a person's pause and returns the state it leaves; work goes on unless the shop must authorise first."""
    stored = await store.token(shop_id)
    state = ShopState.NEW
    if stored is not None:
        state = ShopState.EXPIRED if stored.dead else ShopState.AUTHORISED
    await store.db.commit([store.end_pause(shop_id, state), *queue.resume_shop(shop_id, HELD_PAUSED)])
    return state
