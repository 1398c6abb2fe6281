"""Splitting and merging incidents on a person's word, each in one transaction. Alerts nobody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from alerter.config.settings import AlerterSettings
from alerter.domain.incident import Change, Incident, Sighting
from alerter.domain.scales import Trust
from alerter.incidents.by_hand import ByHandError, merge, split
from alerter.incidents.report import Report, read_report
from alerter.pipeline.fold import save_change
from alerter.store import Store, Tx


def split_incident(
    store: Store,
    settings: AlerterSettings,
    reference: str,
    article_ids: Sequence[str],
    *,
    now: datetime,
) -> tuple[Incident, Incident]:
    """Take these articles out of an incident into a new one; gives both.

    Raises ByHandError where the incident or an article of it is not there.
    """
    with store.begin() as tx:
        tx.incidents.take_turn()
        incident = _existing(tx, reference)
        strangers = set(article_ids) - {source.article_id for source in incident.sources}
        if strangers:
            listed = ", ".join(sorted(strangers))
            raise ByHandError(f"not among the sources of #{incident.number}: {listed}")
        reports = _reports(tx, settings, incident)
        moved = [report for report in reports if report.article.id in article_ids]
        kept = [report for report in reports if report.article.id not in article_ids]
        missions = tuple(each.mission() for each in settings.missions)
        rest, other = split(incident, kept, moved, missions, now=now)
        rest = _save(tx, rest, f"{len(moved)} reports were split off by hand", now)
        other = _save(tx, other, f"split from #{rest.number} by hand", now)
        for report in moved:
            tx.incidents.save_sighting(
                Sighting(
                    incident_id=other.id,
                    article_id=report.article.id,
                    score=0.0,
                    why=f"split from #{rest.number} by hand",
                    at=now,
                )
            )
    return rest, other


def merge_incidents(
    store: Store, settings: AlerterSettings, keep: str, other: str, *, now: datetime
) -> Incident:
    """Put `other` into `keep`; the id and number of `other` lead to `keep` from then on.

    Raises ByHandError where one of them does not exist.
    """
    with store.begin() as tx:
        tx.incidents.take_turn()
        first, second = _existing(tx, keep), _existing(tx, other)
        missions = tuple(each.mission() for each in settings.missions)
        united, alias = merge(first, second, missions, now=now)
        saved = _save(tx, united, f"#{second.number} was merged into it by hand", now)
        _save(tx, alias, f"merged into #{first.number} by hand", now)
        tx.incidents.move_sightings(second.id, saved.id)
    return saved


def _existing(tx: Tx, reference: str) -> Incident:
    incident = tx.incidents.get(reference)
    if incident is None:
        raise ByHandError(f"there is no incident {reference!r}; see `alerter incidents`")
    return incident


def _reports(tx: Tx, settings: AlerterSettings, incident: Incident) -> list[Report]:
    """The reports of an incident, read again in the order in which they came."""
    trusts = {feed.name: feed.trust for feed in settings.feeds}
    ids = [source.article_id for source in incident.sources]
    articles = {article.id: article for article in tx.articles.get(ids)}
    reports = []
    for article_id in ids:
        assessment = tx.assessments.get(article_id)
        if assessment is None or article_id not in articles:
            raise ByHandError(f"the article {article_id} is not kept any more; cannot split")
        article = articles[article_id]
        reports.append(read_report(article, assessment, trusts.get(article.feed, Trust.C)))
    return reports


def _save(tx: Tx, incident: Incident, why: str, now: datetime) -> Incident:
    change = Change(incident=incident, reason=None, why=why, at=now, tell=False)
    return save_change(tx, change)
