"""A platform call a person or a program asks for by name; as a job when another process is the worker, to share its quota."""

import base64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import msgspec

from onshelf.clock import Clock
from onshelf.errors import BusinessFault, PlatformError, Unanswered
from onshelf.guard.buyers import hide, is_wholly_secret
from onshelf.guard.mask import DOTS
from onshelf.guard.vault import Vault
from onshelf.ids import JobId, new_id
from onshelf.jobs.failure import outcome_of
from onshelf.jobs.job import ENDED, Job, JobState, Line
from onshelf.jobs.queue import NewLine, Queue
from onshelf.platforms.port import Lane, ShopRef
from onshelf.platforms.top.arguments import needs_session
from onshelf.platforms.top.client import TopClient
from onshelf.platforms.top.outcomes import Kind
from onshelf.platforms.top.protocol import File
from onshelf.platforms.top.repeats import kind_of

CALL = "call"
"""The job kind of `CallLines`."""


class CallRequest(msgspec.Struct, frozen=True):
    """What a call line asks: its payload."""

    method: str
    params: dict[str, str]
    max_age_s: float = 0.0  # how old a kept reply of a read may be
    files: dict[str, File] = {}  # uploads by parameter


async def call(client: TopClient, shop: ShopRef, asked: CallRequest) -> dict[str, Any]:
    """Makes the call and returns the reply's fields as the platform sent them; raises the PlatformError family."""
    answer = await client.call(
        asked.method,
        asked.params,
        dict[str, Any],
        shop=shop,
        kind=kind_of(asked.method, asked.params),
        lane=Lane.STOCK,
        authorised=needs_session(asked.method),
        files=asked.files,
        max_age_s=asked.max_age_s,
    )
    return answer.value


@dataclass(frozen=True, slots=True)
class CallEnd:
    """How a call by the worker ended."""

    reply: dict[str, Any] | None  # None: it failed, or was cancelled
    state: JobState
    outcome: Mapping[str, Any]  # of a failure: code, and message in both languages


async def enqueue_call(
    queue: Queue, shop_id: str, asked: CallRequest, *, clock: Clock, random: Random, by: str
) -> JobId:
    """Lets the home's worker make the call; durable. `by`: who asks, as the audit log names them."""
    now_us = clock.now_us()
    job = Job(JobId(new_id(now_us, random)), CALL, shop_id, JobState.QUEUED, now_us, "{}", by)
    await queue.db.commit(queue.enqueue(job, [NewLine(asked.method, msgspec.json.encode(asked).decode())]))
    return job.job_id


async def call_end(queue: Queue, vault: Vault, job_id: JobId) -> CallEnd | None:
    """Returns how a call by the worker ended; None: not yet."""
    (report,) = await queue.lines(job_id, limit=1)
    if report.line.state not in ENDED:
        return None
    reply = open_reply(vault, job_id, report.outcome) if "reply" in report.outcome else None
    return CallEnd(reply, report.line.state, report.outcome)


def shown_reply(method: str, reply: Mapping[str, Any]) -> dict[str, Any]:
    """Hides in a reply what no record keeps: secrets, and what tells who a buyer is."""
    if is_wholly_secret(method):
        return dict.fromkeys(reply, DOTS)
    hidden: dict[str, Any] = hide(dict(reply))
    return hidden


class CallLines:
    """The handler of `call` jobs. A reply may hold buyers' data, so it is kept sealed until it is fetched."""

    def __init__(
        self, client: TopClient, queue: Queue, vault: Vault, shop_of: Callable[[str], Awaitable[ShopRef]]
    ) -> None:
        self._client = client
        self._queue = queue
        self._vault = vault
        self._shop_of = shop_of

    async def run(self, lines: Sequence[Line]) -> None:
        """Makes each call once; a write that stays unanswered is told, never repeated."""
        for line in lines:
            asked = msgspec.json.decode(line.payload, type=CallRequest)
            try:
                _refuse_repeat(line, asked)
                reply = await call(self._client, await self._shop_of(line.shop_id), asked)
            except PlatformError as error:
                told = {**outcome_of(error), "unanswered": not isinstance(error, BusinessFault)}
                await self._queue.db.commit([self._queue.fail(line, told)])
            else:
                sealed = self._vault.seal(msgspec.json.encode(reply), context_of(line.job_id))
                outcome = {"reply": base64.b64encode(sealed).decode()}
                await self._queue.db.commit([self._queue.succeed(line, outcome)])


def _refuse_repeat(line: Line, asked: CallRequest) -> None:
    """Raises Unanswered for a write whose worker died: it may have been sent. A person's retry counts attempts anew."""
    if line.attempt > 1 and kind_of(asked.method, asked.params) is Kind.CREATE:
        raise Unanswered(asked.method, "the worker ended while the call was under way")


def context_of(job_id: str) -> str:
    """Names the place a reply is sealed for."""
    return f"call:{job_id}"


def open_reply(vault: Vault, job_id: str, outcome: dict[str, Any]) -> dict[str, Any]:
    """Unseals the reply a call job left in its outcome."""
    opened = vault.open(base64.b64decode(outcome["reply"]), context_of(job_id))
    return msgspec.json.decode(opened, type=dict[str, Any])
