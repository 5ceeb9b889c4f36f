"""`onshelf import` and `onshelf check`: product files in, faults out. Neither lists anything."""

from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from onshelf import acts
from onshelf.catalog.imports.intake import Report, check_file, import_file
from onshelf.catalog.imports.report import write_faults
from onshelf.catalog.imports.runs import Run
from onshelf.catalog.product import Finding
from onshelf.catalog.profile import Profile, decode_profile
from onshelf.catalog.readers import Guide
from onshelf.catalog.readers.columns import CHOICES, UNUSED
from onshelf.catalog.store import load_profile
from onshelf.cli.main import ENDED_WELL, IN_PART
from onshelf.cli.opened import choose_shop, noted, opens_app
from onshelf.cli.out import Out
from onshelf.cli.wrong import Misused
from onshelf.ids import new_id
from onshelf.texts import text
from onshelf.wiring import App

SUMMED_FROM = 10  # findings
SHOWN = 40  # findings on the screen; all of them stand in the report and in --json
FILE = click.Path(path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
UNUSED_WORD = "-"
"""What `--column` says of a column that is not to be read."""


@click.command("check")
@click.argument("file", type=FILE)
@click.option("--shop")
@click.option("--profile", "profile_file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--column", "columns", multiple=True, metavar="HEADER=FIELD")
@click.option("--pictures", type=FOLDER)
@click.option("--pictures-optional", is_flag=True)
@click.option("--report", type=FILE)
@click.option("--all", "show_all", is_flag=True)
@opens_app
async def check(
    app: App,
    out: Out,
    file: Path,
    shop: str | None,
    profile_file: Path | None,
    columns: tuple[str, ...],
    pictures: Path | None,
    pictures_optional: bool,
    report: Path | None,
    show_all: bool,
) -> int:
    profile = await profile_for(app, shop, profile_file, pictures_optional=pictures_optional)
    chosen = chosen_columns(columns)
    named = shop or (shops[0].shop_id if len(shops := await app.shops.list()) == 1 else "")
    guide = await app.imports.guide(named, file, chosen) if named else Guide(chosen)
    checked = check_file(file, profile, guide=guide, pictures=pictures, flat=False)
    return tell(out, checked, report, guide=guide, show_all=show_all)


@click.command("import")
@click.argument("file", type=FILE)
@click.option("--shop")
@click.option("--column", "columns", multiple=True, metavar="HEADER=FIELD")
@click.option("--pictures", type=FOLDER)
@click.option("--pictures-optional", is_flag=True)
@click.option("--report", type=FILE)
@click.option("--all", "show_all", is_flag=True)
@opens_app
async def import_(
    app: App,
    out: Out,
    file: Path,
    shop: str | None,
    columns: tuple[str, ...],
    pictures: Path | None,
    pictures_optional: bool,
    report: Path | None,
    show_all: bool,
) -> int:
    one = await choose_shop(app, shop)
    profile = await profile_for(app, one.shop_id, None, pictures_optional=pictures_optional)
    guide = await app.imports.guide(one.shop_id, file, chosen_columns(columns), remember=True)
    imported = await import_file(
        app.db,
        file,
        profile,
        shop_id=one.shop_id,
        import_id=new_id(app.clock.now_us(), app.random),
        clock=app.clock,
        guide=guide,
        pictures=pictures,
        flat=False,
    )
    code = tell(out, imported, report, guide=guide, show_all=show_all)
    if imported.run is not None:
        noted(app, acts.products_imported(imported.run))
        out.say("import.done", **saved(imported.run))
        if imported.run.added or imported.run.changed:
            out.say("import.next", shop=one.shop_id)
    return code


async def profile_for(app: App, shop: str | None, file: Path | None, *, pictures_optional: bool) -> Profile:
    """Returns the profile a file is read with: the given one, the shop's, or an empty one when there is no shop."""
    if file is not None:
        profile = read_profile(file)
    elif shop is None and not await app.shops.list():
        profile = Profile()
    else:
        profile = await load_profile(app.db, (await choose_shop(app, shop)).shop_id)
    return msgspec.structs.replace(profile, pictures_optional=True) if pictures_optional else profile


def read_profile(file: Path) -> Profile:
    """Reads a profile from a JSON file; raises Unreadable."""
    return decode_profile(file.read_bytes(), where=file.name)


def chosen_columns(given: Sequence[str]) -> dict[str, str]:
    """Reads what was said of columns: header -> field, "" for one that is not to be read."""
    chosen = {}
    for one in given:
        header, equals, field = one.rpartition("=")
        field = UNUSED if field == UNUSED_WORD else field
        if not equals or not header or field not in CHOICES:
            known = " ".join(choice or UNUSED_WORD for choice in CHOICES)
            raise Misused("column", given=one, known=known)
        chosen[header] = field
    return chosen


def tell(
    out: Out, report: Report, workbook: Path | None, *, guide: Guide | None = None, show_all: bool
) -> int:
    """Shows what a check or an import found; returns the exit code: 3 when a product is faulty."""
    for note in report.notes:
        out.plain(f"· {note.message(out.lang)}", style="dim")
    shown = report.findings if show_all else report.findings[:SHOWN]
    for one in shown:
        show_finding(out, one)
    if len(shown) < len(report.findings):
        out.say("check.more", count=len(report.findings) - len(shown))
    tally = report.tally
    show_rules(out, report)
    out.say("check.tally", rows=tally.rows, good=tally.good, faulty=tally.faulty, warned=tally.warned)
    written = (
        write_faults(report.path, report.findings, workbook, lang=out.lang, guide=guide) if workbook else 0
    )
    if workbook:
        out.say("check.reported", count=written, file=workbook)
    out.data(
        {
            "file": report.path.name,
            "rows": tally.rows,
            "good": tally.good,
            "faulty": tally.faulty,
            "warned": tally.warned,
            "derived": tally.derived,
            "by_rule": dict(tally.by_rule),
            "notes": [note.message(out.lang) for note in report.notes],
            "saved": saved(report.run),
            "findings": [found(one, out) for one in report.findings],
        }
    )
    return IN_PART if tally.faulty else ENDED_WELL


def saved(run: Run | None) -> dict[str, int]:
    """Counts what an import did to the products; a check saves nothing."""
    if run is None:
        return {}
    return {"added": run.added, "changed": run.changed, "same": run.good - run.added - run.changed}


def show_finding(out: Out, finding: Finding) -> None:
    """Prints one product's faults: where it stands, then a line a fault with its remedy."""
    out.say("check.row", row=finding.row, outer_id=finding.outer_id or "—", title=finding.title)
    for fault in finding.faults:
        mark, style = ("✗", "red") if fault.severity == "fault" else ("⚠", "yellow")
        out.plain(f"    {mark} {fault.message(out.lang)}", style=style)
        out.plain(f"      → {fault.remedy(out.lang)}", style="dim")


def show_rules(out: Out, report: Report) -> None:
    """Sums the findings by rule when there are more than one can read through."""
    if len(report.findings) > SUMMED_FROM:
        rows = [
            (text(f"check.{rule}.rule", out.lang), count)
            for rule, count in report.tally.by_rule.most_common()
        ]
        out.table(["rule", "count"], rows, right=("count",))


def found(finding: Finding, out: Out) -> dict[str, object]:
    """Gives one finding for programs."""
    return {
        "row": finding.row,
        "rows": finding.rows,
        "outer_id": finding.outer_id,
        "title": finding.title,
        "stopped": finding.stopped,
        "faults": [
            {
                "field": fault.field,
                "value": fault.value,
                "rule": fault.rule,
                "severity": fault.severity,
                "message": fault.message(out.lang),
                "remedy": fault.remedy(out.lang),
            }
            for fault in finding.faults
        ],
    }
