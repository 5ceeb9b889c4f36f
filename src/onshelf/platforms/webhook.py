"""One signed message to a web address, after the Standard Webhooks specification: what it carries, and what the answer means.

Source: standardwebhooks 1.1.0 (signature, headers, tolerance of 5 minutes).
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from random import Random

from onshelf.clock import SECOND_US, Clock, to_us
from onshelf.errors import expected
from onshelf.platforms.transport import Request, Transport

TIMEOUT_S = 15.0
PREFIX = "whsec_"
SECRET_BYTES = 32
_GONE = 410


@dataclass(frozen=True, slots=True)
class Answered:
    """What a receiver answered."""

    status: int
    retry_after_s: float | None = None  # the rest it asks for; None: it asks for none
    words: str = ""  # how its answer begins, on one line

    @property
    def accepted(self) -> bool:
        """Any 2xx has accepted."""
        return 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """Tells whether the receiver asks to stop for good. Everything else may pass, a misplaced route included."""
        return self.status == _GONE


async def post(
    transport: Transport, clock: Clock, url: str, secrets: str, message_id: str, body: bytes
) -> Answered:
    """Sends a message once, signed as of now with each of the secrets (blanks between them; two during a rotation).

    Raises ConnectFailed when nothing was sent, NoReply when that is not known.
    """
    at_s = clock.now_us() // SECOND_US
    headers = (
        ("webhook-id", message_id),
        ("webhook-timestamp", str(at_s)),
        ("webhook-signature", sign(secrets, message_id, at_s, body)),
    )
    reply = await transport.send(Request(url, body, "application/json", TIMEOUT_S, headers))
    rest_s = retry_after_s(reply.headers.get("Retry-After", ""), clock.now_us())
    return Answered(reply.status, rest_s, first_words(reply.body))


def first_words(body: bytes) -> str:
    """Returns how a body begins, for people: on one line, at most 200 characters."""
    return " ".join(body[:1000].decode("utf-8", "replace").split())[:200]


def sign(secrets: str, message_id: str, at_s: int, body: bytes) -> str:
    """Signs the exact bytes sent, once for each secret: `v1,<base64>` separated by spaces."""
    signed = f"{message_id}.{at_s}.".encode() + body
    digests = (hmac.digest(_key(secret), signed, hashlib.sha256) for secret in secrets.split())
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)


def new_secret(random: Random) -> str:
    """Makes a secret that both sides keep."""
    return PREFIX + base64.b64encode(random.randbytes(SECRET_BYTES)).decode()


def checked_secrets(value: str) -> str:
    """Returns secrets as given. Raises ValueError naming the form each must have."""
    wanted = expected("webhook_secret", prefix=PREFIX)
    try:
        lengths = [len(_key(secret)) for secret in value.split()]
    except (binascii.Error, ValueError) as error:
        raise ValueError(wanted) from error
    if not lengths or not all(24 <= length <= 64 for length in lengths):
        raise ValueError(wanted)
    return value


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


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
