"""`/alerts` and `/silences`: what stands, who has it, who was told, and what is kept quiet for a while."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, Field

from onshelf.alerts import answer, board
from onshelf.alerts.board import Telling, Wanted
from onshelf.alerts.mending import mend_of
from onshelf.alerts.render import remedy_words
from onshelf.alerts.rules import Alert, AlertState, Severity
from onshelf.alerts.silence import LONGEST_WHY, Scope, Silence
from onshelf.alerts.standing import Acknowledgement, Standing
from onshelf.clock import from_us, to_us
from onshelf.guard.roles import Permission
from onshelf.jobs.job import JobState
from onshelf.texts import Lang
from onshelf.web import alerting
from onshelf.web.entrance import Needs
from onshelf.web.house import Door
from onshelf.web.paging import (
    CursorParam,
    DryRun,
    Fields,
    Limit,
    Page,
    Row,
    answer_page,
    page,
    place_of,
)
from onshelf.web.sent import Sent

router = APIRouter(tags=["alerts"])


class AcknowledgedOut(BaseModel):
    """A person's word that somebody sees to it."""

    who: str = Field(description="who sees to it")
    at: datetime = Field(description="since when")
    note: str = Field(description="what the others should know; may be empty")

    @classmethod
    def of(cls, one: Acknowledgement) -> "AcknowledgedOut":
        return cls(who=one.who, at=from_us(one.at_us), note=one.note)


class AlertOut(Row):
    """An alert as it stands."""

    alert: str = Field(description="its id over its whole life")
    shop: str
    item_id: int | None = Field(description="null: it is about the shop")
    outer_id: str
    title: str = Field(description="of the item; of a shop the fact itself")
    rule: str = Field(description="the rule that fires, see `/rules`")
    state: AlertState = Field(description="`firing`, or `resolved`: it is over")
    severity: Severity = Field(description="how loud it is")
    cause: str = Field(description="why, see the rule's `causes`")
    remedy: str = Field(description="what to do, in the language asked for")
    link: str = Field(description="the console's page where it is mended")
    since: datetime = Field(description="when the trouble began")
    changed: datetime = Field(description="when its last change was seen")
    acknowledged: AcknowledgedOut | None = Field(description="null: nobody has")
    silence: str | None = Field(description="the silence that keeps it quiet; null: none")

    @classmethod
    def of(cls, one: Standing, lang: Lang) -> "AlertOut":
        return cls(**_facts(one, lang))


class AlertChangeOut(BaseModel):
    """One change of an alert."""

    state: AlertState = Field(description="`firing` or `resolved`")
    severity: Severity = Field(description="how loud it is since")
    cause: str = Field(description="why, see the rule's `causes`")
    old: str = Field(description="the item's state before; empty for a shop's alert")
    new: str = Field(description="the item's state after it; of a shop's alert the fact itself")
    happened: datetime = Field(description="the platform's time of it, else when it was seen")
    seen: datetime = Field(description="when we knew of it")

    @classmethod
    def of(cls, alert: Alert) -> "AlertChangeOut":
        return cls(
            state=alert.state,
            severity=alert.severity,
            cause=alert.cause,
            old=alert.old,
            new=alert.new,
            happened=from_us(alert.happened_us),
            seen=from_us(alert.seen_us),
        )


class TellingOut(BaseModel):
    """One change of an alert on its way to one channel."""

    change: str = Field(description="id of the change that is told")
    channel: str
    silenced: bool = Field(description="a silence holds it back")
    delivery: str | None = Field(description="the message it went out in; null: not yet")
    state: JobState | None = Field(
        description="of that message: succeeded means that the channel has accepted it"
    )
    tried: datetime | None = Field(description="when it was last sent; null: not yet")
    why: str = Field(description="what the channel last said against it, or why it takes no messages")

    @classmethod
    def of(cls, one: Telling) -> "TellingOut":
        return cls(
            change=one.change_id,
            channel=one.receiver,
            silenced=one.held,
            delivery=one.delivery_id or None,
            state=one.state,
            tried=from_us(one.tried_us) if one.tried_us else None,
            why=one.note or one.stopped,
        )


class AlertWhole(AlertOut):
    """An alert with its history."""

    changes: list[AlertChangeOut] = Field(description="newest first, at most 200")
    tellings: list[TellingOut] = Field(
        description="who was told of them and why not, newest first, at most 200"
    )


class AcknowledgeIn(Sent):
    """What the others should know."""

    note: str = Field(description="what the others should know", default="", max_length=answer.LONGEST_NOTE)


class SilenceIn(Sent):
    """Which alerts to keep quiet, and until when; those that fit every field given."""

    alert: str = Field(default="", max_length=200, description="one alert")
    shop: str = Field(description="alerts of this shop", default="", max_length=64)
    rule: str = Field(description="alerts of this rule, see `/rules`", default="", max_length=40)
    cause: str = Field(description="alerts of this cause, see the rule's `causes`", default="", max_length=40)
    code_prefix: str = Field(default="", max_length=64, description="items whose code begins so")
    until: AwareDatetime = Field(description="when it ends by itself, with a zone")
    why: str = Field(default="", max_length=LONGEST_WHY, description="for the others")

    def scope(self) -> Scope:
        return Scope(self.alert, self.shop, self.rule, self.cause, self.code_prefix)


class SilenceOut(Row):
    """A silence."""

    silence: str = Field(description="its id")
    alert: str = Field(description="one alert; empty: any")
    shop: str = Field(description="alerts of this shop; empty: of any")
    rule: str = Field(description="alerts of this rule; empty: of any")
    cause: str = Field(description="alerts of this cause; empty: of any")
    code_prefix: str = Field(description="items whose code begins so; empty: any")
    until: datetime = Field(description="when it ends by itself")
    why: str = Field(description="what its maker told the others; may be empty")
    who: str = Field(description="who made it")
    created: datetime
    ended: datetime | None = Field(description="null: it is in force")
    ended_by: str = Field(description="empty: its time had come")

    @classmethod
    def of(cls, one: Silence) -> "SilenceOut":
        return cls(
            silence=one.silence_id,
            alert=one.scope.fingerprint,
            shop=one.scope.shop_id,
            rule=one.scope.rule,
            cause=one.scope.cause,
            code_prefix=one.scope.code_prefix,
            until=from_us(one.until_us),
            why=one.why,
            who=one.who,
            created=from_us(one.created_us),
            ended=from_us(one.ended_us) if one.ended_us else None,
            ended_by=one.ended_by,
        )


class NewSilenceOut(SilenceOut):
    """A silence that has just begun."""

    covers: int = Field(description="alerts that stand now and fit")


@router.get("/alerts", response_model=Page[AlertOut])
async def list_alerts(
    door: Annotated[Door, Needs(Permission.READ)],
    limit: Limit = 50,
    cursor: CursorParam = None,
    fields: Fields = None,
    state: Annotated[AlertState | None, Query(description="only those in this state")] = None,
    shop: Annotated[str | None, Query(max_length=64, description="only those of this shop")] = None,
    severity: Annotated[Severity | None, Query(description="only as loud as this")] = None,
    cause: Annotated[str | None, Query(max_length=40, description="only of this cause")] = None,
    since: Annotated[AwareDatetime | None, Query(description="changed then or later")] = None,
) -> JSONResponse:
    """Lists the alerts of your shops, those changed last first; recovered ones stay in the list."""
    shops = frozenset([shop]) if shop else door.who.shops
    wanted = Wanted(shops, state, severity, cause, to_us(since) if since else None)
    found = await board.alerts(door.app.db, wanted, place_of(cursor, int, str), limit + 1)
    following = board.place_of(found[limit - 1]) if len(found) > limit else None
    return answer_page([AlertOut.of(one, door.lang) for one in found[:limit]], following, fields)


@router.get("/alerts/{alert}")
async def show_alert(alert: str, door: Annotated[Door, Needs(Permission.READ)]) -> AlertWhole:
    """Shows one alert with its changes and what became of the messages about it."""
    one = await alerting.alert_of(door, alert)
    return AlertWhole(
        **_facts(one, door.lang),
        changes=[AlertChangeOut.of(change) for change in await board.history(door.app.db, alert)],
        tellings=[TellingOut.of(told) for told in await board.tellings(door.app.db, alert)],
    )


@router.post("/alerts/{alert}/acknowledge")
async def acknowledge_alert(
    alert: str,
    door: Annotated[Door, Needs(Permission.ALERTS)],
    given: AcknowledgeIn | None = None,
    dry_run: DryRun = False,
) -> AlertOut:
    """Says that somebody sees to it: it is not told again unless it becomes graver. Its recovery is told as usual."""
    return AlertOut.of(await alerting.acknowledge(door, alert, given.note if given else ""), door.lang)


@router.delete("/alerts/{alert}/acknowledge")
async def give_alert_back(
    alert: str, door: Annotated[Door, Needs(Permission.ALERTS)], dry_run: DryRun = False
) -> AlertOut:
    """Takes an acknowledgement back. Harmless to repeat."""
    return AlertOut.of(await alerting.give_back(door, alert), door.lang)


@router.get("/silences", response_model=Page[SilenceOut])
async def list_silences(
    door: Annotated[Door, Needs(Permission.READ)],
    limit: Limit = 50,
    cursor: CursorParam = None,
    fields: Fields = None,
    in_force: Annotated[
        bool | None, Query(description="only those that have not ended, or only ended ones")
    ] = None,
) -> JSONResponse:
    """Lists silences, ended ones too, the latest first."""
    place = place_of(cursor, str)
    found = await board.silences(
        door.app.db,
        before=place[0] if place else None,
        in_force=in_force,
        sees=lambda one: alerting.sees(door, one),
        limit=limit + 1,
    )
    return page([SilenceOut.of(one) for one in found], limit, lambda row: (row.silence,), fields)


@router.post("/silences", status_code=201)
async def begin_silence(
    new: SilenceIn, door: Annotated[Door, Needs(Permission.ALERTS)], dry_run: DryRun = False
) -> NewSilenceOut:
    """Keeps alerts quiet until a time: they are kept and shown, and what still fires then is told."""
    silence, covers = await alerting.begin_silence(door, new.scope(), to_us(new.until), new.why)
    return NewSilenceOut(**dict(SilenceOut.of(silence)), covers=covers)


@router.delete("/silences/{silence}")
async def end_silence(
    silence: str, door: Annotated[Door, Needs(Permission.ALERTS)], dry_run: DryRun = False
) -> SilenceOut:
    """Ends a silence early; each channel is told what it does not know. Harmless to repeat."""
    return SilenceOut.of(await alerting.end_silence(door, silence))


def _facts(one: Standing, lang: Lang) -> dict[str, Any]:
    a = one.alert
    return {
        "alert": a.fingerprint,
        "shop": a.shop_id,
        "item_id": a.item_id or None,
        "outer_id": a.outer_id,
        "title": a.title,
        "rule": a.rule,
        "state": one.state,
        "severity": a.severity,
        "cause": a.cause,
        "remedy": remedy_words(a, lang),
        "link": mend_of(a.cause, a.shop_id, item_id=a.item_id, outer_id=a.outer_id).path,
        "since": from_us(a.since_us),
        "changed": from_us(a.seen_us),
        "acknowledged": AcknowledgedOut.of(one.acknowledged) if one.acknowledged else None,
        "silence": one.silence_id or None,
    }
