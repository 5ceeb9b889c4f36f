"""Rows of the audit log and the hash chain that binds them: what a row says, how it is hashed, what a broken chain shows. Pure."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from onshelf.platforms.port import CallRecord

_ENCODER = msgspec.json.Encoder()


class Kind(StrEnum):
    """What a row tells of."""

    START = "start"  # a writer's first row; its subject is the writer that started before it
    CALL = "call"  # actor: app key; subject: shop; action: method
    ACT = "act"  # actor: a person or a program; subject: what it was done to
    REQUEST = (
        "request"  # of a program to our API; actor: its key; subject: the shop or thing; action: the route
    )


class Said(msgspec.Struct, frozen=True, array_like=True):
    """What a row says, in the order of its columns; `digest` stands for everything that must not be kept."""

    kind: str
    at_us: int
    took_us: int
    actor: str
    subject: str
    action: str
    outcome: str
    platform_code: int
    sub_code: str
    request_id: str
    digest: bytes  # SHA-256


COLUMNS = ", ".join((*Said.__struct_fields__, "hash"))
"""Of the table `audit`, in this order."""
PURPOSE = "audit"
"""What the key is for that signs the head of a chain."""


@dataclass(slots=True)
class Link:
    """A place in a writer's chain."""

    writer: str
    number: int = 0  # rows so far
    hash: bytes = field(default=b"")


class Flaw(StrEnum):
    """What a check of the log can find."""

    CHANGED = "changed"  # the row does not fit the one before it: changed, exchanged or forged
    REMOVED = "removed"  # a number is missing
    CUT = "cut"  # rows before the signed head are missing at the end
    ADDED = "added"  # rows stand after the signed head
    REWRITTEN = "rewritten"  # each row fits, but the chain does not end in the signed head
    UNSIGNED = "unsigned"  # the head has no signature, or a false one
    RETOLD = "retold"  # what is kept of an act's change is not what was digested
    WRITER_MISSING = "writer_missing"  # another writer names one that is gone


@dataclass(frozen=True, slots=True)
class Finding:
    """A flaw and where it shows."""

    writer: str
    number: int  # row
    flaw: Flaw


def kept(text: str) -> str:
    """Returns a text as every database gives it back: what differs from what was hashed would look forged, or never be written."""
    if "\0" not in text and text.isprintable():
        return text
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def said_of_call(record: CallRecord) -> Said:
    return Said(
        Kind.CALL,
        record.at_us,
        record.took_us,
        record.app_key,
        record.shop_id,
        kept(record.method),
        record.outcome,
        record.platform_code,
        kept(record.sub_code),
        kept(record.request_id),
        record.request_digest,
    )


def said_of_act(at_us: int, actor: str, action: str, subject: str, details: Mapping[str, object]) -> Said:
    """Chains the details by their digest: they stand beside the chain, and may be forgotten."""
    return Said(Kind.ACT, at_us, 0, kept(actor), kept(subject), action, "ok", 0, "", "", digest_of(details))


def said_of_request(
    actor: str, route: str, subject: str, *, status: int, at_us: int, took_us: int, digest: bytes
) -> Said:
    return Said(
        Kind.REQUEST, at_us, took_us, kept(actor), kept(subject), kept(route), str(status), 0, "", "", digest
    )


def said_of_start(at_us: int, previous: str) -> Said:
    return Said(Kind.START, at_us, 0, "", previous, "audit.start", "ok", 0, "", "", b"")


def digest_of(details: Mapping[str, object]) -> bytes:
    """Digests details: SHA-256 of their JSON with sorted names."""
    return hashlib.sha256(json_of(details)).digest()


def json_of(details: Mapping[str, object]) -> bytes:
    """Writes details in the one form that is digested."""
    return msgspec.json.encode(details, order="sorted")


def is_told_right(told: str, digest: bytes) -> bool:
    """Tells whether what is kept of an act's change is what was digested."""
    return hashlib.sha256(told.encode()).digest() == digest


def hash_of(previous: bytes, said: Said) -> bytes:
    """Hashes a row: SHA-256 of the hash of the row before (empty before the first) and of what it says."""
    return hashlib.sha256(previous + _ENCODER.encode(said)).digest()


def head_of(link: Link) -> bytes:
    """Gives the message a seal signs: the chain's writer, length and last hash."""
    return f"{link.writer}/{link.number}/".encode() + link.hash


def follow(link: Link, rows: Iterable[tuple[int, Said, bytes]]) -> list[Finding]:
    """Walks on along a writer's rows (number, what it says, hash) and moves the link; each flaw is found once, where it is."""
    findings = []
    for number, said, row_hash in rows:
        if number != link.number + 1:
            findings.append(Finding(link.writer, link.number + 1, Flaw.REMOVED))
        elif hash_of(link.hash, said) != row_hash:
            findings.append(Finding(link.writer, number, Flaw.CHANGED))
        link.number, link.hash = number, row_hash
    return findings
