"""Writes calls and replies into a file as they pass, one JSON line each, with what must not be kept already hidden.

A transport around another: every attempt of every call to a gateway is one line, also in a batch. Requests for tokens
are no calls, and are not written. The sandbox can answer from such a file (`onshelf sandbox --replay FILE`).
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
import structlog

from onshelf.clock import Clock
from onshelf.platforms.transport import ConnectFailed, NoReply, Request, Response, Transport

PROTOCOL = frozenset(
    (
        "app_key",
        "format",
        "method",
        "partner_id",
        "session",
        "sign",
        "sign_method",
        "simplify",
        "timestamp",
        "v",
    )
)
"""Parameters of the protocol itself; of these only method, app_key, format and simplify are kept."""


log = structlog.get_logger()

BATCH = "\r\n-S-\r\n"
"""Between the calls of a batch, and between their replies. Source: top-protocol 1.6."""


@dataclass(frozen=True, slots=True)
class Hiding:
    """How secrets and buyers are hidden; given by whoever knows them (`guard/buyers.py`)."""

    value: Callable[[Any], Any]
    xml: Callable[[str], str]
    is_wholly_secret: Callable[[str], bool]  # of a method: then neither parameters nor reply are kept


class RecordingTransport:
    """Passes requests on, and notes each with what became of it."""

    def __init__(self, inner: Transport, file: Path, hiding: Hiding, clock: Clock) -> None:
        """Appends to the file, which is made for its owner alone."""
        self._inner = inner
        self._hiding = hiding
        self._clock = clock
        file.touch(mode=0o600)
        self._lines = file.open("ab", buffering=0)  # a line is one write: whole, or lost to a full disk

    async def send(self, request: Request) -> Response:
        began, at = self._clock.monotonic(), self._clock.now()
        outcome: dict[str, Any] = {"error": "given up"}
        body: bytes | None = None
        try:
            response = await self._inner.send(request)
            outcome, body = {"status": response.status}, response.body
            return response
        except (ConnectFailed, NoReply) as error:
            why = self._hiding.value(str(error))
            outcome = {"error": f"{'not sent' if isinstance(error, ConnectFailed) else 'no reply'}: {why}"}
            raise
        finally:
            took_ms = round((self._clock.monotonic() - began) * 1000, 1)
            self._try_to_note(request, {"at": at.astimezone(UTC), "took_ms": took_ms, **outcome}, body)

    async def close(self) -> None:
        await self._inner.close()
        self._lines.close()

    def _try_to_note(self, request: Request, what: dict[str, Any], body: bytes | None) -> None:
        """Writes what can be written: a full disk or a reply of no form we know breaks no call that has been made."""
        try:
            self._note(request, what, body)
        except (OSError, ValueError, ArithmeticError, RecursionError) as error:
            log.warning("record.not_written", error=type(error).__name__)

    def _note(self, request: Request, what: dict[str, Any], body: bytes | None) -> None:
        """Writes a line for each call of a request; of a batch, its parts."""
        asked = read_request(request)
        replies: list[bytes] | list[None] = [None] * len(asked)
        if body is not None and not self._may_tell_a_secret(asked, body):
            replies = split_reply(body, len(asked))
        for (params, files), reply in zip(asked, replies, strict=True):
            if params.get("method") and params.get("app_key"):
                line = {**what, **self._asked(params), "files": files, **self._answered(params, reply)}
                self._lines.write(msgspec.json.encode(line) + b"\n")

    def _may_tell_a_secret(self, asked: list[tuple[dict[str, str], "Files"]], body: bytes) -> bool:
        """Tells whether the reply of a wholly secret call may stand anywhere in the body of a batch."""
        secret = any(self._hiding.is_wholly_secret(params.get("method", "")) for params, _ in asked)
        return secret and len(body.split(BATCH.encode())) != len(asked)

    def _asked(self, params: dict[str, str]) -> dict[str, Any]:
        own = {name: value for name, value in params.items() if name not in PROTOCOL}
        return {
            "method": params["method"],
            "app_key": params.get("app_key", ""),
            "format": params.get("format", "xml"),
            "simplify": params.get("simplify") == "true",
            "params": None if self._hiding.is_wholly_secret(params["method"]) else self._hiding.value(own),
        }

    def _answered(self, params: dict[str, str], body: bytes | None) -> dict[str, Any]:
        """Returns a reply as it may be kept: as JSON where it is some, else as text."""
        if body is None or self._hiding.is_wholly_secret(params["method"]):
            return {"reply": None}
        try:
            return {"reply": self._hiding.value(msgspec.json.decode(body))}
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return {"reply": None, "text": self._hiding.xml(body.decode("utf-8", "replace"))}


Files = dict[str, dict[str, Any]]
"""Of each file how its name ends, its size and SHA-256."""


def read_request(request: Request) -> list[tuple[dict[str, str], Files]]:
    """Reads a request back: the parameters and files of its call, or of each call of a batch."""
    params = _pairs(urlsplit(request.url).query)
    if request.content_type.startswith("multipart/"):
        texts, files = _parts(request)
        return [(params | texts, files)]
    body = request.body.decode("utf-8", "replace")
    if request.content_type.startswith("text/plain"):
        return [(params | _pairs(part), {}) for part in body.split(BATCH)]
    return [(params | _pairs(body), {})]


def split_reply(body: bytes, count: int) -> list[bytes]:
    """Returns the replies of a batch in their order; one that has not as many is one for all."""
    pieces = body.split(BATCH.encode())
    return pieces if len(pieces) == count else [body] * count


def _pairs(form: str) -> dict[str, str]:
    return dict(parse_qsl(form, keep_blank_values=True))


def _parts(request: Request) -> tuple[dict[str, str], Files]:
    """Takes apart what `protocol.encode_multipart` has put together."""
    boundary = b"--" + request.content_type.partition("boundary=")[2].encode()
    texts: dict[str, str] = {}
    files: Files = {}
    for part in request.body.split(boundary)[1:-1]:
        head, _, rest = part.partition(b"\r\n\r\n")
        content, names = rest.removesuffix(b"\r\n"), dict(_NAMES.findall(head.decode("utf-8", "replace")))
        if "filename" in names:
            digest = hashlib.sha256(content).hexdigest()
            ending = PurePosixPath(names["filename"]).suffix  # the rest of a name may be a person's
            files[names["name"]] = {"name": f"*{ending[:6]}", "bytes": len(content), "sha256": digest}
        else:
            texts[names["name"]] = content.decode("utf-8", "replace")
    return texts, files


_NAMES = re.compile(r'\b(name|filename)="([^"]*)"')
