"""What the API tells of jobs and their lines."""

from datetime import datetime

from pydantic import BaseModel, Field

from onshelf.clock import from_us
from onshelf.jobs.acts import Act, Verdict, possible
from onshelf.jobs.job import JobState
from onshelf.jobs.lists import Cause, LineReport, Listed
from onshelf.jobs.outcome import cause_of, said
from onshelf.jobs.pace import Pace
from onshelf.texts import Lang
from onshelf.web.paging import Row


class LinesOut(BaseModel):
    """How many lines of a job stand in each state."""

    total: int = Field(description="all lines")
    queued: int = Field(description="due, nobody has begun")
    running: int = Field(description="being worked on")
    waiting: int = Field(description="go on by themselves, at a time or when a cause has passed")
    paused: int = Field(description="held by a person or with their shop")
    succeeded: int = Field(description="done, and read back where that is to be had")
    failed: int = Field(description="ended without success; may be retried")
    cancelled: int = Field(description="given up by a person")


class JobOut(Row):
    """Work that can be named, paused and read a report of."""

    job: str
    kind: str = Field(
        description="`publish`: items are created, changed, listed or delisted; `call`: one platform call"
    )
    shop: str
    state: JobState = Field(
        description="follows from the lines: the liveliest open one, else the worst ended one"
    )
    asked: str = Field(description="`paused` or `cancelled` when a person asked for it; empty otherwise")
    started_by: str = Field(description="who started it, as the audit log names them")
    created: datetime
    lines: LinesOut = Field(description="how many stand in each state")
    can: list[Act] = Field(description="what may be done to it now")

    @classmethod
    def of(cls, listed: Listed) -> "JobOut":
        job, counts = listed.job, {state.value: listed.counts.get(state, 0) for state in JobState}
        return cls(
            job=job.job_id,
            kind=job.kind,
            shop=job.shop_id,
            state=job.state,
            asked=job.held,
            started_by=job.started_by,
            created=from_us(job.created_us),
            lines=LinesOut(total=sum(counts.values()), **counts),
            can=list(possible(listed)),
        )


class ActOut(JobOut):
    """A job after something was done to it."""

    verdict: Verdict = Field(description="`done`, or `already`: it was so, and nothing was changed")


class LineCauseOut(BaseModel):
    """Lines that failed, or wait, for the same cause."""

    state: JobState = Field(description="`failed` or `waiting`")
    cause: str = Field(description="the platform's sub-code, else our own code; pass it to `lines?cause=`")
    lines: int = Field(description="how many")
    message: str = Field(description="what happened to the first of them")
    remedy: str

    @classmethod
    def of(cls, cause: Cause, lang: Lang) -> "LineCauseOut":
        told = said(cause.example.outcome, lang)
        return cls(
            state=cause.state, cause=cause.cause, lines=cause.lines, message=told.what, remedy=told.remedy
        )


class JobDetail(JobOut):
    """A job with its pace and its causes."""

    per_minute: float | None = Field(description="lines that ended in the last minute; null: too few to tell")
    seconds_left: float | None = Field(
        description="for what goes on by itself, at that pace; null: not known"
    )
    causes: list[LineCauseOut] = Field(description="why lines failed or wait, the failed ones first")

    @classmethod
    def whole(cls, listed: Listed, pace: Pace, causes: list[Cause], lang: Lang) -> "JobDetail":
        return cls(
            **dict(JobOut.of(listed)),
            per_minute=None if pace.per_minute is None else round(pace.per_minute, 1),
            seconds_left=pace.left_s,
            causes=[LineCauseOut.of(one, lang) for one in causes],
        )


class LineOut(Row):
    """One line of a job."""

    number: int = Field(description="from 1, in the order of work")
    key: str = Field(description="what it is about: an outer_id, or the method of a call")
    state: JobState = Field(description="how far it is")
    cause: str = Field(description="stable, for programs; empty before its first step has ended")
    message: str = Field(description="what happened, for people; may be empty")
    remedy: str = Field(description="empty when there is nothing to do")
    item_id: int | None = Field(description="the item it made or changed; null: none yet")
    attempt: int = Field(description="from 1, once begun")
    again: datetime | None = Field(description="when a waiting line goes on")
    changed: datetime = Field(description="when it last went on")

    @classmethod
    def of(cls, one: LineReport, lang: Lang) -> "LineOut":
        told = said(one.outcome, lang)
        item_id = one.outcome.get("item_id")
        waits = one.line.state is JobState.WAITING
        return cls(
            number=one.line.number,
            key=one.line.key,
            state=one.line.state,
            cause=cause_of(one.outcome),
            message=told.what,
            remedy=told.remedy,
            item_id=item_id if isinstance(item_id, int) else None,
            attempt=one.line.attempt,
            again=from_us(one.line.run_at_us) if waits else None,
            changed=from_us(one.changed_us),
        )
