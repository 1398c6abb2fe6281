"""The small words between a mission and its states, by language: `data/links.txt`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from alerter.understand.text import fold

DATA: Final = Path(__file__).parent / "data"
_SECTIONS: Final = (
    "of", "in", "in after", "between", "foreign", "and", "own", "many",
    "several", "un work", "place words",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """The link words of one language, folded."""

    of: frozenset[str]
    within: frozenset[str]
    after: frozenset[str]
    between: frozenset[str]
    foreign: frozenset[str]
    joining: frozenset[str]
    own: frozenset[str]
    many: frozenset[str]
    several: frozenset[str]
    un_work: frozenset[str]
    place_words: frozenset[str]


@cache
def links(lang: str) -> Links:
    """The link words of a language; English ones for a section that it lacks."""
    table = _table()

    def words(section: str) -> frozenset[str]:
        return table.get((section, lang)) or table.get((section, "en"), frozenset())

    return Links(
        of=words("of"), within=words("in"), after=table.get(("in after", lang), frozenset()),
        between=words("between"), foreign=words("foreign"), joining=words("and"),
        own=words("own"), many=words("many"), several=table.get(("several", lang), frozenset()),
        un_work=words("un work"), place_words=words("place words"),
    )  # fmt: skip


@cache
def _table() -> Mapping[tuple[str, str], frozenset[str]]:
    found: dict[tuple[str, str], frozenset[str]] = {}
    section = ""
    for line in (DATA / "links.txt").read_text(encoding="utf-8").splitlines():
        bare = line.split("#", 1)[0].strip()
        if bare.startswith("["):
            section = bare.strip("[]")
            if section not in _SECTIONS:
                raise ValueError(f"links.txt: unknown section [{section}]")
        elif bare:
            lang, _, words = bare.partition(":")
            folded = frozenset(filter(None, (fold(word) for word in words.split(","))))
            found[section, lang.strip()] = folded
    return found


@cache
def standing_missions() -> Mapping[str, tuple[str, str]]:
    """Missions of the UN and its like that stand in one country: folded name to host, sending."""
    rows = (DATA / "un_missions.tsv").read_text(encoding="utf-8").splitlines()
    cells = (row.split("\t") for row in rows if row and not row.startswith("#"))
    return {fold(name): (host, sending) for name, host, sending in cells}
