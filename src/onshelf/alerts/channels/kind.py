"""What a channel is: its fields, its building and the one verb it has. Knows no channel by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from onshelf.alerts.render import Letter
from onshelf.clock import Clock
from onshelf.errors import DeliveryError, SettingsError, expected
from onshelf.platforms.addresses import may_be_outside
from onshelf.platforms.transport import ConnectFailed, NoReply, NotOutside, Transport
from onshelf.texts import Lang, text


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a channel accepted."""

    note: str = ""  # what it said against a part of it, for people
    remaining: tuple[str, ...] = ()  # recipients put off, to be tried again; empty: everybody has it
    answer: str = ""  # its own words on accepting


class Channel(Protocol):
    """A way to a receiver, ready to send."""

    async def send(self, letter: Letter) -> Receipt:
        """Sends once. True afterwards: the far side has taken the message over, under the letter's delivery id.

        Raises DeliveryError: not accepted, or no telling; `permanent` says whether somebody must mend the channel.
        """
        ...


INSIDE = "the address leads into this machine or its network (setting inside_addresses)"


def why_words(why: str, lang: Lang) -> str:
    """Puts what was said against a message into a person's language, where the words are ours; a receiver's own stay."""
    return text("alerts.inside", lang) if why == INSIDE else why


Check = Callable[[str], str]
"""Returns a field's value in its normal form; ValueError holds what was expected, as SettingsError does."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a channel's configuration, given as text. Its help is the text `alerts.<kind>.<name>`."""

    name: str
    check: Check
    default: str | None = None  # None: must be given
    secret: bool = False
    choices: tuple[str, ...] = ()  # all there are; empty: anything the check lets through


@dataclass(frozen=True, slots=True)
class Tools:
    """What channels work with."""

    transport: Transport
    clock: Clock
    production: bool  # plain http is refused
    inside: bool = True  # a web address may lead into this machine or its network


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of channel: everything the room must know of it."""

    fields: tuple[Field, ...]
    build: Callable[[str, Mapping[str, str], Tools], Channel]  # name, checked config with its secrets, tools
    folds: bool = True  # a backlog goes out as one message
    spacing_s: float = 0.0  # between two messages to one receiver
    most_changes: int | None = None  # changes in one message; None: any number, the text is cut for people


def check_config(
    channel: str, kind: Kind, given: Mapping[str, str], *, production: bool = False, inside: bool = True
) -> dict[str, str]:
    """Returns the configuration with defaults filled in and every value in its normal form.

    Raises SettingsError naming the field: unknown, missing, malformed, plain http in production, or a web address that
    leads inside where it may not.
    """
    known = {field.name for field in kind.fields}
    for name in given:
        if name not in known:
            raise SettingsError(name, origin=channel, expected=" | ".join(sorted(known)))
    config = {field.name: _value(channel, field, given.get(field.name)) for field in kind.fields}
    if production and config.get("url", "").startswith("http:"):
        raise SettingsError("url", value="http://•••", origin=channel, expected="https://…")
    if not inside and not may_be_outside(config.get("url", "https://outside.example")):
        raise SettingsError("url", value="•••", origin=channel, expected=expected("outside"))
    return config


def unsent(channel: str, error: ConnectFailed | NoReply, why: str) -> DeliveryError:
    """Says that a channel was not reached. An address that leads inside is for a person to mend."""
    if isinstance(error, NotOutside):
        return DeliveryError(channel, INSIDE, permanent=True)
    return DeliveryError(channel, why, permanent=False)


def _value(channel: str, field: Field, given: str | None) -> str:
    value = field.default if given is None else given.strip()
    shown = "•••" if field.secret else (value or "")
    if value is None:
        raise SettingsError(field.name, origin=channel, expected=f"{field.name}=…")
    try:
        return field.check(value) if value or field.default is None else value
    except ValueError as wrong:
        raise SettingsError(field.name, value=shown, origin=channel, expected=wrong.args[0]) from wrong


def web_address(value: str) -> str:
    """Checks an address of the web."""
    scheme, separator, rest = value.partition("://")
    host = rest.partition("/")[0]
    if scheme not in {"http", "https"} or not separator or not host or any(c.isspace() for c in value):
        raise ValueError(expected("web_address"))
    if "@" in host:
        raise ValueError(expected("address_without_password"))
    return value


def anything(value: str) -> str:
    """Checks that something is there, on one line."""
    if not value or not value.isprintable():
        raise ValueError(expected("one_line"))
    return value


def one_of(*choices: str) -> Check:
    """Makes a check for a choice."""

    def check(value: str) -> str:
        if value not in choices:
            raise ValueError(" | ".join(choices))
        return value

    return check
