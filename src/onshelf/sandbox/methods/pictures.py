"""taobao.picture.*: the picture space."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import islice

from onshelf.sandbox.call import Call, Handler
from onshelf.sandbox.clock import wire_time
from onshelf.sandbox.errors import BusinessError
from onshelf.sandbox.methods.images import check_upload, keep_upload
from onshelf.sandbox.pictures import MOST_FOLDERS, Folder, Picture, short_path
from onshelf.sandbox.rules import width
from onshelf.sandbox.wire import Json, listed

FOLDER_WIDTH = 20


def picture_upload(call: Call) -> Json:
    """Keeps a picture; the same bytes twice are two pictures."""
    folder = call.number("picture_category_id")
    _check_folder(call, folder)
    title = (
        call.get("title")
        or call.text["image_input_title"].rpartition(".")[0]
        or call.text["image_input_title"]
    )
    return {"picture": _shown(keep_upload(call, "img", title, folder))}


def _shown(picture: Picture) -> Json:
    return {
        "client_type": picture.client_type,
        "created": picture.created,
        "deleted": "1" if picture.deleted else "0",
        "modified": picture.modified,
        "picture_category_id": picture.folder_id,
        "picture_id": picture.picture_id,
        "picture_path": picture.path,
        "pixel": picture.pixel,
        "sizes": picture.sizes,
        "status": "0",
        "title": picture.title,
    }


def picture_get(call: Call) -> Json:
    """Looks pictures up, newest first."""
    return _page(call, call.number("page_no", 1), call.number("page_size", 40), "modified_time")


def picture_pictures_get(call: Call) -> Json:
    """Looks pictures up, with the newer names of its parameters."""
    return _page(call, call.number("current_page", 1), call.number("page_size", 40), "start_modified_date")


def _page(call: Call, page_no: int, page_size: int, since: str) -> Json:
    order, _, way = call.get("order_by", "time:desc").partition(":")
    pictures = call.shop.pictures.visible(newest_first=way != "asc")
    keep = _filter(call, since)
    found = filter(keep, pictures)
    if order == "sizes":
        return _rows(sorted(found, key=lambda one: one.sizes, reverse=way != "asc"), page_no, page_size)
    return _rows(found, page_no, page_size)


def _rows(found: Iterable[Picture], page_no: int, page_size: int) -> Json:
    page_size = max(page_size, 1)
    skip = (max(page_no, 1) - 1) * page_size
    rows = [
        {**_shown(one), "md5": one.md5, "referenced": False} for one in islice(found, skip, skip + page_size)
    ]
    return listed("pictures", "picture", rows)


def picture_pictures_count(call: Call) -> Json:
    """Counts what a look-up would find."""
    keep = _filter(call, "start_modified_date")
    return {"totals": sum(keep(one) for one in call.shop.pictures.visible())}


def _filter(call: Call, since: str) -> Callable[[Picture], bool]:
    """Joins the filters; `title` finds titles that contain it, `deleted` is "unfroze" (living, default), "froze" or "all"."""
    number, folder, title = call.number("picture_id"), call.get("picture_category_id"), call.get("title")
    start, end, after = call.get("start_date"), call.get("end_date"), call.get(since)
    urls = frozenset(short_path(url) for url in call.get("urls").split(",") if url)
    wanted = call.get("deleted", "unfroze")

    def keep(one: Picture) -> bool:
        return (
            (wanted == "all" or one.deleted is (wanted == "froze"))
            and (not number or one.picture_id == number)
            and (not folder or one.folder_id == int(folder))
            and title in one.title
            and (not start or one.created >= start)
            and (not end or one.created <= end)
            and (not after or one.modified >= after)
            and (not urls or short_path(one.path) in urls)
        )

    return keep


def picture_delete(call: Call) -> Json:
    """Moves pictures to the bin; success is the text "true" when at least one went."""
    stamp = wire_time(call.now)
    done = [call.shop.pictures.delete(one, stamp) for one in call.numbers("picture_ids")]
    return {"success": "true" if any(done) else "false"}


def _find(call: Call, number: int) -> Picture:
    found = call.shop.pictures.rows.get(number)
    if found is None or found.deleted:
        raise BusinessError("isv.invalid-parameter:picture_id", f"没有这张图片：{number}")
    return found


def picture_update(call: Call) -> Json:
    """Renames a picture."""
    picture = _find(call, call.number("picture_id"))
    picture.title, picture.modified = call.text["new_name"], wire_time(call.now)
    return {"done": True}


def picture_replace(call: Call) -> Json:
    """Puts other bytes at a picture's address. Raises: UploadFail, BusinessError as for a new picture."""
    picture = _find(call, call.number("picture_id"))
    content, wide, high = check_upload(call, "image_data", instead_of=picture.sizes)
    call.shop.pictures.used_bytes += len(content) - picture.sizes
    picture.sizes, picture.pixel = len(content), f"{wide}x{high}"
    picture.md5, picture.modified = hashlib.md5(content).hexdigest(), wire_time(call.now)
    return {"done": True}


def picture_changecategory(call: Call) -> Json:
    """Moves pictures to another folder."""
    folder = call.number("picture_category_id")
    _check_folder(call, folder)
    for picture in [_find(call, number) for number in call.numbers("picture_ids")]:
        picture.folder_id, picture.modified = folder, wire_time(call.now)
    return {"done": True}


def _check_folder(call: Call, folder: int) -> None:
    if folder and folder not in call.shop.pictures.folders:
        raise BusinessError("isv.invalid-parameter:picture_category_id", f"没有这个图片分类：{folder}")


def picture_isreferenced_get(call: Call) -> Json:
    """Answers whether a living item shows the picture."""
    path = short_path(_find(call, call.number("picture_id")).path)
    shown = any(
        short_path(image["url"]) == path
        for item in call.shop.shelf.items.kept.values()
        if not item.deleted
        for image in item.images
    )
    return {"is_referenced": shown}


def _above(call: Call, folder: int) -> Iterable[int]:
    """Yields a folder and all above it."""
    folders = call.shop.pictures.folders
    while folder in folders:
        yield folder
        folder = folders[folder].parent_id


def picture_category_update(call: Call) -> Json:
    """Renames a folder or moves it below another."""
    folder = call.shop.pictures.folders.get(call.number("category_id"))
    if folder is None:
        raise BusinessError(
            "isv.invalid-parameter:category_id", f"没有这个图片分类：{call.text['category_id']}"
        )
    name, parent = call.get("category_name", folder.name), call.number("parent_id", folder.parent_id)
    if width(name) > FOLDER_WIDTH:
        raise BusinessError("isv.invalid-parameter:category_name", f"图片分类名不能超过{FOLDER_WIDTH}个字符")
    _check_folder(call, parent)
    if folder.folder_id in _above(call, parent):
        raise BusinessError("isv.invalid-parameter:parent_id", f"图片分类不能移到自己之下：{parent}")
    folder.name, folder.parent_id = name, parent
    return {"done": True}


def picture_category_add(call: Call) -> Json:
    """Adds a folder."""
    space, name, parent = call.shop.pictures, call.text["picture_category_name"], call.number("parent_id")
    if width(name) > FOLDER_WIDTH:
        raise BusinessError(
            "isv.invalid-parameter:picture_category_name",
            f"图片分类名不能超过{FOLDER_WIDTH}个字符（汉字算2个）",
        )
    if len(space.folders) >= MOST_FOLDERS:
        raise BusinessError(
            "isv.picture-category-service-error:CATEGORY_COUNT_EXCEED", f"图片分类最多{MOST_FOLDERS}个"
        )
    if any(one.name == name for one in space.folders.values()):
        raise BusinessError("isv.invalid-parameter:picture_category_name", f"图片分类已存在：{name}")
    _check_folder(call, parent)
    folder = Folder(call.world.new_id(), name, parent, wire_time(call.now))
    space.folders[folder.folder_id] = folder
    return {"picture_category": _folder(folder, 0)}


def _folder(folder: Folder, pictures: int) -> Json:
    return {
        "created": folder.created,
        "modified": folder.created,
        "parent_id": folder.parent_id,
        "picture_category_id": folder.folder_id,
        "picture_category_name": folder.name,
        "position": 0,
        "total": pictures,
        "type": "sys-fixture" if folder.folder_id == 0 else "user-define",
    }


def picture_category_get(call: Call) -> Json:
    """Looks folders up."""
    number, name, parent = (
        call.number("picture_category_id"),
        call.get("picture_category_name"),
        call.get("parent_id"),
    )
    folders = [
        one
        for one in call.shop.pictures.folders.values()
        if (not number or one.folder_id == number)
        and name in one.name
        and (not parent or one.parent_id == int(parent))
    ]
    used = Counter(one.folder_id for one in call.shop.pictures.rows.values() if not one.deleted)
    rows = [_folder(one, used[one.folder_id]) for one in folders]
    return listed("picture_categories", "picture_category", rows)


def picture_userinfo_get(call: Call) -> Json:
    """Answers the space in MB, as texts."""
    space = call.shop.pictures
    size = call.world.policy.space_bytes
    used, free = (f"{one / 1024**2:.2f}" for one in (space.used_bytes, max(0, size - space.used_bytes)))
    whole = f"{size / 1024**2:.2f}"
    info = {
        "available_space": whole,
        "free_space": whole,
        "order_space": "0",
        "remaining_space": free,
        "used_space": used,
    }
    return {"user_info": {**info, "order_expiry_date": "", "water_mark": ""}}


METHODS: Mapping[str, Handler] = {
    "taobao.picture.upload": picture_upload,
    "taobao.picture.get": picture_get,
    "taobao.picture.pictures.get": picture_pictures_get,
    "taobao.picture.pictures.count": picture_pictures_count,
    "taobao.picture.delete": picture_delete,
    "taobao.picture.update": picture_update,
    "taobao.picture.replace": picture_replace,
    "taobao.picture.changecategory": picture_changecategory,
    "taobao.picture.isreferenced.get": picture_isreferenced_get,
    "taobao.picture.category.update": picture_category_update,
    "taobao.picture.category.add": picture_category_add,
    "taobao.picture.category.get": picture_category_get,
    "taobao.picture.userinfo.get": picture_userinfo_get,
}
