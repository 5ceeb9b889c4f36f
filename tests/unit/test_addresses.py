"""Which addresses lie outside."""

from ipaddress import IPv4Address

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
    "nonsense",
]


@pytest.mark.parametrize("address", INSIDE)
def test_the_machine_its_network_and_disguises_of_them_are_inside(address: str) -> None:
    assert not is_outside(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "203.119.25.1", "2400:3200::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_the_internet_is_outside(address: str) -> None:
    assert is_outside(address)


@given(st.integers(0, 2**32 - 1))
def test_an_address_is_where_it_is_however_it_is_wrapped(number: int) -> None:
    plain = IPv4Address(number)
    wrapped = [f"::ffff:{plain}", f"64:ff9b::{plain}", f"::{plain}"]

    assert {is_outside(one) for one in wrapped} == {is_outside(str(plain))}


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
