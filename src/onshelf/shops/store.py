"""The tables of shops, apps and tokens. Secrets are sealed before they come here to rest, each bound to its owner."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, cast

import msgspec

from onshelf.errors import Conflict, SettingsError, expected
from onshelf.guard.vault import Vault
from onshelf.ids import AppKey, ShopId
from onshelf.platforms.top.auth import Token
from onshelf.settings import Secret
from onshelf.shops import health
from onshelf.shops.shop import Shop, ShopState
from onshelf.store.db import Database, Row, Write
from onshelf.store.sql import marks

_COLUMNS = "shop_id, platform, app_key, gateway, oauth, tmc, nick, state, created_us"


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A token as it was read."""

    token: Token
    obtained_us: int
    version: int  # compare-and-set on it
    dead: bool  # the platform refused it for good


class ShopStore:
    """Verbs over the records of shops; writes are values, to be joined with those of other rooms."""

    def __init__(self, db: Database, vault: Vault) -> None:
        self.db = db
        self._vault = vault

    def add(self, shop: Shop, secret: Secret) -> list[Write]:
        """Stores a new shop and the secret of its app; a name that is there already is a Conflict at commit.

        The secret replaces an earlier one of the same app, for all its shops.
        """
        insert = Write(
            f"INSERT INTO shop ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            (
                shop.shop_id,
                shop.platform,
                shop.app_key,
                shop.gateway,
                shop.oauth,
                shop.tmc,
                shop.nick,
                shop.state,
                shop.created_us,
            ),
        )
        return [insert, self.put_secret(shop.app_key, secret)]

    def update(self, shop: Shop) -> Write:
        """Replaces addresses, app and nick of a shop; its state has its own verb. Conflict: no such shop."""
        return Write(
            "UPDATE shop SET app_key = ?, gateway = ?, oauth = ?, tmc = ?, nick = ? WHERE shop_id = ?",
            (shop.app_key, shop.gateway, shop.oauth, shop.tmc, shop.nick, shop.shop_id),
            expect_rows=1,
        )

    def set_state(self, shop_id: ShopId, state: ShopState) -> Write:
        """Sets the state of a shop, except that of a paused one: only `end_pause` does that."""
        return Write("UPDATE shop SET state = ? WHERE shop_id = ? AND state <> 'paused'", (state, shop_id))

    def end_pause(self, shop_id: ShopId, state: ShopState) -> Write:
        """Sets the state of a paused shop; any other is left as it is."""
        return Write("UPDATE shop SET state = ? WHERE shop_id = ? AND state = 'paused'", (state, shop_id))

    async def get(self, shop_id: str) -> Shop | None:
        """Returns a shop, or None when there is none of that name."""
        rows = await self.db.fetch(f"SELECT {_COLUMNS} FROM shop WHERE shop_id = ?", (shop_id,))  # noqa: S608
        return _shop(rows[0]) if rows else None

    def remove(self, shop_id: ShopId) -> list[Write]:
        """Forgets a shop and its token; the app's secret stays, other shops may share it. Conflict: no such shop."""
        return [
            Write("DELETE FROM shop WHERE shop_id = ?", (shop_id,), expect_rows=1),
            Write("DELETE FROM shop_token WHERE shop_id = ?", (shop_id,)),
            Write("DELETE FROM asked_consent WHERE shop_id = ?", (shop_id,)),
            *health.forget(shop_id),
        ]

    def remove_unused_app(self, app_key: AppKey) -> Write:
        """Forgets the secret of an app that no shop uses."""
        return Write(
            "DELETE FROM app WHERE app_key = ? AND NOT EXISTS (SELECT 1 FROM shop WHERE shop.app_key = app.app_key)",
            (app_key,),
        )

    async def page(
        self,
        *,
        after: str = "",
        state: ShopState | None = None,
        only: Collection[str] | None = None,
        limit: int,
    ) -> list[Shop]:
        """Returns shops by name, those behind `after`; of one state when named, of some shops alone unless `only` is None."""
        wanted: dict[str, Sequence[str]] = {"shop_id > ?": (after,)}
        if state is not None:
            wanted["state = ?"] = (state,)
        if only is not None:
            wanted[f"shop_id IN ({marks(only)})"] = sorted(only)
        rows = await self.db.fetch(
            f"SELECT {_COLUMNS} FROM shop WHERE {' AND '.join(wanted)} ORDER BY shop_id LIMIT ?",  # noqa: S608
            [*chain.from_iterable(wanted.values()), limit],
        )
        return [_shop(row) for row in rows]

    async def list(self) -> list[Shop]:
        """Returns all shops by name."""
        return [_shop(row) for row in await self.db.fetch(f"SELECT {_COLUMNS} FROM shop ORDER BY shop_id")]  # noqa: S608

    def put_secret(self, app_key: AppKey, secret: Secret) -> Write:
        """Stores the secret of an app, replacing an earlier one."""
        sealed = self._vault.seal(secret.reveal().encode(), f"app:{app_key}")
        return Write(
            "INSERT INTO app (app_key, secret) VALUES (?, ?)"
            " ON CONFLICT (app_key) DO UPDATE SET secret = excluded.secret",
            (app_key, sealed),
        )

    async def secret(self, app_key: str) -> Secret:
        """Returns the secret of an app; raises SettingsError when the app is not known."""
        rows = await self.db.fetch("SELECT secret FROM app WHERE app_key = ?", (app_key,))
        if not rows:
            raise SettingsError("app_key", value=app_key, origin="shop", expected=expected("known_app"))
        return Secret(self._vault.open(cast("bytes", rows[0][0]), f"app:{app_key}").decode())

    async def token(self, shop_id: ShopId) -> StoredToken | None:
        """Returns the token of a shop, or None when it was never authorised."""
        rows = await self.db.fetch(
            "SELECT sealed, obtained_us, version, dead FROM shop_token WHERE shop_id = ?", (shop_id,)
        )
        if not rows:
            return None
        return self._stored(shop_id, *rows[0])

    def _stored(self, shop_id: ShopId, *row: object) -> StoredToken:
        sealed, obtained_us, version, dead = cast("tuple[bytes, int, int, int]", row)
        token = msgspec.json.decode(self._vault.open(sealed, f"token:{shop_id}"), type=Token)
        return StoredToken(token, obtained_us, version, bool(dead))

    async def tokens(self, shop_ids: Sequence[ShopId]) -> dict[ShopId, StoredToken]:
        """Returns the tokens of shops; those never authorised are absent."""
        if not shop_ids:
            return {}
        rows = await self.db.fetch(
            f"SELECT shop_id, sealed, obtained_us, version, dead FROM shop_token WHERE shop_id IN ({marks(shop_ids)})",  # noqa: S608
            shop_ids,
        )
        return {
            ShopId(cast("str", shop_id)): self._stored(ShopId(cast("str", shop_id)), *rest)
            for shop_id, *rest in rows
        }

    async def token_versions(self) -> dict[ShopId, int]:
        """Returns the version of each living token."""
        rows = await self.db.fetch("SELECT shop_id, version FROM shop_token WHERE dead = 0")
        return {ShopId(shop_id): version for shop_id, version in cast("list[tuple[str, int]]", rows)}

    def put_token(
        self, shop_id: ShopId, token: Token, *, obtained_us: int, version: int | None = None
    ) -> Write:
        """Stores a token as the next version; with `version` only after that one (Conflict)."""
        sealed = self._vault.seal(msgspec.json.encode(token), f"token:{shop_id}")
        if version is not None:
            return Write(
                "UPDATE shop_token SET sealed = ?, obtained_us = ?, version = version + 1, dead = 0,"
                " refreshing_until_us = 0 WHERE shop_id = ? AND version = ?",
                (sealed, obtained_us, shop_id, version),
                expect_rows=1,
            )
        return Write(
            "INSERT INTO shop_token (shop_id, version, obtained_us, sealed) VALUES (?, 1, ?, ?)"
            " ON CONFLICT (shop_id) DO UPDATE SET sealed = excluded.sealed, obtained_us = excluded.obtained_us,"
            " version = shop_token.version + 1, dead = 0, refreshing_until_us = 0",
            (shop_id, obtained_us, sealed),
        )

    def bury_token(self, shop_id: ShopId, version: int) -> Write:
        """Marks a token as refused for good. Conflict: it is marked already, or a newer one has come."""
        return Write(
            "UPDATE shop_token SET dead = 1, refreshing_until_us = 0 WHERE shop_id = ? AND version = ? AND dead = 0",
            (shop_id, version),
            expect_rows=1,
        )

    async def begin_refresh(self, shop_id: ShopId, version: int, *, now_us: int, until_us: int) -> bool:
        """Takes the right to refresh this version of a token; false when another process has it or was faster."""
        claim = Write(
            "UPDATE shop_token SET refreshing_until_us = ?"
            " WHERE shop_id = ? AND version = ? AND refreshing_until_us <= ?",
            (until_us, shop_id, version, now_us),
            expect_rows=1,
        )
        try:
            await self.db.commit([claim])
        except Conflict:
            return False
        return True

    def end_refresh(self, shop_id: ShopId, version: int) -> Write:
        """Gives the right to refresh back after a failure."""
        return Write(
            "UPDATE shop_token SET refreshing_until_us = 0 WHERE shop_id = ? AND version = ?",
            (shop_id, version),
        )


def _shop(row: Row) -> Shop:
    shop_id, platform, app_key, gateway, oauth, tmc, nick, state, created_us = cast("tuple[Any, ...]", row)
    return Shop(
        ShopId(shop_id), platform, AppKey(app_key), gateway, oauth, tmc, nick, ShopState(state), created_us
    )
