"""The daemon as a process: ready, working, reloading, stopping."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from string import Template

import httpx
import pytest

from tests.acceptance.world import HookSink
from tests.fakes import FeedServer, Item

PATIENCE_S = 60.0
CONFIG = """
state: sqlite:///$state
feeds:
  - {url: "$feeds/post.xml", name: daily-post, every: 1s}
poll: {every: 1s, floor: 1s, allow_networks: [127.0.0.0/8]}
receivers:
  - {name: soc, webhook: {url: "$hook"}}
web: {listen: "127.0.0.1:0"}
"""


class Running:
    """`alerter run`, with a socket where systemd would listen."""

    def __init__(self, folder: Path, config: str) -> None:
        self.config = folder / "alerter.yaml"
        self.config.write_text(config, encoding="utf-8")
        self._notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notices.bind(str(folder / "notify"))
        self._notices.settimeout(PATIENCE_S)
        self.log = (folder / "log").open("w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "alerter", "--config", str(self.config), "run"],
            env={**os.environ, "NOTIFY_SOCKET": str(folder / "notify")},
            stderr=self.log,
        )
        self.ready = ""

    def notice(self, word: str) -> str:
        """Wait until systemd is told `word`."""
        while True:
            text = self._notices.recv(4096).decode()
            if word in text:
                return text

    def logged(self) -> list[dict[str, object]]:
        """Every line so far."""
        self.log.seek(0)
        return [json.loads(line) for line in self.log if line.startswith("{")]

    def close(self) -> None:
        """End it, whatever state it is in."""
        self.process.kill()
        self.process.wait()
        self._notices.close()
        self.log.close()


@pytest.fixture
def feeds() -> Iterator[FeedServer]:
    """One feed with old news."""
    with FeedServer() as server:
        server.feed("/post.xml", Item("Bread gets dearer", guid="1"), etag=True)
        yield server


@pytest.fixture
def hooks() -> Iterator[HookSink]:
    """A webhook sink."""
    with HookSink() as sink:
        yield sink


@pytest.fixture
def daemon(tmp_path: Path, feeds: FeedServer, hooks: HookSink) -> Iterator[Running]:
    """A daemon that has told systemd that it is ready."""
    text = Template(CONFIG).substitute(
        state=tmp_path / "state" / "a.db", feeds=feeds.url(""), hook=hooks.url
    )
    with ExitStack() as stack:
        running = Running(tmp_path, text)
        stack.callback(running.close)
        running.ready = running.notice("READY=1")
        yield running


def console(daemon: Running) -> str:
    """Where its console is, as told to systemd."""
    return daemon.ready.split("console at ")[1].strip()


def test_it_lives(daemon: Running, feeds: FeedServer, hooks: HookSink) -> None:
    """Ready, delivers, is healthy, refuses a bad configuration, takes a good one, stops in order."""
    base = console(daemon)
    title = "Gunmen storm the Norwegian embassy in Kabul, three guards killed"
    feeds.scripts["/post.xml"].items.insert(0, Item(title, guid="2", published=datetime.now(UTC)))
    assert hooks.arrived.wait(PATIENCE_S), daemon.logged()
    assert hooks.taken[0].json["incident"]["headline"]

    health = httpx.get(f"{base}/healthz")
    assert health.status_code == 200, health.text
    page = httpx.get(base)
    assert "Norwegian embassy" in page.text
    assert "script" not in page.headers["Content-Security-Policy"]
    assert "alerter_feeds{" in httpx.get(f"{base}/metrics").text

    good = daemon.config.read_text(encoding="utf-8")
    daemon.config.write_text(good + "fedes: []\n", encoding="utf-8")
    daemon.process.send_signal(signal.SIGHUP)
    daemon.notice("RELOADING=1")
    daemon.notice("READY=1")
    assert any(line["event"] == "reload_refused" for line in daemon.logged())
    assert "unknown key" in httpx.get(base).text

    daemon.config.write_text(good.replace("every: 1s}\npoll", "every: 2s}\npoll"), "utf-8")
    daemon.process.send_signal(signal.SIGHUP)
    daemon.notice("RELOADING=1")
    daemon.notice("READY=1")
    assert any(line["event"] == "reloaded" for line in daemon.logged())

    daemon.process.send_signal(signal.SIGTERM)
    assert daemon.process.wait(PATIENCE_S) == 0
    assert daemon.logged()[-1]["event"] == "stopped"


def test_a_wrong_configuration_does_not_start(tmp_path: Path) -> None:
    """Exit status 2, and where the mistake stands."""
    (tmp_path / "a.yaml").write_text("fedes: []\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "alerter", "--config", "a.yaml", "run"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 2
    assert "a.yaml:1:1: fedes: unknown key" in done.stderr
