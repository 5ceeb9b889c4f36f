"""Which addresses lie outside: on the public internet, not on this machine, in its network or a cloud's own services. Pure.

What people type (a webhook's address) must not lead requests of ours to where only this machine can go.
Source: RFC 6890 and its registries, as Python's `ipaddress` has them; RFC 6052 (NAT64), RFC 3056 (6to4), RFC 4291 2.5.5.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

_NAT64 = IPv6Network("64:ff9b::/96")
_COMPATIBLE = IPv6Network("::/96")
_OWN_NAMES = (".localhost", ".local", ".internal", ".lan", ".home.arpa")


def is_outside(address: str) -> bool:
    """Tells whether an IP address is one of the public internet; what cannot be read is none."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        within = _embedded(found)
        if within is not None:
            return is_outside(str(within))
    return found.is_global and not found.is_multicast


def is_this_machine(host: str) -> bool:
    """Tells whether the name or address of a host is this very machine's; an empty one is nobody's."""
    try:
        return ip_address(host.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def may_be_outside(url: str) -> bool:
    """Tells whether a web address can lead outside as far as can be told without asking for its name."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".").lower()
    except ValueError:
        return False
    if ":" in host or _is_number(host.rpartition(".")[2]):
        return is_outside(host)
    return "." in host and not host.endswith(_OWN_NAMES)


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """Returns the IPv4 address that an IPv6 address stands for."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in _NAT64 or address in _COMPATIBLE:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def _is_number(label: str) -> bool:
    """Tells whether a host whose last label this is reads as an IPv4 address, in whatever notation (WHATWG URL, host parsing)."""
    return label.isdigit() or label.startswith("0x")
