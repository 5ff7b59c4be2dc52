"""What time it is: asked of a clock that is passed in, so that tests and simulations set their own."""

import time
from typing import Protocol


class Clock(Protocol):
    """Something that knows the time."""

    def now_ms(self) -> int:
        """Milliseconds since 1970 in UTC."""
        ...


class SystemClock:
    """The clock of this machine."""

    def now_ms(self) -> int:
        """Milliseconds since 1970 in UTC."""
        return time.time_ns() // 1_000_000


class FixedClock:
    """A clock that stands still until it is set or moved on.

    Parameters
    ----------
    now_ms
        Where it stands at first, in milliseconds since 1970 in UTC.

    Examples
    --------
    >>> clock = FixedClock(1_000)
    >>> clock.advance(500)
    >>> clock.now_ms()
    1500
    """

    def __init__(self, now_ms: int = 0) -> None:
        self._now_ms = now_ms

    def now_ms(self) -> int:
        """Milliseconds since 1970 in UTC."""
        return self._now_ms

    def set(self, now_ms: int) -> None:
        """Set the clock, forwards or back."""
        self._now_ms = now_ms

    def advance(self, duration_ms: int) -> None:
        """Move the clock on by `duration_ms`; a clock that runs backwards is refused.

        Raises
        ------
        ValueError
            If `duration_ms` is negative.
        """
        if duration_ms < 0:
            raise ValueError(f"a clock advances, {duration_ms} ms is backwards")
        self._now_ms += duration_ms
