"""What the gateway asks of a call before it looks at its method: the protocol's own parameters, in the platform's order. Pure.

Source: reference/top-protocol.md 1.2, 1.3 and 9.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from onshelf.sandbox import errors, wire
from onshelf.sandbox.clock import read_time
from onshelf.sandbox.spoil import Reply
from onshelf.sandbox.state import App

SKEW_S = 600


@dataclass(slots=True)
class Style:
    """How a caller wants its answers written."""

    xml: bool = True
    simplify: bool = False

    @classmethod
    def of(cls, text: Mapping[str, str]) -> "Style":
        """Reads format and simplify; XML unless told otherwise, as the platform."""
        return cls(text.get("format") != "json", text.get("simplify") == "true")

    @classmethod
    def of_undecoded(cls, query: bytes, body: bytes) -> "Style":
        """Reads the format alone, from parameters that are not UTF-8."""
        return cls(not wire.asks_json(query, body))

    def reply(self, body: bytes) -> Reply:
        """Wraps a body with its content type."""
        return Reply(body, wire.XML_TYPE if self.xml else wire.JSON_TYPE)


def utf8(body: bytes) -> str:
    """Decodes the body of a batch. Raises: InvalidEncoding."""
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise errors.InvalidEncoding from error


def identify(apps: Mapping[str, App], text: Mapping[str, str], now: float) -> App:
    """Checks the protocol's parameters short of the signature, in order; returns who calls. Raises: ApiError."""
    if not text.get("method"):
        raise errors.MissingMethod
    if not text.get("app_key"):
        raise errors.MissingAppKey
    app = apps.get(text["app_key"])
    if app is None:
        raise errors.InvalidAppKey
    _check_version(text.get("v", ""))
    if (text.get("format") or "xml") not in ("xml", "json"):
        raise errors.InvalidFormat
    _check_timestamp(text.get("timestamp", ""), now)
    return app


def check_signature(text: Mapping[str, str], app: App, body: str = "") -> None:
    """Checks the signature over all that came. Raises: MissingSignature, InvalidSignature."""
    if not text.get("sign"):
        raise errors.MissingSignature
    if not wire.signature_matches(text, app.app_secret, body):
        raise errors.InvalidSignature


def _check_version(version: str) -> None:
    if not version:
        raise errors.MissingVersion
    if version != "2.0":
        raise errors.UnsupportedVersion if version.replace(".", "", 1).isdecimal() else errors.InvalidVersion


def _check_timestamp(timestamp: str, now: float) -> None:
    """Takes both forms in use: GMT+8 text and epoch milliseconds, ten minutes either way. Source: top-protocol.md 1.3."""
    if not timestamp:
        raise errors.MissingTimestamp
    try:
        at = int(timestamp) / 1000 if timestamp.isdecimal() else read_time(timestamp)
    except (ValueError, OverflowError) as error:
        raise errors.InvalidTimestamp from error
    if abs(now - at) > SKEW_S:
        raise errors.InvalidTimestamp
