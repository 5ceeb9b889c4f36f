"""Several processes, each with a data folder of its own, under one quota through Redis; and what they say when it is away."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import Cli

SHOP = "shared"


@pytest.fixture
def pair(tmp_path: Path, sandbox_info: dict[str, Any]) -> Iterator[tuple[Cli, Cli]]:
    """Two data folders with the same shop, and a gateway without limits left from other tests."""
    found = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        cli = Cli(tmp_path / name / "home", sandbox_info, SHOP)
        cli.add_shop(SHOP)
        found.append(cli)
    yield found[0], found[1]
    found[0].control("quota", verb="DELETE")


def call(cli: Cli, redis: str, *, times: int = 1) -> None:
    for _ in range(times):
        cli.good("call", "taobao.time.get", redis=redis, quota_per_day="5")


def test_what_one_process_called_is_gone_for_the_other(pair: tuple[Cli, Cli], redis_url: str) -> None:
    first, second = pair
    call(first, redis_url, times=2)
    call(second, redis_url)

    (told,) = second.good("quota", redis=redis_url, quota_per_day="5")

    assert told["left_today"] == 2


def test_a_redis_that_is_not_there_is_named_and_no_call_is_made(
    pair: tuple[Cli, Cli], tmp_path: Path
) -> None:
    first, _ = pair
    before = first.control("stats")["calls"]

    done = first.run("call", "taobao.time.get", "--json", redis=f"unix://{tmp_path}/none", lang="en")

    assert done.code == 1
    assert "Redis" in json.loads(done.out)["message"]
    assert first.control("stats")["calls"] == before


def test_an_address_that_is_none_is_said_with_its_form(pair: tuple[Cli, Cli]) -> None:
    done = pair[0].run("call", "taobao.time.get", redis="example.org", lang="en")

    assert done.code == 2
    assert "redis://host:port/0" in done.err
