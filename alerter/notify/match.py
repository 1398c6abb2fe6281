"""Does a matter match what a route, a silence or an inhibition asks for? Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from alerter.config.routes import Match
from alerter.notify.matter import Matter


def matches(match: Match, matter: Matter) -> bool:
    """Whether every key that is given holds. An empty match holds for everything."""
    return mismatch(match, matter) is None


def mismatch(match: Match, matter: Matter) -> str | None:
    """The first key that does not hold, in a sentence; None when all hold.

    Lists mean any of them, except that `not` turns its whole match round. A value that is not
    known matches no list: what is not known to be in Iraq is not sent as if it were.
    """
    for key, asked, found in _listed(match, matter):
        if asked and not set(asked) & set(found):
            return f"{key} {_words(found)} is not {_words(asked)}"
    return _too_far(match, matter) or _too_unsure(match, matter) or _excluded(match, matter)


def _listed(match: Match, matter: Matter) -> Iterable[tuple[str, Sequence[str], Sequence[str]]]:
    yield "mission", match.mission, matter.mission_ids
    yield "host", match.host, _known(matter.host)
    yield "sending", match.sending, matter.sending
    yield "city", _folded(match.city), _folded(matter.cities)
    yield "category", _texts(match.category), _known(matter.category)
    yield "severity", _texts(match.severity), _known(matter.severity)
    yield "urgency", _texts(match.urgency), _known(matter.urgency)
    yield "certainty", _texts(match.certainty), _known(matter.certainty)
    yield "reason", _texts(match.reason), _known(matter.reason)
    yield "language", match.language, matter.langs
    yield "feed", match.feed, matter.feeds


def _too_far(match: Match, matter: Matter) -> str | None:
    """Distance is to the posts that the same match names, or to any of the user's."""
    if match.within is None:
        return None
    near = {
        mission: km
        for mission, km in matter.distances.items()
        if not match.mission or mission in match.mission
    }
    if not near:
        return "no distance to a post is known"
    mission, km = min(near.items(), key=lambda item: item[1])
    if km <= match.within:
        return None
    return f"{km:.0f} km from {mission} is more than {match.within:g} km"


def _too_unsure(match: Match, matter: Matter) -> str | None:
    if match.probability is None or (matter.probability or 0.0) >= match.probability:
        return None
    if matter.probability is None:
        return f"it has no probability, {match.probability:g} is asked"
    return f"probability {matter.probability:.2f} is below {match.probability:g}"


def _excluded(match: Match, matter: Matter) -> str | None:
    if match.not_ is not None and matches(match.not_, matter):
        return "it is what `not` leaves out"
    return None


def _known(value: object | None) -> tuple[str, ...]:
    return () if value is None else (str(value),)


def _texts(values: Iterable[object]) -> tuple[str, ...]:
    return tuple(str(value) for value in values)


def _folded(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(value.casefold() for value in values)


def _words(values: Sequence[str]) -> str:
    return " or ".join(values) or "unknown"
