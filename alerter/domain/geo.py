"""Distances on the globe."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt
from typing import Final

EARTH_RADIUS_KM: Final = 6371.0088  # mean radius, IUGG 1980


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance between two (latitude, longitude) pairs in degrees, by haversine.

    Exact to 0.5 % (the Earth is no sphere), also across the date line and near the poles.
    """
    (lat_a, lon_a), (lat_b, lon_b) = a, b
    half_lat = radians(lat_b - lat_a) / 2
    half_lon = radians(lon_b - lon_a) / 2
    across = cos(radians(lat_a)) * cos(radians(lat_b)) * sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(sin(half_lat) ** 2 + across)))
