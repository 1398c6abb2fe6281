"""The pictures of a mail: where it is from my posts, and how often such things happened.

A sketch and no map: nothing is asked of a map server, which would learn what we look at.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from alerter.domain.geo import distance_km
from alerter.notify.canvas import Canvas, Color, Point, text_width
from alerter.notify.geography import COMPASS
from alerter.notify.message import Message
from alerter.notify.text import clean, finite
from alerter.notify.words import LETTERS, TINTS

Json = Mapping[str, Any]
WIDTH: Final = 536  # what remains of 600 in a mail
MAP_HEIGHT: Final = 250
TEMPO_HEIGHT: Final = 130
FAR_KM: Final = 300.0  # posts farther away are named with their distance, not drawn
MAX_POSTS: Final = 8
MAX_DAYS: Final = 120

PAPER: Final[Color] = (247, 249, 250)
INK: Final[Color] = (31, 41, 51)
FAINT: Final[Color] = (205, 213, 219)
GREY: Final[Color] = (95, 108, 119)
LABEL_ANGLE: Final = math.radians(22.5)
WHITE: Final[Color] = (255, 255, 255)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A PNG for a mail. `alt` says in words what it shows."""

    name: str
    alt: str
    png: bytes


def pictures(message: Message) -> tuple[Picture, ...]:
    """What can be drawn of the message: `map`, `tempo`, both or nothing."""
    about = _mapping(message.payload.get("incident"))
    days = (_mapping(message.payload.get("digest")) or about).get("series")
    found = (_map(about), _tempo(days, str(about.get("severity"))))
    return tuple(picture for picture in found if picture is not None)


def _map(about: Json) -> Picture | None:
    place = _mapping(about.get("place"))
    posts = _posts(about, place)
    if not posts:
        return None
    tint = TINTS.get(str(about.get("severity")), TINTS["Unknown"]).strong
    nearest = min(math.hypot(*post) for _, post in posts)
    return Picture(
        name="map",
        alt=f"Sketch: the incident in the middle, {len(posts)} of my posts around it, the nearest "
        f"{nearest:.1f} km away. North is up.",
        png=draw_map(posts, finite(place.get("radius_km")) or 0.0, tint),
    )


def _posts(about: Json, place: Json) -> tuple[tuple[str, Point], ...]:
    """My posts as (letter, (km east, km north)) seen from the incident."""
    rows = about.get("distances")
    found = []
    for letter, row in zip(LETTERS, rows if isinstance(rows, list) else (), strict=False):
        offset = _offset(_mapping(row), place)
        if offset is not None and math.hypot(*offset) <= FAR_KM:
            found.append((letter, offset))
    return tuple(found[:MAX_POSTS])


def _offset(row: Json, place: Json) -> Point | None:
    """Where a post lies: from its coordinates, else from distance and compass direction."""
    post, at = _coordinates(row), _coordinates(place)
    if post is not None and at is not None:
        east = math.copysign(distance_km(at, (at[0], post[1])), post[1] - at[1])
        north = math.copysign(distance_km(at, (post[0], at[1])), post[0] - at[0])
        return east, north
    km, bearing = finite(row.get("km")), row.get("bearing")
    if km is None or bearing not in COMPASS:
        return None
    angle = math.radians(COMPASS.index(bearing) * 45 + 180)  # the bearing leads from post to place
    return km * math.sin(angle), km * math.cos(angle)


def _coordinates(row: Json) -> Point | None:
    lat, lon = finite(row.get("lat")), finite(row.get("lon"))
    return None if lat is None or lon is None else (lat, lon)


def _mapping(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}


@lru_cache(maxsize=64)
def draw_map(posts: tuple[tuple[str, Point], ...], radius_km: float, tint: str) -> bytes:
    """The incident in the middle, rings of distance, posts by their letters; north is up."""
    middle = (WIDTH / 2, MAP_HEIGHT / 2)
    reach_km = max(1.0, *(math.hypot(*post) for _, post in posts)) * 1.2
    per_km = (MAP_HEIGHT / 2 - 12) / reach_km
    canvas = Canvas(WIDTH, MAP_HEIGHT, PAPER)
    color = _rgb(tint)
    if radius_km:
        canvas.disc(middle, min(radius_km * per_km, WIDTH), color, alpha=0.10)
    _rings(canvas, middle, per_km, reach_km)
    for _, (east, north) in posts:
        at = (middle[0] + east * per_km, middle[1] - north * per_km)
        canvas.line(middle, at, 1.2, GREY)
    canvas.disc(middle, 9, WHITE)
    canvas.disc(middle, 7.5, color)
    canvas.disc(middle, 2.5, WHITE)
    for letter, (east, north) in posts:
        _post(canvas, (middle[0] + east * per_km, middle[1] - north * per_km), letter)
    _north(canvas)
    return canvas.png()


def _rings(canvas: Canvas, middle: Point, per_km: float, reach_km: float) -> None:
    step = _round_step(reach_km / 2.2)
    for i in range(1, int(WIDTH / 2 / per_km / step) + 1):
        radius = i * step * per_km
        canvas.ring(middle, radius, 1.0, FAINT)
        # Between two of the eight directions, where posts of which only the direction is known lie.
        x = middle[0] + radius * math.cos(LABEL_ANGLE)
        y = middle[1] + radius * math.sin(LABEL_ANGLE)
        label = f"{i * step:g} KM"
        half = text_width(label, 7) / 2
        if x + half < WIDTH and y + 8 < MAP_HEIGHT:
            canvas.box(x - half - 2, y - 6, x + half, y + 6, PAPER)
            canvas.text((x - half, y - 3.5), label, 7, GREY)


def _post(canvas: Canvas, at: Point, letter: str) -> None:
    canvas.disc(at, 11, WHITE)
    canvas.disc(at, 9.5, INK)
    width = text_width(letter, 8) - 2.2 * 8 / 6
    canvas.text((at[0] - width / 2, at[1] - 4), letter, 8, WHITE, bold=1.1)


def _north(canvas: Canvas) -> None:
    x, y = WIDTH - 22.0, 16.0
    canvas.line((x, y + 22), (x, y), 1.6, GREY)
    canvas.line((x, y), (x - 4, y + 7), 1.6, GREY)
    canvas.line((x, y), (x + 4, y + 7), 1.6, GREY)
    canvas.text((x - 3, y + 27), "N", 8, GREY, bold=1.1)


def _tempo(days: Any, severity: str) -> Picture | None:
    rows = _days(days)
    if len(rows) < 2:
        return None
    total, most = sum(count for _, count in rows), max(count for _, count in rows)
    tint = TINTS.get(severity, TINTS["Unknown"]).strong
    return Picture(
        name="tempo",
        alt=f"Bars: {total} incidents in {len(rows)} days from {rows[0][0]} to {rows[-1][0]}, "
        f"at most {most} in one day.",
        png=draw_tempo(rows, tint),
    )


def _days(days: Any) -> tuple[tuple[str, int], ...]:
    """The series as (day, count), the last `MAX_DAYS` of it."""
    if not isinstance(days, Sequence) or isinstance(days, str):
        return ()
    pairs = [row for row in days if isinstance(row, list | tuple) and len(row) == 2]
    rows = [(clean(day, limit=10), count) for day, count in pairs if isinstance(count, int)]
    return tuple((day, max(count, 0)) for day, count in rows[-MAX_DAYS:])


@lru_cache(maxsize=64)
def draw_tempo(rows: tuple[tuple[str, int], ...], tint: str) -> bytes:
    """Incidents by day as bars: the last seven days in colour, those before in grey."""
    canvas = Canvas(WIDTH, TEMPO_HEIGHT, PAPER)
    left, right, top, bottom = 34.0, WIDTH - 12.0, 16.0, TEMPO_HEIGHT - 24.0
    most = max(1, *(count for _, count in rows))
    for level in sorted({0, most} | ({most // 2} if most > 3 else set())):
        y = bottom - (bottom - top) * level / most
        canvas.box(left, y, right, y + 0.5, FAINT)
        label = str(level)
        canvas.text((left - 8 - text_width(label, 7), y - 3.5), label, 7, GREY)
    slot = (right - left) / len(rows)
    for i, (_, count) in enumerate(rows):
        x = left + i * slot
        color = _rgb(tint) if i >= len(rows) - 7 else (150, 162, 172)
        y = bottom - (bottom - top) * count / most
        canvas.box(x + slot * 0.12, y, x + slot * 0.88, bottom, color)
    canvas.text((left, bottom + 9), rows[0][0], 7, GREY)
    last = rows[-1][0]
    canvas.text((right - text_width(last, 7) + 2, bottom + 9), last, 7, GREY)
    return canvas.png()


def _round_step(km: float) -> float:
    """The largest of 1, 2, 5, 10, 20 ... that is not above `km`, at least 0.5."""
    if km < 1:
        return 0.5
    power = 10.0 ** math.floor(math.log10(km))
    return max(step * power for step in (1, 2, 5) if step * power <= km)


def _rgb(color: str) -> Color:
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return red, green, blue
