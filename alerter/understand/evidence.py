"""Why an item scored as it did: the sentences that carried it, and a plain sentence.

A sentence weighs what the probability loses when it is taken away and the rest is judged by the
same model again (occlusion, Zeiler and Fergus 2014): an analyst can check it with a pencil.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from alerter.domain.assessment import Evidence
from alerter.understand.classifier import Classifier
from alerter.understand.concepts import HARD, SOFT, TARGETS
from alerter.understand.items import Item, Read, Reader
from alerter.understand.lexicon import Hit
from alerter.understand.text import sentences

MAX_SENTENCES: Final = 4  # each costs one more reading of the item
MIN_WEIGHT: Final = 0.005
_COUNTER: Final = {
    "past": "it looks back",
    "trial": "it is about a trial",
    "memoir": "it is a memoir",
    "condolence": "it is about condolences",
    "brand": "its 'ambassador' is of another kind",
    "hotel": "its 'embassy' is a hotel",
    "sport": "it is about sport",
    "entertainment": "it is about film or play",
    "meeting": "it is about a meeting",
    "appointment": "it is about an appointment",
    "visa": "it is about visas",
    "culture": "it is about culture",
    "business": "it is about business",
    "opening": "it is about opening a mission",
    "recall": "it is about recalling diplomats",
    "drill": "it is about an exercise",
    "denial": "it reports a denial",
    "accident": "it is about an accident",
    "election": "it is about an election",
}


def evidence_for(
    read: Read, probability: float, classifier: Classifier, reader: Reader
) -> tuple[Evidence, ...]:
    """The sentences of an item that the probability rests on, heaviest first; never none."""
    pieces = _pieces(read)
    if len(pieces) < 2:
        return tuple(Evidence(text=text, weight=round(probability, 3)) for text, _ in pieces)
    without = classifier.judge([reader.read(rest) for _, rest in pieces])
    weighed = [
        Evidence(text=text, weight=round(max(0.0, probability - verdict.probability), 3))
        for (text, _), verdict in zip(pieces, without, strict=True)
    ]
    weighed.sort(key=lambda one: -one.weight)
    kept = [one for one in weighed if one.weight >= MIN_WEIGHT]
    return tuple(kept or weighed[:1])


def _pieces(read: Read) -> list[tuple[str, Item]]:
    """The sentences worth trying, each with the item that is left without it."""
    item = read.item
    pieces = [(item.title, replace(item, title=""))] if item.title else []
    found = sentences(item.lead, read.lang)
    for sentence, _ in _telling(found, read.lead.sentences)[: MAX_SENTENCES - len(pieces)]:
        rest = item.lead.replace(sentence, " ", 1).strip()
        pieces.append((sentence, replace(item, lead=rest)))
    return pieces


def _telling(
    found: Sequence[tuple[str, int, int]], hits: Sequence[Sequence[Hit]]
) -> list[tuple[str, Sequence[Hit]]]:
    """Sentences in order of how many kinds of concept they name."""
    pairs = list(zip((text for text, _, _ in found), hits, strict=False))
    return sorted(pairs, key=lambda pair: -len({hit.concept for hit in pair[1]}))


def why_high(read: Read, probability: float) -> str:
    """A plain sentence on what speaks for a threat."""
    targets = _surfaces(read, TARGETS)
    acts = _surfaces(read, HARD | SOFT)
    if targets and acts:
        return f"It names {targets} together with {acts} (probability {probability:.2f})."
    if targets:
        return f"It names {targets}, and reads like reports of threats ({probability:.2f})."
    return f"It reads like reports of threats to missions (probability {probability:.2f})."


NAMELESS: Final = "Low because it names no mission, diplomat or international organisation."


def why_low(read: Read, probability: float, *, passed: bool) -> str:
    """A plain sentence on what is missing or speaks against a threat."""
    named = read.named
    missing = []
    if not named & set(TARGETS):
        missing.append("no mission, diplomat or international organisation")
    if not named & (HARD | SOFT):
        missing.append("no attack, threat, protest or closure")
    counter = [text for concept, text in _COUNTER.items() if concept in named]
    parts = []
    if missing:
        parts.append("it names " + " and ".join(missing))
    parts.extend(counter[:3])
    if not parts:
        parts.append("its words stand as in reports of routine diplomacy or of violence elsewhere")
    stage = "" if passed else " It did not pass the screen."
    return f"Low ({probability:.2f}) because {'; '.join(parts)}.{stage}"


def _surfaces(read: Read, concepts: Sequence[str] | frozenset[str]) -> str:
    """The words of the item for these concepts, at most two, as quoted text."""
    found = dict.fromkeys(
        hit.surface.strip()
        for hits in (*read.title.sentences, *read.lead.sentences)
        for hit in hits
        if hit.concept in concepts
    )
    return " and ".join(f"'{surface}'" for surface in list(found)[:2])
