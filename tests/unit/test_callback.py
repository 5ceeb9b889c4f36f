"""Who is believed at the page that waits for a code, and where it may be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.shops.tokens.callback import Address, Came, local_address, read_visit

PATH, STATE = "/authorised", "s-1"


@pytest.mark.parametrize(
    ("target", "came"),
    [
        ("/authorised?code=abc&state=s-1", Came("code", "abc")),
        ("/authorised?state=s-1&code=a%2Fb", Came("code", "a/b")),
        ("/authorised?code=abc&state=s-2", Came("not_ours")),
        ("/authorised?code=abc", Came("not_ours")),
        ("/authorised?code=abc&state=%E5%BA%97", Came("not_ours")),
        ("/?code=abc&state=s-1", Came("not_found")),
        ("/favicon.ico", Came("not_found")),
        (
            "/authorised?error=access_denied&error_description=authorize+reject&state=s-1",
            Came("declined", error="access_denied", why="authorize reject"),
        ),
        ("/authorised?error=access_denied", Came("not_ours")),
    ],
)
def test_only_who_brings_the_state_back_is_believed(target: str, came: Came) -> None:
    assert read_visit(target, PATH, STATE) == came


@given(st.text())
def test_no_visit_breaks_the_page(target: str) -> None:
    try:
        verdict = read_visit(target, PATH, STATE).verdict
    except ValueError:
        return  # no address at all: the visit ends without a page
    assert verdict in ("not_found", "not_ours")


@pytest.mark.parametrize(
    ("redirect_uri", "address"),
    [
        ("http://127.0.0.1:8917/authorised", Address("127.0.0.1", 8917, "/authorised")),
        ("http://localhost", Address("localhost", 80, "/")),
        ("http://[::1]:0/x", Address("::1", 0, "/x")),
        ("https://shop.example/back", None),
        ("http://127.0.0.1.shop.example/", None),
        ("http://127.0.0.1:99999/", None),
        ("urn:ietf:wg:oauth:2.0:oob", None),
    ],
)
def test_the_page_is_on_this_machine_or_nowhere(redirect_uri: str, address: Address | None) -> None:
    assert local_address(redirect_uri) == address


def test_an_address_is_written_as_it_was_read() -> None:
    for uri in ("http://127.0.0.1:8917/authorised", "http://[::1]:80/x"):
        address = local_address(uri)
        assert address is not None
        assert address.uri == uri
