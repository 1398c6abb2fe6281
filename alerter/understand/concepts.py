"""What a text says in terms of the domain: which concepts, where, in which order, how near.

Names of places and people count for nothing here, and nothing depends on the language once the
lexicon has found the concepts: what is learned from English carries over to Swahili.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alerter.understand.lexicon import CONCEPTS, Hit

Vector = NDArray[np.float32]

TARGETS: Final = ("mission", "mission_staff", "diplomatic_vehicle", "io", "io_people")
ACTS: Final = (
    "bomb", "indirect_fire", "shooting", "stabbing", "assassination", "attack", "kidnap", "storm",
    "protest", "arson", "vandalism", "threat", "bomb_threat", "foiled", "closure", "evacuation",
    "shelter", "reinforce", "raid", "harassment", "spying", "casualties", "militant", "guard",
    "security_forces", "war", "near",
)  # fmt: skip
OTHERS: Final = (
    "statement", "condemn", "condolence", "past", "trial", "meeting", "appointment", "visa",
    "recall", "sanctions", "asylum", "opening", "denial", "negation", "investigation", "claim",
    "protect", "accident", "crime", "aid",
)  # fmt: skip
HARD: Final = frozenset(
    {"bomb", "indirect_fire", "shooting", "stabbing", "assassination", "attack", "kidnap", "storm",
     "arson", "vandalism", "raid", "harassment"}
)  # fmt: skip
SOFT: Final = frozenset(
    {"threat", "bomb_threat", "foiled", "closure", "evacuation", "shelter", "reinforce", "spying",
     "protest"}
)  # fmt: skip
DEEDS: Final[Mapping[str, frozenset[str]]] = {  # what is done to somebody, or by him
    "hurt": HARD - {"kidnap", "raid", "harassment"} | {"casualties"},
    "taken": frozenset({"kidnap", "raid", "harassment"}),
    "left": frozenset({"closure", "evacuation", "shelter"}),
    "threatened": frozenset({"threat", "bomb_threat", "foiled"}),
}
VOICES: Final = frozenset({"statement", "condemn", "condolence"})
REACH: Final = 40.0  # characters over which nearness falls by e; about six words
CLOSE: Final = 15.0  # the same for subject and object of one deed
_YEAR: Final = re.compile(r"\b(?:19[3-9]\d|20[0-4]\d)\b")
_QUOTES: Final = re.compile('["“”«»„‘]')


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of an item with the concepts found in it, sentence by sentence."""

    text: str
    sentences: Sequence[Sequence[Hit]]

    @property
    def concepts(self) -> set[str]:
        """All concepts of the piece."""
        return {hit.concept for hits in self.sentences for hit in hits}


def _names() -> tuple[str, ...]:
    pairs = [f"{t}~{a}" for t in TARGETS for a in (*ACTS, *OTHERS)]
    joint = [f"hard~{a}" for a in OTHERS] + [f"target~{side}" for side in ("hard", "soft")]
    return (
        *(f"title:{c}" for c in CONCEPTS),
        *(f"lead:{c}" for c in CONCEPTS),
        *pairs,
        *(f"title:{pair}" for pair in joint),
        *joint,
        *(f"{t}>{side}" for t in TARGETS for side in ("hard", "soft")),
        *(f"{side}>{t}" for t in TARGETS for side in ("hard", "soft")),
        *(f"head:{t}&{side}" for t in TARGETS for side in ("hard", "soft")),
        *(f"{t} {way} {deed}" for t in TARGETS for way in ("before", "after") for deed in DEEDS),
        "no target", "title only", "length", "old year", "this year", "question", "quotes",
        "kinds of act", "kinds of other", "first target", "density",
    )  # fmt: skip


NAMES: Final = _names()
_AT: Final[Mapping[str, int]] = {name: index for index, name in enumerate(NAMES)}


def concept_row(title: Piece, lead: Piece, *, year: int | None = None) -> Vector:
    """The vector of a text; `NAMES` says what each number means, all between 0 and about 2."""
    row = np.zeros(len(NAMES), dtype=np.float32)
    for part, name in ((title, "title"), (lead, "lead")):
        for concept in part.concepts:
            row[_AT[f"{name}:{concept}"]] = 1.0
    for hits in title.sentences:
        _mark_sentence(row, hits, prefix="title:")
    for hits in (*title.sentences, *lead.sentences):
        _mark_sentence(row, hits, prefix="")
        _mark_deeds(row, hits)
    _mark_whole(row, title, lead, year)
    return row


def _mark_sentence(row: Vector, hits: Sequence[Hit], *, prefix: str) -> None:
    """Raise the pair features to how near the pair stands in this sentence."""
    for one in hits:
        is_target = one.concept in TARGETS
        kind = _kind(one.concept)
        if not is_target and kind != "hard":
            continue
        for other in hits:
            near = _nearness(one, other)
            if not is_target:
                _raise(row, f"{prefix}hard~{other.concept}", near)
                continue
            if not prefix:
                _raise(row, f"{one.concept}~{other.concept}", near)
            side = _kind(other.concept)
            if side:
                _raise(row, f"{prefix}target~{side}", near)
                first = f"{one.concept}>{side}" if one.start < other.start else ""
                _raise(row, first or f"{side}>{one.concept}", near)


def _mark_deeds(row: Vector, hits: Sequence[Hit]) -> None:
    """Whom a deed is done to: 'ambassador killed', 'kills peacekeepers', not 'UN says 9 killed'."""
    told = [hit.start for hit in hits if hit.concept in VOICES]
    for one in hits:
        if one.concept not in TARGETS:
            continue
        for other in hits:
            deeds = [name for name, members in DEEDS.items() if other.concept in members]
            low, high = sorted((one.start, other.start))
            if not deeds or any(low < at < high for at in told):
                continue
            way = "before" if one.start < other.start else "after"
            for deed in deeds:
                _raise(row, f"{one.concept} {way} {deed}", 2 * _nearness(one, other, CLOSE))


def _mark_whole(row: Vector, title: Piece, lead: Piece, year: int | None) -> None:
    concepts = title.concepts | lead.concepts
    for target in TARGETS:
        for side, members in (("hard", HARD), ("soft", SOFT)):
            if target in title.concepts and (title.concepts & members):
                row[_AT[f"head:{target}&{side}"]] = 1.0
    text = f"{title.text} {lead.text}"
    hits = [hit for hits in (*title.sentences, *lead.sentences) for hit in hits]
    row[_AT["no target"]] = float(not concepts & set(TARGETS))
    row[_AT["title only"]] = float(not lead.text)
    row[_AT["length"]] = math.log1p(len(text)) / 6
    row[_AT["question"]] = float("?" in title.text or "؟" in title.text)
    row[_AT["quotes"]] = float(bool(_QUOTES.search(title.text)))
    row[_AT["kinds of act"]] = min(len(concepts & (HARD | SOFT)), 6) / 3
    row[_AT["kinds of other"]] = min(len(concepts & set(OTHERS)), 6) / 3
    row[_AT["density"]] = min(2.0, 40 * len(hits) / (len(text) + 20))
    places = [hit.start for hits in title.sentences for hit in hits if hit.concept in TARGETS]
    row[_AT["first target"]] = 1 - min(places[0] / (len(title.text) + 1), 1) if places else 0
    _mark_years(row, text, year)


def _mark_years(row: Vector, text: str, year: int | None) -> None:
    years = [int(found) for found in _YEAR.findall(text)]
    if year is None:
        return
    row[_AT["old year"]] = float(any(found < year - 1 for found in years))
    row[_AT["this year"]] = float(any(found >= year for found in years))


def _kind(concept: str) -> str:
    return "hard" if concept in HARD else "soft" if concept in SOFT else ""


def _nearness(one: Hit, other: Hit, reach: float = REACH) -> float:
    gap = max(one.start - other.end, other.start - one.end, 0)
    return math.exp(-gap / reach)


def _raise(row: Vector, name: str, value: float) -> None:
    at = _AT.get(name)
    if at is not None and row[at] < value:
        row[at] = value
