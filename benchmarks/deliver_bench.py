"""How fast the outbox empties, and whether a long history slows it.

    python benchmarks/deliver_bench.py [--deliveries 10000] [--history 1000000] [--rounds 5]
                                       [--json FILE]

Measures with a webhook in another process on loopback:

* the time to deliver so many alerts that are due (goal: 10,000 in under 60 seconds on 2 cores);
* the time of one round (decide 20 alerts, claim, send, record) with and without a history of so
  many settled deliveries, interleaved, medians (goal: ratio <= 1.2).
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import structlog

from alerter.config.settings import AlerterSettings
from alerter.domain.delivery import Delivery, Why
from alerter.domain.incident import Change
from alerter.domain.scales import DeliveryState, Reason, Severity
from alerter.notify.sender import Sender
from alerter.pipeline.announce import announce
from alerter.pipeline.deliver import deliver
from alerter.store import Store
from alerter.store.engine import make_engine
from alerter.store.outbox import values_of
from tests.builders import an_incident

NOW = datetime(2020, 9, 15, 12, 0, tzinfo=UTC)
BATCH = 20
PAYLOAD = json.dumps({"version": 1, "text": "x" * 400})  # of past rows: keeps a million under 1 GB


class _Sink(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response_only(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def _serve(ports: Any) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Sink)
    ports.put(server.server_port)
    server.serve_forever()


def a_settings(url: str) -> AlerterSettings:
    """One webhook on loopback."""
    return AlerterSettings.model_validate(
        {
            "poll": {"allow_networks": ["127.0.0.0/8"]},
            "receivers": [{"name": "sink", "webhook": {"url": url}}],
        }
    )


def a_change(number: int) -> Any:
    """The first report of one incident."""
    incident = an_incident(f"inc-{number:08x}", number=number)
    return Change(incident=incident, reason=Reason.FIRST_REPORT, why="benchmark", at=NOW)


def add_rows(database: Path, rows: Iterable[Delivery]) -> None:
    """Rows of the outbox as they are, without the cost of deciding each."""
    engine = make_engine(f"sqlite:///{database}")
    raw = engine.raw_connection()
    raw.execute("BEGIN")
    first = True
    for some in _batches(rows, 10_000):
        names = list(values_of(some[0]))
        columns, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" for _ in names)
        if first:
            statement, first = f"INSERT INTO deliveries ({columns}) VALUES ({marks})", False
        raw.executemany(statement, [tuple(map(_plain, values_of(d).values())) for d in some])
    raw.commit()
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    engine.dispose()


def _batches(rows: Iterable[Delivery], size: int) -> Iterator[list[Delivery]]:
    iterator = iter(rows)
    while some := list(islice(iterator, size)):
        yield some


def _settled(number: int, payload: str) -> Delivery:
    at = NOW - timedelta(days=1, seconds=number)
    return Delivery(
        key=f"old-{number * 2654435761 % 2**32:08x}:1:sink:first_report",
        subject=f"old-{number * 2654435761 % 2**32:08x}",
        revision=1,
        receiver="sink",
        reason=Reason.FIRST_REPORT,
        why=Why(route="routes[0]", rule="first_report", text="a new incident"),
        payload=payload,
        created_at=at,
        next_try=at,
        state=DeliveryState.SENT if number % 100 else DeliveryState.DEAD,
        attempts=1,
        first_try=at,
        sent_at=at,
        severity=Severity.SEVERE,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return value


def empty_outbox(folder: Path, url: str, count: int) -> dict[str, float]:
    """Decide some alerts, fill up to so many, then deliver them all."""
    settings = a_settings(url)
    store = Store.open(f"sqlite:///{folder}/burst.db")
    few = min(count, 500)
    started = time.process_time()
    with store.begin() as tx:
        first = announce(tx, [a_change(n) for n in range(few)], settings=settings, now=NOW)
    decided = (time.process_time() - started) / few
    more = (
        replace(first[0], id=None, key=f"more-{n}:1:sink:first_report", subject=f"more-{n}")
        for n in range(count - few)
    )
    add_rows(folder / "burst.db", more)
    sender, sent, now = Sender(settings), 0, NOW
    started, cpu = time.perf_counter(), time.process_time()
    while sent < count:
        sent += deliver(store=store, settings=settings, sender=sender, now=now)
        now += timedelta(seconds=1)
    wall, used = time.perf_counter() - started, time.process_time() - cpu
    sender.close()
    store.close()
    return {
        "deliveries": count,
        "decide_cpu_ms_each": round(decided * 1000, 2),
        "deliver_seconds": round(wall, 2),
        "deliver_cpu_seconds": round(used, 2),
        "per_second": round(count / wall, 1),
    }


class Rounds:
    """Rounds of deciding and delivering on one database."""

    def __init__(self, database: Path, url: str) -> None:
        self._settings = a_settings(url)
        self._store = Store.open(f"sqlite:///{database}")
        self._sender = Sender(self._settings)
        self._number = 0

    def run(self) -> tuple[float, float]:
        """Wall and CPU milliseconds of one round."""
        changes = [a_change(self._number + each) for each in range(BATCH)]
        self._number += BATCH
        wall, cpu = time.perf_counter(), time.process_time()
        with self._store.begin() as tx:
            announce(tx, changes, settings=self._settings, now=NOW)
        sent = deliver(store=self._store, settings=self._settings, sender=self._sender, now=NOW)
        assert sent == BATCH, sent
        return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000

    def close(self) -> None:
        """Give back connections."""
        self._sender.close()
        self._store.close()


def compare(folder: Path, url: str, history: int, rounds: int) -> dict[str, Any]:
    """The same rounds on an empty and on a full database, in turns."""
    Store.open(f"sqlite:///{folder}/full.db").close()
    add_rows(folder / "full.db", (_settled(n, PAYLOAD) for n in range(history)))
    pairs = {name: Rounds(folder / f"{name}.db", url) for name in ("empty", "full")}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in pairs}
    for _ in range(3):
        for each in pairs.values():
            each.run()
    for _ in range(rounds * 10):
        for name, each in pairs.items():
            times[name].append(each.run())
    for each in pairs.values():
        each.close()
    found: dict[str, Any] = {"history": history, "rounds": rounds * 10, "batch": BATCH}
    for index, unit in enumerate(("wall", "cpu")):
        medians = {name: statistics.median(t[index] for t in times[name]) for name in times}
        found[unit] = {
            **{f"{name}_ms": round(value, 2) for name, value in medians.items()},
            "ratio": round(medians["full"] / medians["empty"], 3),
        }
    return found


def main() -> None:
    """Measure and write JSON."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--deliveries", type=int, default=10_000)
    arguments.add_argument("--history", type=int, default=1_000_000)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--json", type=Path)
    given = arguments.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    context = multiprocessing.get_context("spawn")
    ports = context.Queue()
    server = context.Process(target=_serve, args=(ports,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{ports.get(timeout=60)}/in"
    found: dict[str, Any] = {"load_before": os.getloadavg()[0], "cores": os.cpu_count()}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if given.deliveries:
            found["burst"] = empty_outbox(folder, url, given.deliveries)
        if given.history:
            found["history"] = compare(folder, url, given.history, given.rounds)
    server.terminate()
    text = json.dumps(found, indent=2)
    print(text)
    if given.json:
        given.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
