"""Ten thousand unchanged feeds beside a hundred: memory and CPU per feed must stay flat."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from benchmarks import ours
from benchmarks.measure import Result, cost_numbers
from benchmarks.serve import Web

ENTRIES: Final = 3  # an unchanged poll does not look at entries; few make the first poll short


def run(*, rounds: int = 5, few: int = 100, many: int = 10_000) -> Result:
    """Poll both sets once to learn the validators, then measure polls of nothing but 304s."""
    result = Result(name="growth", sizes={"few": few, "many": many, "rounds": rounds})
    with Web() as web, tempfile.TemporaryDirectory(prefix="bench-growth-") as temporary:
        web.control(entries=ENTRIES, chars=200)
        folders = {count: Path(temporary) / str(count) for count in (few, many)}
        for count, folder in folders.items():
            folder.mkdir()
            ours.poll_once(folder, web.feeds(count), days=0, scoring=False)
        for number in range(rounds):
            for count, folder in folders.items():
                urls = web.feeds(count)
                cost, steps = ours.poll_once(folder, urls, days=number + 1, scoring=False)
                result.add(
                    f"{count} feeds",
                    **cost_numbers(cost),
                    poll_cpu_ms_a_feed=1000 * steps["poll"]["cpu"] / count,
                    poll_wall=steps["poll"]["wall"],
                )
    result.goal(
        f"{many} feeds of 304s: RSS of {few} feeds",
        result.ratio(f"{many} feeds rss_mb", f"{few} feeds rss_mb"),
        1.3,
    )
    result.goal(
        f"{many} feeds of 304s: CPU per feed of {few} feeds",
        result.ratio(f"{many} feeds poll_cpu_ms_a_feed", f"{few} feeds poll_cpu_ms_a_feed"),
        1.2,
    )
    return result
