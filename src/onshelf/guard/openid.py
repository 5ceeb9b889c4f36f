"""Sign-in by a provider (OpenID Connect code flow with PKCE, state and nonce; DingTalk's and Feishu's own forms of it).

The browser carries what belongs to one try in a cookie sealed by the vault, so nothing is kept here. Of an ID token only
signatures by the provider's public keys count. A provider vouches for who somebody is; what the person may do is ours.
"""

import hmac
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, cast
from urllib.parse import urlencode

import msgspec
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwk, jwt
from joserfc.errors import JoseError

from onshelf.clock import Clock
from onshelf.errors import AccessError, StoreError
from onshelf.guard.openid_providers import Provider, Vouched, claims_of, vouched_by
from onshelf.guard.tokens import new_token
from onshelf.guard.vault import Vault
from onshelf.platforms.transport import ConnectFailed, NoReply, Request, Response, Transport
from onshelf.settings import Secret

TRY_US = 600 * 1_000_000
"""So long a person may take at the provider."""
TIMEOUT_S = 10.0
LEEWAY_S = 60
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
_PURPOSE = "openid"
_FORM = "application/x-www-form-urlencoded"


class Try(msgspec.Struct, frozen=True):
    """One way to the provider and back."""

    state: str
    nonce: str
    verifier: str
    until_us: int
    back: str  # our address the provider sends the browser to
    next: str  # where to go on
    person_id: str = ""  # who links an account; empty: somebody signs in


class OpenId:
    """The verbs. `connect` gives a transport of its own for each sign-in, which is closed after it."""

    def __init__(
        self,
        provider: Provider,
        client: str,
        secret: Secret,
        *,
        claim: str,
        must: Mapping[str, str],
        vault: Vault,
        clock: Clock,
        random: Random,
        connect: Callable[[], Transport],
    ) -> None:
        self.provider = provider
        self._client = client
        self._secret = secret
        self._claim = claim
        self._must = must
        self._vault = vault
        self._clock = clock
        self._random = random
        self._connect = connect

    async def begin(self, *, back: str, next_: str, person_id: str = "") -> tuple[str, str]:
        """Returns the provider's address to lead the browser to, and what its cookie carries. Raises AccessError."""
        transport = self._connect()
        try:
            places = await self._places(transport)
        finally:
            await transport.close()
        tried = Try(
            new_token(self._random),
            new_token(self._random),
            new_token(self._random) + new_token(self._random),
            self._clock.now_us() + TRY_US,
            back,
            next_,
            person_id,
        )
        query = {
            "response_type": "code",
            "client_id": self._client,
            "redirect_uri": back,
            "scope": self.provider.scope,
            "state": tried.state,
            **self.provider.more,
        }
        if self.provider.pkce:
            query |= {
                "code_challenge": create_s256_code_challenge(tried.verifier),
                "code_challenge_method": "S256",
            }
        if self.provider.jwks:
            query["nonce"] = tried.nonce
        sealed = self._vault.seal(msgspec.json.encode(tried), _PURPOSE).hex()
        joint = "&" if "?" in places["authorize"] else "?"
        return f"{places['authorize']}{joint}{urlencode(query)}", sealed

    async def finish(self, sealed: str, state: str, code: str) -> tuple[Try, Vouched]:
        """Returns whom the provider vouches for. Raises AccessError: another try's answer, too late, or not vouched for."""
        tried = self._opened(sealed)
        if not hmac.compare_digest(tried.state.encode(), state.encode()):
            raise AccessError("openid", "state")
        if self._clock.now_us() > tried.until_us:
            raise AccessError("openid", "too late")
        if not code:
            raise AccessError("openid", "no code")
        transport = self._connect()
        try:
            return tried, await self._vouched(transport, tried, code)
        finally:
            await transport.close()

    async def _vouched(self, transport: Transport, tried: Try, code: str) -> Vouched:
        places = await self._places(transport)
        token = await self._token(transport, places["token"], tried, code)
        if self.provider.jwks:
            keys = await self._get(transport, places["jwks"])
            claims = self._claims(str(token.get("id_token", "")), keys, tried)
        else:
            access = str(token.get(self.provider.access_field, ""))
            profile = await self._get(transport, places["profile"], self.provider.profile_headers(access))
            claims = claims_of(self.provider, token, profile)
        return vouched_by(claims, named=self._claim, must=self._must)

    async def _places(self, transport: Transport) -> Mapping[str, str]:
        """Returns the provider's addresses: known ones, or those it publishes itself (OpenID Connect Discovery 1.0)."""
        if not self.provider.jwks:
            return self.provider.places
        found = await self._get(transport, f"{self.provider.issuer}/.well-known/openid-configuration")
        if found.get("issuer") != self.provider.issuer:
            raise AccessError("openid", f"issuer {found.get('issuer')!r}")
        try:
            places = {
                "authorize": str(found["authorization_endpoint"]),
                "token": str(found["token_endpoint"]),
                "jwks": str(found["jwks_uri"]),
            }
        except KeyError as missing:
            raise AccessError("openid", f"no {missing}") from missing
        for place in places.values():  # our secret and its keys must not travel in the clear
            if self.provider.issuer.startswith("https://") and not place.startswith("https://"):
                raise AccessError("openid", f"{place} is not https")
        return places

    async def _token(self, transport: Transport, url: str, tried: Try, code: str) -> Mapping[str, Any]:
        """Exchanges the code."""
        fields = {
            "grant_type": "authorization_code",
            "client_id": self._client,
            "client_secret": self._secret.reveal(),
            "code": code,
            "redirect_uri": tried.back,
            **({"code_verifier": tried.verifier} if self.provider.pkce else {}),
        }
        named = {self.provider.token_names.get(name, name): value for name, value in fields.items()}
        body, kind = (
            (msgspec.json.encode(named), "application/json; charset=utf-8")
            if self.provider.json
            else (urlencode(named).encode(), _FORM)
        )
        return await self._send(transport, Request(url, body, kind, TIMEOUT_S))

    def _claims(self, token: str, keys: Mapping[str, Any], tried: Try) -> Mapping[str, Any]:
        """Reads an ID token: signed by the provider, for us, for this very try, and still good."""
        try:
            found = jwt.decode(token, jwk.KeySet.import_key_set(cast("Any", keys)), algorithms=ALGORITHMS)
            claims = CodeIDToken(
                found.claims,
                found.header,
                {
                    "iss": {"essential": True, "value": self.provider.issuer},
                    "aud": {"essential": True, "value": self._client},
                },
                {"nonce": tried.nonce, "client_id": self._client},
            )
            claims.validate(self._clock.now_us() // 1_000_000, LEEWAY_S)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise AccessError("openid", f"ID token: {error}") from error
        return dict(claims)

    async def _get(
        self, transport: Transport, url: str, headers: tuple[tuple[str, str], ...] = ()
    ) -> Mapping[str, Any]:
        return await self._send(transport, Request(url, b"", _FORM, TIMEOUT_S, headers, "GET"))

    async def _send(self, transport: Transport, request: Request) -> Mapping[str, Any]:
        try:
            reply = await transport.send(request)
        except (ConnectFailed, NoReply) as error:
            raise AccessError("openid", f"{request.url}: {error}") from error
        return _read(request.url, reply)

    def _opened(self, sealed: str) -> Try:
        try:
            return msgspec.json.decode(self._vault.open(bytes.fromhex(sealed), _PURPOSE), type=Try)
        except (StoreError, ValueError, msgspec.MsgspecError) as error:
            raise AccessError("openid", "cookie") from error


def _read(url: str, reply: Response) -> Mapping[str, Any]:
    """Reads a reply; DingTalk and Feishu say errors in a `code` other than 0."""
    try:
        found = msgspec.json.decode(reply.body, type=dict[str, Any])
    except msgspec.MsgspecError:
        raise AccessError("openid", f"{url} answered {reply.status}, no JSON") from None
    if reply.status != 200 or found.get("code", 0) not in (0, "0"):
        told = found.get("error") or found.get("code") or ""
        raise AccessError("openid", f"{url} answered {reply.status} {str(told)[:80]}")
    return found
