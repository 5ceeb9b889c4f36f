"""A shop, and the rules of its name, its addresses and the life of its token. Pure values."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import urlsplit

from onshelf.errors import SettingsError, expected
from onshelf.ids import AppKey, ShopId
from onshelf.platforms.port import ShopRef
from onshelf.platforms.top.auth import Token

_NAME = re.compile(r"[A-Za-z0-9_\u3400-\u9fff][A-Za-z0-9_\u3400-\u9fff-]{0,63}")
NEVER_US = (1 << 63) - 1
"""A time that does not come."""


class ShopState(StrEnum):
    """Whether a shop can be worked for."""

    NEW = "new"  # never authorised
    AUTHORISED = "authorised"
    EXPIRED = "expired"  # a person must authorise again
    PAUSED = "paused"  # a person stopped all its jobs; its shelf is still watched


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop an operator added. Its secrets are kept apart."""

    shop_id: ShopId  # the operator's name for it
    platform: str  # "taobao"
    app_key: AppKey
    gateway: str  # where calls go
    oauth: str  # where authorise and token addresses begin; "" when sessions come from a file
    tmc: str  # where messages are pushed from; "" for none
    nick: str  # the seller's name on the platform; "" until a probe or an authorisation told it
    state: ShopState
    created_us: int

    def ref(self) -> ShopRef:
        """Gives what the platform's client needs to know."""
        return ShopRef(self.shop_id, self.app_key, self.gateway)


def session_only(session: str) -> Token:
    """Makes a token of a session string from elsewhere: its end is not known, and it cannot be refreshed."""
    return Token(
        session=session,
        refresh_token="",
        expires_us=None,
        refresh_until_us=0,
        read_until_us=(None, None),
        write_until_us=(None, None),
        user_id="",
        nick="",
    )


def is_alive(token: Token, now_us: int) -> bool:
    """Tells whether the session has not yet run out, as far as is known."""
    return token.expires_us is None or now_us < token.expires_us


def look_at_us(token: Token, obtained_us: int, margin_us: int) -> int:
    """Tells when to think about a token again: to refresh it early, or when it runs out.

    Early is `margin_us` before the end, but at most a fifth of its whole life.
    """
    if token.expires_us is None:
        return NEVER_US
    if not token.refreshable(obtained_us):
        return token.expires_us
    return token.expires_us - min(margin_us, (token.expires_us - obtained_us) // 5)


def check_shop(shop: Shop) -> Shop:
    """Returns the shop when name, key and addresses are well formed; raises SettingsError naming what is not."""
    if not _NAME.fullmatch(shop.shop_id):
        raise SettingsError(
            "NAME",
            value=shop.shop_id[:80],
            origin="shop",
            expected=expected("shop_name"),
        )
    if not shop.app_key.strip():
        raise SettingsError("app_key", value=shop.app_key, origin="shop", expected=expected("app_key"))
    _check_address("gateway", shop.gateway, ("http", "https"), needed=True)
    _check_address("oauth", shop.oauth, ("http", "https"))
    _check_address("tmc", shop.tmc, ("ws", "wss"))
    return replace(shop, oauth=shop.oauth.rstrip("/"))


def _check_address(name: str, address: str, schemes: tuple[str, ...], *, needed: bool = False) -> None:
    if not address and not needed:
        return
    try:
        parts = urlsplit(address)
        well_formed = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        well_formed = False
    if not well_formed:
        forms = " | ".join(f"{scheme}://…" for scheme in schemes)
        raise SettingsError(name, value=address[:200], origin="shop", expected=forms)
