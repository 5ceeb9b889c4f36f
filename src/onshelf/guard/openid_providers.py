"""The forms in which providers let people sign in: OpenID Connect itself, and what DingTalk and Feishu have instead. Pure.

Source: OpenID Connect Core 1.0 and Discovery 1.0; DingTalk open platform, "obtain a user's access token in the browser"
(login.dingtalk.com/oauth2/auth, v1.0/oauth2/userAccessToken with `corpId` in its reply for the scope `corpid`,
v1.0/contact/users/me); Feishu open platform, authen/v1/authorize, authen/v2/oauth/token (RFC 6749, PKCE), authen/v1/user_info
with `tenant_key`. International editions have hosts of their own: the setting names them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from onshelf.errors import AccessError
from onshelf.guard.names import LONGEST_NAME, fault_of, name_of
from onshelf.guard.tokens import digest

NAMED_BY = ("preferred_username", "name", "nick", "email", "sub")


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom a provider vouches for."""

    subject: str  # "issuer subject": nobody else's at any provider
    name: str  # as people may read it


@dataclass(frozen=True, slots=True)
class Provider:
    """One form."""

    name: str
    issuer: str  # without a slash at its end
    scope: str
    jwks: bool = False  # answers with an ID token signed by published keys; else a profile is asked for
    pkce: bool = True
    json: bool = False  # the token is asked for in JSON, not as a form
    places: Mapping[str, str] = field(default_factory=dict)  # authorize, token, profile; empty: published
    token_names: Mapping[str, str] = field(default_factory=dict)  # standard field -> theirs
    more: Mapping[str, str] = field(default_factory=dict)  # parameters of the authorize address
    access_field: str = "access_token"
    access_header: str = "Authorization"
    profile_part: str = ""  # field of the reply that holds the profile; empty: the reply itself
    subject_field: str = "sub"
    token_claims: tuple[str, ...] = ()  # fields of the token's reply that tell of the person too
    open_to_all: bool = False  # vouches for any account of its, not for one organisation's alone

    def profile_headers(self, access: str) -> tuple[tuple[str, str], ...]:
        """Returns what is shown to read the profile."""
        return (
            (self.access_header, f"Bearer {access}" if self.access_header == "Authorization" else access),
        )


def provider_of(kind: str, issuer: str, must: Collection[str] = ()) -> Provider:
    """Returns a provider by the setting `openid`. DingTalk and Feishu are asked at the `issuer`, where one is set.

    It may name two addresses, of the login and of the API: `https://accounts.larksuite.com https://open.larksuite.com`.
    `must`: names of claims that are looked at, which some providers tell only when they are asked for.
    """
    login, _, api = (part.rstrip("/") for part in issuer.strip().partition(" "))
    if kind == "dingtalk":
        found = _dingtalk(login or "https://login.dingtalk.com", api or login or "https://api.dingtalk.com")
        return replace(found, scope="openid corpid") if "corpId" in must else found
    if kind == "feishu":
        return _feishu(login or "https://accounts.feishu.cn", api or login or "https://open.feishu.cn")
    return Provider("oidc", login, "openid profile email", jwks=True)


def _dingtalk(login: str, api: str) -> Provider:
    return Provider(
        "dingtalk",
        login,
        "openid",
        pkce=False,
        json=True,
        places={
            "authorize": f"{login}/oauth2/auth",
            "token": f"{api}/v1.0/oauth2/userAccessToken",
            "profile": f"{api}/v1.0/contact/users/me",
        },
        token_names={"grant_type": "grantType", "client_id": "clientId", "client_secret": "clientSecret"},
        more={"prompt": "consent"},
        access_field="accessToken",
        access_header="x-acs-dingtalk-access-token",
        subject_field="unionId",
        token_claims=("corpId",),
        open_to_all=True,
    )


def _feishu(login: str, api: str) -> Provider:
    return Provider(
        "feishu",
        login,
        "",
        json=True,
        places={
            "authorize": f"{login}/open-apis/authen/v1/authorize",
            "token": f"{api}/open-apis/authen/v2/oauth/token",
            "profile": f"{api}/open-apis/authen/v1/user_info",
        },
        profile_part="data",
        subject_field="union_id",
    )


def claims_of(provider: Provider, token: Mapping[str, Any], reply: Mapping[str, Any]) -> Mapping[str, Any]:
    """Reads the profile a token opens, in the names of an ID token's claims. Raises AccessError when it names nobody."""
    profile = reply.get(provider.profile_part) if provider.profile_part else reply
    if not isinstance(profile, Mapping) or not profile.get(provider.subject_field):
        raise AccessError("openid", f"no {provider.subject_field}")
    told = {name: token[name] for name in provider.token_claims if name in token}
    return {**profile, **told, "iss": provider.issuer, "sub": str(profile[provider.subject_field])}


def vouched_by(claims: Mapping[str, Any], *, named: str, must: Mapping[str, str]) -> Vouched:
    """Tells whom claims, checked before, vouch for. `named`: the claim that names people; empty: the first that will do.

    Raises AccessError when a claim is not what it must be (of several values one will do), or `named` is missing.
    """
    for name, wanted in must.items():
        found = claims.get(name)
        values = found if isinstance(found, list | tuple) else [found]
        if wanted not in (str(one).lower() if isinstance(one, bool) else str(one) for one in values):
            raise AccessError("openid", f"{name} is not {wanted}")
    return Vouched(f"{claims['iss']} {claims['sub']}", _name(claims, named))


def must_of(setting: str) -> Mapping[str, str]:
    """Reads the setting `openid_must`: `name=value`, with commas between. Raises ValueError."""
    pairs = [one.partition("=") for one in setting.split(",") if one.strip()]
    if not all(name.strip() and value.strip() for name, _, value in pairs):
        raise ValueError(setting)
    return {name.strip(): value.strip() for name, _, value in pairs}


def _name(claims: Mapping[str, Any], claim: str) -> str:
    """Returns a name for people: of the claim that is set, else of the first that will do, else one made of the subject."""
    if claim and not claims.get(claim):
        raise AccessError("openid", f"no claim {claim}")
    named = (
        name_of(str(claims.get(one) or ""))[:LONGEST_NAME].strip()
        for one in ((claim,) if claim else NAMED_BY)
    )
    return (
        next((one for one in named if not fault_of(one)), "") or f"u-{digest(str(claims['sub'])).hex()[:12]}"
    )
