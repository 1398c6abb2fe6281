"""Is this report about that incident? A sum of readable parts, each with its reason.

Every part of the comparison adds to a score or takes from it; a report joins the incident with
the highest score if that reaches `JOIN`. The weights were tuned by replay on one half of a
labelled set of events and measured on the other (docs/incidents.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from alerter.domain.geo import distance_km
from alerter.domain.incident import Incident
from alerter.domain.mission import MissionMention, Place
from alerter.domain.scales import Category, Phase, Status
from alerter.incidents.copies import resemblance
from alerter.incidents.report import Report
from alerter.incidents.terms import likeness

JOIN: Final = 3.0
MERGE: Final = 4.5  # two incidents that one report fits this well are looked at as one
DAY: Final = timedelta(days=1)
CITY_KM: Final = 12.0  # how far from its point an event in a city may be, when nobody says
WINDOW: Final = timedelta(days=100)  # no report is compared with an incident older than this
KINETIC: Final = frozenset({Category.BOMBING, Category.INDIRECT_FIRE, Category.ARMED_ATTACK})
FAMILIES: Final = (
    frozenset({Category.BOMBING, Category.ARMED_ATTACK}),
    frozenset({Category.BOMBING, Category.INDIRECT_FIRE}),
    frozenset({Category.KIDNAPPING, Category.ARMED_ATTACK}),
    frozenset({Category.KIDNAPPING, Category.STATE_HARASSMENT}),
    frozenset({Category.UNREST, Category.ARSON_VANDALISM}),
    frozenset({Category.UNREST, Category.ARMED_ATTACK}),
    frozenset({Category.THREAT_WARNING, Category.SECURITY_MEASURE}),
    frozenset({Category.THREAT_WARNING, Category.UNREST}),
    frozenset({Category.STATE_HARASSMENT, Category.ESPIONAGE_CYBER}),
)
REACTIONS: Final = frozenset({Category.SECURITY_MEASURE, Category.THREAT_WARNING})
SLOW: Final = REACTIONS | {Category.STATE_HARASSMENT, Category.ESPIONAGE_CYBER}
VAGUE: Final = frozenset({"XX"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """How well a report fits an incident, and what that rests on, strongest first."""

    incident: Incident
    score: float
    why: str


def ranked_matches(report: Report, candidates: Iterable[Incident]) -> list[Match]:
    """All candidates with their scores, best first; ties go to the one seen first."""
    open_ones = (incident for incident in candidates if incident.phase is not Phase.MERGED)
    matches = [compare(report, incident) for incident in open_ones]
    return sorted(matches, key=lambda m: (-m.score, m.incident.first_seen, m.incident.id))


def compare(report: Report, incident: Incident) -> Match:
    """Score one pair."""
    parts = [
        _by_host(report, incident),
        _by_sending(report, incident),
        _by_place(report, incident),
        _by_category(report, incident),
        _by_target(report, incident),
        _by_time(report, incident),
        _by_text(report, incident),
    ]
    told = sorted((part for part in parts if part[1]), key=lambda part: -abs(part[0]))
    why = ", ".join(f"{reason} ({score:+.1f})" for score, reason in told)
    return Match(incident=incident, score=round(sum(score for score, _ in parts), 3), why=why)


Part = tuple[float, str]
NOTHING: Final[Part] = (0.0, "")


def _by_host(report: Report, incident: Incident) -> Part:
    ours, theirs = report.assessment.host, incident.host
    if ours is None or theirs is None:
        return NOTHING
    return (1.0, f"both in {ours}") if ours == theirs else (-3.0, f"{ours} is not {theirs}")


def _by_sending(report: Report, incident: Incident) -> Part:
    ours, theirs = set(report.assessment.sending), set(incident.sending)
    if not ours or not theirs:
        return NOTHING
    shared = ours & theirs
    if shared - VAGUE:
        return 1.5, f"both of {'+'.join(sorted(shared))}"
    if (ours | theirs) & VAGUE:
        return 0.3, "one names no mission in particular"
    if _one_exodus(report, incident):
        return 0.5, "missions leaving the same state"
    return -2.5, f"{'+'.join(sorted(ours))} is not {'+'.join(sorted(theirs))}"


def _one_exodus(report: Report, incident: Incident) -> bool:
    """Missions that close or leave one state at one time are one event, whoever leads."""
    measures = report.posture and incident.category is Category.SECURITY_MEASURE
    return measures and report.assessment.host == incident.host is not None


def _by_place(report: Report, incident: Incident) -> Part:
    if _shared_missions(report.assessment.missions, incident.missions):
        return 1.0, "the same post"
    cities = _cities(report.assessment.missions, report.assessment.places)
    theirs = _cities(incident.missions, (incident.place,) if incident.place else ())
    if cities & theirs:
        return 1.0, f"both in {min(cities & theirs)}"
    apart = _distance(report.assessment.places, incident.place)
    if apart is None:
        return (-0.7, "different cities") if cities and theirs else NOTHING
    distance, slack = apart
    if distance <= slack:
        return 0.7, f"{distance:.0f} km apart, within the uncertainty of {slack:.0f} km"
    return (-1.5, f"{distance:.0f} km apart") if distance > 60 + slack else NOTHING


def _shared_missions(ours: Sequence[MissionMention], theirs: Sequence[MissionMention]) -> bool:
    return bool({m.mission for m in ours if m.mission} & {m.mission for m in theirs if m.mission})


def _cities(missions: Iterable[MissionMention], places: Iterable[Place]) -> set[str]:
    named = {mention.city for mention in missions if mention.city}
    return named or {place.city for place in places if place.city}


def _distance(ours: Sequence[Place], theirs: Place | None) -> tuple[float, float] | None:
    """Kilometres between the nearest places that have coordinates, and their uncertainty."""
    if theirs is None or theirs.lat is None or theirs.lon is None:
        return None
    found = [
        (distance_km((p.lat, p.lon), (theirs.lat, theirs.lon)), p.radius_km or CITY_KM)
        for p in ours
        if p.lat is not None and p.lon is not None
    ]
    if not found:
        return None
    distance, radius = min(found)
    return distance, radius + (theirs.radius_km or CITY_KM)


def _by_category(report: Report, incident: Incident) -> Part:
    ours, theirs = report.category, incident.category
    if ours is theirs:
        return 1.0, f"both {ours.value}"
    likely = report.assessment.categories.get(theirs, 0.0)
    if likely >= 0.3:
        return 0.3, f"{ours.value}, perhaps {theirs.value}"
    if any({ours, theirs} <= family for family in FAMILIES):
        return -0.7, f"{ours.value} is akin to {theirs.value}"
    if ours in REACTIONS and report.assessment.status is not Status.WARNING:
        return -1.2, f"{ours.value} may follow {theirs.value}"
    return -2.2, f"{ours.value} is not {theirs.value}"


def _by_target(report: Report, incident: Incident) -> Part:
    ours, theirs = report.assessment.target, incident.target
    if ours is None or theirs is None or "several" in (ours, theirs):
        return NOTHING
    return (0.3, f"both hit {ours.value}") if ours is theirs else (-0.3, "other targets")


def _by_time(report: Report, incident: Incident) -> Part:
    """The new fact's time against the event's; background dates never get here."""
    stated, known = report.assessment.event_time, incident.event_time
    if stated is not None and known is not None:
        return _by_dates(stated, known, report.category)
    if report.assessment.status is Status.OCCURRED and report.category not in SLOW:
        return _fading(report.when - _nearest_news(report, incident), fresh=1.5, gone=6.0)
    if report.assessment.status is Status.AFTERMATH:
        return _fading(report.when - incident.last_news, fresh=10.0, gone=60.0)
    return _fading(report.when - incident.last_news, fresh=3.0, gone=15.0)


def _nearest_news(report: Report, incident: Incident) -> datetime:
    known = incident.event_time or incident.first_news
    return max(known, min(incident.last_news, known + 2 * DAY))


def _by_dates(stated: datetime, known: datetime, category: Category) -> Part:
    days = abs(stated - known) / DAY
    if days <= 1.1:
        return 1.0, "the same day"
    if category in SLOW:
        return _fading(abs(stated - known), fresh=3.0, gone=15.0)
    return (0.0, "a day or two apart") if days <= 2.1 else (-3.0, f"{days:.0f} days apart")


def _fading(gap: timedelta, *, fresh: float, gone: float) -> Part:
    """From +0.7 for fresh news down to -3 for a gap in which it would be another event."""
    days = abs(gap) / DAY
    if days <= fresh:
        return 0.7, "at the time"
    share = min(1.0, (days - fresh) / (gone - fresh))
    return 0.7 - 3.7 * share, f"{days:.0f} days after"


def _by_text(report: Report, incident: Incident) -> Part:
    copies = [resemblance(report.source.fingerprint, s.fingerprint) for s in incident.sources]
    if max(copies, default=0.0) >= 0.5:
        return 3.0, "nearly the same text"
    alike = likeness(report.terms, dict(incident.terms))
    same_language = report.assessment.lang in incident.langs
    floor = 0.12 if same_language else 0.0
    score = max(-0.8, min(2.0, (alike - floor) * 6.0))
    return score, f"text alike by {alike:.2f}"
