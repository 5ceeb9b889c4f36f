"""Which webhooks a caller sees, what it may do with them, and how they are told: for the API and the console."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from onshelf import acts
from onshelf.clock import DAY_US, from_us, to_us
from onshelf.errors import Conflict
from onshelf.hooks.directory import OVERLAP_S
from onshelf.hooks.hook import LONGEST_URL, Hook, HookState
from onshelf.hooks.messages import Delivery
from onshelf.hooks.told import TYPES
from onshelf.jobs.job import JobState
from onshelf.web.house import Door
from onshelf.web.paging import Row
from onshelf.web.problem import Problem
from onshelf.web.sent import Sent

OneType = Annotated[str, Field(json_schema_extra={"enum": list(TYPES)})]
Words = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]


class WebhookOut(Row):
    """An address that is told what happens. Its secret is shown once, when it is made."""

    webhook: str = Field(description="its id")
    url: str = Field(description="each message is posted to it")
    about: str = Field(description="a note of whoever made it")
    types: list[str] = Field(description="types of events it is told; empty: all")
    shops: list[str] | None = Field(
        description="shops it hears of; null: every shop; empty: one of an early version, which hears of nothing"
    )
    state: HookState = Field(
        description="`active`; `paused` by a person; `stopped`: nothing was accepted for three days; `ended`: it answered 410"
    )
    why: str = Field(description="what was last said against it when it was stopped; empty: it works")
    failing_since: datetime | None = Field(description="null: the last try was accepted")
    last_accepted: datetime | None = Field(description="null: never")
    made_by: str
    created: datetime

    @classmethod
    def of(cls, hook: Hook) -> "WebhookOut":
        return cls(**facts(hook))


class NewWebhookOut(WebhookOut):
    """A new webhook with its secret, which is shown this once."""

    secret: str = Field(
        description="`whsec_…`: signs each message (Standard Webhooks); keep it; empty in a dry run"
    )


class NewWebhook(Sent):
    """A webhook to make."""

    url: str = Field(
        max_length=LONGEST_URL, description="`https://…`; each message is posted to it", examples=["https://erp.example.com/onshelf"]
    )  # fmt: skip
    types: list[OneType] = Field(
        default_factory=list, max_length=50, description="types of events; empty: all"
    )
    shops: list[str] | None = Field(
        default=None, min_length=1, max_length=1000, description="its shops; null: every shop you see"
    )
    about: Words = Field(default="", description="a note for people")


class WebhookChange(Sent):
    """What to change of a webhook; what is absent stays as it is."""

    url: str | None = Field(
        description="`https://…`; each message is posted to it", default=None, max_length=LONGEST_URL
    )
    types: list[OneType] | None = Field(default=None, max_length=50, description="empty: all types")
    shops: list[str] | None = Field(description="its shops", default=None, min_length=1, max_length=1000)
    every_shop: bool = Field(
        default=False, description="true: it hears of every shop, those to come too; not beside `shops`"
    )
    about: Words | None = Field(default=None, description="a note for people")
    paused: bool | None = Field(
        default=None,
        description="true: tell it nothing, keep what happens; false: tell it again, one that was stopped too",
    )

    @model_validator(mode="after")
    def _of_one_mind(self) -> Self:
        """Refuses shops beside every shop: nobody knows which of them is meant."""
        if self.every_shop and self.shops is not None:
            raise PydanticCustomError("shops_or_every", "`shops` or `every_shop`, not both")
        return self


class DeliveryOut(Row):
    """One message to one webhook and what became of it."""

    delivery: str = Field(
        description="its id, the `webhook-id` of every try: who has seen it may drop the repeat"
    )
    type: str = Field(description="type of the event, see `/event-types`")
    shop: str | None = Field(description="null: it is about no shop")
    state: JobState = Field(
        description="`queued`, `running`, `waiting` for the next try, `succeeded`, `failed`: given up, `cancelled`"
    )
    happened: datetime = Field(description="when its event was written")
    attempts: int = Field(description="tries so far")
    last_tried: datetime | None = Field(description="null: not yet")
    next_try: datetime | None = Field(
        description="not before; null: it has ended, or its webhook is paused or stopped"
    )
    ended: datetime | None = Field(description="when it was accepted or given up; null: not yet")
    status: int | None = Field(description="HTTP status of the last answer; null: there was none")
    note: str = Field(description="what was last said against it; empty: nothing")

    @classmethod
    def of(cls, one: Delivery, hook: Hook) -> "DeliveryOut":
        return cls(**told(one, hook))


class DeliveryWhole(DeliveryOut):
    """A message with what it says."""

    body: dict[str, Any] = Field(description="the JSON that is posted")


class TriedOut(BaseModel):
    """What a webhook answered to a test."""

    sent: bool = Field(description="false: a dry run sends nothing")
    accepted: bool = Field(description="it answered 2xx")
    status: int | None = Field(description="HTTP status; null: no answer")
    note: str = Field(description="what is wrong; empty: nothing")


class SecretOut(BaseModel):
    """A new secret, shown this once."""

    secret: str = Field(description="`whsec_…`: signs each message from now on; keep it; empty in a dry run")
    old_until: datetime = Field(description="until then the old secret signs beside it")


class ReplayOut(BaseModel):
    """How much is told again."""

    messages: int = Field(
        description="how many had ended or waited for their next try; those about to be sent are not counted"
    )


class EventTypeOut(Row):
    """A type of event."""

    type: str = Field(description="its name, stable, for programs")
    version: int = Field(
        description="grows when a field changes its meaning or goes; new fields may come at any time"
    )
    about: str = Field(description="when it happens")
    example: dict[str, Any] = Field(
        description="a message as it is posted, and the `data` of the stream `GET /events`"
    )


def mine(door: Door, hook: Hook) -> bool:
    """Tells whether a webhook hears of the caller's shops alone; whose caller sees every shop sees all webhooks."""
    return door.who.shops is None or (hook.shops is not None and set() < hook.shops <= door.who.shops)


async def seen(door: Door) -> list[Hook]:
    """Returns the caller's webhooks by id."""
    return [hook for hook in await door.app.webhooks.hooks() if mine(door, hook)]


async def one_of(door: Door, webhook: str) -> Hook:
    """Returns a webhook of the caller's. Raises Problem 404, for somebody else's too."""
    found = next((hook for hook in await seen(door) if hook.hook_id == webhook), None)
    if found is None:
        raise Problem(404, "no_webhook", webhook=webhook[:80])
    return found


async def message_of(door: Door, hook: Hook, delivery: str) -> Delivery:
    """Returns a message of a webhook of the caller's. Raises Problem 404."""
    found = await door.app.webhooks.find_delivery(hook.hook_id, delivery)
    if found is None:
        raise Problem(404, "no_delivery", delivery=delivery[:80])
    return found


async def own_shops(door: Door, wished: Sequence[str] | None) -> frozenset[str] | None:
    """Returns the shops a webhook hears of; None: every shop.

    Raises Problem 404 for one that is not the caller's, 422 for none at all: it would hear of nothing.
    """
    names = door.who.shops if wished is None else [(await door.shop(name)).shop_id for name in wished]
    if names is None:
        return None
    if not names:
        raise Problem(422, "no_shop_chosen")
    return frozenset(names)


async def make(
    door: Door, url: str, *, types: Sequence[str], shops: Sequence[str] | None, about: str
) -> tuple[Hook, str]:
    """Makes a webhook; returns it and its secret. Raises SettingsError naming the field, Problem 404 for a foreign shop."""
    hook, secret = await door.app.webhooks.add(
        url, types=types, shops=await own_shops(door, shops), about=about, made_by=door.who.name
    )
    door.acted(acts.webhook_added(hook))
    return hook, secret


async def change(door: Door, before: Hook, wish: WebhookChange) -> Hook:
    """Changes a webhook, pauses it or lets it go on.

    Raises as `make`, and Problem 403: every shop is not the caller's to give; 409: its shops changed meanwhile.
    """
    if wish.every_shop:
        await door.must_cover()
    verbs, hook_id = door.app.webhooks, before.hook_id
    with changed_meanwhile(before):
        hook = await verbs.change(
            before,
            url=wish.url,
            types=wish.types,
            shops=None if wish.shops is None else await own_shops(door, wish.shops),
            every_shop=wish.every_shop,
            about=wish.about,
        )
    if wish.paused is not None:
        hook = await (verbs.pause(hook_id) if wish.paused else verbs.resume(hook_id))
        wake(door)
    door.acted(acts.webhook_changed(before, hook))
    return hook


@contextmanager
def changed_meanwhile(hook: Hook) -> Iterator[None]:
    """Says in words of a webhook's that somebody was faster. Raises Problem 409."""
    try:
        yield
    except Conflict:
        raise Problem(409, "webhook_changed", webhook=hook.hook_id) from None


async def remove(door: Door, hook: Hook) -> None:
    """Forgets a webhook and its messages."""
    await door.app.webhooks.remove(hook.hook_id)
    door.acted(acts.webhook_removed(hook))


async def rotate(door: Door, hook: Hook, overlap_s: float = OVERLAP_S) -> str:
    """Makes a new secret; the old one signs beside it for a while. Raises Problem 409 when somebody else just made one."""
    with changed_meanwhile(hook):
        secret = await door.app.webhooks.rotate(hook.hook_id, overlap_s=overlap_s)
    door.acted(acts.secret_rotated(hook, overlap_s))
    return secret


async def test(door: Door, hook: Hook) -> Delivery | None:
    """Sends a test and returns what came of it; None: a dry run sends nothing."""
    if door.dry_run:
        return None
    tried = await door.app.webhooks.send_test(hook.hook_id)
    wake(door)
    door.acted(acts.webhook_tested(hook, tried.status))
    return tried


async def replay(door: Door, hook: Hook, delivery: str) -> Delivery:
    """Sends a message again. Raises Problem 404."""
    await message_of(door, hook, delivery)
    again = await door.app.webhooks.replay(hook.hook_id, delivery)
    wake(door)
    door.acted(acts.webhook_replayed(hook, delivery=delivery))
    return again


async def replay_since(door: Door, hook: Hook, since: datetime) -> int:
    """Tells all again since a time; returns how many. Raises Problem 422 when it is too long ago, 409 as `change`."""
    since_us, days = to_us(since), door.app.settings["events_days"]
    if since_us < door.app.clock.now_us() - days * DAY_US:
        raise Problem(422, "too_long_ago", days=days)
    verbs = door.app.webhooks
    with changed_meanwhile(hook):
        count = await (verbs.would_replay if door.dry_run else verbs.replay_since)(hook, since_us)
    wake(door)
    door.acted(acts.webhook_replayed(hook, since=since.isoformat(), count=count))
    return count


def wake(door: Door) -> None:
    """Tells the worker of this process that there may be something to send."""
    door.house.app.wakers.hooks.wake()


def facts(hook: Hook) -> dict[str, Any]:
    """Returns the fields of a webhook as they are told."""
    return {
        "webhook": hook.hook_id,
        "url": hook.url,
        "about": hook.about,
        "types": sorted(hook.types),
        "shops": None if hook.shops is None else sorted(hook.shops),
        "state": hook.state,
        "why": hook.why,
        "failing_since": from_us(hook.failing_us) if hook.failing_us else None,
        "last_accepted": from_us(hook.accepted_us) if hook.accepted_us else None,
        "made_by": hook.made_by,
        "created": from_us(hook.created_us),
    }


def told(one: Delivery, hook: Hook) -> dict[str, Any]:
    """Returns the fields of a message as they are told."""
    next_us = one.next_us(hook)
    return {
        "delivery": one.delivery_id,
        "type": one.type,
        "shop": one.shop_id or None,
        "state": one.state,
        "happened": from_us(one.happened_us),
        "attempts": one.attempt,
        "last_tried": from_us(one.tried_us) if one.tried_us else None,
        "next_try": from_us(next_us) if next_us else None,
        "ended": from_us(one.ended_us) if one.ended_us else None,
        "status": one.status or None,
        "note": one.note,
    }
