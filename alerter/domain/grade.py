"""Severity, urgency and certainty on the scales of CAP 1.2, by the rules of `grade.toml`.

Pure and the same for one article and for an incident of many: fill a `Situation`, get a `Grade`
with the rules that gave it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, TypeVar

from alerter.domain.assessment import Rule
from alerter.domain.scales import Category, Certainty, Severity, Status, Target, Trust, Urgency

Scale = TypeVar("Scale", Severity, Urgency, Certainty)


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the rules may ask about. Hours are None where the time is not known.

    `age_h` is how long ago the event was, `ahead_h` how far off the announced day is,
    `distance_km` how near the nearest of the user's posts is. `sources` counts independent ones.
    """

    category: Category | None
    status: Status
    target: Target | None = None
    killed: int = 0
    injured: int = 0
    taken: int = 0
    mission_hurt: bool = False
    my_mission: bool = False
    distance_km: float | None = None
    age_h: float | None = None
    ahead_h: float | None = None
    sources: int = 1
    trust: Trust = Trust.C
    official: bool = False
    credibility: float = 1.0
    denied: bool = False
    foiled: bool = False
    breach: bool = False
    posture: bool = False
    statement: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """The three scales, and the rules that set them."""

    severity: Severity
    urgency: Urgency
    certainty: Certainty
    rules: tuple[Rule, ...]


def grade(situation: Situation) -> Grade:
    """Grade a situation. The same situation always gets the same grade.

    An article without a category (no threat) gets Unknown on all three, and no rule.
    """
    if situation.category is None:
        return Grade(
            severity=Severity.UNKNOWN,
            urgency=Urgency.UNKNOWN,
            certainty=Certainty.UNKNOWN,
            rules=(),
        )
    severity, why_severe = _on_scale("severity", Severity, situation)
    urgency, why_urgent = _on_scale("urgency", Urgency, situation)
    certainty, why_certain = _on_scale("certainty", Certainty, situation)
    rules = (*why_severe, *why_urgent, *why_certain)
    return Grade(severity=severity, urgency=urgency, certainty=certainty, rules=rules)


def _on_scale(
    name: str, scale: type[Scale], situation: Situation
) -> tuple[Scale, tuple[Rule, ...]]:
    fired = [rule for rule in _table()[name] if _holds(rule["when"], situation)]
    raised = [rule for rule in fired if "at_least" in rule]
    capped = [rule for rule in fired if "at_most" in rule]
    result = max((scale(rule["at_least"]) for rule in raised), default=scale("Unknown"))
    because = [rule for rule in raised if scale(rule["at_least"]) == result][:1]
    lowest = min((scale(rule["at_most"]) for rule in capped), default=None)
    if lowest is not None and lowest < result:
        result = lowest
        because += [rule for rule in capped if scale(rule["at_most"]) == lowest][:1]
    return result, tuple(Rule(name=f"{name}/{rule['name']}", text=rule["text"]) for rule in because)


def _holds(when: Mapping[str, Any], situation: Situation) -> bool:
    return all(_CONDITIONS[key](situation, wanted) for key, wanted in when.items())


def _nearer(situation: Situation, km: float) -> bool:
    return situation.distance_km is not None and situation.distance_km <= km


_CONDITIONS: Final[Mapping[str, Callable[[Situation, Any], bool]]] = {
    "category": lambda s, wanted: s.category in wanted,
    "status": lambda s, wanted: s.status in wanted,
    "target": lambda s, wanted: s.target in wanted,
    "trust": lambda s, wanted: s.trust in wanted,
    "killed": lambda s, wanted: s.killed >= wanted,
    "killed_max": lambda s, wanted: s.killed <= wanted,
    "injured": lambda s, wanted: s.injured >= wanted,
    "taken": lambda s, wanted: s.taken >= wanted,
    "mission_hurt": lambda s, wanted: s.mission_hurt is wanted,
    "my_mission": lambda s, wanted: s.my_mission is wanted,
    "within_km": _nearer,
    "time_known": lambda s, wanted: (s.age_h is not None) is wanted,
    "age_h_max": lambda s, wanted: s.age_h is not None and s.age_h <= wanted,
    "age_h_min": lambda s, wanted: s.age_h is not None and s.age_h >= wanted,
    "ahead_h_max": lambda s, wanted: s.ahead_h is not None and s.ahead_h <= wanted,
    "ahead_h_min": lambda s, wanted: s.ahead_h is not None and s.ahead_h >= wanted,
    "sources": lambda s, wanted: s.sources >= wanted,
    "sources_max": lambda s, wanted: s.sources <= wanted,
    "official": lambda s, wanted: s.official is wanted,
    "credibility": lambda s, wanted: s.credibility >= wanted,
    "credibility_max": lambda s, wanted: s.credibility <= wanted,
    "denied": lambda s, wanted: s.denied is wanted,
    "foiled": lambda s, wanted: s.foiled is wanted,
    "breach": lambda s, wanted: s.breach is wanted,
    "posture": lambda s, wanted: s.posture is wanted,
    "statement": lambda s, wanted: s.statement is wanted,
}


@cache
def _table() -> Mapping[str, list[dict[str, Any]]]:
    text = files("alerter.domain").joinpath("grade.toml").read_text(encoding="utf-8")
    table: dict[str, list[dict[str, Any]]] = tomllib.loads(text)
    return table
