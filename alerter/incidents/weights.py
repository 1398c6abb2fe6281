"""What each agreement and disagreement between a report and an incident weighs.

Tuned by coordinate search on one half of a labelled set of events and measured on the other half
(`benchmarks/bcubed.py`, docs/incidents.md). A report joins the best incident from `join` on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Points for and against. What ends in `_fresh` and `_gone` are days.

    `new_event`, `other_post` and `posture_apart` are no matter of tuning: what is said to happen on
    another day, or to a mission in another city, is another event, and what a mission does for
    its safety is told on its own.
    """

    join: float = 3.0
    merge: float = 4.5

    same_host: float = 1.6
    host_named: float = -0.4
    other_host: float = -3.0
    same_sending: float = 1.5
    vague_sending: float = 0.3
    exodus: float = 0.5
    other_sending: float = -2.5
    mixed_up: float = -0.3
    both_named: float = 1.6

    same_post: float = 1.0
    same_city: float = 1.0
    near: float = 0.7
    far: float = -0.9
    other_post: float = -6.0

    same_category: float = 1.3
    likely_category: float = 0.3
    hinted_category: float = -0.6
    akin: float = -2.3
    other_act: float = -4.0
    reaction: float = -1.2
    other_category: float = -1.6
    posture_apart: float = -6.0
    same_target: float = 0.3
    other_target: float = -0.3

    same_day: float = 1.6
    next_days: float = -1.5
    other_day: float = -3.0
    new_event: float = -6.0
    fresh: float = 0.7
    occurred_gone: float = 6.0
    aftermath_fresh: float = 10.0
    aftermath_gone: float = 60.0
    slow_gone: float = 15.0

    same_text: float = 3.0
    text_slope: float = 7.5
    text_floor: float = 0.08
    text_floor_other: float = -0.08
    text_least: float = -0.8
    text_most: float = 2.0


WEIGHTS: Final = Weights()
