"""Concepts in a text: the words of each language for mission, bomb, closure and their like.

The terms stand in `data/lexicon/<lang>.txt`, one file a language, `any.txt` for what is written alike
everywhere. An analyst extends them with a text editor; `docs/lexicon.md` explains the marks:

    [mission]                 terms of this concept follow, separated by commas, # begins a remark
    embassy, embassies        whole words
    embass*                   any letters may follow
    *botschaft*               any letters may stand before and after
    bomb~                     an ending of up to three letters may follow
    =UN                       only written exactly so (a text all in capitals aside)

One Aho-Corasick automaton per language finds all terms at once (A. V. Aho and M. J. Corasick,
"Efficient string matching", CACM 18(6), 1975); the longest term wins, so that `embassy suites`
under [hotel] hides `embassy`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from ahocorasick_rs import AhoCorasick

from alerter.domain.errors import AlerterError
from alerter.understand.text import Normal, fold, is_shouting, normalise

CONCEPTS: Final[Mapping[str, str]] = {
    "mission": "an embassy, consulate, high commission, nunciature; diplomatic quarter, green zone",
    "mission_staff": "ambassador, diplomat, consul, attaché, chargé, envoy, embassy employee",
    "diplomatic_vehicle": "a mission's car, convoy or supply convoy",
    "io": "the UN and its agencies and missions, EU, AU, OSCE, Red Cross; peacekeepers",
    "guard": "those who protect: guards, marines at the gate, police cordon",
    "security_forces": "police, army, special forces",
    "militant": "gunmen, militants, terrorists, militias, named groups",
    "bomb": "bomb, IED, blast, suicide attack, grenade, letter bomb",
    "indirect_fire": "rocket, missile, mortar, shelling, drone, air strike",
    "shooting": "shots, gunfire, shot dead",
    "stabbing": "stabbed, knife, beaten, assaulted",
    "assassination": "murder or assassination of a person",
    "attack": "attack, assault, raid by unnamed means; to target",
    "kidnap": "kidnapping, hostages, abduction, hijacking",
    "storm": "stormed, besieged, mob, broke through the gates, ransacked",
    "protest": "protest, demonstration, rally, march, sit-in",
    "arson": "set on fire, petrol bomb, torched, flag burnt",
    "vandalism": "paint, graffiti, break-in, smashed, pelted with stones or eggs",
    "threat": "threat, plot, warning, planned attack, ultimatum",
    "bomb_threat": "bomb threat, suspicious parcel or powder, hoax",
    "foiled": "foiled, thwarted, defused, intercepted",
    "closure": "closes, shuts, suspends operations, reopens",
    "evacuation": "evacuates, withdraws staff, draws down, leaves the country",
    "shelter": "shelter in place, security alert, avoid the area, travel advisory",
    "reinforce": "security stepped up, reinforcements, marines sent",
    "raid": "state agents enter, detain, expel by force, search",
    "harassment": "harassed, intimidated, followed, insulted",
    "spying": "spying, bugging, hacking, leaked cables",
    "casualties": "killed, wounded, dead, victims",
    "claim": "claims responsibility",
    "investigation": "investigation, arrest, suspect, charged, sentenced",
    "protect": "vows to protect, guarantees safety",
    "near": "near, outside, in front of, inside, the compound, the gate",
    "past": "anniversary, years ago, history, commemoration",
    "trial": "trial, verdict, court, sentenced",
    "memoir": "memoir, book, biography, documentary",
    "statement": "says, statement, spokesman",
    "condemn": "condemns, deplores",
    "condolence": "condolences, tribute, mourning, vigil",
    "negation": "not, no, never, without",
    "denial": "denies, false, rumour, fake",
    "drill": "drill, exercise, simulation, test",
    "sport": "match, cup, league, player, coach",
    "entertainment": "film, series, game, actor, song",
    "brand": "goodwill or brand ambassador and the like: hides [mission_staff]",
    "hotel": "Embassy Suites, hotels and the like: hides [mission]",
    "visa": "visas, passports, consular services",
    "appointment": "appointed, credentials, nominated, successor",
    "meeting": "meets, receives, visits, talks, summit",
    "opening": "opens, inaugurates, relocates an embassy; restores relations",
    "sanctions": "sanctions, tariffs, embargo",
    "recall": "recalls or expels diplomats, persona non grata, severs relations",
    "asylum": "asylum, refuge, fugitive, extradition",
    "accident": "road accident, crash, earthquake, flood, fire by accident, disease",
    "culture": "festival, exhibition, concert, reception, national day, scholarship",
    "business": "trade, investment, shares, company",
    "election": "vote, poll, candidate, parliament",
    "war": "war, fighting, clashes, offensive, coup",
    "urgent": "breaking, urgent, developing",
    "crime": "ordinary crime: drugs, smuggling, robbery, fraud",
}
GATE: Final = frozenset({"mission", "mission_staff", "diplomatic_vehicle", "io"})
VIOLENCE: Final = frozenset(
    {"bomb", "indirect_fire", "shooting", "stabbing", "assassination", "attack", "kidnap", "storm",
     "arson", "vandalism"}
)  # fmt: skip

DATA: Final = Path(__file__).parent / "data" / "lexicon"
_ENDING: Final = 3  # letters that may follow a term marked with ~
_SPACELESS: Final = frozenset({"zh", "ja", "th", "ko", "my", "km"})
_EVERYDAY_CAPITALS: Final = frozenset({"who", "us", "it", "is", "as", "au", "ai", "dea"})
_FAMILY: Final[Mapping[str, str]] = {
    **dict.fromkeys(("ar", "fa", "ur", "ps", "ku"), "arabic"),
    **dict.fromkeys(("ru", "uk", "bg", "sr"), "cyrillic"),
    **dict.fromkeys(("zh", "ja"), "han"),
    "ko": "hangul", "he": "hebrew", "hi": "devanagari", "bn": "bengali", "am": "ethiopic",
    "ti": "ethiopic", "el": "greek", "th": "thai",
}  # fmt: skip


def _clitics(lang: str) -> frozenset[str]:
    """The particles that a word of this language may begin with, folded."""
    if lang == "ar":
        return frozenset(
            front + article
            for front in ("", "و", "ف", "ب", "ل", "ك", "وب", "ول", "فب", "فل", "وك", "س", "ا")
            for article in ("", "ال", "ل")
        )
    if lang == "he":
        letters = "והבלכמש"
        return frozenset({"", *letters, *(a + b for a in letters for b in letters), "ומה", "ושה"})
    if lang in {"fa", "ur", "ps", "ku"}:
        return frozenset({"", "ال", "و", "ب", "مي", "نمي"})
    return frozenset({""})


class LexiconError(AlerterError):
    """A lexicon file that cannot be read as one; the message names file and line."""


class Hit(NamedTuple):
    """A concept found in a text; `surface == text[start:end]`, whole word or words."""

    concept: str
    start: int
    end: int
    surface: str


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a lexicon file: its words folded, and its marks."""

    concept: str
    words: str
    opens: bool = False  # letters may stand before
    closes: bool = False  # any letters may follow
    ending: bool = False  # up to three letters may follow
    exact: str = ""  # the only way it may be written

    @classmethod
    def parse(cls, concept: str, written: str) -> Term | None:
        """The term that a file writes so, or None when nothing but marks is left."""
        exact = written[1:] if written.startswith("=") else ""
        words = fold(exact or written)
        if not words:
            return None
        return cls(
            concept, words, written.startswith("*"), written.endswith("*"),
            written.endswith("~"), exact,
        )  # fmt: skip


def read_terms(text: str, name: str) -> Iterator[Term]:
    """The terms of a lexicon file; a concept nobody knows, or none at all, is a `LexiconError`."""
    concept = None
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.split("#", 1)[0].strip()
        if bare.startswith("[") and bare.endswith("]"):
            concept = bare[1:-1].strip()
            if concept not in CONCEPTS:
                raise LexiconError(f"{name}:{number}: unknown concept [{concept}]")
        elif bare and concept is None:
            raise LexiconError(f"{name}:{number}: a term before the first [concept]")
        elif bare and concept is not None:
            yield from filter(None, (Term.parse(concept, one.strip()) for one in bare.split(",")))


class _Automaton:
    """The terms of one language, ready to search."""

    def __init__(self, terms: Sequence[Term], lang: str) -> None:
        self._clitics = _clitics(lang)
        self._spaceless = lang in _SPACELESS
        self._by_pattern: dict[str, list[Term]] = {}
        for term in terms:
            for pattern in self._patterns(term, lang):
                self._by_pattern.setdefault(pattern, []).append(term)
        self._terms = list(self._by_pattern.values())
        self._search = AhoCorasick(list(self._by_pattern)) if self._terms else None

    def _patterns(self, term: Term, lang: str) -> Iterator[str]:
        open_left = term.opens or self._spaceless or len(self._clitics) > 1
        open_right = term.closes or term.ending or self._spaceless
        for words in _articled(term.words, lang):
            yield f"{'' if open_left else ' '}{words}{'' if open_right else ' '}"

    def find(self, normal: Normal, *, shouting: bool) -> list[Hit]:
        """All hits, longest first where they overlap, in order of the text."""
        if self._search is None:
            return []
        text = normal.text
        spans: list[tuple[int, int, Term]] = []
        for index, start, end in self._search.find_matches_as_indexes(text, overlapping=True):
            for term in self._terms[index]:
                edges = self._edges(text, start, end, term)
                if edges is not None:
                    spans.append((*edges, term))
        return _longest(spans, normal, shouting=shouting)

    def _edges(self, text: str, start: int, end: int, term: Term) -> tuple[int, int] | None:
        """The first and last letter of the word or words around a match, if its marks allow it."""
        if text[start] == " ":
            start += 1
        elif not self._spaceless:
            first = text.rfind(" ", 0, start) + 1
            if not term.opens and text[first:start] not in self._clitics:
                return None
            start = first
        if text[end - 1] == " ":
            return start, end - 1
        if self._spaceless:
            return start, end
        last = text.find(" ", end)
        if term.ending and not term.closes and last - end > _ENDING:
            return None
        return start, last


def _articled(words: str, lang: str) -> set[str]:
    """A term of several words with and without the article on the later ones (Arabic, Hebrew)."""
    article = {"ar": "ال", "he": "ה"}.get(lang)
    if article is None or " " not in words:
        return {words}
    first, *rest = words.split(" ")
    whole = {first}
    for word in rest:
        forms = {word, word.removeprefix(article), article + word.removeprefix(article)}
        whole = {f"{head} {form}" for head in whole for form in forms if form}
    return whole


def _longest(
    spans: list[tuple[int, int, Term]], normal: Normal, *, shouting: bool
) -> list[Hit]:
    """Drop what lies inside a longer term; one hit for each concept of a span."""
    spans.sort(key=lambda span: (span[0], -span[1]))
    found: dict[Hit, None] = {}
    kept_start = kept_end = -1
    for start, end, term in spans:
        if end <= kept_end and (start, end) != (kept_start, kept_end):
            continue
        first, last = normal.span(start, end)
        surface = normal.original[first:last]
        if term.exact and not _written(surface, term, shouting=shouting):
            continue
        found[Hit(term.concept, first, last, surface)] = None
        kept_start, kept_end = start, end
    return list(found)


def _written(surface: str, term: Term, *, shouting: bool) -> bool:
    """Whether a term with `=` is written as it must be; capitals prove little among capitals."""
    if surface.replace("’", "'") != term.exact:
        return False
    return not (shouting and term.words in _EVERYDAY_CAPITALS)


class Lexicon:
    """The terms of all languages; each language is read when it is first asked for.

    Safe to share between threads: at worst two build the same automaton once.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._automata: dict[str, _Automaton] = {}

    @classmethod
    def load(cls, folder: Path = DATA) -> Lexicon:
        """The lexicon in a folder of files; the one of the package by default."""
        return cls(folder)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that have a file, in alphabetical order."""
        return tuple(sorted(path.stem for path in self._folder.glob("*.txt") if path.stem != "any"))

    def find(self, text: str, lang: str) -> list[Hit]:
        """Every concept that the text names, in order; never fails on any text.

        Terms of `lang` count, and those of `any.txt`. Where they name no mission, the mission
        words of the other languages in the same script are tried: short titles are often
        taken for a neighbour language.
        """
        return self.find_in(normalise(text), lang)

    def find_in(self, normal: Normal, lang: str) -> list[Hit]:
        """`find` on a text that is folded already."""
        shouting = is_shouting(normal.original)
        hits = self._automaton(lang).find(normal, shouting=shouting)
        if any(hit.concept in GATE for hit in hits):
            return hits
        gate = self._automaton(f"gate-{_FAMILY.get(lang, 'latin')}")
        more = [hit for hit in gate.find(normal, shouting=shouting) if hit.concept in GATE]
        return sorted(hits + more, key=lambda hit: hit.start) if more else hits

    def _automaton(self, name: str) -> _Automaton:
        made = self._automata.get(name)
        if made is None:
            family = name.removeprefix("gate-")
            terms = self._gate_terms(family) if family != name else self._terms(name)
            made = self._automata[name] = _Automaton(terms, _like(name))
        return made

    def _terms(self, lang: str) -> list[Term]:
        own = self._read(lang) if lang in self.languages else self._read("en")
        return [*own, *self._read("any")]

    def _gate_terms(self, family: str) -> list[Term]:
        """Mission words, and what hides them, of all languages written in one script."""
        relevant = GATE | {"brand", "hotel"}
        return [
            term
            for lang in self.languages
            if _FAMILY.get(lang, "latin") == family
            for term in self._read(lang)
            if term.concept in relevant and len(term.words) > _ENDING
        ]

    def _read(self, lang: str) -> list[Term]:
        path = self._folder / f"{lang}.txt"
        if not path.exists():
            return []
        return list(read_terms(path.read_text(encoding="utf-8"), path.name))


def _like(name: str) -> str:
    """The language whose edges of words an automaton follows."""
    of_family = {"gate-arabic": "ar", "gate-hebrew": "he", "gate-han": "zh", "gate-hangul": "ko"}
    return of_family.get(name, name)


@cache
def shipped() -> Lexicon:
    """The lexicon of the package, loaded once."""
    return Lexicon.load()
