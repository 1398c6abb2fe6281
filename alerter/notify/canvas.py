"""A small canvas: smooth lines, discs and rings, letters made of strokes, saved as PNG.

Mail programs show PNG but no SVG, and a plotting library would be the largest thing in the house
for two small pictures. Every shape is drawn from the distance of each pixel to it, which gives
smooth edges in a few lines of numpy.
"""

from __future__ import annotations

import struct
import zlib
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

Color = tuple[int, int, int]
Point = tuple[float, float]
Field = npt.NDArray[np.float32]

# Strokes on a grid of 5 x 7 points: pairs of digits are x and y, a space lifts the pen.
STROKES: Final = {
    "A": "062046 1434",
    "B": "06003041423303 3344453606",
    "C": "4130100105163645",
    "D": "06003041453606",
    "E": "40000646 0333",
    "F": "400006 0333",
    "G": "41301001051636454323",
    "H": "0006 4046 0343",
    "I": "0006",
    "J": "4045361605",
    "K": "0006 0440 1346",
    "L": "000646",
    "M": "0600234046",
    "N": "06004640",
    "O": "103041453616050110",
    "P": "06003041423303",
    "Q": "103041453616050110 3446",
    "R": "06003041423303 2346",
    "S": "413010010213334445361605",
    "T": "0040 2026",
    "U": "000516364540",
    "V": "002640",
    "W": "0016223640",
    "X": "0046 4006",
    "Y": "002340 2326",
    "Z": "00400646",
    "0": "103041453616050110",
    "1": "011016",
    "2": "01103041420646",
    "3": "0110304142334445361605 1333",
    "4": "36300444",
    "5": "400002324345361605",
    "6": "30100105163645443303",
    "7": "004016",
    "8": "13020110304142331304051636454433",
    "9": "16364541301001021343",
    ".": "0606",
    "-": "0333",
    "/": "0640",
    "#": "1016 3036 0242 0444",
    ":": "0202 0505",
    "+": "2125 0343",
}
LETTER_HEIGHT: Final = 6.0
SPACING: Final = 2.2


class Canvas:
    """A picture in logical units, kept at twice that size for sharp screens."""

    def __init__(self, width: int, height: int, background: Color, *, scale: int = 2) -> None:
        self._scale = scale
        self._pixels: Field = np.empty((height * scale, width * scale, 3), dtype=np.float32)
        self._pixels[:] = background

    def disc(self, at: Point, radius: float, color: Color, *, alpha: float = 1.0) -> None:
        """A filled circle."""
        self._paint(at, radius, color, alpha, ring=None)

    def ring(self, at: Point, radius: float, width: float, color: Color) -> None:
        """The outline of a circle."""
        self._paint(at, radius + width, color, 1.0, ring=(radius, width))

    def line(self, start: Point, end: Point, width: float, color: Color) -> None:
        """A line with round ends; a dot where both ends are one."""
        ax, ay, bx, by = (value * self._scale for value in (*start, *end))
        half = width * self._scale / 2
        area = self._area(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by), half + 1)
        if area is None:
            return
        rows, columns, x, y = area
        dx, dy = bx - ax, by - ay
        length = dx * dx + dy * dy or 1.0
        along = np.clip(((x - ax) * dx + (y - ay) * dy) / length, 0.0, 1.0)
        distance = np.hypot(x - ax - along * dx, y - ay - along * dy)
        self._blend(rows, columns, half - distance + 0.5, color, 1.0)

    def box(self, left: float, top: float, right: float, bottom: float, color: Color) -> None:
        """A filled rectangle with sharp edges."""
        scale = self._scale
        rows = slice(max(round(top * scale), 0), max(round(bottom * scale), 0))
        columns = slice(max(round(left * scale), 0), max(round(right * scale), 0))
        self._pixels[rows, columns] = color

    def text(self, at: Point, text: str, height: float, color: Color, *, bold: float = 1.0) -> None:
        """Capitals and figures with their left upper corner at `at`; other signs leave a gap."""
        unit = height / LETTER_HEIGHT
        x, y = at
        for letter in text.upper():
            for stroke in STROKES.get(letter, "").split():
                points = [
                    (x + int(a) * unit, y + int(b) * unit)
                    for a, b in zip(stroke[::2], stroke[1::2], strict=True)
                ]
                for start, end in pairwise(points):
                    self.line(start, end, unit * bold, color)
            x += _advance(letter) * unit

    def png(self) -> bytes:
        """The picture as PNG (ISO/IEC 15948): 8 bits of red, green and blue."""
        pixels = np.clip(np.rint(self._pixels), 0, 255).astype(np.uint8)
        height, width, _ = pixels.shape
        rows = np.zeros((height, 1 + width * 3), dtype=np.uint8)  # each row begins with filter 0
        rows[:, 1:] = pixels.reshape(height, -1)
        header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 6)), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)

    def _paint(
        self,
        at: Point,
        reach: float,
        color: Color,
        alpha: float,
        *,
        ring: tuple[float, float] | None,
    ) -> None:
        x0, y0 = at[0] * self._scale, at[1] * self._scale
        area = self._area(x0, y0, x0, y0, reach * self._scale + 1)
        if area is None:
            return
        rows, columns, x, y = area
        distance = np.hypot(x - x0, y - y0)
        if ring is None:
            inside = reach * self._scale - distance
        else:
            radius, width = ring
            inside = width * self._scale / 2 - np.abs(distance - radius * self._scale)
        self._blend(rows, columns, inside + 0.5, color, alpha)

    def _area(
        self, left: float, top: float, right: float, bottom: float, reach: float
    ) -> tuple[slice, slice, Field, Field] | None:
        """The part of the picture within `reach`, and the middle of its pixels; None outside."""
        height, width, _ = self._pixels.shape
        rows = slice(max(int(top - reach), 0), min(int(bottom + reach) + 2, height))
        columns = slice(max(int(left - reach), 0), min(int(right + reach) + 2, width))
        if rows.start >= rows.stop or columns.start >= columns.stop:
            return None
        y = np.arange(rows.start, rows.stop, dtype=np.float32)[:, None] + np.float32(0.5)
        x = np.arange(columns.start, columns.stop, dtype=np.float32)[None, :] + np.float32(0.5)
        return rows, columns, x, y

    def _blend(
        self,
        rows: slice,
        columns: slice,
        inside: npt.NDArray[np.floating],
        color: Color,
        alpha: float,
    ) -> None:
        part = self._pixels[rows, columns]
        hit = inside > 0  # a ring touches few of the pixels around it
        cover = (np.minimum(inside[hit], 1.0) * alpha).astype(np.float32)[:, None]
        part[hit] += (np.asarray(color, dtype=np.float32) - part[hit]) * cover


def text_width(text: str, height: float) -> float:
    """How wide `Canvas.text` draws it."""
    return sum(_advance(letter) for letter in text.upper()) * height / LETTER_HEIGHT


def _advance(letter: str) -> float:
    strokes = STROKES.get(letter, "").replace(" ", "")
    return (max((int(x) for x in strokes[::2]), default=1)) + SPACING


def _chunk(kind: bytes, body: bytes) -> bytes:
    crc = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc)
