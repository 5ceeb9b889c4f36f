"""The picture space on the wire. Source: top-methods 2; top-protocol 14 (recorded replies of picture.upload and picture.get)."""

import re
from urllib.parse import urlsplit

import msgspec

from onshelf.platforms.port import Picture
from onshelf.platforms.top.protocol import File

MOST_A_PAGE = 100
TITLE_CHARACTERS = 50  # longer titles are cut by the platform
_ROOT = re.compile(r"^/?(?:imgextra/|bao/uploaded/)?")
_MIMES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"GIF8": "image/gif"}


class WirePicture(msgspec.Struct):
    """What we read of a picture; ids may exceed 2^53."""

    picture_id: int
    picture_path: str = ""
    title: str = ""
    sizes: int = 0


class WirePictures(msgspec.Struct):
    picture: list[WirePicture] = []


class PictureReply(msgspec.Struct):
    """Reply of picture.upload."""

    picture: WirePicture
    request_id: str = ""


class PicturesReply(msgspec.Struct):
    """Reply of picture.get."""

    pictures: WirePictures | None = None
    request_id: str = ""


def upload_params(title: str, file_name: str) -> dict[str, str]:
    """Returns the text parameters of picture.upload; the folder is the default one."""
    return {
        "picture_category_id": "0",
        "image_input_title": file_name,
        "title": title[:TITLE_CHARACTERS],
    }


def upload_file(content: bytes, file_name: str) -> File:
    """Returns the file part, its type told by its first bytes."""
    mime = next((mime for start, mime in _MIMES.items() if content.startswith(start)), None)
    return File(file_name, content, mime or "application/octet-stream")


def find_params(title: str, page: int) -> dict[str, str]:
    """Returns the parameters of picture.get for living pictures by title, oldest first so that pages stay put."""
    return {
        "title": title,
        "deleted": "unfroze",
        "page_no": str(page),
        "page_size": str(MOST_A_PAGE),
        "order_by": "time:asc",
    }


def picture(wire: WirePicture) -> Picture:
    return Picture(wire.picture_id, picture_path(wire.picture_path), wire.title, wire.sizes)


def picture_path(address: str) -> str:
    """Returns the path a listing names: `i4/…/x.jpg`, from the whole address or the path that the platform answered."""
    return _ROOT.sub("", urlsplit(address).path, count=1) if "//" in address else address
