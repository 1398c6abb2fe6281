"""Is this report about that incident? A sum of readable parts, each with its reason.

Every part of the comparison adds to a score or takes from it; a report joins the incident with
the highest score if that reaches `WEIGHTS.join`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from alerter.domain.article import Article
from alerter.domain.assessment import Assessment
from alerter.domain.geo import distance_km
from alerter.domain.incident import Incident
from alerter.domain.mission import MissionMention, Place
from alerter.domain.scales import Category, Phase, Status, Target
from alerter.incidents.copies import COPY, SAME, resemblance
from alerter.incidents.merge import CITY_KM
from alerter.incidents.report import REACTIONS, Report, likeliest_category
from alerter.incidents.terms import likeness
from alerter.incidents.weights import WEIGHTS, Weights

DAY: Final = timedelta(days=1)
OTHER_DAY: Final = timedelta(hours=16)  # noon to noon, or evening to noon: not the same day
WINDOW: Final = timedelta(days=100)  # no report is compared with an incident older than this
LATE: Final = timedelta(days=2)  # an event may be dated so long after the last news of it
COPIED_WITHIN: Final = timedelta(days=4)
FAR_KM: Final = 60.0  # beyond the uncertainty: what is nearer may be one event in two words
PERHAPS: Final = 0.3
SURE: Final = 0.6
UNLIKELY: Final = 0.1
ACTS: Final = frozenset({Category.BOMBING, Category.INDIRECT_FIRE, Category.KIDNAPPING})
AT_A_PLACE: Final = ACTS | {Category.ARMED_ATTACK}  # what happens to a post happens in its city
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
SLOW: Final = REACTIONS | {Category.STATE_HARASSMENT, Category.ESPIONAGE_CYBER}
VAGUE: Final = frozenset({"XX"})


Part = tuple[float, str]
NOTHING: Final[Part] = (0.0, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """How well a report fits an incident, and what that rests on, strongest first."""

    incident: Incident
    score: float
    why: str


def oldest_news(assessment: Assessment, article: Article) -> datetime:
    """No incident without news since then can be joined, unless it was announced for this day.

    What has just happened fits nothing that was over before: `WEIGHTS.new_event` outweighs all
    agreement from `WEIGHTS.occurred_gone` days on. So a report of an act is compared with the
    incidents of a week, however many history holds.
    """
    slow = likeliest_category(assessment) in SLOW
    if slow or assessment.status is not Status.OCCURRED:
        return article.when - WINDOW
    happened = min(article.when, assessment.event_time or article.when)
    return happened - LATE - WEIGHTS.occurred_gone * DAY


def ranked_matches(
    report: Report, candidates: Iterable[Incident], weights: Weights = WEIGHTS
) -> list[Match]:
    """All candidates with their scores, best first; ties go to the one seen first."""
    open_ones = (incident for incident in candidates if incident.phase is not Phase.MERGED)
    matches = [compare(report, incident, weights) for incident in open_ones]
    return sorted(matches, key=lambda m: (-m.score, m.incident.first_seen, m.incident.id))


def compare(report: Report, incident: Incident, weights: Weights = WEIGHTS) -> Match:
    """Score one pair."""
    parts = [
        *_by_states(report, incident, weights),
        _by_place(report, incident, weights),
        _by_category(report, incident, weights),
        _by_target(report, incident, weights),
        _by_time(report, incident, weights),
        _by_text(report, incident, weights),
    ]
    told = sorted((part for part in parts if part[1]), key=lambda part: -abs(part[0]))
    why = ", ".join(f"{reason} ({score:+.1f})" for score, reason in told)
    return Match(incident=incident, score=round(sum(score for score, _ in parts), 3), why=why)


def _by_states(report: Report, incident: Incident, w: Weights) -> list[Part]:
    """Host and sending state. Where a report leaves one open, both may be named in its text."""
    parts = [_by_host(report, incident, w), _by_sending(report, incident, w)]
    said = report.assessment
    unclear = said.host != incident.host or not said.sending
    both = incident.host in report.named and bool(set(incident.sending) & report.named)
    if unclear and both and sum(score for score, _ in parts) < w.both_named:
        return [(w.both_named, "names both states")]
    return parts


def _by_host(report: Report, incident: Incident, w: Weights) -> Part:
    ours, theirs = report.assessment.host, incident.host
    if ours is None or theirs is None:
        return NOTHING
    if ours == theirs:
        return w.same_host, f"both in {ours}"
    if theirs in report.named or f"@{ours}" in dict(incident.terms):
        return w.host_named, f"in {ours}, but {theirs} is named too"
    return w.other_host, f"{ours} is not {theirs}"


def _by_sending(report: Report, incident: Incident, w: Weights) -> Part:
    ours, theirs = set(report.assessment.sending), set(incident.sending)
    if not ours or not theirs:
        return NOTHING
    shared = ours & theirs
    if shared - VAGUE:
        return w.same_sending, f"both of {'+'.join(sorted(shared))}"
    if (ours | theirs) & VAGUE:
        return w.vague_sending, "one names no mission in particular"
    if ours <= {incident.host} or theirs <= {report.assessment.host}:
        return w.mixed_up, "host and sending state may be mixed up"
    if _one_exodus(report, incident):
        return w.exodus, "missions leaving the same state"
    return w.other_sending, f"{'+'.join(sorted(ours))} is not {'+'.join(sorted(theirs))}"


def _one_exodus(report: Report, incident: Incident) -> bool:
    """Missions that close or leave one state at one time are one event, whoever leads."""
    measures = report.posture and incident.category is Category.SECURITY_MEASURE
    return measures and report.assessment.host == incident.host is not None


def _by_place(report: Report, incident: Incident, w: Weights) -> Part:
    if _shared_missions(report.assessment.missions, incident.missions):
        return w.same_post, "the same post"
    cities = _cities(report.terms)
    theirs = _cities(term for term, _ in incident.terms)
    if cities & theirs:
        return w.same_city, f"both name {min(cities & theirs)[1:]}"
    apart = _distance(report.assessment.places, incident.place)
    if apart is None:
        return NOTHING
    distance, slack = apart
    if distance <= slack:
        return w.near, f"{distance:.0f} km apart, within the uncertainty of {slack:.0f} km"
    if distance <= FAR_KM + slack:
        return NOTHING
    if _posts_conflict(report, incident):
        return w.other_post, f"missions in two cities, {distance:.0f} km apart"
    return w.far, f"{distance:.0f} km apart"


def _cities(terms: Iterable[str]) -> set[str]:
    """The cities among the terms."""
    return {term for term in terms if term[0] == "@" and "/" in term}


def _shared_missions(ours: Sequence[MissionMention], theirs: Sequence[MissionMention]) -> bool:
    return bool({m.mission for m in ours if m.mission} & {m.mission for m in theirs if m.mission})


def _distance(ours: Sequence[Place], theirs: Place | None) -> tuple[float, float] | None:
    """Kilometres between the nearest places that have coordinates, and their uncertainty."""
    if theirs is None or theirs.lat is None or theirs.lon is None:
        return None
    found = [
        (
            distance_km((p.lat, p.lon), (theirs.lat, theirs.lon)),
            p.radius_km or CITY_KM,
        )
        for p in ours
        if p.lat is not None and p.lon is not None
    ]
    if not found:
        return None
    distance, radius = min(found)
    return distance, radius + (theirs.radius_km or CITY_KM)


def _by_category(report: Report, incident: Incident, w: Weights) -> Part:
    ours, theirs = report.category, incident.category
    if report.posture and theirs not in REACTIONS:
        return w.posture_apart, "a measure of protection is no part of the act before it"
    if ours is theirs:
        return w.same_category, f"both {ours.value}"
    odds = report.assessment.categories
    if odds.get(theirs, 0.0) >= PERHAPS:
        return w.likely_category, f"{ours.value}, perhaps {theirs.value}"
    if odds.get(theirs, 0.0) >= UNLIKELY:
        return w.hinted_category, f"{ours.value}, hardly {theirs.value}"
    if {ours, theirs} <= ACTS and odds.get(ours, 0.0) >= SURE:
        return w.other_act, f"{ours.value}, surely no {theirs.value}"
    if any({ours, theirs} <= family for family in FAMILIES):
        return w.akin, f"{ours.value} is akin to {theirs.value}"
    if ours in REACTIONS and report.assessment.status is not Status.WARNING:
        return w.reaction, f"{ours.value} may follow {theirs.value}"
    return w.other_category, f"{ours.value} is not {theirs.value}"


def _by_target(report: Report, incident: Incident, w: Weights) -> Part:
    ours, theirs = report.assessment.target, incident.target
    if ours is None or theirs is None or Target.SEVERAL in (ours, theirs):
        return NOTHING
    same = ours is theirs
    return (w.same_target, f"both hit {ours.value}") if same else (w.other_target, "other targets")


def _by_time(report: Report, incident: Incident, w: Weights) -> Part:
    """The new fact's time against the event's; background dates never get here."""
    sudden = report.assessment.status is Status.OCCURRED and report.category not in SLOW
    least = w.new_event if sudden else w.other_day
    if _is_as_announced(report, incident):
        return w.same_day, "on the day that was announced"
    stated, known = report.assessment.event_time, incident.event_time
    if stated is not None and known is not None:
        gap = abs(stated - known)
        if sudden and gap >= OTHER_DAY and _sendings_conflict(report, incident):
            return w.next_days, "another day and another state's mission"
        return _by_dates(gap, report.category, w, least)
    since = report.when - incident.last_news
    if sudden:
        gap = report.when - _nearest_news(incident)
        return _fading(gap, w, fresh=1.5, gone=w.occurred_gone, least=least)
    if report.assessment.status is Status.AFTERMATH:
        return _fading(since, w, fresh=w.aftermath_fresh, gone=w.aftermath_gone, least=least)
    return _fading(since, w, fresh=3.0, gone=w.slow_gone, least=least)


def _is_as_announced(report: Report, incident: Incident) -> bool:
    """Whether it happens, or is announced, for the very day that the incident is expected on."""
    if incident.date_ahead is None or incident.status is not Status.WARNING:
        return False
    said = report.assessment
    when = said.date_ahead or said.event_time or report.when
    return said.status is not Status.AFTERMATH and abs(when - incident.date_ahead) < DAY


def _sendings_conflict(report: Report, incident: Incident) -> bool:
    """Whether both say whose mission it was, and say it differently."""
    ours, theirs = set(report.assessment.sending), set(incident.sending)
    if not ours or not theirs or ours & theirs or (ours | theirs) & VAGUE:
        return False
    return not ours <= {incident.host} and not theirs <= {report.assessment.host}


def _posts_conflict(report: Report, incident: Incident) -> bool:
    """Whether an act is said of a mission in one city here and in another there."""
    if report.category not in AT_A_PLACE or report.assessment.status is not Status.OCCURRED:
        return False
    ours = {m.city for m in report.assessment.missions if m.city}
    theirs = {m.city for m in incident.missions if m.city}
    return bool(ours and theirs) and not ours & theirs


def _nearest_news(incident: Incident) -> datetime:
    """The last moment at which 'it happened' may still mean this event."""
    known = incident.event_time or incident.first_news
    return max(known, min(incident.last_news, known + 2 * DAY))


def _by_dates(gap: timedelta, category: Category, w: Weights, least: float) -> Part:
    days = gap / DAY
    if days <= 1.1:
        return w.same_day, "the same day"
    if category in SLOW:
        return _fading(gap, w, fresh=3.0, gone=w.slow_gone, least=least)
    if days <= 2.1:
        return w.next_days, "a day or two apart"
    return least, f"{days:.0f} days apart"


def _fading(gap: timedelta, w: Weights, *, fresh: float, gone: float, least: float) -> Part:
    """From `w.fresh` for new news down to `least` when it must be another event."""
    days = abs(gap) / DAY
    if days <= fresh:
        return w.fresh, "at the time"
    share = min(1.0, (days - fresh) / (gone - fresh))
    return w.fresh - (w.fresh - least) * share, f"{days:.0f} days after"


def _by_text(report: Report, incident: Incident, w: Weights) -> Part:
    if _same_text(report, incident):
        return w.same_text, "nearly the same text"
    alike = likeness(report.terms, dict(incident.terms))
    same_language = report.assessment.lang in incident.langs
    floor = w.text_floor if same_language else w.text_floor_other
    score = max(w.text_least, min(w.text_most, (alike - floor) * w.text_slope))
    return score, f"text alike by {alike:.2f}"


def _same_text(report: Report, incident: Incident) -> bool:
    """A copy of those days. Weeks later only the very text counts: headlines come again."""
    if _sendings_conflict(report, incident) and not _cities(report.terms) & _cities(
        term for term, _ in incident.terms
    ):
        return False  # the same words for another mission elsewhere: a form, not a copy
    ours = report.source.fingerprint
    return any(
        resemblance(ours, source.fingerprint)
        >= (COPY if abs(report.when - source.when) <= COPIED_WITHIN else SAME)
        for source in incident.sources
    )
