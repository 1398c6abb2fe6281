"""Do attackers turn to other targets? Premises first, then what moves, then people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from alerter.domain.risk import IncidentPoint
from alerter.domain.scales import Target

RECENT: Final = timedelta(days=14)
BEFORE: Final = timedelta(days=90)
KINDS: Final = {
    Target.PREMISES: "premises",
    Target.VEHICLE: "vehicles and convoys",
    Target.PEOPLE: "people",
    Target.IO: "international organisations",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Widening:
    """A kind of target that was hit in an area for the first time in 90 days, and before which."""

    target: Target
    incident: IncidentPoint
    before: tuple[Target, ...]

    @property
    def text(self) -> str:
        """The sentence for an alert or a report."""
        known = " and ".join(KINDS[each] for each in self.before)
        return (
            f"Targets widen: first {known}, now {KINDS[self.target]} "
            f"(#{self.incident.number}, {self.incident.at:%d %b})"
        )


def widenings(points: Iterable[IncidentPoint], *, now: datetime) -> tuple[Widening, ...]:
    """Kinds of target that came new to an area in the last two weeks, in order of time.

    `points` are those of the area. The first kind that it sees at all is no widening.
    """
    held = sorted(
        (p for p in points if p.counts and p.target in KINDS and p.at <= now),
        key=lambda p: (p.at, p.number),
    )
    found = []
    for position, point in enumerate(held):
        earlier = [p.target for p in held[:position] if point.at - p.at <= BEFORE]
        before = tuple(kind for kind in KINDS if kind in earlier)
        new = point.target is not None and point.target not in before
        if before and new and now - point.at <= RECENT and point.target is not None:
            found.append(Widening(target=point.target, incident=point, before=before))
    return tuple(found)
