"""The picture space: typed requests and replies. Made by `make methods` from the catalogue; edit
`scripts/generate_methods.py`."""

from datetime import datetime
from typing import Literal

import msgspec

from onshelf.platforms.top.generated.types.picture_space import Picture, PictureCategory, UserInfo
from onshelf.platforms.top.protocol import File
from onshelf.platforms.top.request import Listing, Reply, Request, Values, Walk
from onshelf.platforms.top.rows import Rows


class PictureUploadReply(Reply, kw_only=True):
    """Reply of `taobao.picture.upload`."""

    picture: Picture | None = None


class PictureUpload(Request[PictureUploadReply], frozen=True, kw_only=True):
    """Calls `taobao.picture.upload`: upload a picture to the picture space (上传单张图片).

    Current. Session: needed. A repeat may do it twice.
    png/jpg/gif up to 3 MB; titles over 50 chars are cut; duplicates get (1).
    """

    METHOD = "taobao.picture.upload"
    REPLY = PictureUploadReply

    picture_category_id: int  # picture folder id, 0 = default folder; at least 0
    img: File  # image file, multipart
    image_input_title: str  # file name with extension
    title: str | None = None  # title
    # client:computer or client:phone (phone: width 480-620, height <= 960)
    client_type: Literal["client:computer", "client:phone"] | None = None
    is_https: bool | None = None  # return https URLs


class PictureGetReply(Reply, kw_only=True):
    """Reply of `taobao.picture.get`."""

    total_results: int | None = msgspec.field(name="totalResults", default=None)
    pictures: Rows[Picture] = Rows()


class PictureGet(Listing[PictureGetReply, Picture], frozen=True, kw_only=True):
    """Calls `taobao.picture.get`: query pictures (获取图片信息).

    Current. Session: needed. A repeat changes nothing.
    Read whole by `rows`: 100 rows a page.
    """

    METHOD = "taobao.picture.get"
    REPLY = PictureGetReply
    WALK = Walk(
        rows="pictures",
        page="page_no",
        most_rows=100,
        total="total_results",
        start="start_date",
        end="end_date",
    )

    picture_id: int | None = None  # picture id
    picture_category_id: int | None = None  # picture folder id, 0 = default folder
    deleted: str | None = None  # unfroze = pictures that are not deleted
    modified_time: datetime | None = None  # only records changed after this time
    title: str | None = None  # title
    start_date: datetime | None = None  # start of time window
    end_date: datetime | None = None  # end of time window
    page_no: int | None = None  # page number, from 1; default 1
    page_size: int | None = None  # rows per page; at most 100; default 40
    # client:computer or client:phone (phone: width 480-620, height <= 960)
    client_type: Literal["client:computer", "client:phone"] | None = None
    # sort, column:asc or column:desc; default time:desc
    order_by: Literal["time:desc", "time:asc", "sizes:desc", "sizes:asc"] | None = None
    urls: str | None = None  # picture URLs to look up
    is_https: bool | None = None  # return https URLs


class PicturePicturesGetReply(Reply, kw_only=True):
    """Reply of `taobao.picture.pictures.get`."""

    pictures: Rows[Picture] = Rows()


class PicturePicturesGet(Listing[PicturePicturesGetReply, Picture], frozen=True, kw_only=True):
    """Calls `taobao.picture.pictures.get`: picture pictures get (图片获取).

    Current. Session: needed. A repeat changes nothing.
    Read whole by `rows`: 100 rows a page.
    """

    METHOD = "taobao.picture.pictures.get"
    REPLY = PicturePicturesGetReply
    WALK = Walk(rows="pictures", page="current_page", most_rows=100, start="start_date", end="end_date")

    picture_id: int | None = None  # picture id
    picture_category_id: int | None = None  # picture folder id, 0 = default folder
    deleted: str | None = None  # freeze/deletion filter
    start_modified_date: datetime | None = None  # only records changed after this time
    title: str | None = None  # title
    start_date: datetime | None = None  # start of time window
    end_date: datetime | None = None  # end of time window
    current_page: int | None = None  # page number; default 1
    page_size: int | None = None  # rows per page; at most 100
    # client:computer or client:phone (phone: width 480-620, height <= 960)
    client_type: Literal["client:computer", "client:phone"] | None = None
    order_by: str | None = None  # sort, column:asc or column:desc
    urls: str | None = None  # picture URLs to look up
    is_https: bool | None = None  # return https URLs


class PicturePicturesCountReply(Reply, kw_only=True):
    """Reply of `taobao.picture.pictures.count`."""

    totals: int | None = None


class PicturePicturesCount(Request[PicturePicturesCountReply], frozen=True, kw_only=True):
    """Calls `taobao.picture.pictures.count`: picture pictures count (图片总数查询).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.picture.pictures.count"
    REPLY = PicturePicturesCountReply

    picture_id: int | None = None  # picture id
    picture_category_id: int | None = None  # picture folder id, 0 = default folder
    deleted: str | None = None  # freeze/deletion filter
    start_modified_date: datetime | None = None  # only records changed after this time
    start_date: datetime | None = None  # start of time window
    end_date: datetime | None = None  # end of time window
    # client:computer or client:phone (phone: width 480-620, height <= 960)
    client_type: Literal["client:computer", "client:phone"] | None = None
    title: str | None = None  # title


class PictureDeleteReply(Reply, kw_only=True):
    """Reply of `taobao.picture.delete`."""

    success: str | None = None


class PictureDelete(Request[PictureDeleteReply], frozen=True, kw_only=True):
    """Calls `taobao.picture.delete`: delete pictures (删除图片空间图片).

    Current. Session: needed. A repeat sets the same again.
    """

    METHOD = "taobao.picture.delete"
    REPLY = PictureDeleteReply

    picture_ids: Values  # comma list of picture ids; at most 100


class PictureUpdateReply(Reply, kw_only=True):
    """Reply of `taobao.picture.update`."""

    done: bool | None = None


class PictureUpdate(Request[PictureUpdateReply], frozen=True, kw_only=True):
    """Calls `taobao.picture.update`: picture update (修改图片名字).

    Current. Session: needed. A repeat sets the same again.
    """

    METHOD = "taobao.picture.update"
    REPLY = PictureUpdateReply

    picture_id: int  # picture id
    new_name: str  # new name; 50 characters


class PictureReplaceReply(Reply, kw_only=True):
    """Reply of `taobao.picture.replace`."""

    done: bool | None = None


class PictureReplace(Request[PictureReplaceReply], frozen=True, kw_only=True):
    """Calls `taobao.picture.replace`: replace a picture.

    Removed. Session: needed. A repeat may do it twice.
    Older apps may still call it; new ones use taobao.picture.upload.
    """

    METHOD = "taobao.picture.replace"
    REPLY = PictureReplaceReply

    picture_id: int  # picture id
    image_data: File  # image bytes


class PictureChangecategoryReply(Reply, kw_only=True):
    """Reply of `taobao.picture.changecategory`."""

    done: bool | None = None


class PictureChangecategory(Request[PictureChangecategoryReply], frozen=True, kw_only=True):
    """Calls `taobao.picture.changecategory`: picture changecategory (修改图片的分类).

    Current. Session: needed. A repeat may do it twice.
    """

    METHOD = "taobao.picture.changecategory"
    REPLY = PictureChangecategoryReply

    picture_ids: Values  # comma list of picture ids; at most 1000
    picture_category_id: int  # picture folder id, 0 = default folder


class PictureIsreferencedGetReply(Reply, kw_only=True):
    """Reply of `taobao.picture.isreferenced.get`."""

    is_referenced: bool | None = None


class PictureIsreferencedGet(Request[PictureIsreferencedGetReply], frozen=True, kw_only=True):
    """Calls `taobao.picture.isreferenced.get`: picture isreferenced get (图片是否被引用).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.picture.isreferenced.get"
    REPLY = PictureIsreferencedGetReply

    picture_id: int  # picture id


class PictureCategoryAddReply(Reply, kw_only=True):
    """Reply of `taobao.picture.category.add`."""

    picture_category: PictureCategory | None = None


class PictureCategoryAdd(Request[PictureCategoryAddReply], frozen=True, kw_only=True):
    """Calls `taobao.picture.category.add`: add a picture folder (新增图片分类信息).

    Current. Session: needed. A repeat may do it twice.
    At most 500 folders per seller.
    """

    METHOD = "taobao.picture.category.add"
    REPLY = PictureCategoryAddReply

    picture_category_name: str  # folder name, max 20 chars, a Chinese char counts 2
    parent_id: int | None = None  # parent id, 0 = top level


class PictureCategoryGetReply(Reply, kw_only=True):
    """Reply of `taobao.picture.category.get`."""

    picture_categories: Rows[PictureCategory] = Rows()


class PictureCategoryGet(Request[PictureCategoryGetReply], frozen=True, kw_only=True):
    """Calls `taobao.picture.category.get`: query picture folders (获取图片分类信息).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.picture.category.get"
    REPLY = PictureCategoryGetReply

    picture_category_id: int | None = None  # picture folder id, 0 = default folder
    picture_category_name: str | None = None  # folder name, max 20 chars, a Chinese char counts 2
    type: str | None = None  # type filter
    parent_id: int | None = None  # parent id, 0 = top level
    modified_time: datetime | None = None  # only records changed after this time


class PictureCategoryUpdateReply(Reply, kw_only=True):
    """Reply of `taobao.picture.category.update`."""

    done: bool | None = None


class PictureCategoryUpdate(Request[PictureCategoryUpdateReply], frozen=True, kw_only=True):
    """Calls `taobao.picture.category.update`: rename or move a picture folder (更新图片分类).

    Current. Session: needed. A repeat sets the same again.
    """

    METHOD = "taobao.picture.category.update"
    REPLY = PictureCategoryUpdateReply

    category_id: int  # category id
    category_name: str | None = None  # category name; 20 characters
    parent_id: int | None = None  # parent id, 0 = top level


class PictureUserinfoGetReply(Reply, kw_only=True):
    """Reply of `taobao.picture.userinfo.get`."""

    user_info: UserInfo | None = None


class PictureUserinfoGet(Request[PictureUserinfoGetReply], frozen=True, kw_only=True):
    """Calls `taobao.picture.userinfo.get`: picture space usage.

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.picture.userinfo.get"
    REPLY = PictureUserinfoGetReply
