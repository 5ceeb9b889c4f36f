"""taobao.item.img.*, item.joint.img and their property-picture twins: pictures of one item."""

from collections.abc import Mapping
from typing import NamedTuple

from onshelf.sandbox.call import Call, Handler
from onshelf.sandbox.categories import by_pid
from onshelf.sandbox.clock import wire_time
from onshelf.sandbox.errors import BusinessError, UploadFail
from onshelf.sandbox.pictures import MOST_BYTES, Picture, read_header, short_path
from onshelf.sandbox.rules import invalid
from onshelf.sandbox.selling import Counter
from onshelf.sandbox.shelf import Item
from onshelf.sandbox.wire import Json

MOST_IMAGES = 5
MOST_PROPERTY_IMAGES = 24
PHONE_WIDTHS, PHONE_HEIGHT = range(480, 621), 960
TOO_LARGE = "isv.item-update-service-error:IC_ITEM_PIC_IS_TOO_LARGES"


class Upload(NamedTuple):
    """A picture that may be kept."""

    content: memoryview
    width: int
    height: int


def check_upload(call: Call, name: str, instead_of: int = 0) -> Upload:
    """Reads an uploaded file; `instead_of` bytes of the picture space become free by it.

    Raises: UploadFail when it is no picture, BusinessError when it is too large or does not fit.
    """
    content = call.files[name]
    if len(content) > MOST_BYTES:
        raise BusinessError(TOO_LARGE, "图片不能超过3M")
    if len(content) > call.world.policy.space_bytes - call.shop.pictures.used_bytes + instead_of:
        raise BusinessError("isv.pictureServiceClient-service-error:PICTURE_SPACE_FULL", "图片空间已满")
    try:
        width, height, _ = read_header(content)
    except ValueError as error:
        raise UploadFail("isv.invalid-parameter:image", "图片格式不正确，仅支持JPG、PNG、GIF") from error
    return Upload(content, width, height)


def keep_upload(call: Call, name: str, title: str = "", folder_id: int = 0) -> Picture:
    """Keeps an uploaded file in the picture space. Raises: UploadFail, BusinessError."""
    content, width, height = check_upload(call, name)
    client = call.get("client_type", "client:computer")
    if client == "client:phone" and not (width in PHONE_WIDTHS and height <= PHONE_HEIGHT):
        raise invalid(name, f"手机图片宽须为480到620、高不超过{PHONE_HEIGHT}：{width}x{height}")
    return call.shop.pictures.add(content, title or name, folder_id, client, call.now, wire_time(call.now))


def item_img_upload(call: Call) -> Json:
    """Adds a picture from bytes; with only `id` moves one to another place."""
    if "image" not in call.files:
        if not call.get("id"):
            raise BusinessError("isv.missing-parameter:image", "图片为空！")
        return _join(call, "")
    counter = call.counter()
    counter.find(call.number("num_iid"))
    return _join(call, keep_upload(call, "image").path)


def item_joint_img(call: Call) -> Json:
    """Links a picture of the picture space to the item."""
    return _join(call, in_space(call, call.text["pic_path"], "picPath"))


def in_space(call: Call, path: str, name: str) -> str:
    """Returns the whole address of a picture of the picture space. Raises: BusinessError about parameter `name`."""
    picture = call.shop.pictures.at_path(path)
    if picture is None:
        raise invalid(name, f"图片空间中没有这张图片：{short_path(path)}")
    return picture.path


def _join(call: Call, url: str) -> Json:
    counter = call.counter()
    item = counter.find(call.number("num_iid"))
    rows = [dict(one) for one in item.images]
    major, wanted = call.get("is_major") == "true", call.number("id")
    row = next((one for one in rows if wanted and one["id"] == wanted), None)
    if row is None:
        if wanted:
            raise invalid("id", f"商品没有这张图片：{wanted}")
        row = {"id": call.world.new_id(), "position": 0, "url": url}
        rows.append(row)
    if url:
        row["url"] = url
    row["position"] = 0 if major else call.number("position", row["position"] or len(rows) - 1)
    if major:
        rows = [row, *(one for one in rows if one is not row and one["position"])]
    if len(rows) > MOST_IMAGES:
        raise BusinessError("isv.item-img-service-error:IMAGE_COUNT_EXCEED", f"商品图片最多{MOST_IMAGES}张")
    _keep(counter, item, rows)
    return {"item_img": {"created": counter.stamp, "id": row["id"], "url": row["url"]}}


def _keep(counter: Counter, item: Item, rows: list[Json]) -> None:
    rows.sort(key=lambda one: one["position"])
    fields: Json = {"item_imgs": {"item_img": rows} if rows else {}}
    if rows and rows[0]["position"] == 0:
        fields["pic_url"] = rows[0]["url"]
    counter.change(item, fields)


def item_img_delete(call: Call) -> Json:
    """Takes one picture off the item; it stays in the picture space."""
    counter = call.counter()
    item = counter.find(call.number("num_iid"))
    wanted = call.number("id")
    left = [dict(one) for one in item.images if one["id"] != wanted]
    if len(left) == len(item.images):
        raise invalid("id", f"商品没有这张图片：{wanted}")
    _keep(counter, item, left)
    return {"item_img": {"created": counter.stamp, "id": wanted}}


def item_propimg_upload(call: Call) -> Json:
    """Adds a property picture from bytes."""
    if "image" not in call.files:
        raise BusinessError("isv.missing-parameter:image", "图片为空！")
    call.counter().find(call.number("num_iid"))
    return _join_property(call, keep_upload(call, "image").path)


def item_joint_propimg(call: Call) -> Json:
    """Links a picture of the picture space to a value of a sales property."""
    return _join_property(call, in_space(call, call.text["pic_path"], "picPath"))


def _join_property(call: Call, url: str) -> Json:
    """Gives one value of a sales property its picture; the value must be among the item's properties."""
    counter = call.counter()
    item, properties = counter.find(call.number("num_iid")), call.text["properties"].strip(";")
    if properties not in item.wire["props"].split(";"):
        raise invalid("properties", f"商品没有这个销售属性：{properties}")
    known = by_pid(item.wire["cid"]).get(int(properties.partition(":")[0]))
    if known is not None and not known.is_color_prop:
        raise invalid("properties", f"只有颜色属性可以有图片：{known.name}")
    rows = [
        one for one in item.wire.get("prop_imgs", {}).get("prop_img", ()) if one["properties"] != properties
    ]
    if len(rows) >= MOST_PROPERTY_IMAGES:
        raise BusinessError(
            "isv.item-img-service-error:IMAGE_COUNT_EXCEED", f"属性图片最多{MOST_PROPERTY_IMAGES}张"
        )
    row = {
        "id": call.world.new_id(),
        "position": call.number("position"),
        "properties": properties,
        "url": url,
    }
    counter.change(item, {"prop_imgs": {"prop_img": [*rows, row]}})
    return {"prop_img": {"created": counter.stamp, "id": row["id"], "url": url}}


def item_propimg_delete(call: Call) -> Json:
    """Takes a property picture off; it stays in the picture space."""
    counter = call.counter()
    item, wanted = counter.find(call.number("num_iid")), call.number("id")
    rows = item.wire.get("prop_imgs", {}).get("prop_img", ())
    left = [one for one in rows if one["id"] != wanted]
    if len(left) == len(rows):
        raise invalid("id", f"商品没有这张属性图片：{wanted}")
    counter.change(item, {"prop_imgs": {"prop_img": left} if left else {}})
    return {"prop_img": {"created": counter.stamp, "id": wanted}}


METHODS: Mapping[str, Handler] = {
    "taobao.item.img.upload": item_img_upload,
    "taobao.item.img.delete": item_img_delete,
    "taobao.item.joint.img": item_joint_img,
    "taobao.item.propimg.delete": item_propimg_delete,
    "taobao.item.propimg.upload": item_propimg_upload,
    "taobao.item.joint.propimg": item_joint_propimg,
}
