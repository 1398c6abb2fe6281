"""What becomes of an answer: articles, the feed's state and its news of health, saved together.

Articles, the validators of the answer that brought them and the next poll are saved in one
transaction. A crash before it leaves the old validators, so the server sends everything again; a
crash after it has lost nothing.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import structlog

from alerter.collect.after import (
    Circumstances,
    after_failure,
    after_news,
    after_own_outage,
    after_unchanged,
)
from alerter.collect.fetch import FetchFailed, Unchanged
from alerter.collect.health import news_of_health
from alerter.collect.identity import Setting, Verdict
from alerter.collect.outage import Contact, is_over, own_outage
from alerter.collect.parsing import Parsed
from alerter.collect.poller import News, Outcome
from alerter.collect.split import HASH_BYTES
from alerter.config.settings import AlerterSettings
from alerter.domain.feed import OWN_LINK, FeedState, HealthChange, Rejection
from alerter.domain.scales import FeedHealth
from alerter.pipeline.intake import LONG, Taken, take_in, take_in_parts
from alerter.store import Store, Tx

log = structlog.get_logger()

_RECORD: Final = struct.Struct(f"{HASH_BYTES}s10s")  # hash of an item, id of its article
_NOTHING: Final = bytes(10)


@dataclass(frozen=True, kw_only=True)
class Saving:
    """Saves outcomes of one poll."""

    store: Store
    settings: AlerterSettings
    now: datetime
    hot_hosts: frozenset[str]

    def save(self, outcomes: Sequence[Outcome]) -> None:
        """Save answers and failures that are the feed's own, many in one transaction."""
        if not outcomes:
            return
        ahead = {each.job.state.name: self._take_ahead(each) for each in outcomes if _is_long(each)}
        quiet: list[FeedState] = []
        loud: list[FeedState] = []
        memories: dict[int, bytes] = {}
        with self.store.begin() as tx:
            for outcome in outcomes:
                early = ahead.get(outcome.job.state.name)
                after = self._save_one(tx, outcome, early, memories)
                (quiet if _is_quiet(outcome) else loud).append(after)
            self._save_states(tx, quiet=quiet, loud=loud)
            tx.feeds.remember(memories)

    def save_lost(self, outcomes: Sequence[Outcome], contacts: Collection[Contact]) -> None:
        """Save failures to reach anything; during an outage of our own nobody is blamed."""
        with self.store.read() as tx:
            noted = tx.feeds.own_link()
        was_down = noted is not None and noted.new is FeedHealth.FAILING
        if not outcomes and not was_down:
            return
        outage = own_outage(contacts, now=self.now)
        if outage is None and was_down and noted and not is_over(contacts, since=noted.at):
            outage = noted.reason
        with self.store.begin() as tx:
            if (outage is not None) is not was_down:
                self._note_own_link(tx, outage)
            states = [
                after_own_outage(each.job.state, self._at(each))
                if outage
                else self._save_one(tx, each, None, {})
                for each in outcomes
            ]
            self._save_states(tx, quiet=[], loud=states)

    def _at(self, outcome: Outcome) -> Circumstances:
        feed = outcome.job.feed
        return Circumstances(
            feed=feed,
            poll=self.settings.poll,
            took=outcome.took,
            hot=not self.hot_hosts.isdisjoint(feed.covers),
            now=self.now,
        )

    def _save_one(
        self, tx: Tx, outcome: Outcome, ahead: Taken | None, memories: dict[int, bytes]
    ) -> FeedState:
        """Save what came with an answer, and say how the feed is after it.

        What it lists is put into `memories`, to be saved with that of other feeds.
        """
        state, result, at = outcome.job.state, outcome.result, self._at(outcome)
        if isinstance(result, Unchanged):
            return after_unchanged(state, result, at)
        if isinstance(result, FetchFailed):
            return self._save_failure(tx, state, result, at)
        taken = ahead or take_in(
            tx, result.parsed.entries, feed=state.number, setting=self._setting(outcome, result)
        )
        self._reject(tx, state, result.parsed)
        before = dict(_RECORD.iter_unpack(outcome.job.memory))
        memories[state.number] = _memory(result.parsed, taken.verdicts, before)
        known = taken.known + sum(digest in before for digest in result.parsed.hashes)
        after = after_news(state, result.fetched, result.parsed, new=taken.new, known=known, at=at)
        log.info(
            "feed_polled",
            feed=state.name,
            status=after.health.value,
            entries=result.parsed.listed,
            new=taken.new,
            took_ms=after.took_ms,
        )
        return after

    def _save_failure(
        self, tx: Tx, state: FeedState, failed: FetchFailed, at: Circumstances
    ) -> FeedState:
        if failed.rejected:
            tx.feeds.reject([self._rejection(state, failed.rejected, failed.reason)])
        log.warning(
            "feed_failed", feed=state.name, reason=failed.reason, failures=state.failures + 1
        )
        return after_failure(state, failed, at)

    def _save_states(
        self, tx: Tx, *, quiet: Sequence[FeedState], loud: Sequence[FeedState]
    ) -> None:
        changes = []
        told = []
        for state in (*quiet, *loud):
            change = news_of_health(state, now=self.now)
            changes += [change] if change else []
            told.append(replace(state, told=change.new) if change else state)
        tx.feeds.save_unchanged(told[: len(quiet)])
        tx.feeds.save(told[len(quiet) :])
        tx.feeds.add_health_changes(changes)

    def _take_ahead(self, outcome: Outcome) -> Taken | None:
        """Store the articles of a very long document before its turn, in parts."""
        if not isinstance(outcome.result, News):
            return None
        return take_in_parts(
            self.store,
            outcome.result.parsed.entries,
            feed=outcome.job.state.number,
            setting=self._setting(outcome, outcome.result),
        )

    def _setting(self, outcome: Outcome, news: News) -> Setting:
        return Setting(
            feed=outcome.job.feed.name,
            lang=outcome.job.feed.lang or news.parsed.about.lang,
            now=self.now,
            first_poll=outcome.job.state.last_ok is None,
            backlog=self.settings.poll.backlog,
            listed=news.parsed.listed,
        )

    def _reject(self, tx: Tx, state: FeedState, parsed: Parsed) -> None:
        """Keep what could not be parsed."""
        tx.feeds.reject(
            [self._rejection(state, each.content, each.reason) for each in parsed.rejected]
        )

    def _rejection(self, state: FeedState, content: bytes, reason: str) -> Rejection:
        return Rejection(feed=state.name, at=self.now, reason=reason, content=content)

    def _note_own_link(self, tx: Tx, outage: str | None) -> None:
        down, up = FeedHealth.FAILING, FeedHealth.OK
        old, new = (up, down) if outage else (down, up)
        reason = outage or "our own connection works again"
        log.warning("own_link", health=new.value, reason=reason)
        change = HealthChange(feed=OWN_LINK, at=self.now, old=old, new=new, reason=reason)
        tx.feeds.add_health_changes([change])


def listed_items(memory: bytes) -> bytes:
    """The hashes of the items that a feed listed when it was last polled."""
    return b"".join(digest for digest, _ in _RECORD.iter_unpack(memory))


def listed_articles(memory: bytes) -> frozenset[str]:
    """The ids of the articles that a feed listed when it was last polled."""
    return frozenset(article.hex() for _, article in _RECORD.iter_unpack(memory))


def _is_quiet(outcome: Outcome) -> bool:
    """Whether a brief save will do: nothing changed, not even the validators."""
    state, result = outcome.job.state, outcome.result
    return (
        isinstance(result, Unchanged)
        and result.moved_to is None
        and state.moved_to is None
        and result.etag == state.etag
        and result.last_modified == state.last_modified
    )


def _is_long(outcome: Outcome) -> bool:
    return isinstance(outcome.result, News) and len(outcome.result.parsed.entries) > LONG


def _memory(parsed: Parsed, verdicts: Sequence[Verdict], before: dict[bytes, bytes]) -> bytes:
    """What the document lists now: the hash of each item, and the article it became.

    A document that was not cut has no hashes of items; its articles are kept all the same, so that
    retention knows that they are still listed.
    """
    if not parsed.hashes:
        none = bytes(HASH_BYTES)
        return b"".join(_RECORD.pack(none, bytes.fromhex(each.article_id)) for each in verdicts)
    became = before | {
        digest: bytes.fromhex(verdict.article_id)
        for digest, verdict in zip(parsed.fresh, verdicts, strict=False)
    }
    return b"".join(_RECORD.pack(digest, became.get(digest, _NOTHING)) for digest in parsed.hashes)
