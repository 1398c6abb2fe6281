"""Retention: articles go with all that was said of them, but never what somebody still needs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from alerter.config.settings import AlerterSettings
from alerter.pipeline.fold import fold
from alerter.pipeline.retain import forget_articles
from alerter.store import Store
from tests.builders import NOON, an_article, an_assessment

LATER = NOON + timedelta(days=100)  # retention of articles is 90 days
LONG_AFTER = LATER + timedelta(days=100)


def stored(store: Store, ids: Sequence[str], *, probability: float) -> None:
    """Articles that were judged."""
    articles = [an_article(each, feed=f"feed-{each}", title=f"Rockets, {each}") for each in ids]
    pairs = [(an_assessment(each.id, probability=probability), each) for each in articles]
    with store.begin() as tx:
        tx.articles.add_many(articles)
        tx.assessments.save_many(pairs, review=0.5, now=NOON)
        tx.articles.mark_assessed(ids, "m")


def kept(store: Store, ids: Sequence[str]) -> tuple[set[str], set[str]]:
    """Which articles and which assessments are there."""
    with store.read() as tx:
        said = {each for each in ids if tx.assessments.get(each) is not None}
        return {each.id for each in tx.articles.get(ids)}, said


def test_an_article_goes_with_its_assessment(each_store: Store, settings: AlerterSettings) -> None:
    """Nothing that was said of it is left, and what is young stays."""
    stored(each_store, ["old"], probability=0.1)
    with each_store.begin() as tx:
        tx.articles.add_many([an_article("young", first_seen=LATER - timedelta(days=1))])
    assert forget_articles(store=each_store, settings=settings, now=LATER) == 1
    assert kept(each_store, ["old", "young"]) == ({"young"}, set())
    assert forget_articles(store=each_store, settings=settings, now=LATER) == 0


def test_what_an_incident_cites_stays_as_long_as_the_incident(
    each_store: Store, settings: AlerterSettings
) -> None:
    """It is the evidence: an analyst reads it, and a split by hand needs it."""
    stored(each_store, ["cited"], probability=0.97)
    stored(each_store, ["other"], probability=0.1)
    fold(store=each_store, settings=settings, now=NOON, limit=10)
    forget_articles(store=each_store, settings=settings, now=LATER)
    assert kept(each_store, ["cited", "other"]) == ({"cited"}, {"cited"})
    with each_store.begin() as tx:
        assert tx.incidents.drop_older(LATER) == 1
    forget_articles(store=each_store, settings=settings, now=LONG_AFTER)
    assert kept(each_store, ["cited", "other"]) == (set(), set())


def test_many_that_stay_do_not_stand_in_the_way(
    each_store: Store, settings: AlerterSettings
) -> None:
    """A batch of which nothing may go is looked at once, and the next call sees the others."""
    stored(each_store, [f"cited-{n}" for n in range(3)], probability=0.97)
    fold(store=each_store, settings=settings, now=NOON, limit=10)
    stored(each_store, ["last"], probability=0.1)
    looked = 0
    while count := forget_articles(store=each_store, settings=settings, now=LATER):
        looked += count
    assert looked == 4
    assert kept(each_store, ["cited-0", "last"])[0] == {"cited-0"}
