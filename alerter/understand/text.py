"""Text as the matchers see it: folded letters with a way back, and sentences of any script."""

from __future__ import annotations

import re
import unicodedata
from array import array
from dataclasses import dataclass
from typing import Final, NamedTuple

_DELETE: Final = "\0"  # stands in the folding table for 'this character vanishes'
_TABLE_LIMIT: Final = 20_000  # characters remembered; more is an attack, not a language

_ARABIC: Final = {
    **dict.fromkeys("أإآٱ", "ا"),
    **dict.fromkeys("ىیېےۍ", "ي"),
    **dict.fromkeys("ةہھەۀۃۂ", "ه"),
    "ک": "ك",
    "ؤ": "و",
    "ئ": "ي",
    "ۓ": "ي",
    "ں": "ن",
}
_LETTERS: Final = {
    "ß": "s", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "a", "œ": "o", "ð": "d", "þ": "t",
    "ə": "e", "ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y", "ħ": "h", "ŋ": "n", "ё": "е", "ґ": "г",
}  # fmt: skip
_NUKTA_LETTERS: Final = (range(0x0958, 0x0960), range(0x09DC, 0x09E0))
_NUKTAS: Final = "\u093c\u09bc"
_COMBINING_LATIN: Final = range(0x0300, 0x0370)
_SEMITIC: Final = range(0x0590, 0x0780)


class _Folds(dict[int, str]):
    """A translation table that learns each character when it first meets it."""

    def __missing__(self, code: int) -> str:
        folded = _fold(chr(code))
        if len(self) < _TABLE_LIMIT:
            self[code] = folded
        return folded


def _fold(char: str) -> str:
    """One character for one character: small, bare of accents, unified; a mark for none."""
    code = ord(char)
    category = unicodedata.category(char)
    if category == "Cf" or code in _COMBINING_LATIN or char in _NUKTAS or char == "ـ":
        return _DELETE
    if category in {"Mn", "Me"} and code in _SEMITIC:
        return _DELETE
    small = char.lower()
    wide = unicodedata.normalize("NFKC", small)
    small = wide if len(wide) == 1 else small[0]
    small = _ARABIC.get(small) or _LETTERS.get(small) or _bare(small)
    if small.isdecimal():
        return str(unicodedata.digit(small))
    return small if small.isalnum() or category[0] == "M" else " "


def _bare(char: str) -> str:
    """A Latin or Greek letter without its accents, an Indic one without its dot."""
    code = ord(char)
    has_accents = code < 0x0400 or 0x1E00 <= code < 0x2000
    if has_accents or any(code in letters for letters in _NUKTA_LETTERS):
        return unicodedata.normalize("NFD", char)[0]
    return char


_FOLDS: Final = _Folds()
_ASCII: Final = {code: _fold(chr(code)) for code in range(128)} | {0: " "}
_GAP: Final = re.compile(r"\s\s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Normal:
    """A text folded for matching: small letters, no accents, no marks, a space for each sign.

    It begins and ends with a space, so that the edges of words are spaces. `span` leads back:
    what it answers is always a valid slice of the original.
    """

    text: str
    original: str
    offsets: array[int] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the folded slice stands in the original text."""
        top = len(self.original)
        if self.offsets is None:
            return min(max(start - 1, 0), top), min(max(end - 1, 0), top)
        last = self.offsets[end - 1] + 1 if end > start else self.offsets[start]
        return min(self.offsets[start], top), min(last, top)


def normalise(text: str) -> Normal:
    """Fold a text; never fails, and keeps the way back to every character."""
    folded = text.translate(_ASCII if text.isascii() else _FOLDS)
    if _DELETE in folded or _GAP.search(text):
        return _squeezed(folded, text)
    return Normal(text=f" {folded} ", original=text)


def fold(text: str) -> str:
    """A short text folded as `normalise` folds, without the spaces around it."""
    return normalise(text).text.strip()


def _squeezed(folded: str, original: str) -> Normal:
    """Drop what vanishes and the rest of each run of blanks; note where each character was."""
    kept = [" "]
    offsets = array("i", [0])
    blank = False
    for place, char in enumerate(folded):
        if char == _DELETE or (blank and original[place].isspace()):
            continue
        blank = original[place].isspace()
        kept.append(char)
        offsets.append(place)
    kept.append(" ")
    offsets.extend((len(original), len(original)))
    return Normal(text="".join(kept), original=original, offsets=offsets)


class Sentence(NamedTuple):
    """One sentence and where it stands: `text == source[start:end]`."""

    text: str
    start: int
    end: int


_STOP: Final = re.compile(
    r"(?<![.!?…])[.!?…]++[\"'”’»)\]]*(?=\s)|[。！？]+[」』”’）]*|[؟۔।॥።]+[\"'”»)]*|\n+"
)
_ABBREVIATIONS: Final = frozenset(
    "mr mrs ms dr st sr jr prof gen lt col maj sgt capt cpl brig adm rev hon sen rep gov pres "
    "amb min dept jan feb mar apr jun jul aug sep sept oct nov dec vs etc no nos inc ltd co corp "
    "fig al ca cf approx est u.s u.k u.n e.g i.e a.m p.m d.c u.s.a eu.ua "
    "mme mlle art av bd "
    "sra srta dra dña d ud uds ee uu ee.uu "
    "bzw usw z.b d.h bzgl ca nr str abs "
    "tyś tys ul prof hab godz r m.in np dr mgr św gen płk ppłk kpt "
    "г гг ул им т.е т.д т.п др руб млн млрд тыс "
    "dkk alb tgk av no sy vb".split()
)


def sentences(text: str, lang: str | None = None) -> list[Sentence]:
    """Split into sentences; their slices are exact, in order, and cover all but blanks.

    Full stops of abbreviations, initials, ordinals (German, Polish and their like) and numbers
    do not end a sentence. A line break does.
    """
    found: list[Sentence] = []
    start = 0
    for match in _STOP.finditer(text):
        if text[match.start()] == "." and _goes_on(text, match.start(), match.end(), lang):
            continue
        start = _keep(found, text, start, match.end())
    _keep(found, text, start, len(text))
    return found


_WORD: Final = re.compile(r"\w")


def _keep(found: list[Sentence], text: str, start: int, end: int) -> int:
    """Add the slice without the blanks around it, unless it has no letter; say where it ended."""
    piece = text[start:end]
    bare = piece.strip()
    if not _WORD.search(bare):
        return end if not bare else start
    first = start + len(piece) - len(piece.lstrip())
    found.append(Sentence(bare, first, first + len(bare)))
    return end


_ORDINAL_LANGUAGES: Final = frozenset({"de", "pl", "tr", "no", "da", "cs", "hu", "fi"})


def _goes_on(text: str, stop: int, end: int, lang: str | None) -> bool:
    """Whether the sentence continues after this full stop."""
    following = text[end : end + 12].lstrip()
    if following[:1].islower():
        return True
    head = text[max(0, stop - 24) : stop]
    word = head.rsplit(None, 1)[-1].lstrip("(\"'“«[") if head.strip() else ""
    if word.isdigit():
        return lang in _ORDINAL_LANGUAGES and len(word) <= 2
    if len(word) == 1 and word.isalpha() and word.isupper():
        return True
    return word.lower() in _ABBREVIATIONS


_SMALL_RUN: Final = re.compile(r"[a-zà-öø-ÿа-яёα-ω]{3}")
_CAPITAL_RUN: Final = re.compile(r"[A-ZÀ-ÖØ-ÞА-ЯЁΑ-Ω]{2}")
_SHOUTING_SAMPLE: Final = 200  # characters: a shout is heard at once


def is_shouting(text: str) -> bool:
    """Whether a cased text is (nearly) all capitals, so that capitals say nothing."""
    sample = text[:_SHOUTING_SAMPLE]
    if len(_SMALL_RUN.findall(sample)) > 1:
        return False
    return len(_CAPITAL_RUN.findall(sample)) > 3
