"""The fold step over a real store: one transaction, one daemon at a time, nothing twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from alerter.config.settings import AlerterSettings
from alerter.domain.assessment import Assessment
from alerter.domain.scales import Phase
from alerter.incidents.by_hand import ByHandError
from alerter.pipeline import fold as step
from alerter.pipeline.by_hand import merge_incidents, split_incident
from alerter.pipeline.fold import age, fold
from alerter.store import Store
from alerter.store.incidents import Wanted
from tests.builders import NOON, an_article, an_assessment

HOUR = timedelta(hours=1)


def assessed(store: Store, *ids: str, **said: Any) -> None:
    """Articles with assessments that wait to be folded."""
    with store.begin() as tx:
        articles = [
            an_article(each, feed=f"feed-{each}", title=f"Rockets at US embassy in Baghdad, {each}")
            for each in ids
        ]
        tx.articles.add_many(articles)
        pairs = [(an_assessment(a.id, **said), a) for a in articles]
        tx.assessments.save_many(pairs, review=0.5, now=NOON)


def test_reports_of_one_event_make_one_incident_and_one_delivery(
    each_store: Store, settings: AlerterSettings
) -> None:
    """Folded, saved and promised in one go; a second run finds nothing to do."""
    assessed(each_store, "a1", "a2", "a3")
    assert fold(store=each_store, settings=settings, now=NOON, limit=100) == 3
    assert fold(store=each_store, settings=settings, now=NOON, limit=100) == 0
    with each_store.read() as tx:
        (incident,) = tx.incidents.page()
        told = tx.deliveries.of_subject(incident.id)
        assert len(tx.incidents.sightings(incident.id)) == 3
    assert incident.number == 1
    assert [delivery.revision for delivery in told] == [1]


@pytest.mark.postgres
def test_two_daemons_that_fold_at_once_make_no_second_incident(
    postgres_schema: Callable[[], str], settings: AlerterSettings
) -> None:
    """They take turns, whoever begins."""
    url = postgres_schema()
    stores = [Store.open(url), Store.open(url)]
    assessed(stores[0], *(f"a{n}" for n in range(40)))
    counts: list[int] = []

    def work(store: Store) -> None:
        counts.append(fold(store=store, settings=settings, now=NOON, limit=100))

    threads = [threading.Thread(target=work, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with stores[0].read() as tx:
        (incident,) = tx.incidents.page()
        told = tx.deliveries.of_subject(incident.id)
    assert sum(counts) == 40
    assert len(incident.sources) == 40
    assert len([d for d in told if d.reason.value == "first_report"]) == 1
    for store in stores:
        store.close()


def test_a_crash_inside_the_transaction_keeps_nothing(
    store: Store, settings: AlerterSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was decided and not promised was not decided."""
    assessed(store, "a1")

    def crash(*_args: object, **_given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(step, "announce", crash)
    with pytest.raises(KeyboardInterrupt):
        fold(store=store, settings=settings, now=NOON, limit=10)
    monkeypatch.undo()
    with store.read() as tx:
        assert tx.incidents.page() == []
    assert fold(store=store, settings=settings, now=NOON, limit=10) == 1


def test_an_article_that_cannot_be_folded_is_set_aside(
    store: Store, settings: AlerterSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One poisoned article does not stop the rest."""
    assessed(store, "a1", "bad", "a2")
    real = getattr(step, "fold_article")  # noqa: B009  (what the step imported)

    def poisoned(assessment: Assessment, *given: Any, **more: Any) -> Any:
        if assessment.article_id == "bad":
            raise ZeroDivisionError
        return real(assessment, *given, **more)

    monkeypatch.setattr(step, "fold_article", poisoned)
    assert fold(store=store, settings=settings, now=NOON, limit=10) == 3
    with store.read() as tx:
        (incident,) = tx.incidents.page()
        assert len(incident.sources) == 2
        assert tx.assessments.unfolded(10) == []


def test_time_alone_turns_quiet_then_closes(store: Store, settings: AlerterSettings) -> None:
    """Each change once, when it is due. Who hears of the close is for routes to say."""
    assessed(store, "a1")
    fold(store=store, settings=settings, now=NOON, limit=10)
    assert age(store=store, settings=settings, now=NOON + 2 * HOUR) == 0
    assert age(store=store, settings=settings, now=NOON + 25 * HOUR) == 1
    assert age(store=store, settings=settings, now=NOON + 26 * HOUR) == 0
    assert age(store=store, settings=settings, now=NOON + 24 * 8 * HOUR) == 1
    with store.read() as tx:
        (incident,) = tx.incidents.page(Wanted(phases=(Phase.CLOSED,)))
        reasons = [r.reason.value for r in tx.incidents.revisions(incident.id) if r.reason]
    assert reasons == ["first_report", "closed"]


def test_a_split_and_a_merge_by_hand(store: Store, settings: AlerterSettings) -> None:
    """The old id and number stay; what is merged leads on; nobody is paged for it."""
    assessed(store, "a1", "a2", "a3")
    fold(store=store, settings=settings, now=NOON, limit=10)
    rest, other = split_incident(store, settings, "#1", ["a3"], now=NOON + HOUR)
    assert (rest.number, len(rest.sources)) == (1, 2)
    assert (other.number, len(other.sources)) == (2, 1)
    with store.read() as tx:
        assert tx.incidents.of_article("a3") == other
        before = len(tx.deliveries.of_subject(rest.id)) + len(tx.deliveries.of_subject(other.id))
    united = merge_incidents(store, settings, "#1", "#2", now=NOON + 2 * HOUR)
    assert len(united.sources) == 3
    with store.read() as tx:
        found = tx.incidents.get("#2")
        assert found is not None
        assert found.id == rest.id
        assert len(tx.deliveries.of_subject(rest.id)) == before


def test_a_split_that_makes_no_sense_is_refused(store: Store, settings: AlerterSettings) -> None:
    """Strangers, everything, nothing there: each with its reason."""
    assessed(store, "a1", "a2")
    fold(store=store, settings=settings, now=NOON, limit=10)
    for articles, words in ((["zz"], "not among"), (["a1", "a2"], "at least one")):
        with pytest.raises(ByHandError, match=words):
            split_incident(store, settings, "#1", articles, now=NOON)
    with pytest.raises(ByHandError, match="no incident"):
        merge_incidents(store, settings, "#1", "#77", now=NOON)
    with pytest.raises(ByHandError, match="itself"):
        merge_incidents(store, settings, "#1", "#1", now=NOON)
