"""How long a connection may take to ask and to take its answer; uvicorn itself would wait for ever.

A request's head has to be whole in time and within a size, and an answer that nobody takes ends its connection. Bodies
are `bounds.py`'s; how many connections there may be is `crowd.py`'s.
"""

import asyncio
import socket
from dataclasses import dataclass
from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from onshelf.web.crowd import Crowd

_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class Patience:
    """Bounds of a connection."""

    head_s: float = 10.0  # from its first byte, or from the connection, to the end of a request's head
    head_bytes: int = 64 << 10
    # an answer that stands in the way of more may stay untaken, while nothing else comes
    taking_s: float = 30.0


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's protocol, with an end to its patience, one of a crowd."""

    def __init__(self, patience: Patience, crowd: Crowd, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._patience = patience
        self._crowd = crowd
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._head_bytes = 0  # of the head that is being read
        self._in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        taken = transport.get_extra_info("socket")
        # asyncio does so only where a socket names its protocol, and ours of `create_server` does not
        if taken is not None:
            taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._wait("head", self._patience.head_s)
        if not self._crowd.enter(self):
            transport.write(_FULL)
            transport.close()

    @property
    def address(self) -> str:
        return self.client[0] if self.client else ""

    @property
    def idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def cut(self) -> None:
        self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._crowd.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if "taking" in self._timers:
            self._wait("taking", self._patience.taking_s)
        if self._in_head and self._head_bytes > self._patience.head_bytes:
            self.cut()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if not self._in_head:
            self._in_head, self._head_bytes = True, 0
            self._wait("head", self._patience.head_s)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._stop("head")
        super().on_headers_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._wait("taking", self._patience.taking_s)

    def resume_writing(self) -> None:
        self._stop("taking")
        super().resume_writing()

    def _wait(self, name: str, seconds: float) -> None:
        self._stop(name)
        self._timers[name] = self.loop.call_later(seconds, self.cut)

    def _stop(self, name: str) -> None:
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()


def patient(patience: Patience, crowd: Crowd) -> Any:
    """Returns what uvicorn makes its protocols with."""
    return partial(PatientProtocol, patience, crowd)
