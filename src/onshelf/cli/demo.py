"""`onshelf demo`: the whole story on this machine, in a data folder of its own; then its console, to look around in.

A child tells the story on the terminal of the command and goes on serving once the command has ended, for a while.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import click
import uvloop

from onshelf.cli.door import make_home, reads_settings
from onshelf.cli.main import FAILED
from onshelf.cli.opened import first_of, stopped_by_signal, watching, worker_beside
from onshelf.cli.out import Out
from onshelf.cli.story.stage import set_stage
from onshelf.cli.story.story import SHOP, show_summary, tell
from onshelf.cli.up import serve
from onshelf.settings import Settings, read_settings
from onshelf.wiring import App, open_app

PER_SECOND, PER_DAY = 100, 5000
SHORT = {
    "quota_per_second": PER_SECOND,
    "quota_per_day": PER_DAY,
    "quota_basic_per_minute": 0,  # the story's watch looks twice a second: it would be held up
    "settle_s": 1,
    "look_spacing_s": 0.5,
    "watch_every_s": 0.5,
    "watch_overlap_s": 5,
    "absent_spacing_s": 0.5,
    "alert_wait_s": 3,
    "alert_interval_s": 1,
}
"""Waits are cut to what a sandbox needs, so that the story fits into half a minute."""
CALM = {**SHORT, "watch_every_s": 5}
"""For the time after the story: the calls of a day must last until whoever looks around has seen enough."""
STAY_MIN = 30
NOTE = "demo.json"
"""In the data folder of the command: which process still serves, and where."""


@click.command("demo")
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path))
@click.option("--stay", type=click.IntRange(0, 24 * 60), default=STAY_MIN, show_default=True)
@click.option("--end", is_flag=True)
@click.option("--told", type=int, hidden=True)
@reads_settings
def demo(given: Settings, out: Out, keep: Path | None, stay: int, end: bool, told: int | None) -> int:
    note = given.home / NOTE
    if told is not None or (not stay and not end):
        return _tell(given, out, keep, stay, told)
    ended = end_earlier(note)
    if end:
        out.say("demo.ended" if ended else "demo.none")
        return 0
    make_home(given.home)
    return _send_on(note)


def end_earlier(note: Path) -> bool:
    """Ends the process an earlier demo left serving; tells whether there was one."""
    try:
        pid = int(json.loads(note.read_text("utf-8"))["pid"])
        note.unlink()
        if b"demo" not in Path(f"/proc/{pid}/cmdline").read_bytes():
            return False  # its number belongs to somebody else by now
        os.kill(pid, signal.SIGTERM)
    except (OSError, ValueError, KeyError):
        return False
    return True


def _send_on(note: Path) -> int:
    """Lets a child tell the story here and serve on; returns the story's exit code as soon as it is told."""
    reading, writing = os.pipe()
    child = subprocess.Popen([*sys.argv, "--told", str(writing)], pass_fds=[writing])  # noqa: S603
    os.close(writing)
    with os.fdopen(reading) as story:
        line = story.readline()
    if not line:
        return child.wait()
    told = json.loads(line)
    if told["address"]:
        note.write_text(json.dumps({"pid": child.pid, **told}), "utf-8")
    else:
        child.wait()
    code: int = told["code"]
    return code


def _tell(given: Settings, out: Out, keep: Path | None, stay: int, told: int | None) -> int:
    if keep is not None:
        return uvloop.run(play(keep, given, out, stay, told))
    with tempfile.TemporaryDirectory(prefix="onshelf-demo-") as folder:
        return uvloop.run(play(Path(folder), given, out, stay, told))


async def play(home: Path, given: Settings, out: Out, stay: int, told: int | None) -> int:
    """Tells the story against a fresh sandbox; exit code 0 when all that was promised happened.

    `stay`: minutes to serve the console afterwards; `told`: a pipe that hears the exit code when the story is over.
    """
    make_home(home)
    here = {"home": str(home), "lang": given["lang"], "service": ""}
    async with set_stage(home / "sandbox.log", per_second=PER_SECOND, per_day=PER_DAY) as stage:
        async with open_app(read_settings({**SHORT, **here}, {})) as app:
            summary = await tell(app, out, stage)
        show_summary(out, summary, per_second=PER_SECOND, per_day=PER_DAY)
        code = 0 if summary.went_well else FAILED
        if told is not None and stay and summary.went_well:
            # A free port: the usual one is left to the service that is tried next.
            async with (
                open_app(read_settings({**CALM, **here}, {})) as app,
                serve(app, "127.0.0.1:0") as served,
            ):
                out.say("demo.look", link=served.welcome, minutes=stay, gateway=stage.info["control"])
                _leave_terminal(told, {"code": code, "address": served.address}, home / "demo.log")
                await _stay(app, stay)
        elif told is not None:
            os.write(told, json.dumps({"code": code, "address": ""}).encode() + b"\n")
    return code


def _leave_terminal(told: int, story: dict[str, object], log: Path) -> None:
    """Lets the command end: its output ends here, and what is still to say goes into a file."""
    sys.stdout.flush()
    sys.stderr.flush()
    quiet = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for number in (0, 1, 2):
        os.dup2(quiet, number)
    os.setsid()
    os.write(told, json.dumps(story).encode() + b"\n")
    os.close(told)


async def _stay(app: App, minutes: int) -> None:
    """Works on for the shop, so that whoever looks around finds it alive."""
    async with stopped_by_signal() as stop, watching(app, [SHOP]), worker_beside(app, stop):
        await first_of(stop.wait(), app.clock.sleep(minutes * 60))
