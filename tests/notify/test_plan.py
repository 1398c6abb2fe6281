"""When what is planned is due."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from alerter.notify.plan import daily, every

BAGHDAD = ZoneInfo("Asia/Baghdad")
SIX = time(6, 0)

FIRST, LAST = datetime.fromisoformat("2010-01-02"), datetime.fromisoformat("2030-01-01")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_digest_comes_at_the_next_hour_set_for_it() -> None:
    """06:00 in Baghdad is 03:00 UTC."""
    assert daily(SIX, BAGHDAD, last=utc("2020-09-15 02:59")) == utc("2020-09-15 03:00")
    assert daily(SIX, BAGHDAD, last=utc("2020-09-15 03:00")) == utc("2020-09-16 03:00")
    assert daily(SIX, BAGHDAD, last=utc("2020-09-15 22:00")) == utc("2020-09-16 03:00")


def test_a_drill_comes_every_so_many_days_at_its_hour() -> None:
    """However late the last one was."""
    week = timedelta(days=7)
    assert every(week, time(10), BAGHDAD, last=utc("2020-09-15 07:03")) == utc("2020-09-22 07:00")
    hour = timedelta(hours=1)
    assert every(hour, time(10), BAGHDAD, last=utc("2020-09-15 07:03")) == utc("2020-09-16 07:00")


@given(
    last=st.datetimes(min_value=FIRST, max_value=LAST, timezones=st.just(UTC)),
    at=st.times(),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "Asia/Baghdad", "America/St_Johns"]),
)
def test_a_daily_report_comes_every_day(last: datetime, at: time, zone: str) -> None:
    """Later than the last, within little more than a day, whatever the clocks do."""
    due = daily(at, ZoneInfo(zone), last=last)
    assert last < due <= last + timedelta(hours=27)
