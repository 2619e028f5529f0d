"""The lab's own time: a year passes when you say so.

An unseeded lab starts at the machine's time and runs along with it. A seeded lab starts at
``SEEDED_START`` and stands still until it is advanced, so that dates repeat.
"""

from datetime import UTC, datetime, timedelta

from .own_account.lab_only import said

SEEDED_START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Clock:
    """Time in the lab. KMS reads it for every date, waiting period and expiry."""

    def __init__(self) -> None:
        self._frozen_at: datetime | None = None
        self._offset = timedelta()

    def start(self, *, frozen: bool) -> None:
        """Set the clock to its beginning: a fixed instant that stands, or the machine's time."""
        self._frozen_at = SEEDED_START if frozen else None
        self._offset = timedelta()

    def now(self) -> datetime:
        """The lab's time, in UTC."""
        return (self._frozen_at or datetime.now(UTC)) + self._offset

    def advance(
        self, days: float = 0, *, hours: float = 0, minutes: float = 0, seconds: float = 0
    ) -> datetime:
        """Let time pass and return the new time. Raises ValueError for a step back or none.

        AWS's time passes by itself: with your own account open it says so, and returns the time.
        """
        try:
            step = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
            now = self.now() + step
        except OverflowError as error:
            raise ValueError("The calendar ends in the year 9999: advance by less.") from error
        if step <= timedelta():
            raise ValueError("The clock only goes forward: give days, hours, minutes or seconds.")
        if said("time that passes when you say so. On AWS you would wait."):
            return self.now()
        self._offset += step
        return now

    def __repr__(self) -> str:
        return f"<lab clock: {self.now():%Y-%m-%d %H:%M:%S} UTC>"


clock = Clock()
