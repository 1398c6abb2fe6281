"""Run benchmarks: `python -m benchmarks [--quick] [NAME...]`, all of them without a name.

Each writes `benchmarks/results/NAME.json`; a table of the ratios against their goals goes to
standard output. Exit status 1 when a goal is missed, 2 for an unknown name.
"""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks.measure import ROOT, Failed, Result

# Sizes for a look in passing: they show that it works, and no number that means anything.
QUICK: Final[Mapping[str, Mapping[str, Any]]] = {
    "poll": {"rounds": 1, "feeds": 50},
    "growth": {"rounds": 1, "few": 20, "many": 200},
    "hostile": {"rounds": 1, "feeds": 50},
    "history": {"rounds": 1, "few": 1_000, "many": 10_000, "feeds": 20, "reports": 20},
    "scale": {"feeds": 500, "warm_s": 10, "window_s": 30},
    "latency": {"feeds": 50, "minutes": 1, "warm_s": 20},
}
OURS: Final = tuple(QUICK)  # `benchmarks.NAME_bench.run(...)` answers a Result
SCRIPTS: Final = ("score_bench", "fold_bench", "deliver_bench", "backtest_bench", "tempo_sim")


def main(arguments: list[str]) -> int:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, nothing is written")
    given = parser.parse_args(arguments)
    there = [*OURS, *(name for name in SCRIPTS if _script(name).exists())]
    unknown = [name for name in given.names if name not in there]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(there)}", file=sys.stderr)
        return 2
    failed = [name for name in given.names or there if not _run(name, quick=given.quick)]
    if failed:
        print(f"missed or failed: {', '.join(failed)}")
    return 1 if failed else 0


def _script(name: str) -> Path:
    return Path(__file__).parent / f"{name}.py"


def _run(name: str, *, quick: bool) -> bool:
    print(f"== {name}", flush=True)
    if name in SCRIPTS:
        done = subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], cwd=ROOT, check=False)
        return done.returncode == 0
    bench = importlib.import_module(f"benchmarks.{name}_bench")
    try:
        result: Result = bench.run(**(QUICK[name] if quick else {}))
    except Failed as failure:
        print(f"  failed: {failure}")
        return False
    print(table(result))
    if not quick:
        print(f"  written: {result.save()}")
    return all(goal["met"] for goal in result.goals)


def table(result: Result) -> str:
    """The goals of a result, one a line, and its notes."""
    lines = []
    for goal in result.goals:
        mark = "ok  " if goal["met"] else "MISS"
        bound = "<=" if goal["bound"] == "at most" else ">="
        number = f"{goal['value']:10.3f} {bound} {goal['goal']:<7g} {goal['unit']:8s}"
        lines.append(f"  {mark} {number} {goal['what']}")
    return "\n".join([*lines, *(f"  note: {note}" for note in result.notes)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
