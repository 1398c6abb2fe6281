"""Our own steps in a process of their own: `python -m benchmarks.ours`.

Runs `pipeline.poll` and, unless told otherwise, `pipeline.assess` with the shipped model over a
store, and prints a line of JSON for each step: CPU (parse workers included), wall and how much was
done. With `--together` both run side by side, exactly as in the daemon, and there is one line for both.
The lines leave out the start of the process and its imports, which a daemon pays once; whoever runs
this measures the whole as well.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psutil

from alerter.collect.poller import Poller
from alerter.config.settings import AlerterSettings
from alerter.logs import configure_logs
from alerter.pipeline.poll import poll
from alerter.store import Store
from benchmarks.measure import Cost, Phase, python, run

LIMIT: Final = 500
TICK: Final = 1.0  # seconds: how often the daemon looks for articles to judge


def settings(state: str, urls: Sequence[str], **poll: Any) -> AlerterSettings:
    """Everything by default, but that the feeds are on loopback."""
    feeds = [{"url": url, "name": f"f{number}"} for number, url in enumerate(urls)]
    given = {"allow_networks": ["127.0.0.0/8"], **poll}
    return AlerterSettings.model_validate({"state": state, "feeds": feeds, "poll": given})


def main() -> None:
    """One poll of all feeds at a time that is `--days` from now, so that all of them are due."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--state", required=True)
    parser.add_argument("--feeds", type=Path, required=True)
    parser.add_argument("--days", type=int, default=0)
    parser.add_argument("--no-scoring", action="store_true")
    parser.add_argument("--together", action="store_true")
    parser.add_argument("--profile", type=Path)
    given = parser.parse_args()
    configure_logs(level="info")  # as the daemon does: its lines are a part of the cost
    now = datetime.now(UTC) + timedelta(days=given.days)
    made = settings(given.state, given.feeds.read_text().split())
    store = Store.open(made.state)
    poller = Poller(made.poll)
    with store.begin() as tx:
        tx.feeds.sync(made.feeds)
    try:
        polling = lambda: poll(store=store, settings=made, poller=poller, now=now)  # noqa: E731
        if given.together:
            judging = _judging(store, made, now)
            _measure("poll and assess", lambda: _side_by_side(polling, judging))
        else:
            _measure("poll", _profiled(polling, given.profile) if given.profile else polling)
            if not given.no_scoring:
                _measure("assess", _judging(store, made, now))
    finally:
        poller.close()
        store.close()


def _judging(store: Store, made: AlerterSettings, now: datetime) -> Callable[[], int]:
    # not imported for a run that only polls
    from alerter.pipeline.assess import assess
    from alerter.understand.assess import Assessor

    assessor = Assessor.load(made)
    return lambda: assess(store=store, settings=made, assessor=assessor, now=now, limit=LIMIT)


def _side_by_side(polling: Callable[[], int], judging: Callable[[], int]) -> int:
    """Both in threads of their own until the poll has ended and nothing is left to judge."""
    done = 0
    with ThreadPoolExecutor(1) as beside:
        poll_ends = beside.submit(polling)
        while True:
            ended = poll_ends.done()
            count = judging()
            done += count
            if ended and not count:
                return done + poll_ends.result()
            if not count:
                wait([poll_ends], timeout=TICK)


def _measure(step: str, do: Callable[[], Any]) -> None:
    """Do it until nothing is left to do."""
    done = 0
    with Phase() as phase:
        while count := int(do()):
            done += count
    rss = psutil.Process(os.getpid()).memory_info().rss / 2**20
    spent = {"cpu": phase.cpu, "own_cpu": phase.own_cpu, "wall": phase.wall}
    print(json.dumps({"step": step, "done": done, **spent, "own_rss_mb": rss}), flush=True)


def _profiled(do: Callable[[], Any], path: Path) -> Callable[[], Any]:
    """The same under pyinstrument's cousin in the standard library; all threads of the poller."""
    from benchmarks.profiling import sampled

    return sampled(do, path)


def poll_once(
    folder: Path,
    urls: Sequence[str],
    *,
    days: int,
    scoring: bool = True,
    together: bool = False,
    state: str = "",
) -> tuple[Cost, dict[str, dict[str, float]]]:
    """Run this module as a child: its whole cost, and the cost of each step by name."""
    listed = folder / "urls"
    listed.write_text("\n".join(urls) + "\n")
    command = python(
        "benchmarks.ours",
        *("--state", state or f"sqlite:///{folder}/alerter.db"),
        *("--feeds", listed, "--days", days),
        *(() if scoring else ("--no-scoring",)),
        *(("--together",) if scoring and together else ()),
    )
    cost = run(command)
    return cost, {line["step"]: line for line in cost.lines()}


if __name__ == "__main__":
    main()
