"""What folding one article costs with few and with many stored incidents.

    python benchmarks/fold_bench.py [--small 100] [--large 100000] [--rounds 7] [--days 1825]

Both stores get the same articles in interleaved rounds through the very step of the daemon: half
of them report a stored incident, half a new event. Stored incidents are spread over `--days` and
over the host states of the world as news is: a tenth of them in one state. CPU time, medians,
ratio of the large store to the small one; the goal is at most 1.3.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from alerter.config.settings import AlerterSettings
from alerter.domain.article import Article
from alerter.domain.assessment import Assessment
from alerter.domain.incident import Change, Incident, Source
from alerter.domain.scales import Category, Certainty, Phase, Severity, Status, Target, Urgency
from alerter.incidents.identity import incident_id
from alerter.incidents.terms import counted, terms_of
from alerter.pipeline.fold import fold
from alerter.store import Store

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
BUSY: Final = "IQ"
STATES: Final = [f"{a}{b}" for a in "ABCDEFGHKLMN" for b in "ACEGKLMNRSTZ"]
SENDING: Final = ("US", "GB", "FR", "DE", "UN", "RU", "CN", "IN", "TR", "IL")
ACTS: Final = (
    (Category.INDIRECT_FIRE, "rockets land near the compound of the {} embassy, guards say"),
    (Category.BOMBING, "bomb goes off beside a vehicle of the {} embassy on the airport road"),
    (Category.UNREST, "crowd throws stones at the gate of the {} embassy after prayers"),
    (Category.ARMED_ATTACK, "gunmen fire at the residence of the {} ambassador at night"),
)
ARTICLES: Final = 120


def incident(number: int, rng: random.Random, days: int) -> Incident:
    """A closed incident of the past with three sources."""
    seen = NOW - timedelta(minutes=rng.randrange(days * 1440))
    category, words = rng.choice(ACTS)
    state = rng.choice(SENDING)
    text = f"{number} {words.format(state)}"
    identity = incident_id(seen, f"stored-{number}")
    source = Source(
        article_id=f"stored-{number}",
        feed="one",
        title=text,
        published=seen,
        first_seen=seen,
        fingerprint=tuple(rng.randrange(1 << 31) for _ in range(64)),
        category=category,
    )
    sources = tuple(replace(source, article_id=f"{source.article_id}-{n}") for n in range(3))
    return Incident(
        id=identity,
        number=0,
        phase=Phase.CLOSED,
        headline=text,
        summary=text * 3,
        category=category,
        status=Status.OCCURRED,
        target=Target.PREMISES,
        severity=Severity.SEVERE,
        urgency=Urgency.PAST,
        certainty=Certainty.LIKELY,
        probability=0.95,
        host=BUSY if rng.random() < 0.1 else rng.choice(STATES),
        sending=(state,),
        event_time=seen,
        first_seen=seen,
        last_seen=seen,
        sources=sources,
        terms=counted((), terms_of(text)),
        told_at=seen,
    )


def fill(store: Store, count: int, days: int) -> None:
    """Store so many incidents, the same ones for the same count."""
    rng = random.Random(214)
    for start in range(0, count, 2000):
        with store.begin() as tx:
            for number in range(start, min(start + 2000, count)):
                one = incident(number, rng, days)
                tx.incidents.save(Change(incident=one, reason=None, why="", at=one.last_seen))


def news(round_number: int) -> list[tuple[Assessment, Article]]:
    """Articles of one round: pairs of reports, so that every second one joins an incident."""
    rng = random.Random(round_number)
    pairs = []
    for n in range(ARTICLES // 2):
        category, words = rng.choice(ACTS)
        state = rng.choice(SENDING)
        host = BUSY if rng.random() < 0.3 else rng.choice(STATES)
        for copy in range(2):
            identity = f"r{round_number}-{n}-{copy}"
            at = NOW + timedelta(hours=round_number, seconds=n * 2 + copy)
            text = words.format(state)
            article = Article(
                id=identity,
                feed=f"feed-{copy}",
                title=f"{text} {n}" if copy else f"{n}: {text}",
                summary="Officials told reporters that nobody was hurt. " * 3,
                lang="en",
                published=at,
                first_seen=at,
            )
            said = Assessment(
                article_id=identity,
                probability=0.95,
                threat=True,
                status=Status.OCCURRED,
                category=category,
                categories={category: 0.9},
                target=Target.PREMISES,
                host=host,
                sending=(state,),
                lang="en",
            )
            pairs.append((said, article))
    return pairs


def one_round(store: Store, settings: AlerterSettings, number: int) -> float:
    """CPU milliseconds for each article of a round."""
    pairs = news(number)
    now = NOW + timedelta(hours=number + 1)
    with store.begin() as tx:
        tx.articles.add_many([article for _, article in pairs])
        tx.assessments.save_many(pairs, review=0.5, now=now)
    started = time.process_time()
    done = fold(store=store, settings=settings, now=now, limit=ARTICLES)
    spent = time.process_time() - started
    if done != len(pairs):
        raise SystemExit(f"folded {done} of {len(pairs)}")
    return spent / done * 1000


def main(arguments: Sequence[str]) -> int:
    """Measure and print JSON; exit status 1 where the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", type=int, default=100)
    parser.add_argument("--large", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--days", type=int, default=5 * 365)
    options = parser.parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    settings = AlerterSettings()
    with tempfile.TemporaryDirectory() as folder:
        stores = {}
        for count in (options.small, options.large):
            stores[count] = Store.open(f"sqlite:///{Path(folder)}/{count}.db")
            fill(stores[count], count, options.days)
        costs: dict[int, list[float]] = {count: [] for count in stores}
        for number in range(options.rounds + 1):
            for count, store in stores.items():
                cost = one_round(store, settings, number)
                if number:  # the first round warms caches
                    costs[count].append(cost)
        for store in stores.values():
            store.close()
    medians = {count: statistics.median(spent) for count, spent in costs.items()}
    ratio = medians[options.large] / medians[options.small]
    result = {
        "what": "fold one article, CPU ms",
        "stored": list(costs),
        "days": options.days,
        "ms": [round(medians[count], 3) for count in costs],
        "ratio": round(ratio, 3),
        "goal": 1.3,
    }
    print(json.dumps(result))
    return 0 if ratio <= 1.3 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
