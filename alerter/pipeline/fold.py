"""The step that folds assessed articles into incidents, and announces what is worth telling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from alerter.config.settings import AlerterSettings
from alerter.domain.article import Article
from alerter.domain.assessment import Assessment
from alerter.domain.errors import StoreError
from alerter.domain.incident import Change, Incident
from alerter.domain.scales import Trust
from alerter.incidents import Folded, NotFolded
from alerter.incidents import age as age_incidents
from alerter.incidents import fold as fold_article
from alerter.incidents.lifecycle import next_turn
from alerter.incidents.match import WINDOW, oldest_news
from alerter.incidents.report import named_states
from alerter.pipeline.announce import announce
from alerter.store import Store, Tx

log = structlog.get_logger()

BATCH: Final = 25  # articles in one transaction: a crash repeats no more than these
AGE_BATCH: Final = 200
SLACK: Final = timedelta(days=3)  # a slow feed may bring a report older than the news of others

Pair = tuple[Assessment, Article]


def fold(*, store: Store, settings: AlerterSettings, now: datetime, limit: int) -> int:
    """Fold up to `limit` assessed articles, oldest first. Answers how many were dealt with.

    Incidents, revisions, sightings, deliveries and the mark that an article is folded commit
    together. Several daemons may call this at once: they take turns.
    """
    done = 0
    while done < limit:
        count = _fold_batch(store, settings, now, min(BATCH, limit - done))
        done += count
        if count == 0:
            break
    return done


def age(*, store: Store, settings: AlerterSettings, now: datetime) -> int:
    """Turn incidents quiet or closed when their time has come; tells those who knew of them."""
    with store.begin() as tx:
        due = tx.incidents.turning(now, AGE_BATCH)
        changes = age_incidents(due, now)
        for change in changes:
            save_change(tx, change)
        for incident in due:
            if incident.id not in {change.incident.id for change in changes}:
                tx.incidents.set_turn(incident.id, next_turn(incident))
        announce(tx, [c for c in changes if c.reason is not None], settings=settings, now=now)
    for change in changes:
        log.info("incident_aged", incident=change.incident.id, phase=change.incident.phase.value)
    return len(changes)


def fold_one(
    tx: Tx, pair: Pair, *, settings: AlerterSettings, trusts: Mapping[str, Trust], now: datetime
) -> Folded | NotFolded:
    """Fold one article inside a transaction and save what came of it, without announcing it."""
    assessment, article = pair
    known = tx.incidents.of_article(article.id)
    if known is not None and article.revision == 1:
        return NotFolded(article_id=article.id, reason="folded before")
    folded = fold_article(
        assessment,
        article,
        trusts.get(article.feed, Trust.C),
        [known] if known is not None else candidates_for(tx, assessment, article),
        tuple(each.mission() for each in settings.missions),
        thresholds=settings.thresholds,
        watch=settings.watch,
        now=now,
    )
    if isinstance(folded, NotFolded):
        return folded
    saved = save_change(tx, folded.change)
    for alias in folded.absorbed:
        why = f"the same event as {saved.id}"
        save_change(tx, Change(incident=alias, reason=None, why=why, at=now, tell=False))
        tx.incidents.move_sightings(alias.id, saved.id)
    tx.incidents.save_sighting(folded.sighting)
    return replace(folded, change=replace(folded.change, incident=saved))


def candidates_for(tx: Tx, assessment: Assessment, article: Article) -> Sequence[Incident]:
    """The incidents that the article may be a report of."""
    return tx.incidents.near(
        host=assessment.host,
        sending=assessment.sending,
        named=named_states(assessment),
        mission_ids=tuple(m.mission for m in assessment.missions if m.mission),
        since=max(oldest_news(assessment, article), article.when - WINDOW),
        until=article.when + SLACK,
        day=assessment.date_ahead or assessment.event_time or article.when,
    )


def _fold_batch(store: Store, settings: AlerterSettings, now: datetime, limit: int) -> int:
    try:
        return _fold_together(store, settings, now, limit)
    except StoreError:
        raise
    except Exception:
        log.exception("fold_failed")
        return _fold_singly(store, settings, now, limit)


def _fold_together(store: Store, settings: AlerterSettings, now: datetime, limit: int) -> int:
    trusts = {feed.name: feed.trust for feed in settings.feeds}
    results = []
    with store.begin() as tx:
        tx.incidents.take_turn()
        pairs = tx.assessments.unfolded(limit)
        for pair in pairs:
            result = fold_one(tx, pair, settings=settings, trusts=trusts, now=now)
            results.append(result)
            if isinstance(result, Folded):
                announce(tx, [result.change], settings=settings, now=now)
        tx.assessments.mark_folded([article.id for _, article in pairs])
    for result in results:
        _log(result)
    return len(pairs)


def _fold_singly(store: Store, settings: AlerterSettings, now: datetime, limit: int) -> int:
    """One article in a transaction: the one that cannot be folded is set aside, not the rest."""
    with store.read() as tx:
        pairs = tx.assessments.unfolded(limit)
    for assessment, article in pairs:
        try:
            _fold_together(store, settings, now, 1)
        except StoreError:
            raise
        except Exception:
            log.exception("fold_set_aside", article=article.id, model=assessment.model)
            with store.begin() as tx:
                tx.assessments.mark_folded([article.id])
    return len(pairs)


def save_change(tx: Tx, change: Change) -> Incident:
    """Keep a change, and when time alone will change the incident next."""
    return tx.incidents.save(change, turn=next_turn(change.incident))


def _log(result: Folded | NotFolded) -> None:
    if isinstance(result, NotFolded):
        log.debug("article_not_folded", article=result.article_id, why=result.reason)
        return
    change = result.change
    log.info(
        "article_folded",
        article=change.article_id,
        incident=change.incident.id,
        number=change.incident.number,
        revision=change.incident.revision,
        is_new=result.is_new,
        reason=None if change.reason is None else change.reason.value,
        why=change.why,
    )
