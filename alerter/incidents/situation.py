"""What the rules of grading ask, read off an incident and its newest report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from alerter.domain.geo import distance_km
from alerter.domain.grade import Situation
from alerter.domain.incident import Incident
from alerter.domain.mission import Mission, MissionMention, Place
from alerter.domain.scales import Category, Target, Trust

ATTACKERS: Final = "attacker"  # in the value of a fact: those hurt were the attackers
HOUR: Final = timedelta(hours=1)
MISSION_TARGETS: Final = frozenset({Target.PEOPLE, Target.IO, Target.VEHICLE, Target.SEVERAL})


def situation_of(incident: Incident, *, now: datetime) -> Situation:
    """The situation of an incident as of `now`, from its facts and sources."""
    nearest = min((km for _, km in incident.distances_km), default=None)
    flags = {note.partition(":")[0] for note in incident.notes}
    killed = stated(incident, "killed")
    return Situation(
        category=incident.category,
        status=incident.status,
        target=incident.target,
        killed=killed,
        injured=stated(incident, "injured"),
        taken=stated(incident, "taken"),
        mission_hurt=killed > 0 and incident.target in MISSION_TARGETS,
        my_mission=bool(incident.mission_ids),
        distance_km=nearest,
        age_h=_hours(incident.event_time, now),
        ahead_h=_hours(now, incident.date_ahead),
        sources=max(1, incident.independent_sources),
        trust=best_trust(incident),
        official="official" in flags,
        credibility=incident.probability,
        denied="denied" in flags,
        foiled="foiled" in flags,
        breach="breach" in flags,
        posture=incident.category is Category.SECURITY_MEASURE,
        statement="statement" in flags,
    )


def stated(incident: Incident, kind: str) -> int:
    """The number of that kind that the rules use: the highest that is claimed.

    Once it has been denied, only numbers that two sources give after the denial count: what is
    copied from before is repeated for days.
    """
    about = [f for f in incident.facts if f.kind == kind]
    denied_at = max((f.said_at for f in about if f.denied), default=None)
    claims = [f for f in about if not f.denied and ATTACKERS not in f.value]
    if denied_at is not None:
        claims = [f for f in claims if f.said_at > denied_at]
        if len({f.source for f in claims}) < 2:
            return 0
    return max((number_of(f.value) for f in claims), default=0)


def number_of(value: str) -> int:
    """The number a value begins with; "some" and its like count as one."""
    digits = "".join(c for c in value.partition("-")[0] if c.isdigit())
    return int(digits) if digits else 1


def best_trust(incident: Incident) -> Trust:
    """The best reliability among the independent sources."""
    return min((s.trust for s in incident.sources if s.independent), default=Trust.F)


def posts_of(
    mentions: Sequence[MissionMention], place: Place | None, missions: Sequence[Mission]
) -> tuple[tuple[str, ...], tuple[tuple[str, float], ...]]:
    """Ids of the user's posts that are named or within their radius, and distances in km.

    Distances are given for posts with coordinates in the same state, and for any within 500 km.
    """
    named = {mention.mission for mention in mentions if mention.mission}
    distances = {}
    near = set()
    for mission in missions:
        km = _distance(mission, place)
        if km is None:
            continue
        if km <= 500 or (place is not None and place.country == mission.host):
            distances[mission.id] = round(km, 1)
        if km <= mission.radius_km and _is_exact(place):
            near.add(mission.id)
    ids = tuple(m.id for m in missions if m.id in named or m.id in near)
    return ids, tuple(sorted(distances.items(), key=lambda item: item[1]))


def _is_exact(place: Place | None) -> bool:
    """A place that is known no better than a country is near everything and nothing."""
    return place is not None and (place.radius_km is None or place.radius_km <= 100)


def _distance(mission: Mission, place: Place | None) -> float | None:
    if place is None or place.lat is None or place.lon is None:
        return None
    if mission.lat is None or mission.lon is None:
        return None
    return distance_km((mission.lat, mission.lon), (place.lat, place.lon))


def _hours(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else (end - start) / HOUR
