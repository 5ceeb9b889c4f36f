"""An identity provider on a real socket: OpenID Connect with keys of its own, and the forms DingTalk and Feishu have."""

import base64
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

CLIENT, SECRET = "onshelf-console", "provider-secret"


@dataclass(slots=True)
class Identity:
    """What the provider knows and does; tests turn its fields to make it lie."""

    address: str
    now_s: Any  # () -> seconds
    algorithm: str = "RS256"
    claims: dict[str, Any] = field(
        default_factory=lambda: {"sub": "u-1", "preferred_username": "chen", "name": "陈"}
    )
    lies: dict[str, Any] = field(default_factory=dict)  # claims of the token that are told otherwise
    signs_with: Any = None  # another key than the published ones
    unsigned: bool = False  # its tokens say that no signature is needed
    organisation: str = "ours"  # that the account belongs to
    asked: list[dict[str, str]] = field(default_factory=list)  # authorize requests
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    keys: dict[str, Any] = field(default_factory=dict)

    async def discovery(self, _: web.Request) -> web.Response:
        return web.json_response(
            {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/jwks",
            }
        )

    async def jwks(self, _: web.Request) -> web.Response:
        return web.json_response(KeySet(list(self.keys.values())).as_dict(private=False))

    async def authorize(self, request: web.Request) -> web.Response:
        """Agrees at once, as a person who is signed in there would."""
        asked = dict(request.query)
        self.asked.append(asked)
        code = f"code-{len(self.asked)}"
        self.codes[code] = asked
        name = "authCode" if "/oauth2/auth" in request.path else "code"
        back = f"{asked['redirect_uri']}?{urlencode({name: code, 'state': asked['state']})}"
        return web.Response(status=302, headers={"Location": back})

    async def token(self, request: web.Request) -> web.Response:
        given = dict(await request.post())
        asked = self.codes.pop(str(given.get("code")), None)
        if asked is None or not self._is_client(given, "client_id", "client_secret"):
            return web.json_response({"error": "invalid_grant"}, status=400)
        if _challenge(str(given.get("code_verifier", ""))) != asked.get("code_challenge"):
            return web.json_response({"error": "invalid_grant"}, status=400)
        now = int(self.now_s())
        claims = {
            "iss": self.address,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked.get("nonce"),
            **self.claims,
            **self.lies,
        }
        if self.unsigned:
            parts = ({"alg": "none", "typ": "JWT"}, claims)
            token = ".".join(
                base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=").decode() for one in parts
            )
            return web.json_response({"access_token": "a", "token_type": "Bearer", "id_token": f"{token}."})
        key = self.signs_with or self.keys[self.algorithm]
        header = {"alg": self.algorithm, "kid": self.keys.get(self.algorithm, key).kid}
        token = jwt.encode(header, claims, key, algorithms=[self.algorithm])
        return web.json_response({"access_token": "a", "token_type": "Bearer", "id_token": token})

    async def dingtalk_token(self, request: web.Request) -> web.Response:
        given = await request.json()
        if self.codes.pop(given["code"], None) is None or not self._is_client(
            given, "clientId", "clientSecret"
        ):
            return web.json_response({"code": "invalidParameter", "message": "no"}, status=400)
        corp = {"corpId": self.organisation} if "corpid" in self.asked[-1]["scope"].split() else {}
        return web.json_response({"accessToken": "ding-token", "expireIn": 7200, **corp})

    async def dingtalk_me(self, request: web.Request) -> web.Response:
        if request.headers.get("x-acs-dingtalk-access-token") != "ding-token":
            return web.json_response({"code": "Forbidden"}, status=403)
        return web.json_response({"nick": "陈", "unionId": "union-1", "openId": "open-1"})

    async def feishu_token(self, request: web.Request) -> web.Response:
        given = await request.json()
        asked = self.codes.pop(given["code"], None)
        if asked is None or not self._is_client(given, "client_id", "client_secret"):
            return web.json_response({"code": 20003, "error": "invalid_grant"})
        if _challenge(given.get("code_verifier", "")) != asked.get("code_challenge"):
            return web.json_response({"code": 20049, "error": "invalid_grant"})
        return web.json_response({"code": 0, "access_token": "fei-token"})

    async def feishu_me(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != "Bearer fei-token":
            return web.json_response({"code": 20005, "msg": "no"})
        return web.json_response(
            {"code": 0, "data": {"name": "陈", "union_id": "on-1", "tenant_key": self.organisation}}
        )

    def _is_client(self, given: dict[str, Any], client: str, secret: str) -> bool:
        return (given.get(client), given.get(secret)) == (CLIENT, SECRET)


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@asynccontextmanager
async def provider(now_s: Any) -> AsyncIterator[Identity]:
    """Serves a provider on a free port."""
    identity = Identity("", now_s)
    identity.keys = {
        "RS256": RSAKey.generate_key(2048, {"kid": "rsa-1", "use": "sig"}),
        "ES256": ECKey.generate_key("P-256", {"kid": "ec-1", "use": "sig"}),
    }
    app = web.Application()
    app.add_routes(
        [
            web.get("/.well-known/openid-configuration", identity.discovery),
            web.get("/jwks", identity.jwks),
            web.get("/authorize", identity.authorize),
            web.post("/token", identity.token),
            web.get("/oauth2/auth", identity.authorize),
            web.post("/v1.0/oauth2/userAccessToken", identity.dingtalk_token),
            web.get("/v1.0/contact/users/me", identity.dingtalk_me),
            web.get("/open-apis/authen/v1/authorize", identity.authorize),
            web.post("/open-apis/authen/v2/oauth/token", identity.feishu_token),
            web.get("/open-apis/authen/v1/user_info", identity.feishu_me),
        ]
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    identity.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield identity
    finally:
        await runner.cleanup()
