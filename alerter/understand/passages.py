"""The parts of an item that are judged: its head, and the best passages of a long body.

Background at the end of a story (the attack of 2012 that every report recalls) must not wake
anybody, so a passage counts less the later it stands, and not at all when it looks back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from alerter.understand.concepts import HARD, SOFT, TARGETS
from alerter.understand.items import LEAD_SENTENCES, Item
from alerter.understand.lexicon import Lexicon
from alerter.understand.text import Sentence, sentences

BODY_CHARS: Final = 20_000  # a longer body is a collection, not a report
PASSAGES: Final = 2
DISCOUNT: Final = 0.7  # log-odds that any passage is worth less than the head
LATE_DISCOUNT: Final = 1.8  # log-odds more at the very end of the body
_ACTS: Final = HARD | SOFT
_LOOKS_BACK: Final = frozenset({"past", "memoir", "trial"})


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of the body as an item of its own, and what its place costs it."""

    item: Item
    discount: float


def best_passages(
    title: str, body: str, lexicon: Lexicon, *, lang: str, year: int | None, skip_lead: bool
) -> list[Passage]:
    """Passages that name a mission and an act in one sentence, the most telling first.

    `skip_lead`: the first sentences are the lead already, because there was no summary.
    """
    found = sentences(body[:BODY_CHARS], lang)
    first = LEAD_SENTENCES if skip_lead else 0
    scored = [
        (score, number)
        for number in range(first, len(found))
        if (score := _score(lexicon, found, number, lang)) > 0
    ]
    scored.sort(key=lambda pair: (-pair[0], pair[1]))
    return [_passage(title, found, number, lang, year) for _, number in scored[:PASSAGES]]


def _score(lexicon: Lexicon, found: Sequence[Sentence], number: int, lang: str) -> float:
    concepts = {hit.concept for hit in lexicon.find(found[number].text, lang)}
    acts = concepts & _ACTS
    if not acts or not concepts & set(TARGETS) or concepts & _LOOKS_BACK:
        return 0.0
    return len(acts) + 1.0 - number / len(found)


def _passage(
    title: str, found: Sequence[Sentence], number: int, lang: str, year: int | None
) -> Passage:
    window = " ".join(sentence.text for sentence in found[number : number + 2])
    late = number / max(1, len(found) - 1)
    return Passage(
        Item(title=title, lead=window, lang=lang, year=year), DISCOUNT + LATE_DISCOUNT * late
    )


def discounted(probability: float, discount: float) -> float:
    """A probability with so many log-odds taken off."""
    bounded = min(max(probability, 1e-6), 1 - 1e-6)
    return float(1.0 / (1.0 + np.exp(-(np.log(bounded / (1 - bounded)) - discount))))
