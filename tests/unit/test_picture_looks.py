"""Pictures beside a file: judged by what they are, and nothing outside the folder is touched."""

from pathlib import Path

import pytest
from PIL import Image

from onshelf.catalog.pictures import SIZE_LIMIT, PictureFolder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "shop"
    inside.mkdir()
    Image.new("RGB", (800, 900)).save(inside / "good.jpg")
    Image.new("RGB", (900, 800)).save(inside / "good.png")
    Image.new("RGB", (800, 800)).save(inside / "really-webp.jpg", "WEBP")
    Image.new("RGB", (800, 800)).save(tmp_path / "outside.jpg")
    return inside


@pytest.mark.parametrize(
    ("name", "size"), [("good.jpg", (800, 900)), ("good.png", (900, 800)), ("./good.jpg", (800, 900))]
)
def test_a_good_picture_is_found_with_its_size(folder: Path, name: str, size: tuple[int, int]) -> None:
    look = PictureFolder(folder).look(name)

    assert look.problem == ""
    assert (look.width, look.height) == size
    assert Path(look.path).is_absolute()


def test_an_absolute_path_inside_the_folder_is_good(folder: Path) -> None:
    assert PictureFolder(folder).look(str(folder / "good.jpg")).problem == ""


@pytest.mark.parametrize("open_pictures", [True, False])
@pytest.mark.parametrize(
    "name",
    ["../outside.jpg", "a/../../outside.jpg", "..\\outside.jpg", "/etc/passwd", "C:\\a.jpg", "a\0.jpg"],
)
def test_a_path_that_leads_out_of_the_folder_is_refused(folder: Path, name: str, open_pictures: bool) -> None:
    look = PictureFolder(folder, open_pictures=open_pictures).look(name)

    assert (look.problem, look.path) == ("picture_outside", "")


def test_a_link_that_leads_out_of_the_folder_is_refused(folder: Path) -> None:
    (folder / "link.jpg").symlink_to(folder.parent / "outside.jpg")

    assert PictureFolder(folder).look("link.jpg").problem == "picture_outside"


@pytest.mark.parametrize("open_pictures", [True, False])
@pytest.mark.parametrize("name", ["http://x/a.jpg", "https://x/a.jpg", "//x/a.jpg", "ftp://x/a.jpg"])
def test_an_address_is_never_fetched(folder: Path, name: str, open_pictures: bool) -> None:
    assert PictureFolder(folder, open_pictures=open_pictures).look(name).problem == "picture_remote"


def test_a_picture_cut_short_is_unreadable(folder: Path) -> None:
    whole = (folder / "good.jpg").read_bytes()
    (folder / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "text.jpg").write_text("no picture")

    looks = PictureFolder(folder)

    assert looks.look("cut.jpg").problem == "picture_unreadable"
    assert looks.look("text.jpg").problem == "picture_unreadable"


def test_the_kind_is_judged_by_the_bytes_and_not_by_the_name(folder: Path) -> None:
    look = PictureFolder(folder).look("really-webp.jpg")

    assert (look.problem, look.facts) == ("picture_kind", {"kind": "WEBP"})


def test_missing_and_too_large_files_are_told_apart(folder: Path) -> None:
    (folder / "large.jpg").write_bytes(bytes(SIZE_LIMIT + 1))
    (folder / "sub").mkdir()
    looks = PictureFolder(folder)

    assert looks.look("large.jpg").problem == "picture_large"
    assert looks.look("none.jpg").problem == "picture_not_found"
    assert looks.look("sub").problem == "picture_not_found"


def test_a_picture_bomb_is_refused_by_its_header(folder: Path) -> None:
    content = bytearray((folder / "good.png").read_bytes())
    content[16:24] = (30_000).to_bytes(4, "big") * 2
    (folder / "bomb.png").write_bytes(content)

    assert PictureFolder(folder).look("bomb.png").problem == "picture_unreadable"


def test_without_opening_pictures_only_paths_are_judged(folder: Path) -> None:
    look = PictureFolder(folder, open_pictures=False).look("none.jpg")

    assert (look.problem, look.width) == ("", 0)
