"""A shop's own folder of pictures: what rows and programs name when there is no folder beside their file."""

import asyncio
import os
from collections.abc import AsyncIterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO

from onshelf.catalog.check import Look
from onshelf.catalog.file_names import safe_name
from onshelf.catalog.pictures import SIZE_LIMIT, look_at
from onshelf.catalog.product import Fault
from onshelf.catalog.rules import broken


@dataclass(frozen=True, slots=True)
class PictureKept:
    """What became of a picture that was sent."""

    name: str  # as products name it
    size_bytes: int
    width: int  # pixels; 0 with a fault
    height: int
    fault: Fault | None  # why it was not kept


class ShopPictures:
    """The picture folders of all shops; a folder is flat, a name names one picture."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def of(self, shop_id: str) -> Path:
        """Returns a shop's folder, which may not be there yet."""
        return self._folder / shop_id

    async def keep(
        self, shop_id: str, name: str, parts: AsyncIterable[bytes], *, dry_run: bool = False
    ) -> PictureKept:
        """Keeps a picture that can be published, in the place of one with its name; durable when it returns."""
        folder, named = self.of(shop_id), safe_name(name)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, part_name = mkstemp(prefix=".", suffix=".part", dir=folder)
        part = Path(part_name)
        try:
            with os.fdopen(handle, "wb") as file:
                size = await _write(file, parts)
            look = await asyncio.to_thread(look_at, named, part)
            if not look.problem and not dry_run:
                await asyncio.to_thread(part.replace, folder / named)
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)
        return PictureKept(named, size, look.width, look.height, _fault(look))

    def page(self, shop_id: str, *, after: str = "", limit: int = 200) -> list[tuple[str, int]]:
        """Returns names and sizes, in the order of the names, those after `after`. Blocks: it belongs into a thread."""
        folder = self.of(shop_id)
        if not folder.is_dir():
            return []
        names = sorted(
            name for path in folder.iterdir() if (name := path.name) > after and not name.startswith(".")
        )
        return [(name, (folder / name).stat().st_size) for name in names[:limit]]

    def has(self, shop_id: str, name: str) -> bool:
        """Tells whether there is a picture of this name. Blocks, like `page`."""
        return safe_name(name) == name and (self.of(shop_id) / name).is_file()

    def drop(self, shop_id: str, name: str) -> None:
        """Deletes a picture. Harmless to repeat."""
        if self.has(shop_id, name):
            (self.of(shop_id) / name).unlink(missing_ok=True)


async def _write(file: BinaryIO, parts: AsyncIterable[bytes]) -> int:
    """Writes what comes, but no more than shows that it is too much."""
    size = 0
    async for part in parts:
        size += len(part)
        await asyncio.to_thread(file.write, part)
        if size > SIZE_LIMIT:
            break
    file.flush()
    await asyncio.to_thread(os.fsync, file.fileno())
    return size


def _fault(look: Look) -> Fault | None:
    return broken(look.problem, "picture", look.source, **look.facts) if look.problem else None
