"""A receiver of Standard Webhooks: verifies signature and age, and sees repeats by id. Source: reference/integrations.md 1.9."""

import base64
import hmac
from collections.abc import Mapping

from onshelf.sandbox.receivers.inbox import Inbox

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TOLERANCE_S = 300


class Webhook:
    """One endpoint with one secret."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._seen: set[str] = set()

    def take(self, headers: Mapping[str, str], body: bytes, now: float) -> int:
        """Takes one delivery and returns the HTTP status; keeps it either way, with whether its id came before."""
        message_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        why = _fault(message_id, stamp, headers.get("webhook-signature", ""), body, now)
        text = body.decode("utf-8", "replace")
        self._inbox.keep(
            "webhook", now, not why, why, id=message_id, repeat=message_id in self._seen, body=text
        )
        if why:
            return 401
        self._seen.add(message_id)
        return 200


def _fault(message_id: str, stamp: str, signatures: str, body: bytes, now: float) -> str:
    if not message_id:
        return "webhook-id missing"
    if not stamp.isdecimal() or abs(int(stamp) - now) > TOLERANCE_S:
        return "webhook-timestamp missing or too old"
    right = "v1," + webhook_sign(message_id, stamp, body)
    return "" if any(hmac.compare_digest(one, right) for one in signatures.split(" ")) else "signature wrong"


def webhook_sign(message_id: str, stamp: str, body: bytes) -> str:
    """Signs one delivery with the sandbox's secret, base64."""
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    return base64.b64encode(hmac.digest(key, f"{message_id}.{stamp}.".encode() + body, "sha256")).decode()
