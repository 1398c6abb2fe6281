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
from alerter.collect.identity import Setting, Verdict, identify, signs_of
from alerter.collect.outage import Contact, is_over, own_outage
from alerter.collect.parsing import Parsed
from alerter.collect.poller import News, Outcome
from alerter.collect.split import HASH_BYTES
from alerter.config.settings import AlerterSettings
from alerter.domain.article import Known
from alerter.domain.feed import OWN_LINK, FeedState, HealthChange, Rejection
from alerter.domain.scales import FeedHealth
from alerter.store import Store, Tx
from alerter.store.articles import ALL_FEEDS

log = structlog.get_logger()

_RECORD: Final = struct.Struct(f"{HASH_BYTES}s10s")  # hash of an item, id of its article
_NOTHING: Final = bytes(10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """How many entries of a document were new, and how many of those listed we knew."""

    new: int
    known: int


@dataclass(frozen=True, kw_only=True)
class Saving:
    """Saves outcomes of one poll."""

    store: Store
    settings: AlerterSettings
    now: datetime
    hot_hosts: frozenset[str]

    def recall(self, number: int) -> bytes:
        """The hashes of the items that the last document of this feed listed."""
        with self.store.read() as tx:
            memory = tx.feeds.memory(number)
        return b"".join(digest for digest, _ in _RECORD.iter_unpack(memory))

    def save(self, outcomes: Sequence[Outcome]) -> None:
        """Save answers and failures that are the feed's own, many in one transaction."""
        if not outcomes:
            return
        quiet: list[FeedState] = []
        loud: list[FeedState] = []
        with self.store.begin() as tx:
            for outcome in outcomes:
                after = self._save_one(tx, outcome)
                (quiet if _is_quiet(outcome) else loud).append(after)
            self._save_states(tx, quiet=quiet, loud=loud)

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
                else self._save_one(tx, each)
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

    def _save_one(self, tx: Tx, outcome: Outcome) -> FeedState:
        """Save what came with an answer, and say how the feed is after it."""
        state, result, at = outcome.job.state, outcome.result, self._at(outcome)
        if isinstance(result, Unchanged):
            return after_unchanged(state, result, at)
        if isinstance(result, FetchFailed):
            return self._save_failure(tx, state, result, at)
        stored = self._store(tx, outcome, result)
        after = after_news(
            state, result.fetched, result.parsed, new=stored.new, known=stored.known, at=at
        )
        log.info(
            "feed_polled",
            feed=state.name,
            status=after.health.value,
            entries=result.parsed.listed,
            new=stored.new,
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

    def _store(self, tx: Tx, outcome: Outcome, news: News) -> Stored:
        """Articles of a document, what it listed, and what of it could not be parsed."""
        state, parsed = outcome.job.state, news.parsed
        signs = [signs_of(entry) for entry in parsed.entries]
        known = tx.articles.known(state.number, (key for each in signs for key in each.keys))
        setting = Setting(
            feed=state.name,
            lang=outcome.job.feed.lang or parsed.about.lang,
            now=self.now,
            first_poll=state.last_ok is None,
            backlog=self.settings.poll.backlog,
            listed=parsed.listed,
        )
        verdicts = identify(signs, known, setting=setting)
        added = _add(tx, [each for each in verdicts if each.kind == "new"], feed=state.number)
        _revise(tx, [each for each in verdicts if each.kind == "revised"], feed=state.number)
        tx.feeds.reject(
            [self._rejection(state, each.content, each.reason) for each in parsed.rejected]
        )
        before = dict(_RECORD.iter_unpack(tx.feeds.memory(state.number)))
        tx.feeds.remember(state.number, _memory(parsed, verdicts, before))
        remembered = sum(digest in before for digest in parsed.hashes)
        recognised = sum(verdict.article_id in _ids(known) for verdict in verdicts)
        return Stored(new=added, known=remembered + recognised)

    def _rejection(self, state: FeedState, content: bytes, reason: str) -> Rejection:
        return Rejection(feed=state.name, at=self.now, reason=reason, content=content)

    def _note_own_link(self, tx: Tx, outage: str | None) -> None:
        down, up = FeedHealth.FAILING, FeedHealth.OK
        old, new = (up, down) if outage else (down, up)
        reason = outage or "our own connection works again"
        log.warning("own_link", health=new.value, reason=reason)
        change = HealthChange(feed=OWN_LINK, at=self.now, old=old, new=new, reason=reason)
        tx.feeds.add_health_changes([change])


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


def _add(tx: Tx, verdicts: Sequence[Verdict], *, feed: int) -> int:
    """Insert new articles; those that repeat one of another feed say which."""
    if not verdicts:
        return 0
    keys = {verdict.article_id: verdict.keys for verdict in verdicts}
    twins = tx.articles.known(ALL_FEEDS, (key for each in keys.values() for key in each.common))
    articles = [
        replace(verdict.article, same_as=_twin(verdict, twins))
        for verdict in verdicts
        if verdict.article is not None
    ]
    return len(tx.articles.add_many(articles, keys, feed=feed))


def _revise(tx: Tx, verdicts: Sequence[Verdict], *, feed: int) -> None:
    articles = [verdict.article for verdict in verdicts if verdict.article is not None]
    keys = {verdict.article_id: verdict.keys for verdict in verdicts}
    tx.articles.revise(articles, keys, feed=feed)


def _twin(verdict: Verdict, twins: dict[int, Known]) -> str | None:
    for key in verdict.keys.common:
        twin = twins.get(key)
        if twin is not None and twin.id != verdict.article_id:
            return twin.same_as or twin.id
    return None


def _ids(known: dict[int, Known]) -> frozenset[str]:
    return frozenset(each.id for each in known.values())


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
