"""A million stored articles beside ten thousand: polling and folding must not cost more.

Both stores are filled through the store's own statements, at the same density in time, with one
article in two hundred an attack that is folded into incidents. Then both are polled by the same
feeds with one new entry each, and both fold the same new reports.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from alerter.config.settings import AlerterSettings
from alerter.domain.article import Article, Keys
from alerter.domain.assessment import Assessment, Evidence
from alerter.domain.mission import MissionMention, Place
from alerter.domain.scales import Category, Certainty, Severity, Status, Target, Urgency
from alerter.logs import configure_logs
from alerter.pipeline.fold import fold
from alerter.store import Store
from benchmarks import ours
from benchmarks.measure import Phase, Result
from benchmarks.serve import Web
from benchmarks.texts import CITIES, entry, report

SPAN: Final = timedelta(days=90)  # what retention keeps; a million articles lie this far back
BATCH: Final = 2000
ATTACKS: Final = 200  # one article in so many
TEXTS: Final = 500  # harmless texts that are written; the rest repeats them
STATES: Final = "US GB FR DE IT ES NL NO SE DK TR JP CN IN CA AU PL KR BR SA".split()
HOSTS: Final = "IQ AF PK LB EG LY SD KE NG ML NE JO SY BD VE CO PE TN DZ UG".split()


@dataclass(kw_only=True)
class History:
    """A store of a given size, and what is added to it."""

    store: Store
    settings: AlerterSettings
    size: int
    feeds: int
    ends: datetime
    numbers: int = 0

    def fill(self) -> None:
        """Articles evenly over the time before `ends`, judged and folded as they came."""
        spacing = SPAN / 1_000_000
        texts = [entry(n % 8, n, chars=400) for n in range(TEXTS)]
        for start in range(0, self.size, BATCH):
            count = min(BATCH, self.size - start)
            articles = []
            for n in range(start, start + count):
                at = self.ends - spacing * (self.size - n)
                articles.append(self._article(n, texts[n % TEXTS].title, texts[n % TEXTS].text, at))
            self._keep(articles, now=articles[-1].first_seen)
            while fold(
                store=self.store, settings=self.settings, now=articles[-1].first_seen, limit=500
            ):
                pass

    def add_reports(self, count: int, now: datetime) -> None:
        """New attacks that wait to be folded."""
        first = self.size + self.numbers
        self.numbers += count
        articles = [self._report(first + n, now) for n in range(count)]
        self._keep(articles, now=now, every=1)

    def _keep(self, articles: list[Article], *, now: datetime, every: int = ATTACKS) -> None:
        draw = random.Random(articles[0].id)
        attacks = set(range(0, len(articles), every))
        kept = [
            self._report(int(a.id, 16), a.first_seen) if n in attacks else a
            for n, a in enumerate(articles)
        ]
        keys = {a.id: Keys(own=_keys(draw, 3), common=_keys(draw, 2)) for a in kept}
        by_feed: dict[int, list[Article]] = {}
        for a in kept:
            by_feed.setdefault(int(a.feed[1:]) + 1, []).append(a)
        pairs = [(an_attack(a) if n in attacks else harmless(a), a) for n, a in enumerate(kept)]
        with self.store.begin() as tx:
            for feed, some in by_feed.items():
                tx.articles.add_many(some, keys, feed=feed)
            tx.articles.mark_assessed([a.id for a in kept], "bench")
            tx.assessments.save_many(pairs, review=0.5, now=now)

    def _report(self, number: int, at: datetime) -> Article:
        written = report(number)
        return self._article(number, written.title, written.text, at)

    def _article(self, number: int, title: str, text: str, at: datetime) -> Article:
        # a run of articles from one feed, as a poll brings them
        feed = f"f{number // 10 % self.feeds}"
        return Article(
            id=f"{number:020x}",
            feed=feed,
            title=title,
            summary=text,
            url=f"http://{feed}.example/{number}",
            lang="en",
            published=at,
            first_seen=at,
            content_hash=f"{number:024x}",
        )


def _keys(draw: random.Random, count: int) -> tuple[int, ...]:
    return tuple(draw.getrandbits(63) for _ in range(count))


def harmless(article: Article) -> Assessment:
    """What is said of nearly all articles."""
    return Assessment(
        article_id=article.id, probability=0.01, threat=False, status=Status.NONE, model="bench"
    )


def an_attack(article: Article) -> Assessment:
    """A sure threat somewhere, as the article's number has it."""
    number = int(article.id, 16)
    host = HOSTS[number % len(HOSTS)]
    sending = STATES[number // len(HOSTS) % len(STATES)]
    city = CITIES[number % len(CITIES)]
    return Assessment(
        article_id=article.id,
        probability=0.95,
        threat=True,
        status=Status.OCCURRED,
        category=Category.ARMED_ATTACK,
        categories={Category.ARMED_ATTACK: 0.9},
        target=Target.PREMISES,
        severity=Severity.SEVERE,
        urgency=Urgency.IMMEDIATE,
        certainty=Certainty.POSSIBLE,
        missions=(
            MissionMention(text="embassy", kind="embassy", sending=sending, host=host, city=city),
        ),
        places=(Place(text=city, country=host, city=city, lat=10.0, lon=20.0, radius_km=15.0),),
        host=host,
        sending=(sending,),
        lang="en",
        event_time=article.first_seen,
        evidence=(Evidence(text=article.title, weight=0.6),),
        model="bench",
    )


def run(
    *,
    rounds: int = 5,
    few: int = 10_000,
    many: int = 1_000_000,
    feeds: int = 200,
    reports: int = 100,
) -> Result:
    """Fill both, poll both once to know the feeds, then measure in turns."""
    sizes = {"few": few, "many": many, "feeds": feeds, "reports": reports, "rounds": rounds}
    result = Result(name="history", sizes=sizes)
    configure_logs(level="warning")
    with Web() as web, tempfile.TemporaryDirectory(prefix="bench-history-") as temporary:
        histories = list(_histories(Path(temporary), web.feeds(feeds), (few, many)))
        try:
            for number in range(rounds):
                web.control(grown=number + 1)
                for folder, history in histories:
                    _poll(result, folder, web.feeds(feeds), history.size, day=number + 1)
                    _fold(result, history, reports)
        finally:
            for _, history in histories:
                history.store.close()
    for what, series in (("poll", "poll_cpu"), ("fold", "fold_cpu")):
        value = result.ratio(f"{many} articles {series}", f"{few} articles {series}")
        result.goal(f"{what} at {many} stored articles: CPU at {few}", value, 1.3)
    for what, series in (("poll", "poll_wall"), ("fold", "fold_wall")):
        value = result.ratio(f"{many} articles {series}", f"{few} articles {series}")
        result.goal(f"{what} at {many} stored articles: wall at {few}", value, 1.3)
    return result


def _histories(
    folder: Path, urls: list[str], sizes: tuple[int, ...]
) -> Iterator[tuple[Path, History]]:
    for size in sizes:
        own = folder / str(size)
        own.mkdir()
        made = ours.settings(f"sqlite:///{own}/alerter.db", urls)
        ours.poll_once(own, urls, days=0, scoring=False)
        store = Store.open(made.state)
        history = History(
            store=store, settings=made, size=size, feeds=len(urls), ends=datetime.now(UTC)
        )
        history.fill()
        yield own, history


def _poll(result: Result, folder: Path, urls: list[str], size: int, *, day: int) -> None:
    _, steps = ours.poll_once(folder, urls, days=day, scoring=False)
    poll = steps["poll"]
    result.add(f"{size} articles", poll_cpu=poll["cpu"], poll_wall=poll["wall"])


def _fold(result: Result, history: History, reports: int) -> None:
    now = datetime.now(UTC)
    history.add_reports(reports, now)
    with Phase() as phase:
        done = fold(store=history.store, settings=history.settings, now=now, limit=reports)
    assert done == reports, done
    result.add(f"{history.size} articles", fold_cpu=phase.cpu, fold_wall=phase.wall)
