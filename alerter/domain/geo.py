"""Distances on the earth."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt
from typing import Final

EARTH_RADIUS_KM: Final = 6371.0088  # mean radius, IUGG


def haversine_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Great-circle distance in kilometres between two WGS 84 points (haversine formula)."""
    half_lat = sin(radians(lat2 - lat1) / 2) ** 2
    half_lon = sin(radians(lon2 - lon1) / 2) ** 2
    chord = half_lat + cos(radians(lat1)) * cos(radians(lat2)) * half_lon
    return 2 * EARTH_RADIUS_KM * asin(sqrt(min(1.0, chord)))
