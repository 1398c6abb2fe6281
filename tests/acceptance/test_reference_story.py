"""The reference story: six weeks in Iraq among more than a thousand harmless items.

First with a reader who judges every item rightly, so that what follows from judgement is asserted
to the minute; then with the model that is shipped, as a user would replay it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from alerter.config.settings import AlerterSettings
from alerter.domain.article import Article
from alerter.domain.risk import Area, AreaKind, RiskChange
from alerter.domain.scales import Reason, RiskLevel, Severity
from alerter.pipeline.judging import Assesses, judged_here
from alerter.pipeline.replay import Alert, Replay, Replayed, Story
from alerter.store import Store
from alerter.understand.assess import Assessor
from tests.acceptance import timeline as t
from tests.acceptance.analyst import Analyst
from tests.acceptance.stream import feeds_of, harmless, in_order

HARMLESS = 1200
ATTACKS = (
    t.WFP, t.BABIL, t.SEPTEMBER_6, t.DIWANIYAH, t.SEPTEMBER_14, t.BRITISH, t.GUARDS, t.TURKISH,
    t.JAPANESE, t.ITALIAN, t.SEPTEMBER_22,
)  # fmt: skip
IN_BAGHDAD = (
    t.SEPTEMBER_6, t.SEPTEMBER_14, t.BRITISH, t.GUARDS, t.TURKISH, t.JAPANESE, t.ITALIAN,
    t.SEPTEMBER_22,
)  # fmt: skip
SILENT = ("copy", "statement", "summary", "recall")
ITEMS = {item.id: item for item in t.story()}
US_POST = Area(kind=AreaKind.MISSION, key="us-baghdad")

SETTINGS = AlerterSettings.model_validate(
    {
        "feeds": feeds_of(t.OUTLETS),
        "missions": [
            {
                "id": "us-baghdad", "name": "Embassy of the United States, Baghdad",
                "sending": "US", "host": "IQ", "city": "Baghdad", "location": [33.299, 44.387],
                "aliases": ["Green Zone compound"],
            },
            {
                "id": "gb-baghdad", "name": "British Embassy, Baghdad", "sending": "GB",
                "host": "IQ", "city": "Baghdad", "location": [33.302, 44.392],
            },
        ],
        "receivers": [
            {"name": name, "console": {}} for name in ("us-rso", "gb-post", "un-soc", "head", "ops")
        ],
        "routes": [
            {"match": {"reason": ["posture", "tempo"]}, "receiver": "head", "continue": True},
            {
                "match": {"mission": ["us-baghdad"], "severity": ["Extreme", "Severe"]},
                "receiver": "us-rso", "continue": True,
            },
            {
                "match": {"mission": ["gb-baghdad"], "severity": ["Extreme", "Severe"]},
                "receiver": "gb-post", "continue": True,
            },
            {"match": {"sending": ["UN"]}, "receiver": "un-soc", "continue": True},
            {"receiver": "ops"},
        ],
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """What a replay gave, and how the risk of the American post went."""

    replayed: Replayed
    risk: tuple[RiskChange, ...]

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """All messages in order of time."""
        return self.replayed.alerts

    def to(self, receiver: str, *reasons: Reason) -> list[tuple[str, str, str]]:
        """Time, event and reason of what one receiver heard."""
        return [
            (f"{a.at:%m-%d %H:%M}", event_of(a), a.reason.value)
            for a in self.alerts
            if a.receiver == receiver and (not reasons or a.reason in reasons)
        ]


def event_of(alert: Alert) -> str:
    """What an alert is about, by the items that made it."""
    known = [ITEMS[each].event for each in alert.items if each in ITEMS]
    return known[-1] if known else ""


def stream() -> Iterator[Article]:
    """The story and the harmless items in order of time."""
    return in_order([*t.story(), *harmless(HARMLESS, start=t.START, end=t.END)])


def replayed(assessor: Assesses, folder: Path) -> Told:
    """The whole stream through the flow."""
    store = Store.open(f"sqlite:///{folder}/story.db")
    try:
        with Replay(SETTINGS, store) as replay:
            for article, assessment in judged_here(stream(), assessor, review=0.5):
                replay.take(article, assessment)
            found = replay.result()
        with store.read() as tx:
            return Told(found, tuple(tx.risk.series(US_POST)))
    finally:
        store.close()


@pytest.fixture(scope="module")
def ideal(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """As judged by a careful reader."""
    missions = tuple(each.mission() for each in SETTINGS.missions)
    return replayed(Analyst(missions), tmp_path_factory.mktemp("ideal"))


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """As judged by the model in the package."""
    return replayed(Assessor.load(SETTINGS), tmp_path_factory.mktemp("shipped"))


def events_in(story: Story) -> set[str]:
    """The events whose reports an incident holds, recalls and summaries left out."""
    return {
        ITEMS[each].event for each in story.items
        if each in ITEMS and ITEMS[each].kind not in SILENT
    }  # fmt: skip


def stories_of(told: Told, event: str) -> list[Story]:
    """The incidents that hold reports of an event."""
    return [story for story in told.replayed.incidents if event in events_in(story)]


def firsts(events: Iterable[str]) -> list[tuple[str, str, str]]:
    """When a first report of each is due: at its first item."""
    first = {item.event: item for item in reversed(list(t.story()))}
    return [(f"{first[e].at:%m-%d %H:%M}", e, "first_report") for e in events]


@pytest.mark.parametrize("event", [*ATTACKS, t.CLOSURE])
def test_one_event_is_one_incident(ideal: Told, event: str) -> None:
    """Variants of names and numbers come together, look-alikes stay apart."""
    (story,) = stories_of(ideal, event)
    assert events_in(story) == {event}


def test_operations_hear_of_every_attack_at_its_first_report(ideal: Told) -> None:
    """Once each, at the minute of the first item."""
    assert ideal.to("ops", Reason.FIRST_REPORT) == firsts(ATTACKS)


@pytest.mark.parametrize("receiver", ["us-rso", "gb-post"])
def test_a_post_hears_of_what_happens_in_its_city(ideal: Told, receiver: str) -> None:
    """At its first report; the road to Erbil is not its city."""
    heard = ideal.to(receiver, Reason.FIRST_REPORT)
    assert [each for each in heard if each[1] in IN_BAGHDAD] == firsts(IN_BAGHDAD)
    assert t.WFP not in {event for _, event, _ in heard}


def test_the_united_nations_hear_of_their_vehicle_alone(ideal: Told) -> None:
    """First report, then that it is no longer one source's word."""
    heard = ideal.to("un-soc", Reason.FIRST_REPORT, Reason.CORROBORATED)
    assert heard[0] == ("08-26 05:50", t.WFP, "first_report")
    assert {event for _, event, _ in heard} == {t.WFP}
    assert len(heard) <= 2


def test_a_denied_death_is_corrected_with_those_who_heard(ideal: Told) -> None:
    """Whoever was told of the British vehicle is told of the denial, at once and once."""
    for receiver in ("us-rso", "gb-post", "ops"):
        assert ideal.to(receiver, Reason.CORRECTED) == [("09-15 09:20", t.BRITISH, "corrected")]
    (story,) = stories_of(ideal, t.BRITISH)
    assert story.incident.severity < Severity.EXTREME


def test_the_threat_to_close_is_a_posture_and_no_attack(ideal: Told) -> None:
    """The head of post and operations hear it as such, once."""
    (head,) = ideal.to("head", Reason.POSTURE)
    assert head == ("09-27 15:30", t.CLOSURE, "posture")
    assert ideal.to("ops", Reason.POSTURE) == [head]
    assert not any(
        a.reason is Reason.FIRST_REPORT and event_of(a) == t.CLOSURE for a in ideal.alerts
    )


def test_copies_words_summaries_and_recalls_page_nobody(ideal: Told) -> None:
    """Nor does any of the harmless items."""
    for alert in ideal.alerts:
        for item in alert.items:
            assert ITEMS[item].kind not in SILENT, alert


def test_the_rising_tempo_is_told_once_with_its_incidents(ideal: Told) -> None:
    """In the week of the many attacks, to both posts, to the head and to operations."""
    tempo = [alert for alert in ideal.alerts if alert.reason is Reason.TEMPO]
    assert {a.receiver for a in tempo} == {"us-rso", "gb-post", "head", "ops"}
    assert len({a.at for a in tempo}) == 1
    (one,) = {(f"{a.at:%m-%d}", a.items) for a in tempo}
    assert one[0] in {"09-19", "09-20"}
    assert {ITEMS[item].event for item in one[1]} >= {t.SEPTEMBER_14, t.BRITISH, t.GUARDS}
    assert "Baghdad" in tempo[0].text
    assert "now vehicles and convoys" in tempo[0].text


def test_the_risk_of_the_post_rises_with_reasons(ideal: Told) -> None:
    """Caution after one rocket, more after many; the vow lowers nothing."""
    levels = [change.level for change in ideal.risk]
    assert levels[:2] == [RiskLevel.CAUTION, RiskLevel.RECONSIDER]
    assert all(change.reason for change in ideal.risk)
    assert ideal.risk[-1].level is RiskLevel.RECONSIDER


def test_nobody_is_flooded(ideal: Told) -> None:
    """Messages by receiver and week, the ends of incidents left out."""
    weeks = Counter(
        (a.receiver, t.week_of(a.at)) for a in ideal.alerts if a.reason is not Reason.CLOSED
    )
    assert max(weeks.values()) <= 14
    assert sum(count for (receiver, _), count in weeks.items() if receiver == "un-soc") <= 2
    assert sum(count for (receiver, _), count in weeks.items() if receiver == "head") <= 3


@pytest.mark.slow
def test_the_shipped_model_pages_nobody_for_harmless_news(shipped: Told) -> None:
    """No message is made by an item of the stream."""
    assert not [a for a in shipped.alerts if any(item not in ITEMS for item in a.items)]


@pytest.mark.slow
@pytest.mark.parametrize("event", ATTACKS)
def test_the_shipped_model_finds_every_attack(shipped: Told, event: str) -> None:
    """Operations hear of it, whatever the words."""
    told = {
        ITEMS[i].event for a in shipped.alerts if a.receiver == "ops" for i in a.items if i in ITEMS
    }
    assert event in told
