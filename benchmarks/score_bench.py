"""How fast articles are judged: articles per second and core, time to the first score, memory.

    python benchmarks/score_bench.py [--stream FILE] [--rounds 5] [--out FILE]

The stream is JSON Lines with title and summary, by default our own corpus, in which every second
item names a mission: a hard stream. A daily stream names one in fifty items or fewer.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from alerter.config.settings import AlerterSettings, EmbedderSettings
from alerter.domain.article import Article
from alerter.understand.assess import Assessor
from alerter.understand.labelled import CORPUS

BATCH: Final = 256
FIRST: Final = """
import resource
from datetime import UTC, datetime
from alerter.config.settings import AlerterSettings
from alerter.domain.article import Article
from alerter.understand.assess import Assessor
now = datetime.now(UTC)
one = Article(id="1", feed="f", title="Rocket hits US embassy in Baghdad", first_seen=now)
Assessor.load(AlerterSettings()).assess([one], now=now)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@click.command()
@click.option("--stream", type=click.Path(exists=True, path_type=Path))
@click.option("--rounds", default=5, show_default=True)
@click.option("--out", type=click.Path(path_type=Path))
def main(stream: Path | None, rounds: int, out: Path | None) -> None:
    """Measure and write JSON."""
    articles = list(_articles(stream))
    result = {
        "articles": len(articles),
        "screen_per_second_and_core": _rate(articles, rounds, use="none"),
        "first_score": _first(rounds),
    }
    text = json.dumps(result, indent=1)
    click.echo(text)
    if out is not None:
        out.write_text(text + "\n", encoding="utf-8")


def _articles(stream: Path | None) -> list[Article]:
    files = [stream] if stream else sorted(CORPUS.glob("*.jsonl"))
    now = datetime.now(UTC)
    found = []
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines()):
            raw = json.loads(line)
            found.append(
                Article(
                    id=f"{file.stem}-{number}", feed="bench", first_seen=now,
                    title=raw.get("title") or "", summary=raw.get("summary") or "",
                )
            )  # fmt: skip
    return found


def _rate(articles: list[Article], rounds: int, *, use: Any) -> dict[str, float]:
    """Articles per second of processor time, without the sentence vectors of what passes."""
    assessor = Assessor.load(AlerterSettings(embedder=EmbedderSettings(use=use)))
    now = datetime.now(UTC)
    assessor.assess(articles[:BATCH], now=now, evidence=False)
    rates = []
    for _ in range(rounds):
        before = time.process_time()
        for start in range(0, len(articles), BATCH):
            assessor.assess(articles[start : start + BATCH], now=now, evidence=False)
        rates.append(len(articles) / (time.process_time() - before))
    return _spread(rates)


def _first(rounds: int) -> dict[str, Any]:
    """Wall time and memory of a new process that scores one threat with all it has."""
    walls, sizes = [], []
    for _ in range(rounds):
        before = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", FIRST], capture_output=True, text=True, check=True
        )
        walls.append(time.perf_counter() - before)
        sizes.append(float(done.stdout))
    return {"seconds": _spread(walls), "rss_mb": _spread(sizes)}


def _spread(values: list[float]) -> dict[str, float]:
    return {
        "median": round(statistics.median(values), 2),
        "min": round(min(values), 2),
        "max": round(max(values), 2),
    }


if __name__ == "__main__":
    main()
