"""What stands around a mission word in its sentence: names, by side and nearness, and the gaps."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from alerter.understand.gazetteer import Name
from alerter.understand.lexicon import Hit
from alerter.understand.links import Links, links
from alerter.understand.reading import Reading
from alerter.understand.text import fold

BODIES: Final = frozenset({"UN", "EU"})
PRENOMINAL: Final = frozenset("en de nl sv da no tr zh ja ko hi ur fi hu bn am ti is".split())
SEMITIC: Final = frozenset({"ar", "he"})  # particles stick to the word that follows
HAN: Final = frozenset({"zh", "ja", "ko"})
BREAK: Final = re.compile(r"[;:!?()\[\]\n。；：！？،؛|]|\.\s|--|[–—]| - ")
_GENITIVE: Final = re.compile(r"^(?:['’´`]s?|:s|s['’])(?=\s|$|-)")
_GENITIVE_TR: Final = re.compile("['’]?(?:n?[iıuü]n)$")
_LOCATIVE_TR: Final = re.compile("['’]?(?:[dt][ea]|[dt]eki|[dt]aki)$")
_POSTED: Final = frozenset("驻駐在주")
_IN_PARTICLES: Final = frozenset({"ب", "ב"})
_B_ITSELF: Final = frozenset(  # names that begin with the letter that elsewhere says 'in'
    "بريطانيا برازيل بلجيكا بولندا بنغلاديش بوليفيا بلغاريا بورما باكستان بحرين "
    "בריטניה ברזיל בלגיה בולגריה בלארוס בחריין בנגלדש".split()
)
_JOIN: Final = 12  # characters between two joined names: ', and the '
_TOUCH_WORDS: Final = 3  # small words between a state and its mission
_FAR: Final = 4  # words between 'in' and the name of the place: 'in the Iraqi capital Baghdad'
_NEAR: Final = 2
_HEAD: Final = 28  # characters before a name that may hold its 'in'


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """One mission word and the names in its sentence."""

    hit: Hit
    before: tuple[Name, ...]  # nearest first
    after: tuple[Name, ...]
    inside: tuple[Name, ...]
    reading: Reading
    links: Links

    @property
    def text(self) -> str:
        """The whole text."""
        return self.reading.text

    @property
    def lang(self) -> str:
        """The language of the text."""
        return self.reading.lang

    def words_before(self, count: int) -> list[str]:
        """The last folded words before the mission word."""
        return fold(self.text[max(0, self.hit.start - 15 * count) : self.hit.start]).split()[
            -count:
        ]

    def words_after(self, count: int) -> list[str]:
        """The first folded words after the mission word."""
        return fold(self.text[self.hit.end : self.hit.end + 15 * count]).split()[:count]


def around_hit(hit: Hit, reading: Reading) -> Around:
    """The names in the sentence of a mission word, by side and nearness."""
    sentence = reading.sentence_at(hit.start)
    names = [one for one in reading.names if sentence.start <= one.start < sentence.end]
    return Around(
        hit=hit,
        before=tuple(one for one in reversed(names) if one.end <= hit.start),
        after=tuple(one for one in names if one.start >= hit.end),
        inside=tuple(one for one in names if one.start < hit.end and one.end > hit.start),
        reading=reading,
        links=links(reading.lang),
    )


def after_name(name: Name, gap: str) -> str:
    """What follows a name, without its own full stop ('U.S.') and its genitive ("'s", ':s')."""
    if "." in name.surface:
        gap = gap.removeprefix(".")
    return _GENITIVE.sub("", gap, count=1)


def touches(gap: str, around: Around) -> bool:
    """Whether nothing but small words stands between a name and the mission word."""
    if BREAK.search(gap) or "," in gap:
        return False
    if around.lang in HAN:
        bare = gap.replace(" ", "")
        return not bare or bare in around.links.between
    words = fold(gap).split()
    return len(words) <= _TOUCH_WORDS and all(word in around.links.between for word in words)


def joins(gap: str, around: Around) -> bool:
    """Whether two names are joined: 'US and British', 'النرويج والفلبين'."""
    if not gap.strip():
        return around.lang in SEMITIC and len(gap) == 1
    small = around.links.joining | around.links.of
    fits = len(gap) <= _JOIN and not BREAK.search(gap)
    return fits and all(word in small for word in fold(gap).split())


def is_host_before(name: Name, around: Around) -> bool:
    """Whether a name right before a mission word is the host's.

    'Baghdad embassy', 'Bağdat Büyükelçiliği', '驻伊拉克大使馆', 'its Ukraine embassy'.
    """
    if around.lang in HAN:
        return around.text[max(0, name.start - 1) : name.start] in _POSTED
    head = fold(around.text[max(0, name.start - 8) : name.start]).split()
    if head and head[-1] in around.links.own:
        return True
    if name.city is None:
        return False
    if around.lang == "tr":
        return not _GENITIVE_TR.search(_word(name, around))
    return not (name.city.capital and re.match(r"['’]s\b", around.text[name.end :]))


def is_within(name: Name, around: Around, *, far: bool) -> bool:
    """Whether the words around a name say 'there': before it, after it, or at its end."""
    head = around.text[max(0, name.start - _HEAD) : name.start]
    if around.lang == "tr":
        return bool(_LOCATIVE_TR.search(_word(name, around)))
    if _says_there_after(name, around) or in_particle(name, around):
        return True
    if around.lang in HAN:
        return head[-1:] in _POSTED
    words = fold(re.split(r"[,，،]", BREAK.split(head)[-1])[-1]).split()
    return any(word in around.links.within for word in words[-(_FAR if far else _NEAR) :])


def _word(name: Name, around: Around) -> str:
    """A name with the ending that an apostrophe parts from it: "Bağdat'taki"."""
    return around.text[name.start :].split(None, 1)[0] if name.surface else ""


def _says_there_after(name: Name, around: Around) -> bool:
    """'काबुल में', 'کابل میں', '이라크 주재': a word after the name says 'there'."""
    tail = around.text[name.end : name.end + 12]
    word = tail.strip() if around.lang in HAN else (fold(tail).split() or [""])[0]
    return any(word.startswith(after) for after in around.links.after)


def in_particle(name: Name, around: Around) -> bool:
    """Whether a name in Arabic or Hebrew begins with the particle that says 'in': 'בריאד'."""
    if around.lang not in SEMITIC:
        return False
    word = fold(name.surface)
    start = around.text.rfind(" ", 0, name.start) + 1
    front = fold(around.text[start : name.start])
    if front:
        return front[:1] in _IN_PARTICLES
    if name.city is not None and fold(name.city.name)[:1] == "b":
        return False  # 'بغداد' begins so itself
    return word[:1] in _IN_PARTICLES and word not in _B_ITSELF
