"""What two reports can be compared by: names, numbers and meanings, in any language."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from math import sqrt
from typing import Final

from alerter.domain.mission import Place

MAX_TERMS: Final = 80  # an incident keeps its most frequent ones
WEIGHTS: Final = {"=": 1.5, "#": 1.5, "@": 1.5}
MIN_STEM: Final = 4  # a shorter stem must be the whole word
MAX_TEXT: Final = 1200  # the title and the lead carry the new fact; the rest is background
_TOKEN: Final = re.compile(r"\d+|[^\W\d_]+(?:['’-][^\W\d_]+)*")
_CJK: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")
_ARABIC_PREFIX: Final = re.compile(r"^(?:وال|بال|فال|كال|لل|ال)(?=\w{3})")
_ARABIC_PARTICLE: Final = re.compile(r"^[بلوفک](?=\w{4})")
_FOLDED: Final = str.maketrans("أإآٱىةيكەۀ", "ااااىهیکهه")


def plain(text: str) -> str:
    """Lower case without accents, Arabic vowel signs and letter variants."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_FOLDED))
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return bare.translate(_FOLDED).replace("ł", "l").replace("ı", "i").replace("\u200c", " ")


def terms_of(text: str) -> frozenset[str]:
    """The telling terms of a text: `=concept`, `#number`, and names and words as they stand."""
    folded = plain(text[:MAX_TEXT])
    tokens = _TOKEN.findall(folded)
    found = {_meaning(token) for token in tokens if not _CJK.search(token)}
    if _CJK.search(folded):
        found |= {f"={concept}" for stem, concept in _cjk_stems() if stem in folded}
        found |= {pair for token in tokens if _CJK.search(token) for pair in _pairs(token)}
    return frozenset(found - {""})


def place_terms(places: Iterable[Place]) -> frozenset[str]:
    """`@state` and `@state/city` for places: the same in every language."""
    return frozenset(
        f"@{place.country}/{place.city}" if place.city else f"@{place.country}"
        for place in places
        if place.country
    )


def likeness(terms: frozenset[str], counts: Mapping[str, int]) -> float:
    """Cosine of a report's terms and an incident's counted terms, 0 to 1."""
    if not terms or not counts:
        return 0.0
    shared = sum(_weight(term) * counts[term] for term in terms if term in counts)
    ours = sqrt(sum(_weight(term) for term in terms))
    theirs = sqrt(sum(_weight(term) * count * count for term, count in counts.items()))
    return shared / (ours * theirs)


def counted(old: Iterable[tuple[str, int]], terms: frozenset[str]) -> tuple[tuple[str, int], ...]:
    """The terms of an incident with those of one more report, most frequent first."""
    counts = Counter(dict(old))
    counts.update(terms)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(ranked[:MAX_TERMS])


def _pairs(token: str) -> list[str]:
    """Neighbouring characters: scripts without spaces have no words to compare."""
    return [token[i : i + 2] for i in range(len(token) - 1)]


def _weight(term: str) -> float:
    return WEIGHTS.get(term[0], 1.0)


@lru_cache(maxsize=50_000)
def _meaning(token: str) -> str:
    if token.isdigit():
        return f"#{int(token)}" if len(token) <= 4 else ""
    bare = _ARABIC_PREFIX.sub("", token)
    meaning = _by_stem(bare)
    if meaning is None and _ARABIC_PARTICLE.match(bare):
        meaning = _by_stem(bare[1:])
    if meaning is not None:
        return meaning
    return bare if len(bare) > 2 else ""


def _by_stem(word: str) -> str | None:
    """The concept of the longest known beginning, "" if it is to be ignored, else None."""
    stems, ignored = _stems()
    for size in range(len(word), 1, -1):
        if size < MIN_STEM and size < len(word):
            return None
        stem = word[:size]
        if stem in stems:
            return f"={stems[stem]}"
        if stem in ignored:
            return ""
    return None


@cache
def _table() -> tuple[dict[str, list[str]], list[str]]:
    text = files("alerter.incidents").joinpath("concepts.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return table["concepts"], table["ignore"]["words"]


@cache
def _stems() -> tuple[Mapping[str, str], frozenset[str]]:
    concepts, ignored = _table()
    stems = {plain(stem): concept for concept, stems in concepts.items() for stem in stems}
    return stems, frozenset(plain(word) for word in ignored)


@cache
def _cjk_stems() -> tuple[tuple[str, str], ...]:
    return tuple((stem, concept) for stem, concept in _stems()[0].items() if _CJK.search(stem))
