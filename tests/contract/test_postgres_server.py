"""What the PostgreSQL backend owes to people who set it up."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from onshelf.errors import StoreError
from onshelf.store.db import Database, Write
from onshelf.store.open import open_database
from onshelf.store.postgres import numbered


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://onshelf:hush-hush@/shop?host={folder}",
        "postgresql://onshelf:hush-hush@127.0.0.1:hush-hush/shop",
        "postgresql://onshelf:hush-hush@[::1/shop",
    ],
    ids=["no server", "no port", "no address"],
)
async def test_a_server_that_cannot_be_reached_is_told_without_the_password(
    address: str, tmp_path: Path
) -> None:
    with pytest.raises(StoreError, match="PostgreSQL") as caught:
        await open_database(address.format(folder=tmp_path))

    assert "hush-hush" not in f"{caught.value} {caught.value.message('zh')}"


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
async def test_a_claim_steps_over_rows_that_another_process_holds(
    database_url: str, empty_database: Database
) -> None:
    await empty_database.commit([Write("CREATE TABLE line (id BIGINT PRIMARY KEY, taken INTEGER)")])
    await empty_database.commit([Write("INSERT INTO line VALUES (1, 0), (2, 0)")])
    other = await asyncpg.connect(database_url)

    async with other.transaction(), asyncio.timeout(60):
        await other.execute("UPDATE line SET taken = 1 WHERE id = 1")
        claimed = await empty_database.claim(
            "line",
            set_sql="taken = 1",
            where_sql="taken = 0",
            order_by="id",
            limit=1,
            returning="id",
            args=(),
        )
    await other.close()

    assert claimed == [(2,)]


def test_placeholders_are_numbered_outside_quotes_only() -> None:
    sql = "UPDATE t SET a = ?, b = 'what? it''s ?' WHERE c = ? AND d = '?'"

    assert numbered(sql) == "UPDATE t SET a = $1, b = 'what? it''s ?' WHERE c = $2 AND d = '?'"
