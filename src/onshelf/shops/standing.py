"""How a shop stands: until when it is authorised, what its last probe found, whether messages come, and what holds its work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from onshelf.clock import DAY_US
from onshelf.jobs.queue import Queue
from onshelf.shops import health
from onshelf.shops.health import Probed
from onshelf.shops.push import feeds
from onshelf.shops.shop import Shop
from onshelf.shops.store import ShopStore, StoredToken
from onshelf.shops.tokens.expiry import days_reached, ends_us, tiers


@dataclass(frozen=True, slots=True)
class Authorisation:
    """When an authorisation ends, as far as the platform said; without its secrets."""

    dead: bool  # the platform refused it for good
    expires_us: int | None  # the session in use; None: not told
    ends_us: int | None  # when only a person can renew it; None: not told
    # the last of 30, 7, 1 and 0 days before the end that has come; None: none yet, or not told
    warn_days: int | None
    refreshable: bool
    sub_nick: str  # of the sub-account that authorised; empty for the shop's own
    tiers: Mapping[str, int | None]  # r1, r2, w1, w2; None: as the session itself, as far as is known
    now_us: int

    @property
    def days_left(self) -> float | None:
        """Days until only a person can renew it; below zero after that; None: not told."""
        return None if self.ends_us is None else (self.ends_us - self.now_us) / DAY_US


def authorisation(stored: StoredToken | None, now_us: int) -> Authorisation | None:
    """Tells how long a token serves; None: the shop was never authorised."""
    if stored is None:
        return None
    end_us = ends_us(stored.token)
    return Authorisation(
        dead=stored.dead,
        expires_us=stored.token.expires_us,
        ends_us=end_us,
        warn_days=days_reached(end_us, now_us),
        refreshable=stored.token.refreshable(now_us),
        sub_nick=stored.token.sub_nick,
        tiers=tiers(stored.token),
        now_us=now_us,
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """One shop and all that is known of how it fares."""

    shop: Shop
    authorisation: Authorisation | None  # None: never authorised
    probed: Probed | None  # None: never probed
    push: feeds.Standing
    link: feeds.Link | None  # what says how messages come; None: nothing ever did
    held: tuple[str, ...]  # text keys of the reasons its jobs wait; empty: they go on


async def standings(store: ShopStore, queue: Queue, shops: Sequence[Shop], now_us: int) -> list[Standing]:
    """Tells how shops stand, in the order given."""
    names = [one.shop_id for one in shops]
    tokens, probes = await store.tokens(names), await health.probes(store.db, names)
    links, held = await feeds.links(store.db), await queue.held_shops()
    return [
        Standing(
            one,
            authorisation(tokens.get(one.shop_id), now_us),
            probes.get(one.shop_id),
            *feeds.standing(one, links, now_us),
            tuple(held.get(one.shop_id, ())),
        )
        for one in shops
    ]
