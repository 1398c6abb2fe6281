"""Measuring children: CPU by the kernel's own account, memory by sampling; medians and their JSON."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Self

import psutil

RESULTS: Final = Path(__file__).parent / "results"
ROOT: Final = Path(__file__).parent.parent
SAMPLE_SECONDS: Final = 0.1
OURS: Final = ("feedparser", "httpx", "sniffio", "scikit-learn", "numpy", "sqlalchemy")


class Failed(RuntimeError):
    """A child did not do its work; its last words are in the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run of a program took. CPU is user and system, of the child and its children."""

    wall: float
    cpu: float
    rss_mb: float = 0.0  # the whole tree of processes, at its peak; shared pages count for each
    pss_mb: float = 0.0  # the same with shared pages shared out
    out: str = ""

    def lines(self) -> list[dict[str, Any]]:
        """What the child printed as JSON, one object a line."""
        return [json.loads(line) for line in self.out.splitlines() if line.startswith("{")]


class Sampler:
    """Looks at the memory of a process and its children until told to stop."""

    def __init__(self, pid: int, *, every: float = SAMPLE_SECONDS) -> None:
        self.rss = 0.0
        self.pss = 0.0
        self._every = every
        self._process = psutil.Process(pid)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """No more looks."""
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        looks = 0
        while not self._stop.wait(self._every):
            try:
                self._look(thorough=looks % 10 == 0)
            except psutil.NoSuchProcess:
                return
            looks += 1

    def _look(self, *, thorough: bool) -> None:
        """RSS is cheap to read; PSS walks the page tables, so it is read less often."""
        rss = pss = 0.0
        for each in (self._process, *self._process.children(recursive=True)):
            try:
                rss += each.memory_info().rss
                pss += each.memory_full_info().pss if thorough else 0
            except (psutil.NoSuchProcess, psutil.AccessDenied, FileNotFoundError):
                continue
        self.rss = max(self.rss, rss / 2**20, _own_peak_mb(self._process.pid))
        self.pss = max(self.pss, pss / 2**20)


def _own_peak_mb(pid: int) -> float:
    """The most that one process has held, between two looks too; 0 when it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    peak = next((line.split()[1] for line in status.splitlines() if "VmHWM" in line), "0")
    return int(peak) / 1024


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = 1800,
    check: bool = True,
) -> Cost:
    """Run a program to its end. CPU includes all its children that it waited for."""
    started = time.monotonic()
    child = subprocess.Popen(
        [str(part) for part in command],
        cwd=cwd or ROOT,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    sampler = Sampler(child.pid)
    said: dict[str, str] = {}
    readers = [_read(child, name, said) for name in ("stdout", "stderr")]
    timer = threading.Timer(timeout, child.kill)
    timer.start()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - started
    timer.cancel()
    sampler.stop()
    for reader in readers:
        reader.join()
    child.returncode = os.waitstatus_to_exitcode(status)
    for stream in (child.stdout, child.stderr):
        if stream is not None:
            stream.close()
    if check and child.returncode != 0:
        raise Failed(
            f"{command[0]} {command[1:4]}: exit {child.returncode}\n{said['stderr'][-2000:]}"
        )
    return Cost(
        wall=wall,
        cpu=usage.ru_utime + usage.ru_stime,
        rss_mb=sampler.rss,  # `ru_maxrss` would be ours where that is more: exec hands it on
        pss_mb=sampler.pss,
        out=said["stdout"],
    )


def _read(child: subprocess.Popen[str], name: str, said: dict[str, str]) -> threading.Thread:
    def read() -> None:
        said[name] = getattr(child, name).read()

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread


class Phase:
    """CPU and wall of a block in this process and the children it has now, living or ended."""

    def __enter__(self) -> Self:
        self._cpu, self._own = cpu_of_tree(os.getpid()), time.process_time()
        self._wall = time.monotonic()
        return self

    def __exit__(self, *_error: object) -> None:
        self.wall = time.monotonic() - self._wall
        self.own_cpu = time.process_time() - self._own  # without the children
        self.cpu = cpu_of_tree(os.getpid()) - self._cpu


def cpu_of_tree(pid: int) -> float:
    """CPU seconds of a process, of its children that ended, and of those that live."""
    process = psutil.Process(pid)
    own = process.cpu_times()
    total: float = own.user + own.system + own.children_user + own.children_system
    for child in process.children(recursive=True):
        try:
            spent = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += spent.user + spent.system + spent.children_user + spent.children_system
    return total


@dataclass
class Result:
    """What a benchmark found: all measurements, and its ratios against the goals."""

    name: str
    sizes: dict[str, Any] = field(default_factory=dict)
    goals: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    _series: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    _load: float = field(default_factory=lambda: os.getloadavg()[0])
    _began: float = field(default_factory=time.time)

    def add(self, name: str, **values: float) -> None:
        """One measurement of one round, such as `add("ours 304", cpu_s=1.2)`."""
        for kind, value in values.items():
            self._series[f"{name} {kind}"].append(value)

    def median(self, series: str) -> float:
        """The median over the rounds."""
        return statistics.median(self._series[series])

    def ratio(self, above: str, below: str) -> float:
        """The median of the ratios round by round: what shares a round shares its weather."""
        pairs = zip(self._series[above], self._series[below], strict=True)
        return statistics.median(a / b for a, b in pairs)

    def goal(
        self, what: str, value: float, goal: float, *, unit: str = "x", least: bool = False
    ) -> None:
        """A value against its goal: at most that, or with `least` at least that."""
        met = value >= goal if least else value <= goal
        self.goals.append(
            {
                "what": what,
                "value": round(value, 4),
                "goal": goal,
                "bound": "at least" if least else "at most",
                "unit": unit,
                "met": met,
            }
        )

    def as_json(self) -> dict[str, Any]:
        """All of it, ready to be written."""
        return {
            "name": self.name,
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "took_s": round(time.time() - self._began),
            "machine": machine() | {"load_before": round(self._load, 2)},
            "versions": {**_versions(), **self.versions},
            "sizes": self.sizes,
            "goals": self.goals,
            "measured": {name: _summary(values) for name, values in sorted(self._series.items())},
            "notes": self.notes,
        }

    def save(self, folder: Path = RESULTS) -> Path:
        """Write `NAME.json`."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.name}.json"
        path.write_text(json.dumps(self.as_json(), indent=1, ensure_ascii=False) + "\n")
        return path


def _summary(values: Sequence[float]) -> dict[str, Any]:
    return {
        "median": round(statistics.median(values), 4),
        "min": round(min(values), 4),
        "max": round(max(values), 4),
        "rounds": [round(value, 4) for value in values],
    }


def machine() -> dict[str, Any]:
    """What the numbers were measured on."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "memory_mb": psutil.virtual_memory().total // 2**20,
        "system": platform.platform(),
    }


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "commit": _commit()}
    return found | {name: version(name) for name in OURS}


def _commit() -> str:
    said = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return said.stdout.strip()


def python(module: str, *args: object) -> list[str]:
    """The command that runs one of our modules in a process of its own."""
    return [sys.executable, "-m", module, *map(str, args)]


def cost_numbers(cost: Cost) -> dict[str, float]:
    """A cost as keyword arguments for `Result.add`."""
    return {
        key: value
        for key, value in asdict(cost).items()
        if isinstance(value, float) and key != "pss_mb"
    }
