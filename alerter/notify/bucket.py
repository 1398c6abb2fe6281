"""A token bucket: how many messages a target takes now. Pure but for what it remembers."""

from __future__ import annotations

from datetime import datetime


class Bucket:
    """Lets `burst` through after a rest and `per_second` in the long run (None: everything).

    Time is what the caller says it is; it never goes back.
    """

    def __init__(self, *, per_second: float | None, burst: int) -> None:
        self._per_second = per_second
        self._burst = max(1, burst)
        self._tokens = float(self._burst)
        self._at: datetime | None = None

    def available(self, wanted: int, now: datetime) -> int:
        """How many of those wanted may go now."""
        if self._per_second is None:
            return wanted
        if self._at is not None and now > self._at:
            rested = (now - self._at).total_seconds() * self._per_second
            self._tokens = min(float(self._burst), self._tokens + rested)
        self._at = now if self._at is None else max(self._at, now)
        return min(wanted, int(self._tokens + 1e-9))

    def take(self, count: int) -> None:
        """So many have gone."""
        self._tokens -= count
