"""`onshelf publish`: shows what it would do; with `--go` does it."""

import math
from collections.abc import Sequence

import click

from onshelf import acts
from onshelf.cli.door import records
from onshelf.cli.main import ENDED_WELL, FAILED, IN_PART
from onshelf.cli.opened import CLI, choose_shop, noted, opens_app, rest, stopped_by_signal, worker_beside
from onshelf.cli.out import Out, cell, moment
from onshelf.cli.quota import optional_moment, say_closure
from onshelf.ids import JobId
from onshelf.jobs.job import ENDED, JobState
from onshelf.jobs.lists import LineReport
from onshelf.jobs.outcome import said
from onshelf.jobs.pace import Progress
from onshelf.listing.preview import Preview
from onshelf.listing.start import progress, start
from onshelf.listing.work import asks
from onshelf.texts import text
from onshelf.wiring import App
from onshelf.working import publishing_plan

LOOK_EVERY_S = 0.2
LEAST_SHOWN = 0.1  # minutes
SHOWN = 20


@click.command("publish")
@click.option("--shop")
@click.option("--canary", type=click.IntRange(1, 1_000_000))
@click.option("--go", is_flag=True)
@records
@opens_app
async def publish(app: App, out: Out, shop: str | None, canary: int | None, go: bool) -> int:
    one = await choose_shop(app, shop)
    plan = await publishing_plan(app, one, at_most=canary)
    show_plan(out, plan)
    if not go:
        out.say("publish.dry")
        out.data(plan_data(plan))
        return ENDED_WELL
    job_id = await start(app.db, app.queue, one.shop_id, app.clock, app.random, by=CLI, at_most=canary)
    if job_id is None:
        out.say("publish.nothing")
        out.data({**plan_data(plan), "job": None})
        return ENDED_WELL
    now = await progress(app.queue, job_id)
    noted(app, acts.publish_started(one.shop_id, job_id, lines=now.total, canary=canary))
    return await see_through(app, out, job_id)


def show_plan(out: Out, plan: Preview) -> None:
    """Shows the counts of a preview, and what they cost."""
    names = ("create", "change", "skip", "look", "undecided", "held", "unreadable", "later", "pictures")
    rows = [
        (text(f"cli.publish.{name}", out.lang), getattr(plan, name)) for name in names if getattr(plan, name)
    ]
    out.table(["what", "count"], rows, right=("count",))
    calls = text("cli.comma", out.lang).join(
        f"{out.word('verb', verb)} {count}" for verb, count in plan.calls.items()
    )
    if plan.undecided:
        out.say("undecided.see")
    ahead = plan.forecast
    if ahead.calls:
        out.say("publish.calls", total=ahead.calls, calls=calls, minutes=shown_minutes(ahead.minutes))
    if ahead.lasts_until_us is not None:
        until = cell(moment(ahead.lasts_until_us))
        out.say("publish.over_day", today=ahead.today, total=ahead.calls, until=until)
    for one in ahead.closures:
        say_closure(out, one)


def shown_minutes(minutes: float) -> str:
    """Shows a forecast; a quota that lets nothing go reads as a dash."""
    if math.isinf(minutes):
        return "—"
    return f"≈ {minutes:.1f}" if minutes >= LEAST_SHOWN else f"< {LEAST_SHOWN}"


def plan_data(plan: Preview) -> dict[str, object]:
    """Gives a preview for programs."""
    return {
        "create": plan.create,
        "change": plan.change,
        "skip": plan.skip,
        "look": plan.look,
        "undecided": plan.undecided,
        "held": plan.held,
        "unreadable": plan.unreadable,
        "later": plan.later,
        "pictures": plan.pictures,
        "calls": plan.calls,
        "calls_total": plan.calls_total,
        "minutes": None if math.isinf(plan.forecast.minutes) else round(plan.forecast.minutes, 2),
        "fits_today": plan.forecast.fits_today,
        "day_lasts_until": optional_moment(plan.forecast.lasts_until_us),
        "closures": [one.name for one in plan.forecast.closures],
    }


async def see_through(app: App, out: Out, job_id: JobId) -> int:
    """Works on a job, or watches another process do it, until it has ended, is paused, or the person stops it."""
    async with stopped_by_signal() as stop, worker_beside(app, stop) as first:
        out.say("publish.begun" if first else "worker.other", job=job_id, pid=app.lock.holder())
        now = await progress(app.queue, job_id)
        with out.progress("publish.bar", now.total) as bar:
            while not stop.is_set():
                now = await progress(app.queue, job_id)
                bar.at(now.ended, note(out, now))
                job = await app.queue.job(job_id)
                if job is None or job.state in ENDED or job.state is JobState.PAUSED:
                    break
                await rest(app, stop, LOOK_EVERY_S)
    return await report(app, out, job_id)


def note(out: Out, now: Progress) -> str:
    """Says beside the bar what does not go straight on."""
    parts = [("failed", now.failed), ("waiting", now.waiting)]
    return " ".join(f"{text(f'cli.publish.{name}', out.lang)} {count}" for name, count in parts if count)


async def report(app: App, out: Out, job_id: JobId) -> int:
    """Tells how a job stands; exit code 3 when a line failed or is still open, 1 when none succeeded."""
    now = await progress(app.queue, job_id)
    failed = await app.queue.lines(job_id, state=JobState.FAILED, limit=SHOWN)
    out.table(["outer_id", "wrong", "remedy"], [failure(out, one) for one in failed])
    say_asked(out, failed)
    out.say(
        "publish.ended", job=job_id, succeeded=now.succeeded, failed=now.failed, left=now.waiting + now.open
    )
    if now.waiting + now.open:
        out.say("publish.goes_on")
    out.data(
        {
            "job": job_id,
            "total": now.total,
            "succeeded": now.succeeded,
            "failed": now.failed,
            "left": now.waiting + now.open,
            "failures": [{"outer_id": one.line.key, **one.outcome} for one in failed],
        }
    )
    if now.succeeded == now.total:
        return ENDED_WELL
    return IN_PART if now.succeeded else FAILED


def say_asked(out: Out, lines: Sequence[LineReport]) -> None:
    """Names the commands that settle a question, where a line left one: remedies name the console's page."""
    if any(one.line.state is JobState.FAILED and asks(str(one.outcome.get("code", ""))) for one in lines):
        out.say("undecided.see")


def failure(out: Out, one: LineReport) -> tuple[str, str, str]:
    """Gives one failed line: its code, what happened, what to do."""
    told = said(one.outcome, out.lang)
    return one.line.key, told.what, told.remedy
