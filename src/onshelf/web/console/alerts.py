"""The pages of alerts: what stands by shop and cause, one alert with its history, silences, and the rules in words."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from onshelf.alerts import board
from onshelf.alerts.board import Wanted
from onshelf.alerts.mending import mend_of
from onshelf.alerts.render import beijing, cause_remedy, cause_words, remedy_words, scope_words, state_words
from onshelf.alerts.route import hears
from onshelf.alerts.rules import CAUSES, AlertState, Severity
from onshelf.alerts.silence import Scope, usual_ends
from onshelf.alerts.standing import Standing
from onshelf.errors import SettingsError
from onshelf.guard.roles import Permission
from onshelf.web import alerting
from onshelf.web.console.alert_view import (
    GROUP_ROWS,
    MOST_GROUPS,
    Asked,
    Group,
    end_of,
    groups_of,
    span,
    states_of,
    told_words,
)
from onshelf.web.console.sign_in import inside, views_of
from onshelf.web.console.visit import Opens, Visit
from onshelf.web.house import Door
from onshelf.web.paging import cursor_text, place_of
from onshelf.web.today import pulse_of

router = APIRouter(prefix="/alerts")
PAGE = 50


@router.get("")
async def alerts(request: Request, visit: Annotated[Visit, Opens(Permission.READ)]) -> Response:
    """Shows what stands by shop and cause, or the alerts of one group."""
    door, asked = visit.door, Asked.of(request.query_params)
    pulse = await pulse_of(door.app)  # before what it stands for, so that nothing is missed
    counts = await board.counts(door.app.db, door.who.shops)
    groups = groups_of(counts, asked) if asked.grouped else []
    for group in groups[:MOST_GROUPS]:
        group.rows = await board.alerts(door.app.db, _of_group(group, asked), None, GROUP_ROWS)
    rows, following = ([], None) if asked.grouped else await _rows(request, door, asked)
    return views_of(request).page(
        request,
        "alerts.html",
        visit,
        current="alerts",
        asked=asked,
        pulse=pulse,
        states=states_of(one for one in counts if asked.shop in ("", one.shop_id)),
        groups=groups[:MOST_GROUPS],
        more_groups=len(groups) - MOST_GROUPS,
        rows=rows,
        following=following,
        shops=[shop.shop_id for shop in await door.shops()],
        severities=list(Severity),
        channels=await alerting.channels_of(door),
        others=await alerting.others_of(door),
        **_words(door),
    )


@router.post("/acknowledge")
async def acknowledge_group(request: Request, visit: Annotated[Visit, Opens(Permission.ALERTS)]) -> Response:
    """Acknowledges every alert of a shop and cause that nobody has yet."""
    form = await _form(request)
    await alerting.acknowledge_group(visit.door, form.get("shop_id", ""), form.get("cause", ""))
    return _back(form)


@router.get("/rules")
async def rules(request: Request, visit: Annotated[Visit, Opens(Permission.READ)]) -> Response:
    """Says in words what becomes an alert, how loud it is, and who hears of it."""
    named, others = await alerting.channels_of(visit.door), await alerting.others_of(visit.door)
    return views_of(request).page(
        request,
        "alert_rules.html",
        visit,
        current="alerts",
        rules=CAUSES,
        heard=lambda rule, cause: [one for one in named if hears(one.route, rule, cause)],
        others=lambda rule, cause: sum(hears(one.route, rule, cause) for one in others),
        **_words(visit.door),
    )


@router.get("/silences")
async def silences(request: Request, visit: Annotated[Visit, Opens(Permission.READ)]) -> Response:
    """Shows what is kept quiet, what was, and a form to begin a silence."""
    door = visit.door
    place = place_of(request.query_params.get("cursor"), str)
    found = await board.silences(
        door.app.db,
        before=place[0] if place else None,
        sees=lambda one: alerting.sees(door, one),
        limit=PAGE + 1,
    )
    return views_of(request).page(
        request,
        "alert_silences.html",
        visit,
        current="alerts",
        silences=found[:PAGE],
        following=cursor_text([found[PAGE - 1].silence_id]) if len(found) > PAGE else None,
        ends=lambda one: alerting.ends(door, one),
        shops=[shop.shop_id for shop in await door.shops()],
        causes=[cause for causes in CAUSES.values() for cause in causes],
        every_shop=door.who.shops is None,
        **_words(door),
    )


@router.post("/silences")
async def silence(request: Request, visit: Annotated[Visit, Opens(Permission.ALERTS)]) -> Response:
    """Begins a silence of what the form names."""
    form, door = await _form(request), visit.door
    named = ("alert", "shop_id", "rule", "cause", "code_prefix")
    scope = Scope(*(form.get(name, "").strip() for name in named))
    try:
        until_us = end_of(form, door.app.clock.now_us())
    except SettingsError as error:
        raise alerting.wrong_field(error) from None
    await alerting.begin_silence(door, scope, until_us, form.get("why", "").strip())
    return _back(form)


@router.post("/silences/{silence}/end")
async def end(request: Request, silence: str, visit: Annotated[Visit, Opens(Permission.ALERTS)]) -> Response:
    """Ends a silence early."""
    await alerting.end_silence(visit.door, silence)
    return _back(await _form(request))


@router.get("/one/{alert}")
async def show(request: Request, alert: str, visit: Annotated[Visit, Opens(Permission.READ)]) -> Response:
    """Shows one alert: what to do, who has it, its history, and who was told."""
    door = visit.door
    pulse = await pulse_of(door.app)
    one = await alerting.alert_of(door, alert)
    quiet = await board.silence(door.app.db, one.silence_id) if one.silence_id else None
    return views_of(request).page(
        request,
        "alert.html",
        visit,
        current="alerts",
        one=one,
        pulse=pulse,
        quiet=quiet,
        history=await board.history(door.app.db, alert),
        tellings=await board.tellings(door.app.db, alert),
        told_words=told_words,
        ends=lambda silence: alerting.ends(door, silence),
        **_words(door),
    )


@router.post("/one/{alert}/acknowledge")
async def acknowledge(
    request: Request, alert: str, visit: Annotated[Visit, Opens(Permission.ALERTS)]
) -> Response:
    """Acknowledges one alert, with a note or without."""
    form = await _form(request)
    await alerting.acknowledge(visit.door, alert, form.get("note", "").strip())
    return _back(form)


@router.post("/one/{alert}/give-back")
async def give_back(
    request: Request, alert: str, visit: Annotated[Visit, Opens(Permission.ALERTS)]
) -> Response:
    """Takes an acknowledgement back."""
    await alerting.give_back(visit.door, alert)
    return _back(await _form(request))


async def _rows(request: Request, door: Door, asked: Asked) -> tuple[list[Standing], str | None]:
    place = place_of(request.query_params.get("cursor"), int, str)
    shops = frozenset([asked.shop]) if asked.shop else door.who.shops
    severity = Severity(asked.severity) if asked.severity else None
    wanted = Wanted(shops, AlertState(asked.state), severity, asked.cause or None)
    found = await board.alerts(door.app.db, wanted, place, PAGE + 1)
    more = cursor_text(board.place_of(found[PAGE - 1])) if len(found) > PAGE else None
    return found[:PAGE], more


def _of_group(group: Group, asked: Asked) -> Wanted:
    severity = Severity(asked.severity) if asked.severity else None
    return Wanted(frozenset([group.shop_id]), AlertState(asked.state), severity, group.cause)


def _words(door: Door) -> dict[str, Any]:
    """What every page of alerts says things with."""
    lang, now_us = door.lang, door.app.clock.now_us()
    return {
        "cause_words": lambda cause: cause_words(cause, lang),
        "cause_remedy": lambda cause: cause_remedy(cause, lang),
        "mend_of": mend_of,
        "remedy_words": lambda alert: remedy_words(alert, lang),
        "state_words": lambda state: state_words(state, lang),
        "scope_words": lambda scope: scope_words(scope, lang),
        "span": lambda since_us: span(since_us, now_us),
        "usual_ends": {name: beijing(at_us)[5:16] for name, at_us in usual_ends(now_us).items()},
        "one_path": lambda fingerprint: f"/alerts/one/{quote(fingerprint, safe='')}",
    }


async def _form(request: Request) -> dict[str, str]:
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


def _back(form: dict[str, str]) -> Response:
    return RedirectResponse(inside(form.get("back", "/alerts")), 303)
