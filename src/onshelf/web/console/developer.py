"""The pages for developers: webhooks with what they were told, the first steps with the API, and its reference."""

from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from onshelf.clock import BEIJING
from onshelf.errors import SettingsError
from onshelf.guard.roles import Permission
from onshelf.hooks.hook import Hook
from onshelf.hooks.told import TYPES, sample
from onshelf.jobs.job import JobState
from onshelf.web import webhooks
from onshelf.web.console.sign_in import views_of
from onshelf.web.console.visit import Opens, Visit
from onshelf.web.paging import cursor_text, place_of
from onshelf.web.problem import Problem, problem_of
from onshelf.web.reference import Group, groups

router = APIRouter(prefix="/developer")
ROWS = 50
MANY = 10_000
Enters = Annotated[Visit, Opens(Permission.HOOKS)]
Word = Annotated[str, Form(max_length=200)]
Address = Annotated[str, Form(max_length=4000)]
Chosen = Annotated[list[str], Form(max_length=1_000)]
DONE = ("paused", "resumed", "changed", "replayed", "removed")
"""What a page may be told in its address to say."""


@router.get("")
async def developer(
    request: Request, visit: Enters, done: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """Shows the webhooks and the first steps."""
    verbs = visit.door.app.webhooks
    hooks = [(hook, await verbs.counts(hook.hook_id, MANY)) for hook in await webhooks.seen(visit.door)]
    return views_of(request).page(
        request,
        "developer.html",
        visit,
        current="developer",
        hooks=sorted(hooks, key=lambda one: (one[0].state != "stopped", not one[0].failing_us, one[0].created_us)),
        base=base_of(request),
        types=[(kind, pretty(sample(kind))) for kind in TYPES],
        many=MANY,
        done=done if done in DONE else "",
    )  # fmt: skip


@router.get("/reference")
async def reference(request: Request, visit: Enters) -> Response:
    """Shows every route of the API."""
    return views_of(request).page(
        request,
        "developer_reference.html",
        visit,
        current="developer",
        groups=described(request),
        base=base_of(request),
    )


@router.get("/webhooks/new")
async def new(request: Request, visit: Enters) -> Response:
    """Shows the form of a new webhook."""
    return await form(request, visit, None)


@router.post("/webhooks")
async def make(
    request: Request,
    visit: Enters,
    url: Address = "",
    about: Word = "",
    every: Word = "",
    types: Chosen = [],  # noqa: B006 - FastAPI's way to say: none chosen
    shops: Chosen = [],  # noqa: B006
) -> Response:
    """Makes a webhook and shows its secret, once."""
    given = {"url": url, "about": about, "types": types, "shops": None if every else shops}
    try:
        hook, secret = await webhooks.make(
            visit.door, url, types=types, shops=None if every else shops, about=about.strip()
        )
    except (SettingsError, Problem) as problem:
        return await form(request, visit, None, problem=problem, given=given)
    return await one(request, visit, hook, secret=secret)


@router.get("/webhooks/{webhook}")
async def show(
    request: Request,
    webhook: str,
    visit: Enters,
    state: Annotated[str, Query(max_length=20)] = "",
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    done: Annotated[str, Query(max_length=20)] = "",
    count: Annotated[int, Query(ge=0, le=1 << 31)] = 0,
) -> Response:
    """Shows a webhook and what it was told."""
    hook = await webhooks.one_of(visit.door, webhook)
    said: dict[str, Any] = {"done": done, "count": count} if done in DONE else {}
    return await one(request, visit, hook, state=state, cursor=cursor, **said)


@router.get("/webhooks/{webhook}/edit")
async def edit(request: Request, webhook: str, visit: Enters) -> Response:
    """Shows the form of a webhook."""
    return await form(request, visit, await webhooks.one_of(visit.door, webhook))


@router.post("/webhooks/{webhook}")
async def change(
    request: Request,
    webhook: str,
    visit: Enters,
    url: Address = "",
    about: Word = "",
    every: Word = "",
    types: Chosen = [],  # noqa: B006
    shops: Chosen = [],  # noqa: B006
    version: Word = "",
) -> Response:
    """Changes a webhook, unless somebody else changed it since the form was opened: every field of the form is written."""
    hook = await webhooks.one_of(visit.door, webhook)
    given = {
        "url": url,
        "about": about,
        "types": types,
        "shops": None if every else shops,
        "version": version,
    }
    if version != version_of(hook):
        stale = Problem(409, "webhook_changed", webhook=hook.hook_id)
        return await form(request, visit, hook, problem=stale, given=given)
    wish = webhooks.WebhookChange.model_construct(
        url=url,
        types=types,
        shops=None if every else shops,
        every_shop=bool(every),
        about=about.strip(),
        paused=None,
    )
    try:
        await webhooks.change(visit.door, hook, wish)
    except (SettingsError, Problem) as problem:
        return await form(request, visit, hook, problem=problem, given=given)
    return led(webhook, "changed")


@router.post("/webhooks/{webhook}/pause")
async def pause(webhook: str, visit: Enters) -> Response:
    """Tells a webhook nothing for a while."""
    await webhooks.change(
        visit.door, await webhooks.one_of(visit.door, webhook), webhooks.WebhookChange(paused=True)
    )
    return led(webhook, "paused")


@router.post("/webhooks/{webhook}/resume")
async def resume(webhook: str, visit: Enters) -> Response:
    """Tells a webhook again."""
    await webhooks.change(
        visit.door, await webhooks.one_of(visit.door, webhook), webhooks.WebhookChange(paused=False)
    )
    return led(webhook, "resumed")


@router.post("/webhooks/{webhook}/test")
async def try_it(request: Request, webhook: str, visit: Enters) -> Response:
    """Sends a test and shows what was answered."""
    hook = await webhooks.one_of(visit.door, webhook)
    return await one(request, visit, hook, tried=await webhooks.test(visit.door, hook))


@router.post("/webhooks/{webhook}/secret")
async def rotate(request: Request, webhook: str, visit: Enters) -> Response:
    """Makes a new secret and shows it, once."""
    hook = await webhooks.one_of(visit.door, webhook)
    return await one(request, visit, hook, secret=await webhooks.rotate(visit.door, hook), rotated=True)


@router.post("/webhooks/{webhook}/remove")
async def remove(webhook: str, visit: Enters) -> Response:
    """Forgets a webhook."""
    await webhooks.remove(visit.door, await webhooks.one_of(visit.door, webhook))
    return RedirectResponse("/developer?done=removed", 303)


@router.post("/webhooks/{webhook}/replay")
async def replay_since(
    request: Request, webhook: str, visit: Enters, since: Annotated[str, Form(max_length=30)] = ""
) -> Response:
    """Tells all again that happened since a time of Beijing."""
    hook = await webhooks.one_of(visit.door, webhook)
    try:
        count = await webhooks.replay_since(visit.door, hook, beijing(since))
    except Problem as problem:
        return await one(request, visit, hook, problem=problem)
    return led(webhook, "replayed", count)


@router.post("/webhooks/{webhook}/deliveries/{delivery}/replay")
async def replay(webhook: str, delivery: str, visit: Enters) -> Response:
    """Sends a message again."""
    again = await webhooks.replay(visit.door, await webhooks.one_of(visit.door, webhook), delivery)
    return led(webhook, "replayed", int(again.state is JobState.QUEUED))


async def one(
    request: Request,
    visit: Visit,
    hook: Hook,
    *,
    state: str = "",
    cursor: str | None = None,
    problem: Problem | None = None,
    **said: Any,
) -> Response:
    """Shows a webhook; `said`: what came of an act (secret, tried, done, count)."""
    verbs = visit.door.app.webhooks
    wanted = JobState(state) if state in set(JobState) else None
    before = place_of(cursor, int)
    rows = await verbs.deliveries(
        hook.hook_id, state=wanted, before=before[0] if before else None, limit=ROWS + 1
    )
    counts = await verbs.counts(hook.hook_id, MANY)
    now = visit.door.app.clock.now().astimezone(BEIJING)
    return views_of(request).page(
        request,
        "developer_webhook.html",
        visit,
        status=problem.status if problem else 200,
        current="developer",
        hook=hook,
        rows=[(row, pretty(row.body), row.next_us(hook)) for row in rows[:ROWS]],
        next=cursor_text((rows[ROWS - 1].place,)) if len(rows) > ROWS else "",
        state=wanted.value if wanted else "",
        counts={found.value: count for found, count in counts.items() if count},
        many=MANY,
        hour_ago=f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M}",
        oldest=f"{now - timedelta(days=30):%Y-%m-%dT%H:%M}",
        live=not cursor and any(counts.get(found) for found in (JobState.QUEUED, JobState.RUNNING)),
        problem=problem_of(problem, visit.door.lang) if problem else None,
        **{"secret": "", "rotated": False, "tried": None, "done": "", "count": 0, **said},
    )


async def form(
    request: Request,
    visit: Visit,
    hook: Hook | None,
    *,
    problem: SettingsError | Problem | None = None,
    given: dict[str, Any] | None = None,
) -> Response:
    """Shows the form of a new webhook, or of one there is; what was given stands in it again."""
    new: dict[str, Any] = {"url": "", "about": "", "types": [], "shops": None, "version": ""}
    known = webhooks.facts(hook) | {"version": version_of(hook)} if hook else new
    told = problem_of(problem, visit.door.lang) if problem else None
    return views_of(request).page(
        request,
        "developer_form.html",
        visit,
        status=told.status if told else 200,
        current="developer",
        hook=hook,
        given=given or known,
        types=TYPES,
        shops=[shop.shop_id for shop in await visit.door.shops()],
        every=visit.door.who.shops is None,
        problem=told,
    )


def version_of(hook: Hook) -> str:
    """Tells one state of what a form changes from another."""
    known = webhooks.facts(hook)
    fields = [known[name] for name in ("url", "about", "types", "shops")]
    return blake2b(msgspec.json.encode(fields), digest_size=12).hexdigest()


def led(webhook: str, done: str, count: int = 0) -> Response:
    """Leads back to a webhook's page, which says what was done."""
    return RedirectResponse(f"/developer/webhooks/{webhook}?done={done}&count={count}", 303)


def beijing(given: str) -> datetime:
    """Reads the moment a form gives, of Beijing. Raises Problem 422."""
    try:
        return datetime.fromisoformat(given).replace(tzinfo=BEIJING)
    except ValueError:
        raise Problem(422, "no_moment", value=given) from None


def base_of(request: Request) -> str:
    """Returns the address the service is reached at, as the visitor wrote it."""
    return str(request.base_url).rstrip("/")


def described(request: Request) -> tuple[Group, ...]:
    """Returns the API's description, put together once."""
    state = request.app.state
    if not hasattr(state, "reference"):
        state.reference = groups(request.app.openapi())
    found: tuple[Group, ...] = state.reference
    return found


def pretty(body: str) -> str:
    """Writes JSON for people."""
    return msgspec.json.format(body.encode(), indent=2).decode()
