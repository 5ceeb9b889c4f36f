"""An import in the database: rows are gathered aside and become the shop's products in one unit, or not at all."""
# ruff: noqa: S608 - what is put into SQL here is column names of this file, never a value

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from onshelf.catalog.imports.faulty import put_faulty
from onshelf.catalog.imports.runs import Run
from onshelf.catalog.product import Finding, Line, Product
from onshelf.catalog.store import PRODUCT_COLUMNS, product_values
from onshelf.events import ImportEnded
from onshelf.store import log
from onshelf.store.db import Database, Write

_COLUMNS = ", ".join(PRODUCT_COLUMNS)
_UPDATES = ", ".join(f"{column} = excluded.{column}" for column in PRODUCT_COLUMNS if column != "outer_id")


async def stage(
    db: Database,
    import_id: str,
    products: Sequence[Product],
    findings: Sequence[Finding] = (),
    lines: Mapping[int, Sequence[Line]] | None = None,
) -> None:
    """Puts a chunk aside: durable, and seen by nobody until `finish`. A code occurs once in an import.

    `lines`: the rows of stopped products as they stand, by the finding's row.
    """
    if products:
        await db.upsert_many(
            "staged",
            key=("import_id", "outer_id"),
            columns=("import_id", *PRODUCT_COLUMNS),
            rows=[(import_id, *product_values(product)) for product in products],
        )
    if findings:
        await put_faulty(db, import_id, findings, lines or {})


def put_aside(import_id: str, product: Product) -> Write:
    """Puts one product aside, in the place of another with its code."""
    marks = ", ".join("?" * (len(PRODUCT_COLUMNS) + 1))
    return Write(
        f"INSERT INTO staged (import_id, {_COLUMNS}) VALUES ({marks}) "
        f"ON CONFLICT (import_id, outer_id) DO UPDATE SET {_UPDATES}",
        (import_id, *product_values(product)),
    )


def finish(run: Run) -> list[Write]:
    """Makes the rows put aside the shop's products, and tells of it: one unit.

    A product whose newest row is faulty is kept as it was and held; so is the first of two rows with the same code. Products
    that the file does not name stay as they are. `run`: as it ended, in the state it is in before; its `added` and `changed`
    are counted here.
    """
    import_id, shop_id = run.import_id, run.shop_id
    faulty = "SELECT f.outer_id FROM faulty_row f WHERE f.import_id = ? AND f.stopped = 1"
    joined = "SELECT COUNT(*) FROM staged s LEFT JOIN product p ON p.shop_id = ? AND p.outer_id = s.outer_id WHERE s.import_id = ?"
    return [
        Write(
            "UPDATE import_run SET state = 'done', ended_us = ?, rows_read = ?, good = ?, faulty = ?, warned = ?, "
            f"added = ({joined} AND p.outer_id IS NULL), changed = ({joined} AND p.digest <> s.digest) "
            "WHERE import_id = ? AND state = ?",
            (
                run.ended_us,
                run.rows,
                run.good,
                run.faulty,
                run.warned,
                *(shop_id, import_id) * 2,
                import_id,
                run.state,
            ),
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
        log.append(
            ImportEnded(shop_id, import_id, run.file, run.rows, run.good, run.faulty, run.ended_us),
            run.ended_us,
        ),
    ]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What bringing in a checked import would do."""

    added: int
    changed: int
    same: int
    held: int  # products of the shop whose newest row is faulty: kept as they are and not published


async def outlook(db: Database, run: Run) -> Outlook:
    """Tells what `finish` would do with the rows that lie aside."""
    rows = await db.fetch(_OUTLOOK, (run.shop_id, run.import_id, run.import_id))
    added, changed, every = (cast("int", count) or 0 for count in rows[0])
    held = await db.fetch(_HELD, (run.shop_id, run.import_id))
    return Outlook(added, changed, every - added - changed, cast("int", held[0][0]))


_FAULTY = "SELECT outer_id FROM faulty_row WHERE import_id = ? AND stopped = 1"
_HELD = f"SELECT COUNT(*) FROM product WHERE shop_id = ? AND outer_id IN ({_FAULTY})"
_OUTLOOK = (
    "SELECT SUM(CASE WHEN p.outer_id IS NULL THEN 1 ELSE 0 END), "
    "SUM(CASE WHEN p.digest <> s.digest THEN 1 ELSE 0 END), COUNT(*) "
    "FROM staged s LEFT JOIN product p ON p.shop_id = ? AND p.outer_id = s.outer_id "
    f"WHERE s.import_id = ? AND s.outer_id NOT IN ({_FAULTY})"
)
