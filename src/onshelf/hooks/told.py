"""What programs are told of an event: its type, and its JSON. Pure; webhooks and the stream of events tell the same.

A field may be added to a type; when one changes its meaning or goes, `version` of that type grows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from onshelf.clock import from_us
from onshelf.events import (
    Event,
    HookTrouble,
    ImportEnded,
    ItemChanged,
    JobEnded,
    JobStarted,
    ShopRemoved,
    ShopTrouble,
)
from onshelf.store.log import Entry

VERSION = 1
TEST = "webhook.test"
"""Sent when a person asks for a test; nobody subscribes to it."""


@dataclass(frozen=True, slots=True)
class Told:
    """One event as programs hear of it."""

    type: str
    shop_id: str  # empty: it is about no shop
    body: str  # JSON, the same at every telling


def told(entry: Entry) -> Told:
    """Puts an event of the log into the words of programs."""
    kind = TYPE_OF[type(entry.event)]
    return Told(kind, getattr(entry.event, "shop_id", ""), body(kind, entry.at_us, _DATA[kind](entry.event)))


def body(kind: str, at_us: int, data: Mapping[str, object]) -> str:
    """Writes the JSON of a message: its type, its version, when it was written, and what happened."""
    message = {"type": kind, "version": VERSION, "timestamp": moment(at_us), "data": data}
    return msgspec.json.encode(message).decode()


def moment(at_us: int) -> str:
    """Writes a time as ISO 8601 in UTC, with milliseconds."""
    return from_us(at_us).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _item_changed(event: ItemChanged) -> dict[str, object]:
    return {
        "shop": event.shop_id,
        "item_id": event.item_id,
        "version": event.version,
        "outer_id": event.outer_id,
        "title": event.title,
        "from": event.old,
        "to": event.new,
        "cause": event.reason,
        "ours": event.ours,
        "evidence": event.evidence,
        "happened_at": moment(event.happened_us),
        "seen_at": moment(event.seen_us),
    }


def _shop_trouble(event: ShopTrouble) -> dict[str, object]:
    return {
        "shop": event.shop_id,
        "trouble": event.trouble,
        "cause": event.cause,
        "over": event.over,
        "loud": event.loud,
        "what": event.what,
        "seen_at": moment(event.at_us),
    }


def _shop_removed(event: ShopRemoved) -> dict[str, object]:
    return {"shop": event.shop_id, "removed_at": moment(event.at_us)}


def _job_started(event: JobStarted) -> dict[str, object]:
    return {
        "shop": event.shop_id,
        "job": event.job_id,
        "kind": event.kind,
        "lines": event.lines,
        "started_at": moment(event.at_us),
    }


def _job_ended(event: JobEnded) -> dict[str, object]:
    return {
        "shop": event.shop_id,
        "job": event.job_id,
        "kind": event.kind,
        "state": event.state,
        "succeeded": event.succeeded,
        "failed": event.failed,
        "cancelled": event.cancelled,
        "ended_at": moment(event.at_us),
    }


def _import_ended(event: ImportEnded) -> dict[str, object]:
    return {
        "shop": event.shop_id,
        "import": event.import_id,
        "file": event.file,
        "rows": event.rows,
        "good": event.good,
        "faulty": event.faulty,
        "ended_at": moment(event.at_us),
    }


def _hook_trouble(event: HookTrouble) -> dict[str, object]:
    return {
        "webhook": event.hook_id,
        "host": event.host,
        "why": event.why,
        "over": event.over,
        "seen_at": moment(event.at_us),
    }


_ROWS: tuple[tuple[str, type[Event], Callable[[Any], dict[str, object]], Event], ...] = (
    (
        "item.changed",
        ItemChanged,
        _item_changed,
        ItemChanged(
            "my-shop",
            520813250866,
            7,
            "QZ-0417",
            "连衣裙",
            "onsale",
            "instock",
            "taken_off",
            1_700_000_000_000_000,
            1_700_000_001_500_000,
            ours=False,
            evidence="push",
        ),
    ),
    (
        "shop.trouble",
        ShopTrouble,
        _shop_trouble,
        ShopTrouble(
            "my-shop",
            "authorisation",
            "authorisation_ends",
            over=False,
            loud=False,
            what="2026-12-31",
            at_us=1_700_000_000_000_000,
        ),
    ),
    ("shop.removed", ShopRemoved, _shop_removed, ShopRemoved("my-shop", 1_700_000_000_000_000)),
    (
        "job.started",
        JobStarted,
        _job_started,
        JobStarted("my-shop", "01hf0t8c00q2v7m4k9xs", "publish", 200, 1_700_000_000_000_000),
    ),
    (
        "job.ended",
        JobEnded,
        _job_ended,
        JobEnded("my-shop", "01hf0t8c00q2v7m4k9xs", "publish", "failed", 188, 12, 0, 1_700_000_360_000_000),
    ),
    (
        "import.ended",
        ImportEnded,
        _import_ended,
        ImportEnded("my-shop", "01hf0t7a00z3c5n8w1pd", "products.xlsx", 1000, 950, 50, 1_700_000_000_000_000),
    ),
    (
        "webhook.trouble",
        HookTrouble,
        _hook_trouble,
        HookTrouble("5f0c2a9d1e7b", "erp.example.com", "failing", over=False, at_us=1_700_000_000_000_000),
    ),
)
TYPES: tuple[str, ...] = tuple(row[0] for row in _ROWS)
"""Types a program may ask for; the text `hooks.type.<type>` explains each."""
TYPE_OF: Mapping[type[Event], str] = {row[1]: row[0] for row in _ROWS}
_DATA: Mapping[str, Callable[[Any], dict[str, object]]] = {row[0]: row[2] for row in _ROWS}


def sample(kind: str) -> str:
    """Returns an example of the JSON of a type, as it goes out."""
    event = next(row[3] for row in _ROWS if row[0] == kind)
    return body(kind, 1_700_000_001_600_000, _DATA[kind](event))


def streamed(place: str, what: Told) -> bytes:
    """Writes an event for a stream of server-sent events; `place` is what a reader comes back with."""
    return f"id: {place}\nevent: {what.type}\ndata: {what.body}\n\n".encode()
