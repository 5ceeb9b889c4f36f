"""`/shops/{shop}/publishing` and `/undecided`: what a publish would do, doing it, and what only a person can decide."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from onshelf import acts
from onshelf.errors import Conflict
from onshelf.guard.roles import Permission
from onshelf.jobs import lists
from onshelf.listing.choose import settle, undecided
from onshelf.listing.start import start
from onshelf.web.api.job_forms import JobOut
from onshelf.web.api.publish_forms import (
    ChoiceIn,
    Code,
    PlanOut,
    PublishIn,
    PublishOut,
    QuestionOut,
    SettledOut,
)
from onshelf.web.entrance import Needs
from onshelf.web.house import Door
from onshelf.web.paging import CursorParam, DryRun, Fields, Limit, Page, page, place_of
from onshelf.web.problem import Problem
from onshelf.working import publishing_plan

router = APIRouter(prefix="/shops/{shop}", tags=["publishing"])


@router.get("/publishing")
async def show_plan(
    shop: str,
    door: Annotated[Door, Needs(Permission.READ)],
    outer_id: Annotated[
        list[Code] | None, Query(max_length=200, description="only these products; may be repeated")
    ] = None,
    canary: Annotated[
        int | None, Query(ge=1, le=1_000_000, description="only the first so many of them, by code")
    ] = None,
) -> PlanOut:
    """Tells what a publish would do now, and what that costs. Takes longer the more products the shop has."""
    plan = await publishing_plan(door.app, await door.shop(shop), only=outer_id, at_most=canary)
    return PlanOut.of(plan, door.lang)


@router.post("/publishing")
async def begin_publishing(
    shop: str,
    door: Annotated[Door, Needs(Permission.PUBLISH)],
    given: PublishIn | None = None,
    dry_run: DryRun = False,
) -> PublishOut:
    """Starts a job over every product that has something to do; those of an unfinished job are left to it.

    `dry_run=true` tells the plan instead, as `GET` does.
    """
    given = given or PublishIn()
    if dry_run or given.outer_ids is not None:
        plan = await publishing_plan(
            door.app, await door.shop(shop), only=given.outer_ids, at_most=given.canary
        )
        if plan.unknown:
            raise Problem(422, "no_products", codes=tuple(plan.unknown[:5]), count=len(plan.unknown))
        if dry_run:
            return PublishOut(job=None, plan=PlanOut.of(plan, door.lang))
    return PublishOut(job=await begin(door, shop, given.outer_ids, given.canary), plan=None)


async def begin(door: Door, shop: str, outer_ids: list[str] | None, canary: int | None) -> JobOut | None:
    """Starts the job for the principal, notes it, and wakes the worker; None: there is nothing to do."""
    app = door.app
    job_id = await start(
        app.db, app.queue, shop, app.clock, app.random, by=door.who.name, only=outer_ids, at_most=canary
    )
    listed = await lists.job(app.db, job_id) if job_id else None
    if job_id is None or listed is None:
        return None
    lines = sum(listed.counts.values())
    door.acted(acts.publish_started(shop, job_id, lines=lines, canary=canary))
    app.wakers.jobs.wake()
    return JobOut.of(listed)


@router.get("/undecided", response_model=Page[QuestionOut], tags=["undecided"])
async def list_questions(
    shop: str,
    door: Annotated[Door, Needs(Permission.READ)],
    limit: Limit = 50,
    cursor: CursorParam = None,
    fields: Fields = None,
) -> JSONResponse:
    """Lists by code the products whose outcome waits for a person, each with its evidence."""
    (after,) = place_of(cursor, str) or ("",)
    found = await undecided(door.app.db, shop, after=after, limit=limit + 1)
    return page([QuestionOut.of(one, door.lang) for one in found], limit, lambda row: (row.outer_id,), fields)


@router.post("/undecided/{outer_id:path}", tags=["undecided"])
async def settle_question(
    shop: str,
    outer_id: str,
    given: ChoiceIn,
    door: Annotated[Door, Needs(Permission.APPROVE)],
    dry_run: DryRun = False,
) -> SettledOut:
    """Decides about one product; publish it again to carry the decision out."""
    await decide(door, shop, outer_id, given)
    return SettledOut(outer_id=outer_id, choice=given.choice, item_id=given.item_id)


async def decide(door: Door, shop: str, outer_id: str, given: ChoiceIn) -> None:
    """Keeps a decision of the principal's. Raises Problem 422 (no item named), 409 (nothing to decide any more)."""
    choice = given.value()
    if choice is None:
        raise Problem(422, "adopt_which", choice=given.choice)
    try:
        await settle(door.app.db, shop, outer_id, choice)
    except Conflict:
        raise Problem(409, "no_question", outer_id=outer_id[:80]) from None
    door.acted(acts.listing_settled(shop, outer_id, given.choice.value, given.item_id))
