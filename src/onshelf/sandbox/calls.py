"""The last calls of the gateway, with what was asked, what came of it and how their signatures stand; in bounded memory."""

import contextlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from onshelf.sandbox.clock import SandboxClock
from onshelf.sandbox.errors import ApiError, ConnectionCut
from onshelf.sandbox.explain import Signed, explain
from onshelf.sandbox.spoil import Reply
from onshelf.sandbox.wire import Json

KEPT = 500
LARGE_BYTES = 32_768  # a larger request is kept with its long values shortened
LONG_VALUE = 500
LONG_REPLY = 4000  # bytes kept of an answer
OPEN = "open"  # not answered yet: delayed, or held at a barrier


@dataclass(slots=True)
class Seen:
    """One call as the log keeps it."""

    request_id: str
    at: float  # seconds since the epoch
    path: str  # rest, batch, part (of a batch; it has no signature of its own)
    verb: str
    query: bytes
    size: int  # of the body
    text: dict[str, str] = field(default_factory=dict)  # decoded parameters, in the order received
    body: str = ""  # of a batch: it is signed
    files: dict[str, int] = field(default_factory=dict)  # name → bytes
    secret: str = ""  # it was checked with; "": the app is not known
    outcome: str = OPEN  # then ok, refused, broken (an HTTP error), cut
    code: int = 0
    sub_code: str = ""
    told: str = ""  # what the refusal says
    faults: list[str] = field(default_factory=list)
    answered_at: float = 0.0
    status: int = 200
    reply_bytes: int = 0  # before it is compressed
    reply: bytes = b""  # its beginning
    explained: Json | None = None  # made at once when the values are about to be shortened

    def take(self, text: dict[str, str], files: Mapping[str, memoryview] | None = None) -> None:
        """Notes what the request carried."""
        self.text = text
        self.files = {name: len(content) for name, content in (files or {}).items()}

    def answer(self, reply: Reply) -> Reply:
        """Notes what is answered, and returns it."""
        self.status, self.reply_bytes, self.reply = reply.status, len(reply.body), reply.body[:LONG_REPLY]
        return reply

    def shown(self) -> Json:
        """Returns one row of the list."""
        return {
            "request_id": self.request_id,
            "at": self.at,
            "path": self.path,
            "verb": self.verb,
            "method": "batch" if self.path == "batch" else self.text.get("method", ""),
            "app_key": self.text.get("app_key", ""),
            "session": self.text.get("session", ""),
            "outcome": self.outcome,
            "status": self.status,
            "code": self.code,
            "sub_code": self.sub_code,
            "told": self.told,
            "faults": self.faults,
            "took_ms": round((self.answered_at - self.at) * 1000, 3) if self.answered_at else None,
            "bytes": self.size,
            "reply_bytes": self.reply_bytes,
        }


class CallLog:
    """The last calls by request_id, oldest first."""

    def __init__(self, clock: SandboxClock, kept: int = KEPT) -> None:
        self._clock = clock
        self._kept = kept
        self._seen: OrderedDict[str, Seen] = OrderedDict()

    def __len__(self) -> int:
        return len(self._seen)

    @contextlib.contextmanager
    def keep(self, seen: Seen) -> Iterator[Seen]:
        """Keeps a call, and notes how it ends; the oldest one goes when there are too many."""
        self._seen[seen.request_id] = seen
        if len(self._seen) > self._kept:
            self._seen.popitem(last=False)
        try:
            yield seen
            seen.outcome = "ok" if seen.status == 200 else "broken"
        except ApiError as refusal:
            seen.outcome, seen.code, seen.sub_code = "refused", refusal.code, refusal.sub_code
            seen.told = refusal.sub_msg or refusal.text
            raise
        except ConnectionCut:
            seen.outcome = "cut"
            raise
        finally:
            seen.answered_at = self._clock.now()
            _shrink(seen)

    def find(self, request_id: str) -> Seen | None:
        """Returns a call that is still kept."""
        return self._seen.get(request_id)

    def newest(self, before: str = "") -> Iterator[Seen]:
        """Yields calls, the newest first; with `before`, those older than that call."""
        calls = reversed(self._seen.values())
        if before in self._seen:
            for seen in calls:
                if seen.request_id == before:
                    break
        yield from calls

    def strike(self, request_id: str, kind: str) -> None:
        """Notes a fault that struck a call."""
        if seen := self._seen.get(request_id):
            seen.faults.append(kind)

    def clear(self) -> int:
        """Forgets all calls; returns how many there were."""
        count = len(self._seen)
        self._seen.clear()
        return count


def _shrink(seen: Seen) -> None:
    """Makes an answered call small enough to be kept; its signature is explained before."""
    if seen.size + len(seen.query) <= LARGE_BYTES or not seen.text:
        return
    if seen.secret:
        seen.explained = _shortened(explain(signed(seen, {})))
    seen.text = {name: _short(value) for name, value in seen.text.items()}
    seen.body, seen.query = _short(seen.body), seen.query[:LONG_VALUE]


def signed(seen: Seen, secrets: dict[str, str]) -> Signed:
    """Returns what the signature of a call stands on; `secrets` are those of all apps."""
    return Signed(seen.text, seen.secret, seen.query, seen.body, secrets)


def _shortened(explained: Json) -> Json:
    return {name: _short(value) if isinstance(value, str) else value for name, value in explained.items()}


def _short(text: str) -> str:
    return text if len(text) <= LONG_VALUE else f"{text[:LONG_VALUE]}… ({len(text)})"
