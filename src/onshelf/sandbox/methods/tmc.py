"""taobao.tmc.*: consent, consumer groups, and messages over HTTP, from the same queues as the socket's.

Source: reference/top-protocol.md 6.7.
"""

from collections.abc import Mapping

import msgspec

from onshelf.sandbox import topics
from onshelf.sandbox.arguments import project
from onshelf.sandbox.call import Call, Handler
from onshelf.sandbox.clock import wire_time
from onshelf.sandbox.errors import BusinessError
from onshelf.sandbox.rules import invalid
from onshelf.sandbox.tmc.exchange import DEFAULT_GROUP, Exchange, Key
from onshelf.sandbox.tmc.produce import produce
from onshelf.sandbox.tmc.queue import Delivery, Kept
from onshelf.sandbox.tmc.talk import auth_token
from onshelf.sandbox.wire import Json, listed, read_json

CONSUMED = 100  # unless told
GROUP_NAME_MOST = 32
BROKER = "sandbox-broker"


class TmcMessage(msgspec.Struct):
    """A message as consume answers it, fields in the recorded order."""

    user_id: int
    user_nick: str
    content: str
    id: int
    pub_time: str
    pub_app_key: str
    topic: str


class _Published(msgspec.Struct):
    """One message of messages.produce."""

    topic: str
    content: str
    target_app_key: str = ""
    target_group: str = ""
    delay_millis: int = 0
    expires_millis: int = 0


def _words(text: str) -> list[str]:
    return [word for part in text.split(",") if (word := part.strip())]


def _group(call: Call) -> Key:
    """Returns the named queue; the default one without a name. Raises: BusinessError when the app has no such group."""
    key = (call.app.app_key, call.get("group_name", DEFAULT_GROUP))
    if key[1] != DEFAULT_GROUP and key not in call.world.messages.groups:
        raise BusinessError("isv.group-not-exist:invalid-group_name", f"应用没有这个分组：{key[1]}")
    return key


def consume(call: Call) -> Json:
    """Gives out messages; each comes again when it is not confirmed in time."""
    key, exchange = _group(call), call.world.messages
    most = call.number("quantity", CONSUMED)
    taken = exchange.queue(key).take(most, call.now, exchange.settings.redeliver_s)
    return listed("messages", "tmc_message", [_consumed(one) for one in taken])


def _consumed(delivery: Delivery) -> TmcMessage:
    message = delivery.message
    return TmcMessage(
        user_id=message.user_id,
        user_nick=message.nick,
        content=message.content,
        id=delivery.id,
        pub_time=wire_time(message.born_at),
        pub_app_key=message.publisher,
        topic=message.topic,
    )


def confirm(call: Call) -> Json:
    """Ends messages by the ids they were given out with; ids that are unknown or confirmed before are harmless."""
    queue = call.world.messages.queue(_group(call))
    for number in _ids(call, "s_message_ids"):
        queue.confirm(number)
    for number in _ids(call, "f_message_ids"):
        queue.fail(number)
    return {"is_success": True}


def _ids(call: Call, name: str) -> list[int]:
    words = _words(call.get(name))
    if not all(word.isascii() and word.isdecimal() for word in words):
        raise invalid(name, f"消息编号不是整数：{call.get(name)}")
    return [int(word) for word in words]


def user_permit(call: Call) -> Json:
    """Notes the seller's consent; its topics replace those of an earlier one, none are all of the app."""
    wanted = _words(call.get("topics"))
    _check_topics(wanted)
    record = call.shop.record
    call.world.messages.permit(call.app.app_key, record.nick, record.user_id, wanted, call.now)
    return {"is_success": True}


def _check_topics(wanted: list[str]) -> None:
    unknown = [topic for topic in wanted if not topics.exists(topic)]
    if unknown:
        raise invalid("topics", f"没有这些消息主题：{','.join(unknown)}")


def user_get(call: Call) -> Json:
    """Shows a seller's consent; nothing when there never was one."""
    exchange, nick = call.world.messages, call.text["nick"]
    permit = exchange.permit_of(call.app.app_key, nick)
    if permit is None:
        return {}
    row = {
        "created": wire_time(permit.created_at),
        "group_name": exchange.group_for(call.app.app_key, nick),
        "is_valid": permit.valid,
        "modified": wire_time(permit.modified_at),
        "topics": {"string": permit.topics or list(_subscribed(exchange, call.app.app_key))},
        "user_id": permit.user_id,
        "user_nick": nick,
        "user_platform": "tbUIC",
    }
    return {"tmc_user": project(row, call.method.pick(call.text["fields"]))}


def _subscribed(exchange: Exchange, app_key: str) -> tuple[str, ...]:
    return tuple(exchange.topics.get(app_key, ())) or topics.KNOWN


def user_cancel(call: Call) -> Json:
    """Takes a consent back; a user without one is answered false."""
    return {"is_success": call.world.messages.cancel(call.app.app_key, call.text["nick"], call.now)}


def user_topics_get(call: Call) -> Json:
    """Lists the topics the app gets of a seller."""
    exchange = call.world.messages
    permit = exchange.permit_of(call.app.app_key, call.get("nick", call.shop.nick))
    if permit is None or not permit.valid:
        return {"result_code": "isv.user-not-permitted", "result_message": "用户没有授权消息"}
    names = permit.topics or list(_subscribed(exchange, call.app.app_key))
    return {"result_code": "0", "result_message": "success", **listed("topics", "string", names)}


def group_add(call: Call) -> Json:
    """Puts users into a group, made when it is new."""
    name = _own_name(call)
    nicks = _words(call.text["nicks"])
    group = call.world.messages.join(call.app.app_key, name, nicks, call.now)
    return {"created": wire_time(group.created_at), "group_name": name}


def _own_name(call: Call) -> str:
    name = call.text["group_name"]
    if name.startswith(DEFAULT_GROUP) or len(name) > GROUP_NAME_MOST:
        raise invalid("group_name", f"分组名不能以default开头，不超过{GROUP_NAME_MOST}个字符")
    return name


def group_delete(call: Call) -> Json:
    """Takes users out of a group, or without users deletes it with its queue."""
    app_key, name = call.app.app_key, call.text["group_name"]
    return {"is_success": call.world.messages.leave(app_key, name, _words(call.get("nicks")))}


def groups_get(call: Call) -> Json:
    """Lists the app's own groups."""
    wanted, app_key = _words(call.get("group_names")), call.app.app_key
    names = [
        name for app, name in call.world.messages.groups if app == app_key and (not wanted or name in wanted)
    ]
    size = call.number("page_size", 40)
    skip = (call.number("page_no", 1) - 1) * size
    rows = [{"name": name} for name in names[skip : skip + size]]
    return {**listed("groups", "tmc_group", rows), "total_results": len(names)}


def topic_group_add(call: Call) -> Json:
    """Sends topics to a group whoever the user is."""
    wanted = _words(call.text["topics"])
    _check_topics(wanted)
    group = call.world.messages.join(call.app.app_key, _own_name(call), (), call.now)
    group.topics.extend(topic for topic in wanted if topic not in group.topics)
    return {"result": True}


def topic_group_delete(call: Call) -> Json:
    """Lets topics go where their users belong again."""
    group, gone = call.world.messages.groups.get(_group(call)), frozenset(_words(call.text["topics"]))
    if group is None:
        return {"result": False}
    group.topics = [topic for topic in group.topics if topic not in gone]
    return {"result": True}


def queue_get(call: Call) -> Json:
    """Counts what went into a queue and out of it; `put_toal` is spelt so on the wire."""
    key = _group(call)
    counts = call.world.messages.queue(key).counts
    row = {"broker_name": BROKER, "get_total": counts.delivered, "name": key[1], "put_toal": counts.put}
    return listed("datas", "tmc_queue_info", [row])


def msg_sendrecord(call: Call) -> Json:
    """Tells how often an unconfirmed message was given out, and by which ids; a confirmed one is forgotten."""
    queue, topic, data_id = (
        call.world.messages.queue(_group(call)),
        call.text["topic_name"],
        call.text["data_id"],
    )
    ids = next((one.ids for one in queue.kept() if _is_record(one, topic, data_id)), [])
    return {"tmc_send_list": ",".join(map(str, ids)), "tmc_send_times": len(ids)}


def _is_record(kept: Kept, topic: str, data_id: str) -> bool:
    return kept.message.topic == topic and str(kept.message.data_id) == data_id


def message_produce(call: Call) -> Json:
    """Publishes one message; attached media are not kept."""
    message, keys = produce(
        call.world,
        call.app.app_key,
        call.session,
        call.text["topic"],
        call.text["content"],
        call.now,
        group=call.get("target_group"),
        delay_s=call.number("delay_millis") / 1000,
        lives_s=call.number("expires_millis") / 1000,
    )
    return {"is_success": True, "msg_ids": {"string": [str(message.data_id)]}, "total": len(keys)}


def messages_produce(call: Call) -> Json:
    """Publishes up to 50 messages; each has its own result, and a wrong one does not stop the others."""
    try:
        wanted = read_json(call.text["messages"], list[_Published])
    except msgspec.DecodeError as error:
        raise invalid("messages", str(error)) from error
    results = [_produced(call, one) for one in wanted]
    return {
        "is_all_success": all(row["is_success"] for row in results),
        **listed("results", "tmc_produce_result", results),
    }


def _produced(call: Call, one: _Published) -> Json:
    try:
        produce(
            call.world,
            call.app.app_key,
            call.session,
            one.topic,
            one.content,
            call.now,
            group=one.target_group,
            delay_s=one.delay_millis / 1000,
            lives_s=one.expires_millis / 1000,
        )
    except BusinessError as refusal:
        return {"error_code": refusal.sub_code, "error_message": refusal.sub_msg, "is_success": False}
    return {"is_success": True}


def auth_get(call: Call) -> Json:
    """Hands out the token a CONNECT may carry."""
    return {"result": auth_token(call.app, call.get("group", DEFAULT_GROUP))}


METHODS: Mapping[str, Handler] = {
    "taobao.tmc.messages.consume": consume,
    "taobao.tmc.messages.confirm": confirm,
    "taobao.tmc.user.permit": user_permit,
    "taobao.tmc.user.get": user_get,
    "taobao.tmc.user.cancel": user_cancel,
    "taobao.tmc.user.topics.get": user_topics_get,
    "taobao.tmc.group.add": group_add,
    "taobao.tmc.group.delete": group_delete,
    "taobao.tmc.groups.get": groups_get,
    "taobao.tmc.topic.group.add": topic_group_add,
    "taobao.tmc.topic.group.delete": topic_group_delete,
    "taobao.tmc.queue.get": queue_get,
    "taobao.tmc.msg.sendrecord": msg_sendrecord,
    "taobao.tmc.message.produce": message_produce,
    "taobao.tmc.messages.produce": messages_produce,
    "taobao.tmc.auth.get": auth_get,
}
