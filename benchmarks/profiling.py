"""Where a step spends its time, over all threads: a sampler of stacks for `benchmarks.ours`.

cProfile sees one thread and slows calls unevenly; this looks at every thread a hundred times a
second, counts those that are running on the processor by their own clock, and writes the functions
that were on their stacks, by own and by inclusive share.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, Final

EVERY: Final = 0.005
SHOWN: Final = 60
IDLE: Final = ("wait", "poll", "recv", "select", "accept", "_recv", "connect", "create_connection")


def sampled(do: Callable[[], Any], path: Path) -> Callable[[], Any]:
    """The same function, writing the profile of all its calls so far to `path`."""
    own: Counter[str] = Counter()
    whole: Counter[str] = Counter()

    def run() -> Any:
        stop = threading.Event()
        watcher = threading.Thread(target=_watch, args=(own, whole, stop), daemon=True)
        watcher.start()
        try:
            return do()
        finally:
            stop.set()
            watcher.join()
            path.write_text(_report(own, whole))

    return run


def _watch(own: Counter[str], whole: Counter[str], stop: threading.Event) -> None:
    me = threading.get_ident()
    while not stop.is_set():
        for thread, frame in sys._current_frames().items():
            if thread != me:
                _count(frame, own, whole)
        time.sleep(EVERY)


def _count(frame: FrameType, own: Counter[str], whole: Counter[str]) -> None:
    if frame.f_code.co_name in IDLE:
        return
    own[_name(frame)] += 1
    seen = set()
    at: FrameType | None = frame
    while at is not None:
        seen.add(_name(at))
        at = at.f_back
    whole.update(seen)


def _name(frame: FrameType) -> str:
    code = frame.f_code
    return f"{'/'.join(code.co_filename.split('/')[-2:])}:{code.co_qualname}"


def _report(own: Counter[str], whole: Counter[str]) -> str:
    total = sum(own.values()) or 1
    lines = []
    for title, counts in (("own", own), ("inclusive", whole)):
        lines.append(f"== {title}, share of {total} samples")
        lines += [f"{100 * n / total:6.1f} %  {name}" for name, n in counts.most_common(SHOWN)]
    return "\n".join(lines) + "\n"
