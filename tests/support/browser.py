"""A real browser for tests: Chromium without a window, driven over its debugging socket; every complaint of a page is kept."""

import asyncio
import contextlib
import os
import re
import shutil
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0")
START_S = 30
LOOKS_S = 0.05
_ENDPOINT = re.compile(rb"ws://(127\.0\.0\.1:\d+)/")
_COMPLAINTS = ("Runtime.exceptionThrown", "Log.entryAdded")


class Page:
    """One page of the browser."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._last = 0
        self.complaints: list[Any] = []  # exceptions of scripts, failed loads, breaches of the page's policy

    async def command(self, method: str, **params: Any) -> Any:
        """Sends a command and returns its result."""
        self._last += 1
        await self._socket.send_json({"id": self._last, "method": method, "params": params})
        while True:
            message = await self._socket.receive_json(timeout=START_S)
            if message.get("id") == self._last:
                return message["result"]
            if message.get("method") in _COMPLAINTS:
                self.complaints.append(message["params"])

    async def open(self, address: str) -> None:
        """Goes to an address."""
        await self.command("Page.navigate", url=address)

    async def run(self, script: str) -> Any:
        """Runs JavaScript in the page and returns its value."""
        result = await self.command(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    async def until(self, script: str) -> None:
        """Looks until a script is true of the page; a page that never is ends the test by its time limit."""
        async with asyncio.timeout(START_S):
            while not await self.run(script):  # noqa: ASYNC110 the page has no event for it
                await asyncio.sleep(LOOKS_S)

    async def sees(self, text: str) -> None:
        """Waits until a text is on the page."""
        await self.until(f"document.body?.innerText.includes({text!r})")


@contextlib.asynccontextmanager
async def browser(folder: Path, *, width: int = 1200) -> AsyncIterator[Page]:
    """Runs a browser with its data in a folder and yields its page."""
    assert CHROMIUM is not None
    with tempfile.TemporaryDirectory(prefix="onshelf-browser-", ignore_cleanup_errors=True) as temporary:
        child = await asyncio.create_subprocess_exec(
            CHROMIUM,
            *OPTIONS,
            f"--user-data-dir={folder}",
            f"--window-size={width},900",
            "about:blank",
            stderr=PIPE,
            env={**os.environ, "TMPDIR": temporary},
        )
        try:
            async with aiohttp.ClientSession() as http, asyncio.timeout(START_S):
                host = await _endpoint(child)
                async with http.get(f"http://{host}/json") as reply:
                    target = next(one for one in await reply.json() if one["type"] == "page")
                async with (
                    asyncio.timeout(None),
                    http.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0) as socket,
                ):
                    page = Page(socket)
                    for domain in ("Page", "Runtime", "Log"):
                        await page.command(f"{domain}.enable")
                    yield page
        finally:
            child.terminate()
            await child.communicate()


async def _endpoint(child: asyncio.subprocess.Process) -> str:
    assert child.stderr is not None
    while line := await child.stderr.readline():
        if found := _ENDPOINT.search(line):
            return found[1].decode()
    raise RuntimeError("the browser did not start")
