"""A signed webhook after the Standard Webhooks specification; programs get every single change.

Source: standardwebhooks 1.1.0 (signature, headers, tolerance of 5 minutes).
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

import msgspec

from onshelf.alerts.channels.kind import Channel, Field, Kind, Receipt, Tools, web_address
from onshelf.alerts.render import Letter
from onshelf.alerts.rules import Alert, AlertState
from onshelf.clock import SECOND_US, from_us, to_us
from onshelf.errors import DeliveryError
from onshelf.platforms.transport import ConnectFailed, NoReply, Request, Response

TIMEOUT_S = 15.0
PREFIX = "whsec_"
_GONE = 410


@dataclass(frozen=True, slots=True)
class Webhook:
    """One receiver of signed JSON."""

    name: str
    url: str
    secret: str
    tools: Tools

    async def send(self, letter: Letter) -> Receipt:
        body = payload(letter)
        at_s = self.tools.clock.now_us() // SECOND_US
        headers = (
            ("webhook-id", letter.delivery_id),
            ("webhook-timestamp", str(at_s)),
            ("webhook-signature", sign(self.secret, letter.delivery_id, at_s, body)),
        )
        request = Request(self.url, body, "application/json", TIMEOUT_S, headers)
        try:
            response = await self.tools.transport.send(request)
        except (ConnectFailed, NoReply) as error:
            raise DeliveryError(self.name, str(error), permanent=False) from error
        return self._read(response)

    def _read(self, response: Response) -> Receipt:
        """Any 2xx has accepted; 410 asks to stop for good; everything else may pass, a misplaced route included."""
        if 200 <= response.status < 300:
            return Receipt()
        raise DeliveryError(
            self.name,
            f"HTTP {response.status}",
            permanent=response.status == _GONE,
            retry_after_s=retry_after_s(response.headers.get("Retry-After", ""), self.tools.clock.now_us()),
        )


def sign(secrets: str, message_id: str, at_s: int, body: bytes) -> str:
    """Signs the exact bytes sent, once for each secret (rotation): `v1,<base64>` separated by spaces."""
    signed = f"{message_id}.{at_s}.".encode() + body
    digests = (hmac.digest(_key(secret), signed, hashlib.sha256) for secret in secrets.split())
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)


def payload(letter: Letter) -> bytes:
    """Writes a letter as JSON: counts, and every change in order. The same letter always gives the same bytes."""
    return msgspec.json.encode(
        {
            "type": "alert.test" if letter.test else "alert.changed",
            "timestamp": _iso(letter.created_us),
            "data": {
                "delivery_id": letter.delivery_id,
                "firing": sum(alert.state == AlertState.FIRING for alert in letter.alerts),
                "resolved": sum(alert.state == AlertState.RESOLVED for alert in letter.alerts),
                "items": [_item(alert, letter) for alert in letter.alerts],
            },
        }
    )


def retry_after_s(header: str, now_us: int) -> float | None:
    """Reads a Retry-After header, seconds or a date; None when there is none that makes sense."""
    seconds = header.strip()
    if seconds.isascii() and seconds.isdigit():
        return float(seconds)
    try:
        moment = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (to_us(aware) - now_us) / SECOND_US)


def _item(alert: Alert, letter: Letter) -> dict[str, object]:
    return {
        "change_id": alert.change_id,
        "fingerprint": alert.fingerprint,
        "rule": alert.rule,
        "state": alert.state,
        "severity": alert.severity,
        "shop_id": alert.shop_id,
        "item_id": alert.item_id,
        "outer_id": alert.outer_id,
        "title": alert.title,
        "from": alert.old,
        "to": alert.new,
        "cause": alert.cause,
        "since": _iso(alert.since_us),
        "happened_at": _iso(alert.happened_us),
        "seen_at": _iso(alert.seen_us),
        "item_url": letter.links.item.format(item_id=alert.item_id) if alert.item_id else "",
        "office_url": letter.links.office,
    }


def _iso(at_us: int) -> str:
    return from_us(at_us).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)


def _secrets(value: str) -> str:
    expected = f"{PREFIX}<base64 of 24 to 64 bytes>"
    try:
        lengths = [len(_key(secret)) for secret in value.split()]
    except (binascii.Error, ValueError) as error:
        raise ValueError(expected) from error
    if not lengths or not all(24 <= length <= 64 for length in lengths):
        raise ValueError(expected)
    return value


def _build(name: str, config: Mapping[str, str], tools: Tools) -> Channel:
    return Webhook(name, config["url"], config["secret"], tools)


KIND = Kind(
    fields=(Field("url", web_address), Field("secret", _secrets, secret=True)),
    build=_build,
    folds=False,
    most_changes=200,  # about 100 kB of JSON
)
