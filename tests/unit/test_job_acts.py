"""What a person may do to a job as it stands, what an outcome says, and how long the rest takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.clock import SECOND_US
from onshelf.ids import JobId
from onshelf.jobs.acts import Act, Verdict, judge, possible
from onshelf.jobs.job import Job, JobState, job_state
from onshelf.jobs.lists import Listed
from onshelf.jobs.outcome import cause_of, said
from onshelf.jobs.pace import pace_of, progress_of

NOW_US = 1_000_000 * SECOND_US


def listed(held: str = "", **counts: int) -> Listed:
    by_state = {JobState(name): count for name, count in counts.items()}
    return Listed(Job(JobId("j"), "publish", "shop", job_state(by_state), 0, "{}", held=held), by_state)


@pytest.mark.parametrize(
    ("act", "one", "verdict"),
    [
        (Act.PAUSE, listed(queued=2), Verdict.DONE),
        (Act.PAUSE, listed(waiting=2), Verdict.DONE),
        (Act.PAUSE, listed("paused", running=1, paused=1), Verdict.ALREADY),
        (Act.PAUSE, listed(succeeded=2), Verdict.ENDED),
        (Act.PAUSE, listed("cancelled", running=1), Verdict.ENDED),
        (Act.PAUSE, listed(paused=2), Verdict.DONE),
        (Act.RESUME, listed("paused", paused=2), Verdict.DONE),
        (Act.RESUME, listed("paused", running=1), Verdict.DONE),
        (Act.RESUME, listed(queued=2), Verdict.ALREADY),
        (Act.RESUME, listed(paused=2), Verdict.SHOP_HELD),
        (Act.RESUME, listed("paused", failed=2), Verdict.ENDED),
        (Act.CANCEL, listed(queued=1), Verdict.DONE),
        (Act.CANCEL, listed("paused", paused=1), Verdict.DONE),
        (Act.CANCEL, listed("cancelled", cancelled=1), Verdict.ALREADY),
        (Act.CANCEL, listed(failed=1), Verdict.ENDED),
        (Act.RETRY, listed(failed=1, succeeded=1), Verdict.DONE),
        (Act.RETRY, listed(failed=1, running=1), Verdict.DONE),
        (Act.RETRY, listed(succeeded=1), Verdict.NONE_FAILED),
    ],
)
def test_an_act_is_judged_by_the_job_as_it_stands(act: Act, one: Listed, verdict: Verdict) -> None:
    assert judge(act, one.job, one.counts) is verdict


def test_a_job_that_ended_well_can_only_be_looked_at() -> None:
    assert possible(listed(succeeded=3)) == ()
    assert possible(listed(succeeded=3, failed=1)) == (Act.RETRY,)
    assert possible(listed(queued=3)) == (Act.PAUSE, Act.CANCEL)


def test_lines_that_the_platform_refused_alike_have_the_sub_code_in_common() -> None:
    assert cause_of({"code": "errors.business_fault", "sub_code": "isv.title-long"}) == "isv.title-long"
    assert cause_of({"code": "listing.differs"}) == "listing.differs"
    assert cause_of({}) == ""


def test_an_outcome_says_its_own_words_else_those_of_its_code() -> None:
    own = said(
        {"code": "x", "message": {"zh": "坏了", "en": "broken"}, "remedy": {"zh": "修", "en": "mend"}}, "en"
    )

    assert (own.what, own.remedy) == ("broken", "mend")
    assert said({"code": "listing.created"}, "en").what == "Published and read back."
    assert said({"code": "nobody.knows"}, "zh").what == "nobody.knows"
    assert said({}, "zh").what == ""


def test_a_pace_is_that_of_the_last_minute() -> None:
    ended = [NOW_US - n * SECOND_US for n in range(1, 121)]

    pace = pace_of(ended, 118, NOW_US)

    assert pace.per_minute == pytest.approx(59)
    assert pace.left_s == pytest.approx(120)


def test_from_few_lines_or_old_ones_no_pace_is_guessed() -> None:
    assert pace_of([NOW_US - SECOND_US] * 2, 10, NOW_US).left_s is None
    assert pace_of([NOW_US - 90 * SECOND_US] * 50, 10, NOW_US).per_minute is None


@given(st.lists(st.integers(0, 200), max_size=50), st.integers(0, 10_000))
def test_the_rest_takes_no_negative_time_and_nothing_takes_none(ages_s: list[int], left: int) -> None:
    pace = pace_of([NOW_US - age * SECOND_US for age in ages_s], left, NOW_US)

    assert (pace.left_s is None) == (pace.per_minute is None)
    assert pace.left_s is None or (pace.left_s >= 0 and (left > 0 or pace.left_s == 0))


def test_lines_that_wait_are_neither_ended_nor_open() -> None:
    now = progress_of({JobState.SUCCEEDED: 3, JobState.FAILED: 1, JobState.WAITING: 2, JobState.QUEUED: 4})

    assert (now.total, now.ended, now.waiting, now.open) == (10, 4, 2, 4)
