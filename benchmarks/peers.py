"""Programs that others wrote for the same work, each with its own cache and its usual settings.

newsboat and sfeed come from Debian. The reader library and rss2email are Python packages, into an
environment of their own (`$BENCH_PEERS`, default ~/.cache/alerter-bench/peers), never into ours.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.measure import Cost, python, run

ENVIRONMENT: Final = Path(
    os.environ.get("BENCH_PEERS", Path.home() / ".cache" / "alerter-bench" / "peers")
)
# reader 3.26 forgets to ask for sgmllib3k
PACKAGES: Final = ("reader==3.26", "sgmllib3k==1.0.0", "rss2email==3.14")

# Run by the peers' own interpreter. Prints what the update alone took, without start and imports.
READER: Final = """
import json, resource, sys, time
from reader import make_reader
reader = make_reader(sys.argv[1] + "/reader.db")
for url in open(sys.argv[2]).read().split():
    reader.add_feed(url, exist_ok=True)
cpu, wall = time.process_time(), time.monotonic()
reader.update_feeds(scheduled=False)
cpu, wall = time.process_time() - cpu, time.monotonic() - wall
stored = reader.get_entry_counts().total
print(json.dumps({"step": "poll", "cpu": cpu, "wall": wall, "stored": stored}))
"""

# From sfeed's README, section on caching and incremental updates, as it stands there.
SFEEDRC: Final = """sfeedpath="{folder}/feeds"
fetch() {{
	etag="{folder}/etags/$(basename "$3")"
	curl \\
		-L --max-redirs 0 -H "User-Agent:" -f -s -m 15 \\
		--compressed \\
		--etag-save "${{etag}}" --etag-compare "${{etag}}" \\
		-z "${{etag}}" \\
		"$2" 2>/dev/null
}}
feeds() {{
{feeds}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A program with a folder of its own: `poll` asks all feeds once."""

    name: str
    folder: Path
    command: Sequence[str]
    env: Mapping[str, str]

    def poll(self) -> Cost:
        """Poll all feeds once, from the start of the program to its end."""
        return run(self.command, cwd=self.folder, env=self.env)


def newsboat(folder: Path, urls: Sequence[str]) -> Peer:
    """`newsboat -x reload` with one thread, its default."""
    (folder / "urls").write_text("\n".join(urls) + "\n")
    (folder / "config").write_text("reload-threads 1\n")
    files = ["-u", "urls", "-c", "cache.db", "-C", "config"]
    command = [_installed("newsboat"), *files, "-x", "reload"]
    return Peer(name="newsboat", folder=folder, command=command, env=_home(folder))


def sfeed(folder: Path, urls: Sequence[str]) -> Peer:
    """`sfeed_update` with conditional requests as its README has them."""
    for each in ("feeds", "etags"):
        (folder / each).mkdir()
    feeds = "\n".join(f'\tfeed "f{number}" "{url}"' for number, url in enumerate(urls))
    (folder / "sfeedrc").write_text(SFEEDRC.format(folder=folder, feeds=feeds))
    command = [_installed("sfeed_update"), str(folder / "sfeedrc")]
    return Peer(name="sfeed", folder=folder, command=command, env=_home(folder))


def reader(folder: Path, urls: Sequence[str]) -> Peer:
    """The reader library with its defaults; prints the cost of the update alone."""
    (folder / "urls").write_text("\n".join(urls) + "\n")
    command = [str(_environment() / "python"), "-c", READER, str(folder), "urls"]
    return Peer(name="reader", folder=folder, command=command, env=_home(folder))


def rss2email(folder: Path, urls: Sequence[str]) -> Peer:
    """`r2e run --no-send`: all of its work but the mails."""
    feeds = "".join(f"[feed.f{number}]\nurl = {url}\n" for number, url in enumerate(urls))
    head = "[DEFAULT]\nfrom = bench@example.org\nto = bench@example.org\nverbose = error\n"
    (folder / "r2e.cfg").write_text(head + feeds)
    command = [str(_environment() / "r2e"), "-c", "r2e.cfg", "-d", "r2e.json", "run", "--no-send"]
    return Peer(name="rss2email", folder=folder, command=command, env=_home(folder))


def bare(folder: Path, urls: Sequence[str]) -> Peer:
    """Our own floor, see `benchmarks.bare`."""
    (folder / "urls").write_text("\n".join(urls) + "\n")
    command = python("benchmarks.bare", folder, folder / "urls")
    paths = {"PYTHONPATH": str(Path(__file__).parent.parent)}
    return Peer(name="bare", folder=folder, command=command, env=paths)


PEERS: Final[Mapping[str, Callable[[Path, Sequence[str]], Peer]]] = {
    "newsboat": newsboat,
    "sfeed": sfeed,
    "reader": reader,
    "rss2email": rss2email,
    "bare": bare,
}


def versions() -> dict[str, str]:
    """What the peers say of themselves."""
    found = dict(package.split("==") for package in PACKAGES)
    for package in ("newsboat", "sfeed"):
        said = subprocess.run(
            ["dpkg-query", "-W", "-f", "${Version}", package],
            capture_output=True,
            text=True,
            check=False,
        )
        found[package] = said.stdout or "not installed"
    return found


def _home(folder: Path) -> dict[str, str]:
    return {"HOME": str(folder), "TERM": "dumb"}


def _installed(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise SystemExit(f"{program} is missing: apt install newsboat sfeed curl")
    return found


def _environment() -> Path:
    """The folder of programs of the peers' environment, made when it is missing."""
    programs = ENVIRONMENT / "bin"
    if not (programs / "r2e").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", ENVIRONMENT], check=True)
        install = ["-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]
        subprocess.run([programs / "python", *install, *PACKAGES], check=True)
    return programs
