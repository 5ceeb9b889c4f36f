"""Who can reach the service, and under which names: an address, a public address, proxies, https. Pure.

Without a word this machine alone. Where other machines can reach it there must be https (our own certificate, or a
trusted proxy in front of a public https address), unless the setting `plain_http` accepts to do without. A public name
elsewhere is reached by other machines whatever the service binds to: through a proxy on this machine, which is named too.
"""

from functools import partial
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from onshelf.errors import SettingsError
from onshelf.platforms.addresses import is_this_machine
from onshelf.settings import Settings

NEAR = ("127.0.0.1", "localhost", "::1", "[::1]")
"""What a request may call this machine: a page of the network must not reach in through a name of its own."""
NAMES = {"localhost": "127.0.0.1"}


def place_of(address: str, origin: str) -> tuple[str, int]:
    """Reads `host:port` of the setting `service`. Raises SettingsError."""
    host, colon, port = address.rpartition(":")
    host = NAMES.get(host, host.removeprefix("[").removesuffix("]"))
    try:
        ip_address(host)
        number = int(port)
    except ValueError:
        raise wrong_service(address, origin, "host:port, as 127.0.0.1:8787") from None
    if not colon or not 0 <= number < 1 << 16:
        raise wrong_service(address, origin, "a port from 0 to 65535")
    return host, number


def wrong_service(address: str, origin: str, expected: str) -> SettingsError:
    """Says what is wrong with the setting `service`."""
    return SettingsError("service", value=address, origin=origin, expected=expected)


def wrong_public(settings: Settings, expected: str) -> SettingsError:
    """Says what is wrong with the setting `public_address`."""
    return SettingsError(
        "public_address",
        value=settings["public_address"],
        origin=settings.origin["public_address"],
        expected=expected,
    )


def check_reach(settings: Settings, address: str, origin: str) -> None:
    """Raises SettingsError when other machines could reach the service under no name, or without https."""
    host, _ = place_of(address, origin)
    public = public_of(settings)
    proxies_of(settings)
    if bool(settings["certificate"]) != bool(settings["certificate_key"]):
        raise SettingsError(
            "certificate", value=settings["certificate"], origin=settings.origin["certificate"],
            expected="certificate and certificate_key together",
        )  # fmt: skip
    https, near = public.startswith("https://"), ip_address(host).is_loopback
    elsewhere = bool(public) and not is_this_machine(urlsplit(public).hostname or "")
    if near and not elsewhere and not https:
        return
    if not public:
        raise wrong_service(
            address, origin, "an address of this machine alone, or public_address set as well"
        )
    if not (https or settings["certificate"] or settings["plain_http"] == "accept"):
        wrong = partial(wrong_public, settings) if near else partial(wrong_service, address, origin)
        raise wrong(
            "https where other machines reach it: certificate and certificate_key, or trusted_proxies and a public_address "
            "with https://; or plain_http = accept",
        )
    if (https or near) and not (settings["certificate"] or settings["trusted_proxies"]):
        raise SettingsError(
            "trusted_proxies",
            value="",
            origin=settings.origin["trusted_proxies"],
            expected="the proxy that passes requests on from public_address, as 127.0.0.1: else all callers have one address, "
            "and over https cookies travel in the clear; or certificate and certificate_key",
        )


def public_of(settings: Settings) -> str:
    """Returns the public address without a slash at its end; empty: none. Raises SettingsError."""
    public: str = settings["public_address"].rstrip("/")
    parts = urlsplit(public)
    if public and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query):
        raise wrong_public(settings, "https://host or https://host:port")
    return public


def base_of(settings: Settings, seen: str = "") -> str:
    """Returns what links of ours begin with: the public address, else what a request was `seen` to ask, else where we listen.

    Empty: nobody can tell, for the service listens nowhere, or at whatever port is free. Raises SettingsError.
    """
    known = public_of(settings) or seen.rstrip("/")
    if known or not settings["service"]:
        return known
    host, port = place_of(settings["service"], settings.origin["service"])
    return address_at(host, port, https=bool(settings["certificate"])) if port else ""


def address_at(host: str, port: int, *, https: bool) -> str:
    """Writes where a service listens as browsers take it."""
    return f"{'https' if https else 'http'}://" + (f"[{host}]:{port}" if ":" in host else f"{host}:{port}")


def hosts_of(settings: Settings) -> list[str]:
    """Returns the names a request may call us by."""
    public = urlsplit(public_of(settings)).hostname
    return [*NEAR, *([public] if public else [])]


def proxies_of(settings: Settings) -> list[str]:
    """Returns whose X-Forwarded-For and -Proto count. Raises SettingsError."""
    named = [one.strip() for one in settings["trusted_proxies"].split(",") if one.strip()]
    for one in named:
        try:
            ip_network(one)
        except ValueError:
            raise SettingsError(
                "trusted_proxies",
                value=one,
                origin=settings.origin["trusted_proxies"],
                expected="addresses or networks, as 10.0.0.5,192.168.1.0/24",
            ) from None
    return named
