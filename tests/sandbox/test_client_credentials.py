"""The app's own sign-in, against an authorisation server that believes each manner of showing a secret."""

import asyncio
import base64
from datetime import UTC, datetime
from urllib.parse import parse_qsl, unquote_plus

import msgspec
import pytest

from onshelf.clock import FakeClock
from onshelf.errors import NotSent, Refused
from onshelf.platforms.rest.client_credentials import ClientTokens, Credentials, Manner
from onshelf.platforms.transport import NoReply, Request, Response

WHO = Credentials("https://shop.example/auth/token", "app-1", "s&cret/=")


class AuthServer:
    """A transport to a token address; its tokens live for an hour."""

    def __init__(self, clock: FakeClock) -> None:
        self.calls = 0
        self.scope = ""
        self.fault: Exception | Response | None = None
        self.reply: dict[str, object] = {"expires_in": 3600, "token_type": "bearer"}
        self._clock = clock

    async def send(self, request: Request) -> Response:
        self.calls += 1
        await self._clock.sleep(1)
        if isinstance(self.fault, Exception):
            raise self.fault
        if self.fault:
            return self.fault
        given = self._fields(request)
        self.scope = given.get("scope", "")
        shown = (given.get("grant_type"), given.get("client_id"), given.get("client_secret"))
        if shown != ("client_credentials", WHO.client_id, WHO.client_secret):
            return answer(401, error="invalid_client", error_description="unknown app")
        return answer(200, access_token=f"token-{self.calls}", **self.reply)

    def _fields(self, request: Request) -> dict[str, str]:
        if request.content_type == "application/json":
            return msgspec.json.decode(request.body, type=dict[str, str])
        fields = dict(parse_qsl(request.body.decode()))
        for name, value in request.headers:
            assert name == "Authorization"
            pair = base64.b64decode(value.removeprefix("Basic ")).decode().split(":")
            fields |= dict(zip(("client_id", "client_secret"), map(unquote_plus, pair), strict=True))
        return fields

    async def close(self) -> None: ...


def answer(status: int, **fields: object) -> Response:
    return Response(status, {}, msgspec.json.encode(fields))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 11, 10, tzinfo=UTC))


@pytest.fixture
def server(clock: FakeClock) -> AuthServer:
    return AuthServer(clock)


@pytest.fixture
def tokens(server: AuthServer, clock: FakeClock) -> ClientTokens:
    return ClientTokens(WHO, server, clock)


@pytest.mark.parametrize("manner", ["form", "basic", "json"])
async def test_a_secret_may_be_shown_in_each_manner(
    server: AuthServer, clock: FakeClock, manner: Manner
) -> None:
    who = Credentials(WHO.url, WHO.client_id, WHO.client_secret, "products orders", manner)

    token = await ClientTokens(who, server, clock).token()

    assert token.header == ("Authorization", "Bearer token-1")
    assert server.scope == "products orders"


async def test_all_who_want_a_token_at_once_get_the_same(tokens: ClientTokens, server: AuthServer) -> None:
    got = await asyncio.gather(*(tokens.token() for _ in range(20)))

    assert ({one.token for one in got}, server.calls) == ({"token-1"}, 1)


async def test_a_token_is_replaced_before_it_ends(
    tokens: ClientTokens, server: AuthServer, clock: FakeClock
) -> None:
    await tokens.token()
    clock.jump(3600 - 62)
    still = await tokens.token()
    clock.jump(2)

    assert (still.token, (await tokens.token()).token) == ("token-1", "token-2")


async def test_a_platform_that_does_not_say_is_taken_to_mean_an_hour(
    tokens: ClientTokens, server: AuthServer, clock: FakeClock
) -> None:
    server.reply = {}
    await tokens.token()
    clock.jump(3000)
    await tokens.token()
    clock.jump(600)
    await tokens.token()

    assert server.calls == 2


async def test_a_refused_token_is_not_given_out_again_and_a_newer_one_stays(tokens: ClientTokens) -> None:
    first = await tokens.token()
    await tokens.refused(first)
    second = await tokens.token()
    await tokens.refused(first)

    assert (await tokens.token()).token == second.token == "token-2"


async def test_a_wrong_secret_is_refused(server: AuthServer, clock: FakeClock) -> None:
    with pytest.raises(Refused, match="unknown app") as caught:
        await ClientTokens(Credentials(WHO.url, "app-1", "wrong"), server, clock).token()

    assert caught.value.sub_code == "invalid_client"


@pytest.mark.parametrize(
    "fault", [NoReply("cut"), answer(503), answer(429), answer(200, nothing=1), Response(200, {}, b"<html>")]
)
async def test_no_token_now_means_that_nothing_was_sent(
    tokens: ClientTokens, server: AuthServer, fault: Exception | Response
) -> None:
    server.fault = fault

    with pytest.raises(NotSent):
        await tokens.token()
    server.fault = None

    assert (await tokens.token()).token == "token-2"


async def test_a_kind_of_token_nobody_knows_is_refused(tokens: ClientTokens, server: AuthServer) -> None:
    server.reply = {"token_type": "mac"}

    with pytest.raises(Refused, match="mac"):
        await tokens.token()


def test_a_secret_is_not_shown() -> None:
    assert WHO.client_secret not in repr(WHO)
