"""Terms with marks, and one search for all of them: what the lexicon and the states are made of.

A term is a word or several, with marks that stand for the endings and beginnings of its language:

    embassy              whole words
    embass*              any letters may follow
    *botschaft*          any letters may stand before and after
    bomb~                an ending of up to three letters may follow
    anti-*               whole word, whatever follows its hyphen
    =UN                  only written exactly so (a text all in capitals aside)
    diplomat* mission*   marks inside: each word with its own ending
    id:=AS               only in texts of that language

One Aho-Corasick automaton finds all terms at once (A. V. Aho and M. J. Corasick, "Efficient string
matching", CACM 18(6), 1975). The longest term wins where two overlap.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from ahocorasick_rs import AhoCorasick

from alerter.understand.text import Normal, fold, is_shouting

ENDING: Final = 3  # letters that may follow a term marked with ~
_SIGNS: Final = frozenset("-'’./:")  # a mark after one of these follows a whole word
_INNER_MARK: Final = re.compile(r"[^\s*~][*~]\s*[^\s*~]")  # not the mark that a term begins with
_LANGUAGE_MARK: Final = re.compile(r"([a-z]{2,3}):")
_EVERYDAY_CAPITALS: Final = frozenset({"who", "us", "it", "is", "as", "au", "ai", "ab", "car"})


class Found(NamedTuple):
    """A term in a text; `surface == text[start:end]`, whole word or words."""

    key: str
    start: int
    end: int
    surface: str


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a file: what it stands for, its words folded, and its marks."""

    key: str
    words: str
    opens: bool = False  # letters may stand before
    closes: bool = False  # any letters may follow
    ending: bool = False  # up to three letters may follow
    exact: str = ""  # the only way it may be written
    lang: str = ""  # the only language it belongs to
    shape: re.Pattern[str] | None = None  # the whole of a term with marks inside

    @classmethod
    def parse(cls, key: str, written: str) -> Term | None:
        """The term that a file writes so, or None when nothing but marks is left."""
        mark = _LANGUAGE_MARK.match(written)
        bare = written[mark.end() :] if mark else written
        if _INNER_MARK.search(bare):
            return cls._with_inner_marks(key, bare, mark.group(1) if mark else "")
        exact = bare[1:] if bare.startswith("=") else ""
        words = fold(exact or bare)
        if not words:
            return None
        return cls(
            key=key,
            words=words,
            opens=bare.startswith("*"),
            closes=bare.endswith("*") and bare[-2:-1] not in _SIGNS,
            ending=bare.endswith("~"),
            exact=exact,
            lang=mark.group(1) if mark else "",
        )

    @classmethod
    def _with_inner_marks(cls, key: str, bare: str, lang: str) -> Term | None:
        """A term whose first letters are searched for, and whose whole shape is then compared."""
        first = fold(re.split(r"[*~]", bare, maxsplit=1)[0])
        words = (re.sub(r"[^*~]+", lambda part: fold(part.group()), word) for word in bare.split())
        shape = " {1,2}".join(words).replace("*", "[^ ]*").replace("~", f"[^ ]{{0,{ENDING}}}")
        if not first:
            return None
        return cls(key=key, words=first, closes=True, lang=lang, shape=re.compile(f"{shape}(?= )"))


@dataclass(frozen=True, slots=True)
class Edges:
    """How words begin in a script: nothing, particles that stick to a word, or no words at all."""

    clitics: frozenset[str] = frozenset({""})
    article: str = ""
    spaceless: bool = False


def _arabic_clitics() -> frozenset[str]:
    fronts = ("", "و", "ف", "ب", "ل", "ك", "وب", "ول", "فب", "فل", "وك", "س", "ا")
    return frozenset(front + article for front in fronts for article in ("", "ال", "ل"))


def _hebrew_clitics() -> frozenset[str]:
    letters = "והבלכמש"
    pairs = {first + second for first in letters for second in letters}
    return frozenset({"", *letters, *pairs, "ומה", "ושה", "ושב", "שבה"})


_PLAIN: Final = Edges()
_SPACELESS: Final = Edges(spaceless=True)
_ARABIC: Final = Edges(clitics=_arabic_clitics(), article="ال")
_HEBREW: Final = Edges(clitics=_hebrew_clitics(), article="ה")
_PERSIAN: Final = Edges(clitics=frozenset({"", "ال", "و", "ب", "مي", "نمي"}))
EDGES: Final[Mapping[str, Edges]] = {
    **dict.fromkeys(("ar", "arabic"), _ARABIC),
    **dict.fromkeys(("fa", "ur", "ps", "ku"), _PERSIAN),
    **dict.fromkeys(("he", "hebrew"), _HEBREW),
    **dict.fromkeys(("zh", "ja", "th", "ko", "my", "km", "cjk", "thai"), _SPACELESS),
}
_SCRIPTS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("ar", "fa", "ur", "ps", "ku", "sd", "ug"), "arabic"),
    **dict.fromkeys(("ru", "uk", "bg", "sr", "be", "mk", "kk", "ky", "tg", "mn"), "cyrillic"),
    **dict.fromkeys(("zh", "ja", "ko"), "cjk"),
    **dict.fromkeys(("hi", "mr", "ne"), "devanagari"),
    **dict.fromkeys(("am", "ti"), "ethiopic"),
    "he": "hebrew", "bn": "bengali", "el": "greek", "th": "thai",
}  # fmt: skip


def script_of(lang: str) -> str:
    """The script that texts of a language are written in; 'latin' for those we do not know."""
    return _SCRIPTS.get(lang, "latin")


class Automaton:
    """A set of terms, ready to search. Immutable, safe to share between threads."""

    def __init__(self, terms: Sequence[Term], edges: Edges = _PLAIN) -> None:
        self._edges = edges
        by_pattern: dict[str, list[Term]] = {}
        for term in terms:
            for pattern in self._patterns(term):
                by_pattern.setdefault(pattern, []).append(term)
        self._terms = list(by_pattern.values())
        self._search = AhoCorasick(list(by_pattern)) if by_pattern else None

    def _patterns(self, term: Term) -> Iterator[str]:
        sticky = self._edges.spaceless or len(self._edges.clitics) > 1
        left = "" if term.opens or sticky else " "
        right = "" if term.closes or term.ending or self._edges.spaceless else " "
        for words in _articled(term.words, self._edges.article):
            yield f"{left}{words}{right}"

    def find(self, normal: Normal, lang: str = "") -> list[Found]:
        """All terms in the text, in its order; what lies inside a longer term is left out."""
        if self._search is None:
            return []
        text = normal.text
        spans: list[tuple[int, int, int, Term]] = []
        for index, start, end in self._search.find_matches_as_indexes(text, overlapping=True):
            for term in self._terms[index]:
                if term.lang and lang and term.lang != lang:
                    continue
                word = word_around(text, start, end, term, self._edges)
                if word is not None:
                    stem = word[1] - word[0] if term.shape else end - start
                    spans.append((word[0], -word[1], -stem, term))
        return _longest(spans, normal)


def word_around(
    text: str, start: int, end: int, term: Term, edges: Edges
) -> tuple[int, int] | None:
    """First and last letter of the word or words around a match, or None if its marks forbid it."""
    literal = start + (text[start] == " ")
    if text[start] == " ":
        start += 1
    elif not edges.spaceless:
        first = text.rfind(" ", 0, start) + 1
        if not term.opens and text[first:start] not in edges.clitics:
            return None
        start = first
    if term.shape is not None:
        whole = term.shape.match(text, literal)
        return (start, whole.end()) if whole else None
    if text[end - 1] == " ":
        return start, end - 1
    if edges.spaceless:
        return start, end
    last = text.find(" ", end)
    if term.ending and last - end > ENDING:
        return None
    return start, last


def _articled(words: str, article: str) -> set[str]:
    """A term of several words with and without the article on the later ones (Arabic, Hebrew)."""
    if not article or " " not in words:
        return {words}
    first, *rest = words.split(" ")
    whole = {first}
    for word in rest:
        bare = word.removeprefix(article) or word
        whole = {f"{head} {form}" for head in whole for form in {word, bare, article + bare}}
    return whole


def _longest(spans: list[tuple[int, int, int, Term]], normal: Normal) -> list[Found]:
    """Drop what lies inside a longer term, and shorter stems of one and the same word."""
    spans.sort(key=lambda span: span[:3])
    found: dict[Found, None] = {}
    kept_start = kept_end = kept_stem = -1
    for start, negative_end, stem, term in spans:
        end = -negative_end
        same = (start, end, stem) == (kept_start, kept_end, kept_stem)
        if end <= kept_end and not same:
            continue
        first, last = normal.span(start, end)
        surface = normal.original[first:last]
        if term.exact and not _is_written(surface, term, normal.original):
            continue
        found[Found(term.key, first, last, surface)] = None
        kept_start, kept_end, kept_stem = start, end, stem
    return list(found)


def _is_written(surface: str, term: Term, text: str) -> bool:
    """Whether a term with `=` is written as it must be; capitals prove little among capitals."""
    if surface.replace("’", "'") != term.exact:
        return False
    return term.words not in _EVERYDAY_CAPITALS or not is_shouting(text)
