"""The audit log of calls, acts and requests: buffered, written in groups, one hash chain a process (a writer).

With every group the head of the chain is signed under the vault's key: `proof.py` says what that finds out. A killed
process loses the rows of its last 50 ms.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import cast

import structlog

from onshelf.clock import Clock
from onshelf.errors import StoreError
from onshelf.guard.chain import (
    COLUMNS,
    PURPOSE,
    Kind,
    Link,
    Said,
    hash_of,
    head_of,
    json_of,
    said_of_act,
    said_of_call,
    said_of_request,
    said_of_start,
)
from onshelf.guard.change import Act
from onshelf.guard.vault import Vault
from onshelf.ids import new_id
from onshelf.platforms.port import CallRecord
from onshelf.store.db import Database, Value, Write

HOUR_US = 3_600_000_000
_GATHER_S = 0.05
_RETRY_S = 1.0  # after the database has failed
_BLOCKS = (100, 10, 1)  # rows in one INSERT: few statements a group, of lengths that stay prepared

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Told:
    """An act or a request, and what stands beside it."""

    said: Said
    told: str  # its change as it is kept: the JSON whose SHA-256 is the act's digest; empty: nothing is
    shop_id: str  # that it concerned; empty: none


class Audit:
    """Writes one chain. An `Observer` of platform calls; its writer id sorts by its start."""

    def __init__(self, db: Database, vault: Vault, clock: Clock, random: Random) -> None:
        self._db = db
        self._vault = vault
        self._clock = clock
        self._link = Link(new_id(clock.now_us(), random))
        self._waiting: list[Told | CallRecord] = []
        self._turn = asyncio.Lock()
        self._writing: asyncio.Task[None] | None = None
        self._unsure = False  # the last group failed in a way that may have been after its commit

    @property
    def writer(self) -> str:
        return self._link.writer

    def called(self, record: CallRecord) -> None:
        """Notes an attempt on the wire; durable about 50 ms later."""
        self._note(record)

    def acted(self, actor: str, act: Act) -> None:
        """Notes what somebody did, and keeps of it what `change_of` tells: the fields that differ, in short."""
        change = act.change
        said = said_of_act(self._clock.now_us(), actor, act.action, act.subject, change)
        self._note(Told(said, json_of(change).decode() if change else "", act.shop_id))

    def requested(
        self, actor: str, route: str, subject: str, *, status: int, at_us: int, took_us: int, digest: bytes
    ) -> None:
        """Notes that a program asked something of us, and how it was answered; `digest`: of the whole address."""
        said = said_of_request(
            actor, route, subject, status=status, at_us=at_us, took_us=took_us, digest=digest
        )
        self._note(Told(said, "", ""))

    async def flush(self) -> None:
        """Writes all that was noted before the call; durable when it returns. Raises StoreError and keeps it for the next try."""
        await asyncio.shield(self._flush())

    async def close(self) -> None:
        """Writes the rest. What is noted afterwards starts the writer again."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.wait([self._writing])
        await self.flush()

    def _note(self, one: Told | CallRecord) -> None:
        self._waiting.append(one)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._keep_writing())

    async def _keep_writing(self) -> None:
        rest_s = _GATHER_S
        while self._waiting:
            await self._clock.sleep(rest_s)
            try:
                await self.flush()
                rest_s = _GATHER_S
            except StoreError as error:
                _log.error("audit.not_written", rows=len(self._waiting), error=str(error))
                rest_s = _RETRY_S

    async def _flush(self) -> None:
        async with self._turn:
            if self._unsure:
                await self._find_place()
            if not self._waiting:
                return
            group = self._waiting
            taken = tuple(group)  # more may come while we wait
            said = [_said(one) for one in taken]
            if not self._link.number:
                said.insert(0, said_of_start(self._clock.now_us(), await _newest_writer(self._db)))
            rows, link = _chain(self._link, said)
            self._unsure = True
            await self._db.commit([*_inserts(rows), *_beside(rows, taken), self._seal(link)])
            self._unsure = False
            self._link = link
            del group[: len(said) - (said[0].kind == Kind.START)]

    async def _find_place(self) -> None:
        """Asks how far the chain has come after a failure, and drops the rows that are written after all."""
        rows = await self._db.fetch("SELECT number, head FROM audit_seal WHERE writer = ?", (self.writer,))
        if rows:
            number, head = cast("tuple[int, bytes]", rows[0])
            written = (
                number - self._link.number - (0 if self._link.number else 1)
            )  # the start row does not wait
            del self._waiting[: max(0, written)]
            self._link = Link(self.writer, number, head)
        self._unsure = False

    def _seal(self, link: Link) -> Write:
        return Write(
            "INSERT INTO audit_seal (writer, number, head, signature, sealed_us) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (writer) DO UPDATE SET number = excluded.number, head = excluded.head, "
            "signature = excluded.signature, sealed_us = excluded.sealed_us",
            (
                link.writer,
                link.number,
                link.hash,
                self._vault.sign(head_of(link), PURPOSE),
                self._clock.now_us(),
            ),
        )


async def lanes_since(db: Database, app_key: str, since_us: int) -> dict[str, int]:
    """Counts an app's calls that reached the platform by what they were for, from the hour after a time on."""
    rows = await db.fetch(
        "SELECT lane, SUM(calls) FROM call_lane WHERE app_key = ? AND hour > ? GROUP BY lane",
        (app_key, since_us // HOUR_US),
    )
    return {str(lane): int(cast("int", calls)) for lane, calls in rows}


async def calls_since(db: Database, app_key: str, since_us: int) -> list[tuple[int, str]]:
    """Returns (when it was answered, µs; method) of an app's calls that reached the platform, oldest first.

    For a call that was never answered: when we gave it up. Refusals for quota are included, for the platform may count them.
    """
    rows = await db.fetch(
        "SELECT at_us + took_us, action FROM audit WHERE actor = ? AND at_us >= ? AND kind = 'call' "
        "AND (outcome <> 'not_sent' OR platform_code <> 0) ORDER BY at_us + took_us",
        (app_key, since_us),
    )
    return cast("list[tuple[int, str]]", rows)


async def _newest_writer(db: Database) -> str:
    rows = await db.fetch("SELECT max(writer) FROM audit_seal")
    return cast("str | None", rows[0][0]) or ""


def _chain(link: Link, said: Sequence[Said]) -> tuple[list[tuple[Value, ...]], Link]:
    """Turns what is to be said into rows, and returns the place after them."""
    rows: list[tuple[Value, ...]] = []
    after = Link(link.writer, link.number, link.hash)
    for one in said:
        after.hash = hash_of(after.hash, one)
        after.number += 1
        rows.append((after.writer, after.number, *_fields(one), after.hash))
    return rows, after


def _fields(said: Said) -> tuple[Value, ...]:
    return (
        str(said.kind),
        said.at_us,
        said.took_us,
        said.actor,
        said.subject,
        said.action,
        said.outcome,
        said.platform_code,
        said.sub_code,
        said.request_id,
        said.digest,
    )


def _said(one: Told | CallRecord) -> Said:
    return said_of_call(one) if isinstance(one, CallRecord) else one.said


def _beside(rows: Sequence[tuple[Value, ...]], group: Sequence[Told | CallRecord]) -> list[Write]:
    """Writes what stands beside the chain: changes, so that they can be forgotten without breaking it, and shops, to find by."""
    writes = []
    for row, one in zip(rows[len(rows) - len(group) :], group, strict=True):
        if isinstance(one, Told) and one.told:
            writes.append(
                Write(
                    "INSERT INTO audit_change (writer, number, told) VALUES (?, ?, ?)", (*row[:2], one.told)
                )
            )
        if isinstance(one, Told) and one.shop_id:
            place = (one.shop_id, one.said.at_us, *row[:2])
            writes.append(
                Write("INSERT INTO audit_shop (shop_id, at_us, writer, number) VALUES (?, ?, ?, ?)", place)
            )
    return [*writes, *_lanes(one for one in group if isinstance(one, CallRecord))]


def _lanes(calls: Iterable[CallRecord]) -> list[Write]:
    """Counts what calls were for, by the hour in which they were answered."""
    counted = Counter(
        (one.app_key, (one.at_us + one.took_us) // HOUR_US, one.lane)
        for one in calls
        if one.lane and one.counts
    )
    sql = (
        "INSERT INTO call_lane (app_key, hour, lane, calls) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (app_key, hour, lane) DO UPDATE SET calls = call_lane.calls + excluded.calls"
    )
    return [Write(sql, (*which, calls)) for which, calls in sorted(counted.items())]


def _inserts(rows: Sequence[tuple[Value, ...]]) -> list[Write]:
    """Writes rows in blocks, the largest first: every statement costs a hand-over between two threads."""
    writes, start = [], 0
    for size in _BLOCKS:
        while len(rows) - start >= size:
            writes.append(_insert(rows[start : start + size]))
            start += size
    return writes


def _insert(rows: Sequence[tuple[Value, ...]]) -> Write:
    return Write(_insert_sql(len(rows), len(rows[0])), [value for row in rows for value in row])


@cache
def _insert_sql(rows: int, columns: int) -> str:
    marks = ", ".join([f"({', '.join('?' * columns)})"] * rows)
    return f"INSERT INTO audit (writer, number, {COLUMNS}) VALUES {marks}"  # noqa: S608
