"""Distances on the globe."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerter.domain.geo import EARTH_RADIUS_KM, distance_km

LATITUDES = st.floats(-90, 90)
LONGITUDES = st.floats(-180, 180)
POINTS = st.tuples(LATITUDES, LONGITUDES)


@pytest.mark.parametrize(
    ("a", "b", "km"),
    [
        ((33.299, 44.387), (33.262, 44.235), 14.7),  # Green Zone to Baghdad airport
        ((51.5074, -0.1278), (48.8566, 2.3522), 343.6),  # London to Paris
        ((0.0, 179.9), (0.0, -179.9), 22.2),  # across the date line
        ((90.0, 0.0), (90.0, 120.0), 0.0),  # the pole is one point
    ],
)
def test_known_distances(a: tuple[float, float], b: tuple[float, float], km: float) -> None:
    """Known distances come out to half a percent."""
    assert distance_km(a, b) == pytest.approx(km, rel=0.005, abs=0.01)


@given(POINTS, POINTS)
def test_distance_is_symmetric_and_never_more_than_half_the_globe(
    a: tuple[float, float], b: tuple[float, float]
) -> None:
    """From here to there is as far as back, and no place is farther than the antipode."""
    assert distance_km(a, b) == pytest.approx(distance_km(b, a))
    assert 0 <= distance_km(a, b) <= EARTH_RADIUS_KM * 3.14159266
