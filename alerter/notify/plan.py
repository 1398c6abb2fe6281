"""When drills, digests and heartbeats are due, on the clocks of people. Pure.

`last` is when it was done last, or when it was first asked for: a newcomer's first digest comes at
the next hour set for it, not at once.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from alerter.notify.quiet import instant

_DAY = timedelta(days=1)


def daily(at: time, zone: ZoneInfo, *, last: datetime) -> datetime:
    """The first time after `last` at which clocks in that zone show `at`."""
    day = last.astimezone(zone).date()
    today = instant(day, at, zone)
    return today if today > last else instant(day + _DAY, at, zone)


def every(span: timedelta, at: time, zone: ZoneInfo, *, last: datetime) -> datetime:
    """The next time after a number of whole days since the day of `last`; at least one day on."""
    days = max(1, span // _DAY)
    return instant(last.astimezone(zone).date() + timedelta(days=days), at, zone)
