"""Where a mission stands: the host state or city that the words around a mission say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from alerter.understand.around import BODIES, Around, is_host_before, is_within, touches
from alerter.understand.gazetteer import Name
from alerter.understand.lexicon import IO
from alerter.understand.text import fold

_BEHIND: Final = 6  # words between a mission and its place; farther off another thing happens there
_IN: Final = 4  # characters: ' in '
_TOGETHER: Final = 24  # characters between a state and its city: 'the Iraqi capital, Baghdad'


def host_name(around: Around, senders: Sequence[Name]) -> Name | None:
    """The host state or city as the words around a mission say; None when they do not."""
    taken = {name.start for name in senders}
    codes = {name.code for name in senders} | BODIES
    inside = next((name for name in around.inside if name.start not in taken), None)
    if inside is not None:
        return inside
    after = [one for one in around.after if one.start not in taken and one.code not in codes]
    before = [one for one in around.before if one.start not in taken and one.code not in codes]
    end = max([around.hit.end, *(name.end for name in senders)])
    return _after(after, end, around) or _before(before, around) or _bare(after, senders, around)


def _after(names: Sequence[Name], end: int, around: Around) -> Name | None:
    """'embassy in Baghdad', 'посольство в Ираке', 'ambassade à Niamey'; not far behind it."""
    for name in names:
        gap = fold(around.text[end : name.start]).split()
        if len(gap) > _BEHIND:
            return None
        if around.hit.concept in IO and gap[-1:] == ["from"]:
            continue  # 'peacekeepers from Ghana'
        if is_within(name, around, far=True) and not _is_of_a_war(name, end, around):
            return _with_city(name, around)
    return None


def _is_of_a_war(name: Name, end: int, around: Around) -> bool:
    """'accused over the war in Ukraine': the war is there, the mission need not be."""
    wars = (hit for hit in around.reading.hits if hit.concept == "war" and hit.start >= end)
    return any(0 <= name.start - hit.end <= _IN for hit in wars)


def _before(names: Sequence[Name], around: Around) -> Name | None:
    """'In Baghdad, the embassy', 'Baghdad embassy', 'काबुल में दूतावास'."""
    for name in names:
        gap = around.text[name.end : around.hit.start]
        if is_host_before(name, around) and touches(gap, around):
            return name
        if is_within(name, around, far=False) and not _is_nationality(name, gap, around):
            return _with_city(name, around)
    return None


def _is_nationality(name: Name, gap: str, around: Around) -> bool:
    """'the killing of nine Bangladeshi UN peacekeepers': a state right before, but no 'in'."""
    if around.hit.concept not in IO or name.city is not None or not touches(gap, around):
        return False
    head = fold(around.text[max(0, name.start - 12) : name.start]).split()
    return bool(head) and head[-1] not in around.links.within - around.links.of


def _bare(names: Sequence[Name], senders: Sequence[Name], around: Around) -> Name | None:
    """'US Embassy Doha': a place right after, with nothing between."""
    if not names or not senders:
        return None
    end = max(around.hit.end, *(name.end for name in senders))
    between = " ," if names[0].city is not None else " "  # 'US Embassy, Nairobi'
    return None if around.text[end : names[0].start].strip(between) else names[0]


def _with_city(name: Name, around: Around) -> Name:
    """The city instead of its state where both stand together: 'in the Iraqi capital Baghdad'."""
    if name.city is not None:
        return name
    for other in around.reading.names:
        gap = max(other.start - name.end, name.start - other.end)
        if other.city is not None and other.code == name.code and gap <= _TOGETHER:
            return other
    return name
