"""The page that waits for a seller's code, visited over a socket by browsers and by whoever else finds it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from onshelf.errors import NotSent, Refused
from onshelf.shops.tokens.callback import Address, CallbackPage
from onshelf.texts import LANGS, Lang

HERE = Address("127.0.0.1", 0, "/authorised")
GOOD = "/authorised?code=abc&state=s-1"
WAIT_S = 60


class Taker:
    """Takes codes, or breaks as told."""

    def __init__(self) -> None:
        self.codes: list[str] = []
        self.error: Exception | None = None

    async def __call__(self, code: str) -> None:
        self.codes.append(code)
        if self.error:
            raise self.error


@pytest.fixture
def taker() -> Taker:
    return Taker()


@pytest.fixture
def lang(request: pytest.FixtureRequest) -> Lang:
    return getattr(request, "param", "en")


@pytest_asyncio.fixture
async def listening(taker: Taker, lang: Lang) -> AsyncIterator[tuple[CallbackPage, Address]]:
    page = CallbackPage(HERE, "s-1", taker, name="小店<b>", lang=lang)
    async with asyncio.timeout(WAIT_S), page.listening() as address:
        yield page, address


async def say(address: Address, request: bytes) -> bytes:
    """Sends bytes and reads until the page closes the connection."""
    reader, writer = await asyncio.open_connection(address.host, address.port)
    writer.write(request)
    writer.write_eof()
    reply = await reader.read()
    writer.close()
    return reply


async def visit(address: Address, target: str) -> bytes:
    return await say(address, f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())


@pytest.mark.parametrize("lang", LANGS, indirect=True)
async def test_a_code_is_taken_and_the_page_names_the_shop(
    listening: tuple[CallbackPage, Address], taker: Taker
) -> None:
    page, address = listening

    reply = await visit(address, GOOD)
    await page.taken()

    assert taker.codes == ["abc"]
    assert reply.startswith(b"HTTP/1.1 200 ")
    assert "小店&lt;b&gt;" in reply.decode()
    assert "default-src 'none'" in reply.decode()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            Refused("oauth.token", "authorize <code> expire", platform_code=400),
            "authorize &lt;code&gt; expire",
        ),
        (NotSent("oauth.token", "no route"), "no route"),
        (RuntimeError("a secret of ours"), "RuntimeError"),
    ],
)
async def test_whatever_goes_wrong_is_told_on_the_page_and_to_who_waits(
    listening: tuple[CallbackPage, Address], taker: Taker, error: Exception, words: str
) -> None:
    page, address = listening
    taker.error = error

    reply = (await visit(address, GOOD)).decode()

    assert reply.startswith("HTTP/1.1 502 ")
    assert words in reply
    assert "a secret of ours" not in reply
    with pytest.raises(type(error)):
        await page.taken()


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"",
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 20_000 + b"\r\n",
        f"POST {GOOD} HTTP/1.1\r\n\r\n".encode(),
        f"HEAD {GOOD} HTTP/1.1\r\n\r\n".encode(),
        b"GET /authorised?code=abc&state=s-2 HTTP/1.1\r\n\r\n",
        b"GET /authorised?code=abc&state=s-2&state=s-1 HTTP/1.1\r\n\r\n",
        b"GET /AUTHORISED?code=abc&state=s-1 HTTP/1.1\r\n\r\n",
    ],
)
async def test_nothing_but_a_visit_with_the_state_takes_a_code_and_the_page_waits_on(
    listening: tuple[CallbackPage, Address], taker: Taker, request_bytes: bytes
) -> None:
    page, address = listening

    await say(address, request_bytes)
    assert taker.codes == []

    await visit(address, GOOD)
    await page.taken()
    assert taker.codes == ["abc"]
