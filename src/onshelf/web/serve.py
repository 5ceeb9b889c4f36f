"""Serves an application over HTTP or HTTPS in the running loop, on an address `reach.py` allows."""

import asyncio
import contextlib
import resource
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

import uvicorn
from starlette.types import ASGIApp

from onshelf.errors import SettingsError
from onshelf.settings import Settings
from onshelf.web.crowd import MOST, Crowd
from onshelf.web.patience import Patience, patient
from onshelf.web.reach import address_at, check_reach, place_of, proxies_of, public_of, wrong_service

STOP_S = 2
"""How long open requests may go on once the service stops."""


@dataclass(frozen=True, slots=True)
class Ways:
    """How requests come in."""

    proxies: tuple[str, ...] = ()  # whose X-Forwarded-For and -Proto count
    certificate: str = ""  # path; empty: plain http
    certificate_key: str = ""
    public: str = ""  # the address to tell; empty: where it listens
    patience: Patience = field(default_factory=Patience)
    most: int = MOST  # connections at once; fewer where the process may open fewer files


def ways_of(settings: Settings) -> Ways:
    """Reads the ways from the settings. Raises SettingsError."""
    return Ways(
        tuple(proxies_of(settings)),
        settings["certificate"],
        settings["certificate_key"],
        public_of(settings),
    )


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


def listen(address: str, origin: str, settings: Settings | None = None) -> socket.socket:
    """Takes the address `host:port` of the setting `service`; port 0 takes a free one.

    Raises SettingsError when it is none, when it is taken, and when other machines could reach it though the settings
    (without any: always) do not say how.
    """
    host, port = place_of(address, origin)
    if settings is not None:
        check_reach(settings, address, origin)
    elif not ip_address(host).is_loopback:
        raise wrong_service(address, origin, "an address of this machine alone (127.0.0.1 or [::1])")
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise wrong_service(address, origin, f"an address that is free ({error.strerror})") from error


@contextlib.asynccontextmanager
async def serving(service: ASGIApp, listener: socket.socket, ways: Ways | None = None) -> AsyncIterator[str]:
    """Serves while the block runs, and closes the listener after it; yields where, as `http://127.0.0.1:8787`."""
    ways = ways or Ways()
    try:
        config = _config(service, ways)
    except SettingsError:
        listener.close()
        raise
    host, port = listener.getsockname()[:2]
    server = _Server(config)
    life = asyncio.create_task(server.serve([listener]))
    serves = asyncio.create_task(server.serves.wait())
    try:
        await asyncio.wait({life, serves}, return_when=asyncio.FIRST_COMPLETED)
        if life.done():
            await life  # it could not begin: raises why
        yield ways.public or address_at(host, port, https=bool(ways.certificate))
    finally:
        serves.cancel()
        server.should_exit = True
        await life


def _crowd(ways: Ways) -> Crowd:
    """Returns who may come; half of the files a process may open are left for everything else."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = ways.most if files == resource.RLIM_INFINITY else min(ways.most, files // 2)
    return Crowd(most, [ip_network(one) for one in ways.proxies])


def _config(service: ASGIApp, ways: Ways) -> uvicorn.Config:
    """Returns how uvicorn serves. Raises SettingsError when the certificate cannot be used."""
    config = uvicorn.Config(
        service,
        http=patient(ways.patience, _crowd(ways)),
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",  # what fails is told by the application, in our own log
        access_log=False,
        server_header=False,
        proxy_headers=bool(ways.proxies),
        forwarded_allow_ips=list(ways.proxies),
        timeout_graceful_shutdown=STOP_S,
        ssl_certfile=ways.certificate or None,
        ssl_keyfile=ways.certificate_key or None,
    )
    try:
        config.load()
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(
            "certificate", value=ways.certificate, origin="settings",
            expected=f"a PEM certificate chain with its key in certificate_key ({error})",
        ) from error  # fmt: skip
    return config
