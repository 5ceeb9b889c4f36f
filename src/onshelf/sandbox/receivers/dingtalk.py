"""A look-alike of DingTalk's custom robot: refusals come as errcode inside HTTP 200. Source: reference/integrations.md 1.1."""

import base64
import hmac
from collections import deque
from collections.abc import Mapping

import msgspec

from onshelf.sandbox.receivers.inbox import Inbox
from onshelf.sandbox.wire import Json, read_json

TOKEN = "sandbox"
SECRET = "SECsandbox0123456789"
MOST_BYTES = 20_000
SKEW_MS = 3_600_000
PER_MINUTE = 20
PUNISH_S = 600
_KINDS = frozenset(("text", "markdown", "link", "actionCard", "feedCard"))


class DingTalk:
    """One robot, secured by a signature and, when set, a keyword."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self.keyword = ""  # "" off
        self.limited = False  # 20 messages a minute, then 10 minutes nothing
        self._sent: deque[float] = deque(maxlen=PER_MINUTE)
        self._silent_until = 0.0

    def take(self, query: Mapping[str, str], body: bytes, now: float) -> Json:
        """Takes one message and returns what DingTalk says; keeps it either way."""
        try:
            message = read_json(body, object)
        except msgspec.DecodeError:
            message = None
        code, text = self._judge(query, body, message, now)
        self._inbox.keep("dingtalk", now, code == 0, "" if code == 0 else text, errcode=code, body=message)
        return {"errcode": code, "errmsg": text}

    def _judge(self, query: Mapping[str, str], body: bytes, message: object, now: float) -> tuple[int, str]:
        if query.get("access_token") != TOKEN:
            return 300005, "token is not exist"
        if not isinstance(message, dict) or message.get("msgtype") not in _KINDS:
            return 400105, "unsupported msgtype"
        if len(body) > MOST_BYTES:
            return 460101, "message too long, exceed 20000 bytes"
        stamp = query.get("timestamp", "")
        if not stamp.isdecimal() or abs(int(stamp) - now * 1000) > SKEW_MS:
            return 310000, "invalid timestamp"
        if query.get("sign") != robot_sign(stamp, SECRET):
            return 310000, "sign not match"
        if self.keyword and self.keyword not in msgspec.json.encode(message).decode():
            return 310000, "keywords not in content"
        return self._pace(now)

    def _pace(self, now: float) -> tuple[int, str]:
        full = len(self._sent) == PER_MINUTE and now - self._sent[0] < 60
        if self.limited and (full or now < self._silent_until):
            self._silent_until = max(self._silent_until, now + PUNISH_S if full else 0.0)
            return 130101, "send too fast, exceed 20 times per minute"
        self._sent.append(now)
        return 0, "ok"


def robot_sign(stamp_ms: str, secret: str) -> str:
    """Signs a robot call: base64 of HMAC-SHA256 over `timestamp\\nsecret`."""
    return base64.b64encode(hmac.digest(secret.encode(), f"{stamp_ms}\n{secret}".encode(), "sha256")).decode()
