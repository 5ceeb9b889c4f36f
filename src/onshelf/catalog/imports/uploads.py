"""The files people upload, kept under the home while their import is open: one folder each."""

import asyncio
import shutil
from collections.abc import AsyncIterable
from pathlib import Path

from onshelf.catalog.file_names import safe_name
from onshelf.catalog.readers import READERS
from onshelf.errors import Unreadable

LARGEST_BYTES = 128 << 20


class Uploads:
    """A folder with one folder an import, which holds its file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def keep(self, import_id: str, name: str, parts: AsyncIterable[bytes]) -> Path:
        """Writes a file as it comes, and returns where it lies. Raises Unreadable: unknown kind, empty, too large."""
        named = safe_name(name)
        suffix = Path(named).suffix
        if suffix.lower() not in READERS:
            raise Unreadable(named, "unknown_kind", kind=suffix or named, known=" ".join(READERS))
        path = self._folder / import_id / named
        path.parent.mkdir(parents=True, mode=0o700)
        size = 0
        try:
            with path.open("wb") as file:
                async for part in parts:
                    size += len(part)
                    if size > LARGEST_BYTES:
                        raise Unreadable(named, "too_large", size=size, limit=LARGEST_BYTES)
                    await asyncio.to_thread(file.write, part)
            if not size:
                raise Unreadable(named, "empty")
        except BaseException:
            self.drop(import_id)
            raise
        return path

    def path(self, import_id: str) -> Path | None:
        """Returns where the file of an import lies; None: it is gone."""
        folder = self._folder / import_id
        return next(folder.iterdir(), None) if folder.is_dir() else None

    def drop(self, import_id: str) -> None:
        """Deletes the file of an import. Harmless to repeat."""
        shutil.rmtree(self._folder / import_id, ignore_errors=True)

    def sweep(self, before: str) -> None:
        """Deletes the files of imports whose id, which begins with its time, lies before another."""
        if self._folder.is_dir():
            for folder in self._folder.iterdir():
                if folder.name < before:
                    self.drop(folder.name)
