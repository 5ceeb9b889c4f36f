"""The pages before and after a publish: what it would do, its start, and what only a person can decide."""

from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from onshelf.catalog.store import count_products
from onshelf.errors import Error
from onshelf.guard.roles import Permission
from onshelf.jobs.lists import open_keys
from onshelf.listing.choose import question, undecided
from onshelf.listing.content import glance
from onshelf.listing.work import PUBLISH
from onshelf.platforms.forecast import products_of
from onshelf.web.api.publish_forms import ChoiceIn, Chosen
from onshelf.web.api.publishing import begin, decide
from onshelf.web.console.sign_in import views_of
from onshelf.web.console.visit import Opens, Visit
from onshelf.web.problem import Problem, code_of
from onshelf.working import publishing_plan

router = APIRouter()
QUESTIONS_A_PAGE = 10
AGAIN = "again"
"""The one button of an item that is gone."""
_LONGEST_ID = 18
AT_ONCE = 2_000
"""Products that are planned before the page is sent; of more the plan is put in when it is ready."""
Reads = Annotated[Visit, Opens(Permission.READ)]
Canary = Annotated[int | None, Query(ge=1, le=1_000_000)]


@router.get("/publishing")
async def choose(visit: Reads, shop: str = "") -> Response:
    """Leads to the plan of a shop: the named one, or the first."""
    shops = [one.shop_id for one in await visit.door.shops()]
    if not shops:
        return RedirectResponse("/shops", 303)
    return RedirectResponse(f"/shops/{quote(shop or shops[0], safe='')}/publishing", 303)


@router.get("/shops/{shop}/publishing")
async def plan_page(request: Request, shop: str, visit: Reads, canary: str = "", told: str = "") -> Response:
    """Shows what a publish of the shop would do."""
    counts = await count_products(visit.door.app.db, shop)
    few = counts.ready + counts.held <= AT_ONCE
    values = await _plan(visit, shop, _count(canary)) if few else {"plan": None, "canary": _count(canary)}
    return views_of(request).page(
        request,
        "jobs_plan.html",
        visit,
        current="jobs",
        shop=shop,
        told=told,
        shops=await visit.door.shops(),
        **values,
    )


@router.get("/shops/{shop}/publishing/plan")
async def plan_part(request: Request, shop: str, visit: Reads, canary: str = "") -> Response:
    """Gives the plan alone, for a page that was sent without it."""
    values = await _plan(visit, shop, _count(canary))
    return views_of(request).page(request, "jobs_plan_part.html", visit, shop=shop, **values)


async def _plan(visit: Visit, shop: str, canary: int | None) -> dict[str, Any]:
    door = visit.door
    named = await door.shop(shop)
    plan = await publishing_plan(door.app, named, at_most=canary)
    quota = await door.app.outlooks.of(named.app_key)
    under_way = await open_keys(door.app.db, PUBLISH, shop) if plan.under_way else {}
    return {
        "plan": plan,
        "canary": canary,
        "left_today": quota.left_today,
        "a_day": None if plan.per_day is None else products_of(plan.per_day),
        "under_way": max(under_way.values(), default=""),
    }


def _count(given: str) -> int | None:
    return int(given) if given.isascii() and given.isdigit() and int(given[:9]) > 0 else None


@router.post("/shops/{shop}/publishing")
async def publish(
    shop: str,
    visit: Annotated[Visit, Opens(Permission.PUBLISH)],
    canary: Annotated[str, Form(max_length=9)] = "",
) -> Response:
    """Starts the job and leads to its page."""
    job = await begin(visit.door, shop, None, _count(canary))
    if job is None:
        return RedirectResponse(f"/shops/{quote(shop, safe='')}/publishing?told=nothing", 303)
    return RedirectResponse(f"/jobs/{job.job}", 303)


@router.get("/shops/{shop}/undecided")
async def questions(
    request: Request,
    shop: str,
    visit: Reads,
    after: str = "",
    told: str = "",
    code: str = "",
    product: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Shows the products whose outcome waits for a person: what was sent beside what is there. `product`: only this one."""
    db = visit.door.app.db
    if product:
        one = await question(db, shop, product)
        found = [one] if one else []
    else:
        found = await undecided(db, shop, after=after, limit=QUESTIONS_A_PAGE + 1)
    shown = found[:QUESTIONS_A_PAGE]
    more = urlencode({"after": shown[-1].outer_id}) if len(found) > QUESTIONS_A_PAGE else ""
    return views_of(request).page(
        request,
        "jobs_undecided.html",
        visit,
        current="jobs",
        shop=shop,
        questions=shown,
        next=more,
        told=told if told in ("settled", "no_question", "adopt_which") else "",
        code=code,
        product=product,
        glance=glance,
    )


@router.post("/shops/{shop}/undecided")
async def settle(
    shop: str,
    visit: Annotated[Visit, Opens(Permission.APPROVE)],
    outer_id: Annotated[str, Form(max_length=200)],
    choice: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Keeps one decision; `choice`: `adopt:<item id>`, `absent`, `give_up`, or `again`: absent, and published at once."""
    told = "settled"
    try:
        await decide(visit.door, shop, outer_id, _choice("absent" if choice == AGAIN else choice))
    except Error as error:
        told = code_of(error)
        if told not in ("no_question", "adopt_which"):
            raise
    if choice == AGAIN and told == "settled" and (job := await begin(visit.door, shop, [outer_id], None)):
        return RedirectResponse(f"/jobs/{job.job}", 303)
    query = urlencode({"told": told, "code": outer_id})
    return RedirectResponse(f"/shops/{quote(shop, safe='')}/undecided?{query}", 303)


def _choice(given: str) -> ChoiceIn:
    word, _, number = given.partition(":")
    if word not in set(Chosen) or (number and not (number.isascii() and number.isdigit())):
        raise Problem(422, "adopt_which", choice=given)
    return ChoiceIn(choice=Chosen(word), item_id=int(number) if number else None)
