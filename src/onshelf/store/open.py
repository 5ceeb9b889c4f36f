"""Opens the database a setting names. The only place that knows both backends."""

from importlib import import_module
from typing import cast

from onshelf.store.db import Database
from onshelf.store.sqlite import SqliteDatabase


async def open_database(target: str) -> Database:
    """Opens `postgresql://user:password@host/name`, the path of a SQLite file (made when missing), or `:memory:`.

    The schema is not touched: see `migrate`. Raises StoreError when the server or file cannot be opened.
    """
    if target.startswith(("postgresql://", "postgres://")):
        backend = import_module("onshelf.store.postgres")  # asyncpg's 70 ms are not for every command to pay
        return cast("Database", await backend.PostgresDatabase.open(target))
    return SqliteDatabase(target)
