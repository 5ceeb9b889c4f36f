"""Items by schema, the form of 2015: typed requests and replies. Made by `make methods` from the
catalogue; edit `scripts/generate_methods.py`."""

from onshelf.platforms.top.request import Reply, Request


class ItemAddSchemaGetReply(Reply, kw_only=True):
    """Reply of `taobao.item.add.schema.get`."""

    add_rules: str | None = None


class ItemAddSchemaGet(Request[ItemAddSchemaGetReply], frozen=True, kw_only=True):
    """Calls `taobao.item.add.schema.get`: item add schema get.

    Legacy. Session: needed. A repeat changes nothing.
    Older apps may still call it; new ones use alibaba.item.publish.schema.get.
    """

    METHOD = "taobao.item.add.schema.get"
    REPLY = ItemAddSchemaGetReply

    category_id: str  # category id


class ItemSchemaAddReply(Reply, kw_only=True):
    """Reply of `taobao.item.schema.add`."""

    add_result: str | None = None


class ItemSchemaAdd(Request[ItemSchemaAddReply], frozen=True, kw_only=True):
    """Calls `taobao.item.schema.add`: item schema add.

    Legacy. Session: needed. A repeat may do it twice.
    Older apps may still call it; new ones use alibaba.item.publish.submit or tmall.item.schema.add.
    """

    METHOD = "taobao.item.schema.add"
    REPLY = ItemSchemaAddReply

    category_id: str  # category id
    xml_data: str  # schema document (XML) filled in by the caller


class ItemUpdateSchemaGetReply(Reply, kw_only=True):
    """Reply of `taobao.item.update.schema.get`."""

    update_rules: str | None = None


class ItemUpdateSchemaGet(Request[ItemUpdateSchemaGetReply], frozen=True, kw_only=True):
    """Calls `taobao.item.update.schema.get`: item update schema get.

    Legacy. Session: needed. A repeat changes nothing.
    Older apps may still call it; new ones use alibaba.item.edit.schema.get.
    """

    METHOD = "taobao.item.update.schema.get"
    REPLY = ItemUpdateSchemaGetReply

    item_id: str  # item id (same as num_iid)
    category_id: str | None = None  # category id


class ItemSchemaUpdateReply(Reply, kw_only=True):
    """Reply of `taobao.item.schema.update`."""

    update_result: str | None = None


class ItemSchemaUpdate(Request[ItemSchemaUpdateReply], frozen=True, kw_only=True):
    """Calls `taobao.item.schema.update`: item schema update.

    Legacy. Session: needed. A repeat sets the same again.
    Older apps may still call it; new ones use alibaba.item.edit.submit or tmall.item.schema.update.
    """

    METHOD = "taobao.item.schema.update"
    REPLY = ItemSchemaUpdateReply

    item_id: str  # item id (same as num_iid)
    xml_data: str  # schema document (XML) filled in by the caller
    category_id: str | None = None  # category id
    incremental: str | None = None  # incremental


class ItemIncrementUpdateSchemaGetReply(Reply, kw_only=True):
    """Reply of `taobao.item.increment.update.schema.get`."""

    update_rules: str | None = None


class ItemIncrementUpdateSchemaGet(Request[ItemIncrementUpdateSchemaGetReply], frozen=True, kw_only=True):
    """Calls `taobao.item.increment.update.schema.get`: item increment update schema get.

    Legacy. Session: needed. A repeat changes nothing.
    Older apps may still call it; new ones use tmall.item.increment.update.schema.get.
    """

    METHOD = "taobao.item.increment.update.schema.get"
    REPLY = ItemIncrementUpdateSchemaGetReply

    item_id: int  # item id (same as num_iid)
    category_id: int | None = None  # category id
    update_fields: str | None = None  # update fields


class ItemSchemaIncrementUpdateReply(Reply, kw_only=True):
    """Reply of `taobao.item.schema.increment.update`."""

    item_id: str | None = None


class ItemSchemaIncrementUpdate(Request[ItemSchemaIncrementUpdateReply], frozen=True, kw_only=True):
    """Calls `taobao.item.schema.increment.update`: item schema increment update.

    Legacy. Session: needed. A repeat sets the same again.
    Older apps may still call it; new ones use alibaba.item.edit.fastupdate or
    tmall.item.schema.increment.update.
    """

    METHOD = "taobao.item.schema.increment.update"
    REPLY = ItemSchemaIncrementUpdateReply

    item_id: int  # item id (same as num_iid)
    parameters: str  # parameters
    category_id: int | None = None  # category id
