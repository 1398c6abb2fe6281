"""SIGKILL at random moments during polling: what a feed has served is stored once."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from alerter.store import Store
from tests.fakes import FeedServer, Item, Seen

ROOT = Path(__file__).parents[2]
WINDOW = 30  # items that a feed lists
LONGEST_LIFE = 20  # answers before the kill, so that a slow machine gets as far as a fast one
MOMENT = 0.03  # seconds after an answer: it is being parsed, saved, or was saved
MINUTES_APART = 1000  # on the clock of the lives, so that leases of the dead have ended


class GrowingFeeds:
    """Three feeds that list one item more after each answer, and remember what they served."""

    def __init__(self, server: FeedServer) -> None:
        self.server = server
        self.served: defaultdict[str, set[str]] = defaultdict(set)
        self.answers = 0
        self._numbers: Counter[str] = Counter()
        self._record = server.record
        server.feed("/tagged", etag=True)
        server.feed("/plain")
        server.feed("/nameless")
        server.record = self.record  # type: ignore[method-assign]

    @property
    def urls(self) -> list[str]:
        """Where they are."""
        return [self.server.url(path) for path in self.server.scripts]

    def record(self, seen: Seen) -> None:
        """Called when an answer is ready to be sent: after it, the feed grows."""
        self._record(seen)
        self.answers += 1
        script = self.server.scripts[seen.path]
        name = seen.path[1:]
        if seen.status == 200:
            self.served[name] |= {item.title for item in script.items}
        if seen.path != "/tagged" or random.random() < 0.5:
            self._numbers[name] += 1
            script.items = [self._item(name, self._numbers[name]), *script.items][:WINDOW]

    @staticmethod
    def _item(name: str, number: int) -> Item:
        title = f"{name} item {number}"
        if name == "nameless":
            return Item(title, summary=f"Without GUID and link, number {number}.")
        return Item(title, guid=f"{name}-{number}", link=f"https://news.example/{name}/{number}")


@contextmanager
def lives(state: str, urls: list[str]) -> Iterator[Any]:
    """The process that forks pollers."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.acceptance.polling_lives", state, *urls],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    yield process
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    process.wait(timeout=30)
    process.stdout.close()


def begin(process: Any, *, minutes: int, rounds: int) -> int:
    """Begin a life; its process id."""
    process.stdin.write(f"{minutes} {rounds}\n")
    process.stdin.flush()
    return int(process.stdout.readline())


@pytest.mark.parametrize("kills", [8, pytest.param(100, marks=pytest.mark.slow)])
def test_nothing_served_is_lost_or_stored_twice(tmp_path: Path, kills: int) -> None:
    """Killed while asking, parsing, saving or idling: validators never get ahead of entries."""
    dice = random.Random(kills)
    state = f"sqlite:///{tmp_path}/alerter.db"
    with FeedServer() as server:
        feeds = GrowingFeeds(server)
        with lives(state, feeds.urls) as process:
            for number in range(kills):
                enough = feeds.answers + dice.randint(1, LONGEST_LIFE)
                pid = begin(process, minutes=number * MINUTES_APART, rounds=MINUTES_APART // 2)
                patience = time.monotonic() + 60
                while feeds.answers < enough and time.monotonic() < patience:
                    time.sleep(0.001)
                time.sleep(dice.uniform(0, MOMENT))
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                assert process.stdout.readline() == "ended\n"
            begin(process, minutes=kills * MINUTES_APART, rounds=1)
            assert process.stdout.readline() == "ended\n"
    store = Store.open(state)
    for name, served in feeds.served.items():
        with store.read() as tx:
            stored = Counter(article.title for article in tx.articles.latest(name, 10**6))
        assert served
        assert set(stored) == served
        assert {title: count for title, count in stored.items() if count > 1} == {}
    store.close()
