"""The service over HTTP for tests: a real app on a SQLite file, real sockets, keys of every role and people who sign in."""

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import msgspec
from argon2 import PasswordHasher
from fastapi import FastAPI
from schema_copy import copy_schema

from onshelf.clock import BEIJING, Clock, FollowedClock, to_us
from onshelf.guard.invitations import Invitations
from onshelf.guard.keys import Keys
from onshelf.guard.passwords import Passwords
from onshelf.guard.roles import Role
from onshelf.ids import AppKey, ShopId
from onshelf.settings import Secret, read_settings
from onshelf.shops.shop import Shop, ShopState, session_only
from onshelf.web.app import create_app
from onshelf.web.serve import listen, serving
from onshelf.wiring import App, open_app

PASSWORD = "correct-horse-9"
QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
"""Hashes that anybody could guess, in no time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(slots=True)
class Service:
    """A served app; `api` calls as a program, `browser()` visits as a person."""

    app: App
    address: str
    http: aiohttp.ClientSession
    web: FastAPI
    _numbers: Iterator[int] = field(default_factory=count)
    _shown: dict[tuple[Role, tuple[str, ...] | None], str] = field(default_factory=dict)

    async def key(self, role: Role = Role.ADMINISTRATOR, shops: tuple[str, ...] | None = None) -> str:
        """Returns what a program of this role shows."""
        if (role, shops) not in self._shown:
            keys = Keys(self.app.db, self.app.clock, self.app.random)
            _, self._shown[role, shops] = await keys.add(
                f"{role}-{next(self._numbers)}", role=role, shops=shops, made_by="test"
            )
        return self._shown[role, shops]

    async def api(
        self,
        verb: str,
        path: str,
        *,
        role: Role | None = Role.ADMINISTRATOR,
        shops: tuple[str, ...] | None = None,
        headers: Mapping[str, str] | None = None,
        **given: Any,
    ) -> Answer:
        """Calls `/api/v1{path}` with a key of the role; None: without one."""
        shown = {"Authorization": f"Bearer {await self.key(role, shops)}"} if role else {}
        return await self.ask(verb, f"/api/v1{path}", headers={**shown, **(headers or {})}, **given)

    async def ask(
        self, verb: str, path: str, *, http: aiohttp.ClientSession | None = None, **given: Any
    ) -> Answer:
        """Sends any request, and does not follow where the answer leads."""
        async with (http or self.http).request(
            verb, self.address + path, allow_redirects=False, **given
        ) as reply:
            return Answer(reply.status, reply.headers, await reply.read())

    async def add_shop(
        self, name: str = "shop-a", *, session: str = "test", gateway: str = "http://127.0.0.1:9/router/rest"
    ) -> str:
        """Adds an authorised shop."""
        shop = Shop(
            ShopId(name),
            "taobao",
            AppKey("12345678"),
            gateway,
            "",
            "",
            name,
            ShopState.AUTHORISED,
            self.app.clock.now_us(),
        )
        await self.app.db.commit(
            [
                *self.app.shops.add(shop, Secret("helloworld")),
                self.app.shops.put_token(
                    shop.shop_id, session_only(session), version=None, obtained_us=self.app.clock.now_us()
                ),
            ]
        )
        return name

    @asynccontextmanager
    async def browser(
        self, name: str = "lin", role: Role = Role.ADMINISTRATOR, shops: tuple[str, ...] | None = None
    ) -> AsyncIterator["Browser"]:
        """Lets a person in by invitation; yields a browser with the session."""
        token = await Invitations(self.app.db, self.app.clock, self.app.random).invite(
            role=role, shops=shops, made_by="test"
        )
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
            form = {"name": name, "password": PASSWORD, "again": PASSWORD}
            joined = await self.ask("POST", f"/welcome/{token}", http=http, data=form)
            assert joined.status == 303, joined.text
            yield Browser(self, http)


@dataclass(frozen=True, slots=True)
class Browser:
    """A person at the console, with cookies."""

    service: Service
    http: aiohttp.ClientSession

    async def get(self, path: str, **given: Any) -> Answer:
        return await self.service.ask("GET", path, http=self.http, **given)

    async def post(
        self, path: str, form: Mapping[str, str] | None = None, *, page: str = "/", **given: Any
    ) -> Answer:
        """Sends a form as the page at `page` would, with its token."""
        token = await self.csrf(page)
        return await self.service.ask(
            "POST", path, http=self.http, data={**(form or {}), "csrf": token}, **given
        )

    async def csrf(self, page: str = "/") -> str:
        async with self.http.get(self.service.address + page) as reply:
            found = re.search(r'name="csrf" value="([0-9a-f]+)"', await reply.text())
        assert found, f"{page} carries no token"
        return found[1]


def noon() -> Clock:
    """Returns a clock that runs as the machine's does, but from a noon of Beijing on: no hour, day or month ends in a test."""
    clock = FollowedClock()
    clock.tell(to_us(datetime(2026, 11, 10, 12, 10, tzinfo=BEIJING)), paused=False)
    return clock


@asynccontextmanager
async def served(home: Path, *, clock: Clock | None = None, **settings: Any) -> AsyncIterator[Service]:
    """Opens an app in a home, serves it on a free port, and closes both. A home that has no database gets one copied."""
    if not (home / "onshelf.db").exists() and "database" not in settings:
        await copy_schema(home / "onshelf.db")
    read = read_settings({"home": str(home), "lang": "zh", **settings}, {})
    async with (
        open_app(read, clock=clock, random=Random(7)) as app,
        serving(web := create_app(app, passwords=QUICK), listen("127.0.0.1:0", "test")) as address,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
    ):
        yield Service(app, address, http, web)
