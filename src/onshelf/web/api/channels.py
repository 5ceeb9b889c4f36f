"""`/channels` and `/deliveries`: who is told of alerts and how, and what became of each message. Secrets are never told."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from onshelf.alerts import store
from onshelf.alerts.channels import KINDS
from onshelf.alerts.directory import ChannelRecord
from onshelf.alerts.route import Route
from onshelf.alerts.rules import Severity
from onshelf.alerts.store import Delivery
from onshelf.clock import from_us
from onshelf.errors import DeliveryError, SettingsError
from onshelf.guard.roles import Permission
from onshelf.jobs.job import JobState
from onshelf.texts import Lang, text
from onshelf.web import alerting
from onshelf.web.entrance import Needs
from onshelf.web.house import Door
from onshelf.web.paging import CursorParam, DryRun, Fields, Limit, Page, Row, page, place_of
from onshelf.web.problem import Problem
from onshelf.web.sent import Sent

router = APIRouter(tags=["channels"])

Config = Annotated[
    dict[Annotated[str, Field(max_length=40)], Annotated[str, Field(max_length=4000)]],
    Field(max_length=40, description="the fields of its kind, see `/channel-kinds`; secrets only ever go in"),
]
Shops = Annotated[list[str], Field(max_length=1000, description="hears of these shops; none: of all")]


class ChannelFieldOut(BaseModel):
    """One field of a kind of channel."""

    field: str = Field(description="its name in `config`")
    help: str = Field(description="what it is for")
    required: bool = Field(description="it has no default")
    secret: bool = Field(description="it only ever goes in")
    default: str = Field(description="what holds when it is left out")
    choices: list[str] = Field(description="empty: any text that fits")


class ChannelKindOut(Row):
    """A kind of channel, and what one of it is made of."""

    kind: str = Field(description="its name in `kind` of a channel")
    about: str = Field(description="what it is")
    form: list[ChannelFieldOut] = Field(description="the fields of `config`")

    @classmethod
    def of(cls, kind: str, lang: Lang) -> "ChannelKindOut":
        form = [
            ChannelFieldOut(
                field=one.name,
                help=text(f"alerts.{kind}.{one.name}", lang),
                required=one.default is None,
                secret=one.secret,
                default=one.default or "",
                choices=list(one.choices),
            )
            for one in KINDS[kind].fields
        ]
        return cls(kind=kind, about=text(f"alerts.kind.{kind}", lang), form=form)


class ChannelOut(Row):
    """A channel."""

    channel: str = Field(description="its name")
    kind: str = Field(description="one of `/channel-kinds`")
    lang: Lang = Field(description="of its messages")
    shops: list[str] = Field(description="hears of these shops; none: of all")
    least: Severity = Field(description="hears of nothing quieter")
    resolved: bool = Field(description="hears of recoveries too")
    config: dict[str, str] = Field(description="without secrets")
    secrets: dict[str, bool] = Field(description="whether each secret field is set")
    stopped: str = Field(description="why it takes no messages until it is mended; empty: it works")

    @classmethod
    def of(cls, one: ChannelRecord) -> "ChannelOut":
        secret = [field.name for field in KINDS[one.kind].fields if field.secret]
        return cls(
            channel=one.name,
            kind=one.kind,
            lang=one.lang,
            shops=sorted(one.route.shops),
            least=one.route.least,
            resolved=one.route.resolved,
            config=dict(one.config),
            secrets={name: name in one.secrets for name in secret},
            stopped=one.stopped,
        )


class NewChannel(Sent):
    """A channel to add."""

    channel: str = Field(min_length=1, max_length=40, description="letters, digits, '.', '_' or '-'")
    kind: str = Field(description="one of `/channel-kinds`", max_length=40)
    config: Config
    lang: Lang = Field(default="zh", description="of its messages")
    shops: Shops = Field(default_factory=list)
    least: Severity = Field(default=Severity.WARNING, description="hears of nothing quieter")
    resolved: bool = Field(default=True, description="hears of recoveries too")


class ChannelChange(Sent):
    """What to change of a channel; what is absent stays, secrets too."""

    config: Config | None = Field(
        default=None,
        description="the fields that change, see `/channel-kinds`; those left out stay, secrets too",
    )
    lang: Lang | None = Field(default=None, description="of its messages")
    shops: Shops | None = Field(default=None, description="hears of these shops; none: of all")
    least: Severity | None = Field(default=None, description="hears of nothing quieter")
    resolved: bool | None = Field(default=None, description="hears of recoveries too")


class TestOut(BaseModel):
    """What became of a test message."""

    sent: bool = Field(description="false in a dry run, which sends nothing")
    accepted: bool | None = Field(description="null: nothing was sent")
    answer: str = Field(description="the receiver's own words, or why it could not be asked")


class AlertDeliveryOut(Row):
    """One message to one channel."""

    delivery: str = Field(description="the id a receiver knows it by, the same at every try")
    channel: str = Field(description="to which channel")
    state: JobState = Field(
        description="`succeeded`: accepted; `waiting`: tried again at `next_try`; `failed`: the channel must be mended"
    )
    reason: str = Field(description="why it was sent: `first`, `new_alerts`, `new_resolved`, `all_resolved`")
    changes: int = Field(description="how many changes of alerts it tells")
    created: datetime
    attempt: int = Field(description="tries so far")
    tried: datetime | None = Field(description="when it was last sent; null: not yet")
    ended: datetime | None = Field(description="when it was accepted or given up; null: not yet")
    next_try: datetime | None = Field(description="null: it has ended, or is being sent")
    why: str = Field(description="what the channel last said against it; empty: nothing")

    @classmethod
    def of(cls, one: Delivery) -> "AlertDeliveryOut":
        goes_on = one.state in (JobState.QUEUED, JobState.WAITING)
        return cls(
            delivery=one.delivery_id,
            channel=one.receiver,
            state=one.state,
            reason=one.reason,
            changes=one.changes,
            created=from_us(one.created_us),
            attempt=one.attempt,
            tried=from_us(one.tried_us) if one.tried_us else None,
            ended=from_us(one.ended_us) if one.ended_us else None,
            next_try=from_us(one.run_at_us) if goes_on else None,
            why=one.note,
        )


@router.get("/channel-kinds", response_model=Page[ChannelKindOut])
async def list_channel_kinds(
    door: Annotated[Door, Needs(Permission.READ)],
    limit: Limit = 50,
    cursor: CursorParam = None,
    fields: Fields = None,
) -> JSONResponse:
    """Lists the kinds of channel there are, and the fields each asks for."""
    after = place_of(cursor, str)
    kinds = [kind for kind in sorted(KINDS) if after is None or kind > after[0]]
    rows = [ChannelKindOut.of(kind, door.lang) for kind in kinds]
    return page(rows[: limit + 1], limit, lambda row: (row.kind,), fields)


@router.get("/channels", response_model=Page[ChannelOut])
async def list_channels(
    door: Annotated[Door, Needs(Permission.READ)],
    limit: Limit = 50,
    cursor: CursorParam = None,
    fields: Fields = None,
    kind: Annotated[str | None, Query(max_length=40, description="only of this kind")] = None,
    stopped: Annotated[
        bool | None, Query(description="only those that take no messages, or only those that do")
    ] = None,
) -> JSONResponse:
    """Lists the channels that hear of your shops alone."""
    after = place_of(cursor, str)
    found = [
        ChannelOut.of(one)
        for one in await alerting.channels_of(door)
        if kind in (None, one.kind)
        and stopped in (None, bool(one.stopped))
        and (after is None or one.name > after[0])
    ]
    return page(found[: limit + 1], limit, lambda row: (row.channel,), fields)


@router.post("/channels", status_code=201)
async def add_channel(
    new: NewChannel, door: Annotated[Door, Needs(Permission.APPROVE)], dry_run: DryRun = False
) -> ChannelOut:
    """Adds a channel. Its address may not lead into this machine or its network, unless a setting allows it."""
    if await door.app.directory.find(new.channel) is not None:
        raise Problem(409, "channel_taken", channel=new.channel)
    route = Route(new.channel, await alerting.own_shops(door, new.shops), new.least, new.resolved)
    try:
        added = await alerting.add_channel(door, route, new.kind, new.config, new.lang)
    except SettingsError as error:
        raise alerting.wrong_field(error) from None
    return ChannelOut.of(added)


@router.get("/channels/{channel}")
async def show_channel(channel: str, door: Annotated[Door, Needs(Permission.READ)]) -> ChannelOut:
    """Shows one channel."""
    return ChannelOut.of(await alerting.channel_of(door, channel))


@router.patch("/channels/{channel}")
async def change_channel(
    channel: str,
    change: ChannelChange,
    door: Annotated[Door, Needs(Permission.APPROVE)],
    dry_run: DryRun = False,
) -> ChannelOut:
    """Changes a channel; one that was stopped goes on, and what it had refused is sent again."""
    before = await alerting.channel_of(door, channel)
    old = before.route
    route = Route(
        channel,
        old.shops if change.shops is None else await alerting.own_shops(door, change.shops),
        change.least or old.least,
        old.resolved if change.resolved is None else change.resolved,
    )
    try:
        changed = await alerting.change_channel(
            door, before, route, change.config or {}, change.lang or before.lang
        )
    except SettingsError as error:
        raise alerting.wrong_field(error) from None
    return ChannelOut.of(changed)


@router.delete("/channels/{channel}", status_code=204)
async def remove_channel(
    channel: str, door: Annotated[Door, Needs(Permission.APPROVE)], dry_run: DryRun = False
) -> Response:
    """Removes a channel; what it was still to be told is dropped."""
    await alerting.remove_channel(door, channel)
    return Response(status_code=204)


@router.post("/channels/{channel}/test")
async def try_channel(
    channel: str, door: Annotated[Door, Needs(Permission.APPROVE)], dry_run: DryRun = False
) -> TestOut:
    """Sends a test message at once and tells what the receiver said; a stopped channel that accepts it goes on."""
    await alerting.channel_of(door, channel)
    if door.dry_run:
        return TestOut(sent=False, accepted=None, answer="")
    try:
        receipt = await alerting.try_channel(door, channel)
    except DeliveryError as error:
        return TestOut(sent=True, accepted=False, answer=error.why)
    return TestOut(sent=True, accepted=True, answer=" · ".join(filter(None, (receipt.answer, receipt.note))))


@router.post("/channels/{channel}/resume")
async def resume_channel(
    channel: str, door: Annotated[Door, Needs(Permission.APPROVE)], dry_run: DryRun = False
) -> ChannelOut:
    """Lets a stopped channel go on; what it had refused is sent once more under its old ids. Harmless to repeat."""
    await alerting.resume_channel(door, channel)
    return ChannelOut.of(await alerting.channel_of(door, channel)).model_copy(update={"stopped": ""})


@router.get("/deliveries", response_model=Page[AlertDeliveryOut])
async def list_alert_deliveries(
    door: Annotated[Door, Needs(Permission.READ)],
    limit: Limit = 50,
    cursor: CursorParam = None,
    fields: Fields = None,
    channel: Annotated[str | None, Query(max_length=40, description="only to this channel")] = None,
    state: Annotated[JobState | None, Query(description="only in this state")] = None,
) -> JSONResponse:
    """Lists the messages to your channels, newest first: what was sent, what waits, what was refused and why."""
    place = place_of(cursor, int)
    if channel is not None:
        await alerting.channel_of(door, channel)
    own = None if door.who.shops is None else [one.name for one in await alerting.channels_of(door)]
    found = await store.deliveries(
        door.app.db,
        receivers=own if channel is None else [channel],
        state=state,
        before=place[0] if place else None,
        limit=limit + 1,
    )
    places = {one.delivery_id: one.place for one in found}
    rows = [AlertDeliveryOut.of(one) for one in found]
    return page(rows, limit, lambda row: (places[row.delivery],), fields)
