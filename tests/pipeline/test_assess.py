"""The step that judges: what is new comes before what is old, however much of that waits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from alerter.config.settings import AlerterSettings
from alerter.domain.article import Article
from alerter.domain.assessment import Assessment, Fact
from alerter.pipeline.assess import BATCH, assess
from alerter.store import Store
from alerter.understand.assess import Assessor
from tests.builders import NOON, an_article, an_assessment


class Desk:
    """Judges all alike, and notes what it read; a report comes in while it reads the first."""

    version = "m"

    def __init__(self, store: Store) -> None:
        self.read: list[str] = []
        self._store = store

    def assess(self, articles: Sequence[Article], **_given: Any) -> list[Assessment]:
        if not self.read:
            with self._store.begin() as tx:
                tx.articles.add_many([an_article("report", first_seen=NOON + timedelta(seconds=1))])
        self.read += [article.id for article in articles]
        return [an_assessment(article.id, probability=0.1) for article in articles]


def judged(store: Store, settings: AlerterSettings, *, limit: int, now: datetime = NOON) -> Desk:
    """One call of the step."""
    desk = Desk(store)
    assess(store=store, settings=settings, assessor=cast("Assessor", desk), now=now, limit=limit)
    return desk


def test_a_report_does_not_wait_behind_the_backlog(
    each_store: Store, settings: AlerterSettings
) -> None:
    """It comes in while a first poll's thousand articles wait, and is read with the next batch."""
    waiting = [an_article(f"a{n}", backlog=n % 2 == 0) for n in range(10 * BATCH)]
    with each_store.begin() as tx:
        tx.articles.add_many(waiting)
    desk = judged(each_store, settings, limit=2 * BATCH)
    assert desk.read.index("report") == BATCH
    assert len(desk.read) == 2 * BATCH


def test_a_denial_below_review_waits_to_be_folded_and_is_shown_to_nobody(
    each_store: Store,
) -> None:
    """It may correct an incident; a threat it is not."""
    denial = Fact(kind="killed", value="any", source="f", said_at=NOON, denied=True)
    said = {"denies": an_assessment("denies", probability=0.2, facts=(denial,)),
            "nowhere": an_assessment("nowhere", probability=0.2, facts=(denial,),
                                     host=None, sending=(), missions=()),
            "plain": an_assessment("plain", probability=0.2)}  # fmt: skip
    with each_store.begin() as tx:
        tx.articles.add_many([an_article(name) for name in said])
        pairs = [(each, an_article(name)) for name, each in said.items()]
        tx.assessments.save_many(pairs, review=0.5, now=NOON)
        waiting = [article.id for _, article in tx.assessments.unfolded(limit=10)]
        shown = tx.assessments.review_queue(below=0.8, limit=10)
    assert waiting == ["denies"]
    assert shown == []


def test_everything_is_read_once(each_store: Store, settings: AlerterSettings) -> None:
    """Backlog too, in the end."""
    with each_store.begin() as tx:
        tx.articles.add_many([an_article(f"a{n}", backlog=n < 5) for n in range(BATCH + 20)])
    desk = judged(each_store, settings, limit=10 * BATCH)
    assert sorted(desk.read) == sorted([*(f"a{n}" for n in range(BATCH + 20)), "report"])
    assert set(desk.read[-5:]) == {f"a{n}" for n in range(5)}
    assert judged(each_store, settings, limit=BATCH).read == []
