"""Quiet hours on the clocks of people: right when the clocks change. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from alerter.config.routes import QuietHours
from alerter.domain.scales import Severity

_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


def quiet_until(hours: QuietHours | None, severity: Severity, now: datetime) -> datetime | None:
    """When the quiet that covers `now` ends, in UTC; None when it is not quiet for it."""
    if hours is None or severity in hours.except_:
        return None
    today = now.astimezone(hours.zone).date()
    for day in (today - _DAY, today):
        start, end = window(hours, day)
        if start <= now < end:
            return end
    return None


def window(hours: QuietHours, day: date) -> tuple[datetime, datetime]:
    """The quiet hours that begin on that day in their zone, as instants in UTC."""
    last = day if hours.to > hours.from_ else day + _DAY
    return instant(day, hours.from_, hours.zone), instant(last, hours.to, hours.zone)


def instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """When the clocks of that zone show that time on that day, in UTC.

    A time that comes twice (clocks go back) is the first of the two; one that never comes (clocks
    go forward) is the moment of the change.
    """
    local = datetime.combine(day, clock, tzinfo=zone)
    found = local.astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return found
    before = local.replace(fold=1).astimezone(UTC)  # in a gap fold=1 lies before the change
    offset = before.astimezone(zone).utcoffset()
    while before.astimezone(zone).utcoffset() == offset:
        before += _MINUTE
    return before
