"""A home somebody has worked in: shops, goods on and off the shelf, jobs in several states, alerts, people, keys, closures.

Made once for a file of tests, through the doors people and programs use: console, API, command line, the sandbox's controls.
"""

import asyncio
import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from command_line import Cli, wait_until
from console import PASSWORD, Desk
from dirty import write_dirty

from onshelf.cli.story.pictures import draw
from onshelf.clock import BEIJING, to_us
from onshelf.listing.intent import Doing, Intent, Look, Sighting, State
from onshelf.listing.store import save
from onshelf.store.open import open_database

SHOP, RESTING, NEW = "林记旗舰店", "林记女装店", "山野户外专营店"
ADD = "taobao.item.add"
REFUSED = "isv.error-food-security-required"
LISTED, LATER = 30, 12
"""How many products of the example are on the shelf, and how many wait in a job that is paused."""
LEFT = {"punish": 1, "delete": 1, "sell_out": 2, "delist": 4}
"""What becomes of items in the sandbox, and of how many."""
HOUR_US = 3_600_000_000
EXAMPLE = Path(str(files("onshelf"))) / "reference" / "example"
CLOSURES = (("双12大促", 20, 24, 60), ("年货节零点", 45, 2, 0))
"""Name, days ahead, hours it lasts, calls a minute that may still go."""
Row = dict[str, str]


@dataclass(slots=True)
class Worker:
    """Whoever works in the home: at a desk, at the command line of `cli`, and by a key of the API."""

    cli: Cli
    desk: Desk
    folder: Path
    now: datetime
    key: str = ""
    places: dict[str, str] = field(default_factory=dict)  # what the paths of pages name: shop, item, job, …

    async def live(self) -> dict[str, str]:
        """Works until every page has something to show; returns what the paths of pages name."""
        self.desk.page.on("dialog", lambda dialog: dialog.accept())
        listed, later = example(LISTED, LATER)
        await self.make_key()
        await self.furnish()
        await self.stock("春季上新.csv", listed)
        self.places["done"] = await self.publish()
        await self.leave_the_shelf()
        await self.stock(
            "改价.csv", [{**row, "标题": f"全网最低价{row['标题']}"} for row in listed if row["标题"]][:2]
        )
        await self.stock("夏季上新.csv", later)
        self.places["paused"] = await self.publish(stop=True)
        await self.rest()
        await doubts(self.cli, to_us(self.now))
        await self.bring_files()
        await self.invite()
        await self.tell_a_program()
        return self.places | {"shop": SHOP, "new": NEW, "app": self.cli.info["app_key"]}

    async def ask(self, verb: str, path: str, body: object = None) -> Any:
        """Calls a route of the API that must answer well."""
        reply = await self.desk.page.request.fetch(
            f"{self.desk.address}/api/v1/{quote(path, safe='/?=&')}",
            method=verb,
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
            data=json.dumps(body),
        )
        assert reply.ok, (verb, path, await reply.text())
        return await reply.json()

    async def control(
        self, path: str, order: Mapping[str, object] | None = None, verb: str | None = None
    ) -> Any:
        """Uses a control of the sandbox."""
        return await asyncio.to_thread(self.cli.control, path, order, verb)

    async def make_key(self) -> None:
        """Makes a key that may do everything."""
        desk = self.desk
        await desk.open("/people/keys")
        await desk.page.locator("summary.opens-title").click()
        await desk.page.fill("#name", "开店脚本")
        await desk.page.locator("input[name=role][value=administrator]").check()
        await desk.press("keys.new.go")
        self.key = await desk.page.locator("#secret").inner_text()

    async def furnish(self) -> None:
        """Gives the shop its profile, adds one that is not authorised, two channels that answer, and promotion days."""
        info = self.cli.info
        profile = json.loads((EXAMPLE / "profile.json").read_bytes())
        await self.ask("PUT", f"shops/{SHOP}/profile", {**profile, "pictures_optional": True})
        await self.ask("POST", "shops", self.another(NEW))
        for kind, name in (("dingtalk", "运营群"), ("webhook", "erp")):
            config = [f"{key}={value}" for key, value in info[kind].items()]
            await asyncio.to_thread(self.cli.good, "alerts", "add", kind, name, *config)
        midnight = self.now.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
        for name, days, hours, rate in CLOSURES:
            begins = midnight + timedelta(days=days)
            ends = begins + timedelta(hours=hours)
            day = {"name": name, "begins": begins.isoformat(), "ends": ends.isoformat(), "per_minute": rate}
            await self.ask("POST", "closures", day | {"methods": ["taobao.item.*"]})
            self.places.setdefault("month", f"{begins:%Y-%m}")

    def another(self, name: str) -> dict[str, str]:
        """A further shop of the same app."""
        info = self.cli.info
        return {"shop": name, "app_key": info["app_key"], "gateway": info["gateway"], "oauth": info["oauth"]}

    async def stock(self, name: str, rows: Sequence[Row]) -> None:
        """Brings in a file with its pictures."""
        file = self.folder / name
        write_rows(file, rows)
        done = await asyncio.to_thread(self.cli.run, "import", file, "--shop", SHOP)
        assert done.code != 2, done

    async def publish(self, *, stop: bool = False) -> str:
        """Publishes what waits, two lines refused by the platform; with `stop` the job is paused before it begins."""
        page = self.desk.page
        await self.control("faults", {"kind": "isp", "method": ADD, "sub_code": REFUSED, "at": [7, 19]})
        if stop:
            await self.ask("POST", f"shops/{SHOP}/pause")
        await self.desk.open(f"/shops/{SHOP}/publishing")
        await page.locator("form[action$='/publishing'] button.button-main").first.click()
        await page.wait_for_url("**/jobs/*")
        if stop:
            await self.desk.press("jobs.act.pause")
            await page.locator("#act-resume").wait_for()
            await self.ask("POST", f"shops/{SHOP}/resume")
        else:
            await page.locator("#live:not([hx-get])").wait_for(timeout=60_000)
        await self.control("faults", None, "DELETE")
        return page.url.rpartition("/")[2].partition("?")[0]

    async def leave_the_shelf(self) -> None:
        """Lets items leave the shelf in every way; one alert is taken up, one kept silent."""
        items = iter([one for one in await self.control("items") if one["approve_status"] == "onsale"])
        for act, count in LEFT.items():
            for _ in range(count):
                await self.control("seller", {"action": act, "num_iid": next(items)["num_iid"]})
        await asyncio.to_thread(
            wait_until,
            lambda: len(self.cli.good("alerts", "list")) >= sum(LEFT.values()),
            "every alert stands",
        )
        one, other, third, *_ = (await self.ask("GET", "alerts?state=firing&cause=taken_off"))["items"]
        await self.ask("POST", f"alerts/{one['alert']}/acknowledge", {"note": "已联系仓库"})
        quiet = {
            "alert": other["alert"],
            "until": (self.now + timedelta(days=1)).isoformat(),
            "why": "换季清仓",
        }
        await self.ask("POST", "silences", quiet)
        self.places |= {"alert": third["alert"], "item": str(third["item_id"]), "code": third["outer_id"]}

    async def rest(self) -> None:
        """Adds a shop of the same seller and pauses it."""
        await self.ask("POST", "shops", self.another(RESTING) | {"session": self.cli.info["session"]})
        await self.ask("POST", f"shops/{RESTING}/pause")

    async def bring_files(self) -> None:
        """Uploads a file whose columns nobody confirms, and one with twelve kinds of fault, of which one is mended."""
        desk = self.desk
        for name, prefix, file in (
            ("columns", "LK", "供应商报价单.csv"),
            ("faults", "LJ", "供应商9月上新.csv"),
        ):
            write_dirty(self.folder / file, rows=120, each=2, prefix=prefix)
            await desk.open(f"/shops/{SHOP}/imports")
            await desk.page.set_input_files("#file", self.folder / file)
            await desk.page.locator("select[name=field]").first.wait_for()
            self.places[name] = desk.page.url.rpartition("/")[2].partition("?")[0]
            if name == "faults":
                await desk.press("imports.columns.go")
                await desk.page.locator("#import-figures").wait_for()
                await desk.page.locator("td form[action$='/accept'] button").first.click()
                await desk.page.locator(".notice-good").wait_for()

    async def invite(self) -> None:
        """Invites two colleagues; one has come in."""
        asked = {"name": "陈晨", "role": "approver"}
        self.places["link"] = urlsplit((await self.ask("POST", "invitations", asked))["link"]).path
        link = (await self.ask("POST", "invitations", {"name": "王芳", "role": "operator", "shops": [SHOP]}))[
            "link"
        ]
        await comes(self.desk, link)
        everybody = (await self.ask("GET", "people"))["items"]
        self.places["person"] = next(one["person"] for one in everybody if one["name"] == "王芳")

    async def tell_a_program(self) -> None:
        """Adds a webhook."""
        asked = {"url": "https://erp.example.com/onshelf", "about": "ERP 收货"}
        self.places["hook"] = (await self.ask("POST", "webhooks", asked))["webhook"]


def example(*counts: int) -> list[list[Row]]:
    """Returns rows of the shipped catalogue: so many products each, of every kind of goods by turns, faulty ones left out."""
    with (EXAMPLE / "products.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    drawn = {row["商家编码"] for row in rows if row["图片"] == f"pictures/{row['商家编码']}.jpg"}
    codes = sorted(drawn, key=lambda code: (code[-2:], code))
    found, at = [], 0
    for count in counts:
        chosen = set(codes[at : at + count])
        found.append([row for row in rows if row["商家编码"] in chosen])
        at += count
    return found


def write_rows(file: Path, rows: Sequence[Row]) -> None:
    """Writes rows of the catalogue and draws their pictures beside them."""
    (file.parent / "pictures").mkdir(exist_ok=True)
    for row in rows:
        if row["图片"]:
            (file.parent / row["图片"]).write_bytes(draw(row["品类"], row["商家编码"]))
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.DictWriter(out, rows[0])
        writer.writeheader()
        writer.writerows(rows)


async def doubts(cli: Cli, now_us: int) -> None:
    """Two writes nobody can decide about but a person."""
    sent = now_us - HOUR_US
    seen = Sighting(700_000_000_007, "", "新款收腰中长款连衣裙", False, True, sent, sent + 2_000_000)
    strangers = '{"code": "listing.undecided.strangers", "item_ids": [700000000007]}'
    never = '{"code": "listing.undecided.never_appears"}'
    database = await open_database(str(cli.home / "onshelf.db"))
    try:
        for code, looks, why in (("LY-2041", (seen,), strangers), ("LY-2077", (), never)):
            asked = Intent(
                SHOP, code, state=State.UNDECIDED, doing=Doing.CREATE, attempt=1, first_sent_us=sent, sent_us=sent,
                looks=(Look(sent + 1_000_000, True, looks),), problem=why,
                sent={"title": "新款收腰中长款连衣裙", "price": "129.90", "stock": "36"},
            )  # fmt: skip
            await database.commit([save(asked, None)[1]])
    finally:
        await database.close()


async def comes(desk: Desk, link: str) -> None:
    """Lets somebody take their place by a link, in a browser of their own."""
    browser = desk.page.context.browser
    assert browser is not None
    context = await browser.new_context()
    try:
        page = await context.new_page()
        await page.goto(link)
        await page.fill("#password", PASSWORD)
        await page.fill("#again", PASSWORD)
        await page.click("button.button-main")
        await page.wait_for_url(lambda url: "/welcome/" not in url)
    finally:
        await context.close()
