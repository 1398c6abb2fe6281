"""Killed at any moment, again and again, the daemon loses no alert and repeats none for nothing."""

from __future__ import annotations

import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import groupby, pairwise
from pathlib import Path

import pytest

from alerter.config.settings import AlerterSettings
from alerter.domain.errors import StoreError
from alerter.domain.scales import DeliveryState
from alerter.pipeline.announce import announce
from alerter.store import Store, engine
from tests.acceptance.crash_lives import REVISIONS
from tests.acceptance.sink import Arrival, Sink
from tests.builders import NOON
from tests.conftest import Clock
from tests.pipeline.fakes_notify import Desk, a_change

KILLS = 210
SPEED = 30.0  # so many seconds of the daemon's clock in one of ours
LONGEST_LIFE = 0.25  # seconds
ASLEEP = 0.1  # of the lives are killed while they begin: migration, recovery of the journal
WITNESSED = 1.0  # seconds between taking a message and the kill: the answer was not recorded yet
MOODS = {"500": 0.12, "503": 0.04, "429": 0.05, "reset": 0.06, "408": 0.02}


class Lives:
    """Speaks with the process that begins lives."""

    def __init__(self, database: str, url: str) -> None:
        arguments = [database, url, str(SPEED), str(time.time())]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.acceptance.crash_lives", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def begin(self, order: str = "live") -> int:
        """A new life; gives its process number."""
        assert self._process.stdin is not None
        self._process.stdin.write(order + "\n")
        self._process.stdin.flush()
        return int(self._line())

    def awake(self) -> None:
        """Wait until it has opened the store and begins to work."""
        assert self._line().strip() == "awake"

    def ended(self) -> int:
        """Wait for its end; gives its exit status."""
        line = self._line()
        if line.strip() == "awake":  # it woke up while we were about to kill it
            line = self._line()
        word, status = line.split()
        assert word == "ended"
        return int(status)

    def close(self) -> None:
        """No more lives."""
        self._process.kill()
        self._process.communicate()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A receiver with bad days."""
    with Sink(moods=dict(MOODS)) as opened:
        yield opened


@pytest.mark.slow
def test_nothing_is_lost_and_nothing_repeated_without_cause(tmp_path: Path, sink: Sink) -> None:
    """SIGKILL at more than 200 random moments, against a sink that fails in every way it can."""
    database = f"sqlite:///{tmp_path}/alerter.db"
    lives = Lives(database, sink.url)
    killed: dict[int, float] = {}
    draw = random.Random(7)
    try:
        for life in range(1, KILLS + 1):
            process = lives.begin()
            if draw.random() < ASLEEP:
                time.sleep(draw.uniform(0.0, LONGEST_LIFE / 4))
            else:
                lives.awake()
                time.sleep(draw.uniform(0.0, LONGEST_LIFE))
            killed[life] = time.monotonic()
            os.kill(process, signal.SIGKILL)
            assert lives.ended() == signal.SIGKILL
        sink.moods = {"500": 0.05}
        lives.begin("settle")
        assert lives.ended() == 0
    finally:
        lives.close()
    _check(database, sink.arrivals, killed)
    print(f"{KILLS} kills, {len(sink.arrivals)} arrivals, refused {sink.refused}")


def _check(database: str, arrivals: list[Arrival], killed: dict[int, float]) -> None:
    store = Store.open(database)
    with store.read() as tx:
        decided = tx.deliveries.newest(limit=1_000_000)
        mark = tx.vitals.marked("decided")
    store.close()
    assert mark is not None
    expected = {
        f"inc-{number // 3}:{number % 3 + 1}:{receiver}:{REVISIONS[number % 3][0].value}"
        for number in range(int(mark.value) + 1)
        for receiver in ("desk", "duty", *(["chief"] if number % 3 else []))
    }
    assert len(expected) > KILLS / 2, "too little was decided to prove anything"
    assert expected <= {delivery.key for delivery in decided}, "a decision was lost"
    assert {delivery.state for delivery in decided} == {DeliveryState.SENT}
    by_key: dict[str, list[Arrival]] = {}
    for arrival in arrivals:
        by_key.setdefault(arrival.key, []).append(arrival)
    assert {delivery.key for delivery in decided} == set(by_key), "lost, or never decided"
    for same in by_key.values():
        for one, other in pairwise(same):
            assert one.life < other.life, f"sent twice in one life: {one}, {other}"
            assert killed[one.life] - one.at < WITNESSED, f"it had time to be recorded: {one}"
    in_line = sorted(arrivals, key=lambda each: (each.receiver, each.subject, each.at))
    for _, line in groupby(in_line, key=lambda each: (each.receiver, each.subject)):
        revisions = [each.revision for each in line]
        assert revisions == sorted(revisions), "order within an incident was lost"


def _decide(store: Store, settings: AlerterSettings, number: int) -> None:
    change = a_change(id=f"inc-{number}", number=number)
    with store.begin() as tx:
        announce(tx, [change], settings=settings, now=NOON)


def _decide_many(store: Store, settings: AlerterSettings) -> None:
    for number in range(2, 500):
        _decide(store, settings, number)


def test_a_locked_database_says_so_and_loses_nothing(
    tmp_path: Path, settings: AlerterSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deciding and delivering fail in words; when the lock is gone, all goes on."""
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_MS", 50)
    store = Store.open(f"sqlite:///{tmp_path}/alerter.db")
    desk = Desk(store, settings, Clock())
    _decide(store, settings, 1)
    other = sqlite3.connect(tmp_path / "alerter.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="database is locked"):
        _decide(store, settings, 2)
    with pytest.raises(StoreError, match="database is locked"):
        desk.deliver()
    assert desk["desk"].messages == []
    other.execute("ROLLBACK")
    other.close()
    _decide(store, settings, 2)
    assert desk.deliver() == 2
    desk.close()
    store.close()


def test_a_lock_between_sending_and_recording_sends_again_with_the_same_key(
    tmp_path: Path, settings: AlerterSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At least once; the receiver can tell."""
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_MS", 50)
    store = Store.open(f"sqlite:///{tmp_path}/alerter.db")
    desk = Desk(store, settings, Clock())
    other = sqlite3.connect(tmp_path / "alerter.db", isolation_level=None, check_same_thread=False)
    desk["desk"].answer = lambda _: str(other.execute("BEGIN IMMEDIATE"))
    _decide(store, settings, 1)
    with pytest.raises(StoreError, match="database is locked"):
        desk.deliver()
    desk["desk"].answer = None
    other.execute("ROLLBACK")
    other.close()
    desk.clock.forward(minutes=2)  # the lease ends
    assert desk.deliver() == 1
    keys = [message.key for message in desk["desk"].messages]
    assert keys == ["inc-1:1:desk:first_report"] * 2
    desk.close()
    store.close()


def test_a_full_disk_says_so_and_loses_nothing(tmp_path: Path, settings: AlerterSettings) -> None:
    """No half decision is kept; what was decided before goes out when there is room again."""
    path = tmp_path / "alerter.db"
    store = Store.open(f"sqlite:///{path}")
    desk = Desk(store, settings, Clock())
    _decide(store, settings, 1)
    full = path.stat().st_size + (tmp_path / "alerter.db-wal").stat().st_size
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # then writing fails, as on a full disk
    resource.setrlimit(resource.RLIMIT_FSIZE, (full // 2, limits[1]))
    try:
        with pytest.raises(StoreError, match="disk"):
            _decide_many(store, settings)
        with pytest.raises(StoreError, match="disk"):
            desk.deliver()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    with store.read() as tx:
        kept = tx.deliveries.count()
        decided = len(tx.decisions.recent(since=NOON))
    assert kept == decided >= 1
    for _ in range(5):
        desk.deliver()
        desk.clock.forward(minutes=2)
    subjects = {message.subject for message in desk["desk"].messages}
    assert len(subjects) == kept
    desk.close()
    store.close()
