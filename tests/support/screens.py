"""Every page of the console and its telling states: where it is, what is done there first, and what a picture of it shows."""

import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

from console import Desk
from PIL import Image

# of a kept picture: enough for letters with soft edges, tags and charts, and a quarter of the bytes
COLOURS = 128
Act = Callable[[Desk], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Screen:
    """One picture: `<name>.png`, and `<name>.en.phone.png` when `phone`."""

    name: str
    path: str  # of the console; places a lived-in home has stand in braces
    shows: str  # one line for docs/screens/README.md
    act: Act | None = None  # done once the page is there
    phone: bool = False  # also kept in English at phone width
    bare: bool = False  # seen by somebody who has not signed in
    status: int = 200
    refused: int = 0  # the status of what `act` is answered, when that is no success

    def at(self, places: Mapping[str, str]) -> str:
        """Returns the path in a home that has these places."""
        return self.path.format(**{name: quote(value) for name, value in places.items()})

    async def keep(self, desk: Desk) -> None:
        """Keeps a small picture in the folder ONSHELF_TEST_PICTURES names, if any and if this combination is one to keep."""
        folder = os.environ.get("ONSHELF_TEST_PICTURES")
        kept = {("zh", "desk"): "", **({("en", "phone"): ".en.phone"} if self.phone else {})}
        suffix = kept.get((desk.lang, desk.size))
        if folder and suffix is not None:
            whole = Image.open(BytesIO(await desk.page.screenshot())).convert("RGB")
            few = whole.quantize(COLOURS, kmeans=2, dither=Image.Dither.NONE)
            few.save(Path(folder) / f"{self.name}{suffix}.png", optimize=True)


async def cell_refused(desk: Desk) -> None:
    """Writes a price that no rule lets through."""
    cell = desk.page.locator("input.cell-input[inputmode=decimal]").first
    await cell.fill("0.10")
    await cell.press("Tab")
    fault = desk.page.locator(".cell-fault").first
    await fault.wait_for()
    await fault.evaluate("(it) => it.scrollIntoView({ block: 'center' })")


async def further_down(desk: Desk) -> None:
    """Goes past what tells of this machine alone."""
    await desk.page.locator("main tbody tr").nth(1).evaluate("(it) => it.scrollIntoView({ block: 'start' })")


async def ticked(desk: Desk) -> None:
    """Ticks two items."""
    for number in range(2):
        await desk.page.locator("input[name=items]:not(:disabled)").nth(number).check()


async def asked_to_list(desk: Desk) -> None:
    """Ticks an item and goes on to the question."""
    await desk.page.locator("input[name=items]:not(:disabled)").first.check()
    await desk.press("shelf.list")
    await desk.page.wait_for_url("**/ask")


async def silence_open(desk: Desk) -> None:
    """Opens the form that silences a group."""
    await desk.page.locator("details.drop summary", has_text=desk.say("alerts.silence")).first.click()


async def wrong_password(desk: Desk) -> None:
    """Tries to come in with a wrong password."""
    await desk.page.fill("#name", "陌生人")
    await desk.page.fill("#password", "not-the-password")
    await desk.press("sign_in")
    await desk.page.locator(".notice-bad").wait_for()


async def menu_open(desk: Desk) -> None:
    """Opens the menu where it is folded away."""
    button = desk.page.locator("[data-toggle=menu]")
    if await button.is_visible():
        await button.click()


SCREENS = (
    Screen("today", "/", "Today: what needs a person, the day in figures, jobs, shops", phone=True),
    Screen("today-menu", "/", "the menu at phone width", menu_open, phone=True),
    Screen("products", "/shops/{shop}/products", "a shop's products, edited in the grid", phone=True),
    Screen(
        "products-cell",
        "/shops/{shop}/products",
        "a price that breaks a rule, told in its cell",
        cell_refused,
        refused=422,
    ),
    Screen("products-none", "/shops/{new}/products", "no product yet, and what to do next"),
    Screen(
        "product", "/shops/{shop}/product?code={code}", "one product with variants, pictures and its items"
    ),
    Screen("imports", "/shops/{shop}/imports", "a file is dropped here; earlier imports", phone=True),
    Screen(
        "import-columns", "/shops/{shop}/imports/{columns}", "what each column of a file means, with samples"
    ),
    Screen(
        "import-faults",
        "/shops/{shop}/imports/{faults}",
        "faults by kind, with suggestions, mended in place",
        phone=True,
    ),
    Screen(
        "import-changes",
        "/shops/{shop}/imports/{faults}/changes",
        "what mending changed, each to be taken back",
    ),
    Screen("profile", "/shops/{shop}/profile", "the publishing profile: defaults, price rule, mappings"),
    Screen("jobs", "/jobs", "publishing jobs", phone=True),
    Screen("job-failed", "/jobs/{done}", "a job some lines of which failed: why, and what to do", phone=True),
    Screen("job-paused", "/jobs/{paused}", "a job somebody paused"),
    Screen(
        "plan",
        "/shops/{shop}/publishing",
        "what a publish will do, what it costs and how long it takes",
        phone=True,
    ),
    Screen(
        "undecided",
        "/shops/{shop}/undecided",
        "writes whose outcome only a person can settle, with the evidence",
    ),
    Screen("shelf", "/shelf?shop={shop}", "the shelf with filters", ticked, phone=True),
    Screen("shelf-none", "/shelf?shop={shop}&words=没有这样的宝贝", "nothing fits the filter"),
    Screen(
        "shelf-ask",
        "/shelf?shop={shop}&state=instock",
        "what relisting will do, before it is done",
        asked_to_list,
    ),
    Screen("item", "/shelf/{shop}/{item}", "one item: state, cause, time line", phone=True),
    Screen("alerts", "/alerts", "alerts by shop and cause", phone=True),
    Screen("alerts-silence", "/alerts", "a group of alerts is silenced", silence_open),
    Screen("alerts-none", "/alerts?shop={new}", "no alert waits for anybody"),
    Screen("alert", "/alerts/one/{alert}", "one alert: what to do, who has it, who was told", phone=True),
    Screen("silences", "/alerts/silences", "what is kept silent, until when and why"),
    Screen("rules", "/alerts/rules", "which rules there are and who hears of them"),
    Screen("channels", "/alerts/channels", "channels and their latest messages"),
    Screen("channel", "/alerts/channels/erp", "one channel, with its test button"),
    Screen("channel-new", "/alerts/channels/new?kind=dingtalk", "a robot is added in two minutes"),
    Screen("deliveries", "/alerts/deliveries", "every message and what became of it"),
    Screen("shops", "/shops", "shops: authorisation, messages, quota", phone=True),
    Screen("shop", "/shops/{shop}", "one shop"),
    Screen("shop-unauthorised", "/shops/{new}", "a shop that waits for its seller's consent"),
    Screen("shop-new", "/shop-new", "a shop is added"),
    Screen("shop-remove", "/shops/{new}/remove", "what goes and what stays when a shop is removed"),
    Screen("quota", "/quota/{app}", "an app's quota and forecast"),
    Screen("calendar", "/calendar?month={month}", "the promotion calendar"),
    Screen("people", "/people", "people and invitations"),
    Screen("person", "/people/{person}", "one person: role, shops, ways in"),
    Screen("keys", "/people/keys", "keys of programs"),
    Screen("account", "/account", "one's own account and sessions"),
    Screen("account-totp", "/account/totp", "the second factor is turned on"),
    Screen("audit", "/audit", "who did what, before and after"),
    Screen("settings", "/settings", "every setting with its origin", further_down),
    Screen("developer", "/developer", "webhooks and first steps for programs"),
    Screen("webhook", "/developer/webhooks/{hook}", "one webhook: deliveries, replay, secret"),
    Screen("webhook-new", "/developer/webhooks/new", "a webhook is added"),
    Screen("webhook-edit", "/developer/webhooks/{hook}/edit", "a webhook is changed"),
    Screen(
        "reference", "/developer/reference", "every route of the API, with a command that runs as it stands"
    ),
    Screen("sign-in", "/sign-in", "signing in", bare=True),
    Screen("sign-in-wrong", "/sign-in", "a wrong password", wrong_password, bare=True, refused=401),
    Screen("welcome", "{link}", "somebody comes in by an invitation", bare=True),
    Screen("not-found", "/jobs/nope", "what is not there says what to do", status=404),
)
