"""Judge many articles in order: in batches, and in a second process where that pays."""

from __future__ import annotations

import multiprocessing
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Final, Protocol

from alerter.config.settings import AlerterSettings
from alerter.domain.article import Article
from alerter.domain.assessment import Assessment
from alerter.understand.assess import Assessor

BATCH: Final = 1024  # a larger one shares more of what each call of the model costs
REMEMBERED: Final = 4096  # texts whose vectors a worker keeps: 8 MB
AHEAD: Final = 2  # batches that wait or are judged while one is folded: bounds memory
WORKERS: Final = 2
PAYS_FROM: Final = 3000  # articles; below it a process costs more than it saves

Judged = tuple[Article, Assessment | None]


class Assesses(Protocol):
    """What judges: `understand.assess.Assessor`, or a stand-in."""

    def assess(
        self, articles: Sequence[Article], *, now: datetime, evidence: bool
    ) -> list[Assessment]:
        """One assessment for each article, in order."""


def judged_here(
    articles: Iterable[Article], assessor: Assesses, *, review: float
) -> Iterator[Judged]:
    """Each article in order; with its assessment where that may be folded: see `_judge`."""
    for batch in _batches(articles):
        yield from _paired(batch, _judge(assessor, batch, review))


def judged(
    articles: Iterable[Article], settings: AlerterSettings, *, count: int
) -> Iterator[Judged]:
    """The same with the model that the settings name; `count` says how many there are about.

    Raises ModelError where the model is not sound.
    """
    if count < PAYS_FROM:
        yield from judged_here(articles, Assessor.load(settings), review=settings.thresholds.review)
        return
    with ExitStack() as stack:
        workers = [stack.enter_context(_worker(settings)) for _ in range(WORKERS)]
        waiting: deque[_Asked] = deque()
        for batch in _batches(articles):
            waiting.append(_ask(workers, batch))
            if len(waiting) > AHEAD:
                yield from _answers(waiting.popleft())
        for asked in waiting:
            yield from _answers(asked)


def _worker(settings: AlerterSettings) -> ProcessPoolExecutor:
    # Spawned: a fork of a process that has threads may inherit a lock that nobody gives back.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(
        1, mp_context=context, initializer=_Worker.start, initargs=(settings,)
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """A batch, which worker judges each of its articles, and what they will answer."""

    batch: Sequence[Article]
    shares: Sequence[int]
    futures: Sequence[Future[list[Assessment | None]]]


def _ask(workers: Sequence[ProcessPoolExecutor], batch: Sequence[Article]) -> _Asked:
    """Each article to the worker that has its headline: it remembers what it has read before."""
    shares = [zlib.crc32(article.title.encode("utf-8", "replace")) % len(workers)
              for article in batch]  # fmt: skip
    parts: list[list[Article]] = [[] for _ in workers]
    for article, share in zip(batch, shares, strict=True):
        parts[share].append(article)
    futures = [
        worker.submit(_Worker.judge, part) for worker, part in zip(workers, parts, strict=True)
    ]
    return _Asked(batch, shares, futures)


def _answers(asked: _Asked) -> Iterator[Judged]:
    """In the order of the batch."""
    found = [iter(future.result()) for future in asked.futures]
    for article, share in zip(asked.batch, asked.shares, strict=True):
        yield article, next(found[share])


class _Worker:
    """What a judging process holds: one assessor, loaded when it starts."""

    assessor: Assesses
    review: float

    @classmethod
    def start(cls, settings: AlerterSettings) -> None:
        cls.assessor = Assessor.load(settings, remember=REMEMBERED)
        cls.review = settings.thresholds.review

    @classmethod
    def judge(cls, batch: Sequence[Article]) -> list[Assessment | None]:
        return _judge(cls.assessor, batch, cls.review)


def _judge(assessor: Assesses, batch: Sequence[Article], review: float) -> list[Assessment | None]:
    """The assessments from review on, and those that take something back; None for the rest."""
    if not batch:
        return []
    now = batch[-1].first_seen
    found = assessor.assess(batch, now=now, evidence=False)  # nobody reads it, and it costs most
    return [each if each.probability >= review or each.takes_back else None for each in found]


def _paired(batch: Sequence[Article], found: Iterable[Assessment | None]) -> Iterator[Judged]:
    return zip(batch, found, strict=True)


def _batches(articles: Iterable[Article]) -> Iterator[list[Article]]:
    each = iter(articles)
    return iter(partial(_take, each), [])


def _take(each: Iterator[Article]) -> list[Article]:
    return list(islice(each, BATCH))
