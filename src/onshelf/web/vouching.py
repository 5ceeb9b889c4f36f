"""The settings of sign-in by a provider: complete, and closed to strangers. Pure."""

from onshelf.errors import SettingsError, expected
from onshelf.guard.openid_providers import Provider, must_of, provider_of
from onshelf.settings import Settings
from onshelf.texts import Words


def checked_provider(of: Settings) -> Provider:
    """Returns the provider that is set.

    Raises SettingsError: something it needs is missing, it is asked without https in production, or anybody at all who
    has an account there would come in.
    """
    for name in ("openid_client", "openid_secret", *(("openid_issuer",) if of["openid"] == "oidc" else ())):
        if not of[name]:
            raise _wrong(of, name, expected("openid_needs", kind=of["openid"]))
    try:
        must = must_of(of["openid_must"])
    except ValueError:
        raise _wrong(of, "openid_must", expected("openid_must")) from None
    provider = provider_of(of["openid"], of["openid_issuer"], must)
    plain = "http://" in of["openid_issuer"]
    if plain and of["environment"] == "production":
        raise _wrong(of, "openid_issuer", "https://…")
    if provider.open_to_all and of["openid_role"] != "known" and not must:
        raise _wrong(
            of,
            "openid_must",
            expected("openid_ours"),
        )
    return provider


def _wrong(of: Settings, name: str, wanted: str | Words) -> SettingsError:
    value = "" if name == "openid_secret" else str(of[name])
    return SettingsError(name, value=value, origin=of.origin[name], expected=wanted)
