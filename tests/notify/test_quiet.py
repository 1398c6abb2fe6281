"""Quiet hours follow the clocks of people, also on the nights when those change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerter.config.routes import QuietHours
from alerter.domain.scales import Severity
from alerter.notify.quiet import instant, quiet_until

FIRST, LAST = datetime.fromisoformat("2010-01-02"), datetime.fromisoformat("2030-01-01")


def hours(start: str, end: str, zone: str = "UTC", *exceptions: str) -> QuietHours:
    return QuietHours.model_validate(
        {"from": start, "to": end, "zone": zone, "except": list(exceptions or ["Extreme"])}
    )


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2020-09-15 18:59", None),
        ("2020-09-15 19:00", "2020-09-16 03:00"),
        ("2020-09-16 02:59", "2020-09-16 03:00"),
        ("2020-09-16 03:00", None),
    ],
)
def test_over_midnight_in_baghdad(now: str, until: str | None) -> None:
    """22:00 to 06:00 at UTC+3, the end not included."""
    found = quiet_until(hours("22:00", "06:00", "Asia/Baghdad"), Severity.SEVERE, utc(now))
    assert found == (utc(until) if until else None)


def test_within_one_day() -> None:
    """A siesta."""
    siesta = hours("13:00", "15:00")
    assert quiet_until(siesta, Severity.MINOR, utc("2020-09-15 14:00")) == utc("2020-09-15 15:00")
    assert quiet_until(siesta, Severity.MINOR, utc("2020-09-15 15:00")) is None


def test_exceptions_are_never_held() -> None:
    """Extreme by default; what is listed otherwise."""
    night = utc("2020-09-15 23:00")
    assert quiet_until(hours("22:00", "06:00"), Severity.EXTREME, night) is None
    both = hours("22:00", "06:00", "UTC", "Severe", "Extreme")
    assert quiet_until(both, Severity.SEVERE, night) is None
    assert quiet_until(None, Severity.MINOR, night) is None


@pytest.mark.parametrize(
    ("zone", "start", "end", "now", "until"),
    [
        # Berlin, 25 October 2020: 03:00 becomes 02:00. The night is an hour longer.
        ("Europe/Berlin", "22:00", "06:00", "2020-10-24 20:30", "2020-10-25 05:00"),
        # Berlin, 29 March 2020: 02:00 becomes 03:00. The night is an hour shorter.
        ("Europe/Berlin", "22:00", "06:00", "2020-03-28 22:30", "2020-03-29 04:00"),
        # 02:30 comes twice: quiet ends at the first.
        ("Europe/Berlin", "22:00", "02:30", "2020-10-24 23:00", "2020-10-25 00:30"),
        # 02:30 never comes: quiet ends when the clocks jump over it.
        ("Europe/Berlin", "22:00", "02:30", "2020-03-29 00:30", "2020-03-29 01:00"),
        # It begins at a time that never comes.
        ("Europe/Berlin", "02:30", "06:00", "2020-03-29 01:00", "2020-03-29 04:00"),
        # Half an hour of daylight saving, on the other half of the globe.
        ("Australia/Lord_Howe", "22:00", "06:00", "2020-10-03 13:00", "2020-10-03 19:00"),
    ],
)
def test_nights_on_which_the_clocks_change(
    zone: str, start: str, end: str, now: str, until: str
) -> None:
    """Ends when clocks on the wall say so."""
    assert quiet_until(hours(start, end, zone), Severity.MINOR, utc(now)) == utc(until)


CLOCKS = st.times().map(lambda each: each.replace(second=0, microsecond=0))
ZONES = st.sampled_from(
    ["UTC", "Asia/Baghdad", "Europe/Berlin", "America/New_York", "Africa/Casablanca",
     "Asia/Tehran", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia"]
)  # fmt: skip
MOMENTS = st.datetimes(min_value=FIRST, max_value=LAST, timezones=st.just(UTC))


@given(start=CLOCKS, end=CLOCKS, zone=ZONES, now=MOMENTS)
def test_quiet_always_ends_within_a_day_and_does_not_end_in_quiet(
    start: datetime, end: datetime, zone: str, now: datetime
) -> None:
    """No alert is held for ever, whatever the hours and the zone."""
    if start == end:
        return
    quiet = hours(f"{start:%H:%M}", f"{end:%H:%M}", zone)
    until = quiet_until(quiet, Severity.MINOR, now)
    if until is None:
        return
    assert now < until <= now + timedelta(hours=26)
    again = quiet_until(quiet, Severity.MINOR, until)
    assert again is None or again - until > timedelta(hours=20)  # a pause shorter than the jump


@given(day=st.dates(min_value=FIRST.date()), clock=CLOCKS, zone=ZONES)
def test_an_instant_shows_its_time_or_the_time_after_a_jump(
    day: datetime, clock: datetime, zone: str
) -> None:
    """On the wall of that zone."""
    at = ZoneInfo(zone)
    local = instant(day, clock, at).astimezone(at).replace(tzinfo=None)  # type: ignore[arg-type]
    wanted = datetime.combine(day, clock)  # type: ignore[arg-type]
    assert local == wanted or timedelta() < local - wanted <= timedelta(days=1)


def test_hours_that_begin_when_they_end_are_refused() -> None:
    """Nobody knows whether that is always or never."""
    with pytest.raises(ValueError, match="the same time"):
        hours("22:00", "22:00")
