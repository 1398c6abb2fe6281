"""The pictures of a mail."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from typing import Any

import pytest

from alerter.notify.canvas import STROKES, Canvas, text_width
from alerter.notify.chart import MAP_HEIGHT, WIDTH, Picture, pictures
from alerter.notify.message import Message
from alerter.notify.samples import sample_messages

WHITE = (255, 255, 255)
RED = (200, 0, 0)


def told(**about: Any) -> Message:
    """The sample alert with some of its incident replaced."""
    message = sample_messages()["alert"]
    incident = {**message.payload["incident"], **about}
    return replace(message, payload={**message.payload, "incident": incident})


def decoded(png: bytes) -> tuple[int, int, bytes]:
    """Width, height and rows of a PNG without filters, every checksum verified."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, chunks = 8, {}
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        (crc,) = struct.unpack(">I", png[at + 8 + length : at + 12 + length])
        assert crc == zlib.crc32(kind + body)
        chunks[kind] = body
        at += 12 + length
    width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
    rows = zlib.decompress(chunks[b"IDAT"])
    assert len(rows) == height * (1 + width * 3)
    return width, height, rows


def pixel(canvas: Canvas, x: int, y: int) -> tuple[int, ...]:
    """One pixel of the file."""
    width, _, rows = decoded(canvas.png())
    start = y * (1 + width * 3) + 1 + x * 3
    return tuple(rows[start : start + 3])


def named(found: tuple[Picture, ...]) -> dict[str, Picture]:
    """Pictures by name."""
    return {picture.name: picture for picture in found}


def test_a_canvas_is_a_png_with_what_was_drawn() -> None:
    """Twice the logical size; discs are filled, rings are not."""
    canvas = Canvas(40, 20, WHITE)
    canvas.disc((10, 10), 5, RED)
    canvas.ring((30, 10), 5, 1, RED)
    assert decoded(canvas.png())[:2] == (80, 40)
    assert pixel(canvas, 20, 20) == RED
    assert pixel(canvas, 60, 20) == WHITE
    assert pixel(canvas, 69, 20) == RED


def test_what_lies_outside_is_not_drawn() -> None:
    """Shapes may cross the edge or miss the picture."""
    canvas = Canvas(10, 10, WHITE)
    canvas.disc((-50, -50), 5, RED)
    canvas.line((-5, 5), (500, 5), 2, RED)
    canvas.box(-5, -5, 2, 2, RED)
    canvas.text((-10, 30), "ABC", 8, RED)
    assert pixel(canvas, 10, 10) == RED
    assert pixel(canvas, 0, 0) == RED
    assert pixel(canvas, 10, 18) == WHITE


def test_letters_have_strokes_and_a_width() -> None:
    """Every sign that labels use; others leave a gap."""
    for sign in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-/#:+":
        assert all(len(stroke) % 2 == 0 for stroke in STROKES[sign].split())
    assert text_width("25 KM", 7) > text_width("5 KM", 7) > 0
    assert text_width("\u0416", 7) > 0


def test_an_alert_near_my_posts_has_a_map() -> None:
    """With words for who sees no pictures."""
    found = named(pictures(sample_messages()["alert"]))["map"]
    assert decoded(found.png)[:2] == (WIDTH * 2, MAP_HEIGHT * 2)
    assert "3 of my posts" in found.alt
    assert "6.4 km" in found.alt


def test_a_map_is_drawn_from_directions_where_coordinates_are_missing() -> None:
    """North-east of the post means that the post lies south-west."""
    row = {"mission": "m", "name": "Embassy", "km": 5.0, "bearing": "NE"}
    assert "5.0 km" in named(pictures(told(distances=[row])))["map"].alt


@pytest.mark.parametrize(
    "distances",
    [
        [],
        None,
        "x",
        [None],
        [{"km": 5.0}],
        [{"km": float("nan"), "bearing": "N"}],
        [{"km": 900.0, "bearing": "N"}],
        [{"km": "5", "bearing": "N"}],
    ],
)
def test_without_a_post_in_reach_there_is_no_map(distances: object) -> None:
    """A picture of nothing helps nobody."""
    assert "map" not in named(pictures(told(distances=distances)))


def test_a_post_on_the_spot_can_be_drawn() -> None:
    """A city's middle may be where the post stands."""
    row = {"mission": "m", "name": "Embassy", "km": 0.0, "bearing": "N"}
    assert named(pictures(told(distances=[row])))["map"].png


def test_a_series_becomes_bars() -> None:
    """Of the last 120 days at most."""
    days = [[f"day {i}", i % 3] for i in range(400)]
    alt = named(pictures(told(series=days)))["tempo"].alt
    assert "in 120 days" in alt
    assert "at most 2 in one day" in alt


@pytest.mark.parametrize(
    "series", [[], None, "x", [["a", 1]], [["a"], ["b"]], [["a", "1"], ["b", None]], 7]
)
def test_without_a_series_there_are_no_bars(series: object) -> None:
    """One day is no series."""
    assert "tempo" not in named(pictures(told(series=series)))


def test_quiet_weeks_are_bars_of_nothing() -> None:
    """All zeros is a series too."""
    assert named(pictures(told(series=[["a", 0], ["b", 0]])))["tempo"].png


def test_the_same_incident_is_drawn_once() -> None:
    """Ten receivers of one alert cost one drawing."""
    first, second = (pictures(sample_messages()["alert"]) for _ in range(2))
    assert first[0].png is second[0].png
