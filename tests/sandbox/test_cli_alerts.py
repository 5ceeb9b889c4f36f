"""Alerts are answered at the command line as in the console: acknowledged, silenced, and the silence ended."""

from pathlib import Path

import pytest
from command_line import Cli


@pytest.fixture
def home(tmp_path: Path) -> Cli:
    """A home without a shop."""
    return Cli(tmp_path / "home")


def test_a_silence_begins_is_listed_and_ends(home: Cli) -> None:
    begun = home.good("alerts", "silence", "2h", "--cause", "sold_out", "--why", "盘点")
    (listed,) = home.good("alerts", "silences")
    ended = home.good("alerts", "unsilence", begun["silence"])
    (after,) = home.good("alerts", "silences")

    assert (listed["silence_id"], listed["scope"]["cause"], listed["ended_us"]) == (
        begun["silence"],
        "sold_out",
        0,
    )
    assert (begun["covers"], ended["ended_by"], after["ended_us"] > 0) == (0, "cli", True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["silence", "soon", "--cause", "sold_out"], "22:00"),
        (["silence", "2h"], "scope"),
        (["silence", "2h", "--shop", "nosuch"], "shop add"),
        (["ack", "nosuch"], "nosuch"),
        (["unsilence", "nosuch"], "nosuch"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_to_do(home: Cli, words: list[str], told: str) -> None:
    done = home.run("alerts", *words)

    assert done.code == 2
    assert told in done.err
