"""Writes calls and replies into a file as they pass, one JSON line each, with what must not be kept already hidden.

A transport around another: every attempt of every call to a gateway is one line. Requests for tokens are no calls, and
are not written. The sandbox can answer from such a file (`onshelf sandbox --replay FILE`).
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import parse_qsl, urlsplit

import msgspec

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
        self._lines: TextIO = file.open("a", encoding="utf-8")

    async def send(self, request: Request) -> Response:
        began, at = self._clock.monotonic(), self._clock.now()
        outcome: dict[str, Any] = {}
        try:
            response = await self._inner.send(request)
            outcome = {"status": response.status, "response": response}
            return response
        except (ConnectFailed, NoReply) as error:
            outcome = {"error": f"{'not sent' if isinstance(error, ConnectFailed) else 'no reply'}: {error}"}
            raise
        finally:
            took_ms = round((self._clock.monotonic() - began) * 1000, 1)
            self._note(request, {"at": at.astimezone(UTC), "took_ms": took_ms}, outcome)

    async def close(self) -> None:
        await self._inner.close()
        self._lines.close()

    def _note(self, request: Request, when: dict[str, Any], outcome: dict[str, Any]) -> None:
        params, files = read_request(request)
        if not (method := params.get("method", "")):
            return
        secret = self._hiding.is_wholly_secret(method)
        own = {name: value for name, value in params.items() if name not in PROTOCOL}
        line = {
            **when,
            "method": method,
            "app_key": params.get("app_key", ""),
            "format": params.get("format", "xml"),
            "simplify": params.get("simplify") == "true",
            "params": None if secret else self._hiding.value(own),
            "files": files,
            **self._shown(outcome, secret=secret),
        }
        self._lines.write(msgspec.json.encode(line).decode() + "\n")
        self._lines.flush()

    def _shown(self, outcome: dict[str, Any], *, secret: bool) -> dict[str, Any]:
        """Returns the reply as it may be kept: as JSON where it is some, else as text."""
        response: Response | None = outcome.pop("response", None)
        if response is None or secret:
            return {**outcome, "reply": None}
        try:
            return {**outcome, "reply": self._hiding.value(msgspec.json.decode(response.body))}
        except (msgspec.DecodeError, UnicodeDecodeError):
            text = response.body.decode("utf-8", "replace")
            return {**outcome, "reply": None, "text": self._hiding.xml(text)}


def read_request(request: Request) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
    """Reads a request back: its parameters, and of each file its name, size and SHA-256."""
    params = dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True))
    if request.content_type.startswith("multipart/"):
        texts, files = _parts(request)
        return params | texts, files
    return params | dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)), {}


def _parts(request: Request) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
    """Takes apart what `protocol.encode_multipart` has put together."""
    boundary = b"--" + request.content_type.partition("boundary=")[2].encode()
    texts: dict[str, str] = {}
    files: dict[str, dict[str, Any]] = {}
    for part in request.body.split(boundary)[1:-1]:
        head, _, rest = part.partition(b"\r\n\r\n")
        content, names = rest.removesuffix(b"\r\n"), dict(_NAMES.findall(head.decode("utf-8", "replace")))
        if "filename" in names:
            digest = hashlib.sha256(content).hexdigest()
            files[names["name"]] = {"name": names["filename"], "bytes": len(content), "sha256": digest}
        else:
            texts[names["name"]] = content.decode("utf-8", "replace")
    return texts, files


_NAMES = re.compile(r'\b(name|filename)="([^"]*)"')
