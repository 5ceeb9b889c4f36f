"""What the PostgreSQL backend owes to people who set it up."""

from pathlib import Path

import pytest

from onshelf.errors import StoreError
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


def test_placeholders_are_numbered_outside_quotes_only() -> None:
    sql = "UPDATE t SET a = ?, b = 'what? it''s ?' WHERE c = ? AND d = '?'"

    assert numbered(sql) == "UPDATE t SET a = $1, b = 'what? it''s ?' WHERE c = $2 AND d = '?'"
