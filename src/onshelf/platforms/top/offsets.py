"""How far the clock of each gateway is from ours; what is signed carries the gateway's time. Pure."""

from email.utils import parsedate_to_datetime

from onshelf.clock import SECOND_US, to_us

WORTH_LEARNING_US = 5 * SECOND_US
"""Smaller differences are no reason to change: the gateway allows ten minutes."""


class Offsets:
    """The gateways' clocks minus ours, in microseconds; one never heard of counts as right."""

    def __init__(self) -> None:
        self._us: dict[str, int] = {}

    def of(self, gateway: str) -> int:
        """Returns what must be added to our time."""
        return self._us.get(gateway, 0)

    def learn(self, gateway: str, told_us: int, at_us: int) -> int:
        """Takes the gateway's word, whole seconds, for our moment `at_us`; half a second is the best guess for the rest."""
        self._us[gateway] = told_us + SECOND_US // 2 - at_us
        return self._us[gateway]

    def learn_from_date(self, gateway: str, date: str, at_us: int) -> None:
        """Takes the time of a Date header, when it is one and differs by more than seconds."""
        try:
            moment = parsedate_to_datetime(date)
        except ValueError:
            return
        if moment.tzinfo is None:
            return
        told_us = to_us(moment)
        if abs(told_us + SECOND_US // 2 - at_us - self.of(gateway)) > WORTH_LEARNING_US:
            self.learn(gateway, told_us, at_us)
