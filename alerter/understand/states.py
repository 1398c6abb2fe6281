"""Whose mission, and where: host and sending state of the main event of an article."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from alerter.domain.mission import MissionMention, Place
from alerter.understand.mentions import BODIES, UNNAMED, mentions
from alerter.understand.places import places as places_of
from alerter.understand.reading import read

_WEAK: Final = frozenset({UNNAMED, "UN"})


def host_and_sending(
    title: str,
    text: str,
    lang: str,
    found: Sequence[MissionMention],
    places: Sequence[Place],
) -> tuple[str | None, tuple[str, ...]]:
    """Host state (None when the text does not say) and sending states of the main event.

    `text` is the whole article (title and summary), `found` and `places` what `mentions` and
    `places` said of it. The title decides where it names a mission.
    """
    in_title = mentions(title, lang) if title else ()
    senders = _senders(in_title) or _senders(found)
    host = _host(in_title, senders) or _host(found, senders)
    if not senders or senders == (UNNAMED,):
        senders = _other_states(title, lang, host, in_title or found) or senders
    if host is None:
        host = _place(places_of(title, lang) if title else (), senders) or _place(places, senders)
    return host, senders


def _senders(found: Sequence[MissionMention]) -> tuple[str, ...]:
    """The sending states of the missions in one place; XX and UN only where no other is named."""
    main = next((one for one in found if one.sending and one.sending not in _WEAK), None)
    main = main or next((one for one in found if one.sending), None)
    if main is None:
        return ()
    beside = (one for one in found if one.sending and main.host in (None, one.host))
    codes = dict.fromkeys([main.sending, *(one.sending for one in beside)])
    named = tuple(code for code in codes if code and code not in _WEAK)
    return named or tuple(code for code in codes if code)


def _host(found: Sequence[MissionMention], senders: Sequence[str]) -> str | None:
    for mention in found:
        if mention.host and (not senders or mention.sending in senders or mention.sending is None):
            return mention.host
    return None


def _place(places: Sequence[Place], senders: Sequence[str]) -> str | None:
    """The first place that is no sending state: a mission does not stand at home."""
    for place in places:
        if place.country and place.country not in (*senders, *BODIES):
            return place.country
    return None


def _other_states(
    title: str, lang: str, host: str | None, found: Sequence[MissionMention]
) -> tuple[str, ...]:
    """The state of a title that is not the host: 'Sweden: protesters storm embassy in Baghdad'."""
    if not any(one.sending is None for one in found):
        return ()
    states = [name.code for name in read(title, lang).names if name.city is None]
    others = [code for code in states if code not in (host, *BODIES)]
    return tuple(others[:1])
