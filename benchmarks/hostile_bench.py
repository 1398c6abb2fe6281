"""One feed in ten is hostile: every healthy one is fetched on time, and memory stays bounded."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Final

from benchmarks import ours
from benchmarks.hostile import KINDS
from benchmarks.measure import Result, cost_numbers
from benchmarks.serve import Web

SLACK: Final = 20.0  # seconds that a healthy feed may be later than in a clean poll: one timeout


def run(*, rounds: int = 5, feeds: int = 500) -> Result:
    """A first poll of all feeds, all of them healthy or a tenth of them not, in turns."""
    bad = feeds // 10
    result = Result(name="hostile", sizes={"feeds": feeds, "hostile": bad, "rounds": rounds})
    result.notes.append(f"kinds: {', '.join(KINDS)}")
    with Web() as web:
        both = mixed(web.feeds(feeds - bad), web.hostile(bad))
        for _ in range(rounds):
            _poll(result, web, "clean", web.feeds(feeds))
            _poll(result, web, "hostile", both)
    lost = result.median("clean stored") / feeds * (feeds - bad) - result.median("hostile stored")
    result.goal("healthy feeds not fetched", result.median("hostile not_fetched"), 0, unit="feeds")
    result.goal("entries of healthy feeds not stored", max(0.0, lost), 0, unit="entries")
    late = result.median("hostile latest_s") - result.median("clean latest_s")
    result.goal(
        "the last healthy feed was asked later than in a clean poll by", late, SLACK, unit="s"
    )
    more = result.median("hostile rss_mb") - result.median("clean rss_mb")
    result.goal("peak RSS above that of a clean poll", more, 150, unit="MB")
    return result


def mixed(healthy: list[str], hostile: list[str]) -> list[str]:
    """The feeds of both lists: a hostile one after every nine healthy ones."""
    mixed = []
    for number, url in enumerate(hostile):
        mixed += [*healthy[number * 9 : number * 9 + 9], url]
    return mixed + healthy[len(hostile) * 9 :]


def _poll(result: Result, web: Web, name: str, urls: list[str]) -> None:
    web.log()
    with tempfile.TemporaryDirectory(prefix="bench-hostile-") as folder:
        cost, steps = ours.poll_once(Path(folder), urls, days=0, scoring=False)
        with closing(sqlite3.connect(Path(folder) / "alerter.db")) as db:
            stored = db.execute("SELECT count(*) FROM articles").fetchone()[0]
    asked = web.log()
    healthy = {path: at for at, path, status in asked if status == 200}
    wanted = sum("/f/" in url for url in urls)
    began = min(at for at, _, _ in asked)
    result.add(
        name,
        **cost_numbers(cost),
        poll_cpu=steps["poll"]["cpu"],
        poll_wall=steps["poll"]["wall"],
        stored=stored,
        not_fetched=wanted - len(healthy),
        latest_s=max(healthy.values()) - began,
    )
