"""The life of the daemon: the only file that knows APScheduler, signals and systemd.

The scheduler is only a clock: it calls the steps of the flow; what is due stands in the database.
A step that fails is logged and tried again at its next tick. systemd's watchdog hears from us only
while the steps make progress.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import structlog
from apscheduler.events import EVENT_JOB_MISSED, JobEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from alerter import systemd
from alerter.config.load import load
from alerter.config.settings import AlerterSettings
from alerter.domain.errors import AlerterError
from alerter.pipeline.flow import STEPS, Flow
from alerter.pipeline.progress import STUCK_AFTER, Progress
from alerter.store import Store
from alerter.web.server import WebServer

log = structlog.get_logger()

TICKS: Final = {
    "poll": timedelta(seconds=1),
    "assess": timedelta(seconds=1),
    "enrich": timedelta(seconds=1),
    "fold": timedelta(seconds=1),
    "deliver": timedelta(seconds=1),
    "tend": timedelta(seconds=5),
}
STOP_WITHIN: Final = timedelta(seconds=30)


class Daemon:
    """Builds everything, runs it until told to stop, swaps settings when told to reload."""

    def __init__(self, path: Path, *, clock: Callable[[], datetime] | None = None) -> None:
        self._path = path
        self._clock = clock or (lambda: datetime.now(UTC))
        self._stop = threading.Event()
        self._reload = threading.Event()
        self._wake = threading.Event()
        self._running = {step: threading.Lock() for step in STEPS}
        self.progress = Progress()

    def run(self) -> None:
        """Run until SIGTERM or SIGINT. Raises AlerterError when it cannot start."""
        settings = load(self._path)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        with ExitStack() as stack:
            store = Store.open(settings.state)
            stack.callback(store.close)
            self._flow = Flow.open(settings, store, poll_wait=TICKS["poll"])
            stack.callback(self._close_flow)
            web = WebServer(settings, store, self.progress)
            stack.callback(web.stop)
            web.start()
            self._start_clock(stack)
            log.info("started", feeds=len(settings.feeds), web=web.url, state=store.kind)
            systemd.notify("READY=1", f"STATUS={len(settings.feeds)} feeds, console at {web.url}")
            self._wait()
            systemd.notify("STOPPING=1", "STATUS=finishing what is in hand")
        log.info("stopped")

    def _close_flow(self) -> None:
        self._flow.close()  # whichever it is by then

    def stop(self) -> None:
        """Ask `run` to come to an end; safe from any thread."""
        self._stop.set()
        self._wake.set()

    def _on_signal(self, number: int, _frame: object) -> None:
        (self._reload if number == signal.SIGHUP else self._stop).set()
        self._wake.set()

    def _wait(self) -> None:
        """The main thread: signals, reloads and the watchdog."""
        beat = systemd.watchdog_interval() or timedelta(seconds=30)
        while not self._stop.is_set():
            self._wake.wait(beat.total_seconds() / 2)
            self._wake.clear()
            if self._reload.is_set():
                self._reload.clear()
                self._swap()
            self._watch()

    def _watch(self) -> None:
        """Tell the watchdog that we live, but only if every step makes progress."""
        stuck = self.progress.stuck(self._clock())
        if stuck:
            log.error("stuck", steps=",".join(stuck), after_s=STUCK_AFTER.total_seconds())
        else:
            systemd.notify("WATCHDOG=1")

    def _start_clock(self, stack: ExitStack) -> None:
        now = self._clock()
        # It warns of every tick that finds its step at work, which is how slow steps are meant.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(len(STEPS))},
            # A late tick is run late, never dropped (the default grace of one second drops it),
            # and several late ticks are one.
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )
        scheduler.add_listener(self._on_missed, EVENT_JOB_MISSED)
        for step in STEPS:
            self.progress.ended[step] = now
            scheduler.add_job(
                self._step,
                args=[step],
                next_run_time=now,
                id=step,
                trigger="interval",
                seconds=TICKS[step].total_seconds(),
            )
        scheduler.start()
        stack.callback(self._finish, scheduler)

    def _finish(self, scheduler: BackgroundScheduler) -> None:
        """Start nothing new and give what is in hand its time to end."""
        scheduler.pause()
        until = time.monotonic() + STOP_WITHIN.total_seconds()
        for step, lock in self._running.items():
            if not lock.acquire(timeout=max(0.0, until - time.monotonic())):
                log.error("cut_short", step=step, after_s=STOP_WITHIN.total_seconds())
                os._exit(1)  # its lease runs out and the work is taken up again
        scheduler.shutdown(wait=False)

    def _step(self, step: str) -> None:
        with self._running[step]:
            started = time.monotonic()
            try:
                done = self._flow.step(step, self._clock())
            except AlerterError as error:
                self._fail(step, str(error))
            except Exception as error:  # the last line of defence: log and go on
                log.exception("step_crashed", step=step)
                self._fail(step, f"{type(error).__name__}: {error}")
            else:
                self.progress.ended[step] = self._clock()
                self.progress.failed.pop(step, None)
                if done:
                    took = round((time.monotonic() - started) * 1000)
                    log.info("step", step=step, done=done, took_ms=took)

    def _fail(self, step: str, reason: str) -> None:
        self.progress.failed[step] = reason
        log.error("step_failed", step=step, reason=reason)

    def _on_missed(self, event: JobEvent) -> None:
        self.progress.missed += 1
        log.warning("tick_missed", step=event.job_id)

    def _swap(self) -> None:
        """Take the configuration anew, whole; a bad one is refused and the old one stays."""
        systemd.notify(*systemd.reloading())
        try:
            settings = load(self._path)
            self._refuse_moves(settings)
            fresh = Flow.open(settings, self._flow.store, poll_wait=TICKS["poll"])
        except AlerterError as error:
            self.progress.reload_error = str(error)
            log.error("reload_refused", reason=str(error))
        else:
            self._exchange(fresh)
            self.progress.reload_error = ""
            log.info("reloaded", feeds=len(settings.feeds))
        systemd.notify("READY=1")

    def _refuse_moves(self, settings: AlerterSettings) -> None:
        """What a running daemon cannot change: where its state is and where it listens."""
        old = self._flow.settings
        for key, before, after in (
            ("state", old.state, settings.state),
            ("web", old.web, settings.web),
        ):
            if before != after:
                raise AlerterError(f"{key} has changed: restart to take it over")

    def _exchange(self, fresh: Flow) -> None:
        """Between two steps, never within one."""
        with ExitStack() as stack:
            for lock in self._running.values():
                stack.enter_context(lock)
            old, self._flow = self._flow, fresh
        old.close()
