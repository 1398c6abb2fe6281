"""Directions and local time, for telling an officer where and when."""

from __future__ import annotations

import math
from functools import lru_cache
from importlib import resources
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from alerter.domain.geo import distance_km

COMPASS: Final = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")
Point = tuple[float, float]


def bearing(start: Point, end: Point) -> str:
    """The compass direction in which `end` lies as seen from `start`: N, NE, E and so on."""
    phi1, phi2 = math.radians(start[0]), math.radians(end[0])
    delta = math.radians(end[1] - start[1])
    east = math.sin(delta) * math.cos(phi2)
    north = math.cos(phi1) * math.sin(phi2) - math.sin(phi1) * math.cos(phi2) * math.cos(delta)
    return COMPASS[round(math.degrees(math.atan2(east, north)) / 45) % 8]


def local_zone(country: str | None, point: Point | None = None) -> str | None:
    """The name of the time zone of a place, from the IANA table of zones, or None.

    In a country of several zones it is that of the nearest reference point, or None without
    coordinates: a wrong local time is worse than none.
    """
    zones = _zones().get(country or "", ())
    if len(zones) == 1:
        return zones[0][0]
    if not zones or point is None:
        return None
    return min(zones, key=lambda zone: distance_km(point, zone[1]))[0]


def zone_or_utc(name: str | None) -> ZoneInfo:
    """The zone of that name; UTC where there is none."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


@lru_cache(maxsize=1)
def _zones() -> dict[str, tuple[tuple[str, Point], ...]]:
    table: dict[str, tuple[tuple[str, Point], ...]] = {}
    text = resources.files("tzdata").joinpath("zoneinfo/zone.tab").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        country, coordinates, name = line.split("\t")[:3]
        table[country] = (*table.get(country, ()), (name, _iso6709(coordinates)))
    return table


def _iso6709(text: str) -> Point:
    """Read ISO 6709 as in zone.tab: +DDMM+DDDMM or +DDMMSS+DDDMMSS."""
    split = max(text.rfind("+"), text.rfind("-"))
    return _degrees(text[:split], 2), _degrees(text[split:], 3)


def _degrees(text: str, width: int) -> float:
    sign, digits = (-1 if text[0] == "-" else 1), text[1:]
    minutes = int(digits[width : width + 2]) + int(digits[width + 2 :] or 0) / 60
    return sign * (int(digits[:width]) + minutes / 60)
