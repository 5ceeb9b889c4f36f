"""The message service: types that replies hold. Made by `make methods` from the catalogue; edit
`scripts/generate_methods.py`."""

import msgspec

from onshelf.platforms.top.request import Time
from onshelf.platforms.top.rows import Rows


class TmcGroup(msgspec.Struct, kw_only=True):
    """`TmcGroup` as replies show it."""

    name: str | None = None
    users: Rows[str] = Rows()


class TmcMessage(msgspec.Struct, kw_only=True):
    """`TmcMessage` as replies show it."""

    content: str | None = None
    id: int | None = None
    pub_app_key: str | None = None
    pub_time: Time | None = None
    topic: str | None = None
    user_id: int | None = None
    user_nick: str | None = None


class TmcProduceResult(msgspec.Struct, kw_only=True):
    """`TmcProduceResult` as replies show it."""

    error_code: str | None = None
    error_message: str | None = None
    is_success: bool | None = None


class TmcQueueInfo(msgspec.Struct, kw_only=True):
    """`TmcQueueInfo` as replies show it."""

    broker_name: str | None = None
    get_total: int | None = None
    name: str | None = None
    put_toal: int | None = None


class TmcUser(msgspec.Struct, kw_only=True):
    """`TmcUser` as replies show it."""

    created: Time | None = None
    group_name: str | None = None
    is_valid: bool | None = None
    modified: Time | None = None
    topics: Rows[str] = Rows()
    user_id: int | None = None
    user_nick: str | None = None
    user_platform: str | None = None  # tbUIC, icbu, ae
