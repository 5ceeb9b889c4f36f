"""Bulk tasks, and orders pushed into a database: types that replies hold. Made by `make methods` from
the catalogue; edit `scripts/generate_methods.py`."""

import msgspec


class JdpUser(msgspec.Struct, kw_only=True):
    """`JdpUser` as replies show it."""

    hl_appkey: str | None = None
    level: int | None = None
    rds_id: int | None = None
    rds_name: str | None = None
    seller_type: str | None = None
    status: int | None = None
    user_id: int | None = None
    user_nick: str | None = None
