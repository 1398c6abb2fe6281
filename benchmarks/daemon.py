"""The real daemon as a child, on feeds of the local server, with a sink for what it sends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from benchmarks.measure import ROOT, Failed, Sampler, cpu_of_tree


@dataclass
class Sink:
    """A webhook that writes down what arrives, and when."""

    got: list[tuple[float, dict[str, Any]]] = field(default_factory=list)

    def __enter__(self) -> Self:
        got = self.got

        class Taker(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                got.append((time.time(), json.loads(body)))
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Taker)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def write_config(folder: Path, urls: Sequence[str], sink: str, **poll: Any) -> Path:
    """A configuration file as a user would write it. JSON is YAML."""
    config = {
        "state": f"sqlite:///{folder}/alerter.db",
        "feeds": [{"url": url, "name": f"f{number}"} for number, url in enumerate(urls)],
        "poll": {"allow_networks": ["127.0.0.0/8"], **poll},
        "receivers": [{"name": "soc", "webhook": {"url": sink}}],
        "web": {"listen": "127.0.0.1:0"},
    }
    path = folder / "alerter.yaml"
    path.write_text(json.dumps(config, indent=1))
    return path


class Daemon:
    """`alerter run` from start to SIGTERM, with its memory watched."""

    def __init__(self, config: Path) -> None:
        self._config = config
        self._log = config.with_suffix(".log")

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "alerter", "--config", str(self._config), "run"]
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self.memory = Sampler(self.process.pid, every=0.5)
        return self

    def __exit__(self, *_error: object) -> None:
        self.memory.stop()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def cpu(self) -> float:
        """CPU seconds spent so far, parse workers included. Raises Failed when it has ended."""
        if self.process.poll() is not None:
            raise Failed(f"the daemon ended:\n{self._log.read_text()[-3000:]}")
        return cpu_of_tree(self.process.pid)

    def log(self) -> list[dict[str, Any]]:
        """Its log lines that are JSON."""
        lines = self._log.read_text(errors="replace").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]
