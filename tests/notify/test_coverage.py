"""Blind spots: languages and host states that are not seen."""

from __future__ import annotations

from datetime import timedelta

from alerter.config.feeds import FeedSettings
from alerter.domain.feed import FeedState
from alerter.domain.scales import FeedHealth
from alerter.notify.coverage import gaps, own_outage
from tests.builders import NOON, a_feed

HOUR = timedelta(hours=1)
ARABIC = [
    FeedSettings(url=f"https://{name}.example/rss", name=name, lang="ar", covers=("IQ",))
    for name in ("one", "two")
]


def states(**given: object) -> dict[str, FeedState]:
    usual: dict[str, object] = {
        "lang": "ar",
        "last_ok": NOON,
        "last_entry": NOON - HOUR,
        "rhythm": HOUR,
    }
    return {name: a_feed(name, **(usual | given)) for name in ("one", "two")}


def test_feeds_that_bring_news_are_no_gap() -> None:
    """Every feed well, the last item an hour old."""
    assert gaps(ARABIC, states(), NOON) == []


def test_a_language_whose_feeds_are_all_lost_is_a_gap() -> None:
    """And so is the host state that they cover."""
    found = gaps(ARABIC, states(health=FeedHealth.FAILING), NOON)
    assert [(gap.kind, gap.name) for gap in found] == [("host", "IQ"), ("language", "ar")]
    assert found[0].text == "all 2 feeds are lost (failing)"
    assert found[1].subject == "coverage:language:ar"


def test_quiet_against_their_own_rhythm_is_a_gap() -> None:
    """Feeds that answer, and bring nothing, for long enough that it is no chance."""
    quiet = gaps(ARABIC, states(last_entry=NOON - 9 * HOUR), NOON)
    assert "no feed has brought anything new for 9 hours" in quiet[0].text
    assert "about 18 items were to be expected" in quiet[0].text


def test_a_weekly_paper_may_be_quiet_for_days() -> None:
    """The rhythm is the feeds' own."""
    rare = states(last_entry=NOON - 48 * HOUR, rhythm=timedelta(days=7))
    assert gaps(ARABIC, rare, NOON) == []


def test_newspapers_sleep_at_night() -> None:
    """Seven hours without news are no gap, however fast they are by day."""
    assert gaps(ARABIC, states(last_entry=NOON - 7 * HOUR, rhythm=HOUR / 10), NOON) == []


def test_our_own_outage_is_not_theirs() -> None:
    """When nobody answers, nobody is blamed."""
    dark = states(last_ok=NOON - HOUR, health=FeedHealth.FAILING)
    assert own_outage(dark.values(), NOON)
    assert gaps(ARABIC, dark, NOON) == []


def test_the_only_feed_of_a_language_is_told_by_its_own_alert() -> None:
    """Not twice."""
    assert gaps(ARABIC[:1], states(health=FeedHealth.FAILING), NOON) == []
