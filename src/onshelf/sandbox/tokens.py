"""Authorisation as OAuth sees it: codes, tokens and their refresh. Source: reference/top-protocol.md 5."""

import hashlib
from urllib.parse import quote

from onshelf.sandbox.state import DAY_S, App, AuthCode, Session, World
from onshelf.sandbox.topics import AUTH_CANCEL
from onshelf.sandbox.wire import Json, sign

CODE_S = 600  # older texts say 10 minutes, newer ones 30: the shorter keeps callers honest
TIERS = ("r1", "r2", "w1", "w2")


class TokenRefused(Exception):
    """No token: the OAuth error and the platform's description."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


def issue_code(world: World, app_key: str, nick: str, now: float, redirect_uri: str = "") -> str:
    """Notes that a seller agreed; returns a code good for one use."""
    code = f"{world.random.getrandbits(128):032x}"
    world.codes[code] = AuthCode(app_key, nick, now + CODE_S, redirect_uri)
    return code


def from_code(world: World, app_key: str, code: str, now: float, redirect_uri: str = "") -> Json:
    """Trades a code for a token; a redirect_uri that is given must be the one the code was sent to. Raises: TokenRefused."""
    found = world.codes.get(code)
    if found is None or found.app_key != app_key or now >= found.expires_at:
        raise TokenRefused("invalid_grant", "authorize code expire")
    if redirect_uri and redirect_uri != found.redirect_uri:
        raise TokenRefused("invalid_grant", "redirect_uri is invalidate")
    del world.codes[code]
    return describe(world, world.add_session(app_key, found.nick, now), now)


def in_fragment(world: World, app: App, nick: str, now: float, state: str | None) -> dict[str, str]:
    """Returns a token as the browser is given it without a code: texts, the nick as it is, and `top_sign` over all of them.

    Source: top-protocol.md 2.5 and 5.1.
    """
    token = describe(world, world.add_session(app.app_key, nick, now), now)
    result = {name: str(value) for name, value in token.items()} | {"taobao_user_nick": nick}
    if state is not None:
        result["state"] = state
    return {**result, "top_sign": sign(result.items(), app.app_secret, "md5")}


def refresh(world: World, app_key: str, refresh_token: str, now: float) -> Json:
    """Trades a refresh token for a new token; the old ones live on until their own end (revocation is not documented).

    Raises: TokenRefused.
    """
    old = world.sessions.get(world.refreshable.get(refresh_token, ""))
    if old is None or old.app_key != app_key:
        raise TokenRefused("invalid_grant", "refresh_token is invalidate")
    if now >= old.refresh_until:
        raise TokenRefused("invalid_grant", "refresh_token expire")
    lasts = old.expires_at - old.created_at
    new = world.add_session(
        app_key, old.nick, now, expires_in=max(lasts, DAY_S), refresh_in=old.refresh_until - now
    )
    return describe(world, new, now)


def cancel(world: World, session: Session, now: float) -> None:
    """Takes an authorisation back, as a seller does, and the app is told.

    All tokens of the app for this seller end, their refresh too, and with them the consent to messages.
    """
    app_key, nick, messages = session.app_key, session.nick, world.messages
    for one in world.sessions.values():
        if (one.app_key, one.nick) == (app_key, nick):
            one.expires_at, one.refresh_until = min(one.expires_at, now), min(one.refresh_until, now)
    owner = world.shops[nick].record.user_id
    open_id = hashlib.sha256(f"{app_key}/{nick}".encode()).hexdigest()[:32]
    told = messages.message(nick, owner, AUTH_CANCEL, {"open_id": open_id, "user_id": owner}, now)
    messages.put((app_key, messages.group_for(app_key, nick, AUTH_CANCEL)), told)
    messages.cancel(app_key, nick, now)


def describe(world: World, session: Session, now: float) -> Json:
    """Returns a token as the platform writes it; the nick is URL-encoded."""
    owner = str(world.shops[session.nick].record.user_id)
    left = int(session.expires_at - now)
    tiers = {tier: int(session.tiers.get(tier, session.expires_at) - now) for tier in TIERS}
    return {
        "access_token": session.token,
        "expire_time": int(session.expires_at * 1000),
        "expires_in": left,
        "re_expires_in": max(0, int(session.refresh_until - now)),
        "refresh_token": session.refresh_token,
        "refresh_token_valid_time": int(session.refresh_until * 1000),
        **{f"{tier}_expires_in": seconds for tier, seconds in tiers.items()},
        **{f"{tier}_valid": int((now + seconds) * 1000) for tier, seconds in tiers.items()},
        "taobao_user_id": owner,
        "taobao_user_nick": quote(session.nick),
        "token_type": "Bearer",
    }
