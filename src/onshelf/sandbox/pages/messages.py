"""The message service to look at and to disturb: queues, consents, connections; any message published, connections cut."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from onshelf.sandbox.bounds import Limit, Name, SomeSeconds
from onshelf.sandbox.errors import ControlError
from onshelf.sandbox.pages.answer import answer, read, route, whole
from onshelf.sandbox.platform import Platform
from onshelf.sandbox.tmc.exchange import DEFAULT_GROUP, Key
from onshelf.sandbox.tmc.queue import Kept, Message, Queue
from onshelf.sandbox.wire import Json

MOST_AT_ONCE = 1_000_000


class MessageOrder(msgspec.Struct, forbid_unknown_fields=True):
    """A message to publish as if it came from the platform."""

    topic: Name
    content: Any = {}  # an object; a text is sent as it is, JSON or not
    nick: str = ""  # "" the first shop
    count: Annotated[int, Meta(ge=1, le=MOST_AT_ONCE)] = 1  # so many messages, each with its own data id
    app_key: str = ""  # with app_key or group: into this queue, whatever the seller permitted
    group: str = ""


class ServiceOrder(msgspec.Struct, forbid_unknown_fields=True):
    """What to change; None leaves it as it is."""

    redeliver_s: SomeSeconds | None = None
    retain_s: SomeSeconds | None = None
    disconnect_every: Limit | None = None  # messages confirmed; 0 never
    pongs: bool | None = None  # whether pings are answered
    hang_up: bool = False  # closes all connections now


def routes(platform: Platform) -> list[BaseRoute]:
    """Returns the routes of the message service."""
    return MessagePages(platform).routes()


class MessagePages:
    """The pages of one platform's message service."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def routes(self) -> list[BaseRoute]:
        return [
            route("/_sandbox/messages", self.messages, "GET", "POST"),
            route("/_sandbox/messages/service", self.service, "GET", "POST"),
        ]

    async def messages(self, request: Request) -> Response:
        """Shows queues, consents and groups, with `rows` also each queue's first messages; or publishes messages."""
        if request.method == "POST":
            return answer(_publish(self._platform, await read(request, MessageOrder)))
        self._platform.gateway.settle_all()
        rows = whole(request, "rows", 1) if "rows" in request.query_params else 0
        exchange = self._platform.world.messages
        return answer(
            {
                "queues": [_queue(self._platform, *pair, rows) for pair in sorted(exchange.queues.items())],
                "permits": [msgspec.to_builtins(one) for one in exchange.permits()],
                "groups": [msgspec.to_builtins(one) for one in exchange.groups.values()],
            }
        )

    async def service(self, request: Request) -> Response:
        """Shows or changes how messages are redelivered, and cuts connections."""
        platform, hung_up = self._platform, 0
        if request.method == "POST":
            order = await read(request, ServiceOrder)
            _adjust(platform, order)
            hung_up = platform.links.hang_up() if order.hang_up else 0
        settings = msgspec.to_builtins(platform.world.messages.settings)
        return answer(
            {
                **settings,
                "pushed": platform.links.pushed,
                "confirmed": platform.links.confirmed,
                "hung_up": hung_up,
            }
        )


def _queue(platform: Platform, key: Key, queue: Queue, rows: int) -> Json:
    app_key, group = key
    links = [one for one in platform.links.shown() if (one["app_key"], one["group"]) == key]
    shown: Json = {"app_key": app_key, "group": group, "waiting": queue.waiting}
    shown |= {"unconfirmed": queue.unconfirmed, **msgspec.to_builtins(queue.counts), "connections": links}
    if rows:
        again_s = platform.world.messages.settings.redeliver_s
        shown["messages"] = [_row(one, again_s) for one in queue.rows(rows)]
    return shown


def _row(kept: Kept, again_s: float) -> Json:
    """Returns a message with the ids of its deliveries, and from when on it is given out, or given out again."""
    due_at = kept.delivered_at + again_s if kept.ids else kept.due_at
    return {**msgspec.to_builtins(kept.message), "due_at": due_at, "ids": kept.ids}


def _publish(platform: Platform, order: MessageOrder) -> Json:
    """Publishes as ordered. Raises: ControlError naming the field."""
    messages = [_message(platform, order) for _ in range(order.count)]
    keys = _direct(platform, order)
    exchange = platform.world.messages
    for message in messages:
        if order.app_key or order.group:
            exchange.put(keys[0], message)
        else:
            keys = exchange.publish(message)
    ids = {"first_data_id": messages[0].data_id, "last_data_id": messages[-1].data_id}
    return {**ids, "queues": [{"app_key": app_key, "group": group} for app_key, group in keys]}


def _message(platform: Platform, order: MessageOrder) -> Message:
    nick = order.nick or platform.options.seller_nick
    shop = platform.world.shops.get(nick)
    if shop is None:
        raise ControlError("nick", f"no such shop: {nick}; use one of {', '.join(platform.world.shops)}")
    now = platform.clock.now()
    return platform.world.messages.message(nick, shop.record.user_id, order.topic, order.content, now)


def _direct(platform: Platform, order: MessageOrder) -> list[Key]:
    app_key = order.app_key or platform.options.app_key
    if app_key not in platform.world.apps:
        raise ControlError("app_key", f"no such app: {app_key}; add it at /_sandbox/apps")
    return [(app_key, order.group or DEFAULT_GROUP)]


def _adjust(platform: Platform, order: ServiceOrder) -> None:
    """Changes what is given."""
    settings = platform.world.messages.settings
    for name in ("redeliver_s", "retain_s", "disconnect_every", "pongs"):
        given = getattr(order, name)
        if given is not None:
            setattr(settings, name, given)
