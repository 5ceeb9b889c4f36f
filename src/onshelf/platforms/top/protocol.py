"""The gateway's wire: canonical parameters, signatures, encoded requests, parsed replies, local time. Bytes ⇄ values, pure.

Source: top-protocol sections 1 (transport), 2 (signatures), 3 (envelopes), 10 (reference algorithm), 14 (recorded replies).
"""

import hashlib
import hmac
import xml.etree.ElementTree as ET  # read_xml refuses every DTD, and with it every entity
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, Literal, TypeVar, cast

import msgspec
from yarl import URL

from onshelf.clock import SECOND_US
from onshelf.platforms.top.mend import mend
from onshelf.platforms.top.rows import unwrap

SignMethod = Literal["md5", "hmac", "hmac-sha256"]
Format = Literal["json", "xml"]
T = TypeVar("T")

VERSION = "2.0"
FORM_TYPE = "application/x-www-form-urlencoded;charset=UTF-8"
_AHEAD = timedelta(hours=8)
GMT8 = timezone(_AHEAD)
_TIME_LENGTH = len("2026-01-01 12:00:00")


class Refusal(msgspec.Struct, frozen=True):
    """The body of `error_response`; `sub_code` and `sub_msg` are empty when the platform sent none."""

    code: int
    msg: str = ""
    sub_code: str = ""
    sub_msg: str = ""
    request_id: str = ""


class Unparsable(ValueError):
    """A reply is no answer in the platform's form: cut, not UTF-8, another root, a field of the wrong type."""


class Credentials(msgspec.Struct, frozen=True):
    """Who calls. Printing it shows neither the secret nor the session."""

    app_key: str
    secret: str
    session: str = ""  # "" for methods that need none
    sign_method: SignMethod = "hmac"

    def __repr__(self) -> str:
        return f"Credentials({self.app_key!r})"


@dataclass(frozen=True, slots=True)
class File:
    """A file to upload; its bytes are never signed."""

    name: str
    content: bytes = field(repr=False)
    mime: str = "application/octet-stream"


class Prepared(msgspec.Struct, frozen=True):
    """What stays the same over all attempts of one call: the application's own parameters, ready to be sent."""

    method: str
    params: dict[str, str]  # none is blank
    form: str  # the same, form-encoded
    files: Mapping[str, File]
    digest: bytes  # SHA-256 of the method and the form


def sign(params: Mapping[str, str], secret: str, sign_method: str, body: str = "") -> str:
    """Signs a request: upper-case hex over all non-blank parameters but `sign`, followed by the raw body of a batch.

    `sign_method` "" is the legacy form, MD5 with the secret at the end only. Raises ValueError for an unknown method.
    """
    return _digest(canonical(params) + body, secret, sign_method)


def canonical(params: Mapping[str, str]) -> str:
    """Joins names and values in the order of their code points, without separators; blank values are left out."""
    return "".join(
        [
            name + value
            for name, value in sorted(params.items())
            if name != "sign" and value and not value.isspace()
        ]
    )


def _digest(text: str, secret: str, sign_method: str) -> str:
    key, content = secret.encode(), text.encode()
    match sign_method:
        case "hmac":
            return hmac.digest(key, content, "md5").hex().upper()
        case "hmac-sha256":
            return hmac.digest(key, content, "sha256").hex().upper()
        case "md5":
            return hashlib.md5(key + content + key).hexdigest().upper()
        case "":
            return hashlib.md5(content + key).hexdigest().upper()
    raise ValueError(f"sign_method {sign_method!r}: use md5, hmac or hmac-sha256")


def encode_form(params: Mapping[str, str]) -> str:
    """Encodes pairs as a form in UTF-8; `parse_qsl` gives them back."""
    # yarl's quoting is C: a long description costs a fifth of urllib's time.
    return URL.build(query=params).raw_query_string


@lru_cache(maxsize=1024)
def _quoted_often(value: str) -> str:
    """Quotes what recurs: app key, session, method, timestamp."""
    return encode_form({"": value})[1:]


def prepare(method: str, params: Mapping[str, str], files: Mapping[str, File] | None = None) -> Prepared:
    """Drops blank values, as the official client does before it signs and before it sends, and encodes the rest once."""
    filled = {name: value for name, value in params.items() if value and not value.isspace()}
    form = encode_form(filled)
    digest = hashlib.sha256(f"{method}\n{form}".encode()).digest()
    return Prepared(method, filled, form, files or {}, digest)


def signature(prepared: Prepared, caller: Credentials, timestamp: str, reply_format: Format = "json") -> str:
    """Signs one attempt: the application's parameters together with the protocol's own."""
    params = {
        **prepared.params,
        "app_key": caller.app_key,
        "format": reply_format,
        "method": prepared.method,
        "sign_method": caller.sign_method,
        "timestamp": timestamp,
        "v": VERSION,
    }
    if caller.session:
        params["session"] = caller.session
    # None of these is blank, so this is `canonical` without its tests.
    text = "".join([name + params[name] for name in sorted(params)])
    return _digest(text, caller.secret, caller.sign_method)


def encode_request(
    prepared: Prepared, caller: Credentials, timestamp: str, reply_format: Format = "json"
) -> tuple[str, bytes, str]:
    """Encodes one attempt: query string, body and content type, always for POST.

    All parameters travel in the body, so that neither token nor signature stands in anybody's access log and the
    address stays the same; uploads keep the protocol's parameters in the query, as both official clients do.
    """
    session = f"&session={_quoted_often(caller.session)}" if caller.session else ""
    own = (
        f"app_key={_quoted_often(caller.app_key)}&format={reply_format}&method={_quoted_often(prepared.method)}{session}"
        f"&sign={signature(prepared, caller, timestamp, reply_format)}&sign_method={caller.sign_method}"
        f"&timestamp={_quoted_often(timestamp)}&v={VERSION}"
    )
    if prepared.files:
        body, content_type = encode_multipart(prepared.params, prepared.files, prepared.digest.hex()[:24])
        return own, body, content_type
    form = f"{own}&{prepared.form}" if prepared.form else own
    return "", form.encode("ascii"), FORM_TYPE


def encode_multipart(
    params: Mapping[str, str], files: Mapping[str, File], boundary: str
) -> tuple[bytes, str]:
    """Encodes text and file parts; the boundary grows until it occurs in none of them."""
    texts = {name: value.encode() for name, value in params.items()}
    contents = [*texts.values(), *(file.content for file in files.values())]
    while any(boundary.encode() in content for content in contents):
        boundary += "x"
    parts: list[bytes] = []
    for name, value in texts.items():
        parts += (
            _part_head(boundary, f'name="{_part_name(name)}"', "text/plain;charset=UTF-8"),
            value,
            b"\r\n",
        )
    for name, file in files.items():
        disposition = f'name="{_part_name(name)}"; filename="{_part_name(file.name)}"'
        parts += (_part_head(boundary, disposition, file.mime), file.content, b"\r\n")
    parts.append(f"--{boundary}--\r\n".encode())
    return b"".join(parts), f"multipart/form-data;charset=UTF-8;boundary={boundary}"


def _part_head(boundary: str, disposition: str, mime: str) -> bytes:
    return f"--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\nContent-Type: {mime}\r\n\r\n".encode()


def _part_name(name: str) -> str:
    return name.replace("\\", "_").replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def root_name(method: str) -> str:
    """Returns the root key of a method's reply; only a leading `taobao.` is dropped."""
    return method.removeprefix("taobao.").replace(".", "_") + "_response"


@lru_cache(maxsize=1024)
def _decoder(wanted: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(wanted, strict=False, dec_hook=unwrap)


_ANYTHING = msgspec.json.Decoder(float_hook=str)  # a price keeps its decimals


@lru_cache(maxsize=1024)
def _envelope(method: str, reply: Any) -> type[msgspec.Struct]:
    """Makes the type of a whole reply: a refusal under its root, or the wanted type under the method's."""
    return msgspec.defstruct(
        "Envelope",
        [("refusal", Refusal | None, None), ("result", reply | None, None)],
        rename={"refusal": "error_response", "result": root_name(method)},
    )


def parse_reply(
    body: bytes, method: str, reply: type[T], reply_format: Format = "json", *, simplified: bool = False
) -> T | Refusal:
    """Decodes a reply straight to the wanted type, or to the platform's refusal. Ids may be numbers or strings (14).

    `simplified`: asked for with `simplify=true`, so an answer may have no root of its own; a refusal keeps its own.
    Raises Unparsable for everything else, a truncated body included.
    """
    try:
        found = decode(body, _envelope(method, cast("Any", reply)), reply_format)
        if found.refusal is not None:
            return cast("Refusal", found.refusal)
        if found.result is not None:
            return cast("T", found.result)
        if simplified and reply_format == "json":
            return cast("T", decode(body, reply))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Unparsable(str(error)) from error
    raise Unparsable(f"neither error_response nor {root_name(method)}")


def decode(body: bytes, wanted: Any, reply_format: Format = "json") -> Any:
    """Decodes a body; one whose values are of other types than the catalogue's is mended first."""
    if reply_format == "xml":
        return msgspec.convert(mend(read_xml(body), wanted), wanted, strict=False, dec_hook=unwrap)
    try:
        return _decoder(wanted).decode(body)
    except msgspec.ValidationError:
        return msgspec.convert(mend(_ANYTHING.decode(body), wanted), wanted, strict=False, dec_hook=unwrap)


def read_xml(body: bytes) -> dict[str, Any]:
    """Reads an XML reply as nested dicts of texts; an element that occurs twice, or is marked `list`, holds a list.

    A text that begins on a line of its own is indented as in the platform's samples, and is stripped; any other stays whole.

    Raises Unparsable when it is no XML, declares a document type (the platform never does), or is in UTF-16, where one
    could hide.
    """
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body or b"\0" in body:
        raise Unparsable("a document type is declared, or the text is not UTF-8")
    try:
        root = ET.fromstring(body)  # noqa: S314  no DTD can pass the check above
    except (ET.ParseError, LookupError, ValueError) as error:
        raise Unparsable(str(error)) from error
    return {root.tag: _xml_value(root) or {}}


def _xml_value(element: ET.Element) -> Any:
    if not len(element):
        text = element.text or ""
        return text.strip() if text.isspace() or text.startswith("\n") else text
    found: dict[str, Any] = {}
    for child in element:
        value = _xml_value(child)
        if child.tag not in found:
            found[child.tag] = [value] if element.get("list") == "true" else value
        elif isinstance(found[child.tag], list):
            found[child.tag].append(value)
        else:
            found[child.tag] = [found[child.tag], value]
    return found


def wire_time(moment: datetime) -> str:
    """Writes an aware moment as the platform's local time, `yyyy-MM-dd HH:mm:ss` in GMT+8."""
    return moment.astimezone(GMT8).strftime("%Y-%m-%d %H:%M:%S")


@lru_cache(maxsize=8)
def _timestamp(second: int) -> str:
    return wire_time(datetime.fromtimestamp(second, UTC))


def timestamp(at_us: int) -> str:
    """Writes microseconds since the epoch as the `timestamp` parameter."""
    return _timestamp(at_us // SECOND_US)


def read_time(text: str | None) -> datetime | None:
    """Reads the platform's local time as aware UTC; None for a missing or unreadable one (`0000-00-00` has been seen)."""
    if not text:
        return None
    try:
        if len(text) == _TIME_LENGTH:  # what the platform writes, read in a fifth of the time
            return datetime.fromisoformat(f"{text}Z") - _AHEAD
        return datetime.fromisoformat(text).replace(tzinfo=UTC) - _AHEAD
    except (ValueError, OverflowError):
        return None
