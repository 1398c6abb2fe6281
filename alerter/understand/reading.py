"""One pass over a text, shared by all who ask about it: concepts, names, sentences."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from alerter.understand import gazetteer, lexicon
from alerter.understand.gazetteer import Name
from alerter.understand.lexicon import GATE, Hit
from alerter.understand.text import Normal, Sentence, normalise, sentences

_REMEMBERED: Final = (
    256  # texts: mentions, places and features of one article ask one after the other
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a text holds: concepts and names in its order, and its sentences."""

    text: str
    lang: str
    normal: Normal
    hits: tuple[Hit, ...]
    names: tuple[Name, ...]
    sentences: tuple[Sentence, ...]

    @property
    def gate(self) -> tuple[Hit, ...]:
        """The hits that name a mission, its people, its vehicles, or an international body."""
        return tuple(hit for hit in self.hits if hit.concept in GATE)

    def sentence_at(self, place: int) -> Sentence:
        """The sentence that a character stands in; the whole text when it stands in none."""
        for sentence in self.sentences:
            if place < sentence.end:
                return sentence
        return Sentence(self.text, 0, len(self.text))


@lru_cache(maxsize=_REMEMBERED)
def read(text: str, lang: str) -> Reading:
    """Read a text once; asked again for the same text, answers from memory. Never fails."""
    normal = normalise(text)
    return Reading(
        text=text,
        lang=lang,
        normal=normal,
        hits=tuple(lexicon.shipped().find_in(normal, lang)),
        names=tuple(gazetteer.shipped().find(normal, lang)),
        sentences=tuple(sentences(text, lang)),
    )
