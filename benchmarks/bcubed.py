"""How well folding finds events: B-cubed precision and recall over labelled items.

    python benchmarks/bcubed.py ITEMS.jsonl [--assessor] [--half odd|even|all] [--errors]

Items are JSON Lines with `id`, `date`, `title`, `summary`, `threat`, `status`, `category`,
`target`, `host`, `sending` and `event` (one slug for all reports of one event). Threats are folded
in order of date; by default with the labels as a perfect assessment (host, sending, category and
target from the label, event time and places from the text), with `--assessor` with the real one.
Events are split in two halves by a hash of their name: weights are tuned on `odd`, reported on
`even`. B-cubed as in Bagga and Baldwin (1998), items that were not folded stand alone.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from alerter.config.settings import AlerterSettings, Thresholds
from alerter.domain.article import Article
from alerter.domain.assessment import Assessment
from alerter.domain.incident import Incident
from alerter.domain.mission import MissionMention
from alerter.domain.scales import Category, Status, Target, Trust
from alerter.incidents import Folded, fold
from alerter.incidents.match import WINDOW
from alerter.understand.places import places
from alerter.understand.when import event_time

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class BCubed:
    """The two measures over a set of items."""

    precision: float
    recall: float
    items: int

    @property
    def f1(self) -> float:
        """Their harmonic mean."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def bcubed(found: Mapping[str, str], gold: Mapping[str, str]) -> BCubed:
    """B-cubed of the clusters `found` against `gold`, both item -> cluster, over gold's items."""
    both = Counter((found[i], gold[i]) for i in gold)
    of_found = Counter(found[i] for i in gold)
    of_gold = Counter(gold.values())
    precision = sum(both[found[i], gold[i]] / of_found[found[i]] for i in gold)
    recall = sum(both[found[i], gold[i]] / of_gold[gold[i]] for i in gold)
    count = max(1, len(gold))
    return BCubed(precision=precision / count, recall=recall / count, items=len(gold))


def half_of(event: str) -> str:
    """Which half an event belongs to: fixed by its name."""
    return "odd" if zlib.crc32(event.encode()) % 2 else "even"


def article_of(item: Item, *, undated: datetime) -> Article:
    """The item as an article of its own feed, published at noon of its day."""
    published = date_of(item)
    return Article(
        id=item["id"],
        feed=f"{item['source']}:{item['id']}",
        title=item["title"] or "",
        summary=item["summary"] or "",
        lang=item["lang"],
        published=published,
        first_seen=published or undated,
    )


def date_of(item: Item) -> datetime | None:
    """Noon of the item's day, where it has a valid one."""
    try:
        return datetime.fromisoformat(item["date"] or "").replace(hour=12, tzinfo=UTC)
    except ValueError:
        return None


def gold_assessment(item: Item, article: Article) -> Assessment:
    """What a perfect assessor would say: the labels, with time and places from the text."""
    text = f"{article.title}\n{article.summary}"
    sending = tuple(item["sending"] or ())
    category = Category(item["category"]) if item["category"] else None
    mentions = tuple(
        MissionMention(text="", kind="embassy", sending=state, host=item["host"])
        for state in sending
    )
    return Assessment(
        article_id=article.id,
        probability=0.99,
        threat=True,
        status=Status(item["status"]),
        category=category,
        categories={} if category is None else {category: 1.0},
        target=Target(item["target"]) if item["target"] else None,
        host=item["host"],
        sending=sending,
        missions=mentions,
        places=tuple(places(text, article.lang or "")),
        lang=article.lang,
        event_time=event_time(text, article.lang, article.published, item["host"]),
    )


def replay(pairs: Iterable[tuple[Article, Assessment]]) -> tuple[dict[str, str], dict[str, str]]:
    """Fold everything in order, in memory; gives item -> incident, and item -> why."""
    incidents: dict[str, Incident] = {}
    found: dict[str, str] = {}
    why: dict[str, str] = {}
    for article, assessment in pairs:
        near = _near(incidents.values(), article)
        result = fold(
            assessment, article, Trust.C, near, thresholds=Thresholds(), now=article.first_seen
        )
        if not isinstance(result, Folded):
            why[article.id] = result.reason
            continue
        incident = result.change.incident
        incidents[incident.id] = incident
        for alias in result.absorbed:
            incidents.pop(alias.id, None)
            for item, cluster in found.items():
                found[item] = incident.id if cluster == alias.id else cluster
        found[article.id] = incident.id
        why[article.id] = f"{result.sighting.score:.1f} {result.sighting.why}"
    return found, why


def _near(incidents: Iterable[Incident], article: Article) -> list[Incident]:
    since = article.when - WINDOW
    return [incident for incident in incidents if incident.last_news >= since]


def assessed(articles: Sequence[Article]) -> list[Assessment]:
    """What the shipped assessor says."""
    from alerter.understand.assess import Assessor  # loads scikit-learn: only when asked for

    assessor = Assessor.load(AlerterSettings())
    return assessor.assess(articles, now=datetime.now(UTC))


def show_errors(
    items: Mapping[str, Item],
    found: Mapping[str, str],
    gold: Mapping[str, str],
    why: Mapping[str, str],
) -> None:
    """Print clusters that mix events and events that fell apart."""
    clusters = defaultdict(list)
    for item in gold:
        clusters[found[item]].append(item)
    print("== mixed")
    for members in clusters.values():
        if len({gold[i] for i in members}) > 1:
            print("-")
            _print(members, items, gold, found, why)
    print("== split")
    events = defaultdict(list)
    for item, event in gold.items():
        events[event].append(item)
    for event, members in events.items():
        if len({found[i] for i in members}) > 1:
            print("-", event, len(members), "in", len({found[i] for i in members}))
            _print(members[:25], items, gold, found, why)


def _print(
    members: Sequence[str],
    items: Mapping[str, Item],
    gold: Mapping[str, str],
    found: Mapping[str, str],
    why: Mapping[str, str],
) -> None:
    for i in members:
        item = items[i]
        text = (item["title"] or item["summary"] or "")[:90]
        label = f"{item['date']} {item['lang']} {item['status'][:5]} {item['category']}"
        states = f"{item['target']} {item['host']} {item['sending']}"
        reason = why.get(i, "")[:150]
        print(f"   {found[i][-4:]} {gold[i][:40]:40} {label} {states} | {text} | {reason}")


def main(arguments: Sequence[str]) -> int:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("items", type=Path)
    parser.add_argument("--assessor", action="store_true")
    parser.add_argument("--half", choices=("odd", "even", "all"), default="even")
    parser.add_argument("--undated", choices=("first", "last", "leave out"), default="last")
    parser.add_argument("--errors", action="store_true")
    options = parser.parse_args(arguments)
    lines = options.items.read_text(encoding="utf-8").splitlines()
    items = [item for line in lines if (item := json.loads(line))["threat"]]
    dates = [date for item in items if (date := date_of(item)) is not None]
    undated = min(dates) - timedelta(days=1) if options.undated == "first" else max(dates)
    if options.undated == "leave out":
        items = [item for item in items if date_of(item) is not None]
    articles = [article_of(item, undated=undated) for item in items]
    started = time.perf_counter()
    if options.assessor:
        said = assessed(articles)
    else:
        said = [gold_assessment(i, a) for i, a in zip(items, articles, strict=True)]
    ready = time.perf_counter()
    order = sorted(range(len(items)), key=lambda n: (articles[n].when, articles[n].id))
    found, why = replay((articles[n], said[n]) for n in order)
    done = time.perf_counter()
    gold = {
        item["id"]: item["event"]
        for item in items
        if item["event"] and options.half in ("all", half_of(item["event"]))
    }
    clusters = {i: found.get(i, i) for i in gold}
    measured = bcubed(clusters, gold)
    if options.errors:
        show_errors({item["id"]: item for item in items}, clusters, gold, why)
    result = {
        "half": options.half,
        "assessor": options.assessor,
        "items": measured.items,
        "events": len(set(gold.values())),
        "incidents": len(set(clusters.values())),
        "folded": sum(i in found for i in gold),
        "precision": round(measured.precision, 4),
        "recall": round(measured.recall, 4),
        "f1": round(measured.f1, 4),
        "assess_s": round(ready - started, 2),
        "fold_ms_each": round((done - ready) / max(1, len(items)) * 1000, 2),
    }
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
