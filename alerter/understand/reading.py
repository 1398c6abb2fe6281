"""One pass over a text, shared by all who ask about it: concepts, names, sentences."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from alerter.understand import gazetteer, lexicon
from alerter.understand.gazetteer import Name
from alerter.understand.lexicon import GATE, Hit
from alerter.understand.links import links
from alerter.understand.text import Normal, Sentence, fold, normalise, sentences

_TOUCH: Final = 4  # characters: a blank, or a genitive and a blank
_OF: Final = 9  # characters: " of the "
_GENITIVE: Final = re.compile(r"\.?(?:['’]s?|:s)?[\s-]*")
_REMEMBERED: Final = 256  # texts: mentions, places and features of one article ask one after the other


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
    names = tuple(gazetteer.shipped().find(normal, lang))
    hits = (_promoted(hit, names, text, lang) for hit in lexicon.shipped().find_in(normal, lang))
    return Reading(
        text=text,
        lang=lang,
        normal=normal,
        hits=tuple(hits),
        names=names,
        sentences=tuple(sentences(text, lang)),
    )


def _promoted(hit: Hit, names: tuple[Name, ...], text: str, lang: str) -> Hit:
    """A weak word becomes a mission where a state's name touches it: 'the Chinese mission'."""
    if hit.concept != "posting":
        return hit
    for name in names:
        before = 0 <= hit.start - name.end <= _TOUCH and _GENITIVE.fullmatch(text[name.end : hit.start])
        gap = text[hit.end : name.start] if hit.end <= name.start <= hit.end + _OF else " ? "
        after = not gap.strip() or fold(gap) in links(lang).of
        if before or (after and name.city is None):
            return hit._replace(concept="mission")
    return hit
