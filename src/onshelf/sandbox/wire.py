"""Bytes of the gateway: decoding forms and multipart bodies, signing, and encoding replies. Pure; the client has its own.

Source: reference/top-protocol.md sections 1, 2, 3, 9 and 13.
"""

import hashlib
import hmac
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar
from xml.sax.saxutils import escape

import msgspec

Json = dict[str, Any]
T = TypeVar("T")

JSON_TYPE = b"text/javascript;charset=UTF-8"
XML_TYPE = b"text/xml;charset=UTF-8"
XML_PROLOG = '<?xml version="1.0" encoding="utf-8" ?>'
GZIP_ABOVE_BYTES = 1024  # smaller replies fit one packet anyway

_ESCAPES = re.compile(rb"(?:%[0-9A-Fa-f]{2})+")
_DISPOSITION = re.compile(r"^content-disposition[ \t]*:(.*)", re.IGNORECASE | re.MULTILINE)
_PARAM = re.compile(r'(?:[;\s])([\w*]+)\s*=\s*(?:"([^"]*)"|([^;\s]*))')
_BOUNDARY = re.compile(r'\bboundary\s*=\s*(?:"([^"]+)"|([^;\s]+))', re.IGNORECASE)
_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
_DIGESTS = {"hmac": "md5", "hmac-sha256": "sha256"}
SIGN_METHODS = frozenset(("md5", *_DIGESTS))
_GZIP = frozenset(("gzip", "x-gzip"))
_NO_WEIGHT = re.compile(r"q\s*=\s*0(?:\.0*)?")
_JSON_ASKED = re.compile(rb"(?:^|&)format=json(?:&|$)")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # no document can hold these, escaped or not
_IN_XML = {"\r": "&#13;"}  # bare, a reader would make it a line feed


@dataclass(slots=True)
class Form:
    """What a request carried after decoding: signed text fields, and files, which are never signed."""

    text: dict[str, str] = field(default_factory=dict)
    files: dict[str, memoryview] = field(default_factory=dict)


class Undecodable(ValueError):
    """The bytes are not UTF-8, or a multipart body has no readable parts."""


def unquote(raw: bytes) -> str:
    """Decodes one form-encoded name or value; a lone percent sign stays as it is.

    Raises: Undecodable when the bytes are not UTF-8.
    """
    if b"+" in raw:
        raw = raw.replace(b"+", b" ")
    if b"%" in raw:
        raw = _ESCAPES.sub(_unescape_run, raw)
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise Undecodable(str(error)) from error


def _unescape_run(run: re.Match[bytes]) -> bytes:
    # A whole run of escapes at once: Chinese text is three escapes a character, one by one costs 20 times as much.
    return bytes.fromhex(run.group().replace(b"%", b"").decode())


def decode_pairs(raw: bytes) -> dict[str, str]:
    """Decodes `a=1&b=2`; the last of equal names wins, blank values are kept. Raises: Undecodable."""
    raw = raw.strip()
    try:
        text = raw.decode()  # at once: nearly all names, and most values, have nothing escaped
    except UnicodeDecodeError:
        return {unquote(name): unquote(value) for name, value in _split(raw)}
    fields = {}
    for pair in text.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            fields[_plain(name)] = _plain(value)
    return fields


def _plain(text: str) -> str:
    return unquote(text.encode()) if "%" in text or "+" in text else text


def _split(raw: bytes) -> Iterator[tuple[bytes, bytes]]:
    for pair in raw.split(b"&"):
        if pair:
            name, _, value = pair.partition(b"=")
            yield name, value


def asks_json(*raw: bytes) -> bool:
    """Tells whether forms that cannot be decoded ask for JSON: a refusal too has to come in the form asked for."""
    return any(_JSON_ASKED.search(one.strip()) for one in raw)


def decode_body(content_type: str, body: bytes) -> Form:
    """Decodes a body as multipart when it says so, else as a form."""
    if "multipart/" in content_type[:40].lower():
        return decode_multipart(content_type, body)
    return Form(text=decode_pairs(body))


def decode_multipart(content_type: str, body: bytes) -> Form:
    """Decodes a multipart body as tolerantly as the gateway must: a leading CRLF, `Content-Disposition: file`, no space after
    the colon, `charset` before `boundary`. Files are views into `body`, not copies.

    Raises: Undecodable when there is no boundary.
    Source: top-protocol.md 1.5 and 13, seen with real clients.
    """
    found = _BOUNDARY.search(content_type)
    if not found:
        raise Undecodable("multipart without a boundary")
    marker = b"--" + (found.group(1) or found.group(2)).encode()
    form, view = Form(), memoryview(body)
    start = body.find(marker)
    while start >= 0:
        start += len(marker)
        end = _next_edge(body, b"\r\n" + marker, start)
        if end < 0 or body[start : start + 2] == b"--":
            break
        _decode_part(body, view, start, end, form)
        start = end + 2
    return form


def _next_edge(body: bytes, edge: bytes, start: int) -> int:
    """Finds where a part ends: the boundary, not a longer word that begins with it. Below 0: nowhere."""
    while (start := body.find(edge, start)) >= 0:
        after = body[start + len(edge) : start + len(edge) + 2]
        if after in (b"", b"\r\n", b"--") or after[:1] in b" \t":
            break
        start += 2
    return start


def _decode_part(body: bytes, view: memoryview, start: int, end: int, form: Form) -> None:
    head_end = body.find(b"\r\n\r\n", start, end)
    if head_end < 0:
        return
    found = _DISPOSITION.search(body[start:head_end].decode("utf-8", "replace"))
    told = {
        name.lower(): quoted or bare for name, quoted, bare in _PARAM.findall(found.group(1) if found else "")
    }
    key = told.get("name")
    if key is None:
        return
    if "filename" in told or "filename*" in told:
        form.files[key] = view[head_end + 4 : end]
        return
    try:
        form.text[key] = body[head_end + 4 : end].decode()
    except UnicodeDecodeError as error:
        raise Undecodable(str(error)) from error


def sign(pairs: Iterable[tuple[str, str]], secret: str, sign_method: str, body: str = "") -> str:
    """Signs pairs (any order, without `sign`) and the raw body of a batch; upper-case hex.

    `sign_method` "" is the legacy form, MD5 with the secret at the end only. Source: top-protocol.md 2.1, 2.3.
    """
    text = ("".join([key + value for key, value in sorted(pairs)]) + body).encode()
    key = secret.encode()
    if sign_method in _DIGESTS:
        return hmac.digest(key, text, _DIGESTS[sign_method]).hex().upper()
    head = key if sign_method == "md5" else b""
    return hashlib.md5(head + text + key).hexdigest().upper()


def signature_matches(fields: Mapping[str, str], secret: str, body: str = "") -> bool:
    """Tells whether `fields["sign"]` signs the others: over all received, or, as the Java SDK does, over the non-blank ones.

    Without a sign_method both MD5 forms are accepted, since the platform's own texts contradict each other (2.1); one
    that is not among the three signs nothing.
    """
    if fields.get("sign_method") and fields["sign_method"] not in SIGN_METHODS:
        return False
    given = fields["sign"]
    pairs = [pair for pair in fields.items() if pair[0] != "sign"]
    methods = [fields["sign_method"]] if fields.get("sign_method") else ["md5", ""]
    if any(sign(pairs, secret, method, body) == given for method in methods):
        return True
    filled = [pair for pair in pairs if pair[1].strip()]
    return len(filled) != len(pairs) and any(
        sign(filled, secret, method, body) == given for method in methods
    )


def read_json(text: str | bytes, kind: type[T], *, strict: bool = True) -> T:
    """Decodes JSON that a caller sent. Raises: msgspec.DecodeError, for what is nested too deep as well."""
    try:
        return msgspec.json.decode(text, type=kind, strict=strict)
    except RecursionError as error:
        raise msgspec.DecodeError("nested too deep") from error


def root_name(method: str) -> str:
    """Returns the root key of a method's reply: `taobao.item.get` → `item_get_response`; only `taobao.` is dropped."""
    return method.removeprefix("taobao.").replace(".", "_") + "_response"


def base36(number: int) -> str:
    """Writes a non-negative number in lower-case base 36, the form of a request_id."""
    digits = ""
    while True:
        number, digit = divmod(number, 36)
        digits = _BASE36[digit] + digits
        if not number:
            return digits


def listed(name: str, element: str, rows: list[Any]) -> Json:
    """Wraps a list at the root of a reply; an empty list leaves no key at all. Source: top-protocol.md 14."""
    return {name: {element: rows}} if rows else {}


def encode_result(
    root: str, result: Json, request_id: str, *, xml: bool, simplify: bool, host: str = ""
) -> bytes:
    """Encodes a good reply: keys alphabetical at every level, those of a Struct as it declares them, `request_id` last."""
    if xml:
        inner = "".join(_xml(name, result[name]) for name in sorted(result))
        return _xml_document(root, f"{inner}<request_id>{request_id}</request_id>", host)
    shape = _unwrap(result) if simplify else result
    body = msgspec.json.encode(shape, order="deterministic")
    joint = b"," if result else b""
    body = b'%b%b"request_id":"%b"}' % (body[:-1], joint, request_id.encode())
    return body if simplify else b'{"%b":%b}' % (root.encode(), body)


def encode_error(fields: Json, request_id: str, *, xml: bool, host: str = "") -> bytes:
    """Encodes a refusal: `error_response` first, fields in the order given; wrapped even when `simplify` is asked."""
    fields = {**fields, "request_id": request_id}
    if xml:
        return _xml_document("error_response", "".join(_xml(*pair) for pair in fields.items()), host)
    return msgspec.json.encode({"error_response": fields})


def _xml_document(root: str, inner: str, host: str) -> bytes:
    return f"{XML_PROLOG}<{root}>{inner}</{root}><!--{host}-->".encode()


def _xml(name: str, value: object) -> str:
    if isinstance(value, list):
        return "".join(_xml(name, one) for one in value)
    if isinstance(value, dict):
        return f"<{name}>{''.join(_xml(key, value[key]) for key in sorted(value))}</{name}>"
    if isinstance(value, msgspec.Struct):
        return f"<{name}>{''.join(_xml(*pair) for pair in msgspec.structs.asdict(value).items())}</{name}>"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"<{name}>{escape(_NO_XML.sub('', text), _IN_XML)}</{name}>"


def _unwrap(value: Any) -> Any:
    """Drops list wrappers: `{"items": {"item": […]}}` → `{"items": […]}`."""
    if isinstance(value, list):
        return [_unwrap(one) for one in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        (only,) = value.values()
        if isinstance(only, list):
            return _unwrap(only)
    return {key: _unwrap(one) for key, one in value.items()}


@lru_cache(maxsize=256)
def takes_gzip(accepted: bytes) -> bool:
    """Tells whether an Accept-Encoding asks for gzip, in any case, and not with a weight of 0."""
    for one in accepted.decode("latin-1").lower().split(","):
        name, _, weight = one.partition(";")
        if name.strip() in _GZIP and not _NO_WEIGHT.fullmatch(weight.strip()):
            return True
    return False


def gzip(body: bytes) -> bytes:
    """Compresses a reply for clients that asked for gzip."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    return packer.compress(body) + packer.flush()
