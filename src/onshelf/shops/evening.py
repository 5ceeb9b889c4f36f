"""When a day's probe is due: at one time of the day in Beijing, so that trouble is found while people are awake. Pure."""

from datetime import datetime, time, timedelta

from onshelf.clock import BEIJING, from_us, to_us


def read_time_of_day(given: str) -> time | None:
    """Reads `HH:MM`; None for an empty text: never. Raises ValueError for anything else."""
    if not given.strip():
        return None
    moment = datetime.strptime(given.strip(), "%H:%M").time()  # noqa: DTZ007 a time of day has no zone of its own
    return moment.replace(tzinfo=BEIJING)


def last_due_us(at: time, now_us: int) -> int:
    """Returns when it was last due: today at that time, or yesterday when that is still to come."""
    now = from_us(now_us).astimezone(BEIJING)
    today = datetime.combine(now.date(), at)
    return to_us(today if today <= now else today - timedelta(days=1))
