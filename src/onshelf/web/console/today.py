"""The first page: what needs a person now, and how everything stands."""

import json
from collections import Counter
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from onshelf.alerts.render import cause_words
from onshelf.catalog.item import Reason
from onshelf.guard.roles import Permission
from onshelf.texts import Lang, text
from onshelf.web.console.shop_view import consent_gone, push_tag, state_tag
from onshelf.web.console.sign_in import views_of
from onshelf.web.console.visit import Opens, Visit
from onshelf.web.item_life import shown_seconds
from onshelf.web.needs import blind_words
from onshelf.web.today import jobs_under_way, pulse_of, today_of

router = APIRouter()
FIRST_NEEDS, FIRST_SHOPS = 6, 5
"""Matters and shops shown at once; the rest unfolds."""
_COLOURS = {Reason.VIOLATION: "--bad", Reason.DELETED: "--bad", Reason.OURS: "--main"}


@router.get("/")
async def today(request: Request, visit: Annotated[Visit, Opens(Permission.READ)]) -> Response:
    """Shows how everything stands now."""
    door = visit.door
    pulse = await pulse_of(door.app)  # before what it stands for, so that nothing is missed
    found = await today_of(door.app, door.who, await door.shops(), door.lang)
    day = found.day
    return views_of(request).page(
        request,
        "today.html",
        visit,
        current="today",
        today=found,
        pulse=pulse,
        state_tag=state_tag,
        push_tag=push_tag,
        consent_gone=consent_gone,
        blind_words=lambda code: blind_words(code, door.lang),
        first=FIRST_NEEDS,
        left=day.left.most_common(),
        left_count=day.left.total(),
        still_off=list(found.left.items()),
        back=max(0, day.left.total() - sum(found.left.values())),
        first_shops=FIRST_SHOPS,
        foreign=day.left.total() - day.left[Reason.OURS],
        chart=json.dumps(chart_of(day.left, door.lang), ensure_ascii=False),
        median="—" if day.median_us is None else shown_seconds(day.median_us, door.lang),
        slowest="—" if not day.slowest_us else shown_seconds(day.slowest_us, door.lang),
        jobs=found.jobs,
        now_us=door.app.clock.now_us(),
    )


@router.get("/pulse")
async def pulse(visit: Annotated[Visit, Opens(Permission.READ)]) -> Response:
    """Tells whether pages that follow what happens have anything new to show; asked for by them, again and again."""
    return PlainTextResponse(await pulse_of(visit.door.app), headers={"Cache-Control": "no-store"})


@router.get("/today/jobs")
async def jobs(request: Request, visit: Annotated[Visit, Opens(Permission.READ)]) -> Response:
    """Shows the jobs under way; asked for by the page itself, again and again."""
    door = visit.door
    found = await jobs_under_way(door.app, [shop.shop_id for shop in await door.shops()])
    return views_of(request).page(request, "today_jobs.html", visit, current="today", jobs=found)


def chart_of(left: Counter[Reason], lang: Lang) -> dict[str, Any]:
    """Draws what left the shelf by cause as bars, the longest on top. A colour that begins with `--` is the theme's."""
    ordered = left.most_common()[::-1]
    return {
        "legend": {"show": False},
        "grid": {"left": 8, "right": 48, "top": 4, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "value", "minInterval": 1, "show": False},
        "yAxis": {
            "type": "category",
            "data": [cause_words(reason, lang) for reason, _ in ordered],
            "axisTick": {"show": False},
            "axisLine": {"show": False},
        },
        "series": [
            {
                "name": text("web.today.left", lang),
                "type": "bar",
                "barMaxWidth": 22,
                "label": {"show": True, "position": "right", "color": "--ink", "textBorderWidth": 0},
                "data": [
                    {"value": n, "itemStyle": {"color": _COLOURS.get(reason, "--amber"), "borderRadius": 4}}
                    for reason, n in ordered
                ],
            }
        ],
    }
