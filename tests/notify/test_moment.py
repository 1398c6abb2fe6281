"""Times as an officer reads them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from alerter.notify.moment import day_or_moment, moment

BAGHDAD = ZoneInfo("Asia/Baghdad")
NOW = datetime(2026, 5, 12, 22, 30, tzinfo=UTC)  # already the 13th in Baghdad


@pytest.mark.parametrize(
    ("day", "ago"),
    [
        ("2026-05-12", "yesterday"),
        ("2026-05-13", "today"),
        ("2026-05-14", "tomorrow"),
        ("2026-05-01", "12 days ago"),
        ("2026-05-20", "in 7 days"),
    ],
)
def test_a_day_is_told_as_a_day(day: str, ago: str) -> None:
    """Reports that say `on Tuesday` name no hour, and none is made up; days are those there."""
    found = day_or_moment(f"{day}T12:00:00Z", BAGHDAD, NOW)
    assert found is not None
    assert "12:00" not in found.text + found.utc + found.local
    assert found.text.endswith("May 2026 (time of day not known)")
    assert found.ago == ago


def test_an_hour_that_is_known_is_told() -> None:
    """In UTC and in local time, with the day there where it is another."""
    text = "2026-05-12T21:52:00Z"
    found = day_or_moment(text, BAGHDAD, NOW)
    assert found == moment(text, BAGHDAD, NOW)
    assert found is not None
    assert found.text == "12 May 2026, 21:52 UTC (13 May 2026, 00:52 Baghdad time, UTC+3)"
    assert day_or_moment("soon", BAGHDAD, NOW) is None
