"""Ten thousand feeds at five minutes: what the real daemon costs once it has caught up.

All feeds are polled once beforehand, so that the window shows the steady state: due times lie
spread over the interval, the answer is 304 but for the share of feeds that has something new.
"""

from __future__ import annotations

import random
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Final

from benchmarks import ours
from benchmarks.daemon import Daemon, Sink, write_config
from benchmarks.measure import Result
from benchmarks.serve import Web

INTERVAL: Final = 300
ENTRIES: Final = 3  # what a feed holds at first; its window grows to 31 as news comes in
TURN: Final = 3600  # each feed has something new once an hour: one poll in twelve brings news
MICROSECONDS: Final = 1_000_000


def run(*, feeds: int = 10_000, warm_s: int = 60, window_s: int = 300) -> Result:
    """Start the daemon on feeds it knows, let it settle, and watch it."""
    sizes = {"feeds": feeds, "interval_s": INTERVAL, "warm_s": warm_s, "window_s": window_s}
    result = Result(name="scale", sizes={**sizes, "news_every_s": TURN})
    with (
        Web() as web,
        Sink() as sink,
        tempfile.TemporaryDirectory(prefix="bench-scale-") as temporary,
    ):
        folder = Path(temporary)
        web.control(entries=ENTRIES, chars=300)
        urls = web.feeds(feeds)
        ours.poll_once(folder, urls, days=0)
        web.control(turn_s=TURN)
        _spread(folder / "alerter.db")
        config = write_config(folder, urls, sink.url, every="5m", floor="5m", ceiling="5m")
        with Daemon(config) as daemon:
            time.sleep(warm_s)
            web.log()
            cpu, began = daemon.cpu(), time.monotonic()
            time.sleep(window_s)
            spent = daemon.cpu() - cpu
            took = time.monotonic() - began
            _note(result, web, folder, spent=spent, took=took, feeds=feeds)
        result.add("daemon", peak_rss_mb=daemon.memory.rss, peak_pss_mb=daemon.memory.pss)
    result.goal("cores in the steady state", result.median("daemon cores"), 0.5, unit="cores")
    result.goal("RSS of the daemon and its workers", daemon.memory.rss, 350, unit="MB")
    due = feeds / INTERVAL
    kept = result.median("daemon polls_a_second") / due
    result.goal("polls done of those due in the window", kept, 0.95, least=True)
    return result


def _spread(path: Path) -> None:
    """Due times evenly over the interval, as after hours of running with jitter."""
    draw = random.Random(1)
    now = int(time.time() * MICROSECONDS)
    with closing(sqlite3.connect(path)) as db, db:
        numbers = [row[0] for row in db.execute("SELECT number FROM feeds")]
        spread = [(now + int(draw.random() * INTERVAL * MICROSECONDS), each) for each in numbers]
        db.executemany("UPDATE feeds SET next_poll = ? WHERE number = ?", spread)


def _note(result: Result, web: Web, folder: Path, *, spent: float, took: float, feeds: int) -> None:
    answers = web.log()
    changed = sum(status == 200 for _, _, status in answers)
    with closing(sqlite3.connect(folder / "alerter.db")) as db:
        waiting = db.execute("SELECT count(*) FROM articles WHERE assessed_by = ''").fetchone()[0]
    result.add(
        "daemon",
        cores=spent / took,
        cpu_s=spent,
        polls_a_second=len(answers) / took,
        changed_a_second=changed / took,
        articles_waiting=waiting,
    )
