"""The step that asks feeds: claim what is due, poll, and save the answers in batches."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from alerter.collect.fetch import FetchFailed, Trouble
from alerter.collect.poller import Job, Outcome, Poller
from alerter.config.feeds import FeedSettings
from alerter.config.settings import AlerterSettings
from alerter.domain.feed import FeedState
from alerter.pipeline.polled import Saving, listed_items
from alerter.store import Store

BATCH: Final = 200  # answers in one transaction
GATHER: Final = timedelta(milliseconds=100)  # how long answers are gathered for one transaction
MARGIN: Final = timedelta(seconds=20)


def poll(
    *,
    store: Store,
    settings: AlerterSettings,
    poller: Poller,
    now: datetime,
    wait: timedelta | None = None,
    hot_hosts: Collection[str] = (),
) -> int:
    """Poll every feed that is due; answers how many were polled.

    Returns when all are done, or after `wait`: then what is still in flight is saved by the next
    call, so that a feed that hangs delays no other. `hot_hosts` are the states with an open
    incident; feeds that cover them are polled twice as often.
    """
    saving = Saving(store=store, settings=settings, now=now, hot_hosts=frozenset(hot_hosts))
    return _Polling(store=store, settings=settings, poller=poller, now=now, saving=saving).run(wait)


@dataclass(kw_only=True)
class _Polling:
    """One call of the step."""

    store: Store
    settings: AlerterSettings
    poller: Poller
    now: datetime
    saving: Saving
    _lost: list[Outcome] = field(default_factory=list, init=False)
    _start: float = field(default_factory=time.monotonic, init=False)

    def run(self, wait: timedelta | None) -> int:
        feeds = {feed.name: feed for feed in self.settings.feeds}
        done = 0
        while True:
            self._start_due(feeds)
            left = self._patience(wait)
            if not self.poller.in_flight or left <= timedelta():
                break
            outcomes = self.poller.collect(limit=BATCH, wait=left, gather=min(GATHER, left))
            done += len(outcomes)
            self._lost += [outcome for outcome in outcomes if _is_lost(outcome)]
            self.saving.save([outcome for outcome in outcomes if not _is_lost(outcome)])
        self.saving.save_lost(self._lost, self.poller.contacts)
        return done

    def _spent(self) -> timedelta:
        return timedelta(seconds=time.monotonic() - self._start)

    def _patience(self, wait: timedelta | None) -> timedelta:
        return self.settings.poll.timeout if wait is None else wait - self._spent()

    def _start_due(self, feeds: dict[str, FeedSettings]) -> None:
        """Claim no more than can be worked on soon: the rest is for others, or for later."""
        room = self.poller.room
        if not room:
            return
        with self.store.read() as tx:
            if not tx.feeds.is_any_due(self.now):
                return
        poll = self.settings.poll
        lease = 2 * (poll.timeout + poll.parse_timeout) + MARGIN
        with self.store.begin() as tx:
            claimed = tx.feeds.claim_due(self.now, room, lease + self._spent())
            memories = tx.feeds.memories([state.number for state in claimed])
        for state in claimed:
            if state.name in feeds:
                memory = memories.get(state.number, b"")
                self.poller.start(self._job(feeds[state.name], state, memory))

    def _job(self, feed: FeedSettings, state: FeedState, memory: bytes) -> Job:
        return Job(feed=feed, state=state, now=self.now, memory=memory, recall=listed_items)


def _is_lost(outcome: Outcome) -> bool:
    """Judged at the end, when it is known whether other hosts were lost too."""
    result = outcome.result
    return isinstance(result, FetchFailed) and result.trouble is Trouble.NETWORK
