"""A SQLite file with the whole schema: made once by its migrations, copied from then on."""

import tempfile
from pathlib import Path

from onshelf.store.migrate import migrate
from onshelf.store.open import open_database

_made: list[bytes] = []  # the file, once it has been made


async def copy_schema(path: Path) -> None:
    """Puts a database with all tables, as the migrations leave it, where there is none yet; makes its folder."""
    if not _made:
        _made.append(await _make())
    _put(path, _made[0])


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_bytes(content)


async def _make() -> bytes:
    with tempfile.TemporaryDirectory(prefix="onshelf-schema-") as folder:
        path = Path(folder) / "onshelf.db"
        db = await open_database(str(path))
        await migrate(db)
        await db.close()
        return path.read_bytes()
