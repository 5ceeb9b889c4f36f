"""The command line as a user has it: a child process a command, in a home of its own."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.request import Request, urlopen

COMMAND = Path(sys.executable).with_name("onshelf")
SHORT = {
    "SERVICE": "",  # many run at once
    "QUOTA_PER_DAY": "0",
    "QUOTA_BASIC_PER_MINUTE": "0",
    "WRITE_TIMEOUT_S": "2",
    "LEASE_S": "12",
    "SETTLE_S": "0.5",
    "LOOK_SPACING_S": "0.2",
    "WATCH_EVERY_S": "0.5",
    "WATCH_OVERLAP_S": "5",
    "ABSENT_SPACING_S": "0.2",
    "ALERT_WAIT_S": "0.2",
    "ALERT_INTERVAL_S": "1",
}
"""Waits cut to what a sandbox needs."""
HEADER = ("商家编码", "标题", "类目", "价格", "库存", "图片")
PATIENCE_S = 30
LOOK_S = 0.05


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """Returns the one JSON document of a command run with --json."""
        (line,) = self.out.splitlines()
        return json.loads(line)


@dataclass
class Cli:
    """The command line in one home."""

    home: Path
    info: Mapping[str, Any] = field(default_factory=dict)  # the sandbox's start-up line; empty without one
    name: str = ""  # of the test's own shop

    def run(self, *words: object, timeout_s: float = 60, **settings: str) -> Done:
        """Runs a command to its end; `settings` are those of the environment, as in `lang="en"`."""
        child = self.start(*words, **settings)
        out, err = child.communicate(timeout=timeout_s)
        assert "Traceback" not in out + err, out + err
        return Done(child.returncode, out, err)

    def start(self, *words: object, **settings: str) -> subprocess.Popen[str]:
        """Starts a command; the caller ends it."""
        ours = {**SHORT, "HOME": str(self.home), **{name.upper(): value for name, value in settings.items()}}
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ONSHELF_")}
        environment = {**clean, "COLUMNS": "80", **{f"ONSHELF_{name}": value for name, value in ours.items()}}
        return subprocess.Popen(
            [COMMAND, *map(str, words)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=environment,
            cwd=self.home.parent,
        )

    def good(self, *words: object, **settings: str) -> Any:
        """Runs a command that must end well, and returns its JSON document."""
        done = self.run(*words, "--json", timeout_s=60, **settings)
        assert done.code == 0, done
        return done.data

    def add_shop(self, name: str, **profile: object) -> None:
        """Adds a shop of the sandbox with a profile that supplies what the files of these tests lack."""
        secret, session = self.home.parent / "secret.txt", self.home.parent / "session.txt"
        secret.write_text(self.info["app_secret"] + "\n")
        session.write_text(self.info["session"])
        place = {
            "category_id": 50000671,
            "province": "浙江",
            "city": "杭州",
            "pictures_optional": "true",
            **profile,
        }
        added = self.run(
            "shop", "add", "--gateway", self.info["gateway"], "--oauth", self.info["oauth"],
            "--app-key", self.info["app_key"], "--app-secret-file", secret, "--session-file", session, name,
        )  # fmt: skip
        assert added.code == 0, added
        settings = [f"--set={key}={value}" for key, value in place.items()]
        assert self.run("shop", "profile", name, *settings).code == 0

    def control(self, path: str, order: Mapping[str, object] | None = None, verb: str | None = None) -> Any:
        """Uses a control of the sandbox."""
        body = None if order is None else json.dumps(order).encode()
        with urlopen(Request(f"{self.info['control']}/{path}", data=body, method=verb), timeout=30) as reply:
            return json.load(reply)

    def shelf(self, code: str) -> list[dict[str, Any]]:
        """Returns the items that carry a code, as the sandbox knows them."""
        found: list[dict[str, Any]] = self.control(f"items?outer_id={code}")
        return found


def wait_until(true: Callable[[], object], what: str) -> None:
    """Looks until something has come true; fails after half a minute."""
    end = monotonic() + PATIENCE_S
    while not true():
        assert monotonic() < end, f"not within {PATIENCE_S} s: {what}"
        sleep(LOOK_S)


def write_csv(
    path: Path, rows: Iterable[Iterable[object]], *, header: Iterable[str] = HEADER, encoding: str = "utf-8"
) -> Path:
    """Writes a product file."""
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path
