"""What the vault promises."""

import base64
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onshelf.errors import SettingsError, StoreError
from onshelf.guard.vault import Vault, load_vault, new_key
from onshelf.settings import Secret

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
PLACE = "shop/session/1"


@given(st.binary(), st.text())
def test_what_is_sealed_opens_again_in_its_place(text: bytes, place: str) -> None:
    vault = Vault([OLD])

    assert vault.open(vault.seal(text, place), place) == text


def test_the_same_text_never_seals_the_same() -> None:
    vault = Vault([OLD])

    assert len({vault.seal(b"token", PLACE) for _ in range(100)}) == 100


def test_a_sealed_value_does_not_show_the_text() -> None:
    assert b"token" not in Vault([OLD]).seal(b"token" * 10, PLACE)


def test_a_value_moved_to_another_place_does_not_open() -> None:
    vault = Vault([OLD])

    with pytest.raises(StoreError, match=r"shop/session/2.*another place"):
        vault.open(vault.seal(b"token", PLACE), "shop/session/2")


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_byte_can_be_changed_unseen(position: int, change: int) -> None:
    vault = Vault([OLD])
    sealed = bytearray(vault.seal(b"token", PLACE))
    sealed[position % len(sealed)] ^= change

    with pytest.raises((StoreError, SettingsError)):
        vault.open(bytes(sealed), PLACE)


@pytest.mark.parametrize("junk", [b"", b"\x01", b"\x02" * 60, b"plain token"])
def test_what_was_never_sealed_is_refused(junk: bytes) -> None:
    with pytest.raises(StoreError):
        Vault([OLD]).open(junk, PLACE)


def test_after_a_rotation_old_values_open_and_new_ones_are_under_the_new_key() -> None:
    before = Vault([OLD]).seal(b"token", PLACE)
    ring = Vault([NEW, OLD])

    assert ring.open(before, PLACE) == b"token"
    assert Vault([NEW]).open(ring.seal(b"token", PLACE), PLACE) == b"token"


def test_a_missing_key_is_named_without_telling_any_secret() -> None:
    sealed = Vault([OLD]).seal(b"token", PLACE)

    with pytest.raises(SettingsError) as caught:
        Vault([NEW]).open(sealed, PLACE)

    said = f"{caught.value} {caught.value.message('zh')} {caught.value.context}"
    assert sealed[1:5].hex() in said
    for secret in (OLD, NEW):
        assert secret.hex() not in said
        assert base64.b64encode(secret).decode() not in said


def test_a_signature_holds_for_its_message_and_purpose_only() -> None:
    vault = Vault([OLD])
    signature = vault.sign(b"head", "audit")

    assert vault.is_signed(b"head", signature, "audit")
    assert not vault.is_signed(b"hea", signature, "audit")
    assert not vault.is_signed(b"head", signature, "links")
    assert Vault([NEW, OLD]).is_signed(b"head", signature, "audit")


def test_the_first_run_makes_a_key_file_only_its_owner_can_read(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"

    sealed = load_vault(Secret(""), home).seal(b"token", PLACE)

    assert (home / "key").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in home.iterdir()] == ["key"]
    assert load_vault(Secret(""), home).open(sealed, PLACE) == b"token"


def test_processes_that_start_together_share_one_key(tmp_path: Path) -> None:
    vaults: list[Vault] = []
    start = threading.Barrier(8)

    def load() -> None:
        start.wait()
        vaults.append(load_vault(Secret(""), tmp_path))

    threads = [threading.Thread(target=load) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    sealed = vaults[0].seal(b"token", PLACE)
    assert [vault.open(sealed, PLACE) for vault in vaults] == [b"token"] * 8


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_file_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    load_vault(Secret(""), tmp_path)
    (tmp_path / "key").chmod(mode)

    with pytest.raises(SettingsError, match="chmod 600"):
        load_vault(Secret(""), tmp_path)


def test_the_setting_comes_before_the_file(tmp_path: Path) -> None:
    vault = load_vault(Secret(base64.b64encode(NEW).decode()), tmp_path)

    assert vault.open(Vault([NEW]).seal(b"token", PLACE), PLACE) == b"token"
    assert not (tmp_path / "key").exists()


def test_a_file_may_hold_a_ring_newest_first(tmp_path: Path) -> None:
    load_vault(Secret(""), tmp_path)
    sealed = load_vault(Secret(""), tmp_path).seal(b"token", PLACE)
    (tmp_path / "key").write_text(new_key() + "\n" + (tmp_path / "key").read_text())

    assert load_vault(Secret(""), tmp_path).open(sealed, PLACE) == b"token"


@pytest.mark.parametrize("wrong", ["c2hvcnQ=", "not base64 at all!", "鍵" * 32, "x" * 64])
def test_a_wrong_key_is_refused_unshown(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_vault(Secret(wrong), tmp_path)

    assert wrong not in str(caught.value)
    assert "32 bytes" in str(caught.value)


def test_an_empty_key_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").touch(mode=0o600)

    with pytest.raises(SettingsError, match="32 bytes"):
        load_vault(Secret(""), tmp_path)
