"""Looks at the picture files that rows name: where they lie, what they really are. Nothing leaves the folder of the file."""

import warnings
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from onshelf.catalog.check import Look
from onshelf.catalog.file_names import safe_name

SIZE_LIMIT = 3 << 20  # bytes. Source: picture.upload
KINDS = ("JPEG", "PNG", "GIF", "MPO")  # MPO: a JPEG with a second view, as phones write them
_TAIL = 64 << 10  # bytes at the end in which a whole picture has its end mark
_ENDS = {"JPEG": b"\xff\xd9", "MPO": b"\xff\xd9", "PNG": b"IEND", "GIF": b";"}
_REMEMBERED = 20_000  # pictures; catalogues name the same ones again


class PictureFolder:
    """The folder beside a product file, or a shop's own, which is flat: of a name with folders the last part counts.

    With `open_pictures` false only paths are judged and no file is touched.
    """

    def __init__(self, folder: Path, *, flat: bool = False, open_pictures: bool = True) -> None:
        self._folder = folder.resolve()
        self._flat = flat
        self._open = open_pictures
        self._looks: dict[str, Look] = {}

    def look(self, source: str) -> Look:
        """Judges one picture; the same name is judged once."""
        known = self._looks.get(source)
        if known is None:
            if len(self._looks) >= _REMEMBERED:
                self._looks.clear()
            known = self._looks[source] = self._judge(source)
        return known

    def _judge(self, source: str) -> Look:
        if "://" in source or source.startswith("//"):
            return Look(source, problem="picture_remote")
        named = safe_name(source) if self._flat else source.replace("\\", "/")
        if "\0" in named or ".." in named.split("/") or named[1:2] == ":":
            return Look(source, problem="picture_outside")
        if not named.isprintable():
            return Look(source, problem="picture_not_found")
        path = self._folder / named
        if not self._open:
            inside = path.is_relative_to(self._folder)
            return Look(source, str(path)) if inside else Look(source, problem="picture_outside")
        try:
            # Resolved before it is touched: a link inside the folder may lead out of it.
            real = path.resolve()
            if not real.is_relative_to(self._folder):
                return Look(source, problem="picture_outside")
            return look_at(source, real)
        except (OSError, ValueError):
            return Look(source, problem="picture_not_found")


def look_at(source: str, path: Path) -> Look:
    """Opens a picture by its header and judges size, kind and wholeness; its pixels are not decoded. Raises OSError."""
    if not path.is_file():
        return Look(source, problem="picture_not_found")
    size = path.stat().st_size
    if size > SIZE_LIMIT:
        return Look(source, problem="picture_large", facts={"size": size, "limit": SIZE_LIMIT})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as picture:
                kind, (width, height) = picture.format or "?", picture.size
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        SyntaxError,
    ):
        return Look(source, problem="picture_unreadable")
    if kind not in KINDS:
        return Look(source, problem="picture_kind", facts={"kind": kind})
    if not _is_whole(path, size, kind):
        return Look(source, problem="picture_unreadable")
    return Look(source, str(path), width=width, height=height)


def _is_whole(path: Path, size: int, kind: str) -> bool:
    """Tells whether the format's end mark stands near the file's end: a broken download has none."""
    with path.open("rb") as file:
        file.seek(max(0, size - _TAIL))
        return _ENDS[kind] in file.read()
