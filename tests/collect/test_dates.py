"""Dates that can be believed, and all the others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import struct_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerter.collect.dates import from_struct, parse_date

NOW = datetime(2020, 9, 15, 12, tzinfo=UTC)
TEN = datetime(2020, 9, 15, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "given_date",
    [
        "2020-09-15T10:00:00Z",
        "2020-09-15T13:00:00+03:00",
        "2020-09-15T10:00:00",
        "2020-09-15 10:00:00",
        "20200915T100000Z",
        "20200915100000",
        "Tue, 15 Sep 2020 10:00:00 GMT",
        "Tue, 15 Sep 2020 05:00:00 EST",
        "15 Sep 2020 10:00:00",
        1600164000,
        1600164000.0,
        1600164000000,
    ],
)
def test_every_usual_form_is_read_as_utc(given_date: str | float) -> None:
    """A missing zone is UTC, by rule."""
    assert parse_date(given_date, now=NOW) == TEN


@pytest.mark.parametrize(
    "given_date",
    [
        None,
        "",
        "yesterday",
        "0000-00-00 00:00:00",
        "9999-12-31T23:59:59Z",
        "2020-09-20T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "1889-01-01",
        "Tue, 99 Foo 2020 10:00:00 GMT",
        "2020-13-45T99:00:00Z",
        True,
        0,
        -1,
        1e300,
        float("nan"),
        float("inf"),
        "9" * 5000,
    ],
)
def test_what_cannot_be_believed_is_unknown(given_date: object) -> None:
    """Never now, never a guess: unknown is None."""
    assert parse_date(given_date, now=NOW) is None


def test_a_clock_that_is_a_little_ahead_is_believed() -> None:
    """A wrong zone puts a date some hours into the future."""
    assert parse_date("2020-09-16T10:00:00Z", now=NOW) == TEN + timedelta(days=1)


def test_feedparsers_dates_are_read_with_leap_seconds() -> None:
    """Second 60 exists; year 0 does not."""
    leap = struct_time((2016, 12, 31, 23, 59, 60, 5, 366, 0))
    assert from_struct(leap, now=NOW) == datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert from_struct(struct_time((0, 0, 0, 0, 0, 0, 0, 0, 0)), now=NOW) is None
    assert from_struct(None, now=NOW) is None


@given(st.one_of(st.text(), st.floats(), st.integers(), st.booleans(), st.datetimes()))
def test_nothing_makes_it_raise(anything: object) -> None:
    """And what it answers is aware and not far ahead."""
    found = parse_date(anything, now=NOW)
    assert found is None or found <= NOW + timedelta(days=2)
