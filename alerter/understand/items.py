"""An item as the classifier sees it: what counts as title and lead, and its numbers.

A feed's title and summary are read as they are; without a summary the first sentences of the body
are the lead. The rest of a long body is read passage by passage, see `passages`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alerter.understand.concepts import HARD, NAMES, SOFT, Piece, concept_row
from alerter.understand.features import (
    Matrix,
    Sparse,
    hash_letters,
    hash_words,
    weighted_rows,
    words_of,
)
from alerter.understand.language import detect
from alerter.understand.lexicon import GATE, Hit, Lexicon
from alerter.understand.text import Normal, normalise, sentences

TITLE_CHARS: Final = 400
LEAD_CHARS: Final = 2_000
LEAD_SENTENCES: Final = 3  # of a body without summary: where news puts what is new
VECTOR_CHARS: Final = 280  # title and first sentences; the embedder's time grows with the length
FOCUS_CHARS: Final = 200  # the one sentence that says most


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
class Found:
    """A text, the same folded, and the concepts in it."""

    text: str
    folded: str
    hits: tuple[Hit, ...]


class Read:
    """An item with its language and the concepts found in it; the rest is worked out when asked.

    Most items name no mission and need no more than that, so nothing else is done for them.
    Immutable to its callers; two threads that ask at once work out the same values.
    """

    def __init__(self, item: Item, lang: str, lexicon: Lexicon) -> None:
        self.item = item
        self.lang = lang
        self._lexicon = lexicon
        self._folded = (normalise(item.title), normalise(item.lead))

    @cached_property
    def names_target(self) -> bool:
        """Whether a mission, its people or vehicles, or an international body is named at all."""
        if not any(self._lexicon.may_name_target(each, self.lang) for each in self._folded):
            return False
        return any(hit.concept in GATE for hit in (*self._title.hits, *self._lead.hits))

    @cached_property
    def _title(self) -> Found:
        return self._find(self._folded[0])

    @cached_property
    def _lead(self) -> Found:
        return self._find(self._folded[1])

    def _find(self, normal: Normal) -> Found:
        if not normal.original:
            return Found("", "", ())
        hits = self._lexicon.find_in(normal, self.lang)
        return Found(normal.original, normal.text, tuple(hits))

    @cached_property
    def title(self) -> Piece:
        """The title, one sentence."""
        found = self._title
        return Piece(found.text, (found.hits,) if found.text else ())

    @cached_property
    def lead(self) -> Piece:
        """The lead, sentence by sentence."""
        found = self._lead
        split = sentences(found.text, self.lang) if found.text else ()
        dealt = (tuple(h for h in found.hits if s.start <= h.start < s.end) for s in split)
        return Piece(found.text, tuple(dealt))

    @property
    def named(self) -> set[str]:
        """All concepts of the item."""
        return {hit.concept for hit in (*self._title.hits, *self._lead.hits)}

    @property
    def denies(self) -> bool:
        """Whether something may be denied or called false in it."""
        return "denial" in self.named

    @cached_property
    def focus_text(self) -> str:
        """The sentence that says most of a mission and an act; an embedder gets it by itself.

        In a vector of the whole item what matters is thinned by what surrounds it.
        """
        pieces: list[tuple[str, Sequence[Hit]]]
        pieces = [(self._title.text, self._title.hits)] if self._title.text else []
        split = sentences(self._lead.text, self.lang) if self._lead.text else ()
        pieces += [(s.text, h) for s, h in zip(split, self.lead.sentences, strict=True)]
        if not pieces:
            return self.item.vector_text
        best = max(range(len(pieces)), key=lambda at: (_telling(pieces[at][1]) - 0.1 * at, -at))
        return pieces[best][0][:FOCUS_CHARS]

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Its words, folded."""
        return (*words_of(self._title.folded), *words_of(self._lead.folded))

    @cached_property
    def marked(self) -> tuple[str, ...]:
        """Its words with the name of the concept in place of the words that say it.

        'near', '<mission>', 'in': what is learned of one word holds for all its like, in every
        language.
        """
        return (*_marked(self._title), "<end>", *_marked(self._lead))

    @cached_property
    def word_hashes(self) -> Sequence[int]:
        """Buckets of the marked words and of pairs of neighbours."""
        return hash_words(self.marked)

    @cached_property
    def concepts(self) -> NDArray[np.float32]:
        """The concept features; `concepts.NAMES` says what each is."""
        return concept_row(self.title, self.lead, year=self.item.year)


def head_of(
    title: str, summary: str, body: str, *, lang: str | None = None, year: int | None = None
) -> Item:
    """The item that a title, a summary and a body make; the body serves where summary is empty.

    Without a title the first sentence stands for it: many feeds give nothing else.
    """
    title, summary, body = sound(title).strip(), sound(summary), sound(body)
    lead = summary.strip()
    if not lead and body:
        found = sentences(body[: 4 * LEAD_CHARS], lang)[:LEAD_SENTENCES]
        lead = " ".join(sentence.text for sentence in found)
    if not title and lead:
        first = next(iter(sentences(lead[:LEAD_CHARS], lang)), None)
        title = first.text if first else ""
        lead = lead[first.end :].strip() if first else lead
    return Item(title=title[:TITLE_CHARS], lead=lead[:LEAD_CHARS], lang=lang, year=year)


def sound(text: str) -> str:
    """The text without what no encoder takes: half of a surrogate pair, from broken JSON."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


class Reader:
    """Turns items into numbers. Holds the lexicon; may be shared between threads."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def read(self, item: Item) -> Read:
        """The item in its language; the concepts in it are looked up when they are asked for."""
        return Read(item, detect(f"{item.title} {item.lead}", item.lang), self._lexicon)


def _telling(hits: Sequence[Hit]) -> float:
    """How much a sentence says of a mission and of acts."""
    concepts = {hit.concept for hit in hits}
    return 3.0 * bool(concepts & GATE) + len(concepts & HARD) + 0.7 * len(concepts & SOFT)


def _marked(found: Found) -> list[str]:
    """The words of a text with concepts in place of what names them; the longest hit counts."""
    if not found.hits:
        return words_of(found.folded)
    words: list[str] = []
    place = 0
    for hit in sorted(found.hits, key=lambda hit: (hit.start, -hit.end)):
        if hit.start < place:
            continue
        words += words_of(normalise(found.text[place : hit.start]).text)
        words.append(f"<{hit.concept}>")
        place = hit.end
    return words + words_of(normalise(found.text[place:]).text)


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
    reads: Sequence[Read], embed: Callable[[Sequence[str]], Matrix]
) -> dict[str, Matrix]:
    """Sentence vectors of each item: of the whole (`vectors`) and of its best sentence (`focus`).

    A text that is both is embedded once.
    """
    whole = [read.item.vector_text for read in reads]
    focus = [read.focus_text for read in reads]
    unique = list(dict.fromkeys((*whole, *focus)))
    rows = embed(unique)
    at = {text: row for row, text in enumerate(unique)}
    return {
        "vectors": rows[[at[text] for text in whole]],
        "focus": rows[[at[text] for text in focus]],
    }
