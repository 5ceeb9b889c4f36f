"""Where the service may listen: on this machine alone, and one clear error otherwise."""

import socket

import pytest

from onshelf.errors import SettingsError
from onshelf.web.serve import listen


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("8787", "host:port"),
        ("127.0.0.1", "host:port"),
        ("127.0.0.1:http", "host:port"),
        ("shelf.example.com:8787", "host:port"),
        ("127.0.0.1:65536", "a port from 0 to 65535"),
        ("0.0.0.0:8787", "this machine alone"),
        ("192.168.1.5:8787", "this machine alone"),
        ("[::]:8787", "this machine alone"),
    ],
)
def test_an_address_that_is_none_or_others_could_reach_is_refused(address: str, expected: str) -> None:
    with pytest.raises(SettingsError) as refused:
        listen(address, "environment")

    assert address in refused.value.message("en")
    assert expected in refused.value.message("en") + refused.value.remedy("en")


@pytest.mark.parametrize("address", ["127.0.0.1:0", "localhost:0"])
def test_port_0_takes_a_free_one(address: str) -> None:
    with listen(address, "environment") as listener:
        assert listener.getsockname()[1] > 0


def test_a_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"

        with pytest.raises(SettingsError, match="service") as refused:
            listen(taken, "environment")

    assert taken in refused.value.message("en")
    assert "free" in refused.value.message("en") + refused.value.remedy("en")
