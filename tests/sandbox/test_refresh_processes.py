"""Processes that share a home and find its token due at the same time: the platform is asked for one new token."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio
from command_line import Cli
from seller import authorise

from onshelf.sandbox.launch import running

PROCESSES = 3
DAY_S = 86_400


@pytest_asyncio.fixture
async def own_sandbox() -> AsyncIterator[dict[str, Any]]:
    """A sandbox for a test that moves its clock."""
    async with running(seed=7) as info:
        yield info


def tokens(cli: Cli) -> int:
    """Counts the tokens the platform has given out."""
    return len(cli.control("sessions"))


def probe_at_once(cli: Cli, clock: str) -> list[dict[str, Any]]:
    """Starts processes one right after the other; each needs a session. Returns what they told."""
    children = [cli.start("shop", "probe", cli.name, "--json", clock=clock) for _ in range(PROCESSES)]
    ended = [child.communicate(timeout=60) for child in children]
    assert [child.returncode for child in children] == [0] * PROCESSES, ended
    return [json.loads(out) for out, _ in ended]


def test_three_processes_refresh_a_token_once(own_sandbox: dict[str, Any], tmp_path: Path) -> None:
    cli = Cli(tmp_path / "home", own_sandbox, "s")
    cli.add_shop(cli.name)
    authorise(cli)
    clock = f"{own_sandbox['control']}/clock"
    cli.control("clock", {"jump_s": 365 * DAY_S - 3600})
    cli.control("faults", {"kind": "delay", "method": "oauth.token", "seconds": 3})
    before = tokens(cli)

    told = probe_at_once(cli, clock)

    assert tokens(cli) - before == 1
    assert len({one["authorisation"]["expires"] for one in told}) == 1
    assert all(one["faults"] == {} for one in told)
    later = cli.good("shop", "probe", cli.name, clock=clock)
    assert later["authorisation"] == told[0]["authorisation"]
    assert tokens(cli) - before == 1, "the next one needs no other"
