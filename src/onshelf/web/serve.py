"""Serves an application over HTTP in the running loop, on an address of this machine alone."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from ipaddress import ip_address

import uvicorn
from starlette.types import ASGIApp

from onshelf.errors import SettingsError

NAMES = {"localhost": "127.0.0.1"}
STOP_S = 2
"""How long open requests may go on once the service stops."""


class _Server(uvicorn.Server):
    """Says when it serves, and leaves signals to whoever runs the loop."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.serves = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.serves.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(address: str, origin: str) -> socket.socket:
    """Takes the address `host:port` of the setting `service`; port 0 takes a free one.

    Raises SettingsError when it is none, when other machines could reach it, and when it is taken.
    """
    host, port = _parsed(address, origin)
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise _wrong(address, origin, f"an address that is free ({error.strerror})") from error


@contextlib.asynccontextmanager
async def serving(service: ASGIApp, listener: socket.socket) -> AsyncIterator[str]:
    """Serves while the block runs, and closes the listener after it; yields where, as `http://127.0.0.1:8787`."""
    config = uvicorn.Config(
        service,
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",  # what fails is told by the application, in our own log
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_S,
    )
    host, port = listener.getsockname()[:2]
    server = _Server(config)
    life = asyncio.create_task(server.serve([listener]))
    serves = asyncio.create_task(server.serves.wait())
    try:
        await asyncio.wait({life, serves}, return_when=asyncio.FIRST_COMPLETED)
        if life.done():
            await life  # it could not begin: raises why
        yield f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    finally:
        serves.cancel()
        server.should_exit = True
        await life


def _parsed(address: str, origin: str) -> tuple[str, int]:
    host, colon, port = address.rpartition(":")
    host = NAMES.get(host, host.removeprefix("[").removesuffix("]"))
    try:
        near, number = ip_address(host).is_loopback, int(port)
    except ValueError:
        raise _wrong(address, origin, "host:port, as 127.0.0.1:8787") from None
    if not colon or not 0 <= number < 1 << 16:
        raise _wrong(address, origin, "a port from 0 to 65535")
    if not near:
        raise _wrong(
            address, origin, "an address of this machine alone (127.0.0.1 or [::1]): there is no sign-in yet"
        )
    return host, number


def _wrong(address: str, origin: str, expected: str) -> SettingsError:
    return SettingsError("service", value=address, origin=origin, expected=expected)
