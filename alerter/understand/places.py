"""Places that a text names, with coordinates, best first."""

from __future__ import annotations

from typing import Final

from alerter.domain.mission import Place
from alerter.understand.around import BODIES
from alerter.understand.gazetteer import Name
from alerter.understand.lexicon import GATE, VIOLENCE
from alerter.understand.links import links
from alerter.understand.reading import Reading, read
from alerter.understand.text import fold

_LEAD: Final = 250  # characters: what stands here is likelier the place of the event
# What a state's name right before such a word says: whose it is, not where.
_ADJECTIVE: Final = {
    **dict.fromkeys(GATE, 1.0),
    **dict.fromkeys(VIOLENCE | {"security_forces", "war", "militant", "spying", "posting"}, 0.75),
}
_AGAIN: Final = 0.1  # worth of another mention: what is named often is the topic, not the place
_FROM: Final = 6  # characters: ' from '
_MOST: Final = 8  # places answered: more are a list, not a report


def places(text: str, lang: str) -> tuple[Place, ...]:
    """The cities and states that a text names, likeliest place of the event first.

    Cities have coordinates; a state has none. Each place stands once.
    """
    reading = read(text, lang)
    weights: dict[tuple[str, str | None], float] = {}
    first: dict[tuple[str, str | None], Name] = {}
    for name in reading.names:
        if name.code in BODIES:
            continue
        key = (name.code, name.city.name if name.city else None)
        first.setdefault(key, name)
        again = _AGAIN if key in weights else 0.0
        weights[key] = max(weights.get(key, 0.0), _weight(name, reading)) + again
    ranked = sorted(weights, key=lambda key: -weights[key])
    return tuple(_place(first[key]) for key in ranked[:_MOST])


def _weight(name: Name, reading: Reading) -> float:
    """Cities before states, the lead before the rest, what stands near a mission before all."""
    weight = 1.0 + 1.0 * (name.city is not None) + 0.5 * (name.start < _LEAD)
    head = fold(reading.text[max(0, name.start - 16) : name.start]).split()[-2:]
    weight += 1.0 * any(word in links(reading.lang).within for word in head)
    following = reading.text[name.end : name.end + 2]
    for hit in reading.hits:
        if 0 <= hit.start - name.end <= 1 and following[:1] in {" ", "-"}:
            weight -= _ADJECTIVE.get(hit.concept, 0.0)
        if head[-1:] == ["from"] and hit.concept in GATE and 0 <= name.start - hit.end <= _FROM:
            weight -= 2.0  # 'peacekeepers from Niger'
    if following[:1] == "-":
        weight -= 1.0  # 'Iran-backed', 'US-Luftangriff'
    near = any(abs(name.start - hit.start) < 80 for hit in reading.gate)
    return weight + 0.5 * near


def _place(name: Name) -> Place:
    city = name.city
    if city is None:
        return Place(text=name.surface, country=name.code)
    return Place(
        text=name.surface, country=city.country, city=city.name, lat=city.lat, lon=city.lon
    )
