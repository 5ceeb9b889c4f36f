"""Push as a person has it: `onshelf watch` beside a sandbox whose message service comes, goes, and is asked over HTTP."""

import json
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw
import pytest
import pytest_asyncio
from command_line import Cli, wait_until
from seller import authorise

from onshelf.sandbox.launch import running
from onshelf.watch.plan import LISTS_OF

SLOW_POLLS = {"watch_every_s": "3600", "sweep_every_s": "3600"}
"""So slow that what is noticed was pushed."""
SOON_S = 300.0
"""Long before the next look in an hour. A tenth of a second on a machine with nothing else to do: see `bench/push.py`."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def push_sandbox() -> AsyncIterator[dict[str, Any]]:
    async with running(seed=7, tmc_port=0, tmc_redeliver_s=1) as info:
        yield info


@pytest_asyncio.fixture
async def doomed_sandbox() -> AsyncIterator[dict[str, Any]]:
    """A sandbox for a test that leaves it useless."""
    async with running(seed=7, tmc_port=0) as info:
        yield info


@pytest.fixture
def shop(push_sandbox: dict[str, Any], tmp_path: Path) -> Cli:
    """A home with a shop of the sandbox that names its message service."""
    return add_shop(Cli(tmp_path / "home", push_sandbox, "s"), push_sandbox["tmc"])


def add_shop(cli: Cli, tmc: str) -> Cli:
    secret, session = cli.home.parent / "secret.txt", cli.home.parent / "session.txt"
    secret.write_text(cli.info["app_secret"])
    session.write_text(cli.info["session"])
    added = cli.run(
        "shop", "add", cli.name, "--gateway", cli.info["gateway"], "--oauth", cli.info["oauth"], "--tmc", tmc,
        "--app-key", cli.info["app_key"], "--app-secret-file", secret, "--session-file", session,
    )  # fmt: skip
    assert added.code == 0, added
    return cli


@contextmanager
def watching(cli: Cli, **settings: str) -> Iterator["subprocess.Popen[str]"]:
    """Runs `onshelf watch` until its messages come and its first look is over."""
    child = cli.start("watch", "--json", **{**SLOW_POLLS, **settings})
    try:
        wait_until(lambda: rows_of(cli, "SELECT 1 FROM push_link WHERE way <> ''"), "messages come")
        wait_until(lambda: has_swept(cli), "a first look at every list")
        yield child
    finally:
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=30)
        assert child.returncode == 0, out + err


def has_swept(cli: Cli) -> bool:
    """Tells whether no reading of a list is under way that could name an item before its message comes."""
    memory = [json.loads(row) for (row,) in rows_of(cli, "SELECT memory FROM watch_shop")]
    return bool(memory) and len(memory[0].get("swept", ())) == len(LISTS_OF) and not memory[0].get("sweeps")


def rows_of(cli: Cli, sql: str) -> list[Any]:
    connection = apsw.Connection(str(cli.home / "onshelf.db"), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def push(cli: Cli) -> dict[str, Any]:
    (one,) = cli.good("shop", "list")
    told: dict[str, Any] = one["push"]
    return told


def act(cli: Cli, action: str, child: "subprocess.Popen[str]") -> dict[str, Any]:
    """Lets the seller act, and returns the change the watch tells next."""
    cli.control("seller", {"action": action, "num_iid": cli.info["num_iid"]})
    assert child.stdout is not None
    told: dict[str, Any] = json.loads(child.stdout.readline())
    return told


def test_a_delisting_that_is_pushed_is_noticed_long_before_the_next_look(shop: Cli) -> None:
    with watching(shop) as child:
        down = act(shop, "delist", child)
        up = act(shop, "list", child)

    assert (down["new"], down["reason"], down["evidence"]) == ("instock", "taken_off", "push")
    assert (up["old"], up["new"], up["evidence"]) == ("instock", "onsale", "push")
    assert down["detected_s"] < SOON_S


def test_shop_list_tells_whether_messages_come(shop: Cli) -> None:
    assert push(shop) == {"state": "ended", "since": None, "why": "", "last": None}

    with watching(shop) as child:
        act(shop, "delist", child)
        during = push(shop)
        act(shop, "list", child)
    after = push(shop)

    assert during["state"] == "socket"
    assert during["last"] >= during["since"]
    assert (after["state"], after["why"]) == ("ended", "stopped")
    assert "未运行" in shop.run("shop", "list").out


def test_messages_come_over_http_as_well(shop: Cli) -> None:
    with watching(shop, push="http", push_poll_s="0.1") as child:
        assert push(shop)["state"] == "http"
        assert act(shop, "delist", child)["evidence"] == "push"
        assert act(shop, "list", child)["evidence"] == "push"


def test_without_a_socket_messages_are_asked_for_over_http(
    push_sandbox: dict[str, Any], tmp_path: Path
) -> None:
    cli = add_shop(Cli(tmp_path / "home", push_sandbox, "s"), "ws://127.0.0.1:1/")
    with watching(cli, push_poll_s="0.1") as child:
        assert push(cli)["state"] == "http"
        assert act(cli, "delist", child)["evidence"] == "push"
        act(cli, "list", child)


def test_a_wrong_secret_is_told_and_does_not_stop_the_watch(
    push_sandbox: dict[str, Any], tmp_path: Path
) -> None:
    cli = add_shop(Cli(tmp_path / "home", {**push_sandbox, "app_secret": "wrong"}, "s"), push_sandbox["tmc"])
    child = cli.start("watch", "--json", push="socket", push_alert_s="1")
    try:
        wait_until(lambda: rows_of(cli, "SELECT 1 FROM push_link WHERE why <> ''"), "told as down")
        assert push(cli)["state"] == "down"
        assert push(cli)["why"] == "refused"
        wait_until(
            lambda: rows_of(cli, "SELECT 1 FROM event WHERE payload LIKE '%messages_down%'"), "an alert"
        )
    finally:
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=30)
    assert child.returncode == 0


def test_push_that_is_off_connects_nowhere(shop: Cli) -> None:
    child = shop.start("watch", "--json", push="off")
    try:
        wait_until(lambda: has_swept(shop), "a first look at every list")
        assert push(shop)["state"] == "ended"
    finally:
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=30)


def test_a_shop_whose_authorisation_is_taken_back_is_marked_at_once(
    doomed_sandbox: dict[str, Any], tmp_path: Path
) -> None:
    """The message alone marks nothing: the seller may have authorised again since. A call tells."""
    shop = add_shop(Cli(tmp_path / "home", doomed_sandbox, "s"), doomed_sandbox["tmc"])
    cancelled = {
        "topic": "taobao_top_AuthCancel",
        "content": {"user_id": 1},
        "nick": shop.info["seller_nick"],
    }
    with watching(shop):
        shop.control("messages", cancelled)
        wait_until(lambda: handled(shop) >= 1, "the first message is handled")
        assert state(shop) == "authorised"

        shop.control("sessions", {"session": shop.info["session"], "cancel": True})
        wait_until(lambda: rows_of(shop, "SELECT 1 FROM shop WHERE state = 'expired'"), "the shop is marked")


def test_what_a_seller_took_back_no_refresh_brings_back_and_a_new_authorisation_does(
    doomed_sandbox: dict[str, Any], tmp_path: Path
) -> None:
    shop = add_shop(Cli(tmp_path / "home", doomed_sandbox, "s"), doomed_sandbox["tmc"])
    authorise(shop)
    with watching(shop) as child:
        shop.control("sessions", {"session": shop.info["session"], "cancel": True})
        wait_until(lambda: rows_of(shop, "SELECT 1 FROM shop WHERE state = 'expired'"), "the shop is marked")

        authorise(shop)
        wait_until(lambda: shop.control("messages")["permits"][0]["valid"], "consent to messages again")
        assert act(shop, "delist", child)["evidence"] == "push"

    assert state(shop) == "authorised"


def state(cli: Cli) -> str:
    (one,) = cli.good("shop", "list")
    return str(one["state"])


def handled(cli: Cli) -> int:
    return int(rows_of(cli, "SELECT count(*) FROM inbox WHERE state = 'handled'")[0][0])
