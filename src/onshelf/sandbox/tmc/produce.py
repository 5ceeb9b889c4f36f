"""Messages that apps publish themselves, over HTTP or the socket. Source: reference/top-protocol.md 6.4 and 6.7."""

import msgspec

from onshelf.sandbox import topics
from onshelf.sandbox.errors import BusinessError
from onshelf.sandbox.state import Session, World
from onshelf.sandbox.tmc.exchange import Key
from onshelf.sandbox.tmc.queue import Message
from onshelf.sandbox.wire import read_json

MOST_CONTENT = 122_880  # characters
MOST_TOPIC = 256


def produce(
    world: World,
    app_key: str,
    session: Session | None,
    topic: str,
    content: str,
    now: float,
    *,
    group: str = "",
    delay_s: float = 0.0,
    lives_s: float = 0.0,
) -> tuple[Message, list[Key]]:
    """Publishes a message about the session's seller to the apps that may have it; without a session to the app itself.

    `lives_s` 0 is as long as any message. Raises: BusinessError: no such topic, content that is not JSON.
    """
    _check(topic, content)
    exchange = world.messages
    if session is None:
        message = exchange.message("", 0, topic, content, now, app_key)
        keys = [(app_key, group or exchange.group_for(app_key, "", topic))]
        exchange.put(keys[0], message, delay_s=delay_s, lives_s=lives_s)
        return message, keys
    owner = world.shops[session.nick].record.user_id
    message = exchange.message(session.nick, owner, topic, content, now, app_key)
    return message, exchange.publish(message, group=group, delay_s=delay_s, lives_s=lives_s)


def _check(topic: str, content: str) -> None:
    if not topics.exists(topic) or len(topic) > MOST_TOPIC:
        raise BusinessError("isv.invalid-parameter:topic", f"没有这个消息主题：{topic}")
    if len(content) > MOST_CONTENT:
        raise BusinessError("isv.invalid-parameter:content", f"消息内容不能超过{MOST_CONTENT}个字符")
    try:
        read_json(content, object)
    except msgspec.DecodeError as error:
        raise BusinessError("isv.invalid-parameter:content", "消息内容不是JSON") from error
