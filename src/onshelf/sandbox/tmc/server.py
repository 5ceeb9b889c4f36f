"""The message service's WebSocket. It answers no ping unless told to: the official client crashes on a pong.

Source: reference/top-protocol.md 6.1 and 13.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from aiohttp import WSCloseCode, WSMsgType, web

from onshelf.sandbox.clock import http_date
from onshelf.sandbox.errors import ApiError
from onshelf.sandbox.platform import Platform
from onshelf.sandbox.tmc.frames import Malformed
from onshelf.sandbox.tmc.link import Link

TICK_S = 0.25  # how late redelivery, delayed messages and the sandbox's own events may be
CLOSE_S = 1.0  # waited for the other side's goodbye
LARGEST_FRAME_BYTES = 1 << 20


class _SocketWire:
    """Sends over one WebSocket."""

    def __init__(self, socket: web.WebSocketResponse, request: web.BaseRequest) -> None:
        self._socket = socket
        self._request = request

    async def send(self, raw: bytes) -> None:
        await self._socket.send_bytes(raw)

    def abort(self) -> None:
        if self._request.transport is not None:
            self._request.transport.abort()


class Service:
    """The message service of one platform."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    @contextlib.asynccontextmanager
    async def listening(self, host: str, port: int = 0) -> AsyncIterator[str]:
        """Serves while open; yields the address, `ws://127.0.0.1:8089/`. Port 0 takes a free one."""
        server = web.Server(self.answer, access_log=None)
        runner = web.ServerRunner(server, handle_signals=False, shutdown_timeout=CLOSE_S)
        await runner.setup()
        await web.TCPSite(runner, host, port).start()
        ticking = asyncio.create_task(self._keep_time())
        try:
            yield f"ws://{host}:{runner.addresses[0][1]}/"
        finally:
            ticking.cancel()
            self._platform.links.hang_up()
            await runner.cleanup()
            await asyncio.gather(ticking, return_exceptions=True)

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answers a handshake, then serves the connection to its end; refusals as the protocol's first server gave them."""
        if request.method != "GET":
            return web.Response(status=403)
        socket = web.WebSocketResponse(
            autoping=False, compress=False, timeout=CLOSE_S, max_msg_size=LARGEST_FRAME_BYTES
        )
        if not socket.can_prepare(request):
            return web.Response(status=401, text="this address speaks WebSocket only")
        socket.headers["Date"] = http_date(int(self._platform.clock.now())).decode()
        await socket.prepare(request)
        link = Link(self._platform, _SocketWire(socket, request))
        try:
            await self._listen(socket, link)
        finally:
            await link.close()
        return socket

    async def _listen(self, socket: web.WebSocketResponse, link: Link) -> None:
        """Hands every binary message to the link until either side ends it."""
        async for received in socket:
            if received.type == WSMsgType.PING and self._platform.world.messages.settings.pongs:
                await socket.pong(received.data)
            elif received.type == WSMsgType.TEXT:
                await socket.close(code=WSCloseCode.UNSUPPORTED_DATA, message=b"binary frames only")
            elif received.type == WSMsgType.BINARY:
                try:
                    await link.take(received.data)
                except Malformed:
                    await socket.close(code=WSCloseCode.PROTOCOL_ERROR, message=b"malformed frame")
                except ApiError as refusal:
                    await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=refusal.msg.encode())
                except ConnectionError:
                    return

    async def _keep_time(self) -> None:
        """Lets happen what is due though nobody calls, and wakes connections whose queue has something due."""
        clock = self._platform.clock
        while True:
            await clock.sleep(TICK_S)
            now = clock.now()
            self._platform.gateway.settle(now)
            messages = self._platform.world.messages
            for key in self._platform.links.consumed():
                due = messages.queue(key).next_due(messages.settings.redeliver_s)
                if due is not None and due <= now:
                    self._platform.links.ring(key)
