"""Documents that are small and explode: refused by looking at the bytes, before any XML parser."""

from __future__ import annotations

import re
from typing import Final

from alerter.domain.errors import FeedError

MAX_ENTITIES: Final = 300  # the full set of HTML entities, declared by hand, is about 250
MAX_DEPTH: Final = 1_000  # far above any feed, even one whose <br> are never closed
_ENTITY: Final = re.compile(
    rb"<!ENTITY\s+(%\s+)?[^\s>]+\s+(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE
)
_REFERENCE: Final = re.compile(rb"[&%](?!#)[^\s;&%]+;")
_OPENING: Final = re.compile(rb"<(?:(/)|(!\[CDATA\[)|(!--)|([A-Za-z_]))")


def refuse_bombs(body: bytes) -> None:
    """Raise FeedError for entities that are made of entities and for absurd depth.

    `body` is UTF-8, or anything that writes ASCII as ASCII. Takes time with the length of the body.
    """
    _refuse_entities(body)
    if body.count(b"<") > MAX_DEPTH and _depth(body) > MAX_DEPTH:
        raise FeedError(f"elements nested more than {MAX_DEPTH} deep")


def _refuse_entities(body: bytes) -> None:
    start = body.upper().find(b"<!ENTITY", 0, 2**20)
    if start < 0:
        return
    declared = list(_ENTITY.finditer(body[start : start + 2**20]))
    if len(declared) > MAX_ENTITIES or body.count(b"<!ENTITY") > MAX_ENTITIES:
        raise FeedError(f"more than {MAX_ENTITIES} entities declared")
    for entity in declared:
        value = entity[2] or entity[3] or b""
        if _REFERENCE.search(value) or len(value) > 1000:
            raise FeedError("entities made of entities: this document may be an attack")


def _depth(body: bytes) -> int:
    """The deepest nesting. Looks only at where tags begin and end, as no bomb needs more."""
    deepest = depth = position = 0
    while match := _OPENING.search(body, position):
        position = match.end()
        if match[1]:
            depth = max(depth - 1, 0)
        elif match[4]:
            end = body.find(b">", position)
            if end < 0:
                break
            depth += body[end - 1] != 0x2F  # "/>" closes itself
            deepest = max(deepest, depth)
            position = end + 1
        else:
            mark = b"]]>" if match[2] else b"-->"
            end = body.find(mark, position)
            if end < 0:
                break
            position = end + 3
        if deepest > MAX_DEPTH:
            break
    return deepest
