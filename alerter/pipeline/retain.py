"""Retention of articles: what is old goes, unless a feed lists or an incident cites it still."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from alerter.config.settings import AlerterSettings
from alerter.pipeline.polled import listed_articles
from alerter.store import Store, Tx

BATCH: Final = 500
REJECTED_FOR: Final = timedelta(days=14)  # what could not be parsed is of use for a while only


def forget_articles(*, store: Store, settings: AlerterSettings, now: datetime) -> int:
    """Look at a batch of articles that are older than `retention.articles`; answers how many.

    They are dropped with their assessments. An article that its feed lists still is kept:
    forgotten, it would come back as news. So is one that an incident cites, as long as that is
    kept: it is the evidence, and a split by hand reads it again.
    """
    before = now - settings.retention.articles
    with store.begin() as tx:
        old = tx.articles.unlisted_since(before, BATCH)
        listed = _listed(tx, {feed for _, feed in old})
        cited = tx.incidents.cited(id_ for id_, _ in old)
        kept = {id_ for id_, feed in old if id_ in listed[feed] or id_ in cited}
        dropped = [id_ for id_, _ in old if id_ not in kept]
        tx.articles.still_wanted(kept, now)
        tx.articles.forget(dropped)
        tx.assessments.forget(dropped)
        rejected = tx.feeds.forget(now - REJECTED_FOR)
    return len(old) + rejected


def _listed(tx: Tx, feeds: Iterable[str]) -> defaultdict[str, frozenset[str]]:
    """What the last document of each feed listed."""
    found: defaultdict[str, frozenset[str]] = defaultdict(frozenset)
    for feed in feeds:
        state = tx.feeds.get(feed)
        if state is not None:
            found[feed] = listed_articles(tx.feeds.memory(state.number))
    return found
