"""Which addresses lie outside: on the public internet, not on this machine, in its network or a cloud's own services. Pure.

What people type (a webhook's address) must not lead requests of ours to where only this machine can go.
Source: RFC 6890 and its registries, as Python's `ipaddress` has them; RFC 6052 (NAT64), RFC 3056 (6to4), RFC 4291 2.5.5.
What Python knows of the registries grows with its patch releases, so what older ones miss is refused by lists of ours.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

_NAT64 = IPv6Network("64:ff9b::/96")
_COMPATIBLE = IPv6Network("::/96")
_UNICAST = IPv6Network("2000::/3")
"""All of IPv6 that was ever given out: what was set aside elsewhere is inside, as 64:ff9b:1::/48 (NAT64 of one's own, RFC 8215),
::ffff:0:0:0/96 (SIIT, RFC 2765), fec0::/10 (site-local, RFC 3879), 5f00::/16 (SRv6, RFC 9602) and whatever is to come.
Source: IANA, Internet Protocol Version 6 Address Space."""
_SET_ASIDE = (
    IPv6Network("2001::/23"),  # protocols, Teredo and tunnels among them: RFC 2928
    IPv6Network("2001:db8::/32"),  # documentation: RFC 3849
    IPv6Network("3fff::/20"),  # documentation: RFC 9637
    IPv4Network("192.0.0.0/24"),  # protocols, a provider's own side of a tunnel: RFC 6890, RFC 7335
    IPv4Network("192.88.99.0/24"),  # the nearest relay of 6to4, which is no more: RFC 7526
    # what Azure tells its machines: Microsoft, What is IP address 168.63.129.16
    IPv4Network("168.63.129.16/32"),
)
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
        if found not in _UNICAST:
            return False
    if any(found in network for network in _SET_ASIDE):
        return False
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
