"""What messages about buyers hold is sealed while it rests: every content but those of item topics, unreadable ones included."""

from dataclasses import replace

from onshelf.errors import SettingsError, StoreError
from onshelf.guard.vault import Vault
from onshelf.store.log import Message

NO_BUYERS = "taobao_item_"
"""Topics that tell nothing of buyers."""


class Unopenable(Exception):
    """A content at rest cannot be opened: it is damaged, or its key is gone."""


def sealed(vault: Vault, message: Message) -> Message:
    """Returns a message as it may lie in the database."""
    if message.topic.startswith(NO_BUYERS):
        return message
    return replace(message, content=vault.seal(message.content, _place(message)))


def opened(vault: Vault, message: Message) -> Message:
    """Returns a message as it came in. Raises Unopenable."""
    if message.topic.startswith(NO_BUYERS):
        return message
    try:
        return replace(message, content=vault.open(message.content, _place(message)))
    except (StoreError, SettingsError) as error:
        raise Unopenable(str(error)) from error


def _place(message: Message) -> str:
    return f"inbox:{message.app_key}:{message.group_name}:{message.data_id}"
