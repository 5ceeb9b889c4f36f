"""E-mail over SMTP with STARTTLS or SSL, the certificate always verified. The standard library's client, in a thread.

Source: RFC 5321 (4xx may pass, 5xx will not), RFC 3834 (Auto-Submitted); the rules of Chinese mail providers stand beside the code.
"""

import asyncio
import contextlib
import re
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from onshelf.alerts.channels.kind import Channel, Field, Kind, Receipt, Tools, anything, one_of
from onshelf.alerts.channels.mail import html, plain
from onshelf.alerts.render import Letter, digest
from onshelf.errors import DeliveryError, expected

STEP_TIMEOUT_S = 10.0  # each of about ten steps; the lease of a delivery counts on it
SPAM_REST_S = 120.0
TOP = 30  # items named in a mail
_PORTS = {"ssl": 465, "starttls": 587}
_OURSELVES = "[127.0.0.1]"  # the greeting; asking the resolver for our name can hang for seconds


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed over, and as whom."""

    host: str
    port: int
    security: str  # "ssl" or "starttls"
    username: str  # empty: no login
    password: str
    ca_file: str  # empty: the system's certificates


@dataclass(frozen=True, slots=True)
class Email:
    """A sender and its recipients."""

    name: str
    server: Server
    sender: str
    to: tuple[str, ...]
    tools: Tools

    async def send(self, letter: Letter) -> Receipt:
        recipients = letter.only or self.to
        message = compose(letter, sender=self.sender, to=recipients)
        message["Date"] = format_datetime(self.tools.clock.now())
        try:
            refused, said = await asyncio.to_thread(hand_over, self.server, message, self.sender, recipients)
        except smtplib.SMTPRecipientsRefused as error:
            refused, said = error.recipients, ""
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise fault(self.name, error) from error
        return replace(receipt(self.name, refused, len(recipients)), answer=said)


def compose(letter: Letter, *, sender: str, to: tuple[str, ...]) -> EmailMessage:
    """Writes a letter as a mail of a text and an HTML part; its Message-ID is the same at every try."""
    words = digest(letter, TOP)
    message = EmailMessage()
    message["Subject"] = words.subject
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Message-ID"] = f"<{letter.delivery_id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Onshelf-Changes"] = str(len(letter.alerts))
    message.set_content(plain(words, letter.lang))
    message.add_alternative(html(words, letter.lang), subtype="html")
    return message


Refusals = Mapping[str, tuple[int, bytes]]
"""Recipient -> the server's code and words."""


class _Heard(smtplib.SMTP):
    """Remembers what the server says to a whole mail, which the library drops."""

    said = ""

    def data(self, msg: Any) -> tuple[int, bytes]:
        code, words = super().data(msg)
        self.said = _answer(code, words)
        return code, words


class _HeardSsl(_Heard, smtplib.SMTP_SSL):
    """The same over SSL."""


def hand_over(
    server: Server, message: EmailMessage, sender: str, recipients: tuple[str, ...]
) -> tuple[Refusals, str]:
    """Runs one SMTP dialogue, blocking. Returns who was refused, and the server's last word; raises when nobody was accepted."""
    context = ssl.create_default_context(cafile=server.ca_file or None)
    smtp = _connect(server, context)
    try:
        if server.security == "starttls":
            smtp.starttls(context=context)
        if server.username:
            smtp.login(server.username, server.password)
        refused = smtp.send_message(message, sender, recipients)
        return refused, smtp.said
    finally:
        # What the server answers to our good-bye must not undo what it has accepted.
        with contextlib.suppress(smtplib.SMTPException, OSError):
            smtp.quit()
        smtp.close()


def _connect(server: Server, context: ssl.SSLContext) -> _Heard:
    if server.security == "ssl":
        return _HeardSsl(server.host, server.port, _OURSELVES, timeout=STEP_TIMEOUT_S, context=context)
    return _Heard(server.host, server.port, _OURSELVES, timeout=STEP_TIMEOUT_S)


def receipt(channel: str, refused: Refusals, asked: int) -> Receipt:
    """Decides what refused recipients mean: those with 4xx are tried again, those with 5xx are noted.

    Raises DeliveryError when all of them were refused: permanent when every refusal is.
    """
    note = "; ".join(f"{address}: {_answer(*answer)}" for address, answer in refused.items())
    later = tuple(address for address, answer in refused.items() if may_pass(*answer))
    if len(refused) == asked:
        raise DeliveryError(channel, note, permanent=not later, retry_after_s=None)
    return Receipt(note, later)


def fault(channel: str, error: Exception) -> DeliveryError:
    """Translates what the SMTP client raises. A certificate that does not verify is for a person to mend."""
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()
        return _answered(channel, error.smtp_code, words)
    mistaken = isinstance(error, ssl.SSLCertVerificationError | smtplib.SMTPNotSupportedError | ValueError)
    return DeliveryError(channel, f"{type(error).__name__}: {error}"[:200], permanent=mistaken)


def _answered(channel: str, code: int, words: bytes) -> DeliveryError:
    rest_s = SPAM_REST_S if _looks_like_spam(words) else None
    return DeliveryError(
        channel, _answer(code, words), permanent=not may_pass(code, words), retry_after_s=rest_s
    )


def may_pass(code: int, words: bytes) -> bool:
    """Tells whether the same mail may be accepted later. 163 answers 554 to a burst it takes for spam, and means "wait"."""
    return code < 500 or _looks_like_spam(words)


def _looks_like_spam(words: bytes) -> bool:
    return b"DT:SPM" in words


def _answer(code: int, words: bytes) -> str:
    return f"{code} {words.decode('utf-8', 'replace')}"[:200]


_ADDRESS = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+")


def _address(value: str) -> str:
    if not _ADDRESS.fullmatch(value):
        raise ValueError("name@host")
    return value


def _addresses(value: str) -> str:
    given = [part.strip() for part in re.split("[,;，；]", value) if part.strip()]
    if not given or not all(_ADDRESS.fullmatch(part) for part in given):
        raise ValueError("name@host, name@host")
    return ",".join(dict.fromkeys(given))


def _port(value: str) -> str:
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise ValueError("1 … 65535")
    return value


def _certificates(value: str) -> str:
    try:
        ssl.create_default_context(cafile=value)
    except OSError as error:
        raise ValueError(expected("certificates")) from error
    return str(Path(value).resolve())


def _build(name: str, config: Mapping[str, str], tools: Tools) -> Channel:
    server = Server(
        host=config["host"],
        port=int(config["port"] or _PORTS[config["security"]]),
        security=config["security"],
        username=config["username"],
        password=config["password"],
        ca_file=config["ca_file"],
    )
    return Email(name, server, config["sender"], tuple(config["to"].split(",")), tools)


KIND = Kind(
    fields=(
        Field("host", anything),
        Field("sender", _address),
        Field("to", _addresses),
        Field("security", one_of(*_PORTS), default="ssl", choices=tuple(_PORTS)),
        Field("port", _port, default=""),
        Field("username", anything, default=""),
        Field("password", anything, default="", secret=True),
        Field("ca_file", _certificates, default=""),
    ),
    build=_build,
)
