"""`onshelf audit`: checks that the record of calls and acts is as it was written."""

import click

from onshelf.cli.main import FAILED
from onshelf.cli.opened import opens_app
from onshelf.cli.out import Out
from onshelf.guard.proof import verify as verify_log
from onshelf.texts import text
from onshelf.wiring import App


@click.group("audit")
def audit() -> None: ...


@audit.command("verify")
@opens_app
async def verify(app: App, out: Out) -> int:
    report = await verify_log(app.db, app.vault)
    for one in report.findings:
        out.plain(text(f"guard.flaw.{one.flaw}", out.lang, writer=one.writer, number=one.number), style="red")
    out.say(
        "audit.verified" if not report.findings else "audit.broken", rows=report.rows, writers=report.writers
    )
    out.data({"rows": report.rows, "writers": report.writers, "findings": report.findings})
    return FAILED if report.findings else 0
