"""The step that judges new articles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import structlog

from alerter.config.settings import AlerterSettings
from alerter.domain.article import Article
from alerter.domain.assessment import Assessment
from alerter.store import Store
from alerter.understand.assess import Assessor

log = structlog.get_logger()

PROMISING: Final = 0.2  # from here on the whole text may change the judgement
BATCH: Final = 100  # in one transaction: a crash repeats no more, a new report waits no longer


def assess(
    *, store: Store, settings: AlerterSettings, assessor: Assessor, now: datetime, limit: int
) -> int:
    """Assess up to `limit` articles that this model has not read. Answers how many it read.

    The newest first, and the backlog of first polls last. What waits is asked for anew with every
    batch, so that a report that comes in meanwhile is read with the next one.
    Reading happens outside the transaction, so that nobody waits for it. Two daemons may read the
    same article; both come to the same assessment, and the second replaces the first.
    """
    done = 0
    while done < limit:
        count = _assess_batch(store, settings, assessor, now, min(BATCH, limit - done))
        done += count
        if count == 0:
            break
    return done


def _assess_batch(
    store: Store, settings: AlerterSettings, assessor: Assessor, now: datetime, limit: int
) -> int:
    with store.read() as tx:
        articles = tx.articles.unassessed(assessor.version, limit)
    if not articles:
        return 0
    assessments = assessor.assess(articles, now=now)
    review = min(settings.thresholds.review, settings.thresholds.alert)
    with store.begin() as tx:
        tx.assessments.save_many(
            list(zip(assessments, articles, strict=True)), review=review, now=now
        )
        tx.articles.mark_assessed([article.id for article in articles], assessor.version)
        tx.articles.want_fulltext(_promising(articles, assessments, settings))
    log.info(
        "articles_assessed",
        articles=len(articles),
        threats=sum(each.threat for each in assessments),
        model=assessor.version,
    )
    return len(articles)


def _promising(
    articles: Sequence[Article], assessments: Sequence[Assessment], settings: AlerterSettings
) -> list[str]:
    """Articles of feeds with `fulltext: true` whose page is worth reading."""
    whole = {feed.name for feed in settings.feeds if feed.fulltext}
    return [
        article.id
        for article, each in zip(articles, assessments, strict=True)
        if article.feed in whole and each.probability >= PROMISING
    ]
