"""Articles in the store: each once, recognised by keys, forgotten when nobody lists them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from alerter.domain.article import Keys
from alerter.store import Store, Tx
from alerter.store.articles import ALL_FEEDS
from tests.builders import NOON, an_article


def test_an_article_is_added_once(each_store: Store) -> None:
    """The second time nothing happens; what is answered is how many were new."""
    one, two = an_article("a1"), an_article("a2", same_as="a1")
    with each_store.begin() as tx:
        assert tx.articles.add_many([one]) == 1
        assert tx.articles.add_many([one, two]) == 1
        assert tx.articles.add_many([]) == 0
        assert sorted(tx.articles.get(["a1", "a2", "none"]), key=lambda a: a.id) == [one, two]
        assert tx.articles.count() == 2


def test_articles_are_known_by_their_keys(each_store: Store) -> None:
    """In one feed the latest wins, in all feeds the first does; feeds do not share keys."""
    one, two = an_article("a1", title="One"), an_article("a2", title="Two")
    keys = {"a1": Keys(own=(1, 2), common=(9,)), "a2": Keys(own=(2, -(2**63)), common=(9,))}
    with each_store.begin() as tx:
        tx.articles.add_many([one], keys, feed=7)
        tx.articles.add_many([two], keys, feed=7)
        found = tx.articles.known(7, [1, 2, -(2**63), 99])
        assert {key: known.id for key, known in found.items()} == {
            1: "a1",
            2: "a2",
            -(2**63): "a2",
        }
        assert found[1].title == "One"
        assert tx.articles.known(8, [1, 2]) == {}
        assert tx.articles.known(ALL_FEEDS, [9])[9].id == "a1"


def test_what_is_added_in_one_go_follows_the_same_rule(each_store: Store) -> None:
    """Two articles of one document with one key."""
    both = [an_article("a1"), an_article("a2")]
    keys = {each.id: Keys(own=(5,), common=(6,)) for each in both}
    with each_store.begin() as tx:
        tx.articles.add_many(both, keys, feed=7)
        assert tx.articles.known(7, [5])[5].id == "a2"
        assert tx.articles.known(ALL_FEEDS, [6])[6].id == "a1"


def test_thousands_of_keys_can_be_asked_for(each_store: Store) -> None:
    """A document of 50,000 entries asks for 150,000."""
    with each_store.begin() as tx:
        tx.articles.add_many([an_article("a1")], {"a1": Keys(own=(17,))}, feed=7)
        assert list(tx.articles.known(7, range(5000))) == [17]


def test_new_articles_wait_to_be_assessed_newest_first(each_store: Store) -> None:
    """Until they are marked."""
    late = an_article("late", first_seen=NOON + timedelta(hours=1))
    with each_store.begin() as tx:
        tx.articles.add_many([an_article("early"), late])
        assert [each.id for each in tx.articles.unassessed("m1", 10)] == ["late", "early"]
        assert [each.id for each in tx.articles.unassessed("m1", 1)] == ["late"]
        tx.articles.mark_assessed(["late"], "m1")
        assert [each.id for each in tx.articles.unassessed("m1", 10)] == ["early"]


def test_backlog_waits_behind_all_that_is_new(each_store: Store) -> None:
    """Even behind what came earlier; of one poll, what was published last comes first."""
    old = an_article("old", backlog=True, first_seen=NOON + timedelta(hours=1))
    first = an_article("first", published=NOON - timedelta(hours=2))
    last = an_article("last", published=NOON - timedelta(hours=1))
    with each_store.begin() as tx:
        tx.articles.add_many([old, first, last])
        assert [each.id for each in tx.articles.unassessed("m", 10)] == ["last", "first", "old"]
        assert [each.id for each in tx.articles.unassessed("m", 2)] == ["last", "first"]


def test_another_model_reads_again_only_what_it_is_told_to(each_store: Store) -> None:
    """A new model is no reason to page for the whole archive."""
    with each_store.begin() as tx:
        tx.articles.add_many([an_article("old", first_seen=NOON - timedelta(days=9))])
        tx.articles.add_many([an_article("new")])
        tx.articles.mark_assessed(["old", "new"], "m1")
        assert tx.articles.unassessed("m2", 10) == []
        since = NOON - timedelta(days=1)
        assert [each.id for each in tx.articles.unassessed("m2", 10, since=since)] == ["new"]
        assert tx.articles.unassessed("m1", 10, since=since) == []


def test_a_revision_replaces_the_text_and_waits_again(each_store: Store) -> None:
    """First seen and backlog stay; the new text is a key to it."""
    before = an_article("a1", backlog=True)
    after = replace(before, title="Three killed", revision=2, content_hash="h2", backlog=False)
    with each_store.begin() as tx:
        tx.articles.add_many([before])
        tx.articles.mark_assessed(["a1"], "m1")
        tx.articles.revise([after], {"a1": Keys(own=(3,))}, feed=7)
        (found,) = tx.articles.unassessed("m1", 10)
        assert (found.title, found.revision, found.backlog) == ("Three killed", 2, True)
        assert tx.articles.known(7, [3])[3].revision == 2


def test_full_text_is_asked_for_once(each_store: Store) -> None:
    """What was found is assessed again; nothing found changes nothing."""
    with each_store.begin() as tx:
        tx.articles.add_many([an_article("a1"), an_article("a2")])
        tx.articles.mark_assessed(["a1", "a2"], "m1")
        tx.articles.want_fulltext(["a1", "a2"])
        assert {each.id for each in tx.articles.fulltext_wanted(10)} == {"a1", "a2"}
        tx.articles.set_fulltext("a1", "The whole story.")
        tx.articles.set_fulltext("a2", "")
        assert tx.articles.fulltext_wanted(10) == []
        assert [(each.id, each.body) for each in tx.articles.unassessed("m1", 10)] == [
            ("a1", "The whole story.")
        ]
        tx.articles.want_fulltext(["a1", "a2"])
        assert tx.articles.fulltext_wanted(10) == []


def test_a_forgotten_article_leaves_nothing_behind(each_store: Store) -> None:
    """Its keys go with it, unless they lead to another article by now."""
    keys = {"a1": Keys(own=(1, 2), common=(9,)), "a2": Keys(own=(2,))}
    with each_store.begin() as tx:
        tx.articles.add_many([an_article("a1")], keys, feed=7)
        tx.articles.add_many([an_article("a2")], keys, feed=7)
        tx.articles.forget(["a1"])
        assert tx.articles.get(["a1"]) == []
        assert {key: known.id for key, known in tx.articles.known(7, [1, 2]).items()} == {2: "a2"}
        rows = tx.feeds._connection.execute(text("select count(*) from article_keys"))
        assert rows.scalar() == 1


def test_what_is_listed_still_is_not_offered_for_forgetting(each_store: Store) -> None:
    """An old article that its feed still lists would come back as news."""
    old = NOON - timedelta(days=100)
    with each_store.begin() as tx:
        tx.articles.add_many([an_article("a1", first_seen=old), an_article("a2", first_seen=old)])
        before = NOON - timedelta(days=90)
        assert len(tx.articles.unlisted_since(before, 10)) == 2
        tx.articles.still_wanted(["a2"], NOON)
        assert tx.articles.unlisted_since(before, 10) == [("a1", "daily-post")]


def test_the_newest_of_one_feed_are_found(each_store: Store) -> None:
    """For people who look at a feed."""
    with each_store.begin() as tx:
        tx.articles.add_many(
            [an_article(f"a{n}", first_seen=NOON + timedelta(minutes=n)) for n in range(3)]
        )
        assert [each.id for each in tx.articles.latest("daily-post", 2)] == ["a2", "a1"]


def plans(store: Store, ask: Callable[[Tx], object]) -> str:
    """How SQLite answers the very statements that are sent."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        sent.append((statement, parameters))

    event.listen(store._engine, "before_cursor_execute", note)
    with store.begin() as tx:
        ask(tx)
    event.remove(store._engine, "before_cursor_execute", note)
    with store._engine.connect() as connection:
        explained = [
            connection.exec_driver_sql(f"explain query plan {statement}", parameters).all()
            for statement, parameters in sent
            if not statement.startswith(("BEGIN", "INSERT"))
        ]
    return str(explained)


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (lambda tx: tx.articles.unassessed("m", 5), "INDEX ix_articles_unassessed"),
        (lambda tx: tx.articles.fulltext_wanted(5), "INDEX ix_articles_fulltext"),
        (lambda tx: tx.articles.unlisted_since(NOON, 5), "INDEX ix_articles_listed"),
        (lambda tx: tx.articles.latest("x", 5), "INDEX ix_articles_feed"),
        (lambda tx: tx.articles.known(1, [1, 2]), "PRIMARY KEY (feed=? AND key=?)"),
        (lambda tx: tx.articles.get(["a"]), "USING INDEX"),
        (lambda tx: tx.articles.mark_assessed(["a"], "m"), "USING INDEX"),
        (lambda tx: tx.articles.revise([an_article("a")]), "USING INDEX"),
        (lambda tx: tx.articles.forget(["a"]), "USING INDEX"),
        (lambda tx: tx.feeds.is_any_due(NOON), "INDEX ix_feeds_due"),
        (lambda tx: tx.feeds.claim_due(NOON, 5, timedelta(1)), "INDEX ix_feeds_due"),
        (lambda tx: tx.feeds.untold_health_changes(), "INDEX ix_health_changes_untold"),
        (lambda tx: tx.feeds.own_link(), "INDEX ix_health_changes_feed"),
        (lambda tx: tx.feeds.rejections("a"), "INDEX ix_rejections_feed_at"),
    ],
)
def test_every_question_has_its_index(
    store: Store, ask: Callable[[Tx], object], index: str
) -> None:
    """At a million articles nothing may be read from end to end, nor sorted."""
    plan = plans(store, ask)
    assert index in plan
    assert "SCAN" not in plan.replace("SCAN articles USING INDEX ix_articles_", "")  # partial
    assert "TEMP B-TREE" not in plan
