"""One worker a home."""

import os
from pathlib import Path

import pytest

from onshelf.errors import AccessError
from onshelf.jobs.home import HomeLock


def test_the_second_lock_on_a_home_is_refused_and_names_the_holder(tmp_path: Path) -> None:
    second = HomeLock(tmp_path / "home")
    with HomeLock(tmp_path / "home"):
        refused = second.try_acquire()

        with pytest.raises(AccessError, match=f"pid {os.getpid()}"), second:
            pass

    assert not refused


def test_a_released_home_is_free(tmp_path: Path) -> None:
    with HomeLock(tmp_path) as first:
        assert first.try_acquire()

    with HomeLock(tmp_path) as second:
        assert second.holder() == os.getpid()


def test_a_home_nobody_held_has_no_holder(tmp_path: Path) -> None:
    assert HomeLock(tmp_path).holder() is None
