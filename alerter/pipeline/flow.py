"""All steps of the flow with what they need: built once, run by a clock, a command or a test."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Self

from alerter.collect.poller import Poller
from alerter.config.settings import AlerterSettings
from alerter.notify.sender import Sender
from alerter.pipeline.assess import assess
from alerter.pipeline.deliver import deliver
from alerter.pipeline.enrich import enrich
from alerter.pipeline.fold import fold
from alerter.pipeline.poll import poll
from alerter.pipeline.tend import tend
from alerter.store import Store
from alerter.understand.assess import Assessor

BATCH: Final = 500  # articles in one go: bounds memory and the length of a transaction
HOT_FOR: Final = timedelta(days=2)  # feeds that cover a host are polled faster so long after news
BEAT_EVERY: Final = timedelta(seconds=15)  # a vital sign is a write: not one a second
STEPS: Final = ("poll", "assess", "enrich", "fold", "deliver", "tend")
PAGES: Final = 3  # whole texts in one go: a page may take as long as a feed


@dataclass(kw_only=True)
class Flow:
    """The steps over one store with one configuration. Each step may run in its own thread.

    `poll_wait` bounds how long one call of the poll step waits for slow feeds; None waits for all.
    """

    store: Store
    settings: AlerterSettings
    poller: Poller
    assessor: Assessor
    sender: Sender
    poll_wait: timedelta | None = None
    _closing: ExitStack = field(default_factory=ExitStack, init=False)
    _beaten: dict[str, datetime] = field(default_factory=dict, init=False)

    @classmethod
    def open(
        cls, settings: AlerterSettings, store: Store, *, poll_wait: timedelta | None = None
    ) -> Self:
        """Build what the steps need and make the store know the configured feeds.

        Raises ModelError when the model file is not sound, TemplateError for a template.
        """
        with ExitStack() as undo:
            poller = Poller(settings.poll)
            undo.callback(poller.close)
            sender = Sender(settings)
            undo.callback(sender.close)
            assessor = Assessor.load(settings)
            with store.begin() as tx:
                tx.feeds.sync(settings.feeds)
            flow = cls(
                store=store,
                settings=settings,
                poller=poller,
                assessor=assessor,
                sender=sender,
                poll_wait=poll_wait,
            )
            flow._closing = undo.pop_all()
        return flow

    def close(self) -> None:
        """Stop the parse workers and close connections; what is in hand must have ended."""
        self._closing.close()

    def step(self, name: str, now: datetime) -> int:
        """Do all that is due at `now` in one step; answers how much was done.

        A step that comes to its end gives a vital sign in the store: the heartbeat and other
        daemons on the same state see it.
        """
        done = self._steps[name](now)
        last = self._beaten.get(name)
        if last is None or now - last >= BEAT_EVERY:
            with self.store.begin() as tx:
                tx.vitals.beat(name, now)
            self._beaten[name] = now
        return done

    def once(self, now: datetime) -> dict[str, int]:
        """Every step over what is due, in the order of the flow, until nothing is left to do."""
        done = {"poll": self.step("poll", now)}
        done |= dict.fromkeys(("assess", "enrich", "fold"), 0)
        while self._read_some(done, now):
            pass
        while count := self.step("fold", now):
            done["fold"] += count
        done["tend"] = self.step("tend", now)
        done["deliver"] = self.step("deliver", now)
        return done

    def _read_some(self, done: dict[str, int], now: datetime) -> bool:
        """Judge, then read whole texts, which are judged again; False when nothing was left."""
        before = done["assess"] + done["enrich"]
        for name in ("assess", "enrich"):
            done[name] += self.step(name, now)
        return done["assess"] + done["enrich"] > before

    @property
    def _steps(self) -> dict[str, Callable[[datetime], int]]:
        return {
            "poll": self._poll,
            "assess": self._assess,
            "enrich": self._enrich,
            "fold": self._fold,
            "deliver": self._deliver,
            "tend": self._tend,
        }

    def _poll(self, now: datetime) -> int:
        with self.store.read() as tx:
            hot = tx.incidents.hot_hosts(now - HOT_FOR)
        return poll(
            store=self.store,
            settings=self.settings,
            poller=self.poller,
            now=now,
            wait=self.poll_wait,
            hot_hosts=hot,
        )

    def _assess(self, now: datetime) -> int:
        return assess(
            store=self.store,
            settings=self.settings,
            assessor=self.assessor,
            now=now,
            limit=BATCH,
        )

    def _enrich(self, _now: datetime) -> int:
        return enrich(store=self.store, settings=self.settings, poller=self.poller, limit=PAGES)

    def _fold(self, now: datetime) -> int:
        return fold(store=self.store, settings=self.settings, now=now, limit=BATCH)

    def _deliver(self, now: datetime) -> int:
        return deliver(store=self.store, settings=self.settings, sender=self.sender, now=now)

    def _tend(self, now: datetime) -> int:
        return tend(store=self.store, settings=self.settings, sender=self.sender, now=now)
