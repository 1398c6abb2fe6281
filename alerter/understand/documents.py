"""Whole documents under a label of one's own: what each sentence says, and what the whole does.

A document answers yes where at least one of its sentences does (multiple-instance learning,
Dietterich et al. 1997; the soft maximum is that of Ray and Craven 2005). Words, pairs of words and
pairs of concepts count as present or absent, each weighed by how much oftener documents with a
yes hold it (naive Bayes features in a linear model, Wang and Manning 2012). With numpy alone: what
is learned is fitted in `fit_documents`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from alerter.understand.features import WORD_BITS, Matrix, hash_words, weighted_rows, words_of
from alerter.understand.items import Read
from alerter.understand.lexicon import Hit
from alerter.understand.text import normalise, sentences

DOCUMENT: Final = "document"  # a part that weighs the document as one, its beginning apart
SENTENCE: Final = "sentence"  # a part that looks for the sentence that answers
KINDS: Final = frozenset({DOCUMENT, SENTENCE})
DOCUMENT_BITS: Final = WORD_BITS + 1  # the second half holds what the beginning says
MAX_SENTENCES: Final = 60  # a longer text is judged by its beginning
LEAD: Final = 2  # sentences that are the beginning: where news puts what is new

Buckets = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One document as buckets: those of each sentence (at least one sentence, maybe empty)."""

    sentences: tuple[Buckets, ...]

    @property
    def whole(self) -> Buckets:
        """What any of its sentences says."""
        return _united(self.sentences)

    @property
    def marked(self) -> Buckets:
        """What any sentence says, and once more, apart, what the first ones say."""
        lead = (bucket + (1 << WORD_BITS) for bucket in _united(self.sentences[:LEAD]))
        return (*self.whole, *lead)


def page_of(read: Read) -> Page:
    """The sentences of an item as buckets; its title is the first of them."""
    found = tuple(_buckets(text, hits) for text, hits in _sentences(read))
    return Page(found[:MAX_SENTENCES] or ((),))


def _sentences(read: Read) -> Iterator[tuple[str, Sequence[Hit]]]:
    if read.item.title:
        yield from zip((read.item.title,), read.title.sentences, strict=True)
    if read.item.lead:
        split = sentences(read.item.lead, read.lang)
        for sentence, hits in zip(split, read.lead.sentences, strict=True):
            yield sentence.text, hits


def _buckets(text: str, hits: Sequence[Hit]) -> Buckets:
    """Words, pairs of neighbours, concepts and pairs of concepts of one sentence."""
    found = set(hash_words(words_of(normalise(text).text)))
    concepts = sorted({hit.concept for hit in hits})
    found.update(_named(f"<{concept}>") for concept in concepts)
    found.update(_named(f"<{one}><{other}>") for one, other in combinations(concepts, 2))
    return tuple(sorted(found))


def _named(name: str) -> int:
    return crc32(name.encode()) & ((1 << WORD_BITS) - 1)


def _united(parts: Sequence[Buckets]) -> Buckets:
    return tuple(sorted({bucket for part in parts for bucket in part}))


def page_margin(
    part: Mapping[str, Any], pages: Sequence[Page], arrays: Mapping[str, NDArray[Any]]
) -> Matrix:
    """The decision function of a part of either kind, one value for each page."""
    name = part["name"]
    ratio, weights = arrays[f"{name}_ratio"], arrays[name]
    if part["kind"] == DOCUMENT:
        rows = weighted_rows((page.marked for page in pages), ratio)
        return np.asarray(rows.dot(weights) + np.float32(part["bias"]), dtype=np.float32)
    own = weighted_rows((one for page in pages for one in page.sentences), ratio).dot(weights)
    whole = weighted_rows((page.whole for page in pages), ratio).dot(arrays[f"{name}_whole"])
    answer = soft_maximum(own, starts_of(pages))
    return np.asarray(answer + whole + np.float32(part["bias"]), dtype=np.float32)


def starts_of(pages: Sequence[Page]) -> NDArray[np.int64]:
    """At which sentence, of all in a row, each page begins."""
    counts = [len(page.sentences) for page in pages]
    return np.concatenate(([0], np.cumsum(counts[:-1]))).astype(np.int64)


def soft_maximum(margins: NDArray[Any], starts: NDArray[np.int64]) -> NDArray[Any]:
    """The log of the sum of the odds of a page's sentences: one sure sentence is enough."""
    return np.asarray(np.logaddexp.reduceat(margins, starts))
