"""Whole documents under a label of one's own."""

from __future__ import annotations

import numpy as np

from alerter.understand.documents import LEAD, MAX_SENTENCES, Page, page_of
from alerter.understand.features import WORD_BITS
from alerter.understand.fit_documents import WHOLE_PARTS, fit_page_part
from alerter.understand.items import Item, Reader
from alerter.understand.lexicon import shipped

TELLING, DULL = (7, 8), ((1, 2), (3,), (4, 5))


def test_one_telling_sentence_anywhere_makes_a_document_a_yes() -> None:
    """Both parts find it wherever it stands, in documents that they never saw."""
    pages = [Page((*DULL, TELLING)) if row % 2 else Page(DULL) for row in range(40)]
    labels = np.array([row % 2 for row in range(40)], dtype=np.int64)
    for part in WHOLE_PARTS:
        fitted = fit_page_part(part, pages, labels, np.ones(40))
        yes, no = fitted.margin([Page((TELLING, *DULL)), Page((*DULL, (6,)))])
        assert yes > 0 > no


def test_fitting_twice_gives_the_same_bits() -> None:
    """Equal pages, equal arrays."""
    pages = [Page((TELLING,)) if row % 2 else Page(DULL) for row in range(20)]
    labels = np.array([row % 2 for row in range(20)], dtype=np.int64)
    for part in WHOLE_PARTS:
        one, other = (fit_page_part(part, pages, labels, np.ones(20)) for _ in range(2))
        assert one.facts == other.facts
        assert all((one.arrays[name] == other.arrays[name]).all() for name in one.arrays)


def test_an_empty_document_and_an_endless_one_have_bounded_sentences() -> None:
    """At least one, at most so many; capitals say the same as small letters."""
    reader = Reader(shipped())
    assert page_of(reader.read(Item(lang="en"))).sentences == ((),)
    long = page_of(reader.read(Item(lead="A bomb went off. " * 900, lang="en")))
    assert len(long.sentences) == MAX_SENTENCES
    loud = page_of(reader.read(Item(lead="A BOMB WENT OFF.", lang="en")))
    quiet = page_of(reader.read(Item(lead="A bomb went off.", lang="en")))
    assert loud == quiet


def test_what_the_beginning_says_is_told_apart() -> None:
    """The same words later on stand only among those of the whole."""
    page = Page((*((),) * LEAD, TELLING))
    assert page.marked == page.whole == TELLING
    assert Page((TELLING,)).marked == (*TELLING, *(one + (1 << WORD_BITS) for one in TELLING))
