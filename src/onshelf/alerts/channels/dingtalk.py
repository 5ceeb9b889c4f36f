"""A DingTalk group robot. An error inside HTTP 200 is an error: only `errcode` 0 has accepted.

Source: DingTalk custom robot. sign = HMAC-SHA256 over "timestamp\\nsecret"; 20 messages a minute, else 10 minutes of rest;
20,000 bytes.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlsplit

import msgspec

from onshelf.alerts.channels.kind import Channel, Field, Kind, Receipt, Tools, anything, unsent, web_address
from onshelf.alerts.render import TOP, Digest, Entry, Letter, digest
from onshelf.errors import DeliveryError, expected
from onshelf.platforms.transport import ConnectFailed, NoReply, Request, Response
from onshelf.platforms.webhook import first_words
from onshelf.texts import Lang, text

TIMEOUT_S = 15.0
MOST_BYTES = 20_000
SPACING_S = 3.2  # at most 19 messages in any minute
THROTTLED_S = 600.0
EVERYBODY = "all"

BUSY = frozenset({-1})
TOO_FAST = frozenset({130101, 410100, 90030})
MISTAKEN = frozenset(
    {
        310000,
        300001,
        300005,
        400101,
        400102,
        400106,
        400013,
    }  # keyword, sign, address; token; robot or group gone
    | {40035, 43002, 43004, 400105}  # a request it cannot read
)
"""Errors only a person can mend."""


class Verdict(msgspec.Struct):
    """What the robot answers. A throttled one may leave `errcode` out."""

    errcode: int | None = None
    errmsg: str = ""
    wait: float | None = None  # seconds, in the answers of its flow control


@dataclass(frozen=True, slots=True)
class DingTalk:
    """One robot."""

    name: str
    url: str  # with its access_token
    secret: str  # empty: signing is off
    keyword: str  # empty: none wanted
    at: tuple[str, ...]  # phone numbers, or "all"
    tools: Tools

    async def send(self, letter: Letter) -> Receipt:
        request = Request(self._address(), self._body(letter), "application/json; charset=utf-8", TIMEOUT_S)
        try:
            response = await self.tools.transport.send(request)
        except (ConnectFailed, NoReply) as error:
            # The foreign words may hold the address, and the address holds the token.
            raise unsent(self.name, error, type(error).__name__) from None
        refusal = read_verdict(self.name, response)
        if refusal is not None:
            raise refusal
        return Receipt(answer=f"HTTP {response.status} {first_words(response.body)}")

    def _address(self) -> str:
        if not self.secret:
            return self.url
        at_ms = self.tools.clock.now_us() // 1000
        return f"{self.url}&timestamp={at_ms}&sign={quote(sign(self.secret, at_ms), safe='')}"

    def _body(self, letter: Letter) -> bytes:
        """Names as many items as the robot's limit of bytes lets through."""
        for top in range(TOP, -1, -1):
            body = self._encode(digest(letter, top), letter.lang)
            if len(body) <= MOST_BYTES:
                return body
        raise DeliveryError(self.name, f"> {MOST_BYTES} bytes", permanent=True)

    def _encode(self, words: Digest, lang: Lang) -> bytes:
        phones = [phone for phone in self.at if phone != EVERYBODY]
        laid_out = markdown(words, lang)
        extra = [self.keyword] if self.keyword not in laid_out else []
        mentions = [" ".join(f"@{phone}" for phone in phones)] if phones else []
        return msgspec.json.encode(
            {
                "msgtype": "markdown",
                "markdown": {"title": words.subject, "text": "\n\n".join([laid_out, *extra, *mentions])},
                "at": {"atMobiles": phones, "isAtAll": EVERYBODY in self.at},
            }
        )


def sign(secret: str, at_ms: int) -> str:
    """Signs a moment: base64, not yet quoted for an address."""
    signed = hmac.digest(secret.encode(), f"{at_ms}\n{secret}".encode(), hashlib.sha256)
    return base64.b64encode(signed).decode()


def read_verdict(channel: str, response: Response) -> DeliveryError | None:
    """Returns why the robot did not accept, or None. An answer that cannot be read has not accepted."""
    try:
        verdict = msgspec.json.decode(response.body, type=Verdict)
    except msgspec.DecodeError:
        return DeliveryError(channel, f"HTTP {response.status}, unreadable", permanent=False)
    code = verdict.errcode
    if code == 0 and 200 <= response.status < 300:
        return None
    why = f"HTTP {response.status}, errcode {code}: {verdict.errmsg[:200]}"
    rest_s = None
    if code in TOO_FAST or (code is None and verdict.wait is not None):
        rest_s = max(verdict.wait or 0.0, THROTTLED_S)
    elif code in BUSY:
        rest_s = 30.0
    return DeliveryError(channel, why, permanent=code in MISTAKEN, retry_after_s=rest_s)


def markdown(words: Digest, lang: Lang) -> str:
    """Lays a digest out in the robot's Markdown; titles cannot break out of it."""
    head = f"#### <font color={words.colour}>{escape(words.subject)}</font>\n\n{escape(words.summary)}"
    parts = [head, *(_entry(number, entry, lang) for number, entry in enumerate(words.entries, 1))]
    if words.more:
        parts.append(words.more)
    parts += [f"[{words.office}]({words.office_url})", f"> {words.footer}"]
    return "\n\n".join(parts)


def _entry(number: int, entry: Entry, lang: Lang) -> str:
    lines = (
        f"**{number}. [{escape(entry.title)}]({entry.url})**",
        f"{entry.badge} · {entry.change}",
        f"{text('alerts.label.code', lang)} {escape(entry.code)} · {text('alerts.label.shop', lang)} {escape(entry.shop)}",
        f"{text('alerts.label.happened', lang)} {entry.happened} · {text('alerts.label.seen', lang)} {entry.seen}",
        f"{text('alerts.label.remedy', lang)}: {entry.remedy}",
    )
    return "  \n".join(lines)


_WIDE = str.maketrans({c: chr(ord(c) + 0xFEE0) for c in "<>[]*#`|~\\"})


def escape(words: str) -> str:
    """Makes characters that Markdown or HTML would read wide: no client of the robot is known to honour escapes."""
    return words.translate(_WIDE)


def _robot(value: str) -> str:
    address = urlsplit(web_address(value))
    if not parse_qs(address.query).get("access_token"):
        raise ValueError(expected("dingtalk"))
    return value


def _at(value: str) -> str:
    everybody = [part.strip() for part in value.split(",") if part.strip()]
    if not all(part == EVERYBODY or part.isdigit() for part in everybody):
        raise ValueError("13800000000,13900000000 | all")
    return ",".join(everybody)


def _build(name: str, config: Mapping[str, str], tools: Tools) -> Channel:
    at = tuple(part for part in config["at"].split(",") if part)
    return DingTalk(name, config["url"], config["secret"], config["keyword"], at, tools)


KIND = Kind(
    fields=(
        Field("url", _robot, secret=True),
        Field("secret", anything, default="", secret=True),
        Field("keyword", anything, default=""),
        Field("at", _at, default=""),
    ),
    build=_build,
    spacing_s=SPACING_S,
)
