"""How long changes of the shelf stayed unnoticed, gathered from the event log while somebody asks."""

import asyncio
from collections import defaultdict

from onshelf.clock import SECOND_US
from onshelf.events import ItemChanged
from onshelf.platforms.tally import Spread
from onshelf.store import log
from onshelf.store.db import Database
from onshelf.store.log import Cursor

BOUNDS_US = tuple(
    round(bound_s * SECOND_US) for bound_s in (0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 86_400)
)
_AT_ONCE = 1000


class Detections:
    """Reads the log on from where it was last asked; begins at its end."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._place: Cursor | None = None
        self._turn = asyncio.Lock()
        self.by_evidence: defaultdict[str, Spread] = defaultdict(lambda: Spread(BOUNDS_US))
        """From the platform's time of a change to the reply that told us, by what named the item.

        Left out: our own changes, first sights, and changes whose time the platform does not tell.
        """

    async def read_on(self) -> None:
        """Takes in what was written since the last time, each change once whoever asks at the same time. Raises StoreError."""
        async with self._turn:
            if self._place is None:
                self._place = await log.end(self._db)
            while entries := await log.read_from(self._db, self._place, _AT_ONCE):
                for entry in entries:
                    if isinstance(entry.event, ItemChanged):
                        self._note(entry.event)
                self._place = entries[-1].cursor

    def _note(self, change: ItemChanged) -> None:
        if change.old and not change.ours and change.happened_us < change.seen_us:
            self.by_evidence[change.evidence].note(change.seen_us - change.happened_us)
