"""Entries of one document into the store: new articles, revisions, and what was known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from alerter.collect.identity import Setting, Signs, Verdict, identify, repeated_keys, signs_of
from alerter.domain.article import Article, Entry, Known
from alerter.store import Store, Tx

LONG: Final = 1_000  # entries in one transaction: nobody waits long for the database


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The verdicts in the order of the entries, how many were new, and how many we knew."""

    verdicts: tuple[Verdict, ...] = ()
    new: int = 0
    known: int = 0


def take_in(tx: Tx, entries: Sequence[Entry], *, feed: int, setting: Setting) -> Taken:
    """Store the entries of a document of usual length."""
    signs = [signs_of(entry) for entry in entries]
    return _take(tx, signs, feed=feed, setting=setting, repeated=repeated_keys(signs))


def take_in_parts(store: Store, entries: Sequence[Entry], *, feed: int, setting: Setting) -> Taken:
    """Store the entries of a very long document, a thousand in a transaction.

    A crash in between costs nothing: the validators are saved last, so the server sends everything
    again, and what is stored by then is known.
    """
    signs = [signs_of(entry) for entry in entries]
    repeated = repeated_keys(signs)
    taken = Taken()
    for start in range(0, len(signs), LONG):
        part = signs[start : start + LONG]
        listed = replace(setting, listed=len(part))
        with store.begin() as tx:
            more = _take(tx, part, feed=feed, setting=listed, repeated=repeated)
        taken = Taken(
            verdicts=taken.verdicts + more.verdicts,
            new=taken.new + more.new,
            known=taken.known + more.known,
        )
    return taken


def _take(
    tx: Tx, signs: Sequence[Signs], *, feed: int, setting: Setting, repeated: frozenset[int]
) -> Taken:
    known = tx.articles.known(feed, (key for each in signs for key in (*each.keys, *each.common)))
    verdicts = identify(signs, known, setting=setting, repeated=repeated)
    added = _add(tx, [each for each in verdicts if each.kind == "new"], known, feed=feed)
    _revise(tx, [each for each in verdicts if each.kind == "revised"], feed=feed)
    ids = frozenset(each.id for each in known.values())
    recognised = sum(verdict.article_id in ids for verdict in verdicts)
    return Taken(verdicts=tuple(verdicts), new=added, known=recognised)


def _add(tx: Tx, verdicts: Sequence[Verdict], known: Mapping[int, Known], *, feed: int) -> int:
    """Insert new articles; those that repeat one of another feed say which."""
    if not verdicts:
        return 0
    keys = {verdict.article_id: verdict.keys for verdict in verdicts}
    articles = [_with_twin(each.article, each, known) for each in verdicts if each.article]
    return tx.articles.add_many(articles, keys, feed=feed)


def _revise(tx: Tx, verdicts: Sequence[Verdict], *, feed: int) -> None:
    articles = [verdict.article for verdict in verdicts if verdict.article is not None]
    keys = {verdict.article_id: verdict.keys for verdict in verdicts}
    tx.articles.revise(articles, keys, feed=feed)


def _with_twin(article: Article, verdict: Verdict, known: Mapping[int, Known]) -> Article:
    twin = _twin(verdict, known) if known else None
    return replace(article, same_as=twin) if twin else article


def _twin(verdict: Verdict, known: Mapping[int, Known]) -> str | None:
    for key in verdict.keys.common:
        twin = known.get(key)
        if twin is not None and twin.id != verdict.article_id:
            return twin.same_as or twin.id
    return None
