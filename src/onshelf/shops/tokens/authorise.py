"""Authorising a shop: the link a seller opens, the code that comes back, and the refresh of what it gave."""

from dataclasses import replace

from onshelf.clock import Clock
from onshelf.errors import SessionExpired, SettingsError, expected
from onshelf.platforms.top.auth import METHOD, Token, authorise_link, code_flow, exchange, refresh_flow
from onshelf.platforms.transport import Transport
from onshelf.shops.shop import Shop
from onshelf.shops.store import ShopStore


class Authoriser:
    """Speaks to the authorisation server of each shop; also the sessions' `Renewer`. Stores nothing."""

    def __init__(self, store: ShopStore, transport: Transport, clock: Clock) -> None:
        self._store = store
        self._transport = transport
        self._clock = clock

    def link(self, shop: Shop, *, redirect_uri: str, state: str) -> str:
        """Returns the page the seller opens. `state`: unguessable, comes back with the code.

        Raises SettingsError when the shop has no authorisation address.
        """
        return authorise_link(_address(shop), shop.app_key, redirect_uri, state)

    async def exchange(self, shop: Shop, code: str, *, redirect_uri: str) -> Token:
        """Turns a code, good once, into a token; hand it to `ShopSessions.accept`.

        Raises SettingsError, or the PlatformError family; after any of them a new code is needed.
        """
        secret = await self._store.secret(shop.app_key)
        now_us = self._clock.now_us()
        flow = code_flow(_address(shop), shop.app_key, secret.reveal(), code, redirect_uri, now_us)
        return await exchange(flow, self._transport)

    async def refresh(self, shop: Shop, token: Token) -> Token:
        """Gets the next token; the refresh token stays in use when the reply brings no other."""
        if not shop.oauth:
            raise SessionExpired(METHOD, "the shop has no authorisation address", platform_code=27)
        secret = await self._store.secret(shop.app_key)
        now_us = self._clock.now_us()
        flow = refresh_flow(shop.oauth, shop.app_key, secret.reveal(), token.refresh_token, now_us)
        fresh = await exchange(flow, self._transport)
        if fresh.refresh_token:
            return fresh
        return replace(fresh, refresh_token=token.refresh_token, refresh_until_us=token.refresh_until_us)


def _address(shop: Shop) -> str:
    if not shop.oauth:
        raise SettingsError("oauth", origin=f"shop {shop.shop_id}", expected=expected("oauth"))
    return shop.oauth
