"""Parsing in workers that may be killed: one document costs one feed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from alerter.collect.parsing import ParsePool, Raw, WorkerDied, _Session
from alerter.collect.split import HASH_BYTES
from alerter.collect.wire import pack_document
from alerter.collect.worker import Opened
from alerter.domain.errors import FeedError
from tests.fakes import Item, rss

NOW = datetime(2020, 9, 15, 12, tzinfo=UTC)


def raw(body: bytes, **given: Any) -> Raw:
    """A document as it was fetched."""
    values: dict[str, Any] = {"body": body, "base": "https://news.example/feed", "now": NOW}
    return Raw(**(values | given))


def items(count: int) -> list[Item]:
    """Items that differ."""
    return [Item(f"title {number}", guid=str(number)) for number in range(count)]


@pytest.fixture
def quick() -> Iterator[ParsePool]:
    """One worker with little patience."""
    pool = ParsePool(timeout=timedelta(seconds=1), processes=1)
    yield pool
    pool.close()


def test_a_document_comes_back_as_entries_with_hashes(pool: ParsePool) -> None:
    """In its order, and with what it says of the feed."""
    parsed = pool.parse(raw(rss(items(3), title="Desk", channel="<language>fr</language>")))
    assert [entry.title for entry in parsed.entries] == ["title 0", "title 1", "title 2"]
    assert (parsed.about.title, parsed.about.lang, parsed.listed) == ("Desk", "fr", 3)
    assert parsed.fresh == parsed.hashes


def test_only_what_is_not_known_is_parsed(pool: ParsePool) -> None:
    """One new item in front of three known ones."""
    known = b"".join(pool.parse(raw(rss(items(3)))).hashes)
    parsed = pool.parse(raw(rss([Item("new", guid="n"), *items(3)]), known=known))
    assert [entry.title for entry in parsed.entries] == ["new"]
    assert parsed.fresh == parsed.hashes[:1]
    assert parsed.listed == 4


def test_nothing_new_is_not_parsed_at_all(pool: ParsePool) -> None:
    """The channel changed, no item did."""
    known = b"".join(pool.parse(raw(rss(items(3)))).hashes)
    parsed = pool.parse(raw(rss(items(3), title="Renamed"), known=known))
    assert (parsed.entries, parsed.listed) == ((), 3)


def test_a_document_that_cannot_be_cut_is_parsed_whole(pool: ParsePool) -> None:
    """Nested items: feedparser makes of them what it can."""
    body = rss(items(2)).replace(b"<item>", b"<item><item>", 1)
    parsed = pool.parse(raw(body))
    assert len(parsed.entries) >= 2
    assert parsed.hashes == ()
    assert parsed.listed == len(parsed.entries)


def test_blank_items_are_left_out(pool: ParsePool) -> None:
    """They say nothing; the others keep their hashes."""
    body = rss(items(2)).replace(b"<item>", b"<item></item><item>", 1)
    parsed = pool.parse(raw(body))
    assert [entry.title for entry in parsed.entries] == ["title 0", "title 1"]
    assert parsed.fresh == parsed.hashes[1:]


@pytest.mark.parametrize("count", [2_000, pytest.param(50_000, marks=pytest.mark.slow)])
def test_all_entries_are_there_however_many(pool: ParsePool, count: int) -> None:
    """There is no cap. In chunks, so that no chunk comes near the deadline."""
    parsed = pool.parse(raw(rss(items(count))))
    assert len({entry.guid for entry in parsed.entries}) == count
    assert len(parsed.hashes) == count


def test_json_is_seen_by_its_first_character(pool: ParsePool) -> None:
    """A JSON Feed needs no setting."""
    body = b' {"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "title": "t"}]}'
    assert [entry.title for entry in pool.parse(raw(body)).entries] == ["t"]


def test_a_document_that_is_no_feed_is_a_reason(pool: ParsePool) -> None:
    """And the worker goes on."""
    with pytest.raises(FeedError, match="HTML page"):
        pool.parse(raw(b"<html><body>Sorry</body></html>"))
    assert pool.parse(raw(rss(items(1)))).listed == 1


LAUGHS = (
    b'<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    b"<rss><channel><item><title>&b;</title></item></channel></rss>"
)


def test_bombs_are_refused(pool: ParsePool) -> None:
    """Before any XML parser sees them."""
    with pytest.raises(FeedError, match="entities made of entities"):
        pool.parse(raw(LAUGHS))
    with pytest.raises(FeedError, match="nested"):
        pool.parse(raw(b"<rss><channel>" + b"<a>" * 100_000))


def test_a_bad_item_is_rejected_alone(pool: ParsePool) -> None:
    """A depth bomb in one of ten items costs that item."""
    ten = items(10)
    body = rss(ten).replace(b"title 4", b"<a>" * 2000 + b"title 4" + b"</a>" * 2000)
    parsed = pool.parse(raw(body))
    assert [entry.title for entry in parsed.entries] == [f"title {n}" for n in range(10) if n != 4]
    (rejected,) = parsed.rejected
    assert "nested" in rejected.reason
    assert rejected.content.startswith(b"<item><title><a>")
    assert len(parsed.hashes) == 10


def worker_pid(pool: ParsePool) -> int:
    """The process behind the pool."""
    popen = pool._all[0]._popen
    assert popen is not None
    return popen.pid


def test_a_worker_that_hangs_is_killed_and_its_document_tried_again(quick: ParsePool) -> None:
    """At the deadline: the worker may be to blame, and not what it reads."""
    quick.parse(raw(rss(items(1))))
    hung = worker_pid(quick)
    os.kill(hung, signal.SIGSTOP)
    start = time.monotonic()
    assert quick.parse(raw(rss(items(3)))).listed == 3
    assert 1 <= time.monotonic() - start < 4
    assert worker_pid(quick) != hung


def test_a_worker_that_crashes_is_replaced(quick: ParsePool) -> None:
    """Killed for memory or crashed over another document: no feed suffers from it."""
    quick.parse(raw(rss(items(1))))
    os.kill(worker_pid(quick), signal.SIGKILL)
    assert quick.parse(raw(rss(items(1)))).listed == 1


class Fragile:
    """A worker that dies of every question that has the poisonous item in it."""

    def __init__(self, poison: int) -> None:
        self.poison = poison
        self.deaths = 0
        self.opened: Opened | None = None

    def ask(self, request: dict[str, Any], blob: bytes = b"") -> dict[str, Any]:
        start, stop = request.get("start", 0), request.get("stop", request.get("ahead", 0))
        if request["do"] != "item" and start <= self.poison < stop:
            self.deaths += 1
            raise WorkerDied("the parser crashed on this document")
        if request["do"] == "open":
            self.opened = Opened(request, blob)
            return {"hashes": b"".join(self.opened.hashes).hex(), "fresh": self.opened.fresh}
        assert self.opened is not None
        if request["do"] == "item":
            return {"item": self.opened.item(start).hex()}
        document, whole = self.opened.parse(start, stop)
        return pack_document(document) | {"whole": whole}


def test_an_item_that_kills_the_parser_costs_itself_alone() -> None:
    """It is found by halves, kept with its reason, and all other items are read."""
    process = Fragile(poison=11)
    parsed = _Session(cast("Any", process), raw(rss(items(30)))).parse()
    assert [entry.title for entry in parsed.entries] == [f"title {n}" for n in range(30) if n != 11]
    (rejected,) = parsed.rejected
    assert rejected.reason == "the parser crashed on this document"
    assert b"title 11" in rejected.content
    assert process.deaths <= 8


def test_a_worker_of_a_large_daemon_is_not_taken_for_tired(quick: ParsePool) -> None:
    """It has its own memory to answer for, not that of the process that started it."""
    ballast = b"x" * (300 * 2**20)
    quick.parse(raw(rss(items(1))))
    first = worker_pid(quick)
    quick.parse(raw(rss(items(1))))
    assert worker_pid(quick) == first
    assert len(ballast) == 300 * 2**20


def test_a_worker_ends_with_its_owner() -> None:
    """Even when the owner is killed without warning."""
    owner = (
        "import sys, time; from datetime import *; from alerter.collect.parsing import *\n"
        "pool = ParsePool(timeout=timedelta(seconds=5), processes=1)\n"
        "pool.parse(Raw(body=b'<rss version=\"2.0\"><channel></channel></rss>', base='', "
        "now=datetime.now(UTC)))\n"
        "print(pool._all[0]._popen.pid, flush=True); time.sleep(60)"
    )
    root = str(Path(__file__).parents[2])
    process = subprocess.Popen(
        [sys.executable, "-c", owner], stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": root}
    )
    assert process.stdout is not None
    pid = int(process.stdout.readline())
    process.kill()
    process.wait()
    process.stdout.close()
    until = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < until:
        if (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]) == "Z":
            break
        os.sched_yield()
    assert time.monotonic() < until


def test_a_worker_knows_neither_secrets_nor_heavy_modules(pool: ParsePool) -> None:
    """Its environment is empty but for paths, and it imports no database and no classifier."""
    pool.parse(raw(rss(items(1))))
    environment = Path(f"/proc/{worker_pid(pool)}/environ").read_bytes()
    names = {entry.partition(b"=")[0].decode() for entry in environment.split(b"\0") if entry}
    assert names <= {"PATH", "LANG", "LC_ALL", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "LC_CTYPE"}
    code = "import sys, alerter.collect.worker; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert not {"sqlalchemy", "sklearn", "numpy", "httpx", "pydantic"} & set(run.stdout.split())


def test_hashes_have_their_length(pool: ParsePool) -> None:
    """They are stored side by side."""
    assert {len(digest) for digest in pool.parse(raw(rss(items(3)))).hashes} == {HASH_BYTES}
