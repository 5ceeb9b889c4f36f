"""WebSocket lines to the message service, by aiohttp. The only file of push that touches a network.

The client's pings need no pong: the service may leave them unanswered (top-protocol 13). A peer that has vanished is
noticed by what is sent to it and not acknowledged.
"""

import socket
from types import MappingProxyType

import aiohttp

from onshelf.errors import NotSent
from onshelf.platforms.top.tmc.session import METHOD
from onshelf.platforms.transport import USER_AGENT

# what is sent must be acknowledged by the peer's machine within this, or the line is dead
VANISHED_MS = 30_000
CLOSE_S = 1.0  # how long a closing line waits for the peer's word
MOST_BYTES = 4 * 1024 * 1024  # of one message
_HEADERS = MappingProxyType({"User-Agent": USER_AGENT})


class WebSocketDialler:
    """Opens WebSocket lines. `connect_timeout_s`: until the handshake is done."""

    def __init__(self, connect_timeout_s: float = 5.0) -> None:
        self._connect_timeout_s = connect_timeout_s

    async def dial(self, address: str) -> "WebSocketLine":
        """Opens a line with a session of its own; raises NotSent."""
        timeout = aiohttp.ClientTimeout(total=self._connect_timeout_s)
        session = aiohttp.ClientSession(timeout=timeout, headers=_HEADERS)
        try:
            opened = await session.ws_connect(
                address, timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_S), max_msg_size=MOST_BYTES
            )
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            await session.close()
            raise NotSent(METHOD, f"{address}: {error or type(error).__name__}") from error
        except BaseException:
            await session.close()
            raise
        return WebSocketLine(session, opened)


class WebSocketLine:
    """Implements `connection.Line`."""

    def __init__(
        self, session: aiohttp.ClientSession, opened: "aiohttp.ClientWebSocketResponse[bool]"
    ) -> None:
        self._session = session
        self._socket = opened
        _give_up_after(opened, VANISHED_MS)

    async def send(self, data: bytes) -> None:
        try:
            await self._socket.send_bytes(data)
        except (aiohttp.ClientError, OSError) as error:
            raise NotSent(METHOD, f"the connection is gone: {error}") from error

    async def receive(self) -> bytes:
        """Waits for a binary message; texts are none of the service's and passed over."""
        while True:
            came = await self._socket.receive()
            if came.type is aiohttp.WSMsgType.BINARY:
                return bytes(came.data)
            if came.type is not aiohttp.WSMsgType.TEXT:
                why = came.extra if came.type is aiohttp.WSMsgType.CLOSE else came.data
                raise NotSent(METHOD, f"the connection ended: {self._socket.close_code} {why or ''}".strip())

    async def ping(self) -> None:
        try:
            await self._socket.ping()
        except (aiohttp.ClientError, OSError) as error:
            raise NotSent(METHOD, f"the connection is gone: {error}") from error

    async def close(self) -> None:
        await self._socket.close()
        await self._session.close()


def _give_up_after(opened: "aiohttp.ClientWebSocketResponse[bool]", milliseconds: int) -> None:
    """Bounds how long sent bytes may stay unacknowledged; where the system cannot, its own patience holds."""
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    raw = opened.get_extra_info("socket")
    if option is not None and raw is not None:
        raw.setsockopt(socket.IPPROTO_TCP, option, milliseconds)
