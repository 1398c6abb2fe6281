"""What came shortly before, in the same place: noted beside a new incident, and kept apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from alerter.domain.incident import Incident
from alerter.domain.scales import Category, Phase
from alerter.incidents.points import is_act

AFTER_ACT: Final = timedelta(days=3)  # an attack that long after another may be its sequel
AFTER_MEASURE: Final = timedelta(days=15)  # a closure answers the attacks of the last weeks
MOST: Final = 3
MAX_HEADLINE: Final = 80


def linked(fresh: Incident, others: Iterable[Incident]) -> Incident:
    """The new incident with a note of each act that it may follow, the latest first.

    Linked are acts against missions in the same host state that were told: for a measure of
    protection those of the same sending state, for an act those of the same city.
    """
    near = [other for other in others if _is_before(fresh, other)]
    latest = sorted(near, key=lambda other: (other.first_news, other.id), reverse=True)[:MOST]
    notes = tuple(f"follows: #{o.number} {o.headline[:MAX_HEADLINE]}" for o in latest)
    return replace(fresh, notes=(*fresh.notes, *notes))


def _is_before(fresh: Incident, other: Incident) -> bool:
    measure = fresh.category is Category.SECURITY_MEASURE
    gap = fresh.first_news - other.first_news
    if other.phase is Phase.MERGED or other.told_at is None or not is_act(other):
        return False
    if fresh.host is None or fresh.host != other.host or gap < timedelta():
        return False
    if measure:
        return gap <= AFTER_MEASURE and bool(set(fresh.sending) & set(other.sending))
    return gap <= AFTER_ACT and _city(fresh) is not None and _city(fresh) == _city(other)


def _city(incident: Incident) -> str | None:
    return None if incident.place is None else incident.place.city
