"""The loop of the room: silences end, events become alerts, untold news becomes deliveries, deliveries go out. Each is durable."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

import structlog

from onshelf.alerts import answer, board, store
from onshelf.alerts.channels import KINDS
from onshelf.alerts.decide import Decision, Group, Timing, decide
from onshelf.alerts.deliver import LEASE_S, Deliverer, Outcome, due_us
from onshelf.alerts.directory import Directory
from onshelf.alerts.route import route
from onshelf.alerts.rules import AlertState, changes, match
from onshelf.alerts.silence import Scope
from onshelf.alerts.standing import Standing, ended, steps
from onshelf.clock import SECOND_US, Clock
from onshelf.errors import Conflict
from onshelf.events import Event, ShopRemoved
from onshelf.ids import new_id
from onshelf.jobs.waker import Crew, Waker
from onshelf.store import log as event_log
from onshelf.store.db import Database
from onshelf.store.log import Entry

READER = "alerts"
"""Our place in the event log."""
TICK_S = 1.0  # other processes write events too and cannot wake us
BATCH = 500  # events a commit
_FAILED_REST_S = 5.0

log = structlog.get_logger()
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Drained:
    """What one pass did."""

    events: int  # read
    posted: int  # deliveries made
    sent: dict[Outcome, int]  # tries by what became of them
    next_us: int | None  # when something is due again; None: nothing is left


class Alerts:
    """Reads, decides and delivers."""

    def __init__(
        self,
        db: Database,
        directory: Directory,
        clock: Clock,
        random: Random,
        waker: Waker,
        *,
        timing: Timing | None = None,
        tick_s: float = TICK_S,
        lease_s: float = LEASE_S,
    ) -> None:
        """`timing`: how long news gathers; None: 5 s, then 30 s between messages. `lease_s`: longer than any send."""
        self._db = db
        self._directory = directory
        self._clock = clock
        self._random = random
        self._waker = waker
        self._timing = timing or Timing()
        self._tick_s = tick_s
        self._deliverer = Deliverer(db, directory, clock, random, lease_s)

    async def run(self, stop: asyncio.Event) -> None:
        """Works until `stop` is set, then waits for the messages in flight.

        A slow channel holds up no other, and an event that cannot be read does not hold up what was read before it.
        """
        crew = Crew(self._clock, self._waker)
        while not stop.is_set():
            await _guard(self.lift())
            read = await _guard(self.read())
            rest_s = await _guard(self._hand_out(crew))
            await crew.rest(stop, _FAILED_REST_S if read is None or rest_s is None else rest_s)
        await crew.finish()

    async def drain_once(self) -> Drained:
        """Reads all events, posts what has gathered long enough and sends all that is due now, one after another."""
        ends_us = await self.lift()
        events = await self.read()
        posted, news_us = await self.post()
        sent: dict[Outcome, int] = {}
        while due := [head for head in await store.heads(self._db) if due_us(head) <= self._clock.now_us()]:
            for head in due:
                outcome = await self._deliverer.send(head)
                sent[outcome] = sent.get(outcome, 0) + 1
        later = [due_us(head) for head in await store.heads(self._db)]
        return Drained(events, posted, sent, min([*later, *news_us, *ends_us], default=None))

    async def lift(self) -> list[int]:
        """Ends the silences whose time has come, and returns when the others end."""
        in_force = await board.in_force(self._db)
        for silence in in_force:
            if silence.until_us <= self._clock.now_us():
                await answer.end(self._db, silence.silence_id, who="", now_us=self._clock.now_us())
                log.info("alerts.silence_ended", silence_id=silence.silence_id)
        return [one.until_us for one in in_force if one.until_us > self._clock.now_us()]

    async def read(self) -> int:
        """Turns new events into alerts and news for their receivers; returns how many events were read.

        Alerts, news and our place in the log are one commit: a crash neither loses nor repeats an event.
        """
        count = 0
        while entries := await event_log.read(self._db, READER, BATCH):
            try:
                await self._keep(entries)
            except Conflict:
                break  # another process has read them, or a person has just changed an alert; the next turn reads again
            count += len(entries)
        return count

    async def post(self) -> tuple[int, list[int]]:
        """Makes deliveries of the news that has gathered long enough; returns how many, and when the rest is due."""
        posted, later_us = 0, []
        for group, told, kind in await store.untold(self._db):
            decision = decide(group, told, self._clock.now_us(), self._timing)
            if decision.send:
                posted += await self._post(group, decision, kind)
            else:
                later_us.append(decision.due_us)
        return posted, later_us

    async def _hand_out(self, crew: Crew) -> float:
        _, due = await self.post()
        now_us = self._clock.now_us()
        for head in await store.heads(self._db):
            receiver = head.delivery.receiver
            if crew.in_flight(receiver):
                continue
            if due_us(head) <= now_us:
                crew.start(self._send(head), receiver)
            else:
                due.append(due_us(head))
        return min([self._tick_s, *((at_us - now_us) / SECOND_US for at_us in due)])

    async def _send(self, head: store.Head) -> None:
        try:
            await self._deliverer.send(head)
        except Exception:  # its lease lapses, and it is tried again
            log.exception("alerts.delivery_broke", receiver=head.delivery.receiver)

    async def _keep(self, entries: Sequence[Entry]) -> None:
        turn = await board.turn(self._db)
        events = [entry.event for entry in entries]
        known = await board.standing(self._db, [alert.fingerprint for e in events for alert in match(e)])
        told = changes(events, {fingerprint: one.alert for fingerprint, one in known.items()})
        routes = await self._directory.routes()
        kept = [
            (step, route(step.standing.alert, routes))
            for step in steps(told, known, await board.in_force(self._db) if told else ())
        ]
        left = await self._left(events, [step.standing for step, _ in kept])
        mine = [board.take(turn)] if kept or left else []  # who changes no alert is in nobody's way
        await self._db.commit(
            [
                *mine,
                *board.keep([step.standing for step, _ in kept]),
                *store.notify(kept),
                *board.end_all(ended(left, self._clock.now_us())),
                *store.drop([one.alert.fingerprint for one in left]),
                event_log.advance(READER, entries[-1]),
            ]
        )
        if kept:
            log.info("alerts.kept", changes=len(kept), of_events=len(events))

    async def _left(self, events: Sequence[Event], kept: Sequence[Standing]) -> list[Standing]:
        """Returns the alerts that fire of shops that are gone; `kept`: as alerts stand after these events."""
        shops = {event.shop_id for event in events if isinstance(event, ShopRemoved)}
        found = [one for shop in sorted(shops) for one in await board.matching(self._db, Scope(shop_id=shop))]
        now = {one.alert.fingerprint: one for one in (*found, *kept) if one.alert.shop_id in shops}
        return [one for one in now.values() if one.alert.state == AlertState.FIRING]

    async def _post(self, group: Group, decision: Decision, kind: str) -> int:
        news = await store.news(self._db, group)
        most = (KINDS[kind].most_changes if kind else None) or len(news)
        now_us = self._clock.now_us()
        messages = {
            new_id(now_us, self._random): news[start : start + most] for start in range(0, len(news), most)
        }
        try:
            await self._db.commit(store.post(group, decision.reason, messages, now_us))
        except Conflict:
            return 0  # another process has posted them
        log.info(
            "alerts.posted",
            receiver=group.receiver,
            group=group.key,
            reason=decision.reason,
            changes=len(news),
        )
        return len(messages)


async def _guard(step: Awaitable[T]) -> T | None:
    """Runs a step of the loop; None when it failed, for the loop outlives a full disk and a lost database."""
    try:
        return await step
    except Exception:
        log.exception("alerts.step_failed", again_in_s=_FAILED_REST_S)
        return None
