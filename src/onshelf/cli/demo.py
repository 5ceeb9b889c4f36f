"""`onshelf demo`: the whole story on this machine, in a data folder of its own."""

import tempfile
from pathlib import Path

import click
import uvloop

from onshelf.cli.door import reads_settings
from onshelf.cli.main import FAILED
from onshelf.cli.out import Out
from onshelf.cli.story.stage import set_stage
from onshelf.cli.story.story import Summary, show_summary, tell
from onshelf.settings import Settings, read_settings
from onshelf.wiring import open_app

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


@click.command("demo")
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path))
@reads_settings
def demo(given: Settings, out: Out, keep: Path | None) -> int:
    if keep is not None:
        return uvloop.run(play(keep, given, out))
    with tempfile.TemporaryDirectory(prefix="onshelf-demo-") as folder:
        return uvloop.run(play(Path(folder), given, out))


async def play(home: Path, given: Settings, out: Out) -> int:
    """Tells the story against a fresh sandbox; exit code 0 when all that was promised happened."""
    settings = read_settings({**SHORT, "home": str(home), "lang": given["lang"]}, {})
    async with set_stage(per_second=PER_SECOND, per_day=PER_DAY) as stage, open_app(settings) as app:
        summary: Summary = await tell(app, out, stage)
        show_summary(out, summary, per_second=PER_SECOND, per_day=PER_DAY)
    return 0 if summary.went_well else FAILED
