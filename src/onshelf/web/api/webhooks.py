"""`/webhooks`: addresses that are told what happens, what they were told, and telling it again."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response
from pydantic import AwareDatetime

from onshelf.clock import SECOND_US, from_us
from onshelf.guard.roles import Permission
from onshelf.hooks.directory import OVERLAP_S
from onshelf.hooks.hook import HookState
from onshelf.hooks.told import TYPES, VERSION, sample
from onshelf.jobs.job import JobState
from onshelf.texts import text
from onshelf.web import webhooks
from onshelf.web.entrance import Needs
from onshelf.web.house import Door
from onshelf.web.once import KEPT_NOWHERE
from onshelf.web.paging import CursorParam, DryRun, Fields, Limit, Page, page, place_of
from onshelf.web.webhooks import (
    DeliveryOut,
    DeliveryWhole,
    EventTypeOut,
    NewWebhook,
    NewWebhookOut,
    ReplayOut,
    SecretOut,
    TriedOut,
    WebhookChange,
    WebhookOut,
    facts,
    message_of,
    one_of,
    seen,
    told,
)

router = APIRouter(tags=["webhooks"])


@router.get("/event-types", response_model=Page[EventTypeOut])
async def list_event_types(
    door: Annotated[Door, Needs(Permission.READ)],
    limit: Limit = 50,
    cursor: CursorParam = None,
    fields: Fields = None,
) -> JSONResponse:
    """Lists what there is to hear of, each with an example."""
    after = place_of(cursor, str)
    rows = [
        EventTypeOut(
            type=kind,
            version=VERSION,
            about=text(f"hooks.type.{kind}", door.lang),
            example=msgspec.json.decode(sample(kind)),
        )
        for kind in sorted(TYPES)
        if after is None or kind > after[0]
    ]
    return page(rows[: limit + 1], limit, lambda row: (row.type,), fields)


@router.get("/webhooks", response_model=Page[WebhookOut])
async def list_webhooks(
    door: Annotated[Door, Needs(Permission.HOOKS)],
    limit: Limit = 50,
    cursor: CursorParam = None,
    fields: Fields = None,
    state: Annotated[HookState | None, Query(description="only those in this state")] = None,
) -> JSONResponse:
    """Lists the webhooks that hear of your shops alone."""
    after = place_of(cursor, str)
    found = [
        WebhookOut.of(hook)
        for hook in await seen(door)
        if state in (None, hook.state) and (after is None or hook.hook_id > after[0])
    ]
    return page(found[: limit + 1], limit, lambda row: (row.webhook,), fields)


@router.post("/webhooks", status_code=201)
async def add_webhook(
    response: Response,
    new: NewWebhook,
    door: Annotated[Door, Needs(Permission.HOOKS)],
    dry_run: DryRun = False,
) -> NewWebhookOut:
    """Makes a webhook; it is told of what happens from now on. The answer shows its secret once."""
    response.headers.update(KEPT_NOWHERE)
    hook, secret = await webhooks.make(door, new.url, types=new.types, shops=new.shops, about=new.about)
    return NewWebhookOut(**facts(hook), secret="" if door.dry_run else secret)


@router.get("/webhooks/{webhook}")
async def show_webhook(webhook: str, door: Annotated[Door, Needs(Permission.HOOKS)]) -> WebhookOut:
    """Shows one webhook."""
    return WebhookOut.of(await one_of(door, webhook))


@router.patch("/webhooks/{webhook}")
async def change_webhook(
    webhook: str,
    change: WebhookChange,
    door: Annotated[Door, Needs(Permission.HOOKS)],
    dry_run: DryRun = False,
) -> WebhookOut:
    """Changes a webhook, pauses it or lets it go on."""
    return WebhookOut.of(await webhooks.change(door, await one_of(door, webhook), change))


@router.delete("/webhooks/{webhook}", status_code=204, response_class=Response)
async def remove_webhook(
    webhook: str, door: Annotated[Door, Needs(Permission.HOOKS)], dry_run: DryRun = False
) -> Response:
    """Forgets a webhook and its messages."""
    await webhooks.remove(door, await one_of(door, webhook))
    return Response(status_code=204)


@router.post("/webhooks/{webhook}/secret")
async def rotate_secret(
    response: Response,
    webhook: str,
    door: Annotated[Door, Needs(Permission.HOOKS)],
    overlap_s: Annotated[
        int, Query(ge=0, le=30 * 24 * 3600, description="how long the old secret signs beside the new one")
    ] = int(OVERLAP_S),
    dry_run: DryRun = False,
) -> SecretOut:
    """Makes a new secret and shows it once; meanwhile each message carries both signatures."""
    response.headers.update(KEPT_NOWHERE)
    secret = await webhooks.rotate(door, await one_of(door, webhook), overlap_s)
    old_until = from_us(door.app.clock.now_us() + overlap_s * SECOND_US)
    return SecretOut(secret="" if door.dry_run else secret, old_until=old_until)


@router.post("/webhooks/{webhook}/test")
async def try_webhook(
    webhook: str, door: Annotated[Door, Needs(Permission.HOOKS)], dry_run: DryRun = False
) -> TriedOut:
    """Sends a test message at once, to a paused webhook too, and tells what was answered."""
    tried = await webhooks.test(door, await one_of(door, webhook))
    if tried is None:
        return TriedOut(sent=False, accepted=False, status=None, note="")
    return TriedOut(sent=True, accepted=not tried.note, status=tried.status or None, note=tried.note)


@router.get("/webhooks/{webhook}/deliveries", response_model=Page[DeliveryOut])
async def list_webhook_deliveries(
    webhook: str,
    door: Annotated[Door, Needs(Permission.HOOKS)],
    limit: Limit = 50,
    cursor: CursorParam = None,
    fields: Fields = None,
    state: Annotated[JobState | None, Query(description="only those in this state")] = None,
) -> JSONResponse:
    """Lists the messages to a webhook of the last 30 days, newest first."""
    hook, before = await one_of(door, webhook), place_of(cursor, int)
    found = await door.app.webhooks.deliveries(
        webhook, state=state, before=before[0] if before else None, limit=limit + 1
    )
    places = {one.delivery_id: one.place for one in found}
    return page(
        [DeliveryOut.of(one, hook) for one in found], limit, lambda row: (places[row.delivery],), fields
    )


@router.get("/webhooks/{webhook}/deliveries/{delivery}")
async def show_delivery(
    webhook: str, delivery: str, door: Annotated[Door, Needs(Permission.HOOKS)]
) -> DeliveryWhole:
    """Shows one message with what it says."""
    hook = await one_of(door, webhook)
    one = await message_of(door, hook, delivery)
    return DeliveryWhole(**told(one, hook), body=msgspec.json.decode(one.body))


@router.post("/webhooks/{webhook}/deliveries/{delivery}/replay")
async def replay_delivery(
    webhook: str, delivery: str, door: Annotated[Door, Needs(Permission.HOOKS)], dry_run: DryRun = False
) -> DeliveryOut:
    """Sends a message again under its id, at once: a rest of the webhook ends. One that is under way stays as it is."""
    hook = await one_of(door, webhook)
    return DeliveryOut.of(await webhooks.replay(door, hook, delivery), hook.rested())


@router.post("/webhooks/{webhook}/replay")
async def replay_since(
    webhook: str,
    door: Annotated[Door, Needs(Permission.HOOKS)],
    since: Annotated[AwareDatetime, Query(description="a time of the last 30 days, with its zone")],
    dry_run: DryRun = False,
) -> ReplayOut:
    """Tells all again that happened since a time and that the webhook wants, what was before it was made too.

    A rest of the webhook ends; what is under way stays as it is.
    """
    return ReplayOut(messages=await webhooks.replay_since(door, await one_of(door, webhook), since))
