"""Where it is from my post, and what time it is there."""

from __future__ import annotations

import pytest

from alerter.notify.geography import bearing, local_zone, zone_or_utc

BAGHDAD = (33.31, 44.36)


@pytest.mark.parametrize(
    ("end", "direction"),
    [((34.3, 44.36), "N"), ((33.31, 45.0), "E"), ((32.0, 44.36), "S"), ((32.5, 43.4), "SW")],
)
def test_the_direction_in_which_it_lies(end: tuple[float, float], direction: str) -> None:
    """As a compass says it."""
    assert bearing(BAGHDAD, end) == direction


def test_a_country_of_one_zone_needs_no_coordinates() -> None:
    """Others do: a wrong local time is worse than none."""
    assert local_zone("IQ") == "Asia/Baghdad"
    assert local_zone("US") is None
    assert local_zone("US", (38.9, -77.04)) == "America/New_York"
    assert local_zone("XX") is None
    assert local_zone(None) is None


def test_an_unknown_zone_is_utc() -> None:
    """Never an error on the way out."""
    assert zone_or_utc("Mars/Olympus").key == "UTC"
    assert zone_or_utc(None).key == "UTC"
    assert zone_or_utc("../../etc/passwd").key == "UTC"
