"""Bulk tasks, and orders pushed into a database: typed requests and replies. Made by `make methods`
from the catalogue; edit `scripts/generate_methods.py`."""

from datetime import datetime
from typing import Literal

from onshelf.platforms.top.generated.types.bulk import JdpUser
from onshelf.platforms.top.generated.types.shared import Task
from onshelf.platforms.top.request import Listing, Reply, Request, Values, Walk
from onshelf.platforms.top.rows import Rows


class TopatsItemcatsGetReply(Reply, kw_only=True):
    """Reply of `taobao.topats.itemcats.get`."""

    task: Task | None = None


class TopatsItemcatsGet(Request[TopatsItemcatsGetReply], frozen=True, kw_only=True):
    """Calls `taobao.topats.itemcats.get`: topats itemcats get.

    Legacy. Session: none. A repeat may do it twice.
    Older apps may still call it; new ones use taobao.itemcats.get.
    """

    METHOD = "taobao.topats.itemcats.get"
    REPLY = TopatsItemcatsGetReply

    cids: Values | None = None  # comma list of category ids
    output_format: str | None = None  # result file format
    type: int | None = None  # type filter; 1..2


class TopatsResultGetReply(Reply, kw_only=True):
    """Reply of `taobao.topats.result.get`."""

    task: Task | None = None


class TopatsResultGet(Request[TopatsResultGetReply], frozen=True, kw_only=True):
    """Calls `taobao.topats.result.get`: topats result get.

    Legacy. Session: none. A repeat changes nothing.
    Older apps may still call it; new ones use nothing.
    """

    METHOD = "taobao.topats.result.get"
    REPLY = TopatsResultGetReply

    task_id: int  # asynchronous task id


class TopatsItemsAllGetReply(Reply, kw_only=True):
    """Reply of `taobao.topats.items.all.get`."""

    task: Task | None = None


class TopatsItemsAllGet(Request[TopatsItemsAllGetReply], frozen=True, kw_only=True):
    """Calls `taobao.topats.items.all.get`: topats items all get.

    Legacy. Session: needed. A repeat may do it twice.
    Older apps may still call it; new ones use taobao.items.onsale.get or taobao.items.inventory.get.
    """

    METHOD = "taobao.topats.items.all.get"
    REPLY = TopatsItemsAllGetReply

    end_time: str  # end of time window
    fields: Values  # comma list of response fields to return
    start_time: str  # start of time window
    status: Literal["onsale", "instock"] | None = None  # status filter


class TopatsTradesSoldGetReply(Reply, kw_only=True):
    """Reply of `taobao.topats.trades.sold.get`."""

    task: Task | None = None


class TopatsTradesSoldGet(Request[TopatsTradesSoldGetReply], frozen=True, kw_only=True):
    """Calls `taobao.topats.trades.sold.get`: topats trades sold get.

    Legacy. Session: needed. A repeat may do it twice.
    Older apps may still call it; new ones use taobao.trades.sold.get.
    """

    METHOD = "taobao.topats.trades.sold.get"
    REPLY = TopatsTradesSoldGetReply

    end_time: str  # end of time window
    fields: Values  # comma list of response fields to return
    start_time: str  # start of time window
    is_acookie: bool | None = None  # is acookie; default false


class TopatsTradesFullinfoGetReply(Reply, kw_only=True):
    """Reply of `taobao.topats.trades.fullinfo.get`."""

    task: Task | None = None


class TopatsTradesFullinfoGet(Request[TopatsTradesFullinfoGetReply], frozen=True, kw_only=True):
    """Calls `taobao.topats.trades.fullinfo.get`: topats trades fullinfo get.

    Legacy. Session: needed. A repeat may do it twice.
    Older apps may still call it; new ones use taobao.trade.fullinfo.get.
    """

    METHOD = "taobao.topats.trades.fullinfo.get"
    REPLY = TopatsTradesFullinfoGetReply

    fields: Values  # comma list of response fields to return
    tids: str  # tids


class TopatsIncrementMessagesGetReply(Reply, kw_only=True):
    """Reply of `taobao.topats.increment.messages.get`."""

    task: Task | None = None


class TopatsIncrementMessagesGet(Request[TopatsIncrementMessagesGetReply], frozen=True, kw_only=True):
    """Calls `taobao.topats.increment.messages.get`: topats increment messages get.

    Legacy. Session: none. A repeat may do it twice.
    Older apps may still call it; new ones use taobao.tmc.messages.consume.
    """

    METHOD = "taobao.topats.increment.messages.get"
    REPLY = TopatsIncrementMessagesGetReply

    end: datetime  # end
    start: datetime  # start
    topics: Values  # comma list of topic names


class TopatsTaskDeleteReply(Reply, kw_only=True):
    """Reply of `taobao.topats.task.delete`."""

    is_success: bool | None = None


class TopatsTaskDelete(Request[TopatsTaskDeleteReply], frozen=True, kw_only=True):
    """Calls `taobao.topats.task.delete`: topats task delete.

    Legacy. Session: none. A repeat sets the same again.
    Older apps may still call it; new ones use nothing.
    """

    METHOD = "taobao.topats.task.delete"
    REPLY = TopatsTaskDeleteReply

    task_id: int  # asynchronous task id


class TopatsTasksGetReply(Reply, kw_only=True):
    """Reply of `taobao.topats.tasks.get`."""


class TopatsTasksGet(Request[TopatsTasksGetReply], frozen=True, kw_only=True):
    """Calls `taobao.topats.tasks.get`: topats tasks get.

    Legacy. Session: none. A repeat changes nothing.
    Older apps may still call it; new ones use nothing.
    """

    METHOD = "taobao.topats.tasks.get"
    REPLY = TopatsTasksGetReply

    end_time: str  # end of time window
    start_time: str  # start of time window


class JushitaJdpUserAddReply(Reply, kw_only=True):
    """Reply of `taobao.jushita.jdp.user.add`."""

    is_success: bool | None = None


class JushitaJdpUserAdd(Request[JushitaJdpUserAddReply], frozen=True, kw_only=True):
    """Calls `taobao.jushita.jdp.user.add`: jushita jdp user add (添加数据推送用户).

    Current. Session: needed. A repeat may do it twice.
    """

    METHOD = "taobao.jushita.jdp.user.add"
    REPLY = JushitaJdpUserAddReply

    rds_name: str  # RDS instance name
    history_days: int | None = None  # days of history to keep; 0..90


class JushitaJdpUserDeleteReply(Reply, kw_only=True):
    """Reply of `taobao.jushita.jdp.user.delete`."""

    is_success: bool | None = None


class JushitaJdpUserDelete(Request[JushitaJdpUserDeleteReply], frozen=True, kw_only=True):
    """Calls `taobao.jushita.jdp.user.delete`: jushita jdp user delete (删除数据推送用户).

    Current. Session: none. A repeat sets the same again.
    """

    METHOD = "taobao.jushita.jdp.user.delete"
    REPLY = JushitaJdpUserDeleteReply

    nick: str | None = None  # user nick


class JushitaJdpUsersGetReply(Reply, kw_only=True):
    """Reply of `taobao.jushita.jdp.users.get`."""

    total_results: int | None = None
    users: Rows[JdpUser] = Rows()


class JushitaJdpUsersGet(Listing[JushitaJdpUsersGetReply, JdpUser], frozen=True, kw_only=True):
    """Calls `taobao.jushita.jdp.users.get`: jushita jdp users get (获取开通的订单同步服务的用户).

    Current. Session: none. A repeat changes nothing.
    Read whole by `rows`: the last page first.
    """

    METHOD = "taobao.jushita.jdp.users.get"
    REPLY = JushitaJdpUsersGetReply
    WALK = Walk(
        rows="users",
        page="page_no",
        total="total_results",
        last_first=True,
        start="start_modified",
        end="end_modified",
    )

    start_modified: datetime | None = None  # start of modification time window
    end_modified: datetime | None = None  # end of modification time window
    page_size: int | None = None  # rows per page
    page_no: int | None = None  # page number, from 1
    user_id: int | None = None  # numeric user id
