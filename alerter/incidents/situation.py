"""What the rules of grading ask, read off an incident and its newest report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from alerter.domain.assessment import Fact
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
    blur = 0.0 if incident.place is None else incident.place.radius_km or 0.0
    nearest = min((km + blur for _, km in incident.distances_km), default=None)
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

    Once it has been denied, what is copied from before is repeated for days: a number then counts
    when a feed of better trust than the denial's gives it, or when two sources give one that
    nobody gave before the denial.
    """
    about = [f for f in incident.facts if f.kind == kind]
    denials = [f for f in about if f.denied]
    claims = [f for f in about if not f.denied and ATTACKERS not in f.value]
    if denials:
        claims = _standing(claims, max(denials, key=lambda f: f.said_at), trusts_of(incident))
    return max((number_of(f.value) for f in claims), default=0)


def _standing(claims: Sequence[Fact], denial: Fact, trusts: Mapping[str, Trust]) -> list[Fact]:
    """The claims that stand against a denial."""
    denied = {number_of(f.value) for f in claims if f.said_at <= denial.said_at} or {1}
    later = [f for f in claims if f.said_at > denial.said_at]
    doubted = _trust_in(denial, trusts)
    better = [f for f in later if _trust_in(f, trusts) < doubted]
    fresh = [f for f in later if number_of(f.value) not in denied]
    return better + (fresh if len({_feed_of(f) for f in fresh}) > 1 else [])


def _trust_in(fact: Fact, trusts: Mapping[str, Trust]) -> Trust:
    return trusts.get(_feed_of(fact), Trust.F)


def _feed_of(fact: Fact) -> str:
    """The feed of a source, as `understand.facts` writes it: 'police, via daily-post'."""
    return fact.source.rpartition("via ")[2]


def trusts_of(incident: Incident) -> dict[str, Trust]:
    """The trust in each feed that reports the incident."""
    return {source.feed: source.trust for source in incident.sources}


def number_of(value: str) -> int:
    """The number a value begins with; "some" and its like count as one."""
    digits = "".join(c for c in value.partition("-")[0] if c.isdigit())
    return int(digits) if digits else 1


def best_trust(incident: Incident) -> Trust:
    """The best reliability among the sources that confirm it."""
    return min((s.trust for s in incident.sources if s.confirms), default=Trust.F)


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
