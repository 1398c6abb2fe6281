"""Whose mission, and where: host and sending state of the main event of an article."""

from __future__ import annotations

from collections.abc import Sequence

from alerter.domain.mission import MissionMention, Place
from alerter.understand.mentions import BODIES, UNNAMED, mentions
from alerter.understand.places import places as places_of


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
    senders = _senders(in_title) or _senders(found[:3])
    host = _host(in_title, senders) or _host(found, senders)
    if host is None:
        host = _place(places_of(title, lang) if title else (), senders) or _place(places, senders)
    return host, senders


def _senders(found: Sequence[MissionMention]) -> tuple[str, ...]:
    """The sending states that mentions name, in their order; XX only where no other is named."""
    codes = dict.fromkeys(one.sending for one in found if one.sending)
    named = tuple(code for code in codes if code != UNNAMED)
    return named or tuple(codes)


def _host(found: Sequence[MissionMention], senders: Sequence[str]) -> str | None:
    for mention in found:
        if mention.host and (not senders or mention.sending in senders):
            return mention.host
    return None


def _place(places: Sequence[Place], senders: Sequence[str]) -> str | None:
    """The first place that is no sending state: a mission does not stand at home."""
    for place in places:
        if place.country and place.country not in (*senders, *BODIES):
            return place.country
    return None
