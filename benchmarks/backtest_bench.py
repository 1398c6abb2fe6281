"""How long `alerter backtest` takes over many items, and whether its memory stays flat.

Writes a file of items (a harmless stream and a share of attacks all over the world), replays it
in a process of its own, and measures wall time and the peak of resident memory of that process
and of all its children. The stream is that of the acceptance tests, in which every fifth item
names a mission, or real news from a file of JSON Lines with title and summary, which is gone
through as often as it takes, each time with a number in the text, so that none comes twice.

    python benchmarks/backtest_bench.py [--items 100000] [--share 0.01] [--stream FILE] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.acceptance.stream import harmless  # noqa: E402  found by the line above

START: Final = datetime(2020, 7, 1, tzinfo=UTC)
SPAN: Final = timedelta(days=92)
GOAL_S: Final = 180.0
PLACES: Final = (
    ("Baghdad", "Iraq"), ("Kabul", "Afghanistan"), ("Khartoum", "Sudan"), ("Tripoli", "Libya"),
    ("Sanaa", "Yemen"), ("Mogadishu", "Somalia"), ("Bamako", "Mali"), ("Beirut", "Lebanon"),
    ("Port-au-Prince", "Haiti"), ("Islamabad", "Pakistan"), ("Athens", "Greece"),
)  # fmt: skip
STATES: Final = ("US", "British", "French", "German", "Turkish", "Chinese", "Indian", "Italian")
ACTS: Final = (
    "Rocket lands near {state} embassy in {city}",
    "Bomb explodes outside {state} consulate in {city}",
    "Gunmen shoot at {state} embassy car in {city}",
    "Protesters throw stones at {state} embassy in {city}",
    "Petrol bomb thrown at {state} embassy in {city}",
    "{state} diplomat kidnapped in {city}",
)
CONFIG: Final = """
receivers: [{name: desk, console: {}}, {name: night, console: {}}]
routes:
  - {match: {severity: [Extreme, Severe]}, receiver: desk, continue: true}
  - {receiver: night, quiet_hours: {from: "20:00", to: "06:00"}}
"""
PROGRAM: Final = "from alerter.cli import main; main()"


def attacks(count: int, seed: int = 7) -> Iterator[dict[str, Any]]:
    """Reports of attacks: one to four outlets report each."""
    draw = random.Random(seed)
    made = 0
    while made < count:
        city, country = draw.choice(PLACES)
        title = draw.choice(ACTS).format(state=draw.choice(STATES), city=city)
        at = START + SPAN * draw.random()
        for outlet in range(draw.randint(1, 4)):
            yield {
                "id": f"attack-{made}",
                "title": title,
                "summary": f"Police in {city}, {country}, spoke of {draw.randint(0, 5)} injured.",
                "published": (at + timedelta(minutes=17 * outlet)).isoformat(),
                "feed": f"outlet-{draw.randint(1, 30)}",
                "lang": "en",
            }
            made += 1


def invented(count: int) -> Iterator[dict[str, Any]]:
    """The harmless stream of the acceptance tests."""
    for plain in harmless(count, start=START, end=START + SPAN):
        yield {
            "id": plain.id,
            "title": plain.title,
            "summary": plain.summary,
            "published": plain.at.isoformat(),
            "feed": plain.feed,
            "lang": plain.lang,
        }


def from_file(stream: Path, count: int) -> Iterator[dict[str, Any]]:
    """News of a file, spread over the span."""
    read = [json.loads(line) for line in stream.read_text(encoding="utf-8").splitlines()]
    for number in range(count):
        turn, at = divmod(number, len(read))
        item = read[at]
        yield {
            "id": f"plain-{number}",
            "title": item.get("title") or "",
            "summary": f"{item.get('summary') or ''} [{turn}]",
            "published": (START + SPAN * number / count).isoformat(),
            "feed": f"outlet-{number % 30}",
        }


def write_items(path: Path, count: int, share: float, stream: Path | None) -> None:
    """The file, in order of time."""
    threats = round(count * share)
    plain = count - threats
    rows = list(from_file(stream, plain) if stream else invented(plain))
    rows += list(attacks(threats))[:threats]
    rows.sort(key=lambda row: row["published"])
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def measure(
    folder: Path, count: int, *, share: float, embedder: str, stream: Path | None
) -> dict[str, Any]:
    """One replay: seconds, peak memory in MB, and what came of it."""
    items, config = folder / "items.jsonl", folder / "alerter.yaml"
    write_items(items, count, share, stream)
    config.write_text(f"{CONFIG}embedder: {{use: {embedder}}}\n", encoding="utf-8")
    command = [sys.executable, "-c", PROGRAM, "--config", str(config)]
    started = time.monotonic()
    with (folder / "out.json").open("w", encoding="utf-8") as out:
        process = subprocess.Popen(
            [*command, "backtest", "--items", str(items), "--json"], stdout=out, cwd=ROOT
        )
        peaks = _watch(process)
    seconds = time.monotonic() - started
    found = json.loads((folder / "out.json").read_text(encoding="utf-8"))
    return {
        "items": count,
        "share": share,
        "stream": stream.name if stream else "invented",
        "seconds": round(seconds, 1),
        "peak_mb_main": round(peaks[0]),
        "peak_mb_all": round(peaks[1]),
        "incidents": len(found["incidents"]),
        "alerts": len(found["alerts"]),
    }


def _watch(process: subprocess.Popen[bytes]) -> tuple[float, float]:
    main = total = 0.0
    while process.poll() is None:
        own = _resident(process.pid)
        main = max(main, own)
        total = max(total, own + sum(_resident(child) for child in _children(process.pid)))
        time.sleep(0.5)
    return main, total


def _children(parent: int) -> list[int]:
    try:
        text = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [int(each) for each in text.split()]


def _resident(process: int) -> float:
    """Megabytes of a process, by proc(5)."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main(argv: Sequence[str]) -> int:
    """Measure a tenth and the whole: memory must not grow with the number of items."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--share", type=float, default=0.01)
    parser.add_argument("--embedder", default="auto")
    parser.add_argument("--stream", type=Path)
    parser.add_argument("--json", type=Path)
    wanted = parser.parse_args(argv)
    rows = []
    for count in (wanted.items // 10, wanted.items):
        with tempfile.TemporaryDirectory(prefix="alerter-bench-") as folder:
            row = measure(
                Path(folder),
                count,
                share=wanted.share,
                embedder=wanted.embedder,
                stream=wanted.stream,
            )
        rows.append(row)
        print(json.dumps(row), flush=True)
    if wanted.json:
        wanted.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return int(rows[-1]["seconds"] > GOAL_S * wanted.items / 100_000)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
