"""The command line as a user has it: a child process a command, in a home of its own."""

import asyncio
import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from time import monotonic, sleep
from typing import IO, Any
from urllib.request import Request, urlopen

from onshelf.catalog.profile import Profile
from onshelf.catalog.store import save_profile
from onshelf.cli.shop import changed
from onshelf.settings import Secret, read_settings
from onshelf.shops import register
from onshelf.wiring import open_app

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
PATIENCE_S = 90
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
        return self._start(words, settings, subprocess.PIPE)

    def start_long(self, log: IO[str], *words: object, **settings: str) -> subprocess.Popen[str]:
        """Starts a command that runs until it is stopped: what it complains goes into a file, for nobody reads it meanwhile."""
        return self._start(words, settings, log)

    def _start(
        self, words: Iterable[object], settings: Mapping[str, str], stderr: IO[str] | int
    ) -> subprocess.Popen[str]:
        ours = {**SHORT, "HOME": str(self.home), **{name.upper(): value for name, value in settings.items()}}
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ONSHELF_")}
        environment = {**clean, "COLUMNS": "80", **{f"ONSHELF_{name}": value for name, value in ours.items()}}
        return subprocess.Popen(
            [COMMAND, *map(str, words)],
            stdout=subprocess.PIPE,
            stderr=stderr,
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

    def session_file(self) -> Path:
        """Writes the sandbox's session where a command may read it."""
        path = self.home.parent / "session.txt"
        path.write_text(self.info["session"])
        return path

    def add_shop(self, name: str, **profile: object) -> None:
        """Adds a shop of the sandbox with a profile that supplies what the files of these tests lack.

        By the verbs that `onshelf shop add` and `shop profile` call, but in this process: most tests begin so.
        """
        place = {
            "category_id": 50000671,
            "province": "浙江",
            "city": "杭州",
            "pictures_optional": "true",
            **profile,
        }
        with ThreadPoolExecutor(1) as thread:  # the caller may have a loop of its own
            thread.submit(
                asyncio.run, self._add_shop(name, [f"{key}={value}" for key, value in place.items()])
            ).result()

    async def _add_shop(self, name: str, profile: list[str]) -> None:
        where = {part: self.info[part] for part in ("gateway", "oauth")}
        async with open_app(read_settings({"home": str(self.home)}, {})) as app:
            now_us = app.clock.now_us()
            shop = register.new_shop(name, self.info["app_key"], **where, tmc="", now_us=now_us)
            await register.add(app.shops, shop, Secret(self.info["app_secret"]))
            await register.put_session(app.sessions, shop, Secret(self.info["session"]))
            wanted = reduce(changed, profile, Profile())
            await app.db.commit([save_profile(shop.shop_id, wanted, now_us)])

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
    """Looks until something has come true; fails after a minute and a half."""
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
