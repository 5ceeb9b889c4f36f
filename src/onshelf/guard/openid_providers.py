"""The forms in which providers let people sign in: OpenID Connect itself, and what DingTalk and Feishu have instead. Pure.

Source: OpenID Connect Core 1.0 and Discovery 1.0; DingTalk open platform "login with a third-party website" (userAccessToken,
contact/users/me); Feishu open platform authen/v1/authorize, authen/v2/oauth/token, authen/v1/user_info.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
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

    def profile_headers(self, access: str) -> tuple[tuple[str, str], ...]:
        """Returns what is shown to read the profile."""
        return (
            (self.access_header, f"Bearer {access}" if self.access_header == "Authorization" else access),
        )


def provider_of(kind: str, issuer: str) -> Provider:
    """Returns a provider by the setting `openid`; with an issuer, DingTalk and Feishu are asked there (Lark, a relay)."""
    issuer = issuer.rstrip("/")
    if kind == "dingtalk":
        return _dingtalk(issuer or "https://login.dingtalk.com", issuer or "https://api.dingtalk.com")
    if kind == "feishu":
        return _feishu(issuer or "https://accounts.feishu.cn", issuer or "https://open.feishu.cn")
    return Provider("oidc", issuer, "openid profile email", jwks=True)


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


def vouched_by_claims(claims: Mapping[str, Any], claim: str) -> Vouched:
    """Reads an ID token's claims, checked before."""
    return Vouched(f"{claims['iss']} {claims['sub']}", _name(claims, claim))


def vouched_by_profile(provider: Provider, reply: Mapping[str, Any], claim: str) -> Vouched:
    """Reads the profile a token opens. Raises AccessError when it names nobody."""
    profile = reply.get(provider.profile_part) if provider.profile_part else reply
    if not isinstance(profile, Mapping) or not profile.get(provider.subject_field):
        raise AccessError("openid", f"no {provider.subject_field}")
    subject = str(profile[provider.subject_field])
    return Vouched(f"{provider.issuer} {subject}", _name({**profile, "sub": subject}, claim))


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
