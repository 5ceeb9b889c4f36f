"""What becomes of a line: its outcome, its intent and its place in the queue, stored as one unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import structlog
from msgspec.structs import replace

from onshelf.clock import SECOND_US, Clock
from onshelf.errors import (
    Conflict,
    PlatformError,
    QuotaExceeded,
    Refused,
    ServiceFault,
    SessionExpired,
    Unanswered,
)
from onshelf.jobs.failure import MOST_ATTEMPTS, backoff_s, outcome_of
from onshelf.jobs.queue import Queue
from onshelf.listing.decide import Timing, Undecided, due_us
from onshelf.listing.intent import CREATES, State
from onshelf.listing.store import save
from onshelf.listing.together import Together
from onshelf.listing.work import Work, kept_problem, outcome, question
from onshelf.store.db import Write

log = structlog.get_logger()
_DUPLICATE = ("duplicate", "重复")
"""Words of a refusal that may mean: the earlier create, which nobody answered, was done. Nobody has seen the real sub-code."""


@dataclass(slots=True)
class _Unit:
    """Writes that stand or fall together."""

    work: Work
    writes: Sequence[Write]
    kept: bool = False  # the line stays with us: on a conflict it goes back to the queue


class Settlement:
    """Collects the units of one batch and commits them, many in one transaction where nothing has moved on."""

    def __init__(self, db: Together, queue: Queue, clock: Clock, *, timing: Timing, random: Random) -> None:
        self.expired: SessionExpired | None = None
        self._db = db
        self._queue = queue
        self._clock = clock
        self._timing = timing
        self._random = random
        self._units: list[_Unit] = []

    def keep(self, work: Work) -> None:
        """Stores the intent and goes on with the line."""
        writes = self._intent_writes(work)
        if writes:
            self._units.append(_Unit(work, writes, kept=True))

    def succeed(self, work: Work, code: str, *joined: Write, **facts: object) -> None:
        """Ends the line well."""
        told = outcome(code, **facts, **work.told)
        self._add(work, self._queue.succeed(work.line, told), *joined)

    def fail(self, work: Work, code: str, **facts: object) -> None:
        """Ends the line badly, with reason and remedy in both languages."""
        self._add(work, self._queue.fail(work.line, question(code, **facts, **work.told)))

    def ask(self, work: Work, code: str, **facts: object) -> None:
        """As `fail`, and keeps the reason in the intent as a question that a person can settle."""
        state = work.record.state if work.record.answered else State.UNDECIDED
        told = kept_problem(outcome(code, **facts, **work.told))
        work.intent = replace(work.record, state=state, problem=told)
        self.fail(work, code, **facts)

    def undecided(self, work: Work, verdict: Undecided) -> None:
        """Ends the line with an intent that only a person can set going again."""
        work.intent = replace(work.record, state=State.UNDECIDED)
        self.ask(work, verdict.why, item_ids=verdict.item_ids, item_id=work.record.item_id)

    def wait(self, work: Work, at_us: int, code: str, **facts: object) -> None:
        """Puts the line aside, without a lease."""
        told = outcome(code, **facts, **work.told)
        self._add(work, self._queue.wait(work.line, run_at_us=at_us, outcome=told))

    def delay(self, work: Work, error: PlatformError) -> None:
        """Puts a line aside after a read that failed, or a write that was surely not done; fails it when that will not pass."""
        if isinstance(error, SessionExpired):
            self._expire(work, error)
            return
        if isinstance(error, Refused) and not error.retryable:
            self._add(work, self._queue.fail(work.line, {**outcome_of(error), **work.told}))
            return
        now_us = self._clock.now_us()
        if isinstance(error, QuotaExceeded):
            at_us = max(error.retry_at_us, now_us)
        else:
            at_us = now_us + round(backoff_s(work.line.attempt, self._random.random()) * SECOND_US)
        told = {**outcome_of(error), **work.told}
        self._add(work, self._queue.wait(work.line, run_at_us=at_us, outcome=told))

    def after(self, work: Work, error: PlatformError) -> None:
        """Settles a line by what its write raised; `work.intent` tells already what that means for the item."""
        if isinstance(error, SessionExpired):
            self._expire(work, error)
        elif isinstance(error, (Unanswered, ServiceFault)):
            self._after_silence(work, error)
        elif isinstance(error, Refused):
            self._after_refusal(work, error)
        else:
            self.delay(work, error)

    def give_back(self, work: Work) -> None:
        """Returns a line whose record was changed by somebody else; it is read anew, or pauses."""
        work.intent = work.stored
        self._add(work, self._queue.give_back(work.line))

    async def flush(self) -> None:
        """Makes all of it durable. A unit that lost its compare-and-set is dropped, the others stand."""
        units, self._units = self._units, []
        if not units:
            return
        try:
            await self._db.commit([write for unit in units for write in unit.writes])
        except Conflict:
            for unit in units:
                await self._commit_alone(unit)

    async def _commit_alone(self, unit: _Unit) -> None:
        try:
            await self._db.commit(unit.writes)
        except Conflict as lost:
            log.warning("listing.moved_on", outer_id=unit.work.line.key, why=str(lost))
            if unit.kept:
                self.give_back(unit.work)
                await self.flush()

    def _after_silence(self, work: Work, error: PlatformError) -> None:
        """Waits until the write has settled; a change that never gets an answer fails in the end."""
        tired = work.line.attempt >= MOST_ATTEMPTS
        if work.intent is None or work.intent.state is not State.UNANSWERED or work.intent is work.stored:
            self.delay(work, error)
        elif tired and work.intent.doing not in CREATES:
            self._add(work, self._queue.fail(work.line, {**outcome_of(error), **work.told}))
        else:
            self.wait(work, due_us(work.intent, self._timing), "listing.unanswered", why=error.why)

    def _after_refusal(self, work: Work, error: Refused) -> None:
        intent = work.record
        if intent.attempt and intent.item_id is None and _says_duplicate(error):
            now_us = self._clock.now_us()
            work.intent = replace(intent, state=State.UNANSWERED, sent_us=now_us)
            self.wait(work, due_us(work.intent, self._timing), "listing.duplicate", why=error.why)
            return
        told = {**outcome_of(error), **work.told, "sub_code": error.sub_code}
        if intent.state in (State.PLANNED, State.REFUSED) and not intent.to_list:
            work.intent = replace(intent, state=State.REFUSED, problem=kept_problem(told))
        self._add(work, self._queue.fail(work.line, told))

    def _expire(self, work: Work, error: SessionExpired) -> None:
        """Leaves the line to the worker, which pauses the shop."""
        self.expired = error
        self.keep(work)

    def _add(self, work: Work, line_write: Write, *joined: Write) -> None:
        work.settled = True
        self._units.append(_Unit(work, [*self._intent_writes(work), line_write, *joined]))

    @staticmethod
    def _intent_writes(work: Work) -> list[Write]:
        if work.intent is None or work.intent is work.stored:
            return []
        work.intent, write = save(work.intent, work.stored)
        work.stored = work.intent
        return [write]


def _says_duplicate(error: Refused) -> bool:
    said = f"{error.sub_code} {error.sub_message} {error.why}".lower()
    return any(word in said for word in _DUPLICATE)
