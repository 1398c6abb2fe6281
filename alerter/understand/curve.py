"""The precision-recall curve as a small SVG of its own; nothing is drawn by a library."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alerter.understand.metrics import average_precision, curve

SIZE: Final = 420
EDGE: Final = 50
POINTS: Final = 400  # more cannot be seen
_COLOURS: Final = ("#1f4e8c", "#b3541e", "#3b7a57", "#6b4e8c")

Line = tuple[str, NDArray[np.int64], NDArray[np.float64]]


def curve_svg(lines: Sequence[Line], *, title: str) -> str:
    """Precision over recall for each (name, labels, scores); lines without threats are left out."""
    drawn = [line for line in lines if line[1].any()]
    parts = [_frame(title)]
    for number, (name, labels, scores) in enumerate(drawn):
        colour = _COLOURS[number % len(_COLOURS)]
        parts.append(f'<path d="{_path(labels, scores)}" fill="none" stroke="{colour}"/>')
        area = average_precision(labels, scores) or 0.0
        at = EDGE + SIZE - 14 - 18 * (len(drawn) - 1 - number)
        parts.append(
            f'<text x="{EDGE + 12}" y="{at}" fill="{colour}">{escape(name)}: {area:.3f}</text>'
        )
    whole = SIZE + 2 * EDGE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {whole}" '
        f'font-family="sans-serif" font-size="13" role="img">{"".join(parts)}</svg>\n'
    )


def _path(labels: NDArray[np.int64], scores: NDArray[np.float64]) -> str:
    precision, recall = curve(labels, scores)
    step = max(1, len(recall) // POINTS)
    chosen = [*range(0, len(recall), step), len(recall) - 1]
    points = [_point(float(recall[i]), float(precision[i])) for i in chosen]
    return "M" + " L".join(points)


def _point(recall: float, precision: float) -> str:
    return f"{EDGE + SIZE * recall:.1f},{EDGE + SIZE * (1 - precision):.1f}"


def _frame(title: str) -> str:
    marks = []
    for tenth in range(0, 11, 2):
        at, value = EDGE + SIZE * tenth / 10, f"{tenth / 10:.1f}"
        down = EDGE + SIZE - SIZE * tenth / 10
        marks.append(
            f'<text x="{at:.0f}" y="{EDGE + SIZE + 18}" text-anchor="middle">{value}</text>'
        )
        marks.append(f'<text x="{EDGE - 8}" y="{down + 4:.0f}" text-anchor="end">{value}</text>')
        marks.append(f'<path d="M{EDGE},{down:.0f} h{SIZE}" stroke="#ddd" fill="none"/>')
    middle = EDGE + SIZE / 2
    return (
        f"<title>{escape(title)}</title>"
        f'<rect x="0" y="0" width="{SIZE + 2 * EDGE}" height="{SIZE + 2 * EDGE}" fill="#fff"/>'
        f'<text x="{middle}" y="26" text-anchor="middle">{escape(title)}</text>'
        f'{"".join(marks)}<rect x="{EDGE}" y="{EDGE}" width="{SIZE}" height="{SIZE}" '
        f'fill="none" stroke="#333"/>'
        f'<text x="{middle}" y="{EDGE + SIZE + 38}" text-anchor="middle">recall</text>'
        f'<text x="16" y="{middle}" transform="rotate(-90 16 {middle})" '
        f'text-anchor="middle">precision</text>'
    )
