"""Authorisation by OAuth 2.0 as pure flows: a link to click, requests to send, a token from what came back.

A flow is a generator: it yields a form to POST, is sent the reply, and returns the token; who drives it owns the socket
(`exchange`). Source: top-protocol section 5.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, NoReturn, cast
from urllib.parse import unquote_plus, urlencode

import msgspec

from onshelf.clock import SECOND_US
from onshelf.errors import NotSent, Refused, SessionExpired, Unanswered
from onshelf.platforms.port import Lane, ShopRef
from onshelf.platforms.top.client import TopClient
from onshelf.platforms.top.outcomes import Kind
from onshelf.platforms.top.protocol import FORM_TYPE, encode_form
from onshelf.platforms.transport import ConnectFailed, NoReply, Request, Response, Transport

MILLISECOND_US = 1000
TIMEOUT_S = 15.0


@dataclass(frozen=True, slots=True)
class Token:
    """A shop's authorisation. Times are microseconds since the epoch by our clock; None: the platform did not say."""

    session: str = field(repr=False)
    refresh_token: str = field(repr=False)  # "" when there is none
    expires_us: int | None
    refresh_until_us: int | None  # 0: it cannot be refreshed
    read_until_us: tuple[int | None, int | None]  # normal, high-risk
    write_until_us: tuple[int | None, int | None]
    user_id: str
    nick: str  # decoded
    sub_nick: str = ""  # of the sub-account that authorised; "" for the shop's own

    def refreshable(self, now_us: int) -> bool:
        """Tells whether a refresh can work at all; an unknown end is tried."""
        return bool(self.refresh_token) and (self.refresh_until_us is None or self.refresh_until_us > now_us)


Loose = int | float | str | None
"""A number or a text, whichever way it comes: a code is good once, so its token must not be lost over the form of a detail."""


class WireToken(msgspec.Struct):
    """Reply of the token address. Source: 5.1, recorded replies in 14."""

    access_token: Annotated[str, msgspec.Meta(min_length=1)]
    refresh_token: str | None = None
    expires_in: Loose = None
    re_expires_in: Loose = None
    r1_expires_in: Loose = None
    r2_expires_in: Loose = None
    w1_expires_in: Loose = None
    w2_expires_in: Loose = None
    expire_time: Loose = None  # milliseconds since the epoch, as the five below
    refresh_token_valid_time: Loose = None
    r1_valid: Loose = None
    r2_valid: Loose = None
    w1_valid: Loose = None
    w2_valid: Loose = None
    taobao_user_id: Loose = None
    taobao_user_nick: Loose = None
    sub_taobao_user_nick: Loose = None
    taobao_open_uid: Loose = None


class WireFault(msgspec.Struct):
    """An error of the token address, sent with HTTP 400."""

    error: str = ""
    error_description: str = ""


class TokenResultReply(msgspec.Struct):
    """Reply of top.auth.token.create and .refresh: JSON in a text."""

    token_result: str
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A form to POST."""

    url: str
    fields: Mapping[str, str] = field(repr=False)


Flow = Generator[Form, Response, Token]


def authorise_link(oauth: str, app_key: str, redirect_uri: str, state: str, view: str = "web") -> str:
    """Returns the page a seller opens to authorise the app. `oauth`: the address up to `/authorize`; `state` comes back."""
    query = {
        "response_type": "code",
        "client_id": app_key,
        "redirect_uri": redirect_uri,
        "state": state,
        "view": view,
    }
    return f"{oauth}/authorize?{urlencode(query)}"


def code_flow(oauth: str, app_key: str, secret: str, code: str, redirect_uri: str, now_us: int) -> Flow:
    """Exchanges a code, good once, for a token."""
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": app_key,
        "client_secret": secret,
        "redirect_uri": redirect_uri,
    }
    reply = yield Form(f"{oauth}/token", fields)
    return read_reply(reply, now_us)


def refresh_flow(oauth: str, app_key: str, secret: str, refresh_token: str, now_us: int) -> Flow:
    """Exchanges a refresh token for a new token; the old session may live on for a while or die at once."""
    fields = {
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
        "client_id": app_key,
        "client_secret": secret,
    }
    reply = yield Form(f"{oauth}/token", fields)
    return read_reply(reply, now_us)


async def exchange(flow: Flow, transport: Transport) -> Token:
    """Drives a flow over a transport.

    Raises NotSent, Unanswered (the code or refresh token may be used up), SessionExpired when the platform says no.
    """
    try:
        form = next(flow)
        while True:
            form = flow.send(await _post(form, transport))
    except StopIteration as end:
        return cast("Token", end.value)


async def _post(form: Form, transport: Transport) -> Response:
    body = encode_form(form.fields).encode()
    try:
        return await transport.send(Request(form.url, body, FORM_TYPE, TIMEOUT_S))
    except ConnectFailed as error:
        raise NotSent(METHOD, str(error)) from error
    except NoReply as error:
        raise Unanswered(METHOD, str(error)) from error


METHOD = "oauth.token"
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What comes of reading a body that is no token: no JSON, not UTF-8, or nested too deep."""


async def refresh_by_gateway(client: TopClient, shop: ShopRef, refresh_token: str, now_us: int) -> Token:
    """Refreshes through the signed method top.auth.token.refresh, for apps whose token address is closed.

    Never repeated by itself, since a refresh token may be good once only. Raises the PlatformError family.
    """
    method = "taobao.top.auth.token.refresh"
    answer = await client.call(
        method,
        {"refresh_token": refresh_token},
        TokenResultReply,
        shop=shop,
        kind=Kind.CREATE,
        lane=Lane.TRADES,
        authorised=False,
    )
    try:
        return read_token(answer.value.token_result, now_us)
    except UNREADABLE as error:
        raise Unanswered(method, str(error), request_id=answer.value.request_id) from error


def read_reply(reply: Response, now_us: int) -> Token:
    """Reads what the token address answered. Raises SessionExpired for its refusals, Unanswered for anything unreadable."""
    if reply.status >= 500:
        raise Unanswered(METHOD, f"HTTP {reply.status}")
    try:
        return read_token(reply.body, now_us)
    except UNREADABLE:
        _refuse(reply)


def _refuse(reply: Response) -> NoReturn:
    try:
        fault = msgspec.json.decode(reply.body, type=WireFault)
    except UNREADABLE as error:
        raise Unanswered(METHOD, f"HTTP {reply.status}, unreadable: {error}") from error
    if not fault.error:
        raise Unanswered(METHOD, f"HTTP {reply.status} without a token")
    error_type = Refused if fault.error in _OUR_FAULT else SessionExpired
    raise error_type(METHOD, fault.error_description, platform_code=reply.status, sub_code=fault.error)


_OUR_FAULT = frozenset({"invalid_client", "unauthorized_client", "unsupported_grant_type"})
"""Wrong app key or secret: authorising again would not help."""


def read_token(body: bytes | str, now_us: int) -> Token:
    """Reads a token, from the token address or from the text of `token_result`. Raises one of `UNREADABLE`."""
    wire = msgspec.json.decode(body, type=WireToken)
    return Token(
        session=wire.access_token,
        refresh_token=wire.refresh_token or "",
        expires_us=_until(wire.expire_time, wire.expires_in, now_us),
        refresh_until_us=_refresh_until(wire, now_us),
        read_until_us=(
            _until(wire.r1_valid, wire.r1_expires_in, now_us),
            _until(wire.r2_valid, wire.r2_expires_in, now_us),
        ),
        write_until_us=(
            _until(wire.w1_valid, wire.w1_expires_in, now_us),
            _until(wire.w2_valid, wire.w2_expires_in, now_us),
        ),
        user_id=_text(wire.taobao_user_id) or _text(wire.taobao_open_uid),
        nick=unquote_plus(_text(wire.taobao_user_nick)),
        sub_nick=unquote_plus(_text(wire.sub_taobao_user_nick)),
    )


def _until(at_ms: Loose, seconds: Loose, now_us: int) -> int | None:
    """Prefers the lifetime, for it does not depend on whose clock is right; its absolute twin is the fallback."""
    lasts_s, moment_ms = _number(seconds, _LONGEST_S), _number(at_ms, _LAST_MS)
    if lasts_s is not None:
        return now_us + lasts_s * SECOND_US
    return moment_ms * MILLISECOND_US if moment_ms else None


def _number(told: Loose, most: int) -> int | None:
    """Reads a whole number; None for what is none, or beyond `most`."""
    try:
        number = 0 if told is None else int(float(told))
    except (ValueError, OverflowError):
        return None
    return None if told is None or abs(number) > most else number


def _text(told: Loose) -> str:
    return "" if told is None else str(told)


_LONGEST_S = 10**9  # some thirty years
_LAST_MS = 10**13  # the year 2286


def _refresh_until(wire: WireToken, now_us: int) -> int | None:
    if _number(wire.re_expires_in, _LONGEST_S) == 0 or not wire.refresh_token:
        return 0
    return _until(wire.refresh_token_valid_time, wire.re_expires_in, now_us)
