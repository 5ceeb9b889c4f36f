"""The pages of the quota and of the promotion calendar: what an app may still call, and when the platform shuts methods."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from onshelf.clock import BEIJING, SECOND_US, from_us, to_us
from onshelf.errors import SettingsError
from onshelf.guard.roles import Permission
from onshelf.jobs import of_shop
from onshelf.platforms.forecast import CALLS_A_PRODUCT, DAY_S, Forecast, products_of
from onshelf.platforms.port import Closure
from onshelf.platforms.window import LANES, Limit
from onshelf.shops.quota import calendar
from onshelf.shops.quota.outlook import Outlook
from onshelf.texts import Lang, text
from onshelf.web import permitting
from onshelf.web.console.month import month_of, read_month
from onshelf.web.console.shop_view import ends_by_day
from onshelf.web.console.shops import standing_shops
from onshelf.web.console.sign_in import views_of
from onshelf.web.console.visit import Opens, Visit
from onshelf.web.house import Door
from onshelf.web.problem import Problem
from onshelf.working import PUBLISH, expected_lanes

router = APIRouter()
PER_S = {"second": 1.0, "minute": 60.0, "day": DAY_S}
GROUPS = ("*", "taobao.item.*", "taobao.picture.*", "taobao.trade*", "taobao.logistics.*")
"""Groups of methods a closure of a promotion day usually means; their words are `web.calendar.group.<number>`."""
Text = Annotated[str, Form(max_length=2_000)]


@dataclass(frozen=True, slots=True)
class Ahead:
    """One running job and what the quota makes of it."""

    job_id: str
    lines: int
    reach: Forecast
    done_us: int | None  # when its last call may go; None: the quota lets nothing go


def ahead_of(found: Outlook, lines: dict[str, int]) -> list[Ahead]:
    """Tells what running jobs come to, one after the other with the quota alone to themselves. Pure."""
    told, calls = [], 0
    for job_id, count in lines.items():
        calls += round(count * CALLS_A_PRODUCT)
        reach = found.reach(calls)
        done_us = None if reach.seconds == float("inf") else found.now_us + round(reach.seconds * SECOND_US)
        told.append(Ahead(job_id, count, reach, done_us))
    return told


async def apps_of(door: Door) -> dict[str, list[str]]:
    """Names the shops of each app of whoever visits."""
    found: dict[str, list[str]] = {}
    for shop in await door.shops():
        found.setdefault(shop.app_key, []).append(shop.shop_id)
    return found


@router.get("/quota")
async def first(request: Request, visit: Annotated[Visit, Opens(Permission.READ)]) -> Response:
    """Leads to the quota of the first app."""
    apps = await apps_of(visit.door)
    if apps:
        return RedirectResponse(f"/quota/{min(apps)}", 303)
    return views_of(request).page(request, "quota_none.html", visit, current="shops", tab="quota")


@router.get("/quota/{app_key}")
async def quota(
    app_key: str,
    request: Request,
    visit: Annotated[Visit, Opens(Permission.READ)],
    part: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Shows what an app may call, what is left, and what that means; `part=now` the figures alone."""
    return await _page(request, visit, app_key, part)


async def _page(request: Request, visit: Visit, app_key: str, part: str = "", wrong: str = "") -> Response:
    apps = await apps_of(visit.door)
    if app_key not in apps:
        raise Problem(404, "no_app", app_key=app_key)
    app = visit.door.app
    found = await app.outlooks.of(app_key, await expected_lanes(app))
    lines = await of_shop.lines_to_go(app.db, PUBLISH, frozenset(apps[app_key]))
    return views_of(request).page(
        request,
        "quota_now.html" if part == "now" else "quota.html",
        visit,
        status=422 if wrong else 200,
        current="shops",
        tab="quota",
        apps=apps,
        app_key=app_key,
        found=found,
        shops=apps[app_key],
        ahead=ahead_of(found, lines),
        lanes=LANES,
        products_of=products_of,
        hours=hours_of(found),
        chart=json.dumps(chart_of(found, visit.door.lang), ensure_ascii=False),
        wrong=wrong,
    )


def hours_of(found: Outlook) -> list[tuple[str, int]]:
    """Returns the calls of the last 24 hours by the hour in Beijing they ended in; the last one ends now. Pure."""
    now = from_us(found.now_us).astimezone(BEIJING)
    return [(f"{now - timedelta(hours=23 - at):%H}:00", calls) for at, calls in enumerate(found.hours)]


def chart_of(found: Outlook, lang: Lang) -> dict[str, Any]:
    """Draws the calls of the last 24 hours; the last bar ends now. Pure."""
    hours = [hour for hour, _ in hours_of(found)]
    return {
        "legend": {"show": False},
        "xAxis": {"type": "category", "data": hours},
        "yAxis": {"type": "value", "minInterval": 1},
        "series": [{"type": "bar", "name": text("web.quota.calls", lang), "data": list(found.hours)}],
    }


@router.post("/quota/{app_key}/permits")
async def permit(
    app_key: str,
    request: Request,
    visit: Annotated[Visit, Opens(Permission.APPROVE)],
    calls: Text = "",
    per: Text = "day",
    method: Text = "",
    forget: Text = "",
) -> Response:
    """Tells what the platform granted an app, or lets the setting hold again (`forget`: scope and window)."""
    if app_key not in await apps_of(visit.door):
        raise Problem(404, "no_app", app_key=app_key)
    await visit.door.must_cover(app_key)
    if forget:
        scope, _, window_s = forget.rpartition("/")
        if window_s.isdigit():
            await permitting.forget(visit.door, app_key, scope, float(window_s))
        return RedirectResponse(f"/quota/{app_key}", 303)
    try:
        limit = Limit(_number(calls), PER_S[per], f"method:{method.strip()}" if method.strip() else "app")
    except (ValueError, KeyError):
        return await _page(request, visit, app_key, wrong="quota.wrong")
    await permitting.permit(visit.door, app_key, limit)
    return RedirectResponse(f"/quota/{app_key}", 303)


def _number(given: str) -> int:
    number = int(given.replace(",", "").strip())
    if not 0 <= number <= 1_000_000_000:
        raise ValueError(given)
    return number


@router.get("/calendar")
async def month(
    request: Request,
    visit: Annotated[Visit, Opens(Permission.READ)],
    month: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """Shows a month: closures, and where authorisations end."""
    return await _month(request, visit, month)


async def _month(
    request: Request,
    visit: Visit,
    name: str,
    *,
    wrong: str = "",
    given: dict[str, str] | None = None,
    methods: Sequence[str] = (),
) -> Response:
    app = visit.door.app
    today: date = from_us(app.clock.now_us()).astimezone(BEIJING).date()
    shown = read_month(name, today)
    begins = datetime.combine(shown - timedelta(days=7), datetime.min.time(), BEIJING)
    closures = await calendar.closures(app.db, min(to_us(begins), app.clock.now_us()))
    blank = {"name": "", "begins": "", "ends": "", "other": "", "per_minute": "0"}
    return views_of(request).page(
        request,
        "quota_calendar.html",
        visit,
        status=422 if wrong else 200,
        current="shops",
        tab="calendar",
        month=month_of(shown, today, closures, ends_by_day(await standing_shops(visit.door))),
        coming=[one for one in closures if one.to_us > app.clock.now_us()],
        groups=GROUPS,
        chosen=methods,
        given=given or blank,
        wrong=wrong,
    )


@router.post("/calendar")
async def put_closure(
    request: Request,
    visit: Annotated[Visit, Opens(Permission.APPROVE)],
    name: Text = "",
    begins: Text = "",
    ends: Text = "",
    methods: Annotated[tuple[str, ...], Form(max_length=20)] = (),
    other: Text = "",
    per_minute: Text = "0",
) -> Response:
    """Puts a closure on the calendar; times are Beijing's."""
    await visit.door.must_cover()
    wished = (*methods, *other.replace(",", " ").replace("，", " ").split())
    try:
        closure = calendar.check(
            Closure(
                name.strip(),
                _moment_us(begins, "begins"),
                _moment_us(ends, "ends"),
                wished,
                _number(per_minute or "0"),
            )
        )
    except SettingsError as error:
        wrong = error.context["name"]
    except ValueError:
        wrong = "per_minute"
    else:
        await permitting.put_closure(visit.door, closure)
        return RedirectResponse(f"/calendar?month={begins[:7]}", 303)
    given = {"name": name, "begins": begins, "ends": ends, "other": other, "per_minute": per_minute}
    return await _month(
        request, visit, begins[:7], wrong=f"calendar.wrong.{wrong}", given=given, methods=methods
    )


def _moment_us(given: str, name: str) -> int:
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise SettingsError(name, value=given[:40], origin="calendar", expected="2026-11-11T00:00") from None
    return calendar.moment_us(moment.replace(tzinfo=BEIJING), name)


@router.post("/calendar/remove")
async def remove_closure(
    request: Request, visit: Annotated[Visit, Opens(Permission.APPROVE)], name: Text = ""
) -> Response:
    """Takes a closure off the calendar; one that is gone already is gone."""
    await visit.door.must_cover()
    with suppress(Problem):
        await permitting.remove_closure(visit.door, name)
    return RedirectResponse("/calendar", 303)
