"""Old news through a configuration, on a clock of its own, with nothing sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from alerter.cli import main
from alerter.config.settings import AlerterSettings
from alerter.domain.article import Article
from alerter.domain.assessment import Assessment
from alerter.domain.scales import Category, Reason, Status
from alerter.pipeline import judging
from alerter.pipeline.judging import judged_here
from alerter.pipeline.replay import Replay, Replayed
from alerter.pipeline.timeline import ItemsFile, StoredNews
from alerter.store import Store
from tests.builders import NOON, an_article, an_assessment

Item = dict[str, Any]
DAY = timedelta(days=1)


KINDS = {
    "first": ("FR", Category.BOMBING),
    "second": ("JP", Category.KIDNAPPING),
    "third": ("BR", Category.UNREST),
    "fourth": ("IN", Category.ESPIONAGE_CYBER),
    "fifth": ("NO", Category.ARSON_VANDALISM),
}


class FixedAssessor:
    """A title with a rocket is a threat, everything else is not; the second word is its kind."""

    def assess(
        self, articles: Sequence[Article], *, now: datetime, evidence: bool
    ) -> list[Assessment]:
        """A sure threat or a sure nothing."""
        return [self._one(article) for article in articles]

    def _one(self, article: Article) -> Assessment:
        if not article.title.startswith("Rocket"):
            return Assessment(
                article_id=article.id, probability=0.01, threat=False, status=Status.NONE
            )
        state, act = KINDS.get(article.title.split()[1], ("US", Category.INDIRECT_FIRE))
        return an_assessment(
            article.id,
            event_time=article.published,
            category=act,
            categories={act: 1.0},
            sending=(state,),
            missions=(),
        )


def an_item(
    id: str | int, published: str | None = None, title: str = "Weather", **more: Any
) -> Item:
    """One line of a file of items."""
    item: Item = {"id": id, "title": title, "feed": "daily-post", **more}
    return item if published is None else {**item, "published": published}


def written(tmp_path: Path, items: Iterable[Item]) -> Path:
    """A file of items."""
    path = tmp_path / "items.jsonl"
    path.write_text("".join(json.dumps(item) + "\n" for item in items), encoding="utf-8")
    return path


@pytest.fixture
def replay(
    tmp_path: Path, make_settings: Callable[..., AlerterSettings]
) -> Callable[..., Replayed]:
    """Replays items with the stand-in for the classifier."""
    count = iter(range(100))

    def run(items: Iterable[Item], **given: Any) -> Replayed:
        settings = make_settings(**given)
        news = ItemsFile.open(written(tmp_path, items), now=NOON + 90 * DAY)
        store = Store.open(f"sqlite:///{tmp_path}/replay-{next(count)}.db")
        try:
            with Replay(settings, store) as run:
                for article, assessment in judged_here(news, FixedAssessor(), review=0.5):
                    run.take(article, assessment)
                return run.result()
        finally:
            store.close()

    return run


def when(replayed: Replayed) -> list[tuple[str, str, str]]:
    """Time, receiver and reason of every alert."""
    return [(f"{a.at:%d %H:%M}", a.receiver, a.reason.value) for a in replayed.alerts]


ROCKETS = [
    an_item("w1", "2020-09-14T18:00Z"),
    an_item("r1", "2020-09-14T19:20Z", "Rockets hit US embassy in Baghdad"),
    an_item("r2", "2020-09-14T20:10Z", "Rockets hit US embassy in Baghdad, two", feed="tigris"),
    an_item("w2", "2020-09-15T08:00Z"),
]


def test_an_alert_comes_at_the_time_of_its_item(replay: Callable[..., Replayed]) -> None:
    """With its reason, its receiver and the item that made it."""
    found = replay(ROCKETS)
    first = found.alerts[0]
    assert first.at == datetime(2020, 9, 14, 19, 20, tzinfo=UTC)
    assert (first.reason, first.receiver, first.items) == (Reason.FIRST_REPORT, "desk", ("r1",))
    (story,) = found.incidents
    assert first.incident == story.incident.id
    assert story.items == ("r1", "r2")
    assert found.items == 4


def test_time_passes_between_items(replay: Callable[..., Replayed]) -> None:
    """An escalation step falls due when there is no news at all, and quiet hours end."""
    found = replay(
        ROCKETS[:2],
        routes=[
            {
                "receiver": "desk",
                "continue": True,
                "escalate": [{"after": "10m", "receiver": "mail"}],
            },
            {
                "receiver": "night",
                "quiet_hours": {"from": "19:00", "to": "06:00", "except": []},
            },
        ],
        receivers=[{"name": name, "console": {}} for name in ("desk", "mail", "night")],
    )
    assert when(found) == [
        ("14 19:20", "desk", "first_report"),
        ("14 19:30", "mail", "first_report"),
        ("15 06:00", "night", "first_report"),
    ]


def test_nothing_is_sent_and_no_secret_is_read(replay: Callable[..., Replayed]) -> None:
    """A receiver whose secret is nowhere on this machine can be replayed all the same."""
    soc = {"url_file": "/nowhere/url", "secret_file": "/nowhere/hmac"}
    found = replay(ROCKETS, receivers=[{"name": "soc", "webhook": soc}])
    assert found.alerts[0].receiver == "soc"


def test_what_comes_by_the_clock_alone_is_left_out(replay: Callable[..., Replayed]) -> None:
    """Daily reports, drills and feeds that nobody polled are no answer to news."""
    found = replay(
        ROCKETS,
        feeds=[{"url": "https://news.example/rss", "name": "daily-post"}],
        digest=[{"receiver": "mail", "at": "06:00"}],
        drill={"receiver": "mail", "every": "1d"},
    )
    assert {alert.reason for alert in found.alerts} <= {Reason.FIRST_REPORT, Reason.CORROBORATED}


def test_a_campaign_in_old_news_is_a_tempo_alert(replay: Callable[..., Replayed]) -> None:
    """Feeds live by their items; the alert names the first item of every incident it counts."""
    start = NOON - 60 * DAY
    quiet = [an_item(f"w{n}", (start + n * DAY / 2).isoformat()) for n in range(132)]
    attacks = [
        an_item(f"r{n}", (NOON + n * DAY).isoformat(), f"Rocket {kind} {kind}", feed=f"feed-{n}")
        for n, kind in enumerate(KINDS)
    ]
    found = replay([*quiet, *attacks])
    assert len(found.incidents) == 5
    tempo = [alert for alert in found.alerts if alert.reason is Reason.TEMPO]
    assert len(tempo) == 1
    assert tempo[0].incident is None
    assert tempo[0].items == tuple(f"r{n}" for n in range(len(tempo[0].items)))
    assert len(tempo[0].items) >= 3
    assert "in 7 days" in tempo[0].text


def test_items_stand_in_order_of_time_then_of_the_file(tmp_path: Path) -> None:
    """A day alone is its noon; an item without a date stands where the one before it does."""
    items = [
        an_item("undated-first"),
        an_item("day-1b", "2020-09-15"),
        an_item("evening", "2020-09-15T20:00Z"),
        an_item("undated"),
        an_item("day-1a", "2020-09-15"),
        an_item("earlier", "2020-09-14T23:00:00+03:00"),
        an_item("nonsense", "the day before yesterday"),
        an_item("rfc", "Mon, 14 Sep 2020 21:00:00 GMT"),
    ]
    news = ItemsFile.open(written(tmp_path, items), now=NOON + 9 * DAY)
    found = list(news)
    assert [article.id for article in found] == [
        "earlier",
        "nonsense",
        "rfc",
        "undated-first",
        "day-1b",
        "day-1a",
        "evening",
        "undated",
    ]
    by_id = {article.id: article for article in found}
    assert by_id["undated"].published is None
    assert by_id["day-1a"].published == NOON
    assert len(news) == 8


def test_lines_that_are_no_items_are_named_and_left_out(tmp_path: Path) -> None:
    """And of two items with one id the first counts."""
    path = tmp_path / "items.jsonl"
    lines = [
        b'{"id": "a", "title": "One"}', b"", b"{", b"[1]", b'{"title": "no id"}',
        b'{"id": "b", "title": " "}', b'{"id": "a", "title": "Again"}', b"\xff\xfe",
        b'{"id": 7, "title": "Seven"}',
    ]  # fmt: skip
    path.write_bytes(b"\n".join(lines))
    news = ItemsFile.open(path, now=NOON)
    assert [(article.id, article.title) for article in news] == [("a", "One"), ("7", "Seven")]
    assert [problem.partition(":")[0] for problem in news.problems] == [
        "line 3",
        "line 4",
        "line 5",
        "line 6",
        "line 7",
        "line 8",
    ]
    assert news.numbers == {"7"}


def test_stored_history_is_replayed_as_it_came_in(store: Store) -> None:
    """In order of arrival, within the days that are asked for."""
    articles = [an_article(f"a{n}", first_seen=NOON - n * DAY) for n in range(1200)]
    with store.begin() as tx:
        tx.articles.add_many(articles)
    news = StoredNews.open(store)
    assert [article.id for article in news] == [f"a{n}" for n in reversed(range(1200))]
    recent = StoredNews.open(store, since=NOON - 2 * DAY, until=NOON)
    assert [article.id for article in recent] == ["a2", "a1"]


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command judges by the stand-in instead of the model."""

    def judged(
        articles: Iterable[Article], settings: AlerterSettings, *, count: int
    ) -> Iterator[judging.Judged]:
        return judged_here(articles, FixedAssessor(), review=settings.thresholds.review)

    monkeypatch.setattr("alerter.cli.backtest.judged", judged)


def backtest(tmp_path: Path, items: Iterable[Item], *options: str) -> Result:
    """The command over these items, with one receiver."""
    config = tmp_path / "alerter.yaml"
    config.write_text("receivers: [{name: desk, console: {}}]\n", encoding="utf-8")
    path = written(tmp_path, items)
    arguments = ["--config", str(config), "backtest", "--items", str(path), *options]
    return CliRunner().invoke(main, arguments)


@pytest.mark.usefixtures("stand_in")
def test_the_command_prints_incidents_and_alerts_as_json(tmp_path: Path) -> None:
    """Exactly the two lists; ids of items as the input wrote them."""
    items = [*ROCKETS, an_item(5, "2020-09-14T20:30Z", "Rockets again", feed="third")]
    result = backtest(tmp_path, items, "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert set(found) == {"incidents", "alerts"}
    assert found["incidents"][0]["items"] == ["r1", "r2", 5]
    first = found["alerts"][0]
    assert first["at"] == "2020-09-14T19:20:00Z"
    assert first["incident"] == found["incidents"][0]["id"]
    assert (first["reason"], first["receiver"], first["items"]) == ("first_report", "desk", ["r1"])


@pytest.mark.usefixtures("stand_in")
def test_the_summary_is_by_week(tmp_path: Path) -> None:
    """With times, reasons and receivers."""
    result = backtest(tmp_path, ROCKETS)
    assert result.exit_code == 0
    assert "Week of 2020-09-14: 1 new incident" in result.stdout
    assert "14 Sep 19:20  first_report  #1 Rockets hit US embassy in Baghdad  -> desk" in (
        result.stdout
    )


@pytest.mark.usefixtures("stand_in")
def test_two_configurations_are_compared(tmp_path: Path) -> None:
    """What the other would not have sent, and what it would have sent more."""
    other = tmp_path / "other.yaml"
    other.write_text("receivers: [{name: soc, console: {}}]\n", encoding="utf-8")
    result = backtest(tmp_path, ROCKETS, "--against", str(other))
    assert "- 2020-09-14 19:20  first_report  desk: Rockets hit US embassy" in result.stdout
    assert "+ 2020-09-14 19:20  first_report  soc: Rockets hit US embassy" in result.stdout
    same = backtest(tmp_path, ROCKETS, "--against", str(tmp_path / "alerter.yaml"))
    assert "Both would have sent the same." in same.stdout


@pytest.mark.usefixtures("stand_in")
def test_a_broken_line_fails_the_command_after_the_work_is_done(tmp_path: Path) -> None:
    """What could be replayed is printed; what could not is named."""
    result = backtest(tmp_path, [*ROCKETS, {"no": "id"}], "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["incidents"]
    assert "left out: line 5: there is no id" in result.stderr


@pytest.mark.usefixtures("stand_in")
def test_a_mistake_in_the_other_configuration_is_shown_at_its_place(tmp_path: Path) -> None:
    """Exit 2, before anything is replayed."""
    other = tmp_path / "other.yaml"
    other.write_text("receiver: []\n", encoding="utf-8")
    result = backtest(tmp_path, ROCKETS, "--against", str(other))
    assert result.exit_code == 2
    assert "other.yaml:1:1" in result.stderr


def test_headlines_cannot_steer_the_terminal(tmp_path: Path, stand_in: None) -> None:
    """They are foreign text."""
    items = [an_item("x", "2020-09-14T19:20Z", "Rocket \x1b[2J\nWeek of 2020-01-01: nothing")]
    result = backtest(tmp_path, items)
    assert "\x1b[2J" not in result.stdout
    assert "\nWeek of 2020-01-01" not in result.stdout


@pytest.mark.slow
def test_two_processes_judge_as_one(
    make_settings: Callable[..., AlerterSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the same order and with the same result."""
    monkeypatch.setattr(judging, "BATCH", 8)
    articles = [
        replace(an_article(f"a{n}"), title=f"Rocket {n} hits US embassy in Baghdad")
        for n in range(50)
    ]
    settings = make_settings(embedder={"use": "none"})
    near = list(judging.judged(articles, settings, count=50))
    far = list(judging.judged(articles, settings, count=judging.PAYS_FROM))
    assert [article.id for article, _ in far] == [article.id for article in articles]
    assert far == near
