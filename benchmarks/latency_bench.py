"""From the moment a report can be read on a feed to the moment the receiver has it.

The real daemon polls a thousand feeds, a tenth of them hostile. Reports of attacks appear on random
healthy feeds at random moments, each of an event of its own; the server's clock says when a report
could be read first, the sink's clock when it was delivered. Both are the clock of this machine.
"""

from __future__ import annotations

import random
import re
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Final

from benchmarks.daemon import Daemon, Sink, write_config
from benchmarks.hostile_bench import mixed
from benchmarks.measure import Result
from benchmarks.serve import Web

INTERVAL: Final = 300
ENTRIES: Final = 10
EVERY_S: Final = 9.0  # a new report somewhere, on average; each is from a city of its own
CATCH_UP_S: Final = 1800
PATIENCE_S: Final = 120  # beyond the interval; what has not come by then counts as never
_REPORT: Final = re.compile(r"/report/(\d+)")


def run(*, feeds: int = 1000, minutes: float = 15, warm_s: int = 120) -> Result:
    """Publish for `minutes`, wait for what is on its way, and compare the two logs."""
    bad = feeds // 10
    sizes = {"feeds": feeds, "hostile": bad, "interval_s": INTERVAL, "minutes": minutes}
    result = Result(name="latency", sizes=sizes)
    with (
        Web() as web,
        Sink() as sink,
        tempfile.TemporaryDirectory(prefix="bench-latency-") as temporary,
    ):
        folder = Path(temporary)
        web.control(entries=ENTRIES)
        urls = mixed(web.feeds(feeds - bad), web.hostile(bad))
        config = write_config(folder, urls, sink.url, every=f"{INTERVAL}s")
        with Daemon(config) as daemon:
            time.sleep(warm_s)
            result.add("first poll", judged_after_s=warm_s + _catch_up(folder / "alerter.db"))
            cpu, began = daemon.cpu(), time.monotonic()
            published = _publish(web, feeds - bad, minutes * 60)
            _await(sink, published)
            cores = (daemon.cpu() - cpu) / (time.monotonic() - began)
        result.add("daemon", cores=cores, rss_mb=daemon.memory.rss)
        _judge(result, published, _delivered(sink))
    return result


def _catch_up(path: Path) -> float:
    """Wait until all that the first poll brought is judged; how long that took, in seconds.

    Reports count from then on: the first minutes of a new installation are told apart, in
    `first poll judged_after_s`, and are no part of the percentiles.
    """
    began = time.monotonic()
    while time.monotonic() - began < CATCH_UP_S:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            waiting = db.execute("SELECT count(*) FROM articles WHERE assessed_by = ''").fetchone()
        if waiting[0] == 0:
            break
        time.sleep(1)
    return time.monotonic() - began


def _publish(web: Web, healthy: int, seconds: float) -> dict[int, float]:
    """Reports at random moments on random feeds; each with the time from which it could be read."""
    draw = random.Random(7)
    until = time.monotonic() + seconds
    published: dict[int, float] = {}
    while time.monotonic() < until:
        number = len(published)
        published[number] = web.report(draw.randrange(healthy), number)
        time.sleep(draw.expovariate(1 / EVERY_S))
    return published


def _await(sink: Sink, published: dict[int, float]) -> None:
    until = max(published.values()) + INTERVAL + PATIENCE_S
    while time.time() < until and not published.keys() <= _delivered(sink).keys():
        time.sleep(1)


def _delivered(sink: Sink) -> dict[int, float]:
    """When each report was first named as a source of something delivered."""
    first: dict[int, float] = {}
    for at, body in list(sink.got):
        for source in (body.get("incident") or {}).get("sources", ()):
            found = _REPORT.search(source.get("url") or "")
            if found:
                first.setdefault(int(found[1]), at)
    return first


def _judge(result: Result, published: dict[int, float], delivered: dict[int, float]) -> None:
    took = sorted(delivered[n] - at for n, at in published.items() if n in delivered)
    for seconds in took:
        result.add("report to delivery", seconds=seconds)
    result.sizes["delivered"] = len(took)
    result.sizes["reports"] = len(published)
    never = len(published) - len(took)
    everything = took + [float(INTERVAL + PATIENCE_S)] * never
    cuts = statistics.quantiles(everything, n=100) if len(everything) > 1 else everything * 99
    result.goal("report readable -> delivered, p50", cuts[49], INTERVAL / 2 + 10, unit="s")
    result.goal("report readable -> delivered, p95", cuts[94], INTERVAL + 20, unit="s")
    result.notes.append(
        f"{never} of {len(published)} reports were never delivered; in the percentiles they stand"
        f" with {INTERVAL + PATIENCE_S} s"
    )
