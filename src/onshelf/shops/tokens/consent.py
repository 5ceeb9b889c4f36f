"""A seller's consent: asked for by a link, believed when it comes back with the state the link was made with, taken once.

The state is a secret of one link: kept as a digest, good for a while, and for whoever asked or for one seller it was sent to.
"""

from dataclasses import dataclass, replace
from random import Random
from typing import cast

from onshelf.clock import SECOND_US, Clock
from onshelf.errors import Conflict, OtherSeller
from onshelf.guard.tokens import digest, new_token
from onshelf.ids import ShopId
from onshelf.platforms.top.auth import Token
from onshelf.shops.shop import Shop
from onshelf.shops.store import ShopStore
from onshelf.shops.tokens.authorise import Authoriser
from onshelf.shops.tokens.sessions import ShopSessions
from onshelf.store.db import Database, Write

OWN_US = 30 * 60 * SECOND_US
"""How long a link is good for the person who asked for it."""
SENT_US = 24 * 3600 * SECOND_US
"""How long one is good that is sent to somebody else."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A consent that is waited for."""

    shop_id: ShopId
    redirect_uri: str  # where the code comes back; the exchange must name it again
    person_id: str  # who alone may bring it back; empty: whoever has the link
    asked_by: str  # as the audit log names people and keys
    until_us: int

    def is_for(self, person_id: str) -> bool:
        """Tells whether a visitor may bring it back; `person_id` is empty for one who has not signed in."""
        return self.person_id in ("", person_id)


class Consents:
    """The consents that are waited for; every write is durable when it returns."""

    def __init__(self, db: Database, clock: Clock, random: Random) -> None:
        self._db = db
        self._clock = clock
        self._random = random

    async def ask(
        self, shop: Shop, *, redirect_uri: str, asked_by: str, person_id: str = ""
    ) -> tuple[str, Asked]:
        """Begins to wait for one; returns the state of its link, kept nowhere else. `person_id`: see `Asked`."""
        state, now_us = new_token(self._random), self._clock.now_us()
        asked = Asked(
            shop.shop_id, redirect_uri, person_id, asked_by, now_us + (OWN_US if person_id else SENT_US)
        )
        put = Write(
            "INSERT INTO asked_consent (digest, shop_id, redirect_uri, person_id, asked_by, until_us) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (digest(state), asked.shop_id, redirect_uri, person_id, asked_by, asked.until_us),
        )
        await self._db.commit([Write("DELETE FROM asked_consent WHERE until_us <= ?", (now_us,)), put])
        return state, asked

    async def find(self, state: str) -> Asked | None:
        """Returns what a state stands for; None: never given out, used, or too old."""
        rows = await self._db.fetch(
            "SELECT shop_id, redirect_uri, person_id, asked_by, until_us FROM asked_consent "
            "WHERE digest = ? AND until_us > ?",
            (digest(state), self._clock.now_us()),
        )
        if not rows:
            return None
        shop_id, redirect_uri, person_id, asked_by, until_us = cast("tuple[str, str, str, str, int]", rows[0])
        return Asked(ShopId(shop_id), redirect_uri, person_id, asked_by, until_us)

    async def use(self, state: str) -> bool:
        """Uses a state up; false when somebody else was faster."""
        try:
            await self._db.commit(
                [Write("DELETE FROM asked_consent WHERE digest = ?", (digest(state),), expect_rows=1)]
            )
        except Conflict:
            return False
        return True


async def link_for(
    consents: Consents,
    authoriser: Authoriser,
    shop: Shop,
    *,
    redirect_uri: str,
    asked_by: str,
    person_id: str = "",
) -> tuple[str, Asked]:
    """Makes the link a seller opens; durable. `person_id`: see `Asked`.

    Raises SettingsError when the shop names no authorisation address. The platform is not asked.
    """
    authoriser.link(shop, redirect_uri=redirect_uri, state="")
    state, asked = await consents.ask(shop, redirect_uri=redirect_uri, asked_by=asked_by, person_id=person_id)
    return authoriser.link(shop, redirect_uri=redirect_uri, state=state), asked


async def take_code(
    store: ShopStore,
    authoriser: Authoriser,
    sessions: ShopSessions,
    shop: Shop,
    code: str,
    *,
    redirect_uri: str,
) -> Token:
    """Turns a code, good once, into a stored token; durable, and the shop's work goes on.

    Raises OtherSeller, with nothing stored, when another seller agreed than the one whose shop this is known to be; else
    what `Authoriser.exchange` raises.
    """
    token = await authoriser.exchange(shop, code, redirect_uri=redirect_uri)
    if shop.nick and token.nick and token.nick != shop.nick:
        raise OtherSeller(shop.shop_id, known=shop.nick, came=token.nick)
    await sessions.accept(shop.shop_id, token)
    await learn_nick(store, shop, token.nick)
    return token


async def learn_nick(store: ShopStore, shop: Shop, nick: str) -> None:
    """Keeps the seller's name when the platform told it; durable."""
    if nick and nick != shop.nick:
        await store.db.commit([store.update(replace(shop, nick=nick))])
