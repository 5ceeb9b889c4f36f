"""Tokens of REST platforms by client credentials: the app itself signs in, no seller clicks, nothing is refreshed.

A flow is a generator, as in `top/auth.py`: it yields a request, is sent the reply, and returns the token. `ClientTokens`
keeps the present one. Source: RFC 6749, sections 2.3.1, 4.4, 5.1 and 5.2; the neutral REST platform answers no more than
`access_token`, so everything else is optional.
"""

import asyncio
import base64
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Literal, cast
from urllib.parse import quote_plus, urlencode

import msgspec

from onshelf.clock import SECOND_US, Clock
from onshelf.errors import NotSent, Refused
from onshelf.platforms.transport import ConnectFailed, NoReply, Request, Response, Transport

METHOD = "oauth.client_credentials"
"""What errors name as the method."""

TIMEOUT_S = 15.0
ASSUMED_LIFE_S = 3600.0
"""How long a token is used when the platform does not say."""

Manner = Literal["form", "basic", "json"]
"""How the app shows its secret: in a form, in the Authorization header, or in JSON."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who signs in, and where."""

    url: str  # the token address
    client_id: str
    client_secret: str = field(repr=False)
    scope: str = ""  # words separated by spaces; "" for the platform's own choice
    manner: Manner = "form"


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What the app calls with, as `Authorization: Bearer …`."""

    token: str = field(repr=False)
    expires_us: int  # our clock; assumed when the platform did not say

    @property
    def header(self) -> tuple[str, str]:
        """Returns the header that carries it."""
        return "Authorization", f"Bearer {self.token}"


class _WireToken(msgspec.Struct):
    access_token: str
    token_type: str = "Bearer"  # noqa: S105 a word of the protocol
    expires_in: float | None = None


class _WireFault(msgspec.Struct):
    error: str = ""
    error_description: str = ""


Flow = Generator[Request, Response, AccessToken]


def sign_in(who: Credentials, now_us: int) -> Flow:
    """Asks for a token. Raises Refused when the platform says no, NotSent when it did not answer as it should."""
    reply = yield _request(who)
    if reply.status >= 500 or reply.status == 429:
        raise NotSent(METHOD, f"HTTP {reply.status}")
    if reply.status >= 400:
        raise _refusal(reply)
    try:
        wire = msgspec.json.decode(reply.body, type=_WireToken, strict=False)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise NotSent(METHOD, f"HTTP {reply.status} without a token: {error}") from error
    if wire.token_type.lower() != "bearer":
        raise Refused(
            METHOD, f"tokens of the kind {wire.token_type} are not known", platform_code=reply.status
        )
    life_s = ASSUMED_LIFE_S if wire.expires_in is None else wire.expires_in
    return AccessToken(wire.access_token, now_us + round(life_s * SECOND_US))


def _request(who: Credentials) -> Request:
    fields = {"grant_type": "client_credentials"} | ({"scope": who.scope} if who.scope else {})
    own = {"client_id": who.client_id, "client_secret": who.client_secret}
    if who.manner == "json":
        return Request(who.url, msgspec.json.encode(fields | own), "application/json", TIMEOUT_S)
    if who.manner == "form":
        return _form(who.url, fields | own)
    pair = f"{quote_plus(who.client_id)}:{quote_plus(who.client_secret)}".encode()
    return _form(who.url, fields, (("Authorization", f"Basic {base64.b64encode(pair).decode()}"),))


def _form(url: str, fields: Mapping[str, str], headers: tuple[tuple[str, str], ...] = ()) -> Request:
    return Request(url, urlencode(fields).encode(), "application/x-www-form-urlencoded", TIMEOUT_S, headers)


def _refusal(reply: Response) -> Refused:
    try:
        fault = msgspec.json.decode(reply.body, type=_WireFault)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        fault = _WireFault()
    why = fault.error_description or f"HTTP {reply.status}"
    return Refused(METHOD, why, platform_code=reply.status, sub_code=fault.error)


class ClientTokens:
    """The token of one app: asked for once for all who want it, and anew before it ends."""

    def __init__(
        self, who: Credentials, transport: Transport, clock: Clock, *, margin_s: float = 60.0
    ) -> None:
        """`margin_s`: how long before its end a token is replaced, at most a fifth of its life."""
        self._who = who
        self._transport = transport
        self._clock = clock
        self._margin_us = round(margin_s * SECOND_US)
        self._turn = asyncio.Lock()
        self._token: AccessToken | None = None
        self._use_until_us = 0

    async def token(self) -> AccessToken:
        """Returns a living token. Raises Refused, or NotSent: for the call that needs it nothing has happened."""
        async with self._turn:
            if self._token is None or self._clock.now_us() >= self._use_until_us:
                self._token = await self._ask()
            return self._token

    async def refused(self, token: AccessToken) -> None:
        """Is told that the platform refused a token (HTTP 401): it is not given out again."""
        async with self._turn:
            if self._token == token:
                self._token = None

    async def _ask(self) -> AccessToken:
        asked_us = self._clock.now_us()
        fresh = await _drive(sign_in(self._who, asked_us), self._transport)
        self._use_until_us = fresh.expires_us - min(self._margin_us, (fresh.expires_us - asked_us) // 5)
        return fresh


async def _drive(flow: Flow, transport: Transport) -> AccessToken:
    try:
        request = next(flow)
        while True:
            request = flow.send(await _send(request, transport))
    except StopIteration as end:
        return cast("AccessToken", end.value)


async def _send(request: Request, transport: Transport) -> Response:
    try:
        return await transport.send(request)
    except (ConnectFailed, NoReply) as error:  # asking twice only makes a second token
        raise NotSent(METHOD, str(error)) from error
