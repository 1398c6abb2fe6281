"""Which entries are new: whatever publishers do to dates, GUIDs, links and titles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from alerter.collect.identity import Setting, Verdict, identify, repeated_keys, signs_of
from alerter.domain.article import Article, Entry, Known

NOW = datetime(2020, 9, 15, 12, tzinfo=UTC)
SETTING = Setting(
    feed="daily-post", lang=None, now=NOW, first_poll=False, backlog=timedelta(hours=24), listed=10
)
ROCKETS = Entry(
    guid="g1",
    link="https://news.example/1",
    title="Rockets hit embassy compound in Baghdad",
    summary="Two rockets landed near the US embassy on Monday night, police sources said.",
)
BUDGET = Entry(
    guid="g2",
    link="https://news.example/2",
    title="Parliament passes budget",
    summary="Lawmakers approved spending for next year after a long debate about salaries.",
)


class Feed:
    """A feed in memory: polls it, and keeps what the store would keep."""

    def __init__(self) -> None:
        self.keys: dict[int, Known] = {}
        self.articles: dict[str, Article] = {}

    def poll(self, *entries: Entry, setting: Setting = SETTING) -> list[Verdict]:
        """The verdicts on the entries of one document."""
        signs = [signs_of(entry) for entry in entries]
        listed = replace(setting, listed=len(entries))
        repeated = repeated_keys(signs)
        verdicts = identify(signs, self.keys, setting=listed, repeated=repeated)
        for verdict in verdicts:
            if verdict.article is not None:
                self._keep(verdict, verdict.article)
        return verdicts

    def kinds(self, *entries: Entry) -> list[str]:
        """The verdicts in one word each."""
        return [verdict.kind for verdict in self.poll(*entries)]

    def _keep(self, verdict: Verdict, article: Article) -> None:
        self.articles[article.id] = article
        known = Known(
            id=article.id,
            content_hash=article.content_hash,
            title=article.title,
            summary=article.summary,
            body=article.body,
            url=article.url,
            revision=article.revision,
        )
        for key in verdict.keys.own:
            self.keys[key] = known
        for key, before in self.keys.items():
            self.keys[key] = known if before.id == article.id else before


def test_an_entry_is_new_once() -> None:
    """And known from then on."""
    feed = Feed()
    assert feed.kinds(ROCKETS, BUDGET) == ["new", "new"]
    assert feed.kinds(BUDGET, ROCKETS) == ["known", "known"]


def test_a_changed_date_changes_nothing() -> None:
    """Publishers touch dates at every edit; some set them to now at every poll."""
    feed = Feed()
    feed.poll(replace(ROCKETS, published=NOW))
    later = replace(ROCKETS, published=NOW + timedelta(hours=3), updated=NOW)
    assert feed.kinds(later) == ["known"]


def test_an_edited_title_is_a_revision() -> None:
    """The same article with new text, to be assessed again."""
    feed = Feed()
    (first,) = feed.poll(ROCKETS)
    edited = replace(ROCKETS, title="Rockets hit embassy compound in Baghdad, three wounded")
    (second,) = feed.poll(edited)
    assert (second.kind, second.article_id) == ("revised", first.article_id)
    assert second.article is not None
    assert second.article.revision == 2
    assert feed.kinds(edited) == ["known"]


def test_an_edited_url_is_the_same_article() -> None:
    """The slug follows the title; the GUID stays."""
    feed = Feed()
    feed.poll(ROCKETS)
    assert feed.kinds(replace(ROCKETS, link="https://news.example/1-updated")) == ["known"]


def test_tracking_parameters_do_not_make_an_article() -> None:
    """No GUID, and a link with another campaign each time."""
    feed = Feed()
    bare = replace(ROCKETS, guid=None)
    feed.poll(bare)
    assert feed.kinds(replace(bare, link="http://www.news.example/1/?utm_source=x")) == ["known"]


def test_without_guid_and_link_the_text_decides() -> None:
    """The last resort."""
    feed = Feed()
    bare = replace(ROCKETS, guid=None, link=None)
    other = replace(BUDGET, guid=None, link=None)
    assert feed.kinds(bare, other) == ["new", "new"]
    assert feed.kinds(other, bare) == ["known", "known"]


def test_duplicate_guids_in_one_document_hide_nothing() -> None:
    """Two articles, one GUID: both are seen, and both are known at the next poll."""
    feed = Feed()
    other = replace(BUDGET, guid="g1")
    assert feed.kinds(ROCKETS, other) == ["new", "new"]
    assert feed.kinds(other, ROCKETS) == ["known", "known"]
    third = replace(ROCKETS, link="https://news.example/3", title="Third", summary="Another.")
    assert feed.kinds(third, ROCKETS, other) == ["new", "known", "known"]


def test_one_link_at_all_entries_says_nothing() -> None:
    """A feed whose entries all lead to one page, without GUIDs."""
    feed = Feed()
    page = "https://news.example/alerts"
    entries = [
        Entry(link=page, title=f"Security alert {n}", summary=f"Avoid district {n}.")
        for n in range(4)
    ]
    assert feed.kinds(*entries) == ["new"] * 4
    assert feed.kinds(*entries) == ["known"] * 4
    fresh = Entry(link=page, title="Security alert 5", summary="Avoid the airport road.")
    assert feed.kinds(fresh, *entries[:3]) == ["new", "known", "known", "known"]


def test_links_to_the_front_page_say_nothing() -> None:
    """Even when only one entry is listed."""
    feed = Feed()
    root = "https://news.example/"
    feed.poll(Entry(link=root, title="Quiet day", summary="Nothing to report."))
    assert feed.kinds(Entry(link=root, title="Blast", summary="Car bomb at gate.")) == ["new"]


def test_a_reused_guid_with_wholly_new_content_is_new() -> None:
    """GUID `latest`: what it stands for now must not be swallowed by what it stood for."""
    feed = Feed()
    (first,) = feed.poll(ROCKETS)
    (second,) = feed.poll(replace(BUDGET, guid="g1"))
    assert (second.kind, second.why) == ("new", "reused GUID or link")
    assert second.article_id != first.article_id
    (third,) = feed.poll(replace(BUDGET, guid="g1", link=ROCKETS.link))
    assert third.kind == "known"


def test_a_reused_guid_and_link_with_wholly_new_content_is_new() -> None:
    """One page that always shows the newest alert."""
    feed = Feed()
    feed.poll(ROCKETS)
    assert feed.kinds(replace(BUDGET, guid="g1", link=ROCKETS.link)) == ["new"]


def test_a_feed_that_changes_every_guid_brings_nothing_new() -> None:
    """By link, and by text when the links change as well."""
    feed = Feed()
    entries = [
        Entry(guid=f"a{n}", link=f"https://news.example/s/{n}", title=f"Item {n}", summary="Text")
        for n in range(6)
    ]
    assert feed.kinds(*entries) == ["new"] * 6
    assert feed.kinds(*(replace(e, guid=f"b-{e.guid}") for e in entries)) == ["known"] * 6
    churned = [replace(e, guid=f"c-{e.guid}", link=f"{e.link}?session=9") for e in entries]
    assert feed.kinds(*churned) == ["known"] * 6


def test_the_same_short_headline_again_later_is_new() -> None:
    """`Rocket sirens in Baghdad` today is not the one of last week."""
    feed = Feed()
    siren = Entry(guid="1", link="https://news.example/1", title="Sirens in the Green Zone")
    feed.poll(siren, BUDGET)
    again = replace(siren, guid="2", link="https://news.example/2b")
    assert feed.kinds(again, siren, BUDGET) == ["new", "known", "known"]


def test_a_long_text_again_under_another_address_is_known() -> None:
    """A republished article is not news."""
    feed = Feed()
    feed.poll(ROCKETS, BUDGET)
    moved = replace(ROCKETS, guid="other", link="https://news.example/moved/1")
    assert feed.kinds(moved, BUDGET) == ["known", "known"]


def test_an_edit_in_a_script_without_spaces_is_a_revision() -> None:
    """Chinese and Thai have no words to count; pairs of characters do."""
    feed = Feed()
    chinese = Entry(guid="1", title="巴格达美国大使馆附近发生火箭弹袭击")
    feed.poll(chinese)
    edited = replace(chinese, title="巴格达美国大使馆附近发生火箭弹袭击三人受伤")
    assert feed.kinds(edited) == ["revised"]
    assert feed.kinds(replace(chinese, title="议会通过明年预算案")) == ["new"]


def test_an_identical_entry_twice_in_one_document_is_one() -> None:
    """Same GUID, same text."""
    assert Feed().kinds(ROCKETS, ROCKETS) == ["new", "known"]


def test_old_entries_of_the_first_poll_are_backlog() -> None:
    """Dated longer ago than `backlog`; an undated entry counts as new, and so do later polls."""
    first = replace(SETTING, first_poll=True)
    old = replace(ROCKETS, published=NOW - timedelta(hours=25))
    fresh = replace(BUDGET, published=NOW - timedelta(hours=23))
    undated = replace(ROCKETS, guid="g3", link=None, title="x")
    flags = [
        v.article.backlog for v in Feed().poll(old, fresh, undated, setting=first) if v.article
    ]
    assert flags == [True, False, False]
    (later,) = Feed().poll(old)
    assert later.article is not None
    assert later.article.backlog is False


def test_the_id_depends_on_the_feed_and_the_entry_alone() -> None:
    """Two daemons that see it first give it the same id; two feeds do not."""
    (one,), (two,) = Feed().poll(ROCKETS), Feed().poll(replace(ROCKETS, published=NOW))
    assert one.article_id == two.article_id
    (other,) = Feed().poll(ROCKETS, setting=replace(SETTING, feed="other", now=NOW))
    assert other.article_id != one.article_id
    assert set(one.keys.common) == set(other.keys.common)


ENTRIES = st.builds(
    Entry,
    guid=st.none() | st.sampled_from("ab"),
    link=st.none() | st.sampled_from(["https://x.example/1", "https://x.example/"]),
    title=st.sampled_from(["Blast at the gate", "Budget passes", "x", ""]),
    summary=st.sampled_from(["", "Two rockets landed near the embassy.", "y"]),
)


@given(st.lists(st.lists(ENTRIES, max_size=5), max_size=5))
def test_what_was_polled_is_known_when_it_comes_again(polls: Sequence[Sequence[Entry]]) -> None:
    """Whatever the documents: the same one twice brings nothing new at the second time."""
    feed = Feed()
    for entries in polls:
        feed.poll(*entries)
        again = feed.poll(*entries)
        assert not [verdict for verdict in again if verdict.kind == "new"]
