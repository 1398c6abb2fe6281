"""An item as the classifier sees it: what counts as title and lead, and its numbers.

A feed's title and summary are read as they are; without a summary the first sentences of the body
are the lead. The rest of a long body is read passage by passage, see `passages`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alerter.understand.concepts import NAMES, Piece, concept_row
from alerter.understand.embed import Embedder
from alerter.understand.features import (
    Matrix,
    Sparse,
    hash_letters,
    hash_words,
    weighted_rows,
    words_of,
)
from alerter.understand.language import detect
from alerter.understand.lexicon import Lexicon
from alerter.understand.text import Sentence, normalise, sentences

TITLE_CHARS: Final = 400
LEAD_CHARS: Final = 2_000
LEAD_SENTENCES: Final = 3  # of a body without summary: where news puts what is new
VECTOR_CHARS: Final = 320  # title and first sentences; the embedder's time grows with the length


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What is judged. `lang` is a hint and may be empty; `year` is that of publication."""

    title: str = ""
    lead: str = ""
    lang: str | None = None
    year: int | None = None

    @property
    def vector_text(self) -> str:
        """What the embedder gets: title and the beginning of the lead."""
        return ". ".join(part for part in (self.title, self.lead) if part)[:VECTOR_CHARS]


@dataclass(frozen=True, slots=True)
class Read:
    """An item with its language, its sentences and concepts, and the hashes of its words."""

    item: Item
    lang: str
    title: Piece
    lead: Piece
    words: tuple[str, ...]
    word_hashes: Sequence[int]
    concepts: NDArray[np.float32]

    @property
    def named(self) -> set[str]:
        """All concepts of the item."""
        return self.title.concepts | self.lead.concepts


def head_of(
    title: str, summary: str, body: str, *, lang: str | None = None, year: int | None = None
) -> Item:
    """The item that a title, a summary and a body make; the body serves where summary is empty."""
    lead = summary.strip()
    if not lead and body:
        found = sentences(body[: 4 * LEAD_CHARS], lang)[:LEAD_SENTENCES]
        lead = " ".join(sentence.text for sentence in found)
    return Item(title=title.strip()[:TITLE_CHARS], lead=lead[:LEAD_CHARS], lang=lang, year=year)


class Reader:
    """Turns items into numbers. Holds the lexicon; may be shared between threads."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def read(self, item: Item) -> Read:
        """Language, sentences, concepts and words of one item."""
        lang = detect(f"{item.title} {item.lead}", item.lang)
        title, title_words = self._piece(item.title, lang, whole=True)
        lead, lead_words = self._piece(item.lead, lang, whole=False)
        words = tuple(title_words + lead_words)
        return Read(
            item, lang, title, lead, words, hash_words(words),
            concept_row(title, lead, year=item.year),
        )  # fmt: skip

    def _piece(self, text: str, lang: str, *, whole: bool) -> tuple[Piece, list[str]]:
        """Hits of a piece, dealt to its sentences, and its words; a title is one sentence."""
        if not text:
            return Piece(text, ()), []
        normal = normalise(text)
        hits = self._lexicon.find_in(normal, lang)
        found = [Sentence(text, 0, len(text))] if whole else sentences(text, lang)
        dealt = tuple(tuple(h for h in hits if s.start <= h.start < s.end) for s in found)
        return Piece(text, dealt), words_of(normal.text)


def word_rows(reads: Sequence[Read], idf: Matrix) -> Sparse:
    """Hashed words and pairs."""
    return weighted_rows((read.word_hashes for read in reads), idf)


def letter_rows(reads: Sequence[Read], idf: Matrix) -> Sparse:
    """Hashed letters; ten times the cost of words, so only for what passed the screen."""
    return weighted_rows((hash_letters(read.words) for read in reads), idf)


def concept_rows(reads: Sequence[Read]) -> Matrix:
    """One row of concept features for each item."""
    if not reads:
        return np.zeros((0, len(NAMES)), dtype=np.float32)
    return np.stack([read.concepts for read in reads])


def vector_rows(
    reads: Sequence[Read], embedder: Embedder, progress: Callable[[int], None] | None = None
) -> Matrix:
    """One sentence vector for each item."""
    if not reads:
        return np.zeros((0, embedder.dim), dtype=np.float32)
    rows = []
    for start in range(0, len(reads), 16):
        part = reads[start : start + 16]
        rows.append(embedder.embed([read.item.vector_text for read in part]))
        if progress is not None:
            progress(len(part))
    return np.concatenate(rows)
