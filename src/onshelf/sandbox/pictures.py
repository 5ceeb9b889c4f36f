"""The picture space of one shop: rows of bytes and title, never joined even when the bytes are the same.

Only the header of a picture is read. Source: reference/top-methods.md 2; never-twice.md 10 (titles cut at 50, "(1)").
"""

import hashlib
import struct
from collections import deque
from collections.abc import Iterable, Iterator

import msgspec

MOST_BYTES = 3 * 1024 * 1024
MOST_FOLDERS = 500
TITLE_CHARS = 50
_FIRST_ID = 149_180_334_653_332_324  # real picture ids exceed 2^53


class Picture(msgspec.Struct):
    """One uploaded picture."""

    picture_id: int
    folder_id: int
    title: str
    path: str  # full address; the part after imgextra/ is what item.add takes too
    sizes: int  # bytes
    pixel: str  # 350x350
    md5: str
    created: str
    modified: str
    client_type: str = "client:computer"
    deleted: bool = False


class Folder(msgspec.Struct):
    """A folder of the picture space."""

    folder_id: int
    name: str
    parent_id: int
    created: str


class PictureSpace:
    """Pictures and folders; look-ups may lag behind uploads as lists of items do."""

    def __init__(self, owner: int, pictures: Iterable[Picture] = (), folders: Iterable[Folder] = ()) -> None:
        self.owner = owner
        self.lag_s = 0.0
        self.rows: dict[int, Picture] = {}
        self.folders = {one.folder_id: one for one in folders}
        self.used_bytes = 0
        self._paths: dict[str, int] = {}
        self._titles: dict[str, int] = {}  # title → the number its next double gets
        self._seen: dict[int, Picture] = {}  # what look-ups show, oldest first
        self._late: deque[tuple[float, Picture]] = deque()
        for picture in pictures:
            self._keep(picture)
            self._seen[picture.picture_id] = picture

    def _keep(self, picture: Picture) -> None:
        self.rows[picture.picture_id] = picture
        self._paths[short_path(picture.path)] = picture.picture_id
        self._titles.setdefault(picture.title, 1)
        self.used_bytes += picture.sizes

    def add(
        self, content: memoryview, title: str, folder_id: int, client: str, now: float, stamp: str
    ) -> Picture:
        """Keeps a picture; a title in use gets "(1)", "(2)", … as the platform does.

        Raises: ValueError when the header is not of a JPEG, PNG or GIF.
        """
        width, height, suffix = read_header(content)
        digest = hashlib.md5(content).hexdigest()
        number = _FIRST_ID + len(self.rows) + (self.owner << 20)
        path = f"http://img.alicdn.com/imgextra/i{number % 4 + 1}/{self.owner}/TB2{number:x}_!!{self.owner}.{suffix}"
        picture = Picture(
            number,
            folder_id,
            self._free_title(title),
            path,
            len(content),
            f"{width}x{height}",
            digest,
            stamp,
            stamp,
            client,
        )
        self._keep(picture)
        self._show(picture, now)
        return picture

    def _free_title(self, title: str) -> str:
        title = free = title[:TITLE_CHARS]
        while free in self._titles:
            taken = self._titles[title]
            free = f"{title[: TITLE_CHARS - len(str(taken)) - 2]}({taken})"
            self._titles[title] = taken + 1
        return free

    def _show(self, picture: Picture, now: float) -> None:
        if self.lag_s or self._late:
            due = max(now + self.lag_s, self._late[-1][0] if self._late else 0.0)
            self._late.append((due, picture))
        else:
            self._seen[picture.picture_id] = picture

    def settle(self, now: float) -> None:
        """Lets look-ups see what is due by now."""
        while self._late and self._late[0][0] <= now:
            picture = self._late.popleft()[1]
            self._seen[picture.picture_id] = picture

    def lagging(self) -> list[tuple[float, int]]:
        """Returns which pictures look-ups do not show yet, and when they will."""
        return [(due, picture.picture_id) for due, picture in self._late]

    def lag_again(self, lagging: Iterable[tuple[float, int]]) -> None:
        """Lets look-ups fall back to what they showed when this was saved."""
        for due, picture_id in lagging:
            self._late.append((due, self._seen.pop(picture_id)))

    def visible(self, *, newest_first: bool = True) -> Iterator[Picture]:
        """Yields what look-ups show, deleted ones included."""
        return iter(reversed(self._seen.values()) if newest_first else self._seen.values())

    def at_path(self, path: str) -> Picture | None:
        """Returns the picture at a full or short address; None when it is not in this space or deleted."""
        found = self.rows.get(self._paths.get(short_path(path), 0))
        return None if found is None or found.deleted else found

    def delete(self, picture_id: int, stamp: str) -> bool:
        """Moves a picture to the bin; False when it is not there."""
        picture = self.rows.get(picture_id)
        if picture is None or picture.deleted:
            return False
        picture.deleted, picture.modified = True, stamp
        self.used_bytes -= picture.sizes
        return True


def short_path(path: str) -> str:
    """Returns the part of an address that names the picture: `i4/112/TB2.jpg`."""
    return path.rpartition("/imgextra/")[2].rpartition("/uploaded/")[2].lstrip("/")


def read_header(content: memoryview) -> tuple[int, int, str]:
    """Reads width, height and file suffix from the first bytes. Raises: ValueError when it is no JPEG, PNG or GIF."""
    head = bytes(content[:26])
    try:
        if head.startswith(b"\x89PNG\r\n\x1a\n"):
            width, height = struct.unpack(">II", head[16:24])
            return width, height, "png"
        if head[:6] in (b"GIF87a", b"GIF89a"):
            width, height = struct.unpack("<HH", head[6:10])
            return width, height, "gif"
        if head.startswith(b"\xff\xd8\xff"):
            return *_jpeg_size(content), "jpg"
    except (struct.error, IndexError) as error:
        raise ValueError("picture header cut short") from error
    raise ValueError("not a JPEG, PNG or GIF")


def _jpeg_size(content: memoryview) -> tuple[int, int]:
    """Walks the segments to the frame header, which holds the size."""
    at = 2
    while content[at] == 0xFF:
        marker = content[at + 1]
        (length,) = struct.unpack(">H", content[at + 2 : at + 4])
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + length
    raise ValueError("JPEG without a frame")
