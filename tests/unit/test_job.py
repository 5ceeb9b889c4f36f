"""A job's state follows from its lines; ended lines stay ended unless a person asks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.jobs.job import ARROWS, ENDED, JobState, job_state

S = JobState


@pytest.mark.parametrize(
    ("counts", "state"),
    [
        ({}, S.SUCCEEDED),
        ({S.QUEUED: 3}, S.QUEUED),
        ({S.QUEUED: 3, S.RUNNING: 1}, S.RUNNING),
        ({S.SUCCEEDED: 9, S.WAITING: 1}, S.WAITING),
        ({S.PAUSED: 2, S.FAILED: 1}, S.PAUSED),
        ({S.SUCCEEDED: 9, S.FAILED: 1}, S.FAILED),
        ({S.SUCCEEDED: 9, S.CANCELLED: 1}, S.CANCELLED),
        ({S.SUCCEEDED: 9}, S.SUCCEEDED),
    ],
)
def test_a_job_shows_its_liveliest_open_line_or_its_worst_ended_one(
    counts: dict[JobState, int], state: JobState
) -> None:
    assert job_state(counts) is state


@given(st.dictionaries(st.sampled_from(JobState), st.integers(0, 3)))
def test_a_job_has_ended_exactly_when_no_line_is_open(counts: dict[JobState, int]) -> None:
    is_open = any(count and state not in ENDED for state, count in counts.items())

    assert (job_state(counts) in ENDED) is not is_open


def test_only_a_failed_line_leaves_an_ended_state() -> None:
    assert [state for state in ENDED if ARROWS[state]] == [S.FAILED]
