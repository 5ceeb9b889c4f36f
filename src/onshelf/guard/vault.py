"""Seals secrets for the database with AES-256-GCM, and signs what must not be changed, under a ring of master keys.

A sealed value: one byte of format (1), four bytes naming the key, twelve of nonce, then the ciphertext with its tag.
The context (table, column, id) is bound in, so a value moved to another row does not open. The newest key seals, every
key of the ring opens: to rotate, put a new key first and keep the old ones.
"""

import base64
import binascii
import contextlib
import hashlib
import hmac
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from onshelf.errors import SettingsError, StoreError, expected
from onshelf.settings import Secret

KEY_FILE = "key"
_KEY_BYTES = 32
_FORMAT = b"\x01"
_NAME_BYTES = 4
_NONCE_BYTES = 12  # random: safe for 2³² values under one key (NIST SP 800-38D, 8.3)
_HEAD_BYTES = len(_FORMAT) + _NAME_BYTES + _NONCE_BYTES


class Vault:
    """A ring of master keys that never leave it."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Takes at least one key of 32 bytes, newest first."""
        if not keys or any(len(key) != _KEY_BYTES for key in keys):
            raise ValueError("a vault needs at least one key, each of 32 bytes")
        self._keys = {_name(key): key for key in keys}
        self._newest = _name(keys[0])

    def seal(self, text: bytes, context: str) -> bytes:
        """Encrypts a text for one place. The same text seals differently each time."""
        head = _FORMAT + self._newest
        nonce = os.urandom(_NONCE_BYTES)
        key = self._subkey(self._newest, "seal")
        return head + nonce + AESGCM(key).encrypt(nonce, text, head + context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """Decrypts what was sealed for this place.

        Raises SettingsError when the ring lacks the key, StoreError when the value is damaged or belongs elsewhere.
        """
        head = sealed[: len(_FORMAT) + _NAME_BYTES]
        if len(sealed) < _HEAD_BYTES or head[: len(_FORMAT)] != _FORMAT:
            raise StoreError(f"{context}: not a sealed value of a known format")
        key = self._subkey(head[len(_FORMAT) :], "seal")
        nonce, ciphertext = sealed[len(head) : _HEAD_BYTES], sealed[_HEAD_BYTES:]
        try:
            return AESGCM(key).decrypt(nonce, ciphertext, head + context.encode())
        except InvalidTag as error:
            raise StoreError(
                f"{context}: the sealed value is damaged or was sealed for another place"
            ) from error

    def sign(self, message: bytes, purpose: str) -> bytes:
        """Signs a message: the key's name and an HMAC-SHA256 under a key of the purpose's own."""
        return self._newest + self._mac(self._newest, message, purpose)

    def is_signed(self, message: bytes, signature: bytes, purpose: str) -> bool:
        """Tells whether a key of the ring made the signature. Raises SettingsError when the ring lacks the key it names."""
        name, mac = signature[:_NAME_BYTES], signature[_NAME_BYTES:]
        return hmac.compare_digest(mac, self._mac(name, message, purpose))

    def _mac(self, name: bytes, message: bytes, purpose: str) -> bytes:
        return hmac.digest(self._subkey(name, purpose), message, "sha256")

    def _subkey(self, name: bytes, purpose: str) -> bytes:
        """Derives a key for one purpose, so that no two uses ever share one."""
        if name not in self._keys:
            have = ", ".join(known.hex() for known in self._keys)
            wanted = expected("key_ring", key=name.hex(), have=have)
            raise SettingsError("key", value="•••", origin="vault", expected=wanted)
        return hmac.digest(self._keys[name], b"onshelf " + purpose.encode(), "sha256")


def load_vault(key: Secret, home: Path) -> Vault:
    """Makes the vault from the setting `key`, or from the file `key` in the home, which the first run makes.

    Both hold base64 keys of 32 bytes, one a line or parted by blanks, newest first. Raises SettingsError for a wrong
    key, and for a file that others may read.
    """
    if key:
        return Vault(_parse(key.reveal(), "key"))
    file = home / KEY_FILE
    if not file.exists():
        _make(file)
    if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SettingsError(
            "key", value="•••", origin=str(file), expected=expected("private_file", file=file)
        )
    return Vault(_parse(file.read_text("utf-8"), str(file)))


def new_key() -> str:
    """Makes a master key in the form the setting and the file hold."""
    return base64.b64encode(os.urandom(_KEY_BYTES)).decode()


def _make(file: Path) -> None:
    """Makes the key file whole and durable before it gets its name; of two processes the first one's key stays."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{os.urandom(4).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(new_key() + "\n")
        out.flush()
        os.fsync(descriptor)
    with contextlib.suppress(FileExistsError):
        os.link(draft, file)
    draft.unlink()


def _parse(text: str, origin: str) -> list[bytes]:
    keys = []
    for word in text.split():
        with contextlib.suppress(binascii.Error, ValueError):
            keys.append(base64.b64decode(word, validate=True))
            continue
        keys.append(b"")
    if not keys or any(len(key) != _KEY_BYTES for key in keys):
        raise SettingsError("key", value="•••", origin=origin, expected=expected("master_key"))
    return keys


def _name(key: bytes) -> bytes:
    """Names a key without telling anything of it."""
    return hashlib.sha256(b"onshelf key name" + key).digest()[:_NAME_BYTES]
