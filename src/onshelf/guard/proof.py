"""Checks the audit log: every chain against its rows and its signed head, and what stands beside the chains.

Whoever can change the database but has no key is found out, whatever row is changed, taken out, added, reordered or cut off,
and whichever writer but the last one is taken out whole. What is not found: a database put back whole to an earlier state.
"""

from dataclasses import dataclass
from typing import Any, cast

from onshelf.errors import SettingsError
from onshelf.guard.chain import COLUMNS, PURPOSE, Finding, Flaw, Link, Said, follow, head_of, is_told_right
from onshelf.guard.vault import Vault
from onshelf.store.db import Database, Row

_PAGE = 2_000  # rows read at once


@dataclass(frozen=True, slots=True)
class Report:
    """What a check of the log found."""

    rows: int  # rows read
    writers: int
    findings: tuple[Finding, ...]  # empty: all is as it was written


async def verify(db: Database, vault: Vault) -> Report:
    """Checks every chain against its rows and its signed head; writers may go on meanwhile."""
    seals = await db.fetch("SELECT writer, number, head, signature FROM audit_seal ORDER BY writer")
    findings: list[Finding] = []
    rows = 0
    for writer, number, head, signature in cast("list[tuple[str, int, bytes, bytes]]", seals):
        link = Link(writer)
        findings += await _walk(db, link, number)
        rows += link.number
        findings += _against_seal(link, Link(writer, number, head), signature, vault)
    findings += await _retold(db)
    findings += await _beyond_seals(db)
    findings += await _missing_writers(db)
    return Report(rows, len(seals), tuple(findings))


async def _walk(db: Database, link: Link, upto: int) -> list[Finding]:
    """Follows a writer's rows, page by page."""
    findings: list[Finding] = []
    while page := await db.fetch(
        f"SELECT number, {COLUMNS} FROM audit WHERE writer = ? AND number > ? AND number <= ? ORDER BY number LIMIT ?",  # noqa: S608
        (link.writer, link.number, upto, _PAGE),
    ):
        findings += follow(link, map(_read, page))
    return findings


def _read(row: Row) -> tuple[int, Said, bytes]:
    number, *said, row_hash = cast("tuple[Any, ...]", row)
    return number, Said(*said), row_hash


def _against_seal(link: Link, sealed: Link, signature: bytes, vault: Vault) -> list[Finding]:
    findings = []
    if link.number < sealed.number:
        findings.append(Finding(link.writer, link.number + 1, Flaw.CUT))
    elif link.hash != sealed.hash:
        findings.append(Finding(link.writer, link.number, Flaw.REWRITTEN))
    if not _is_ours(head_of(sealed), signature, vault):
        findings.append(Finding(link.writer, sealed.number, Flaw.UNSIGNED))
    return findings


def _is_ours(message: bytes, signature: bytes, vault: Vault) -> bool:
    try:
        return vault.is_signed(message, signature, PURPOSE)
    except SettingsError:
        # signed by nobody, or by a key that has been thrown away: either way nothing vouches for it
        return False


async def _retold(db: Database) -> list[Finding]:
    """Finds changes that are told otherwise than they were digested, and those of no act."""
    findings: list[Finding] = []
    after = ("", 0)
    while page := await db.fetch(
        "SELECT audit_change.writer, audit_change.number, told, digest FROM audit_change "
        "LEFT JOIN audit ON audit.writer = audit_change.writer AND audit.number = audit_change.number "
        "WHERE (audit_change.writer, audit_change.number) > (?, ?) "
        "ORDER BY audit_change.writer, audit_change.number LIMIT ?",
        (*after, _PAGE),
    ):
        rows = cast("list[tuple[str, int, str, bytes | None]]", page)
        findings += [
            Finding(writer, number, Flaw.RETOLD)
            for writer, number, told, digest in rows
            if not is_told_right(told, digest or b"")
        ]
        after = rows[-1][:2]
    return findings


async def _beyond_seals(db: Database) -> list[Finding]:
    """Finds rows that no seal covers; one query, so that a group written meanwhile is seen whole or not."""
    rows = await db.fetch(
        "SELECT audit.writer, min(audit.number), max(audit_seal.number) FROM audit "
        "LEFT JOIN audit_seal ON audit_seal.writer = audit.writer "
        "WHERE audit_seal.number IS NULL OR audit.number > audit_seal.number "
        "GROUP BY audit.writer ORDER BY audit.writer"
    )
    return [
        Finding(writer, number, Flaw.UNSIGNED if sealed is None else Flaw.ADDED)
        for writer, number, sealed in cast("list[tuple[str, int, int | None]]", rows)
    ]


async def _missing_writers(db: Database) -> list[Finding]:
    rows = await db.fetch(
        "SELECT DISTINCT subject FROM audit WHERE kind = 'start' AND subject <> '' "
        "AND subject NOT IN (SELECT writer FROM audit_seal) ORDER BY subject"
    )
    return [Finding(cast("str", writer), 0, Flaw.WRITER_MISSING) for (writer,) in rows]
