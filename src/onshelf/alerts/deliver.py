"""Hands deliveries to their channels, each under a lease, until the channel has accepted: at least once, always under the same id.

A crash between the channel's acceptance and our record of it repeats that one message, and nothing else.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random

import structlog

from onshelf.alerts import store
from onshelf.alerts.channels import KINDS
from onshelf.alerts.channels.kind import Receipt
from onshelf.alerts.decide import retry_s
from onshelf.alerts.directory import Directory
from onshelf.alerts.render import Letter
from onshelf.alerts.store import Delivery, Head
from onshelf.clock import SECOND_US, Clock
from onshelf.errors import Conflict, DeliveryError
from onshelf.store.db import Database, Write

LEASE_S = 180.0  # longer than any channel takes: SMTP has about ten steps of 10 s
_FOLDED_AT_ONCE = 1000

log = structlog.get_logger()


class Outcome(StrEnum):
    """What became of one try."""

    ACCEPTED = "accepted"
    PUT_OFF = "put_off"
    REFUSED = "refused"
    GONE = "gone"  # the channel was removed
    ELSEWHERE = "elsewhere"  # another process has it


@dataclass(frozen=True, slots=True)
class Deliverer:
    """Sends what is due."""

    db: Database
    directory: Directory
    clock: Clock
    random: Random
    lease_s: float = LEASE_S

    async def send(self, head: Head) -> Outcome:
        """Tries one receiver's next delivery once; afterwards its fate is durable.

        1. Claims it; a backlog no channel has seen yet is folded into it, where the kind of channel wants that.
        2. Sends it under its id, which is the same at every try.
        3. Records acceptance, the next try, or refusal; the record fails when the lease had passed to another process.
        """
        if not head.kind:
            await self.db.commit(store.cancel(head.delivery.receiver, self.clock.now_us()))
            return Outcome.GONE
        try:
            held = await self._claim(head)
            outcome, writes = await self._try(held)
            await self.db.commit(writes)
        except Conflict:
            return Outcome.ELSEWHERE
        return outcome

    async def _claim(self, head: Head) -> Delivery:
        delivery, now_us = head.delivery, self.clock.now_us()
        folded: list[Delivery] = []
        if KINDS[head.kind].folds and not delivery.attempt:
            waiting = await store.unsent(self.db, delivery.receiver, _FOLDED_AT_ONCE)
            folded = [each for each in waiting if each.place != delivery.place]
        until_us = now_us + round(self.lease_s * SECOND_US)
        await self.db.commit(store.claim(delivery, folded, now_us=now_us, lease_until_us=until_us))
        return replace(delivery, attempt=delivery.attempt + 1, run_at_us=until_us)

    async def _try(self, held: Delivery) -> tuple[Outcome, list[Write]]:
        try:
            receipt = await self._send(held)
        except DeliveryError as error:
            return self._not_accepted(held, error)
        except Exception as error:  # one odd message or channel must not stop the others
            log.exception("alerts.channel_broke", receiver=held.receiver, delivery_id=held.delivery_id)
            broken = DeliveryError(held.receiver, type(error).__name__, permanent=False)
            return self._not_accepted(held, broken)
        return self._accepted(held, receipt)

    async def _send(self, held: Delivery) -> Receipt:
        channel, record = await self.directory.open(held.receiver)
        alerts = await store.told_by(self.db, held.delivery_id)
        letter = Letter(
            held.delivery_id, held.created_us, alerts, record.lang, self.directory.links, held.remaining
        )
        return await channel.send(letter)

    def _accepted(self, held: Delivery, receipt: Receipt) -> tuple[Outcome, list[Write]]:
        now_us = self.clock.now_us()
        if receipt.remaining:
            log.warning("alerts.partly_accepted", **_names(held), note=receipt.note)
            run_at_us = now_us + self._rest_us(held, None)
            return Outcome.PUT_OFF, [
                store.put_off(held, run_at_us=run_at_us, note=receipt.note, remaining=receipt.remaining)
            ]
        note = receipt.note or (held.note if held.remaining else "")  # whom an earlier try could not reach
        log.info("alerts.delivered", **_names(held), note=note)
        return Outcome.ACCEPTED, [store.accepted(held, now_us=now_us, note=note)]

    def _not_accepted(self, held: Delivery, error: DeliveryError) -> tuple[Outcome, list[Write]]:
        now_us = self.clock.now_us()
        if error.permanent:
            log.error("alerts.channel_stopped", **_names(held), why=error.why)
            return Outcome.REFUSED, store.refused(held, now_us=now_us, note=error.why)
        rest_us = self._rest_us(held, error.retry_after_s)
        log.warning("alerts.put_off", **_names(held), why=error.why, rest_s=rest_us / SECOND_US)
        return Outcome.PUT_OFF, [
            store.put_off(held, run_at_us=now_us + rest_us, note=error.why, remaining=held.remaining)
        ]

    def _rest_us(self, held: Delivery, asked_s: float | None) -> int:
        return round(retry_s(held.attempt, asked_s, self.random.random()) * SECOND_US)


def due_us(head: Head) -> int:
    """Returns when a head may go: not before its time, and not too soon after the receiver's last message."""
    spacing_s = KINDS[head.kind].spacing_s if head.kind else 0.0
    return max(head.delivery.run_at_us, head.last_us + round(spacing_s * SECOND_US) if head.last_us else 0)


def _names(held: Delivery) -> dict[str, object]:
    return {"receiver": held.receiver, "delivery_id": held.delivery_id, "attempt": held.attempt}
