"""The loop of the room: events become messages, messages go out. Each step is durable.

The reader's place in the log and the messages it makes are one commit, so a crash neither loses nor doubles one. A message
goes out under a lease until it is accepted: at least once, under the same id at every try.
"""

import asyncio
from collections.abc import Sequence
from random import Random

import structlog

from onshelf.clock import DAY_US, SECOND_US
from onshelf.errors import Conflict, SettingsError
from onshelf.events import HookTrouble
from onshelf.hooks import messages, store
from onshelf.hooks.decide import Fate, decide, slots
from onshelf.hooks.directory import READER, HookDirectory
from onshelf.hooks.hook import Hook, HookState
from onshelf.hooks.messages import Delivery, New
from onshelf.hooks.told import told
from onshelf.jobs.ended import note_ended
from onshelf.jobs.waker import Crew, Waker
from onshelf.platforms.transport import ConnectFailed, NoReply
from onshelf.platforms.webhook import TIMEOUT_S, Answered
from onshelf.store import log as event_log
from onshelf.store.db import Database
from onshelf.store.log import Entry

TICK_S = 1.0  # other processes write events too and cannot wake us
LEASE_S = 3 * TIMEOUT_S  # longer than a connection and its answer take
KEPT_DAYS = 30
_FORGET_EVERY_S = 60.0
_FORGOTTEN_AT_ONCE = 1000
_BATCH = 500  # events a commit
_FAILED_REST_S = 5.0

log = structlog.get_logger()


class Hooks:
    """Reads and sends."""

    def __init__(
        self,
        db: Database,
        directory: HookDirectory,
        random: Random,
        waker: Waker,
        *,
        tick_s: float = TICK_S,
        lease_s: float = LEASE_S,
        kept_days: int = KEPT_DAYS,
    ) -> None:
        self._db = db
        self._directory = directory
        self._clock = directory.tools.clock
        self._random = random
        self._waker = waker
        self._tick_s = tick_s
        self._lease_us = round(lease_s * SECOND_US)
        self._kept_us = kept_days * DAY_US
        self._forget_at_s = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Works until `stop` is set, then waits for the messages in flight. A slow receiver holds up no other."""
        crew = Crew(self._clock, self._waker)
        while not stop.is_set():
            try:
                rest_s = await self._turn(crew)
            except Exception:
                log.exception("hooks.step_failed", again_in_s=_FAILED_REST_S)
                rest_s = _FAILED_REST_S
            await crew.rest(stop, rest_s)
        await crew.finish()

    async def drain_once(self) -> int | None:
        """Reads all events and sends all that is due now, one after another; returns when something is due again.

        None: nothing is left.
        """
        await self.read()
        while ready := [
            (hook, due_us) for hook, due_us in await self._due() if due_us <= self._clock.now_us()
        ]:
            for hook, _ in ready:
                for held in await self._claim(hook, 1):
                    await self.send(hook, held)
        return min((due_us for _, due_us in await self._due()), default=None)

    async def read(self) -> int:
        """Turns new events into messages; returns how many events were read."""
        count = 0
        while entries := await event_log.read(self._db, READER, _BATCH):
            try:
                await self.keep(entries, await self._directory.hooks())
            except Conflict:
                break  # another process has read them, or a webhook hears of other shops: the next turn reads anew
            count += len(entries)
        return count

    async def send(self, hook: Hook, held: Delivery) -> Fate | None:
        """Tries a claimed message once; afterwards its fate is durable. None: its lease had passed to another process."""
        answered, note = await self._try(hook, held)
        now_us = self._clock.now_us()
        decision = decide(
            hook,
            answered,
            attempt=held.attempt - held.anew_after,
            first_us=held.first_us,
            now_us=now_us,
            spread=self._random.random(),
        )
        status = answered.status if answered else 0
        try:
            await self._db.commit(messages.settle(held, decision, now_us=now_us, status=status, note=note))
        except Conflict:
            return None
        names = {"hook_id": hook.hook_id, "delivery_id": held.delivery_id, "attempt": held.attempt}
        log.info("hooks.sent", **names, fate=decision.fate, note=note)
        if decision.fate is Fate.GONE:
            await self._end(hook, HookState.ENDED, "gone", note)
        elif decision.stop:
            await self._end(hook, HookState.STOPPED, "failing", note)
        return decision.fate

    async def _turn(self, crew: Crew) -> float:
        await event_log_begins(self._db)
        await note_ended(self._db, self._clock)
        await self.read()
        await self._forget()
        now_us, later_us = self._clock.now_us(), []
        for hook, due_us in await self._due():
            free = slots(hook) - crew.in_flight(hook.hook_id)
            if due_us > now_us:
                later_us.append(due_us)
            elif free > 0:
                for held in await self._claim(hook, free):
                    crew.start(self._send(hook, held), hook.hook_id)
        return min([self._tick_s, *((due_us - now_us) / SECOND_US for due_us in later_us)])

    async def _due(self) -> list[tuple[Hook, int]]:
        return [(hook, max(due_us, hook.rest_until_us)) for hook, due_us in await store.due(self._db)]

    async def _claim(self, hook: Hook, limit: int) -> list[Delivery]:
        now_us = self._clock.now_us()
        return await messages.claim(
            self._db, hook.hook_id, limit, now_us=now_us, lease_until_us=now_us + self._lease_us
        )

    async def _send(self, hook: Hook, held: Delivery) -> None:
        try:
            await self.send(hook, held)
        except Exception:  # its lease lapses, and it is tried again
            log.exception("hooks.send_broke", hook_id=hook.hook_id, delivery_id=held.delivery_id)

    async def _try(self, hook: Hook, held: Delivery) -> tuple[Answered | None, str]:
        try:
            answered = await self._directory.send(hook, held.delivery_id, held.body)
        except (ConnectFailed, NoReply) as error:
            return None, str(error)
        except SettingsError:  # it was removed meanwhile
            return None, ""
        return answered, "" if answered.accepted else f"HTTP {answered.status}"

    async def keep(self, entries: Sequence[Entry], hooks: Sequence[Hook]) -> None:
        """Makes messages of what the webhooks want of these events; durable, with our place in the log.

        Raises Conflict when another process has read them, or a webhook no longer hears of the shops it is given with.
        """
        now_us = self._clock.now_us()
        found = [
            New(hook.hook_id, entry.cursor.id, what, entry.at_us)
            for entry in (entries if hooks else ())
            for what in (told(entry),)
            for hook in hooks
            if entry.at_us >= hook.created_us and hook.wants(what.type, what.shop_id)
        ]
        told_to = {new.hook_id for new in found}
        still = [store.unchanged(hook) for hook in hooks if hook.hook_id in told_to]
        await self._db.commit([*messages.post(found, now_us), *still, event_log.advance(READER, entries[-1])])

    async def _end(self, hook: Hook, state: HookState, why: str, note: str) -> None:
        """Stops telling a webhook and says so, once."""
        now_us = self._clock.now_us()
        trouble = HookTrouble(hook.hook_id, hook.host, why, over=False, at_us=now_us)
        writes = [store.stop(hook.hook_id, state, note), event_log.append(trouble, now_us)]
        if state is HookState.ENDED:
            writes.append(messages.cancel(hook.hook_id, now_us))
        try:
            await self._db.commit(writes)
        except Conflict:
            return  # somebody was faster
        log.warning("hooks.stopped", hook_id=hook.hook_id, why=why)

    async def _forget(self) -> None:
        if self._clock.monotonic() >= self._forget_at_s:
            self._forget_at_s = self._clock.monotonic() + _FORGET_EVERY_S
            before_us = self._clock.now_us() - self._kept_us
            oldest = (
                messages.forget(before_us, _FORGOTTEN_AT_ONCE),
                event_log.trim(before_us, _FORGOTTEN_AT_ONCE),
            )
            await self._db.commit(oldest)


async def event_log_begins(db: Database) -> None:
    """Begins our reading at the end of the log, the first time in a home: what happened before there were webhooks is no news."""
    if await event_log.cursor(db, READER) == event_log.START:
        await db.commit([event_log.begin(READER, await event_log.end(db))])
