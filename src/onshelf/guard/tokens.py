"""Secrets that are shown once and kept as a hash, and how a row tells which shops it is for."""

import base64
import hashlib
from collections.abc import Collection
from random import Random

import msgspec


def new_token(random: Random) -> str:
    """Returns 32 random bytes as text that fits into an address."""
    return base64.urlsafe_b64encode(random.randbytes(32)).rstrip(b"=").decode()


def digest(token: str) -> bytes:
    """Returns what is kept of a token. It is random through and through, so a fast hash will do."""
    return hashlib.sha256(token.encode()).digest()


def shops_text(shops: Collection[str] | None) -> str | None:
    """Returns how a row keeps shops: a JSON list; None: every shop."""
    return None if shops is None else msgspec.json.encode(sorted(shops)).decode()


def shops_of(stored: str | None) -> frozenset[str] | None:
    """Reads what `shops_text` wrote."""
    return None if stored is None else frozenset(msgspec.json.decode(stored, type=list[str]))
