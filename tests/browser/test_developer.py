"""A developer connects a program: a webhook from the first click to the signed message, sent again, and the reference."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web
from command_line import HEADER, Cli
from console import Desk, Sits, keep_screen

from onshelf.platforms.webhook import sign

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]
PATIENCE_S = 30.0


@dataclass
class Erp:
    """Somebody's program that is told what happens."""

    url: str = ""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.headers), await request.read()))
        self.came.set()
        return web.Response(status=204)

    async def message(self, kind: str, count: int = 1) -> dict[str, str]:
        """Waits until so many messages of a type have come; returns the headers of the last."""
        async with asyncio.timeout(PATIENCE_S):
            while len(found := [head for head, body in self.got if json.loads(body)["type"] == kind]) < count:
                self.came.clear()
                await self.came.wait()
        return found[-1]


@asynccontextmanager
async def erp() -> AsyncIterator[Erp]:
    found = Erp()
    app = web.Application()
    app.router.add_post("/in", found.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/in"
    try:
        yield found
    finally:
        await runner.cleanup()


async def made(sitting: Desk, url: str) -> str:
    """Adds a webhook; returns the secret that is shown."""
    await sitting.open("/developer")
    await sitting.press("developer.new")
    await sitting.page.fill("#url", url)
    await sitting.page.fill("#about", "ERP")
    await sitting.press("developer.new.go")
    return await sitting.page.locator("#secret").inner_text()


async def test_a_webhook_is_added_tested_told_and_told_again(sits: Sits, cli: Cli, tmp_path: Path) -> None:
    products = tmp_path / "products.csv"
    row = ("DEV-1", "开发者测试连衣裙", "", "59.00", "5", "")
    products.write_text("\n".join(",".join(line) for line in (HEADER, row)), "utf-8")
    async with erp() as program, sits() as sitting:
        secret = await made(sitting, program.url)
        await keep_screen(sitting, "developer-secret")
        await sitting.press("developer.test")
        await sitting.sees(sitting.say("developer.tried.good", status=204))
        (headers, body) = program.got[0]
        assert headers["webhook-signature"] == sign(
            secret, headers["webhook-id"], int(headers["webhook-timestamp"]), body
        )
        assert secret not in await sitting.page.content()

        imported = await asyncio.to_thread(cli.run, "import", products, "--shop", "shop-a")
        assert imported.code == 0, imported
        told = await program.message("import.ended")
        await sitting.open(sitting.page.url.removeprefix(sitting.address).removesuffix("/test"))
        replay = sitting.page.get_by_role("row").filter(has_text="import.ended").get_by_role("button")
        await replay.click()
        await sitting.sees(sitting.say("developer.done.replayed", count="1"))
        again = await program.message("import.ended", 2)
        await keep_screen(sitting, "developer-webhook")

        assert again["webhook-id"] == told["webhook-id"]
        assert await sitting.serious_faults() == []
        assert sitting.complaints == []


async def test_what_cannot_be_an_address_is_said_beside_the_form(sits: Sits) -> None:
    async with sits() as sitting:
        await sitting.open("/developer/webhooks/new")
        await sitting.page.fill("#url", "https://user:pw@erp.example.com/")
        await sitting.press("developer.new.go")

        await sitting.page.locator(".notice-bad").wait_for()
        assert "user:pw" not in await sitting.page.locator(".notice-bad").inner_text()
        assert await sitting.serious_faults() == []


async def test_a_webhook_is_paused_goes_on_and_is_removed(sits: Sits) -> None:
    async with erp() as program, sits() as sitting:
        await made(sitting, program.url)
        sitting.page.on("dialog", lambda dialog: dialog.accept())
        await sitting.press("developer.pause")
        await sitting.sees(sitting.say("developer.paused"))
        await sitting.press("developer.resume")
        await sitting.sees(sitting.say("developer.done.resumed"))
        await sitting.press("developer.remove")
        await sitting.sees(sitting.say("developer.done.removed"))


async def test_the_reference_shows_every_route_with_a_command_for_this_address(sits: Sits) -> None:
    async with sits() as sitting:
        await sitting.open("/developer/reference")
        line = sitting.page.locator("#get-api-v1-shops")
        await line.locator("summary").click()
        shown = await line.locator("pre").inner_text()
        await keep_screen(sitting, "developer-reference")

        assert f"'{sitting.address}/api/v1/shops'" in shown
        assert await sitting.page.locator("details.opens").count() > 30
        assert await sitting.serious_faults() == []
        assert sitting.complaints == []
