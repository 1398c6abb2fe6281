"""The stage: one assessed article is folded into the incidents that are known near it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from alerter.config.settings import Thresholds
from alerter.domain.article import Article
from alerter.domain.assessment import Assessment
from alerter.domain.incident import Change, Incident, Sighting
from alerter.domain.mission import Mission
from alerter.domain.scales import Trust
from alerter.incidents.absorb import absorb_twins
from alerter.incidents.change import Verdict, decide_change, told
from alerter.incidents.lifecycle import phase_after
from alerter.incidents.links import linked
from alerter.incidents.match import Match, ranked_matches
from alerter.incidents.merge import adds_nothing, joined, opened, revised
from alerter.incidents.report import Report, read_report
from alerter.incidents.weights import WEIGHTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """The article is a report of `change.incident`. `absorbed` were found to be the same event."""

    change: Change
    sighting: Sighting
    is_new: bool = False
    absorbed: tuple[Incident, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFolded:
    """The article made and changed no incident, and why."""

    article_id: str
    reason: str


def fold(
    assessment: Assessment,
    article: Article,
    trust: Trust,
    candidates: Sequence[Incident],
    missions: Sequence[Mission] = (),
    *,
    thresholds: Thresholds,
    now: datetime,
    watch: Literal["all", "mine"] = "all",
) -> Folded | NotFolded:
    """Fold one article. Pure: what is known comes in as `candidates`, what changed goes out.

    `candidates` may be any incidents; those that do not fit are passed over. Folding an article
    that is a source of one of them already changes nothing, unless its text was revised. Below
    review only what takes something back is folded, and only into an incident that is known.
    """
    doubtful = assessment.probability < thresholds.review
    if doubtful and not assessment.takes_back:
        return _below(article, assessment)
    known = next((c for c in candidates if _has_source(c, article.id)), None)
    if known is not None and article.revision == 1:
        return _not(article, f"already a source of {known.id}")
    report = read_report(article, assessment, trust)
    if known is not None:
        return _revise(known, report, missions, thresholds=thresholds, now=now)
    ranked = ranked_matches(report, candidates)
    if ranked and ranked[0].score >= WEIGHTS.join:
        incident, absorbed = absorb_twins(ranked)
        joining = replace(ranked[0], incident=incident)
        found = _join(joining, report, missions, thresholds=thresholds, now=now)
        return replace(found, absorbed=absorbed)
    if doubtful:  # it may correct what is known, but a denial of something unknown is no news
        return _below(article, assessment)
    fresh = linked(opened(report, missions, now=now), [match.incident for match in ranked])
    if watch == "mine" and not fresh.mission_ids:
        return _not(article, "none of the configured missions is named or near")
    verdict = decide_change(None, fresh, report, thresholds)
    match = Match(incident=fresh, score=0.0, why="opens an incident")
    return replace(_folded(fresh, verdict, report, match, now=now), is_new=True)


def _join(
    match: Match,
    report: Report,
    missions: Sequence[Mission],
    *,
    thresholds: Thresholds,
    now: datetime,
) -> Folded:
    before = match.incident
    if report.recall or report.roundup:
        why = "recalls the event" if report.recall else "counts it among many"
        return _folded(
            before, Verdict(reason=None, why=f"{why}; nothing new"), report, match, now=now
        )
    after = joined(before, report, missions, now=now)
    if adds_nothing(report, before):
        return _folded(
            after, Verdict(reason=None, why="a copy of an earlier report"), report, match, now=now
        )
    verdict = decide_change(before, after, report, thresholds)
    after = replace(after, phase=phase_after(before, after, report), revision=before.revision + 1)
    return _folded(after, verdict, report, match, now=now)


def _revise(
    before: Incident,
    report: Report,
    missions: Sequence[Mission],
    *,
    thresholds: Thresholds,
    now: datetime,
) -> Folded:
    """The publisher changed the text: its new facts join, and it stays the same one source."""
    after = revised(before, report, missions, now=now)
    verdict = decide_change(before, after, report, thresholds)
    match = Match(incident=after, score=0.0, why=f"revision {report.article.revision} of a source")
    after = replace(after, revision=before.revision + 1)
    return _folded(after, verdict, report, match, now=now)


def _folded(
    incident: Incident, verdict: Verdict, report: Report, match: Match, *, now: datetime
) -> Folded:
    tell = not report.article.backlog
    if tell:
        incident = told(incident, verdict, now=now)
    change = Change(
        incident=incident,
        reason=verdict.reason,
        why=verdict.why,
        at=now,
        article_id=report.article.id,
        tell=tell,
    )
    sighting = Sighting(
        incident_id=incident.id,
        article_id=report.article.id,
        score=match.score,
        why=match.why,
        at=now,
    )
    return Folded(change=change, sighting=sighting)


def _has_source(incident: Incident, article_id: str) -> bool:
    return any(source.article_id == article_id for source in incident.sources)


def _below(article: Article, assessment: Assessment) -> NotFolded:
    return _not(article, f"probability {assessment.probability:.2f} is below review")


def _not(article: Article, reason: str) -> NotFolded:
    return NotFolded(article_id=article.id, reason=reason)
