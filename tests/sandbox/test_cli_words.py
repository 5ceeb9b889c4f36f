"""What the command line says when something is wrong: one line, in the reader's language, with the right exit code."""

import json
import os
import signal
import socket
import subprocess
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from command_line import COMMAND, Cli

from onshelf.texts import text

NEW_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

WRONG: list[tuple[list[str], str, str]] = [
    (["nosuch"], "没有 nosuch 这个命令", "no command nosuch"),
    (["shop", "nosuch"], "没有 nosuch 这个命令", "add auth list"),
    (["shop", "add"], "缺少 NAME", "NAME is missing"),
    (["shop", "add", "a", "--nosuch"], "没有选项 --nosuch", "no option --nosuch"),
    (["shop", "add", "a", "--app-key", "1", "--app-secret-file", "none.txt"], "none.txt", "none.txt"),
    (["jobs", "list", "--limit", "many"], "--limit 应为数字", "must be a number"),
    (["jobs", "list", "--limit"], "--limit 后面要有值", "needs a value"),
    (["jobs", "show", "nosuch"], "没有任务 nosuch", "no job nosuch"),
    (["alerts", "add", "pigeon", "a"], "email | dingtalk | webhook", "email | dingtalk | webhook"),
    (["alerts", "add", "email", "a", "host"], "名称=值", "name=value"),
    (["alerts", "add", "email", "a", "password=@none.txt"], "none.txt", "none.txt"),
    (["alerts", "add", "email", "a", "host=localhost"], "sender", "sender"),
    (["alerts", "test", "nosuch"], "没有通知渠道 nosuch", "no channel nosuch"),
    (["publish"], "onshelf shop add", "onshelf shop add"),
    (["watch"], "还没有店铺", "no shop yet"),
    (["import", "none.csv"], "还没有店铺", "no shop yet"),
    (["check", "none.csv"], "none.csv", "none.csv"),
    (["call", "taobao.time.get", "a"], "名称=值", "name=value"),
]


@pytest.mark.parametrize(
    ("words", "zh", "en"), WRONG, ids=lambda given: " ".join(given) if isinstance(given, list) else ""
)
def test_a_wrong_use_is_told_in_one_line_of_the_readers_language(
    cli: Cli, words: list[str], zh: str, en: str
) -> None:
    chinese, english = cli.run(*words), cli.run(*words, lang="en")

    assert (chinese.code, english.code) == (2, 2)
    assert (chinese.out, english.out) == ("", "")
    assert [len(done.err.splitlines()) for done in (chinese, english)] == [1, 1]
    assert zh in chinese.err
    assert en in english.err


def test_a_wrong_use_is_one_json_document_for_programs(cli: Cli) -> None:
    before, within = cli.run("jobs", "list", "--json", "--nosuch"), cli.run("publish", "--json")

    assert [done.data["error"] for done in (before, within)] == ["usage", "usage"]
    assert all(done.data["message"] and done.data["remedy"] for done in (before, within))


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"nosuch": "1"}, "nosuch"),
        ({"lang": "fr"}, "zh | en"),
        ({"batch": "many"}, "batch"),
        ({"lease_s": "1", "write_timeout_s": "30"}, "lease_s"),
        ({"key": "short"}, "key"),
    ],
)
def test_a_setting_that_cannot_be_is_named_with_its_origin(
    cli: Cli, settings: dict[str, str], named: str
) -> None:
    done = cli.run("shop", "list", timeout_s=60, **settings)

    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert named in done.err


def test_the_settings_say_where_each_comes_from_and_keep_secrets(cli: Cli) -> None:
    (cli.home.parent / "onshelf.toml").write_text("batch = 20\n")

    told = cli.good("settings", key=NEW_KEY, quota_per_day="7")

    assert told["batch"] == {"value": 20, "unit": "lines", "origin": "onshelf.toml"}
    assert told["quota_per_day"]["value"] == 7
    assert told["key"]["value"] == "•••"
    assert told["looks"]["origin"] == "default"


def test_a_data_folder_that_cannot_be_made_is_named(cli: Cli) -> None:
    cli.home.write_text("a file")

    done = cli.run("shop", "list")

    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert str(cli.home) in done.err


@pytest.mark.parametrize("database", ["postgresql://a:hunter2@127.0.0.1:1/x", "/nowhere/at/all.db"])
def test_a_database_that_cannot_be_opened_fails_in_one_line(cli: Cli, database: str) -> None:
    done = cli.run("shop", "list", database=database)

    assert (done.code, done.out) == (1, "")
    assert len(done.err.splitlines()) == 1
    assert "hunter2" not in done.err


def test_a_database_that_is_none_fails_in_one_line(cli: Cli) -> None:
    cli.home.mkdir()
    (cli.home / "onshelf.db").write_bytes(b"not a database, but long enough to be looked at" * 100)

    done = cli.run("shop", "list")

    assert (done.code, done.out) == (1, "")
    assert len(done.err.splitlines()) == 1


def test_a_home_without_anything_says_so(cli: Cli) -> None:
    lists = (
        ["shop", "list"],
        ["jobs", "list"],
        ["alerts", "list"],
        ["alerts", "channels"],
        ["alerts", "deliveries"],
    )

    assert [cli.good(*words) for words in lists] == [[]] * len(lists)
    assert all(len(cli.run(*words).out.splitlines()) == 1 for words in lists)


def test_ctrl_c_leaves_no_traceback_and_no_sandbox_behind(cli: Cli, tmp_path: Path) -> None:
    child = cli.start("demo", "--stay", 0, "--keep", cli.home)
    assert child.stdout is not None
    gateway = child.stdout.readline().partition("（")[2].partition("）")[0]

    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)

    assert gateway.startswith("http://")
    assert (child.returncode, err.strip()) == (130, "")
    assert "Traceback" not in out
    with pytest.raises(URLError):
        urlopen(gateway, timeout=5)


@pytest.mark.parametrize(
    "words", [["--state", "{junk}"], ["--port", "{taken}"], ["--app", "no-secret"]], ids=str
)
def test_a_sandbox_that_cannot_start_says_why_in_one_line(cli: Cli, tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "junk").write_text("junk")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        done = cli.run("sandbox", *(word.format(junk=tmp_path / "junk", taken=port) for word in words))

    assert done.code in (1, 2)
    assert done.out == ""
    assert len(done.err.splitlines()) == 1


def test_a_reader_that_goes_away_is_no_failure(cli: Cli) -> None:
    child = subprocess.Popen(
        f"{COMMAND} settings --json | head -c 1",
        shell=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "ONSHELF_HOME": str(cli.home)},
    )

    out, err = child.communicate(timeout=30)

    assert (out, err) == (b"{", b"")


def test_another_master_key_is_told_from_the_one_that_sealed(shop: Cli) -> None:
    done = shop.run("call", "taobao.time.get", "--shop", shop.name, key=NEW_KEY)

    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert "key" in done.err


def test_a_probe_learns_the_sellers_name(shop: Cli) -> None:
    nick = shop.good("shop", "probe", shop.name)["nick"]

    named = {one["shop"]: one["nick"] for one in shop.good("shop", "list")}

    assert nick == shop.info["seller_nick"]
    assert named[shop.name] == nick


def test_a_wrong_app_secret_is_told_and_not_shown(shop: Cli, tmp_path: Path) -> None:
    secret = tmp_path / "wrong.txt"
    secret.write_text("hunter2hunter2")
    shop.good(
        "shop", "add", "wrong", "--gateway", shop.info["gateway"], "--app-key", shop.info["app_key"],
        "--app-secret-file", secret, "--session-file", shop.session_file(),
    )  # fmt: skip

    done = shop.run("shop", "probe", "wrong", log_level="debug")

    assert done.code == 1
    assert "hunter2" not in done.out + done.err


def channels(info: dict[str, object], folder: Path) -> dict[str, list[str]]:
    """Puts the sandbox's receivers as one types them, each secret from a file."""
    smtp, dingtalk, webhook = (dict(info[name]) for name in ("smtp", "dingtalk", "webhook"))  # type: ignore[call-overload]
    for name, secret in (
        ("mail", smtp["password"]),
        ("robot", dingtalk["secret"]),
        ("hook", webhook["secret"]),
    ):
        (folder / name).write_text(f"{secret}\n")
    (folder / "robot_url").write_text(dingtalk["url"])
    return {
        "email": [
            f"host={smtp['host']}", f"port={smtp['port']}", "security=starttls", f"ca_file={smtp['ca_file']}",
            f"username={smtp['user']}", f"password=@{folder / 'mail'}", "sender=a@example.com", "to=b@example.com",
        ],
        "dingtalk": [f"url=@{folder / 'robot_url'}", f"secret=@{folder / 'robot'}"],
        "webhook": [f"url={webhook['url']}", f"secret=@{folder / 'hook'}"],
    }  # fmt: skip


def test_each_kind_of_channel_is_added_tested_and_removed(shop: Cli, tmp_path: Path) -> None:
    before = len(shop.control("received"))

    for kind, config in channels(dict(shop.info), tmp_path).items():
        shop.good("alerts", "add", kind, f"try-{kind}", *config)
        assert shop.good("alerts", "test", f"try-{kind}")["accepted"] is True

    assert len([one for one in shop.control("received")[before:] if one["accepted"]]) == 3
    assert {one["name"] for one in shop.good("alerts", "channels")} >= {
        "try-email",
        "try-dingtalk",
        "try-webhook",
    }
    assert shop.good("alerts", "remove", "try-email")["removed"] is True
    assert shop.run("alerts", "test", "try-email").code == 2


def test_a_channel_that_does_not_accept_fails_in_one_line_without_its_secret(
    shop: Cli, tmp_path: Path
) -> None:
    (tmp_path / "robot").write_text("SEChunter2hunter2")
    url = dict(shop.info["dingtalk"])["url"]
    shop.good("alerts", "add", "dingtalk", "wrong", f"url={url}", f"secret=@{tmp_path / 'robot'}")

    done = shop.run("alerts", "test", "wrong", log_level="debug")

    assert (done.code, done.out) == (1, "")
    assert len(done.err.splitlines()) == 1
    assert "hunter2" not in done.err


def test_no_secret_is_readable_in_the_home_in_a_log_or_in_an_error(shop: Cli, tmp_path: Path) -> None:
    """The sandbox's published words (`test`, `sandbox`) are too short to look for, so a shop and channels of its own stand in."""
    own = Cli(tmp_path / "home", shop.info)
    words = {name: f"hunter2-{name}-{'x' * 20}" for name in ("app", "session", "mail", "robot", "token")}
    for name, word in words.items():
        (tmp_path / name).write_text(word)
    said = [
        own.run(
            "shop", "add", "s", "--gateway", shop.info["gateway"], "--app-key", "12345678",
            "--app-secret-file", tmp_path / "app", "--session-file", tmp_path / "session", log_level="debug",
        ),
        own.run("alerts", "add", "email", "m", "host=127.0.0.1", "port=1", "security=starttls", "username=a",
                f"password=@{tmp_path / 'mail'}", "sender=a@example.com", "to=b@example.com", log_level="debug"),
        own.run("alerts", "add", "dingtalk", "d", f"url=http://127.0.0.1:1/robot/send?access_token={words['token']}",
                f"secret=@{tmp_path / 'robot'}", log_level="debug"),
        own.run("alerts", "add", "webhook", "w", "url=http://127.0.0.1:1/", f"secret={shop.info['webhook']['secret']}"),
        *(own.run(*each, log_level="debug") for each in (
            ["shop", "probe"], ["alerts", "test", "m"], ["alerts", "test", "d"], ["alerts", "test", "w"],
            ["alerts", "channels"], ["alerts", "channels", "--json"], ["shop", "list", "--json"],
            ["publish", "--go"], ["watch", "--once"], ["settings"], ["alerts", "add", "email", "m", words["mail"]],
        )),
    ]  # fmt: skip

    kept = [file for file in own.home.rglob("*") if file.is_file()]

    for secret in (*words.values(), shop.info["webhook"]["secret"].removeprefix("whsec_")):
        assert not [done for done in said if secret in done.out + done.err], secret
        assert not [file.name for file in kept if secret.encode() in file.read_bytes()], secret
    assert [done.code for done in said[:4]] == [0] * 4, said[:4]


def test_the_demo_tells_the_whole_story_ends_well_and_leaves_its_console_open(cli: Cli) -> None:
    told = cli.run("demo", "--json", "--stay", 5, "--keep", cli.home / "kept", timeout_s=180)
    address = json.loads((cli.home / "demo.json").read_text("utf-8"))["address"]
    with urlopen(f"{address}/healthz", timeout=30) as answer:
        served = answer.status
    ended = cli.run("demo", "--end")

    assert told.code == 0, told
    assert told.data["ok"] is True
    assert told.data["listed"] >= 200
    assert told.data["refused_kinds"] == 12
    assert (told.data["doubles"], told.data["quota_refusals"]) == (0, 0)
    assert set(told.data["alerts"].values()) == {4}
    assert (cli.home / "kept" / "onshelf.db").is_file()
    assert (served, ended.out.strip()) == (200, text("cli.demo.ended", "zh"))
