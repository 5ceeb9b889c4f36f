"""What all receivers got, and how the next deliveries to them are to fail."""

import msgspec

from onshelf.sandbox.errors import ControlError
from onshelf.sandbox.wire import Json

RECEIVERS = ("dingtalk", "webhook", "smtp")
KINDS = ("refuse", "error_in_200", "http_5xx", "slow", "cut_after")


class Strike(msgspec.Struct, forbid_unknown_fields=True):
    """How the next `count` deliveries to a receiver fail."""

    receiver: str
    kind: str
    count: int = 1
    seconds: float = 1.0  # slow


class SavedInbox(msgspec.Struct):
    """An inbox as a value."""

    messages: list[Json] = []
    armed: list[Strike] = []


class Inbox:
    """Messages in the order they came, accepted or not."""

    def __init__(self) -> None:
        self.messages: list[Json] = []
        self._armed: list[Strike] = []

    def keep(self, receiver: str, at: float, accepted: bool, why: str, **content: object) -> None:
        """Keeps a message; `why` is "" when it was accepted."""
        self.messages.append({"receiver": receiver, "at": at, "accepted": accepted, "why": why, **content})

    def arm(self, strike: Strike) -> Strike:
        """Lets the next deliveries fail. Raises: ControlError naming the field."""
        if strike.receiver not in RECEIVERS:
            raise ControlError("receiver", f"use one of {', '.join(RECEIVERS)}")
        if strike.kind not in KINDS:
            raise ControlError("kind", f"use one of {', '.join(KINDS)}")
        self._armed.append(strike)
        return strike

    def strike(self, receiver: str) -> Strike | None:
        """Takes the failure meant for the next delivery to a receiver; None lets it through."""
        for strike in self._armed:
            if strike.receiver == receiver and strike.count > 0:
                strike.count -= 1
                return strike
        return None

    def save(self) -> "SavedInbox":
        """Returns everything as one value."""
        return SavedInbox(self.messages, [one for one in self._armed if one.count > 0])

    def load(self, saved: "SavedInbox") -> None:
        """Puts saved messages and failures to come in place of the present ones."""
        self.messages[:], self._armed[:] = saved.messages, saved.armed

    def strikes(self) -> list[Json]:
        """Returns the failures still to come."""
        return [msgspec.to_builtins(one) for one in self._armed if one.count > 0]

    def disarm(self) -> int:
        """Forgets all failures to come; returns how many rules there were."""
        count = len(self.strikes())
        self._armed.clear()
        return count
