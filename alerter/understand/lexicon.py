"""Concepts in a text: the words of each language for mission, bomb, closure and their like.

The terms stand in `data/lexicon/<lang>.txt`, one file a language, `any.txt` for what is written
alike everywhere. An analyst extends them with a text editor, see `docs/lexicon.md`: a `[concept]`
line, then terms separated by commas with the marks of `terms.py`; `#` begins a remark. A longer
term (`embassy suites` under [hotel]) hides every shorter one inside it.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from alerter.domain.errors import AlerterError
from alerter.understand import gazetteer
from alerter.understand.gazetteer import Name
from alerter.understand.links import links
from alerter.understand.terms import EDGES, ENDING, Automaton, Edges, Found, Term, script_of
from alerter.understand.text import Normal, fold, normalise

CONCEPTS: Final[Mapping[str, str]] = {
    "mission": "an embassy, consulate, high commission, nunciature; diplomatic quarter, green zone",
    "posting": "mission, post, representation: a mission where a state's name stands beside it",
    "mission_staff": "ambassador, diplomat, consul, attaché, chargé, envoy, embassy employee",
    "diplomatic_vehicle": "a mission's car, convoy or supply convoy",
    "io": "the UN and its agencies and missions, the AU, OSCE: bodies that speak",
    "io_people": "peacekeepers, UN staff, bases, camps, schools: who can be hurt",
    "aid": "aid workers, NGOs, the Red Cross: near to a mission, but none",
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
IO: Final = frozenset({"io", "io_people"})
GATE: Final = frozenset({"mission", "mission_staff", "diplomatic_vehicle"}) | IO
VIOLENCE: Final = frozenset(
    {"bomb", "indirect_fire", "shooting", "stabbing", "assassination", "attack", "kidnap", "storm",
     "arson", "vandalism"}
)  # fmt: skip

DATA: Final = Path(__file__).parent / "data" / "lexicon"
POSTING: Final = "posting"
_MAYBE: Final = GATE | {POSTING}
_TOUCH: Final = 4  # characters: a blank, or a genitive and a blank
_OF: Final = 9  # characters: " of the "
_GENITIVE: Final = re.compile(r"\.?(?:['’]s?|:s)?[\s-]*")
_HIDING: Final = frozenset({"brand", "hotel"})


class LexiconError(AlerterError):
    """A lexicon file that cannot be read as one; the message names file and line."""


class Hit(NamedTuple):
    """A concept found in a text; `surface == text[start:end]`, whole word or words."""

    concept: str
    start: int
    end: int
    surface: str


def read_terms(text: str, name: str, only: Container[str] = CONCEPTS) -> Iterator[Term]:
    """The terms of a lexicon file; a concept nobody knows, or none at all, is a `LexiconError`.

    `only` leaves out the terms of other concepts.
    """
    concept = None
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.split("#", 1)[0].strip()
        if bare.startswith("[") and bare.endswith("]"):
            concept = bare[1:-1].strip()
            if concept not in CONCEPTS:
                raise LexiconError(f"{name}:{number}: unknown concept [{concept}]")
        elif bare and concept is None:
            raise LexiconError(f"{name}:{number}: a term before the first [concept]")
        elif bare and concept is not None and concept in only:
            parsed = (Term.parse(concept, written.strip()) for written in bare.split(","))
            yield from filter(None, parsed)


def _promoted(hit: Hit, states: Sequence[Name], text: str, lang: str) -> Hit:
    """A weak word becomes a mission where a state's name touches it: 'the Chinese mission'."""
    if hit.concept != POSTING:
        return hit
    for name in states:
        before = text[name.end : hit.start] if name.end <= hit.start <= name.end + _TOUCH else "?"
        after = text[hit.end : name.start] if hit.end <= name.start <= hit.end + _OF else "?"
        if _GENITIVE.fullmatch(before) or not after.strip() or fold(after) in links(lang).of:
            return hit._replace(concept="mission")
    return hit


class Lexicon:
    """The terms of all languages; each language is read when it is first asked for.

    Safe to share between threads: at worst two build the same automaton once.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._automata: dict[str, Automaton] = {}
        names = {path.stem for path in folder.glob("*.txt")}
        self.languages: tuple[str, ...] = tuple(sorted(names - {"any"}))

    @classmethod
    def load(cls, folder: Path = DATA) -> Lexicon:
        """The lexicon in a folder of files; the one of the package by default."""
        return cls(folder)

    def find(self, text: str, lang: str) -> list[Hit]:
        """Every concept that the text names, in order; never fails on any text.

        Terms of `lang` count (of English for a language without a file), and those of `any.txt`.
        Where they name no mission, the mission words of the other languages in the same script
        are tried: short titles are often taken for a neighbour language.
        """
        return self.find_in(normalise(text), lang)

    def may_name_target(self, normal: Normal, lang: str) -> bool:
        """False only where `find_in` finds no mission, diplomat or international body.

        A quarter of its cost, since everyday words are not looked up; nearly all news ends here.
        """
        if self._of_language(lang, _MAYBE).find(normal, lang):
            return True
        return any(found.key in GATE for found in self._in_script(normal, lang))

    def find_in(self, normal: Normal, lang: str) -> list[Hit]:
        """`find` on a text that is folded already."""
        hits = [Hit._make(found) for found in self._of_language(lang).find(normal, lang)]
        if any(hit.concept == POSTING for hit in hits):
            states = gazetteer.shipped().states(normal, lang)
            hits = [_promoted(hit, states, normal.original, lang) for hit in hits]
        if any(hit.concept in GATE for hit in hits):
            return hits
        more = [Hit._make(found) for found in self._in_script(normal, lang) if found.key in GATE]
        return sorted(hits + more, key=lambda hit: hit.start) if more else hits

    def _of_language(self, lang: str, only: Container[str] = CONCEPTS) -> Automaton:
        name = lang if only is CONCEPTS else f"gate {lang}"
        made = self._automata.get(name)
        if made is None:
            own = lang if lang in self.languages else "en"
            terms = [*self.terms(own, only), *self.terms("any", only)]
            made = self._automata[name] = Automaton(terms, EDGES.get(lang, Edges()))
        return made

    def _in_script(self, normal: Normal, lang: str) -> list[Found]:
        """What the mission words of all languages in this script find."""
        return self._of_script(script_of(lang)).find(normal, lang)

    def _of_script(self, script: str) -> Automaton:
        """Mission words, and what hides them, of all languages written in one script."""
        made = self._automata.get(f"script {script}")
        if made is None:
            terms = [
                term
                for lang in self.languages
                if script_of(lang) == script
                for term in self.terms(lang, GATE | _HIDING)
                if len(term.words) > ENDING
            ]
            made = self._automata[f"script {script}"] = Automaton(terms, EDGES.get(script, Edges()))
        return made

    def terms(self, lang: str, only: Container[str] = CONCEPTS) -> list[Term]:
        """The terms of one file, of some concepts only; none for a language without a file."""
        path = self._folder / f"{lang}.txt"
        if not path.exists():
            return []
        return list(read_terms(path.read_text(encoding="utf-8"), path.name, only))


@cache
def shipped() -> Lexicon:
    """The lexicon of the package, loaded once."""
    return Lexicon.load()
