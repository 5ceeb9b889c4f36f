"""What callers show of themselves (programs a key, browsers a session) and where they come from. Pure."""

from hashlib import blake2b
from ipaddress import IPv6Address, ip_address, ip_network

from starlette.requests import HTTPConnection
from starlette.types import Scope

SESSION_COOKIE = "onshelf_session"
SECURE_COOKIE = "__Host-" + SESSION_COOKIE
"""Its name over https: a browser then takes it from this very host alone, and never sends it in the clear."""
SITE_BITS = 64
"""Whoever has one address of IPv6 has this many bits more of them."""


def key_of(scope: Scope) -> str | None:
    """Returns the key a program shows; None: it shows none, and a session counts."""
    kind, _, shown = HTTPConnection(scope).headers.get("authorization", "").partition(" ")
    return shown.strip() if kind.lower() == "bearer" else None


def session_of(scope: Scope) -> str:
    """Returns the token of the session a browser shows; empty: none."""
    return HTTPConnection(scope).cookies.get(cookie_of(scope), "")


def cookie_of(scope: Scope) -> str:
    """Returns the name under which a browser that came this way keeps its session."""
    return SECURE_COOKIE if scope["scheme"] == "https" else SESSION_COOKIE


def caller_of(scope: Scope) -> bytes:
    """Tells callers apart by what counts of what they show, without keeping it; empty: they show nothing."""
    key = key_of(scope)
    shown = f"session {session_of(scope)}" if key is None else f"key {key}"
    return blake2b(shown.encode(), digest_size=16).digest() if shown != "session " else b""


def is_near(scope: Scope) -> bool:
    """Tells whether a request comes from this very machine, as far as we and the proxies we trust can tell."""
    try:
        return ip_address(str((scope.get("client") or ("",))[0])).is_loopback
    except ValueError:
        return False


def address_of(scope: Scope) -> bytes:
    """Tells strangers apart by where they come from: what they show may be made up."""
    address = str((scope.get("client") or ("",))[0])
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address.encode()
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return ip_network((found, SITE_BITS), strict=False).network_address.packed
    return address.encode()
