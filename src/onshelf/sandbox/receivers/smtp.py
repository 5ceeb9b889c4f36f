"""A mail server that keeps what it gets: STARTTLS with a certificate made at the start, sign-in optional."""

import asyncio
import contextlib
import email
import email.policy
import logging
import ssl
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from onshelf.sandbox.clock import SandboxClock
from onshelf.sandbox.receivers.inbox import Inbox
from onshelf.sandbox.wire import Json

USER, PASSWORD = "sandbox", "sandbox"
logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd warns of an attribute that it sets itself


class Mailbox:
    """The mail server's handler; each message is judged at its end."""

    def __init__(self, inbox: Inbox, clock: SandboxClock) -> None:
        self._inbox = inbox
        self._clock = clock

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 aiosmtpd's name
        """Keeps a message, or fails as the next fault says."""
        strike = self._inbox.strike("smtp")
        kind = strike.kind if strike else ""
        if strike and kind == "slow":
            await self._clock.sleep(strike.seconds)
        if kind in ("refuse", "error_in_200"):
            return "550 5.7.1 refused by the sandbox"
        if kind == "http_5xx":
            return "451 4.3.0 try again later"
        self._inbox.keep("smtp", self._clock.now(), accepted=True, why="", **_content(session, envelope))
        if kind == "cut_after" and isinstance(server.transport, asyncio.WriteTransport):
            server.transport.abort()
        return "250 2.0.0 kept"


def _content(session: Session, envelope: Envelope) -> Json:
    raw = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
    message = email.message_from_bytes(raw, policy=email.policy.default)
    part = message.get_body(("plain", "html"))
    return {
        "tls": session.ssl is not None,
        "signed_in": bool(session.authenticated),
        "from": envelope.mail_from,
        "to": list(envelope.rcpt_tos),
        "subject": str(message.get("Subject", "")),
        "message_id": str(message.get("Message-ID", "")),
        "text": part.get_content() if part else "",
    }


def _sign_in(
    _server: SMTP, _session: Session, _envelope: Envelope, mechanism: str, data: object
) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (
        USER.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=right, handled=mechanism not in ("LOGIN", "PLAIN"))


@contextlib.asynccontextmanager
async def listening(inbox: Inbox, clock: SandboxClock, host: str) -> AsyncIterator[Json]:
    """Serves mail while open; yields host, port, the file of the authority to trust, user and password."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host, "localhost").configure_cert(context)

    def session() -> SMTP:
        return SMTP(
            Mailbox(inbox, clock),
            tls_context=context,
            authenticator=_sign_in,
            auth_require_tls=True,
            hostname="sandbox",
            enable_SMTPUTF8=True,
            loop=asyncio.get_running_loop(),
        )

    with tempfile.TemporaryDirectory(prefix="onshelf-sandbox-") as folder:
        trusted = Path(folder) / "ca.pem"
        authority.cert_pem.write_to_path(str(trusted))
        server = await asyncio.get_running_loop().create_server(session, host, 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            yield {"host": host, "port": port, "ca_file": str(trusted), "user": USER, "password": PASSWORD}
