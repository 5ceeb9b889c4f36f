"""Opens the database a setting names. The only place that knows both backends."""

from onshelf.store.db import Database
from onshelf.store.postgres import PostgresDatabase
from onshelf.store.sqlite import SqliteDatabase


async def open_database(target: str) -> Database:
    """Opens `postgresql://user:password@host/name`, the path of a SQLite file (made when missing), or `:memory:`.

    The schema is not touched: see `migrate`. Raises StoreError when the server or file cannot be opened.
    """
    if target.startswith(("postgresql://", "postgres://")):
        return await PostgresDatabase.open(target)
    return SqliteDatabase(target)
