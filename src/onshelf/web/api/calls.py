"""`/shops/{shop}/calls`: any method of the platform by name, checked before it is sent."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from onshelf import acts
from onshelf.errors import NotSent
from onshelf.guard.roles import Permission
from onshelf.ids import JobId
from onshelf.jobs.outcome import said
from onshelf.platforms.top.arguments import Advice, advise
from onshelf.platforms.top.methods.picture import upload_file
from onshelf.platforms.top.protocol import File
from onshelf.shops.calls import CallEnd, CallRequest, call, call_end, enqueue_call, shown_reply
from onshelf.texts import Lang, text
from onshelf.web.entrance import Needs
from onshelf.web.house import Door
from onshelf.web.paging import DryRun
from onshelf.web.problem import FaultOut, Problem
from onshelf.web.sent import Sent

router = APIRouter(prefix="/shops/{shop}", tags=["calls"])
PATIENCE_S, LOOK_EVERY_S = 30.0, 0.1
"""How long the worker of another process is waited for; after it the caller is told the job."""

Text = Annotated[str, Field(max_length=500_000)]


class FileIn(Sent):
    """A file to upload."""

    name: str = Field(description="name of the file", min_length=1, max_length=200)
    content: str = Field(description="its bytes in base64")


class CallIn(Sent):
    """A call of a platform method."""

    method: str = Field(
        min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_.]+$", description="as the platform names it"
    )
    params: dict[str, Text | int | float | bool] = Field(
        default_factory=dict, description="the method's own parameters; signature, session and time are added"
    )
    files: dict[str, FileIn] = Field(default_factory=dict, description="uploads, by parameter")
    max_age: float = Field(
        default=0, ge=0, le=86_400, description="seconds a kept reply of a read may be old"
    )


class CallOut(BaseModel):
    """What came of a call."""

    method: str = Field(description="as the platform names it")
    sent: bool = Field(
        description="false: a dry run checked the arguments and sent nothing, or the worker has yet to send it"
    )
    reply: dict[str, Any] | None = Field(
        description="as the platform sent it, but for secrets and what tells who a buyer is; null: see `job`"
    )
    job: str | None = Field(description="the job that makes the call when another process is the worker")
    warnings: list[str] = Field(description="what is doubtful about the arguments; it was sent all the same")


@router.post(
    "/calls",
    responses={202: {"model": CallOut, "description": "The worker has yet to make the call: see `job`."}},
)
async def call_method(
    shop: str,
    given: CallIn,
    response: Response,
    door: Annotated[Door, Needs(Permission.CALL)],
    dry_run: DryRun = False,
) -> CallOut:
    """Calls a platform method for a shop. `dry_run=true` checks the arguments and sends nothing.

    A role may call only the methods it needs. A write that the platform does not answer is told (504), never repeated.
    """
    if not door.who.may_call(given.method):
        raise Problem(403, "no_call", who=door.who.name, role=door.who.role, method=given.method)
    asked = CallRequest(given.method, as_sent(given.params), given.max_age, uploads(given.files))
    warnings = checked(advise(asked.method, asked.params, asked.files), given, door.lang)
    if dry_run:
        return CallOut(method=asked.method, sent=False, reply=None, job=None, warnings=warnings)
    door.acted(acts.platform_called(shop, asked.method))
    reply, job_id = await _reply(door, shop, asked)
    if reply is None:
        response.status_code = 202
    shown = None if reply is None else shown_reply(asked.method, reply)
    return CallOut(method=asked.method, sent=reply is not None, reply=shown, job=job_id, warnings=warnings)


def as_sent(params: Mapping[str, str | float | bool]) -> dict[str, str]:
    """Writes parameters as the platform reads them."""
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in params.items()
    }


def uploads(given: Mapping[str, FileIn]) -> dict[str, File]:
    """Reads the files. Raises Problem 422."""
    try:
        return {
            name: upload_file(base64.b64decode(file.content, validate=True), file.name)
            for name, file in given.items()
        }
    except (binascii.Error, ValueError):
        raise Problem(422, "not_base64") from None


def checked(advice: Sequence[Advice], given: CallIn, lang: Lang) -> list[str]:
    """Returns the warnings. Raises Problem 422 with every fault."""
    faults = [one for one in advice if one.severity == "fault"]
    if faults:
        raise Problem(422, "arguments", faults=[_fault(one, lang) for one in faults], method=given.method)
    return [one.message(lang) for one in advice]


def _fault(one: Advice, lang: Lang) -> FaultOut:
    name = str(one.facts.get("name", ""))
    return FaultOut(
        field=f"params.{name}" if name else "method",
        value=str(one.facts.get("value", "")),
        rule=one.rule,
        message=one.message(lang),
        remedy=text("web.problem.arguments.remedy", lang),
    )


async def _reply(door: Door, shop: str, asked: CallRequest) -> tuple[Mapping[str, Any] | None, JobId | None]:
    """Makes the call here when this process is the worker, else lets the worker make it, to share its quota."""
    app = door.app
    if app.lock.try_acquire():
        return await call(app.client, (await door.shop(shop)).ref(), asked), None
    job_id = await enqueue_call(app.queue, shop, asked, clock=app.clock, random=app.random, by=door.who.name)
    until = app.clock.monotonic() + PATIENCE_S
    while app.clock.monotonic() < until:
        end = await call_end(app.queue, app.vault, job_id)
        if end is not None:
            return _reply_of(end, asked, door.lang), job_id
        await app.clock.sleep(LOOK_EVERY_S)
    return None, job_id


def _reply_of(end: CallEnd, asked: CallRequest, lang: Lang) -> Mapping[str, Any]:
    if end.reply is not None:
        return end.reply
    if not end.outcome:
        raise NotSent(asked.method, end.state)
    status = 504 if end.outcome.get("unanswered") else 422
    raise Problem(status, "call_failed", method=asked.method, told=said(end.outcome, lang).what)
