"""`onshelf jobs`: what is being done, what failed and why, and what waits for a person."""

import click

from onshelf import acts
from onshelf.cli.opened import choose_shop, noted, opens_app
from onshelf.cli.out import Out, moment
from onshelf.cli.publish import failure, say_asked
from onshelf.cli.wrong import Misused
from onshelf.errors import Conflict
from onshelf.ids import JobId
from onshelf.jobs.acts import Act, Verdict
from onshelf.jobs.acts import act as act_on
from onshelf.jobs.job import Job, JobState
from onshelf.jobs.lists import Wanted
from onshelf.jobs.lists import jobs as list_jobs
from onshelf.jobs.pace import progress_of
from onshelf.listing.choose import Absent, AdoptItem, Choice, Evidence, GiveUp, settle
from onshelf.listing.choose import undecided as questions
from onshelf.texts import text
from onshelf.wiring import App


@click.group("jobs")
def jobs() -> None: ...


@jobs.command("list")
@click.option("--limit", default=20, show_default=True)
@opens_app
async def list_(app: App, out: Out, limit: int) -> None:
    found = await list_jobs(app.db, Wanted(), limit=limit)
    rows, told = [], []
    for listed in found:
        job, now = listed.job, progress_of(listed.counts)
        rows.append(
            (
                job.job_id,
                out.word("job_kind", job.kind),
                job.shop_id,
                text(f"jobs.state.{job.state}", out.lang),
                now.total,
                now.succeeded,
                now.failed,
                moment(job.created_us),
            )
        )
        told.append({**plain(job), "total": now.total, "succeeded": now.succeeded, "failed": now.failed})
    out.table(
        ["job", "kind", "shop", "state", "total", "succeeded", "failed", "created"],
        rows,
        right=("total", "succeeded", "failed"),
    )
    out.data(told)
    if not found:
        out.say("jobs.none")


def plain(job: Job) -> dict[str, object]:
    """Gives a job for programs."""
    return {
        "job": job.job_id,
        "kind": job.kind,
        "shop": job.shop_id,
        "state": job.state,
        "created": moment(job.created_us),
        "started_by": job.started_by,
    }


@jobs.command("show")
@click.argument("job_id")
@click.option("--state", type=click.Choice([state.value for state in JobState]))
@click.option("--limit", default=50, show_default=True)
@opens_app
async def show(app: App, out: Out, job_id: str, state: str | None, limit: int) -> None:
    job = known(await app.queue.job(JobId(job_id)), job_id)
    lines = await app.queue.lines(job.job_id, state=JobState(state) if state else None, limit=limit)
    out.table(
        ["outer_id", "state", "note", "remedy"],
        [
            (one.line.key, text(f"jobs.state.{one.line.state}", out.lang), *failure(out, one)[1:])
            for one in lines
        ],
    )
    say_asked(out, lines)
    if not lines:
        out.say("jobs.no_lines", state=text(f"jobs.state.{state or job.state}", out.lang))
    out.data(
        {
            **plain(job),
            "lines": [{"key": one.line.key, "state": one.line.state, **one.outcome} for one in lines],
        }
    )


def known(job: Job | None, job_id: str) -> Job:
    """Returns the job, or says that there is none of this id."""
    if job is None:
        raise Misused("unknown_job", job=job_id)
    return job


def changes_job(act: Act) -> None:
    """Adds a command that does one thing to a job."""

    @jobs.command(act.value)
    @click.argument("job_id")
    @opens_app
    async def command(app: App, out: Out, job_id: str) -> None:
        before = known(await app.queue.job(JobId(job_id)), job_id)
        done = await act_on(app.queue, JobId(job_id), act)
        job = known(done.listed.job if done else None, job_id)
        verdict = done.verdict if done else Verdict.ENDED
        state = text(f"jobs.state.{job.state}", out.lang)
        if verdict is Verdict.DONE:
            noted(app, acts.job_changed(act, before, job))
            out.say(f"jobs.{act}.done", job=job_id, state=state)
        elif verdict is Verdict.NONE_FAILED:
            out.say("jobs.retry.none", job=job_id, state=state)
        else:
            out.plain(text(f"jobs.verdict.{verdict}", out.lang, state=state))
        out.data(plain(job))


for each in Act:
    changes_job(each)


@jobs.command("undecided")
@click.option("--shop")
@opens_app
async def undecided(app: App, out: Out, shop: str | None) -> None:
    one = await choose_shop(app, shop)
    open_questions = await questions(app.db, one.shop_id)
    for evidence in open_questions:
        out.plain(f"{evidence.outer_id}  {evidence.title}", style="bold")
        for line in told(out, evidence):
            out.plain(f"    {line}")
    out.data(open_questions)
    out.say("undecided.how" if open_questions else "undecided.none", count=len(open_questions))


def told(out: Out, evidence: Evidence) -> list[str]:
    """Puts the evidence of one question into lines."""

    def say(key: str, **values: object) -> str:
        return text(f"cli.undecided.{key}", out.lang, **values)

    lines = [text(evidence.why, out.lang)]
    if evidence.deleted_us:
        lines.append(say("deleted", at=f"{moment(evidence.deleted_us):%Y-%m-%d %H:%M:%S}Z"))
    if evidence.gone:
        lines.append(say("again", code=evidence.outer_id))
    if evidence.attempts:
        lines.append(
            say("sent", attempts=evidence.attempts, at=f"{moment(evidence.first_sent_us):%Y-%m-%d %H:%M:%S}Z")
        )
    if evidence.item_ids or evidence.item_id:
        lines.append(say("items", ids="、".join(map(str, evidence.item_ids or (evidence.item_id,)))))
    if evidence.prior_ids:
        lines.append(say("prior", ids="、".join(map(str, evidence.prior_ids))))
    if evidence.looks:
        lines.append(say("looks", count=len(evidence.looks)))
    return lines


@jobs.command("settle")
@click.argument("outer_id")
@click.argument("choice", type=click.Choice(["adopt", "absent", "give-up"]))
@click.argument("item_id", type=int, required=False)
@click.option("--shop")
@opens_app
async def settle_(
    app: App, out: Out, outer_id: str, choice: str, item_id: int | None, shop: str | None
) -> None:
    one = await choose_shop(app, shop)
    if (choice == "adopt") != (item_id is not None):
        raise Misused("adopt_which" if item_id is None else "adopt_only", choice=choice)
    chosen: Choice = Absent() if choice == "absent" else GiveUp()
    if item_id is not None:
        chosen = AdoptItem(item_id)
    try:
        await settle(app.db, one.shop_id, outer_id, chosen)
    except Conflict:
        raise Misused("no_question", outer_id=outer_id) from None
    noted(app, acts.listing_settled(one.shop_id, outer_id, choice.replace("-", "_"), item_id))
    out.say("undecided.settled", outer_id=outer_id)
    out.data({"outer_id": outer_id, "choice": choice, "item_id": item_id})
