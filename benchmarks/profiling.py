"""Where a step spends its time, over all threads: a sampler of stacks for `benchmarks.ours`.

cProfile sees one thread and slows calls unevenly; this looks at every thread some hundred times a
second and charges the processor time that each has used since the last look, by its own clock, to
the functions that are on its stack now, by own and by inclusive share.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from operator import itemgetter
from pathlib import Path
from types import FrameType
from typing import Any, Final

EVERY: Final = 0.002
SHOWN: Final = 60
SWITCH: Final = 0.0002  # seconds that a thread keeps the interpreter while we wait for it

Shares = defaultdict[str, float]


def sampled(do: Callable[[], Any], path: Path) -> Callable[[], Any]:
    """The same function, writing the profile of all its calls so far to `path`."""
    own: Shares = defaultdict(float)
    whole: Shares = defaultdict(float)

    def run() -> Any:
        stop = threading.Event()
        before = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH)
        watcher = threading.Thread(target=_watch, args=(own, whole, stop), daemon=True)
        watcher.start()
        try:
            return do()
        finally:
            stop.set()
            watcher.join()
            sys.setswitchinterval(before)
            path.write_text(_report(own, whole))

    return run


def _watch(own: Shares, whole: Shares, stop: threading.Event) -> None:
    me = threading.get_ident()
    used: dict[int, float] = {}
    while not stop.is_set():
        for thread, frame in sys._current_frames().items():
            if thread != me:
                now = _clock_of(thread)
                _charge(frame, now - used.get(thread, now), own, whole)
                used[thread] = now
        time.sleep(EVERY)


def _clock_of(thread: int) -> float:
    """Processor seconds that a living thread has used."""
    return time.clock_gettime(time.pthread_getcpuclockid(thread))


def _charge(frame: FrameType, seconds: float, own: Shares, whole: Shares) -> None:
    if seconds <= 0:
        return
    own[_name(frame)] += seconds
    seen = set()
    at: FrameType | None = frame
    while at is not None:
        seen.add(_name(at))
        at = at.f_back
    for name in seen:
        whole[name] += seconds


def _name(frame: FrameType) -> str:
    code = frame.f_code
    return f"{'/'.join(code.co_filename.split('/')[-2:])}:{code.co_qualname}"


def _report(own: Shares, whole: Shares) -> str:
    total = sum(own.values()) or 1
    lines = []
    for title, counts in (("own", own), ("inclusive", whole)):
        lines.append(f"== {title}, share of {total:.2f} CPU seconds")
        most = sorted(counts.items(), key=itemgetter(1), reverse=True)[:SHOWN]
        lines += [f"{100 * spent / total:6.1f} %  {name}" for name, spent in most]
    return "\n".join(lines) + "\n"
