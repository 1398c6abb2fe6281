"""First poll, unchanged poll, one new entry in each feed, same bodies: beside peers and the floor.

One round runs every program, each over its own cache, through the same four polls:

    first      30 entries in each feed, never seen
    unchanged  conditional requests, every answer 304
    one new    a 31st entry in each feed
    same       no validators any more: 200 with the body of the last poll
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks import ours, peers
from benchmarks.measure import Cost, Failed, Result
from benchmarks.serve import Web

STEPS: Final = ("first", "unchanged", "one new", "same")
BY_ITSELF: Final = frozenset({"reader", "bare", "ours"})  # print what their poll alone took
ALL: Final = (*peers.PEERS, "ours")

Poll = Callable[[int], tuple[Cost, dict[str, dict[str, float]]]]


def run(
    *,
    rounds: int = 5,
    feeds: int = 500,
    programs: tuple[str, ...] = ALL,
    scoring: bool = True,
) -> Result:
    """Measure; the order of the programs turns from round to round."""
    sizes = {"feeds": feeds, "entries": 30, "rounds": rounds, "scoring": scoring}
    result = Result(name="poll", sizes=sizes)
    result.versions = peers.versions()
    with Web() as web:
        urls = web.feeds(feeds)
        _warm(web, urls)
        for number in range(rounds):
            with tempfile.TemporaryDirectory(prefix="bench-poll-") as folder:
                turned = _turned(programs, number)
                _round(result, web, urls, Path(folder), turned, scoring=scoring)
    _judge(result, programs)
    return result


def _turned(programs: tuple[str, ...], number: int) -> tuple[str, ...]:
    at = number % len(programs)
    return programs[at:] + programs[:at]


def _warm(web: Web, urls: list[str]) -> None:
    """Let the server make all texts before anybody waits for them."""
    with tempfile.TemporaryDirectory(prefix="bench-warm-") as folder:
        warmer = peers.bare(Path(folder), urls)
        for grown in (0, 1):
            web.control(grown=grown, validators=1)
            warmer.poll()


def _round(
    result: Result,
    web: Web,
    urls: list[str],
    folder: Path,
    programs: tuple[str, ...],
    *,
    scoring: bool,
) -> None:
    for name in programs:
        own = folder / name
        own.mkdir()
        poll = _poller(name, own, urls, scoring=scoring)
        for day, step in enumerate(STEPS):
            web.control(grown=int(step in ("one new", "same")), validators=int(step != "same"))
            web.log()
            cost, steps = poll(day)
            _keep(result, f"{name} {step}", cost, steps)
            answers = Counter(status for _, _, status in web.log())
            _check(name, step, answers, len(urls))


def _poller(name: str, folder: Path, urls: list[str], *, scoring: bool) -> Poll:
    if name == "ours":
        # The first poll as the daemon does it; the others by steps, since goals are of the polling.
        return lambda day: ours.poll_once(
            folder, urls, days=day, scoring=scoring, together=day == 0
        )
    peer = peers.PEERS[name](folder, urls)

    def poll(_day: int) -> tuple[Cost, dict[str, dict[str, float]]]:
        cost = peer.poll()
        lines = cost.lines() if name in BY_ITSELF else []
        return cost, {line["step"]: line for line in lines}

    return poll


def _keep(result: Result, name: str, cost: Cost, steps: dict[str, dict[str, float]]) -> None:
    """`cpu` is of the polling itself where the program tells it, `whole_cpu` with its start."""
    result.add(name, whole_wall=cost.wall, whole_cpu=cost.cpu, rss_mb=cost.rss_mb)
    if not steps:
        result.add(name, wall=cost.wall, cpu=cost.cpu)
        return
    result.add(
        name,
        wall=sum(step["wall"] for step in steps.values()),
        cpu=sum(step["cpu"] for step in steps.values()),
    )
    if "poll" in steps:
        result.add(name, poll_cpu=steps["poll"]["cpu"], poll_wall=steps["poll"]["wall"])


def _check(name: str, step: str, answers: Counter[int], feeds: int) -> None:
    """Each feed was asked once, or the numbers mean nothing."""
    if sum(answers.values()) != feeds:
        raise Failed(f"{name}, {step}: {feeds} feeds, but answers {dict(answers)}")
    if name in ("ours", "bare") and step == "unchanged" and answers[304] != feeds:
        raise Failed(f"{name}, {step}: answers {dict(answers)}")


def _judge(result: Result, programs: tuple[str, ...]) -> None:
    goals = (
        (
            "first poll, scoring on: wall of newsboat (1 thread)",
            "first wall",
            "newsboat first wall",
            1.5,
        ),
        ("first poll, scoring on: CPU of reader", "first cpu", "reader first cpu", 0.7),
        ("all 304: CPU of the bare poller", "unchanged poll_cpu", "bare unchanged cpu", 1.3),
        ("all 304: CPU of sfeed with ETags", "unchanged poll_cpu", "sfeed unchanged cpu", 0.15),
        (
            "same bodies, no validators: CPU of our 304 poll",
            "same poll_cpu",
            "ours unchanged poll_cpu",
            1.4,
        ),
        (
            "1 new of 31: CPU of parsing everything (bare)",
            "one new poll_cpu",
            "bare one new cpu",
            0.35,
        ),
    )
    for what, above, below, bound in goals:
        if "ours" in programs and below.split()[0] in programs:
            result.goal(what, result.ratio(f"ours {above}", below), bound)
    if "ours" in programs and "bare" in programs:
        further = result.ratio("ours one new cpu", "bare one new cpu")
        result.notes.append(f"1 new of 31 with scoring: {further:.3f} of parsing everything (bare)")
    if "ours" in programs and "newsboat" in programs:
        further = result.ratio("ours first whole_wall", "newsboat first whole_wall")
        result.notes.append(
            f"first poll with start-up and imports: {further:.3f} of newsboat's wall"
        )
