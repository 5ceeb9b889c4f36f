"""An act is written alike whichever door it came through: the API, the console, the command line."""

import ast
import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from command_line import Cli
from furnished import trouble
from jobs_made import job
from PIL import Image
from service import Answer, Browser, Service, served

import onshelf
from onshelf.catalog.profile import Profile
from onshelf.catalog.store import load_profile, save_profile
from onshelf.clock import BEIJING, from_us
from onshelf.guard.chain import Kind
from onshelf.guard.history import Entry, Search, history
from onshelf.listing.intent import Doing, Intent, State
from onshelf.listing.store import save
from onshelf.web.console.audit import changes_of
from onshelf.web.console.profile_form import version_of

SHOP = "/shops/shop-a"
GATEWAY = "http://127.0.0.1:9/router/rest"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
HOOK = "http://127.0.0.1:9/services/T0KEN"
CHANNEL = {"channel": "erp", "kind": "webhook", "config": {"url": HOOK, "secret": SECRET}, "lang": "zh"}
CONFIG = (f"url={HOOK}", f"secret={SECRET}")
ITS_FORM = {"kind": "webhook", "name": "erp", "field-url": HOOK, "field-secret": SECRET, "least": "warning",
            "resolved": "on", "lang": "zh"}  # fmt: skip
CLOSURE = {"name": "双11", "begins": "2099-11-11T00:00:00+08:00", "ends": "2099-11-12T00:00:00+08:00",
           "methods": ["taobao.item.add"], "per_minute": 3}  # fmt: skip
PRODUCT = {"title": "连衣裙 2026 夏季新款", "price": "59.00", "stock": 5}
FILE = "商家编码,标题,价格,库存\nB-1,连衣裙,59.00,5\nB-2,,abc,5\n"
NEW_SHOP = {"shop": "shop-b", "app_key": "87654321", "app_secret": "s", "gateway": GATEWAY, "oauth": ""}
Step = Callable[["Doors"], Awaitable[Any]]


@dataclass
class Doors:
    """The three ways in, and what was made on the way."""

    service: Service
    boss: Browser
    cli: Cli
    home: Path
    made: dict[str, str] = field(default_factory=dict)

    @property
    def until(self) -> str:
        """A moment of the next days, in Beijing."""
        day = from_us(self.service.app.clock.now_us()).astimezone(BEIJING) + timedelta(days=2)
        return f"{day:%Y-%m-%dT}00:00"

    async def api(self, verb: str, path: str, **given: Any) -> Answer:
        answer = await self.service.api(verb, path, **given)
        assert answer.status < 300, answer.text
        return answer

    async def page(self, path: str, fields: dict[str, str] | None = None, **given: Any) -> Answer:
        answer = await self.boss.post(path, fields, **given)
        assert answer.status < 400, answer.text
        return answer

    async def type(self, *words: object, **settings: Any) -> None:
        """Runs a command; how it ends does not matter, for there is no platform here."""
        await self.service.app.audit.flush()
        await asyncio.to_thread(self.cli.run, *words, **settings)

    async def product(self) -> None:
        await self.api("PUT", f"{SHOP}/products/A-1", json=PRODUCT)

    async def channel(self) -> None:
        await self.service.api("DELETE", "/channels/erp")
        await self.api("POST", "/channels", json=CHANNEL)

    async def file(self, name: str, text: str) -> Path:
        path = self.home / name
        await asyncio.to_thread(path.write_text, text)
        return path


@dataclass(frozen=True)
class Case:
    """One act by each door; `before` makes it possible again, `None`: that door has it not."""

    action: str
    before: Step
    api: Step
    page: Step | None = None
    cli: Step | None = None


async def nothing(d: Doors) -> None:
    pass


async def no_shop(d: Doors) -> None:
    await d.service.api("DELETE", "/shops/shop-b?force=true")


async def second_shop(d: Doors) -> None:
    await no_shop(d)
    await d.api("POST", "/shops", json=NEW_SHOP)


async def paused(d: Doors) -> None:
    await d.api("POST", f"{SHOP}/pause")


async def going(d: Doors) -> None:
    await d.api("POST", f"{SHOP}/resume")


async def add_shop_by_page(d: Doors) -> None:
    given = {
        "name": "shop-b",
        "app_key": "87654321",
        "app_secret": "s",
        "gateway": GATEWAY,
        "oauth": "",
        "tmc": "",
    }
    await d.page("/shop-new", given)


async def add_shop_by_command(d: Doors) -> None:
    secret = await d.file("secret", "s")
    await d.type("shop", "add", "shop-b", "--gateway", GATEWAY, "--oauth", "", "--app-key", "87654321",
                 "--app-secret-file", secret)  # fmt: skip


async def session_by_command(d: Doors) -> None:
    await d.type("shop", "auth", "shop-a", "--session-file", await d.file("session", "s3ss10n"))


async def blank_profile(d: Doors) -> None:
    await d.api("PUT", f"{SHOP}/profile", json={})


async def profile_by_page(d: Doors) -> None:
    before = await load_profile(d.service.app.db, "shop-a")
    shown = {
        "version": version_of(before),
        "condition": "new",
        "description": before.description,
        "province": "浙江",
    }
    await d.page(f"{SHOP}/profile", {**shown, "word": "手机壳", "leaf": "50000671", "city": "", "rule": ""})


async def import_by_page(d: Doors) -> None:
    token = await d.boss.csrf()
    sent = form(FILE, "b.csv")
    sent.add_field("csrf", token)
    answer = await d.service.ask("POST", f"{SHOP}/imports", http=d.boss.http, data=sent)
    path = answer.headers["Location"].partition("?")[0]
    columns = [("header", one) for one in ("商家编码", "标题", "价格", "库存")]
    fields = [("field", one) for one in ("outer_id", "title", "price", "stock")]
    data = aiohttp.FormData([*columns, *fields, ("csrf", token)])
    await d.service.ask("POST", f"{path}/columns", http=d.boss.http, data=data)
    await d.page(f"{path}/bring-in")


async def import_by_command(d: Doors) -> None:
    await d.type("import", await d.file("b.csv", FILE), "--shop", "shop-a")


async def no_b(d: Doors) -> None:
    await d.service.api("DELETE", f"{SHOP}/products/B-1")


async def job_there(d: Doors) -> None:
    d.made["job"] = await job(d.service)


async def question_there(d: Doors) -> None:
    d.made["code"] = f"Q-{int(d.made.get('code', 'Q-0')[2:]) + 1}"
    await d.service.app.db.commit(
        [save(Intent("shop-a", d.made["code"], state=State.UNDECIDED, doing=Doing.CREATE), None)[1]]
    )


async def silenced(d: Doors) -> None:
    given = {"shop": "shop-a", "cause": "sold_out", "until": d.until + ":00+08:00", "why": "盘点"}
    d.made["silence"] = (await d.api("POST", "/silences", json=given)).json["silence"]


async def alert_fires(d: Doors) -> None:
    if "alert" not in d.made:
        await trouble(d.service)
        d.made["alert"] = (await d.service.api("GET", "/alerts")).json["items"][0]["alert"]
    await d.api("DELETE", f"/alerts/{d.made['alert']}/acknowledge")


async def person_there(d: Doors) -> None:
    people = (await d.api("GET", "/people")).json["items"]
    d.made["person"] = next(one["person"] for one in people if one["name"] == "boss")


async def pictures_by_page(d: Doors) -> None:
    sent = picture()
    sent.add_field("csrf", await d.boss.csrf())
    await d.service.ask("POST", f"{SHOP}/imports/pictures", http=d.boss.http, data=sent)


def picture() -> aiohttp.FormData:
    sent = aiohttp.FormData()
    content = BytesIO()
    Image.new("RGB", (800, 800)).save(content, "PNG")
    sent.add_field("file", content.getvalue(), filename="a.png")
    return sent


def of_job(act: str) -> Case:
    return Case(
        f"jobs.{act}",
        job_there,
        lambda d: d.api("POST", f"/jobs/{d.made['job']}/{act}"),
        lambda d: d.page(f"/jobs/{d.made['job']}/{act}"),
        lambda d: d.type("jobs", act, d.made["job"]),
    )


CASES = [
    Case("shop.added", no_shop, lambda d: d.api("POST", "/shops", json=NEW_SHOP), add_shop_by_page, add_shop_by_command),
    Case("shop.removed", second_shop, lambda d: d.api("DELETE", "/shops/shop-b"),
         lambda d: d.page("/shops/shop-b/remove", {"name": "shop-b"}),
         lambda d: d.type("shop", "remove", "shop-b", "--confirm", "shop-b")),
    Case("shop.paused", going, lambda d: d.api("POST", f"{SHOP}/pause"), lambda d: d.page(f"{SHOP}/pause"),
         lambda d: d.type("shop", "pause", "shop-a")),
    Case("shop.resumed", paused, lambda d: d.api("POST", f"{SHOP}/resume"), lambda d: d.page(f"{SHOP}/resume"),
         lambda d: d.type("shop", "resume", "shop-a")),
    Case("shop.authorised", nothing, lambda d: d.api("PUT", f"{SHOP}/session", json={"session": "s3ss10n"}),
         lambda d: d.page(f"{SHOP}/session", {"session": "s3ss10n"}), session_by_command),
    Case("shop.probed", nothing, lambda d: d.api("POST", f"{SHOP}/probe"), lambda d: d.page(f"{SHOP}/probe"),
         lambda d: d.type("shop", "probe", "shop-a")),
    Case("shop.profile_set", blank_profile,
         lambda d: d.api("PUT", f"{SHOP}/profile", json={"province": "浙江", "categories": {"手机壳": 50000671}}),
         profile_by_page,
         lambda d: d.type("shop", "profile", "shop-a", "--set", "province=浙江", "--set", "categories.手机壳=50000671")),
    Case("products.imported", no_b, lambda d: d.api("POST", f"{SHOP}/imports", data=form(FILE, "b.csv")),
         import_by_page, import_by_command),
    Case("pictures.added", nothing, lambda d: d.api("POST", f"{SHOP}/pictures", data=picture()), pictures_by_page),
    Case("product.changed", Doors.product, lambda d: d.api("PATCH", f"{SHOP}/products/A-1", json={"price": "61.00"}),
         lambda d: d.page(f"{SHOP}/products/cell", {"code": "A-1", "field": "price", "value": "61.00", "was": "59.00"})),
    Case("product.deleted", Doors.product, lambda d: d.api("DELETE", f"{SHOP}/products/A-1"),
         lambda d: d.page(f"{SHOP}/product/delete", {"code": "A-1"})),
    *map(of_job, ("pause", "cancel")),
    Case("listing.settled", question_there,
         lambda d: d.api("POST", f"{SHOP}/undecided/{d.made['code']}", json={"choice": "give_up"}),
         lambda d: d.page(f"{SHOP}/undecided", {"outer_id": d.made["code"], "choice": "give_up"}),
         lambda d: d.type("jobs", "settle", d.made["code"], "give-up", "--shop", "shop-a")),
    Case("platform.called", nothing,
         lambda d: d.service.api("POST", f"{SHOP}/calls", json={"method": "taobao.time.get", "params": {}}), None,
         lambda d: d.type("call", "taobao.time.get", "--shop", "shop-a")),
    Case("quota.permit", lambda d: d.api("PUT", "/apps/12345678/permits", json={"permits": []}),
         lambda d: d.api("PUT", "/apps/12345678/permits", json={"permits": [{"calls": 5000}]}),
         lambda d: d.page("/quota/12345678/permits", {"calls": "5000", "per": "day"}),
         lambda d: d.type("quota", "permit", "5000", "--shop", "shop-a")),
    Case("quota.calendar.add", lambda d: d.service.api("DELETE", "/closures/双11"),
         lambda d: d.api("POST", "/closures", json=CLOSURE),
         lambda d: d.page("/calendar", {"name": "双11", "begins": "2099-11-11T00:00", "ends": "2099-11-12T00:00",
                                        "methods": "taobao.item.add", "per_minute": "3"}),
         lambda d: d.type("quota", "calendar", "add", "双11", "--from", "2099-11-11", "--to", "2099-11-12",
                          "--method", "taobao.item.add", "--per-minute", 3)),
    Case("quota.calendar.remove", lambda d: d.api("POST", "/closures", json=CLOSURE),
         lambda d: d.api("DELETE", "/closures/双11"), lambda d: d.page("/calendar/remove", {"name": "双11"}),
         lambda d: d.type("quota", "calendar", "remove", "双11")),
    Case("channel.added", lambda d: d.service.api("DELETE", "/channels/erp"),
         lambda d: d.api("POST", "/channels", json=CHANNEL), lambda d: d.page("/alerts/channels/new", ITS_FORM),
         lambda d: d.type("alerts", "add", "webhook", "erp", *CONFIG, lang="zh")),
    Case("channel.changed", Doors.channel,
         lambda d: d.api("PATCH", "/channels/erp", json={"least": "critical", "config": {"url": f"{HOOK}x", "secret": SECRET}}),
         lambda d: d.page("/alerts/channels/erp", {**ITS_FORM, "field-url": f"{HOOK}x", "least": "critical"}),
         lambda d: d.type("alerts", "add", "webhook", "erp", f"url={HOOK}x", CONFIG[1], "--least", "critical", "--replace",
                          lang="zh")),
    Case("channel.removed", Doors.channel, lambda d: d.api("DELETE", "/channels/erp"),
         lambda d: d.page("/alerts/channels/erp/remove"), lambda d: d.type("alerts", "remove", "erp")),
    Case("channel.tested", Doors.channel, lambda d: d.api("POST", "/channels/erp/test"),
         lambda d: d.page("/alerts/channels/erp/test"), lambda d: d.type("alerts", "test", "erp")),
    Case("channel.resumed", Doors.channel, lambda d: d.api("POST", "/channels/erp/resume"),
         lambda d: d.page("/alerts/channels/erp/resume"), lambda d: d.type("alerts", "resume", "erp")),
    Case("alert.acknowledged", alert_fires,
         lambda d: d.api("POST", f"/alerts/{d.made['alert']}/acknowledge", json={"note": "在看"}),
         lambda d: d.page(f"/alerts/one/{d.made['alert']}/acknowledge", {"note": "在看"}),
         lambda d: d.type("alerts", "ack", d.made["alert"], "--note", "在看")),
    Case("alert.silenced", nothing, silenced,
         lambda d: d.page("/alerts/silences", {"shop_id": "shop-a", "cause": "sold_out", "own": d.until, "why": "盘点"}),
         lambda d: d.type("alerts", "silence", d.until, "--shop", "shop-a", "--cause", "sold_out", "--why", "盘点")),
    Case("alert.silence_ended", silenced, lambda d: d.api("DELETE", f"/silences/{d.made['silence']}"),
         lambda d: d.page(f"/alerts/silences/{d.made['silence']}/end"),
         lambda d: d.type("alerts", "unsilence", d.made["silence"])),
    Case("person.unlocked", person_there, lambda d: d.api("POST", f"/people/{d.made['person']}/unlock"),
         lambda d: d.page(f"/people/{d.made['person']}/unlock"), lambda d: d.type("people", "unlock", "boss")),
    Case("person.let_in_again", person_there, lambda d: d.api("POST", f"/people/{d.made['person']}/reset"),
         lambda d: d.page(f"/people/{d.made['person']}/reset"), lambda d: d.type("people", "reset", "boss")),
]  # fmt: skip
SHAPED_ALIKE = {
    "publish.started": "the command works on the job to its end, which needs a platform",
    "import.mended": "one door",
    "product.added": "one door",
    "webhook.replayed": "one verb",
    "person.joined": "two ways in, one door",
}
"""Acts noted in several places that no case compares."""


@pytest_asyncio.fixture
async def doors(tmp_path: Path) -> AsyncIterator[Doors]:
    home = tmp_path / "home"
    async with served(home) as service, service.browser("boss") as boss:
        await service.add_shop()
        whole = Profile(category_id=50000671, province="浙江", city="杭州", pictures_optional=True)
        await service.app.db.commit([save_profile("shop-a", whole, 0)])
        yield Doors(service, boss, Cli(home), tmp_path)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.action)
async def test_an_act_is_written_alike_from_every_door(doors: Doors, case: Case) -> None:
    rows, told = [], []
    for step in filter(None, (case.cli, case.page, case.api)):
        await case.before(doors)
        before = await newest(doors, case.action)
        await step(doors)
        after = await newest(doors, case.action)
        assert after is not None
        assert after != before, "it was not noted"
        rows.append(after)
        told.append((shown(after.subject, doors), shown(str(after.change), doors)))

    assert len({one.actor for one in rows}) == len(rows)
    for other in told[1:]:
        assert other == told[0]
    assert not any(secret in str(rows) for secret in (SECRET, "T0KEN", "s3ss10n"))
    labels = [one.label for row in rows for one in changes_of(row, "zh")]
    assert not [one for one in labels if one.isascii() and one.islower() and "/" not in one], (
        "a field without a word"
    )


def form(text: str, name: str) -> aiohttp.FormData:
    sent = aiohttp.FormData()
    sent.add_field("file", text.encode(), filename=name)
    return sent


async def newest(d: Doors, action: str) -> Entry | None:
    await d.service.app.audit.flush()
    found = await history(d.service.app.db, Search(Kind.ACT, action=action), None, 1)
    return found[0] if found else None


def shown(told: str, d: Doors) -> str:
    """Lets ids that are made anew each time look alike."""
    for made in d.made.values():
        told = told.replace(made, "id")
    return re.sub(r"\b[0-9a-hjkmnp-tv-z]{20}\b", "id", told)


def test_every_act_that_several_places_note_is_compared() -> None:
    """An act is noted in one place for API and console both, or in several that a case holds together."""
    source = Path(onshelf.__file__).parent
    places = Counter(
        call.func.attr
        for room in ("web", "cli")
        for file in (source / room).rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
    )
    tree = ast.parse((source / "acts.py").read_text("utf-8"))
    makers = {
        one.name: str(name.value)
        for one in tree.body
        if isinstance(one, ast.FunctionDef) and not one.name.startswith("_")
        for made in ast.walk(one)
        if isinstance(made, ast.Call) and getattr(made.func, "id", "") == "Act"
        for name in ast.walk(made.args[0])
        if isinstance(name, ast.Constant)
    }
    several = {action for name, action in makers.items() if places[name] > 1 and action != "jobs."}

    assert several - {case.action for case in CASES} - set(SHAPED_ALIKE) == set()
