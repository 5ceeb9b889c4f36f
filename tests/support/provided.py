"""A service whose people sign in by a provider, both on real sockets and one clock that a test moves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from identity import CLIENT, SECRET, Identity, provider
from service import Service, served

from onshelf.clock import FakeClock, from_us

NOW = from_us(1_800_000_000_000_000)


@asynccontextmanager
async def both(home: Path, kind: str = "oidc", **more: Any) -> AsyncIterator[tuple[Service, Identity]]:
    """A provider, and a service that people sign in to by it; newcomers look only."""
    clock = FakeClock(NOW)
    async with provider(lambda: clock.now_us() / 1_000_000) as identity:
        settings = {
            "openid": kind,
            "openid_issuer": identity.address,
            "openid_client": CLIENT,
            "openid_secret": SECRET,
            "openid_role": "viewer",
            **more,
        }
        async with served(home, clock=clock, **settings) as service:
            yield service, identity


def browser() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))


async def there(service: Service, http: aiohttp.ClientSession, next_: str = "/account") -> str:
    """Goes to the provider and lets it agree; returns the path it sends the browser back to."""
    led = await service.ask("GET", f"/sign-in/openid?next={next_}", http=http)
    assert led.status == 303, led.text
    async with http.get(led.headers["Location"], allow_redirects=False) as agreed:
        return agreed.headers["Location"].removeprefix(service.address)
