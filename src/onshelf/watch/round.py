"""One look under way: what it may do, what it found, and what went wrong without ending it."""

from collections.abc import Awaitable
from dataclasses import dataclass, field

import structlog

from onshelf.clock import SECOND_US, Clock
from onshelf.errors import Error, NotSent, PermissionRefused, SessionExpired, SignatureRefused, StoreError
from onshelf.events import ItemChanged
from onshelf.store.db import Database
from onshelf.watch.compare import Rules
from onshelf.watch.plan import Memory, Pace, Plan
from onshelf.watch.read import Reads

ENDS_THE_ROUND = (NotSent, SessionExpired, SignatureRefused)  # the next call would fare no better
_PATIENCE = 8  # parts of a look that may go wrong before the rest waits for the next one
_log = structlog.get_logger()


class GivenUp(Exception):
    """Too much of a look went wrong to go on with it."""


@dataclass
class Round:
    """What the parts of one look share."""

    shop_id: str
    db: Database
    clock: Clock
    pace: Pace
    reads: Reads
    planned: Plan
    memory: Memory
    changes: list[ItemChanged] = field(default_factory=list)  # stored, first sights included
    read: int = 0  # items read by id
    put_off: int = 0  # items whose read broke
    onsale_total: int | None = None  # as the list said in this look
    trouble: str = ""  # code of the first error
    failures: int = 0  # parts that went wrong
    forbidden: bool = False  # the app may not make one of our calls

    @property
    def rules(self) -> Rules:
        """Returns the settings a verdict depends on."""
        pace = self.pace
        return Rules(
            pace.absent_looks, round(pace.absent_spacing_s * SECOND_US), round(pace.skew_s * SECOND_US)
        )

    async def safely(self, part: Awaitable[None]) -> bool:
        """Runs a part of the look and tells whether it went well: the poll loop's catch-all.

        What would befall every further call ends the round, and so does a broken database; anything else spoils
        this part alone, until the patience is out (GivenUp).
        """
        try:
            await part
        except (*ENDS_THE_ROUND, StoreError, GivenUp):
            raise
        except Exception as error:
            code = error.code if isinstance(error, Error) else type(error).__name__
            self.trouble = self.trouble or code
            self.failures += 1
            self.forbidden |= isinstance(error, PermissionRefused)
            _log.warning("watch.part_failed", shop_id=self.shop_id, error=code, why=str(error)[:200])
            if self.failures >= _PATIENCE:
                raise GivenUp from error
            return False
        return True
