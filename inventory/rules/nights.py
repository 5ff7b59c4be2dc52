"""When the work of a night is due at a site: at a time of day of its own time zone, and once for each day."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

RETRY_FIRST_MS, RETRY_MAX_MS = 60_000, 3_600_000
"""What fails is tried again after a minute, then after twice as long each time, an hour at most: most faults are short,
such as a database that is being restarted, and a long one must not fill the log."""


@dataclass(frozen=True)
class Night:
    """The night that is named after the day on which its work became due."""

    day: date
    due_ms: int


def latest_night(now_ms: int, at: time, time_zone: str) -> Night:
    """The night whose work became due last.

    Parameters
    ----------
    now_ms
        Milliseconds since 1970 in UTC.
    at
        Time of day from which on the work of a night is done. One that the clocks leave out in spring comes as much
        later as they are put forward.
    time_zone
        That of the site, such as Europe/Rome.

    Examples
    --------
    >>> noon_ms = round(datetime(2026, 1, 10, 12, tzinfo=UTC).timestamp() * 1000)
    >>> latest_night(noon_ms, time(2), "Europe/Rome").day
    datetime.date(2026, 1, 10)
    >>> latest_night(noon_ms, time(14), "Europe/Rome").day
    datetime.date(2026, 1, 9)
    """
    zone = ZoneInfo(time_zone)
    day = datetime.fromtimestamp(now_ms / 1000, tz=UTC).astimezone(zone).date()
    due_ms = _ms(day, at, zone)
    if due_ms > now_ms:
        day -= timedelta(days=1)
        due_ms = _ms(day, at, zone)
    return Night(day, due_ms)


def _ms(day: date, at: time, zone: ZoneInfo) -> int:
    return round(datetime.combine(day, at, tzinfo=zone).timestamp() * 1000)


def retry_ms(num_tries: int) -> int:
    """How long to wait after so many tries that failed."""
    return min(RETRY_MAX_MS, RETRY_FIRST_MS << min(num_tries - 1, 10))
