"""Where alerts arrive: mail, a DingTalk robot, a webhook; what they got is at /_sandbox/received."""

import contextlib
from collections.abc import AsyncIterator

import msgspec

from onshelf.sandbox.clock import SandboxClock
from onshelf.sandbox.receivers import dingtalk, smtp, webhook
from onshelf.sandbox.receivers.inbox import Inbox
from onshelf.sandbox.wire import Json

DINGTALK_PATH = "/_sandbox/dingtalk/robot/send"
WEBHOOK_PATH = "/_sandbox/webhook"


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    """What may be switched; None leaves it as it is."""

    dingtalk_keyword: str | None = None  # "" off
    dingtalk_limited: bool | None = None


class Receivers:
    """All receivers and their common inbox."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._mail: Json | None = None
        self.inbox = Inbox()
        self.clear()

    def clear(self) -> None:
        """Empties the inbox and forgets settings and failures to come."""
        self.inbox.messages.clear()
        self.inbox.disarm()
        self.dingtalk = dingtalk.DingTalk(self.inbox)
        self.webhook = webhook.Webhook(self.inbox)

    def adjust(self, settings: Settings) -> None:
        """Switches settings."""
        if settings.dingtalk_keyword is not None:
            self.dingtalk.keyword = settings.dingtalk_keyword
        if settings.dingtalk_limited is not None:
            self.dingtalk.limited = settings.dingtalk_limited

    def settings(self) -> Json:
        """Returns the settings in force."""
        return {"dingtalk_keyword": self.dingtalk.keyword, "dingtalk_limited": self.dingtalk.limited}

    def info(self, base: str) -> Json:
        """Returns where they listen and with which secrets; `smtp` is null when no mail server runs."""
        robot = f"{base}{DINGTALK_PATH}?access_token={dingtalk.TOKEN}"
        return {
            "smtp": self._mail,
            "dingtalk": {"url": robot, "secret": dingtalk.SECRET},
            "webhook": {"url": f"{base}{WEBHOOK_PATH}", "secret": webhook.SECRET},
        }

    @contextlib.asynccontextmanager
    async def listening(self, host: str) -> AsyncIterator[None]:
        """Runs the mail server while open; the others are routes of the sandbox itself."""
        async with smtp.listening(self.inbox, self._clock, host) as mail:
            self._mail = mail
            try:
                yield
            finally:
                self._mail = None
