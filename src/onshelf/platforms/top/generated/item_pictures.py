"""Pictures of items: typed requests and replies. Made by `make methods` from the catalogue; edit
`scripts/generate_methods.py`."""

from onshelf.platforms.top.generated.types.shared import ItemImg, PropImg
from onshelf.platforms.top.protocol import File
from onshelf.platforms.top.request import Reply, Request


class ItemImgUploadReply(Reply, kw_only=True):
    """Reply of `taobao.item.img.upload`."""

    item_img: ItemImg | None = None


class ItemImgUpload(Request[ItemImgUploadReply], frozen=True, kw_only=True):
    """Calls `taobao.item.img.upload`: upload an item picture (添加商品图片).

    Current. Session: needed. A repeat may do it twice.
    Refusals seen: isv.item-is-delete:invalid-numIid-or-iid,
    isv.item-update-service-error:IC_ITEM_PIC_IS_TOO_LARGES.
    """

    METHOD = "taobao.item.img.upload"
    REPLY = ItemImgUploadReply

    num_iid: int  # numeric item id; at least 0
    id: int | None = None  # record id (pass to update an existing record)
    position: int | None = None  # picture slot
    image: File | None = None  # image file, multipart; 3145728 bytes
    is_major: bool | None = None  # make this the main picture; default false
    is_rectangle: bool | None = None  # 3:4 picture (used with 3:4 main video)


class ItemImgDeleteReply(Reply, kw_only=True):
    """Reply of `taobao.item.img.delete`."""

    item_img: ItemImg | None = None


class ItemImgDelete(Request[ItemImgDeleteReply], frozen=True, kw_only=True):
    """Calls `taobao.item.img.delete`: delete an item picture (删除商品图片).

    Current. Session: needed. A repeat sets the same again.
    """

    METHOD = "taobao.item.img.delete"
    REPLY = ItemImgDeleteReply

    num_iid: int  # numeric item id; at least 0
    id: int  # picture id; 1 for the vertical picture; at least 1
    is_sixth_pic: bool | None = None  # delete the sixth picture (no id)


class ItemPropimgUploadReply(Reply, kw_only=True):
    """Reply of `taobao.item.propimg.upload`."""

    prop_img: PropImg | None = None


class ItemPropimgUpload(Request[ItemPropimgUploadReply], frozen=True, kw_only=True):
    """Calls `taobao.item.propimg.upload`: upload a sales-property picture (添加或修改属性图片).

    Current. Session: needed. A repeat may do it twice.
    At most 24 property pictures, colour properties only.
    """

    METHOD = "taobao.item.propimg.upload"
    REPLY = ItemPropimgUploadReply

    num_iid: int  # numeric item id; at least 0
    properties: str  # property string pid:vid;pid:vid
    id: int | None = None  # record id (pass to update an existing record)
    position: int | None = None  # picture slot
    image: File | None = None  # image file, multipart; 3145728 bytes


class ItemPropimgDeleteReply(Reply, kw_only=True):
    """Reply of `taobao.item.propimg.delete`."""

    prop_img: PropImg | None = None


class ItemPropimgDelete(Request[ItemPropimgDeleteReply], frozen=True, kw_only=True):
    """Calls `taobao.item.propimg.delete`: delete a sales-property picture (删除属性图片).

    Current. Session: needed. A repeat sets the same again.
    """

    METHOD = "taobao.item.propimg.delete"
    REPLY = ItemPropimgDeleteReply

    num_iid: int  # numeric item id; at least 0
    id: int  # record id (pass to update an existing record)


class ItemJointImgReply(Reply, kw_only=True):
    """Reply of `taobao.item.joint.img`."""

    item_img: ItemImg | None = None


class ItemJointImg(Request[ItemJointImgReply], frozen=True, kw_only=True):
    """Calls `taobao.item.joint.img`: link a picture-space picture to an item (商品关联子图).

    Current. Session: needed. A repeat may do it twice.
    """

    METHOD = "taobao.item.joint.img"
    REPLY = ItemJointImgReply

    num_iid: int  # numeric item id; at least 0
    pic_path: str  # relative URL of a picture already in the seller's picture space; wins over image
    id: int | None = None  # record id (pass to update an existing record)
    position: int | None = None  # picture slot
    is_major: bool | None = None  # make this the main picture
    is_rectangle: bool | None = None  # 3:4 picture (used with 3:4 main video)


class ItemJointPropimgReply(Reply, kw_only=True):
    """Reply of `taobao.item.joint.propimg`."""

    prop_img: PropImg | None = None


class ItemJointPropimg(Request[ItemJointPropimgReply], frozen=True, kw_only=True):
    """Calls `taobao.item.joint.propimg`: link a picture-space picture to a sales property (商品关联属性图).

    Current. Session: needed. A repeat may do it twice.
    """

    METHOD = "taobao.item.joint.propimg"
    REPLY = ItemJointPropimgReply

    num_iid: int  # numeric item id; at least 0
    properties: str  # property string pid:vid;pid:vid
    pic_path: str  # relative URL of a picture already in the seller's picture space; wins over image
    id: int | None = None  # record id (pass to update an existing record)
    position: int | None = None  # picture slot
