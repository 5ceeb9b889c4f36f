"""Everything a sandbox holds as one value: the world, and what was ordered of it. Calls held at a barrier are not part of it."""

import msgspec

from onshelf.sandbox.clock import SavedClock
from onshelf.sandbox.faults import SavedRule
from onshelf.sandbox.gateway import Gateway
from onshelf.sandbox.quota import SavedGate
from onshelf.sandbox.receivers import Receivers, Settings
from onshelf.sandbox.receivers.inbox import SavedInbox
from onshelf.sandbox.shelf import Lagging
from onshelf.sandbox.state import Saved, Stats


class Late(msgspec.Struct):
    """What the lists and look-ups of one shop do not show yet."""

    items: Lagging
    pictures: list[tuple[float, int]]


class Snapshot(msgspec.Struct):
    """A sandbox as a value."""

    world: Saved
    late: dict[str, Late]  # by shop
    stats: Stats
    attempts: list[tuple[str, str, int]]  # seller, outer_id, creates that arrived
    clock: SavedClock
    faults: list[SavedRule]
    limits: list[SavedGate]
    inbox: SavedInbox
    receivers: Settings


def take(gateway: Gateway, receivers: Receivers) -> Snapshot:
    """Returns everything as it stands."""
    world = gateway.world
    return Snapshot(
        world=world.save(),
        late={
            shop.nick: Late(shop.shelf.lagging(), shop.pictures.lagging()) for shop in world.shops.values()
        },
        stats=world.stats,
        attempts=[(*key, count) for key, count in world.attempts.items()],
        clock=gateway.clock.save(),
        faults=gateway.faults.save(),
        limits=gateway.quota.save(),
        inbox=receivers.inbox.save(),
        receivers=Settings(receivers.dingtalk.keyword, receivers.dingtalk.limited),
    )


def put_back(snapshot: Snapshot, gateway: Gateway, receivers: Receivers) -> None:
    """Puts everything back as it stood."""
    world = gateway.world
    gateway.clock.load(snapshot.clock)
    world.load(snapshot.world)
    for nick, late in snapshot.late.items():
        world.shops[nick].shelf.lag_again(late.items)
        world.shops[nick].pictures.lag_again(late.pictures)
    world.stats = snapshot.stats
    world.attempts = {(nick, code): count for nick, code, count in snapshot.attempts}
    gateway.faults.load(snapshot.faults)
    gateway.quota.load(snapshot.limits)
    receivers.inbox.load(snapshot.inbox)
    receivers.adjust(snapshot.receivers)
