"""The sandbox without HTTP: options, state, gateway and receivers of one stand-in platform."""

from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from onshelf.sandbox.clock import SandboxClock, TimeSource
from onshelf.sandbox.faults import Faults, Order
from onshelf.sandbox.gateway import Gateway
from onshelf.sandbox.quota import Limits
from onshelf.sandbox.receivers import Receivers
from onshelf.sandbox.replay import Recording
from onshelf.sandbox.seed import FIRST_ITEM, FIRST_SHOP, fill
from onshelf.sandbox.snapshot import Snapshot, put_back, take
from onshelf.sandbox.state import App, World
from onshelf.sandbox.tmc.exchange import REDELIVER_S, Settings
from onshelf.sandbox.tmc.links import Links
from onshelf.sandbox.wire import Json


@dataclass(frozen=True)
class Options:
    """What a sandbox starts with; the defaults make the published signature vectors work."""

    app_key: str = "12345678"
    app_secret: str = "helloworld"
    session: str = "test"
    seller_nick: str = FIRST_SHOP
    seed: int = 0
    items: int = 0  # made from the seed when they are looked at, up to 10,000,000
    state: Path | None = None  # loaded at the start when it exists, written at the end
    more_apps: dict[str, str] = field(default_factory=dict)  # app key → secret
    limits: Limits = field(default_factory=Limits)  # of the first app; app_key is filled in
    replay: Path | None = None  # a recording that answers equal calls
    redeliver_s: float = REDELIVER_S  # until an unconfirmed message is pushed again


class Platform:
    """One platform: state, gateway and receivers."""

    def __init__(self, options: Options | None = None, clock: TimeSource | None = None) -> None:
        self.options = options or Options()
        self.clock = SandboxClock(clock)
        self.tmc: str | None = None  # where messages are served; None in one process
        self.receivers = Receivers(self.clock)
        self.links = Links(self.options.seed)
        self.gateway = Gateway(World(self.options.seed), self.clock, Faults(self.options.seed))
        if self.options.replay:
            self.gateway.recording = Recording.load(self.options.replay)
        self.reset()
        if self.options.state and self.options.state.exists():
            self.restore(self.options.state.read_bytes())
            self._limit()

    @property
    def world(self) -> World:
        """Returns the state; a reset makes a new one."""
        return self.gateway.world

    def reset(self) -> None:
        """Starts over with the seeded world at the present time; faults, quotas, barriers, calls and messages are gone."""
        options, gateway = self.options, self.gateway
        self.clock.reset()
        gateway.barriers.clear()
        gateway.calls.clear()
        gateway.world = World(options.seed)
        gateway.faults = Faults(options.seed)
        self._connect_messages()
        gateway.quota.gates.clear()
        self.receivers.clear()
        fill(
            gateway.world,
            self.clock.now(),
            app_key=options.app_key,
            app_secret=options.app_secret,
            session=options.session,
            nick=options.seller_nick,
            items=options.items,
        )
        for app_key, secret in options.more_apps.items():
            gateway.world.apps[app_key] = App(app_key, secret)
        self._limit()

    def _limit(self) -> None:
        """Sets the limits the sandbox was started with."""
        limits = msgspec.structs.replace(self.options.limits, app_key=self.options.app_key)
        if limits.per_second or limits.per_minute or limits.per_day:
            self.gateway.quota.set(limits)

    def _connect_messages(self) -> None:
        """Lets faults strike a new world's messages, and connections hear of them."""
        messages = self.world.messages
        messages.settings = Settings(redeliver_s=self.options.redeliver_s)
        messages.fate, messages.stored = self._message_fate, self.links.ring

    def _message_fate(self, topic: str, now: float) -> Order | None:
        order = self.gateway.faults.decide_message(topic, now)
        if order:
            struck = self.world.stats.faults
            struck[order.kind] = struck.get(order.kind, 0) + 1
        return order

    def snapshot(self) -> bytes:
        """Returns everything as bytes: the world, what lists do not show yet, clock, faults, limits and what was received."""
        return msgspec.msgpack.encode(take(self.gateway, self.receivers))

    def restore(self, saved: bytes) -> None:
        """Goes back to a snapshot. Raises: msgspec.DecodeError when the bytes are none."""
        put_back(msgspec.msgpack.decode(saved, type=Snapshot), self.gateway, self.receivers)

    def info(self, base: str) -> Json:
        """Returns what a client must know, for a server at `base` (`http://127.0.0.1:8080`)."""
        options = self.options
        return {
            "gateway": f"{base}/router/rest",
            "batch": f"{base}/router/batch",
            "oauth": f"{base}/oauth",
            "tmc": self.tmc,
            "control": f"{base}/_sandbox",
            "app_key": options.app_key,
            "app_secret": options.app_secret,
            "session": options.session,
            "seller_nick": options.seller_nick,
            "num_iid": FIRST_ITEM,
            **self.receivers.info(base),
        }
