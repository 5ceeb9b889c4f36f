"""The message service: typed requests and replies. Made by `make methods` from the catalogue; edit
`scripts/generate_methods.py`."""

from collections.abc import Sequence
from typing import Literal

from onshelf.platforms.top.generated.types.push import (
    TmcGroup,
    TmcMessage,
    TmcProduceResult,
    TmcQueueInfo,
    TmcUser,
)
from onshelf.platforms.top.protocol import File
from onshelf.platforms.top.request import Listing, Part, Reply, Request, Time, Values, Walk
from onshelf.platforms.top.rows import Rows


class TmcPublishMessage(Part, frozen=True, kw_only=True):
    """list of messages."""

    content: str
    topic: str
    target_group: str | None = None


class TmcMessagesConsumeReply(Reply, kw_only=True):
    """Reply of `taobao.tmc.messages.consume`."""

    messages: Rows[TmcMessage] = Rows()


class TmcMessagesConsume(Request[TmcMessagesConsumeReply], frozen=True, kw_only=True):
    """Calls `taobao.tmc.messages.consume`: pull messages (消费多条消息).

    Current. Session: none. A repeat may do it twice.
    Pull 10-200; sleep about 100 ms when nothing came; confirm with taobao.tmc.messages.confirm (max 200
    ids).
    """

    METHOD = "taobao.tmc.messages.consume"
    REPLY = TmcMessagesConsumeReply

    group_name: str | None = None  # TMC group name; empty = default group; must not start with "default"
    quantity: int | None = None  # messages per pull, 10-200; 10..200


class TmcMessagesConfirmReply(Reply, kw_only=True):
    """Reply of `taobao.tmc.messages.confirm`."""

    is_success: bool | None = None


class TmcMessagesConfirm(Request[TmcMessagesConfirmReply], frozen=True, kw_only=True):
    """Calls `taobao.tmc.messages.confirm`: confirm messages (确认消费消息的状态).

    Current. Session: none. A repeat may do it twice.
    """

    METHOD = "taobao.tmc.messages.confirm"
    REPLY = TmcMessagesConfirmReply

    s_message_ids: Values  # ids of messages processed; at most 200
    group_name: str | None = None  # TMC group name; empty = default group; must not start with "default"
    f_message_ids: Values | None = None  # failed message ids (obsolete); at most 200


class TmcMessageProduceReply(Reply, kw_only=True):
    """Reply of `taobao.tmc.message.produce`."""

    is_success: bool | None = None
    total: int | None = None
    msg_ids: Rows[str] = Rows()


class TmcMessageProduce(Request[TmcMessageProduceReply], frozen=True, kw_only=True):
    """Calls `taobao.tmc.message.produce`: tmc message produce (发布单条消息).

    Current. Session: needed. A repeat may do it twice.
    """

    METHOD = "taobao.tmc.message.produce"
    REPLY = TmcMessageProduceReply

    content: str  # message content as JSON following the topic definition; 122880 characters
    topic: str  # topic name; 256 characters
    target_group: str | None = None  # target group, usually default
    media_content: File | None = None  # binary attachment (jpg,png,bmp,gif,pdf, 1 MB); 1048576 bytes
    media_content2: File | None = None  # binary attachment 2; 1048576 bytes
    media_content3: File | None = None  # binary attachment 3; 1048576 bytes
    media_content5: File | None = None  # binary attachment 5; 1048576 bytes
    media_content4: File | None = None  # binary attachment 4; 1048576 bytes
    delay_millis: int | None = None  # planned send time (epoch ms)
    expires_millis: int | None = None  # relative time to live in ms


class TmcMessagesProduceReply(Reply, kw_only=True):
    """Reply of `taobao.tmc.messages.produce`."""

    is_all_success: bool | None = None
    results: Rows[TmcProduceResult] = Rows()


class TmcMessagesProduce(Request[TmcMessagesProduceReply], frozen=True, kw_only=True):
    """Calls `taobao.tmc.messages.produce`: tmc messages produce (批量发送消息).

    Current. Session: needed. A repeat may do it twice.
    """

    METHOD = "taobao.tmc.messages.produce"
    REPLY = TmcMessagesProduceReply

    messages: Sequence[TmcPublishMessage]  # list of messages; at most 50


class TmcUserPermitReply(Reply, kw_only=True):
    """Reply of `taobao.tmc.user.permit`."""

    is_success: bool | None = None


class TmcUserPermit(Request[TmcUserPermitReply], frozen=True, kw_only=True):
    """Calls `taobao.tmc.user.permit`: enable messages for the session user (为已授权的用户开通消息服务).

    Current. Session: needed. A repeat sets the same again.
    Topics overwrite the former list; normally pass none.
    """

    METHOD = "taobao.tmc.user.permit"
    REPLY = TmcUserPermitReply

    # topics for this user; the list replaces the old one; leave out to inherit all topics of the app; at most
    # 100
    topics: Values | None = None


class TmcUserGetReply(Reply, kw_only=True):
    """Reply of `taobao.tmc.user.get`."""

    tmc_user: TmcUser | None = None


class TmcUserGet(Request[TmcUserGetReply], frozen=True, kw_only=True):
    """Calls `taobao.tmc.user.get`: get message state of a user (获取用户已开通消息).

    Current. Session: none. A repeat changes nothing.
    """

    METHOD = "taobao.tmc.user.get"
    REPLY = TmcUserGetReply

    fields: Values  # comma list of response fields to return
    nick: str  # user nick; 100 characters
    user_platform: Literal["tbUIC", "icbu", "ae"] | None = None  # tbUIC Taobao, icbu, ae


class TmcUserCancelReply(Reply, kw_only=True):
    """Reply of `taobao.tmc.user.cancel`."""

    is_success: bool | None = None


class TmcUserCancel(Request[TmcUserCancelReply], frozen=True, kw_only=True):
    """Calls `taobao.tmc.user.cancel`: disable messages for a user (取消用户的消息服务).

    Current. Session: none. A repeat sets the same again.
    """

    METHOD = "taobao.tmc.user.cancel"
    REPLY = TmcUserCancelReply

    nick: str  # user nick
    user_platform: Literal["tbUIC", "icbu", "ae"] | None = None  # tbUIC Taobao, icbu, ae


class TmcUserTopicsGetReply(Reply, kw_only=True):
    """Reply of `taobao.tmc.user.topics.get`."""

    result_message: str | None = None
    topics: Rows[str] = Rows()
    result_code: str | None = None


class TmcUserTopicsGet(Request[TmcUserTopicsGetReply], frozen=True, kw_only=True):
    """Calls `taobao.tmc.user.topics.get`: tmc user topics get (获取用户开通的topic列表).

    Current. Session: needed. A repeat changes nothing.
    """

    METHOD = "taobao.tmc.user.topics.get"
    REPLY = TmcUserTopicsGetReply

    nick: str | None = None  # user nick


class TmcGroupAddReply(Reply, kw_only=True):
    """Reply of `taobao.tmc.group.add`."""

    created: Time | None = None
    group_name: str | None = None


class TmcGroupAdd(Request[TmcGroupAddReply], frozen=True, kw_only=True):
    """Calls `taobao.tmc.group.add`: put users in a message group (为已开通用户添加用户分组).

    Current. Session: none. A repeat may do it twice.
    """

    METHOD = "taobao.tmc.group.add"
    REPLY = TmcGroupAddReply

    group_name: str  # TMC group name; empty = default group; must not start with "default"; 32 characters
    nicks: Values  # comma list of user nicks; at most 200
    user_platform: Literal["tbUIC", "icbu", "ae"] | None = None  # tbUIC Taobao, icbu, ae


class TmcGroupDeleteReply(Reply, kw_only=True):
    """Reply of `taobao.tmc.group.delete`."""

    is_success: bool | None = None


class TmcGroupDelete(Request[TmcGroupDeleteReply], frozen=True, kw_only=True):
    """Calls `taobao.tmc.group.delete`: remove a group or users of it (删除指定的分组或分组下的用户).

    Current. Session: none. A repeat sets the same again.
    """

    METHOD = "taobao.tmc.group.delete"
    REPLY = TmcGroupDeleteReply

    group_name: str  # TMC group name; empty = default group; must not start with "default"
    nicks: Values | None = None  # comma list of user nicks; at most 20
    user_platform: Literal["tbUIC", "icbu", "ae"] | None = None  # tbUIC Taobao, icbu, ae


class TmcGroupsGetReply(Reply, kw_only=True):
    """Reply of `taobao.tmc.groups.get`."""

    groups: Rows[TmcGroup] = Rows()
    total_results: int | None = None


class TmcGroupsGet(Listing[TmcGroupsGetReply, TmcGroup], frozen=True, kw_only=True):
    """Calls `taobao.tmc.groups.get`: list message groups (获取自定义用户分组列表).

    Current. Session: none. A repeat changes nothing.
    Read whole by `rows`: 100 rows a page.
    """

    METHOD = "taobao.tmc.groups.get"
    REPLY = TmcGroupsGetReply
    WALK = Walk(rows="groups", page="page_no", most_rows=100, total="total_results")

    group_names: Values | None = None  # comma list of group names; at most 20
    page_no: int | None = None  # page number, from 1; at least 1
    page_size: int | None = None  # rows per page; 1..100


class TmcTopicGroupAddReply(Reply, kw_only=True):
    """Reply of `taobao.tmc.topic.group.add`."""

    result: bool | None = None


class TmcTopicGroupAdd(Request[TmcTopicGroupAddReply], frozen=True, kw_only=True):
    """Calls `taobao.tmc.topic.group.add`: tmc topic group add (topic分组路由).

    Current. Session: none. A repeat may do it twice.
    """

    METHOD = "taobao.tmc.topic.group.add"
    REPLY = TmcTopicGroupAddReply

    group_name: str  # TMC group name; empty = default group; must not start with "default"
    topics: Values  # comma list of topic names; at most 20


class TmcTopicGroupDeleteReply(Reply, kw_only=True):
    """Reply of `taobao.tmc.topic.group.delete`."""

    result: bool | None = None


class TmcTopicGroupDelete(Request[TmcTopicGroupDeleteReply], frozen=True, kw_only=True):
    """Calls `taobao.tmc.topic.group.delete`: tmc topic group delete (删除消息topic分组路由).

    Current. Session: none. A repeat sets the same again.
    """

    METHOD = "taobao.tmc.topic.group.delete"
    REPLY = TmcTopicGroupDeleteReply

    group_name: str  # TMC group name; empty = default group; must not start with "default"
    topics: Values  # comma list of topic names; at most 20
    group_id: int | None = None  # group id


class TmcQueueGetReply(Reply, kw_only=True):
    """Reply of `taobao.tmc.queue.get`."""

    datas: Rows[TmcQueueInfo] = Rows()


class TmcQueueGet(Request[TmcQueueGetReply], frozen=True, kw_only=True):
    """Calls `taobao.tmc.queue.get`: queue backlog of a group (获取消息队列积压情况).

    Current. Session: none. A repeat changes nothing.
    """

    METHOD = "taobao.tmc.queue.get"
    REPLY = TmcQueueGetReply

    group_name: str  # TMC group name; empty = default group; must not start with "default"


class TmcAuthGetReply(Reply, kw_only=True):
    """Reply of `taobao.tmc.auth.get`."""

    result: str | None = None


class TmcAuthGet(Request[TmcAuthGetReply], frozen=True, kw_only=True):
    """Calls `taobao.tmc.auth.get`: tmc auth get (TMC授权token).

    Current. Session: optional. A repeat changes nothing.
    """

    METHOD = "taobao.tmc.auth.get"
    REPLY = TmcAuthGetReply

    group: str | None = None  # TMC group name


class TmcMsgSendrecordReply(Reply, kw_only=True):
    """Reply of `taobao.tmc.msg.sendrecord`."""

    tmc_send_times: int | None = None
    tb_send_times: int | None = None
    tb_send_list: str | None = None
    tmc_send_list: str | None = None


class TmcMsgSendrecord(Request[TmcMsgSendrecordReply], frozen=True, kw_only=True):
    """Calls `taobao.tmc.msg.sendrecord`: tmc msg sendrecord.

    Removed. Session: none. A repeat changes nothing.
    Older apps may still call it; new ones use taobao.tmc.queue.get.
    """

    METHOD = "taobao.tmc.msg.sendrecord"
    REPLY = TmcMsgSendrecordReply

    group_name: str  # TMC group name; empty = default group; must not start with "default"
    topic_name: str  # topic name
    data_id: str  # data row id
