"""The picture space: types that replies hold. Made by `make methods` from the catalogue; edit
`scripts/generate_methods.py`."""

import msgspec

from onshelf.platforms.top.request import Time


class Picture(msgspec.Struct, kw_only=True):
    """`Picture` as replies show it."""

    client_type: str | None = None  # client:computer, client:phone
    created: Time | None = None
    deleted: str | None = None
    gmt_create: Time | None = None
    gmt_modified: Time | None = None
    md5: str | None = None
    modified: Time | None = None
    name: str | None = None
    picture_category_id: int | None = None
    picture_id: int | None = None
    picture_path: str | None = None
    pixel: str | None = None
    referenced: bool | None = None
    sizes: int | None = None
    status: str | None = None  # 0, 1, 2
    success: bool | None = None
    title: str | None = None
    uid: int | None = None


class PictureCategory(msgspec.Struct, kw_only=True):
    """`PictureCategory` as replies show it."""

    created: Time | None = None
    gmt_create: Time | None = None
    gmt_modified: Time | None = None
    modified: Time | None = None
    parent_id: int | None = None
    picture_category_id: int | None = None
    picture_category_name: str | None = None
    position: int | None = None
    sorts: str | None = None
    total: int | None = None
    type: str | None = None
    uid: int | None = None


class UserInfo(msgspec.Struct, kw_only=True):
    """`UserInfo` as replies show it."""

    available_space: str | None = None
    free_space: str | None = None
    order_expiry_date: str | None = None
    order_space: str | None = None
    remaining_space: str | None = None
    used_space: str | None = None
    water_mark: str | None = None
