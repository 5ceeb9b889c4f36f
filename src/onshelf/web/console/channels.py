"""The pages of channels: who is told and how, a form made of a kind's own fields, a test with the true answer, deliveries."""

from collections.abc import Mapping
from typing import Annotated, Any, cast

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from onshelf.alerts import store
from onshelf.alerts.channels import KINDS
from onshelf.alerts.channels.kind import why_words
from onshelf.alerts.directory import ChannelRecord
from onshelf.alerts.route import Route
from onshelf.alerts.rules import Severity
from onshelf.alerts.store import Delivery
from onshelf.errors import DeliveryError, SettingsError
from onshelf.guard.roles import Permission
from onshelf.jobs.job import JobState
from onshelf.texts import LANGS, Lang
from onshelf.web import alerting
from onshelf.web.console.sign_in import views_of
from onshelf.web.console.visit import Opens, Visit
from onshelf.web.house import Door
from onshelf.web.paging import cursor_text, place_of
from onshelf.web.problem import Problem

router = APIRouter(prefix="/alerts")
PAGE = 50
LATEST = 12
STATES = (JobState.FAILED, JobState.WAITING, JobState.QUEUED, JobState.SUCCEEDED, JobState.CANCELLED)


@router.get("/channels")
async def channels(request: Request, visit: Annotated[Visit, Opens(Permission.READ)]) -> Response:
    """Lists the channels, how each does, and the latest messages."""
    found = await alerting.channels_of(visit.door)
    return _page(
        request,
        "channels.html",
        visit,
        channels=found,
        others=await alerting.others_of(visit.door),
        kinds=list(KINDS),
        deliveries=await _deliveries(visit.door, limit=LATEST),
    )


@router.get("/deliveries")
async def deliveries(request: Request, visit: Annotated[Visit, Opens(Permission.READ)]) -> Response:
    """Lists what was told to whom, and why not."""
    asked = request.query_params
    state = next((one for one in STATES if one == asked.get("state")), None)
    place = place_of(asked.get("cursor"), int)
    name = asked.get("channel", "")
    if name:
        await alerting.channel_of(visit.door, name)
    found = await _deliveries(
        visit.door, name=name, state=state, before=place[0] if place else None, limit=PAGE + 1
    )
    return _page(
        request,
        "channel_deliveries.html",
        visit,
        deliveries=found[:PAGE],
        following=cursor_text([found[PAGE - 1].place]) if len(found) > PAGE else None,
        channels=await alerting.channels_of(visit.door),
        name=name,
        state=state or "",
        states=STATES,
    )


@router.get("/channels/new")
async def new(
    request: Request, visit: Annotated[Visit, Opens(Permission.APPROVE)], kind: str = ""
) -> Response:
    """Shows the kinds there are, or the form of one."""
    return await _form_page(request, visit, kind if kind in KINDS else "", {})


@router.post("/channels/new")
async def add(request: Request, visit: Annotated[Visit, Opens(Permission.APPROVE)]) -> Response:
    """Adds a channel, or shows the form again with what is wrong."""
    form, door = await request.form(), visit.door
    kind, name = str(form.get("kind", "")), str(form.get("name", "")).strip()
    given = {name: str(value) for name, value in form.items()}
    if kind not in KINDS:
        return await _form_page(request, visit, "", given)
    if await door.app.directory.find(name) is not None:
        return await _form_page(request, visit, kind, given, wrong=("name", "taken", ""))
    try:
        route = await _route(door, name, given, [str(one) for one in form.getlist("shops")])
        added = await alerting.add_channel(door, route, kind, _config(kind, given, {}), _lang(given))
    except SettingsError as error:
        wrong = error.context
        return await _form_page(request, visit, kind, given, wrong=(wrong["name"], "form", wrong["expected"]))
    return RedirectResponse(f"/alerts/channels/{added.name}", 303)


@router.get("/channels/{channel}")
async def show(request: Request, channel: str, visit: Annotated[Visit, Opens(Permission.READ)]) -> Response:
    """Shows one channel: what it hears, its messages, and the form to change it."""
    return await _channel_page(request, visit, await alerting.channel_of(visit.door, channel))


@router.post("/channels/{channel}")
async def change(
    request: Request, channel: str, visit: Annotated[Visit, Opens(Permission.APPROVE)]
) -> Response:
    """Changes a channel; a secret left empty stays as it is."""
    form, door = await request.form(), visit.door
    before = await alerting.channel_of(door, channel)
    given = {name: str(value) for name, value in form.items()}
    try:
        route = await _route(door, channel, given, [str(one) for one in form.getlist("shops")])
        config = _config(before.kind, given, before.config)
        await alerting.change_channel(door, before, route, config, _lang(given))
    except SettingsError as error:
        wrong = (error.context["name"], "form", error.context["expected"])
        return await _channel_page(request, visit, before, given=given, wrong=wrong, status=422)
    return RedirectResponse(f"/alerts/channels/{channel}", 303)


@router.post("/channels/{channel}/test")
async def test(
    request: Request, channel: str, visit: Annotated[Visit, Opens(Permission.APPROVE)]
) -> Response:
    """Sends a test message at once, and shows what the receiver said."""
    found, door = await alerting.channel_of(visit.door, channel), visit.door
    try:
        receipt = await alerting.try_channel(door, channel)
        tested = (True, " · ".join(filter(None, (receipt.answer, receipt.note))))
        found = await alerting.channel_of(door, channel)
    except DeliveryError as error:
        tested = (False, why_words(error.why, door.lang))
    return await _channel_page(request, visit, found, tested=tested)


@router.post("/channels/{channel}/resume")
async def resume(channel: str, visit: Annotated[Visit, Opens(Permission.APPROVE)]) -> Response:
    """Lets a stopped channel go on."""
    await alerting.resume_channel(visit.door, channel)
    return RedirectResponse(f"/alerts/channels/{channel}", 303)


@router.post("/channels/{channel}/remove")
async def remove(channel: str, visit: Annotated[Visit, Opens(Permission.APPROVE)]) -> Response:
    """Removes a channel."""
    await alerting.remove_channel(visit.door, channel)
    return RedirectResponse("/alerts/channels", 303)


async def _channel_page(
    request: Request, visit: Visit, found: ChannelRecord, *, status: int = 200, **shown: Any
) -> Response:
    values = {"given": {}, "wrong": ("", "", ""), "tested": None} | shown
    return _page(
        request,
        "channel.html",
        visit,
        status=status,
        channel=found,
        fields=KINDS[found.kind].fields,
        shops=[shop.shop_id for shop in await visit.door.shops()],
        deliveries=await _deliveries(visit.door, name=found.name, limit=LATEST),
        **values,
    )


async def _form_page(
    request: Request,
    visit: Visit,
    kind: str,
    given: Mapping[str, str],
    *,
    wrong: tuple[str, str, str] = ("", "", ""),
) -> Response:
    return _page(
        request,
        "channel_new.html",
        visit,
        status=422 if wrong[0] else 200,
        kinds=list(KINDS),
        kind=kind,
        fields=KINDS[kind].fields if kind else (),
        shops=[shop.shop_id for shop in await visit.door.shops()],
        given=given,
        wrong=wrong,
    )


def _page(request: Request, template: str, visit: Visit, *, status: int = 200, **values: Any) -> Response:
    lang = visit.door.lang
    return views_of(request).page(
        request,
        template,
        visit,
        status=status,
        current="alerts",
        why_words=lambda why: why_words(why, lang),
        severities=list(Severity),
        **values,
    )


async def _deliveries(
    door: Door, *, name: str = "", state: JobState | None = None, before: int | None = None, limit: int
) -> list[Delivery]:
    own = None if door.who.shops is None else [one.name for one in await alerting.channels_of(door)]
    return await store.deliveries(
        door.app.db, receivers=[name] if name else own, state=state, before=before, limit=limit
    )


async def _route(door: Door, name: str, given: Mapping[str, str], shops: list[str]) -> Route:
    """Reads who is to hear what. Raises SettingsError for shops that are not one's own."""
    try:
        own = await alerting.own_shops(door, shops)
    except Problem as error:
        raise SettingsError("shops", expected=error.remedy(door.lang)) from None
    least = Severity(given["least"]) if given.get("least") in set(Severity) else Severity.WARNING
    return Route(name, own, least, "resolved" in given)


def _config(kind: str, given: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    """Takes a kind's fields out of a form; a secret left empty is not given at all."""
    told = {one.name: given.get(f"field-{one.name}", before.get(one.name, "")) for one in KINDS[kind].fields}
    secret = {one.name for one in KINDS[kind].fields if one.secret}
    return {name: value.strip() for name, value in told.items() if value.strip() or name not in secret}


def _lang(given: Mapping[str, str]) -> Lang:
    return cast("Lang", given["lang"]) if given.get("lang") in LANGS else "zh"
