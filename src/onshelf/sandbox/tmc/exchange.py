"""Who gets which message: what sellers permitted, groups of users and topics, and a queue for each app and group.

Pure: time is passed in. Source: reference/top-protocol.md 6.6 and 6.7.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from onshelf.sandbox.faults import Order
from onshelf.sandbox.tmc.queue import Message, Queue, SavedQueue

Key = tuple[str, str]  # app key, group

DEFAULT_GROUP = "default"
PLATFORM_APP = "12497914"  # publishes what happens to items and trades
REDELIVER_S = 60.0  # sources say 1 to 6 minutes
RETAIN_S = 86400.0
_FIRST_ID = 7_104_300_000_000_000  # looks like the platform's, and stays below 2^53


class Permit(msgspec.Struct):
    """A seller's consent that an app is told of changes."""

    app_key: str
    nick: str
    user_id: int
    topics: list[str]  # empty: all the app subscribes to
    created_at: float
    modified_at: float
    valid: bool = True  # False: cancelled


class Group(msgspec.Struct):
    """A consumer group of an app. A user is in one group only."""

    app_key: str
    name: str
    created_at: float
    nicks: list[str] = []
    topics: list[str] = []  # go here whoever the user is


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    """How the service behaves where the platform's ways are uncertain."""

    redeliver_s: float = REDELIVER_S
    retain_s: float = RETAIN_S
    disconnect_every: int = 0  # messages confirmed over sockets: that connection is cut; 0 never
    pongs: bool = False  # whether pings are answered; the platform's own Java client crashes on a pong


class SavedExchange(msgspec.Struct):
    """An exchange as one value; settings are not part of it."""

    permits: list[Permit] = []
    groups: list[Group] = []
    topics: dict[str, list[str]] = {}
    queues: list[tuple[str, str, SavedQueue]] = []
    last_id: int = _FIRST_ID


def _nothing_wrong(_topic: str, _now: float) -> Order | None:
    return None


def _nobody_waits(_key: Key) -> None:
    return None


class Exchange:
    """All messages of one world."""

    def __init__(self, saved: SavedExchange | None = None) -> None:
        self.settings = Settings()
        # decides what goes wrong with a message
        self.fate: Callable[[str, float], Order | None] = _nothing_wrong
        self.stored: Callable[[Key], None] = _nobody_waits  # told when a queue has got a message
        self.load(saved or SavedExchange())

    def load(self, saved: SavedExchange) -> None:
        """Replaces everything but settings by a saved exchange."""
        self._last_id = saved.last_id
        self._permits: dict[str, dict[str, Permit]] = {}
        for permit in saved.permits:
            self._permits.setdefault(permit.nick, {})[permit.app_key] = permit
        self.groups = {(one.app_key, one.name): one for one in saved.groups}
        self.topics = saved.topics
        self.queues = {(app, group): Queue(self.new_id, queue) for app, group, queue in saved.queues}

    def save(self) -> SavedExchange:
        """Returns everything as one value."""
        return SavedExchange(
            permits=list(self.permits()),
            groups=list(self.groups.values()),
            topics=self.topics,
            queues=[(app, group, queue.save()) for (app, group), queue in self.queues.items()],
            last_id=self._last_id,
        )

    def new_id(self) -> int:
        """Returns the next id, of a message or of a delivery."""
        self._last_id += 1
        return self._last_id

    def subscribe(self, app_key: str, topics: Iterable[str]) -> None:
        """Sets the topics an app gets at all; none: every topic, which is also what an app starts with."""
        self.topics[app_key] = list(topics)

    def permits(self) -> Iterable[Permit]:
        """Yields every consent, cancelled ones too."""
        return (one for of_seller in self._permits.values() for one in of_seller.values())

    def permit_of(self, app_key: str, nick: str) -> Permit | None:
        """Returns a seller's consent for an app; None when there never was one."""
        return self._permits.get(nick, {}).get(app_key)

    def permit(self, app_key: str, nick: str, user_id: int, topics: Iterable[str], now: float) -> Permit:
        """Notes a consent; its topics replace those of an earlier one."""
        old = self.permit_of(app_key, nick)
        permit = Permit(app_key, nick, user_id, list(topics), old.created_at if old else now, now)
        self._permits.setdefault(nick, {})[app_key] = permit
        return permit

    def cancel(self, app_key: str, nick: str, now: float) -> bool:
        """Takes a consent back; False when there was none."""
        permit = self.permit_of(app_key, nick)
        if permit is None or not permit.valid:
            return False
        permit.valid, permit.modified_at = False, now
        return True

    def heard(self, nick: str) -> bool:
        """Tells whether any app would be told of a change in this shop."""
        return nick in self._permits

    def group_for(self, app_key: str, nick: str, topic: str = "") -> str:
        """Returns the group a message goes to: that of its topic, else that of its user, else the default one."""
        own = [one for one in self.groups.values() if one.app_key == app_key]
        by_topic = (one.name for one in own if topic in one.topics)
        by_user = (one.name for one in own if nick in one.nicks)
        return next(by_topic, None) or next(by_user, None) or DEFAULT_GROUP

    def join(self, app_key: str, name: str, nicks: Iterable[str], now: float) -> Group:
        """Puts users into a group, made when it is new; they leave the one they were in."""
        group = self.groups.setdefault((app_key, name), Group(app_key, name, now))
        for nick in nicks:
            for one in self.groups.values():
                if one.app_key == app_key and nick in one.nicks:
                    one.nicks.remove(nick)
            group.nicks.append(nick)
        return group

    def leave(self, app_key: str, name: str, nicks: Iterable[str]) -> bool:
        """Takes users out of a group; without any, the group goes with its queue. False when there is no such group."""
        group, leaving = self.groups.get((app_key, name)), frozenset(nicks)
        if group is None:
            return False
        if leaving:
            group.nicks = [nick for nick in group.nicks if nick not in leaving]
        else:
            del self.groups[app_key, name]
            self.queues.pop((app_key, name), None)
        return True

    def queue(self, key: Key) -> Queue:
        """Returns the queue of an app's group."""
        found = self.queues.get(key)
        if found is None:
            found = self.queues[key] = Queue(self.new_id)
        return found

    def tell(self, nick: str, user_id: int, topic: str, content: Mapping[str, Any], at: float) -> int:
        """Tells of a change in a shop: every app it permitted for this topic; returns how many queues it went to."""
        if nick not in self._permits:
            return 0
        return len(self.publish(self.message(nick, user_id, topic, content, at)))

    def message(
        self,
        nick: str,
        user_id: int,
        topic: str,
        content: Mapping[str, Any] | str,
        at: float,
        publisher: str = PLATFORM_APP,
    ) -> Message:
        """Makes a message with a new id; nobody has it yet."""
        text = content if isinstance(content, str) else msgspec.json.encode(content).decode()
        return Message(self.new_id(), topic, text, publisher, user_id, nick, at)

    def publish(
        self, message: Message, *, group: str = "", delay_s: float = 0.0, lives_s: float = 0.0
    ) -> list[Key]:
        """Puts a message into the queue of every app that may have it; `group` "" is the one it belongs to."""
        keys = [
            (app_key, group or self.group_for(app_key, message.nick, message.topic))
            for app_key, permit in self._permits.get(message.nick, {}).items()
            if permit.valid and self._wanted(permit, message.topic)
        ]
        for key in keys:
            self.put(key, message, delay_s=delay_s, lives_s=lives_s)
        return keys

    def _wanted(self, permit: Permit, topic: str) -> bool:
        subscribed = self.topics.get(permit.app_key)
        return (not subscribed or topic in subscribed) and (not permit.topics or topic in permit.topics)

    def put(self, key: Key, message: Message, *, delay_s: float = 0.0, lives_s: float = 0.0) -> None:
        """Puts a message into one queue, unless a fault loses, doubles or delays it there."""
        fault = self.fate(message.topic, message.born_at)
        kind = fault.kind if fault else ""
        if kind == "lose_message":
            return
        late_s = fault.seconds if fault and kind == "swap_messages" else 0.0
        queue, born = self.queue(key), message.born_at
        queue.expire(born)
        for _ in range(2 if kind == "double_message" else 1):
            queue.put(message, born + delay_s + late_s, born + (lives_s or self.settings.retain_s))
        self.stored(key)
