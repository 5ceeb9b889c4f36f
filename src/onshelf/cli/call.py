"""`onshelf call METHOD k=v …`: any method of the platform."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from onshelf import acts
from onshelf.cli import complete
from onshelf.cli.door import records
from onshelf.cli.explain import ExplainedCall
from onshelf.cli.main import FAILED
from onshelf.cli.opened import CLI, choose_shop, noted, opens_app, rest, stopped_by_signal
from onshelf.cli.out import Out
from onshelf.cli.wrong import Misused
from onshelf.jobs.job import JobState
from onshelf.jobs.outcome import said
from onshelf.platforms.top.arguments import advise
from onshelf.platforms.top.catalogue import describe
from onshelf.platforms.top.methods.picture import upload_file
from onshelf.platforms.top.protocol import File
from onshelf.shops.calls import CallRequest, call_end, enqueue_call
from onshelf.shops.calls import call as make_call
from onshelf.wiring import App

LOOK_EVERY_S = 0.2


@click.command("call", cls=ExplainedCall)
@click.argument("method", type=complete.METHOD)
@click.argument("params", nargs=-1, type=complete.ARGUMENT)
@click.option("--shop")
@click.option("--unchecked", is_flag=True)
@records
@click.option("--max-age", type=click.FloatRange(min=0), default=0.0)
@opens_app
async def call(
    app: App,
    out: Out,
    method: str,
    params: tuple[str, ...],
    shop: str | None,
    unchecked: bool,
    max_age: float,
) -> int:
    asked = request(method, dict(map(parameter, params)), max_age)
    advice = advise(asked.method, asked.params, asked.files)
    for one in advice:
        out.complain(one.message(out.lang), style="red" if one.severity == "fault" else "yellow")
    if any(one.severity == "fault" for one in advice) and not unchecked:
        raise Misused("arguments", method=asked.method)
    shop_id = (await choose_shop(app, shop)).shop_id
    noted(app, acts.platform_called(shop_id, asked.method))
    if app.lock.try_acquire():
        return answered(out, await make_call(app.client, await app.shop(shop_id), asked))
    return await through_worker(app, out, shop_id, asked)


def parameter(given: str) -> tuple[str, str]:
    """Reads `name=value`."""
    name, equals, value = given.partition("=")
    if not equals:
        raise Misused("no_equals", given=given)
    return name, value


def request(method: str, params: Mapping[str, str], max_age_s: float) -> CallRequest:
    """Puts a call together; a value `@PATH` of a parameter that is a file becomes the file."""
    known = describe(method)
    uploads = {param.name for param in known.params if param.type == "bytes"} if known else set()
    named = {name: value for name, value in params.items() if name in uploads and value[:1] == "@"}
    files = {name: upload(name, value[1:]) for name, value in named.items()}
    return CallRequest(
        method, {name: value for name, value in params.items() if name not in named}, max_age_s, files
    )


def upload(name: str, path: str) -> File:
    """Reads a file to send."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise Misused("no_file", name=name, why=f"{path}: {error.strerror}") from error
    return upload_file(content, Path(path).name)


def answered(out: Out, reply: Mapping[str, Any]) -> int:
    """Prints a reply; as JSON for both kinds of readers."""
    out.plain(json.dumps(reply, ensure_ascii=False, indent=2))
    out.data(reply)
    return 0


async def through_worker(app: App, out: Out, shop_id: str, asked: CallRequest) -> int:
    """Lets the home's worker make the call, so that it shares its quota, and waits for the reply."""
    job_id = await enqueue_call(app.queue, shop_id, asked, clock=app.clock, random=app.random, by=CLI)
    async with stopped_by_signal() as stop:
        while (end := await call_end(app.queue, app.vault, job_id)) is None and not stop.is_set():
            await rest(app, stop, LOOK_EVERY_S)
    if end is not None and end.reply is not None:
        return answered(out, end.reply)
    told = end.outcome if end else {}
    message = said(told, out.lang).what or (end.state if end else JobState.QUEUED)
    out.complain(message)
    out.data({"error": told.get("code", "unfinished"), "message": message, "job": job_id})
    return FAILED
