"""Which addresses lie outside."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.platforms.addresses import is_outside, is_this_machine, may_be_outside

INSIDE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "0.0.0.0",
    "255.255.255.255",
    "224.0.0.1",
    "198.18.0.1",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fd00::1",
    "ff0e::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "::127.0.0.1",
    "2001:0:1::",
    "64:ff9b:1::7f00:1",
    "64:ff9b:1:a00:0:100::",
    "::ffff:0:7f00:1",
    "::ffff:0:808:808",
    "fec0::1",
    "5f00::1",
    "4000::1",
    "3fff::1",
    "2001:20::1",
    "2001:db8::1",
    "2001:1ff::1",
    "2002:c000:8::",
    "192.0.0.8",
    "192.0.0.9",
    "192.0.0.192",
    "192.88.99.1",
    "::ffff:192.0.0.8",
    "168.63.129.16",
    "240.0.0.1",
    "192.0.2.1",
    "198.51.100.1",
    "203.0.113.1",
    "nonsense",
]


@pytest.mark.parametrize("address", INSIDE)
def test_the_machine_its_network_and_disguises_of_them_are_inside(address: str) -> None:
    assert not is_outside(address)


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "192.0.1.1",
        "203.119.25.1",
        "2400:3200::1",
        "2001:200::1",
        "2002:808:808::",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
    ],
)
def test_the_internet_is_outside(address: str) -> None:
    assert is_outside(address)


@given(st.integers(0, 2**32 - 1))
def test_an_address_is_where_it_is_however_it_is_wrapped(number: int) -> None:
    plain = IPv4Address(number)
    wrapped = [f"::ffff:{plain}", f"64:ff9b::{plain}", f"::{plain}"]

    assert {is_outside(one) for one in wrapped} == {is_outside(str(plain))}


@given(st.integers(0, 2**128 - 1))
def test_of_ipv6_only_what_is_given_out_is_outside(number: int) -> None:
    """Or what stands for an address of IPv4; whatever else is set aside one day is inside already."""
    address = IPv6Address(number)
    stands_for = (
        address.ipv4_mapped or address in IPv6Network("64:ff9b::/96") or address in IPv6Network("::/96")
    )

    if is_outside(str(address)):
        assert stands_for or address in IPv6Network("2000::/3")


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/hook",
        "http://localhost./hook",
        "http://LOCALHOST:80/",
        "http://db.internal/",
        "http://printer.local/",
        "http://redis:6379/",
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[broken/",
        "http:///path",
    ],
)
def test_an_address_that_leads_inside_is_known_by_its_looks(url: str) -> None:
    assert not may_be_outside(url)


@pytest.mark.parametrize(
    "url", ["https://oapi.dingtalk.com/robot/send?access_token=a", "https://8.8.8.8/", "https://例子.中国/"]
)
def test_a_public_name_may_lead_outside(url: str) -> None:
    assert may_be_outside(url)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1", "[::1]"])
def test_this_machine_is_known_by_its_own_names(host: str) -> None:
    assert is_this_machine(host)


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::", "192.168.1.5", "localhost.evil", "shelf.example.com"])
def test_any_other_host_is_not_this_machine(host: str) -> None:
    assert not is_this_machine(host)
