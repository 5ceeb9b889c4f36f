"""The whole story of the demo, act by act: check, publish, watch, alert, and what it came to."""

import asyncio
import csv
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from onshelf.alerts.render import cause_words, state_words
from onshelf.alerts.route import Route
from onshelf.catalog.imports.intake import Report, import_file
from onshelf.catalog.item import State
from onshelf.catalog.profile import decode_profile
from onshelf.catalog.store import list_items, load_profile, save_profile
from onshelf.cli.opened import watching, worker_beside
from onshelf.cli.out import Out
from onshelf.cli.products import show_finding
from onshelf.cli.publish import show_plan
from onshelf.cli.story.pictures import draw
from onshelf.cli.story.stage import Stage
from onshelf.events import ItemChanged
from onshelf.guard.proof import verify
from onshelf.ids import AppKey, ShopId, new_id
from onshelf.jobs.job import ENDED
from onshelf.listing.preview import preview
from onshelf.listing.start import progress, start
from onshelf.platforms.port import Lane
from onshelf.settings import Secret
from onshelf.shops.shop import Shop, ShopState, session_only
from onshelf.texts import text
from onshelf.watch.store import history
from onshelf.wiring import App

SHOP = ShopId("示例店铺")
SMALL = "pictures/small.jpg"
LEAVES: tuple[tuple[str, str], ...] = (
    ("delist", "taken_off"),
    ("sell_out", "sold_out"),
    ("punish", "violation"),
    ("delete", "deleted"),
)
"""What is done to an item, and the cause the alert must name."""
CHANNELS = ("smtp", "dingtalk", "webhook")
WEBHOOK_SHOWN = ("outer_id", "from", "to", "cause", "seen_at")
LOOK_S = 0.1
PATIENCE_S = 30.0


@dataclass(slots=True)
class Summary:
    """What the demo came to."""

    listed: int = 0
    refused: int = 0
    kinds: int = 0  # different rules the refused rows break
    publish_s: float = 0.0
    calls_at_publish: int = 0
    calls: int = 0
    doubles: int = 0
    quota_refusals: int = 0
    detected: dict[str, float] = field(default_factory=dict)  # cause -> seconds
    alerts: dict[str, int] = field(default_factory=dict)  # receiver -> causes it was told
    audit_whole: bool = False

    @property
    def went_well(self) -> bool:
        """Tells whether everything a newcomer was promised happened."""
        told_all = all(self.alerts.get(receiver) == len(LEAVES) for receiver in CHANNELS)
        found_all = set(self.detected) == {cause for _, cause in LEAVES}
        return told_all and found_all and self.audit_whole and not self.doubles and not self.quota_refusals


async def tell(app: App, out: Out, stage: Stage) -> Summary:
    """Plays every act against the stage."""
    summary = Summary()
    file = await prepare(app, out, stage)
    await check(app, out, file, summary)
    stop = asyncio.Event()
    async with worker_beside(app, stop):
        await publish(app, out, stage, summary)
        async with watching(app, [SHOP]):
            await watch(app, out, stage, summary)
            await show_alerts(app, out, stage, summary)
    await app.audit.flush()
    summary.audit_whole = not (await verify(app.db, app.vault)).findings
    stats = await stage.stats()
    summary.calls, summary.doubles = stats["calls"], len(stats["doubles"])
    summary.quota_refusals = int(stats["refusals"].get("7", 0))
    return summary


async def prepare(app: App, out: Out, stage: Stage) -> Path:
    """Act 0: draws the pictures, adds shop, profile and channels. Returns the catalogue's path."""
    info = stage.info
    out.say("story.prepare", gateway=info["gateway"])
    file = await asyncio.to_thread(unpack, app.settings.home / "catalogue", out)
    shop = Shop(
        SHOP, "taobao", AppKey(info["app_key"]), info["gateway"], info["oauth"], "", info["seller_nick"],
        ShopState.NEW, app.clock.now_us(),
    )  # fmt: skip
    profile = decode_profile((file.parent / "profile.json").read_bytes(), where="profile.json")
    await app.db.commit(
        [*app.shops.add(shop, Secret(info["app_secret"])), save_profile(SHOP, profile, app.clock.now_us())]
    )
    await app.sessions.accept(SHOP, session_only(info["session"]))
    await app.client.learn_clock(shop.ref())
    for name, (kind, config) in channels(info).items():
        await app.directory.add(Route(name), kind, config, lang=out.lang)
    return file


def unpack(folder: Path, out: Out) -> Path:
    """Copies the shipped catalogue into a folder and draws its pictures beside it."""
    shipped = files("onshelf") / "reference" / "example"
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    for name in ("products.csv", "profile.json"):
        with (folder / name).open("wb") as copy, (shipped / name).open("rb") as original:
            shutil.copyfileobj(original, copy)
    with (folder / "products.csv").open(encoding="utf-8-sig", newline="") as catalogue:
        rows = [row for row in csv.DictReader(catalogue) if row["图片"]]
    with out.progress("story.draw", len(rows)) as bar:
        for number, row in enumerate(rows, 1):
            draw_for(folder, row)
            bar.at(number)
    return folder / "products.csv"


def draw_for(folder: Path, row: Mapping[str, str]) -> None:
    """Draws a row's picture where the row says, unless it is one of those that shall be missing or outside."""
    name, code = row["图片"], row["商家编码"]
    if name == SMALL:
        (folder / name).write_bytes(draw(row["品类"], code, side=600))
    elif name == f"pictures/{code}.jpg":
        (folder / name).write_bytes(draw(row["品类"], code))


def channels(info: Mapping[str, Any]) -> dict[str, tuple[str, dict[str, str]]]:
    """Gives a channel of each kind, by name, for the sandbox's receivers."""
    smtp = info["smtp"]
    return {
        "值班邮箱": (
            "email",
            {
                "host": smtp["host"],
                "port": str(smtp["port"]),
                "security": "starttls",
                "ca_file": smtp["ca_file"],
                "username": smtp["user"],
                "password": smtp["password"],
                "sender": "onshelf@example.com",
                "to": "duty@example.com",
            },
        ),
        "运营群": ("dingtalk", dict(info["dingtalk"])),
        "erp": ("webhook", dict(info["webhook"])),
    }


async def check(app: App, out: Out, file: Path, summary: Summary) -> None:
    """Act 1: reads, prices and checks the catalogue, and shows every fault."""
    out.say("story.check", file=file.name)
    report: Report = await import_file(
        app.db,
        file,
        await load_profile(app.db, SHOP),
        shop_id=SHOP,
        import_id=new_id(app.clock.now_us(), app.random),
        clock=app.clock,
    )
    for finding in report.findings:
        show_finding(out, finding)
    tally = report.tally
    summary.refused = tally.faulty
    summary.kinds = len(
        {fault.rule for one in report.findings for fault in one.faults if fault.severity == "fault"}
    )
    out.say("check.tally", rows=tally.rows, good=tally.good, faulty=tally.faulty, warned=tally.warned)


async def publish(app: App, out: Out, stage: Stage, summary: Summary) -> None:
    """Act 2: shows the plan, then does it."""
    out.say("story.publish")
    shop = await app.shop(SHOP)
    free = app.platform.free(shop, Lane.LISTING)
    show_plan(out, await preview(app.db, SHOP, free, app.clock.now_us()))
    job_id = await start(app.db, app.queue, SHOP, app.clock, app.random)
    if job_id is None:
        return
    app.wakers.jobs.wake()
    before = (await stage.stats())["calls"]
    started = app.clock.monotonic()
    now = await progress(app.queue, job_id)
    with out.progress("publish.bar", now.total) as bar:
        while (job := await app.queue.job(job_id)) is not None and job.state not in ENDED:
            now = await progress(app.queue, job_id)
            bar.at(now.ended)
            await app.clock.sleep(LOOK_S)
        now = await progress(app.queue, job_id)
        bar.at(now.ended)
    summary.listed = now.succeeded
    summary.publish_s = app.clock.monotonic() - started
    summary.calls_at_publish = (await stage.stats())["calls"] - before
    out.say("story.published", listed=now.succeeded, failed=now.failed, seconds=f"{summary.publish_s:.1f}")


async def watch(app: App, out: Out, stage: Stage, summary: Summary) -> None:
    """Act 3: once the shelf is known, items leave it in every way; each is noticed with its cause."""
    out.say("story.watch", every_s=app.settings["watch_every_s"])
    items = [item for item in await list_items(app.db, SHOP, limit=500) if item.state is State.ONSALE]
    chosen = dict(zip(LEAVES, items[:: max(1, len(items) // len(LEAVES))], strict=False))
    begun_us = app.clock.now_us()
    for (action, cause), item in chosen.items():
        out.say("story.act", code=item.outer_id, title=item.title, act=cause_words(cause, out.lang))
        await stage.act(action, item.item_id)
    deadline = app.clock.monotonic() + PATIENCE_S
    found: dict[int, ItemChanged] = {}
    wanted = {item.item_id for item in chosen.values()}
    while set(found) != wanted and app.clock.monotonic() < deadline:
        for change in await history(app.db, SHOP, since_us=begun_us):
            if change.item_id in wanted and change.item_id not in found:
                found[change.item_id] = change
                seconds = (change.seen_us - change.happened_us) / 1_000_000
                summary.detected[change.reason] = seconds
                out.say(
                    "story.noticed",
                    code=change.outer_id,
                    new=state_words(change.new, out.lang),
                    reason=cause_words(change.reason, out.lang),
                    seconds=f"{seconds:.1f}",
                )
        await app.clock.sleep(LOOK_S)


async def show_alerts(app: App, out: Out, stage: Stage, summary: Summary) -> None:
    """Act 4: waits until every receiver was told every cause, and shows what it got."""
    out.say("story.alerts")
    deadline = app.clock.monotonic() + PATIENCE_S
    while app.clock.monotonic() < deadline:
        received = await stage.received()
        told = {receiver: causes_in(received, receiver, out) for receiver in CHANNELS}
        if all(len(causes) == len(LEAVES) for causes in told.values()):
            break
        await app.clock.sleep(LOOK_S)
    summary.alerts = {receiver: len(causes) for receiver, causes in told.items()}
    for one in received:
        out.say(
            f"story.got.{one['receiver']}", subject=one.get("subject", ""), to="、".join(one.get("to", ()))
        )
        for line in words_of(one).splitlines():
            if line.strip():
                out.plain(f"    │ {line}", style="dim")


def causes_in(received: list[dict[str, Any]], receiver: str, out: Out) -> set[str]:
    """Returns the causes a receiver was told, as its messages put them."""
    said = "\n".join(words_of(one) for one in received if one["receiver"] == receiver)
    names = {cause: (cause, cause_words(cause, out.lang)) for _, cause in LEAVES}
    return {cause for cause, ways in names.items() if any(way in said for way in ways)}


def words_of(message: Mapping[str, Any]) -> str:
    """Returns the part of a message people, or programs, read."""
    if message["receiver"] == "smtp":
        return str(message["text"])
    if message["receiver"] == "dingtalk":
        return str(message["body"]["markdown"]["text"])
    told = json.loads(message["body"])
    items = [
        json.dumps({name: one[name] for name in WEBHOOK_SHOWN}, ensure_ascii=False)
        for one in told["data"]["items"]
    ]
    return "\n".join([f"{told['type']} {told['timestamp']}", *items])


def show_summary(out: Out, summary: Summary, *, per_second: int, per_day: int) -> None:
    """Shows what the demo came to."""
    rate = summary.listed / summary.publish_s if summary.publish_s else 0.0
    asked = summary.calls_at_publish / summary.publish_s / per_second if summary.publish_s else 0.0
    # the first second's calls go at once, so a short run may seem to exceed the rate
    second_used = min(1.0, asked)
    slowest = max(summary.detected.values(), default=0.0)
    rows = [
        ("listed", summary.listed),
        ("refused", f"{summary.refused} ({summary.kinds})"),
        ("doubles", summary.doubles),
        ("rate", f"{rate:.1f}"),
        ("calls", summary.calls),
        ("quota", f"{second_used:.0%} / {summary.calls / per_day:.0%}"),
        ("quota_refusals", summary.quota_refusals),
        ("detected", f"{slowest:.1f}"),
        ("told", "、".join(f"{name} {count}/{len(LEAVES)}" for name, count in summary.alerts.items())),
    ]
    out.say("story.summary")
    out.table(
        ["what", "count"],
        [(text(f"cli.story.{name}", out.lang), value) for name, value in rows],
        right=("count",),
    )
    out.say("story.well" if summary.went_well else "story.not_well")
    out.data(
        {
            "listed": summary.listed,
            "refused": summary.refused,
            "refused_kinds": summary.kinds,
            "doubles": summary.doubles,
            "products_per_second": round(rate, 1),
            "calls": summary.calls,
            "quota_per_second_used": round(second_used, 3),
            "quota_day_used": round(summary.calls / per_day, 4),
            "quota_refusals": summary.quota_refusals,
            "detected_s": {cause: round(seconds, 2) for cause, seconds in summary.detected.items()},
            "alerts": summary.alerts,
            "audit_whole": summary.audit_whole,
            "ok": summary.went_well,
        }
    )
