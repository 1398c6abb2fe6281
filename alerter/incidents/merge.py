"""One report becomes an incident, or joins one. Facts stay side by side; nothing is overwritten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from math import sqrt
from typing import Final

from alerter.domain.assessment import Assessment, Evidence, Fact
from alerter.domain.grade import grade
from alerter.domain.incident import Incident, Source
from alerter.domain.mission import Mission, MissionMention, Place
from alerter.domain.scales import Category, Certainty, Severity, Status, Target, Urgency
from alerter.incidents.copies import COPY, copied_from, resemblance
from alerter.incidents.identity import incident_id
from alerter.incidents.report import Report
from alerter.incidents.situation import posts_of, situation_of
from alerter.incidents.terms import counted
from alerter.incidents.words import has_word

MAX_EVIDENCE: Final = 6
MAX_MENTIONS: Final = 8
MAX_FACTS: Final = 200
MAX_SAYING: Final = 5
ECHO: Final = 0.55
VAGUE: Final = "XX"
CITY_KM: Final = 12.0  # how far from its point an event in a city may be, when nobody says
PREMISES_KM: Final = 1.0  # what lands "at the embassy" lands in or near its compound
FLAGS: Final = {
    "official": "officially confirmed",
    "foiled": "foiled or harmless",
    "breach": "premises entered or burning",
}


def opened(report: Report, missions: Sequence[Mission], *, now: datetime) -> Incident:
    """A new incident from its first report. `number` is 0 until the store gives one."""
    said = report.assessment
    incident = Incident(
        id=incident_id(report.when, report.article.id),
        number=0,
        headline=report.source.title,
        summary=report.article.summary or report.article.body[:300],
        category=report.category,
        status=said.status,
        target=said.target,
        severity=Severity.UNKNOWN,
        urgency=Urgency.UNKNOWN,
        certainty=Certainty.UNKNOWN,
        probability=said.probability,
        host=said.host,
        sending=said.sending,
        missions=said.missions[:MAX_MENTIONS],
        place=_best_place(said, said.target, missions),
        event_time=_event_time(report),
        date_ahead=said.date_ahead,
        first_seen=report.article.first_seen,
        last_seen=report.article.first_seen,
        sources=(report.source,),
        evidence=said.evidence[:MAX_EVIDENCE],
        facts=facts_together((), said.facts),
        langs=(said.lang,) if said.lang else (),
        notes=_notes((), report),
        terms=counted((), report.terms),
        vector=said.vector,
    )
    return regraded(incident, missions, now=now)


def joined(
    incident: Incident, report: Report, missions: Sequence[Mission], *, now: datetime
) -> Incident:
    """The incident with one more report. Raising the revision is up to the caller.

    A copy that adds no fact is listed among the sources and changes nothing else.
    """
    source = as_source(report.source, incident.sources)
    sources = (*incident.sources, source)
    if adds_nothing(report, incident):
        return replace(incident, sources=sources)
    said = report.assessment
    merged = replace(
        incident,
        category=_category(incident.category, sources),
        status=_status(incident.status, said.status),
        target=incident.target or said.target,
        probability=together(sources),
        host=_host(sources),
        sending=_sending(sources),
        missions=_missions(incident.missions, said.missions),
        place=_place(incident.place, _best_place(said, incident.target or said.target, missions)),
        event_time=incident.event_time or _event_time(report),
        date_ahead=incident.date_ahead or said.date_ahead,
        last_seen=max(incident.last_seen, report.article.first_seen),
        sources=sources,
        evidence=_evidence(incident.evidence, said.evidence),
        facts=facts_together(incident.facts, said.facts),
        langs=tuple(dict.fromkeys((*incident.langs, *((said.lang,) if said.lang else ())))),
        notes=_notes(incident.notes, report),
        terms=counted(incident.terms, report.terms),
        vector=_mean(incident.vector, said.vector, len(incident.sources)),
    )
    return regraded(merged, missions, now=now)


def revised(
    incident: Incident, report: Report, missions: Sequence[Mission], *, now: datetime
) -> Incident:
    """The incident after one of its sources changed its text. No source is added."""
    said = report.assessment
    sources = tuple(
        replace(report.source, independent=source.independent)
        if source.article_id == report.article.id
        else source
        for source in incident.sources
    )
    changed = replace(
        incident,
        status=_status(incident.status, said.status),
        probability=together(sources),
        last_seen=max(incident.last_seen, report.article.first_seen),
        sources=sources,
        evidence=_evidence(incident.evidence, said.evidence),
        facts=facts_together(incident.facts, said.facts),
        notes=_notes(incident.notes, report),
    )
    return regraded(changed, missions, now=now)


def regraded(incident: Incident, missions: Sequence[Mission], *, now: datetime) -> Incident:
    """The incident with its posts, distances and CAP scales as of `now`."""
    ids, distances = posts_of(incident.missions, incident.place, missions)
    placed = replace(incident, mission_ids=ids, distances_km=distances)
    found = grade(situation_of(placed, now=now))
    return replace(
        placed,
        severity=found.severity,
        urgency=found.urgency,
        certainty=found.certainty,
        rules=found.rules,
    )


def together(sources: Iterable[Source]) -> float:
    """The probability that several reports give together.

    Independent reports are read as 1 - product of (1 - p), each further one with `ECHO` times
    the weight of the one before, because reports of one event err together. Two of 0.7, or three
    of 0.6, reach 0.8; no number of reports of 0.5 does.
    """
    odds = sorted((s.probability for s in sources if s.independent), reverse=True)
    doubt = 1.0
    for position, probability in enumerate(odds):
        doubt *= (1.0 - probability) ** (ECHO**position)
    return max(max(odds, default=0.0), round(1.0 - doubt, 6))


def facts_together(old: tuple[Fact, ...], new: Iterable[Fact]) -> tuple[Fact, ...]:
    """Facts with those of one more report; a value that one source repeats is kept once.

    Conflicting values stand side by side, each with who says it and when; the first `MAX_SAYING`
    who give one value are named, counted anew after a denial.
    """
    facts = list(old)
    for fact in new:
        alike = [known for known in facts if _what(known) == _what(fact)]
        denied_at = max(
            (f.said_at for f in facts if f.denied and f.kind == fact.kind), default=None
        )
        lately = [known for known in alike if denied_at is None or known.said_at > denied_at]
        repeated = any(known.source == fact.source for known in lately)
        if not repeated and len(lately) < MAX_SAYING:
            facts.append(fact)
    return tuple(facts[-MAX_FACTS:])


def _what(fact: Fact) -> tuple[str, str, bool]:
    return fact.kind, fact.value, fact.denied


def as_source(source: Source, earlier: tuple[Source, ...]) -> Source:
    """The source with whether it is independent of the earlier ones."""
    return replace(source, independent=copied_from(source, earlier) is None)


def adds_nothing(report: Report, incident: Incident) -> bool:
    """Whether the text is known already, whoever printed it, and so is every fact in it."""
    ours = report.source.fingerprint
    if not any(resemblance(ours, source.fingerprint) >= COPY for source in incident.sources):
        return False
    known = {_what(fact) for fact in incident.facts}
    return all(_what(fact) in known for fact in report.assessment.facts)


def _event_time(report: Report) -> datetime | None:
    """When it happened: as the text says, else for fresh news the time of publication."""
    if report.assessment.event_time is not None:
        return report.assessment.event_time
    fresh = report.assessment.status is Status.OCCURRED and report.article.published is not None
    return report.when if fresh else None


def _best_place(
    said: Assessment, target: Target | None, missions: Sequence[Mission]
) -> Place | None:
    """The post whose premises are the target, else the first place in the host state.

    Exact places go before states; a city is known no better than `CITY_KM`.
    """
    post = _post_hit(said, missions) if target is Target.PREMISES else None
    if post is not None:
        return Place(
            text=post.name,
            country=post.host,
            city=post.city,
            lat=post.lat,
            lon=post.lon,
            radius_km=PREMISES_KM,
        )
    at_host = [p for p in said.places if said.host is None or p.country == said.host]
    best = next((p for p in at_host if p.city), next(iter(at_host), None))
    if best is None or best.city is None or best.radius_km is not None:
        return best
    return replace(best, radius_km=CITY_KM)


def _post_hit(said: Assessment, missions: Sequence[Mission]) -> Mission | None:
    """The one configured post with coordinates of the sending state that a report names."""
    named = {mention.mission for mention in said.missions}
    hit = [
        m
        for m in missions
        if m.id in named
        and m.lat is not None
        and m.lon is not None
        and (not said.sending or m.sending in said.sending)
    ]
    return hit[0] if len(hit) == 1 else None


def _place(old: Place | None, new: Place | None) -> Place | None:
    """The one that is known better; the old one while they are even."""
    if old is None or new is None:
        return old or new
    if old.city is None and new.city is not None:
        return new
    sharper = new.city == old.city and (new.radius_km or CITY_KM) < (old.radius_km or CITY_KM)
    return new if sharper else old


def _category(old: Category, sources: Iterable[Source]) -> Category:
    """What most of the reports say; the old one while they are even."""
    votes = Counter(s.category for s in sources if s.category is not None)
    best = max(votes.values(), default=0)
    return old if votes[old] == best else max(votes, key=lambda c: (votes[c], c.value))


def _status(old: Status, new: Status) -> Status:
    """A warned event that occurs has occurred; what follows does not make it less so."""
    if old is Status.WARNING and new in (Status.OCCURRED, Status.AFTERMATH):
        return new
    return Status.OCCURRED if new is Status.OCCURRED else old


def _host(sources: Iterable[Source]) -> str | None:
    """The host state that most reports name; the first of them while they are even."""
    votes = Counter(source.host for source in sources if source.host)
    return max(votes, key=lambda state: votes[state], default=None)


def _sending(sources: Iterable[Source]) -> tuple[str, ...]:
    """The sending states that at least a quarter of the reports name which name any."""
    naming = [source.sending for source in sources if source.sending]
    votes = Counter(state for states in naming for state in states)
    often = [state for state, count in votes.items() if count * 4 >= len(naming)]
    return tuple(state for state in often if state != VAGUE) or tuple(often)


def _missions(
    old: tuple[MissionMention, ...], new: tuple[MissionMention, ...]
) -> tuple[MissionMention, ...]:
    """Each once, in the words in which it was told first: its language does not change."""
    united: dict[tuple[object, ...], MissionMention] = {}
    for m in (*old, *new):
        united.setdefault((m.kind, m.sending, m.host, m.city, m.mission), m)
    return tuple(united.values())[:MAX_MENTIONS]


def _evidence(old: tuple[Evidence, ...], new: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    known = {evidence.text: evidence for evidence in (*new, *old)}
    return tuple(sorted(known.values(), key=lambda e: -e.weight))[:MAX_EVIDENCE]


def _notes(old: tuple[str, ...], report: Report) -> tuple[str, ...]:
    found = [f"{flag}: {text}" for flag, text in FLAGS.items() if has_word(flag, report.lead)]
    if not old and report.statement:
        found.append("statement: words about an event, nothing new")
    if any(fact.kind == "denial" for fact in report.assessment.facts):
        found.append("denied: by those who should know")
    kept = [n for n in old if not n.startswith("statement:") or report.statement]
    return tuple(dict.fromkeys((*kept, *found)))


def _mean(old: tuple[float, ...], new: tuple[float, ...], count: int) -> tuple[float, ...]:
    """The mean unit vector of `count` reports and one more."""
    if not old or not new or len(old) != len(new):
        return old or new
    total = [a * count + b for a, b in zip(old, new, strict=True)]
    length = sqrt(sum(x * x for x in total)) or 1.0
    return tuple(x / length for x in total)
