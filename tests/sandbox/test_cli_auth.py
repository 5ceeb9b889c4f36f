"""`onshelf shop auth`, with a seller who clicks on the sandbox's page."""

import json
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import urlopen

import pytest
from command_line import Cli

FREE_PORT = "http://127.0.0.1:0/authorised"


@contextmanager
def waiting(shop: Cli, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Runs the command until it waits; yields it and the link it shows."""
    child = shop.start("shop", "auth", shop.name, "--redirect-uri", FREE_PORT, "--json", *words)
    try:
        assert child.stdout is not None
        yield child, json.loads(child.stdout.readline())["link"]
    finally:
        child.kill()
        child.communicate()


def ended(child: subprocess.Popen[str]) -> tuple[int, dict[str, object]]:
    out, _ = child.communicate(timeout=30)
    return child.returncode, json.loads(out)


def page(url: str, form: dict[str, str] | None = None) -> tuple[int, str]:
    """Opens a page as a browser does, redirects included."""
    try:
        with urlopen(url, data=urlencode(form).encode() if form else None, timeout=30) as reply:
            return reply.status, reply.read().decode()
    except HTTPError as refused:
        return refused.code, refused.read().decode()


def test_a_click_authorises_the_shop_without_copy_and_paste(shop: Cli) -> None:
    with waiting(shop) as (child, link):
        status, told = page(link, {"nick": str(shop.info["seller_nick"])})
        code, data = ended(child)

    listed = {row["shop"]: row for row in shop.good("shop", "list")}[shop.name]
    assert (status, code) == (200, 0)
    assert "店铺已授权" in told
    assert data == {"shop": shop.name, "authorised": True}
    assert (listed["state"], listed["nick"]) == ("authorised", shop.info["seller_nick"])
    assert shop.good("shop", "probe", shop.name)["faults"] == {}


def test_a_foreign_state_is_shown_the_door_and_the_command_waits_on(shop: Cli) -> None:
    with waiting(shop) as (child, link):
        here = parse_qs(urlsplit(link).query)["redirect_uri"][0]

        forged = page(f"{here}?code=stolen&state=guess")
        elsewhere = page(here.replace("/authorised", "/"))
        page(link, {"nick": str(shop.info["seller_nick"])})

        assert (forged[0], elsewhere[0], ended(child)[0]) == (400, 404, 0)


def test_a_seller_who_declines_is_told_and_the_command_fails(shop: Cli) -> None:
    with waiting(shop, "--lang", "en") as (child, link):
        _, told = page(link, {"nick": ""})
        code, data = ended(child)

    assert "did not agree" in told
    assert code == 1
    assert "authorize reject" in str(data["message"])


def test_a_code_that_is_no_good_is_told_on_the_page_too(shop: Cli) -> None:
    with waiting(shop) as (child, link):
        query = parse_qs(urlsplit(link).query)
        status, told = page(f"{query['redirect_uri'][0]}?code=wrong&state={query['state'][0]}")
        code, data = ended(child)

    assert (status, code) == (502, 1)
    assert "没有授权" in told
    assert data["error"] == "session_expired"


def test_nobody_comes(shop: Cli) -> None:
    done = shop.run("shop", "auth", shop.name, "--redirect-uri", FREE_PORT, "--wait", "1")

    assert done.code == 1
    assert "等待已结束" in done.err


def test_another_address_than_ours_only_gives_the_link(shop: Cli) -> None:
    data = shop.good("shop", "auth", shop.name, "--redirect-uri", "https://shop.example/back")

    assert "redirect_uri=https%3A%2F%2Fshop.example%2Fback" in data["link"]


def test_a_port_that_is_taken_is_named(shop: Cli) -> None:
    port = urlsplit(str(shop.info["gateway"])).port
    done = shop.run("shop", "auth", shop.name, "--redirect-uri", f"http://127.0.0.1:{port}/x")

    assert done.code == 2
    assert str(port) in done.err


def test_a_link_is_good_once(shop: Cli) -> None:
    """The second visit comes while the first one's code is still being turned into a token."""
    with waiting(shop) as (child, link), ThreadPoolExecutor() as browsers:
        shop.control("faults", {"kind": "delay", "method": "oauth.token", "count": 1, "seconds": 1})
        query = parse_qs(urlsplit(link).query)
        here = f"{query['redirect_uri'][0]}?code=wrong&state={query['state'][0]}"

        statuses = sorted(status for status, _ in browsers.map(page, [here, here]))

        assert (statuses, ended(child)[0]) == ([410, 502], 1)


@pytest.mark.parametrize(("nick", "exit_code"), [("沙箱小店", 0), ("", 1)])
def test_a_connection_a_browser_opened_and_never_used_disturbs_nobody(
    shop: Cli, nick: str, exit_code: int
) -> None:
    with waiting(shop) as (child, link):
        here = urlsplit(parse_qs(urlsplit(link).query)["redirect_uri"][0])
        with socket.create_connection((here.hostname or "", here.port or 0), timeout=30):
            page(link, {"nick": nick})
            _, complaints = child.communicate(timeout=30)

    assert child.returncode == exit_code
    assert "Exception" not in complaints
    assert "Traceback" not in complaints
