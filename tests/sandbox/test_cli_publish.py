"""Publish, watch, call and jobs as a user does them, with Ctrl-C, kill -9 and a second process at the worst moment."""

import json
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

from command_line import Cli, wait_until, write_csv

ADD = "taobao.item.add"


def stock(shop: Cli, folder: Path, codes: list[str], title: str = "测试短袖纯棉T恤") -> None:
    """Imports a product for each code."""
    rows = [(code, f"{title} {code[-6:]}", 50000671, "39.90", 10, "") for code in codes]
    assert shop.good("import", write_csv(folder / "goods.csv", rows), "--shop", shop.name)["good"] == len(
        codes
    )


def codes_of(shop: Cli, count: int) -> list[str]:
    return [f"{shop.name}-{number}" for number in range(count)]


def added(shop: Cli) -> int:
    return int(shop.control("stats")["by_method"].get(ADD, 0))


@contextmanager
def running(shop: Cli, *words: object, **settings: str) -> Iterator["subprocess.Popen[str]"]:
    """Keeps a command going while the block runs, and ends it with Ctrl-C."""
    child = shop.start(*words, **settings)
    try:
        yield child
    finally:
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=30)
        assert "Traceback" not in out + err, out + err


def test_a_publish_without_go_only_shows_the_plan(shop: Cli, tmp_path: Path) -> None:
    stock(shop, tmp_path, codes_of(shop, 3))
    before = shop.control("stats")

    plan = shop.good("publish", "--shop", shop.name)

    assert (plan["create"], plan["change"], plan["skip"]) == (3, 0, 0)
    assert plan["calls_total"] == 5
    assert shop.control("stats") == before


def test_a_publish_lists_each_product_once_and_a_second_one_has_nothing_to_do(
    shop: Cli, tmp_path: Path
) -> None:
    codes = codes_of(shop, 3)
    stock(shop, tmp_path, codes)

    first = shop.good("publish", "--go", "--shop", shop.name)
    second = shop.good("publish", "--go", "--shop", shop.name)

    assert (first["succeeded"], first["failed"], first["left"]) == (3, 0, 0)
    assert (second["skip"], second["job"]) == (3, None)
    assert [one["approve_status"] for code in codes for one in shop.shelf(code)] == ["onsale"] * 3


def test_a_canary_publishes_the_first_few_and_leaves_the_rest(shop: Cli, tmp_path: Path) -> None:
    codes = codes_of(shop, 3)
    stock(shop, tmp_path, codes)

    plan = shop.good("publish", "--canary", 2, "--shop", shop.name)
    done = shop.good("publish", "--canary", 2, "--go", "--shop", shop.name)

    assert (plan["create"], plan["later"]) == (2, 1)
    assert (done["succeeded"], [len(shop.shelf(code)) for code in codes]) == (2, [1, 1, 0])


def test_ctrl_c_stops_cleanly_and_the_next_run_goes_on(shop: Cli, tmp_path: Path) -> None:
    codes, begun = codes_of(shop, 60), added(shop)
    stock(shop, tmp_path, codes)
    child = shop.start("publish", "--go", "--shop", shop.name, "--json", quota_per_second="3")
    wait_until(lambda: added(shop) > begun + 2, "the first items are made")

    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=30)
    rest = shop.good("publish", "--go", "--shop", shop.name)

    assert err == ""
    assert json.loads(out)["left"] > 0
    assert child.returncode in (1, 3)
    assert rest["succeeded"] == 60
    assert [len(shop.shelf(code)) for code in codes] == [1] * 60


def test_a_killed_publish_goes_on_and_lists_nothing_twice(shop: Cli, tmp_path: Path) -> None:
    codes, begun = codes_of(shop, 40), added(shop)
    stock(shop, tmp_path, codes)
    child = shop.start("publish", "--go", "--shop", shop.name, quota_per_second="3")
    wait_until(lambda: added(shop) > begun + 2, "the first items are made")

    child.kill()
    child.communicate(timeout=30)
    rest = shop.good("publish", "--go", "--shop", shop.name)

    assert rest["succeeded"] == 40
    assert [len(shop.shelf(code)) for code in codes] == [1] * 40


def test_beside_a_worker_a_publish_and_a_call_are_done_by_it(shop: Cli, tmp_path: Path) -> None:
    codes = codes_of(shop, 3)
    stock(shop, tmp_path, codes)

    with running(shop, "up", "--json") as worker:
        assert worker.stdout is not None
        begun = json.loads(worker.stdout.readline())
        published = shop.run("publish", "--go", "--shop", shop.name)
        called = shop.good("call", "taobao.time.get", "--shop", shop.name)
        refused = shop.run("call", "taobao.nosuch.get", "--shop", shop.name, "--json")
        looked = shop.run("watch", "--once", "--shop", shop.name)

    assert begun["worker"] is True
    assert f"pid {worker.pid}" in published.out
    assert published.code == 0
    assert all(len(shop.shelf(code)) == 1 for code in codes)
    assert "time" in called
    assert refused.code == 1
    assert refused.data["error"].endswith("refused")
    assert (looked.code, f"pid {worker.pid}" in looked.err) == (1, True)


def test_a_watch_names_the_cause_of_every_way_off_the_shelf(shop: Cli, tmp_path: Path) -> None:
    ways = {"delist": "taken_off", "sell_out": "sold_out", "punish": "violation", "delete": "deleted"}
    codes = codes_of(shop, len(ways))
    stock(shop, tmp_path, codes)
    shop.good("publish", "--go", "--shop", shop.name)
    shop.good("watch", "--once", "--shop", shop.name)

    with running(shop, "watch", "--shop", shop.name, "--json") as watcher:
        for code, way in zip(codes, ways, strict=True):
            shop.control("seller", {"action": way, "num_iid": shop.shelf(code)[0]["num_iid"]})
        assert watcher.stdout is not None
        seen = [json.loads(watcher.stdout.readline()) for _ in ways]
    told = shop.good("watch", "--history", "1", "--shop", shop.name)

    assert {one["outer_id"]: one["reason"] for one in seen} == dict(zip(codes, ways.values(), strict=True))
    assert all(0 <= one["detected_s"] < 20 for one in seen)
    assert [one["item_id"] for one in told] == [one["item_id"] for one in seen]


def test_jobs_are_listed_shown_paused_resumed_cancelled_and_retried(shop: Cli, tmp_path: Path) -> None:
    codes = codes_of(shop, 2)
    stock(shop, tmp_path, codes)
    shop.control("faults", {"kind": "isp", "method": ADD, "sub_code": "isv.item-add-service-error:TEST"})
    failed = shop.run("publish", "--go", "--shop", shop.name, "--json")
    shop.control("faults", verb="DELETE")
    job = failed.data["job"]

    shown = shop.good("jobs", "show", job, "--state", "failed")
    states = [shop.good("jobs", verb, job)["state"] for verb in ("retry", "pause", "resume", "cancel")]
    listed = shop.good("jobs", "list")

    assert (failed.code, failed.data["failed"]) == (1, 2)
    assert all(one["message"]["zh"] and one["message"]["en"] for one in shown["lines"])
    assert states == ["queued", "paused", "queued", "cancelled"]
    assert listed[0]["job"] == job
    assert shop.good("publish", "--go", "--shop", shop.name)["succeeded"] == 2


def test_a_published_item_that_is_gone_waits_for_a_person_who_settles_it(shop: Cli, tmp_path: Path) -> None:
    (code,) = codes_of(shop, 1)
    stock(shop, tmp_path, [code])
    shop.good("publish", "--go", "--shop", shop.name)
    gone = shop.shelf(code)[0]["num_iid"]
    shop.control("seller", {"action": "delete", "num_iid": gone})
    stock(shop, tmp_path, [code], title="改过的标题")

    stopped = shop.run("publish", "--go", "--shop", shop.name)
    plan = shop.run("publish", "--shop", shop.name, lang="en")
    shown = shop.good("publish", "--shop", shop.name)
    questions = shop.good("jobs", "undecided", "--shop", shop.name)
    told = shop.run("jobs", "undecided", "--shop", shop.name, lang="en")
    shop.good("jobs", "settle", code, "absent", "--shop", shop.name)
    after = shop.good("publish", "--go", "--shop", shop.name)

    assert stopped.code == 1
    assert "`onshelf jobs undecided`" in stopped.out
    assert "`onshelf jobs undecided`" in plan.out
    assert (shown["undecided"], shown["change"]) == (1, 0)
    assert [(one["outer_id"], one["item_id"]) for one in questions] == [(code, gone)]
    assert str(gone) in told.out
    assert f"onshelf jobs settle {code} absent" in told.out
    assert after["succeeded"] == 1
    assert [one["num_iid"] != gone for one in shop.shelf(code)] == [True]


def test_a_call_is_checked_before_it_is_sent(shop: Cli) -> None:
    calls = shop.control("stats")["calls"]

    missing = shop.run("call", "taobao.item.seller.get", "--shop", shop.name, "--json")
    malformed = shop.run("call", "taobao.item.seller.get", "num_iid=abc", "fields=title", "--shop", shop.name)

    assert (missing.code, missing.data["error"]) == (2, "usage")
    assert malformed.code == 2
    assert "num_iid" in malformed.err
    assert shop.control("stats")["calls"] == calls


def test_a_refused_call_says_what_the_platform_said(shop: Cli) -> None:
    refused = shop.run("call", "taobao.item.seller.get", "num_iid=1", "fields=title", "--shop", shop.name)

    assert (refused.code, refused.out) == (1, "")
    assert "ITEM_NOT_FOUND" in refused.err


def test_the_quota_counts_what_was_called(shop: Cli) -> None:
    shop.good("call", "taobao.time.get", "--shop", shop.name)

    (told,) = [one for one in shop.good("quota", quota_per_day="5000") if one["shop"] == shop.name]

    assert told["used_24h"] > 0
    assert told["left_today"] == 5000 - told["used_24h"]


def test_an_audit_log_that_was_tampered_with_is_found_out(shop: Cli, tmp_path: Path) -> None:
    own = Cli(tmp_path / "home", shop.info)
    own.add_shop("audited")
    own.good("call", "taobao.time.get")
    whole = own.run("audit", "verify", "--json")

    with sqlite3.connect(own.home / "onshelf.db") as db:
        db.execute("UPDATE audit SET subject = 'somebody else' WHERE subject = 'audited'")
    db.close()
    broken = own.run("audit", "verify", "--json")

    assert (whole.code, whole.data["findings"]) == (0, [])
    assert broken.code == 1
    assert broken.data["findings"]


def test_what_a_person_reads_fits_eighty_columns(shop: Cli, tmp_path: Path) -> None:
    stock(shop, tmp_path, codes_of(shop, 1))
    shop.good("publish", "--go", "--shop", shop.name)

    for lang, words in product(("zh", "en"), (["shop", "list"], ["jobs", "list"], ["quota"])):
        out = shop.run(*words, lang=lang).out
        assert max(sum(1 + (ord(mark) > 0x2000) for mark in line.rstrip()) for line in out.splitlines()) <= 80
