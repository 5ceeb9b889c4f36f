"""An import in the database: rows are gathered aside and become the shop's products in one unit, or not at all."""
# ruff: noqa: S608 - what is put into SQL here is column names of this file, never a value

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import msgspec

from onshelf.catalog.product import Finding, Product
from onshelf.catalog.store import PRODUCT_COLUMNS, product_values
from onshelf.store.db import Database, Row, Write

_STALE_US = 24 * 3600 * 1_000_000  # an import that began so long ago and did not end was killed
_COLUMNS = ", ".join(PRODUCT_COLUMNS)
_RUN = "import_id, shop_id, file, state, started_us, ended_us, rows_read, good, faulty, added, changed"
_UPDATES = ", ".join(f"{column} = excluded.{column}" for column in PRODUCT_COLUMNS if column != "outer_id")
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Finding).decode


@dataclass(frozen=True, slots=True)
class Run:
    """One import of a file."""

    import_id: str
    shop_id: str
    file: str  # its name
    state: str  # "reading", "done", "failed"
    started_us: int
    ended_us: int  # 0 while reading
    rows: int  # rows of the file that were read
    good: int  # products that passed
    faulty: int  # products stopped by a fault
    added: int  # products the shop did not have
    changed: int  # products whose published content became another


def begin(import_id: str, shop_id: str, file: str, now_us: int) -> list[Write]:
    """Opens an import, and clears away what killed ones of the same shop left aside."""
    stale = "SELECT import_id FROM import_run WHERE shop_id = ? AND state = 'reading' AND started_us < ?"
    args = (shop_id, now_us - _STALE_US)
    return [
        Write(f"DELETE FROM staged WHERE import_id IN ({stale})", args),
        Write(f"DELETE FROM faulty_row WHERE import_id IN ({stale})", args),
        Write(f"UPDATE import_run SET state = 'failed' WHERE import_id IN ({stale})", args),
        Write(
            f"INSERT INTO import_run ({_RUN}) VALUES (?, ?, ?, 'reading', ?, 0, 0, 0, 0, 0, 0)",
            (import_id, shop_id, file, now_us),
            expect_rows=1,
        ),
    ]


async def stage(
    db: Database, import_id: str, products: Sequence[Product], findings: Sequence[Finding]
) -> None:
    """Puts a chunk aside: durable, and seen by nobody until `finish`. A code occurs once in an import."""
    if products:
        await db.upsert_many(
            "staged",
            key=("import_id", "outer_id"),
            columns=("import_id", *PRODUCT_COLUMNS),
            rows=[(import_id, *product_values(product)) for product in products],
        )
    if findings:
        await db.upsert_many(
            "faulty_row",
            key=("import_id", "row_number"),
            columns=("import_id", "row_number", "outer_id", "stopped", "finding"),
            rows=[_finding_values(import_id, finding) for finding in findings],
        )


def finish(run: Run) -> list[Write]:
    """Makes the rows put aside the shop's products: one unit.

    A product whose newest row is faulty is kept as it was and held; so is the first of two rows with the same code. Products
    that the file does not name stay as they are. `run`: as it ended; its `added` and `changed` are counted here.
    """
    import_id, shop_id = run.import_id, run.shop_id
    faulty = "SELECT f.outer_id FROM faulty_row f WHERE f.import_id = ? AND f.stopped = 1"
    joined = "SELECT COUNT(*) FROM staged s LEFT JOIN product p ON p.shop_id = ? AND p.outer_id = s.outer_id WHERE s.import_id = ?"
    return [
        Write(
            "UPDATE import_run SET state = 'done', ended_us = ?, rows_read = ?, good = ?, faulty = ?, "
            f"added = ({joined} AND p.outer_id IS NULL), changed = ({joined} AND p.digest <> s.digest) "
            "WHERE import_id = ? AND state = 'reading'",
            (run.ended_us, run.rows, run.good, run.faulty, *(shop_id, import_id) * 2, import_id),
            expect_rows=1,
        ),
        Write(
            f"INSERT INTO product (shop_id, {_COLUMNS}, held, changed_us) "
            f"SELECT ?, {_COLUMNS}, CASE WHEN outer_id IN ({faulty}) THEN 1 ELSE 0 END, ? "
            "FROM staged WHERE import_id = ? "
            f"ON CONFLICT (shop_id, outer_id) DO UPDATE SET {_UPDATES}, held = excluded.held, changed_us = "
            "CASE WHEN product.digest <> excluded.digest THEN excluded.changed_us ELSE product.changed_us END "
            "WHERE product.digest <> excluded.digest OR product.source <> excluded.source "
            "OR product.held <> excluded.held OR product.outer_id_derived <> excluded.outer_id_derived",
            (shop_id, import_id, run.ended_us, import_id),
        ),
        Write(
            f"UPDATE product SET held = 1 WHERE shop_id = ? AND held = 0 AND outer_id IN ({faulty})",
            (shop_id, import_id),
        ),
        Write("DELETE FROM staged WHERE import_id = ?", (import_id,)),
    ]


def abandon(import_id: str, now_us: int) -> list[Write]:
    """Takes back an import that could not be read to its end."""
    return [
        Write("DELETE FROM staged WHERE import_id = ?", (import_id,)),
        Write("DELETE FROM faulty_row WHERE import_id = ?", (import_id,)),
        Write(
            "UPDATE import_run SET state = 'failed', ended_us = ? WHERE import_id = ?", (now_us, import_id)
        ),
    ]


async def get_run(db: Database, import_id: str) -> Run | None:
    """Reads one import; None when there is none of that id."""
    rows = await db.fetch(f"SELECT {_RUN} FROM import_run WHERE import_id = ?", (import_id,))
    return _run(rows[0]) if rows else None


async def list_findings(
    db: Database, import_id: str, *, stopped: bool | None = None, after: int = 0, limit: int = 500
) -> list[Finding]:
    """Reads what an import found wrong, in the order of rows, those after the row `after`. `stopped` None: warnings too."""
    wanted, args = ("", ()) if stopped is None else (" AND stopped = ?", (int(stopped),))
    rows = await db.fetch(
        f"SELECT finding FROM faulty_row WHERE import_id = ? AND row_number > ?{wanted} ORDER BY row_number LIMIT ?",
        (import_id, after, *args, limit),
    )
    return [_decode(cast("str", finding)) for (finding,) in rows]


def _finding_values(import_id: str, finding: Finding) -> tuple[str | int, ...]:
    return import_id, finding.row, finding.outer_id, int(finding.stopped), _encode(finding).decode()


def _run(row: Row) -> Run:
    return Run(*row)  # type: ignore[arg-type] # the columns stand in the order of the fields
