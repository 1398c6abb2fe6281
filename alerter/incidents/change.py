"""Is a change worth telling, and as what? One answer with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from alerter.config.settings import Thresholds
from alerter.domain.assessment import CASUALTIES, Fact
from alerter.domain.incident import Incident
from alerter.domain.scales import Category, Certainty, Reason, Severity, Status
from alerter.incidents.report import Report
from alerter.incidents.situation import stated

STALE: Final = timedelta(hours=72)  # an event older than this is no first report any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a change is told as (None: not at all), and why."""

    reason: Reason | None
    why: str


def decide_change(
    before: Incident | None, after: Incident, report: Report, thresholds: Thresholds
) -> Verdict:
    """Decide what a report did to its incident, in the order in which an officer would ask."""
    if before is None or before.told_at is None:
        return _first(after, report, thresholds)
    return (
        _corrected(before, after)
        or _escalated(before, after)
        or _posture(before, report)
        or _corroborated(before, after)
        or Verdict(reason=None, why="another report of a known incident; nothing new")
    )


def told(incident: Incident, verdict: Verdict, *, now: datetime) -> Incident:
    """The incident with what was told of it, when something is."""
    if verdict.reason is None:
        return incident
    return replace(
        incident,
        told_at=incident.told_at or now,
        told_severity=max(incident.told_severity, incident.severity),
        told_certainty=max(incident.told_certainty, incident.certainty),
    )


def _first(after: Incident, report: Report, thresholds: Thresholds) -> Verdict:
    if after.probability < thresholds.alert:
        text = f"probability {after.probability:.2f} is below {thresholds.alert:.2f}: for review"
        return Verdict(reason=None, why=text)
    quiet = _why_no_first_report(after, report)
    if quiet is not None:
        return Verdict(reason=None, why=quiet)
    if after.category is Category.SECURITY_MEASURE:
        return Verdict(reason=Reason.POSTURE, why="a mission changes its posture; no attack")
    count = after.independent_sources
    why = "first report" if count <= 1 else f"confirmed by {count} independent reports"
    return Verdict(reason=Reason.FIRST_REPORT, why=why)


def _why_no_first_report(after: Incident, report: Report) -> str | None:
    said = report.assessment
    if report.recall:
        return "recalls an old attack"
    if report.statement:
        return "a statement about an event; nothing new happened"
    if report.roundup:
        return "counts many events over a while; reports no single one"
    happened = said.event_time or after.event_time
    if happened is not None and report.when - happened > STALE:
        days = (report.when - happened).days
        return f"the event lies {days} days back"
    if said.status is Status.AFTERMATH and happened is None and not _has_toll(said.facts):
        return "what followed an event that is not dated"
    return None


def _has_toll(facts: Sequence[Fact]) -> bool:
    return any(fact.kind in (*CASUALTIES, "claim") for fact in facts)


def _corrected(before: Incident, after: Incident) -> Verdict | None:
    known = {(f.kind, f.value, f.denied) for f in before.facts}
    for fact in after.facts:
        is_new = (fact.kind, fact.value, fact.denied) not in known
        if is_new and fact.takes_back and _corrects(fact, before):
            what = "the event is denied" if fact.kind == "denial" else f"{fact.kind}: taken back"
            why = f"{what}, says {fact.source}"
            return Verdict(reason=Reason.CORRECTED, why=why)
    return None


def _corrects(fact: Fact, before: Incident) -> bool:
    """Whether it denies the event, a casualty that was told, or is the first denial of any."""
    if fact.kind == "denial":
        return True
    return stated(before, fact.kind) > 0 or not any(known.denied for known in before.facts)


def _escalated(before: Incident, after: Incident) -> Verdict | None:
    if after.severity > before.told_severity:
        why = f"severity rose from {before.told_severity} to {after.severity}"
        return Verdict(reason=Reason.ESCALATED, why=why)
    for kind in CASUALTIES:
        if stated(after, kind) > 0 and stated(before, kind) == 0:
            return Verdict(reason=Reason.ESCALATED, why=f"first report of {kind}")
    if before.status is Status.WARNING and after.status is Status.OCCURRED:
        return Verdict(reason=Reason.ESCALATED, why="what was warned of has happened")
    return None


def _posture(before: Incident, report: Report) -> Verdict | None:
    if not report.posture or before.category is Category.SECURITY_MEASURE or report.recall:
        return None
    if any(s.category is Category.SECURITY_MEASURE for s in before.sources):
        return None
    return Verdict(reason=Reason.POSTURE, why="a mission changes its posture after the event")


def _corroborated(before: Incident, after: Incident) -> Verdict | None:
    """Once, when what was told as merely possible turns out likely, and only when it matters."""
    matters = after.severity >= Severity.SEVERE or bool(after.mission_ids)
    doubtful = before.told_certainty <= Certainty.POSSIBLE
    if matters and doubtful and after.certainty >= Certainty.LIKELY:
        sources = after.independent_sources
        counted = "one independent source" if sources == 1 else f"{sources} independent sources"
        why = f"now {after.certainty.value} with {counted}"
        return Verdict(reason=Reason.CORROBORATED, why=why)
    return None
