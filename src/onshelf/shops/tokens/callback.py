"""A page on this machine that takes the code of one authorisation, so that nobody has to copy and paste it.

It listens on the loopback only, knows one address, believes only who brings back the state it was made with, and takes
one code. What the seller reads there is what really became of it.
"""

import asyncio
import contextlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from onshelf.errors import Error, PlatformError, Refused
from onshelf.shops.tokens.page import page
from onshelf.texts import Lang

AUTHORISE = "oauth.authorize"
"""What errors name as the method when the seller declined."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_REQUEST_S = 5.0


@dataclass(frozen=True, slots=True)
class Address:
    """Where the page is."""

    host: str
    port: int  # 0: a free one
    path: str

    @property
    def uri(self) -> str:
        """Returns the address as the browser is sent to it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}{self.path}"


def local_address(redirect_uri: str) -> Address | None:
    """Reads a redirect address of this machine; None for any other, where no page of ours can listen."""
    try:
        parts = urlsplit(redirect_uri)
        port = 80 if parts.port is None else parts.port
    except ValueError:
        return None
    if parts.scheme != "http" or parts.hostname not in _LOOPBACK:
        return None
    return Address(parts.hostname, port, parts.path or "/")


@dataclass(frozen=True, slots=True)
class Came:
    """What a visit to the page brought. `verdict`: "code", "declined", "not_ours" (another state) or "not_found"."""

    verdict: str
    code: str = ""
    error: str = ""
    why: str = ""


def read_visit(target: str, path: str, state: str) -> Came:
    """Reads the target of a request line. Whoever does not bring the state back is not believed, whatever else they bring."""
    parts = urlsplit(target)
    if parts.path != path:
        return Came("not_found")
    given = {name: values[0] for name, values in parse_qs(parts.query).items()}
    if not hmac.compare_digest(given.get("state", "").encode(), state.encode()):
        return Came("not_ours")
    if code := given.get("code"):
        return Came("code", code)
    return Came("declined", error=given.get("error", ""), why=given.get("error_description", ""))


Take = Callable[[str], Awaitable[None]]
"""Turns the code into a stored token; raises an error of ours when it cannot."""


class CallbackPage:
    """One page for one authorisation. Use as `async with page.listening() as address`, then `await page.taken()`."""

    def __init__(self, address: Address, state: str, take: Take, *, name: str, lang: Lang) -> None:
        """`name`: the shop's, for the page."""
        self._address = address
        self._state = state
        self._take = take
        self._name = name
        self._lang = lang
        self._end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._visits: set[asyncio.Task[None]] = set()
        self._used = False
        self._finished = False
        self._error: Exception | None = None

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[Address]:
        """Listens while the block runs; yields the address with its real port. Raises OSError when the port is taken."""
        host = "127.0.0.1" if self._address.host == "localhost" else self._address.host
        server = await asyncio.start_server(self._came, host, self._address.port)
        try:
            async with server:
                yield Address(self._address.host, server.sockets[0].getsockname()[1], self._address.path)
        finally:
            for visit in self._visits:
                visit.cancel()
            await asyncio.gather(*self._visits, return_exceptions=True)

    async def taken(self) -> None:
        """Waits until a code was taken. Raises Refused when the seller declined, and whatever `take` raised."""
        await asyncio.shield(self._end)

    def _came(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Begins a visit; browsers also open connections that they never use."""
        visit = asyncio.get_running_loop().create_task(self._visit(reader, writer))
        self._visits.add(visit)
        visit.add_done_callback(self._visits.discard)

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(*_NO_BROWSER):
                async with asyncio.timeout(_REQUEST_S):
                    head = await reader.readuntil(b"\r\n\r\n")
                verb, target, *_ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
                verdict, why = await self._judge(target) if verb == "GET" else ("not_found", "")
                writer.write(page(verdict, self._name, why, self._lang))
                writer.close()
                async with asyncio.timeout(_REQUEST_S):
                    await writer.wait_closed()
        finally:
            writer.close()
            self._tell_end()

    async def _judge(self, target: str) -> tuple[str, str]:
        """Acts on a visit; returns what the page says and why. A second visit finds the page used."""
        came = read_visit(target, self._address.path, self._state)
        if came.verdict in ("not_found", "not_ours"):
            return came.verdict, ""
        if self._used:
            return "used", ""
        self._used = True
        try:
            await self._act(came)
        except Exception as error:  # noqa: BLE001 whoever waits hears of it
            self._error = error
            return "declined" if came.verdict == "declined" else "failed", _words(error, self._lang)
        finally:
            self._finished = True
        return "code", ""

    async def _act(self, came: Came) -> None:
        if came.verdict == "declined":
            raise Refused(AUTHORISE, came.why, platform_code=0, sub_code=came.error)
        await self._take(came.code)

    def _tell_end(self) -> None:
        """Ends the wait, once the seller has been told."""
        if not self._finished or self._end.done():
            return
        if self._error is None:
            self._end.set_result(None)
        else:
            self._end.set_exception(self._error)


_NO_BROWSER = (TimeoutError, ValueError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)
"""What a visit ends in that is none of the seller's browser."""


def _words(error: Exception, lang: Lang) -> str:
    """Returns what the platform said, else what we say of an error of ours."""
    if isinstance(error, PlatformError) and error.why:
        return error.why
    return error.message(lang) if isinstance(error, Error) else type(error).__name__
