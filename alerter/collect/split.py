"""Cut a feed into its entries without parsing it, so that known entries need no parser at all.

feedparser takes 25 ms for 30 entries, and in most polls one of them is new. Here the document is
cut at its `<item>` or `<entry>` elements, each gets a hash, and only what has a new hash is put
back between the head and the tail of the document. Everything in doubt is not cut: the caller then
parses the whole. Works on UTF-8 and in time proportional to the length, whatever the bytes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

HASH_BYTES: Final = 8
MAX_FRAME: Final = 256 * 1024  # a longer head is odd, and would be parsed with each chunk
# What begins at this "<": a section that is no markup, or an item or entry, opening or closing.
_MARK: Final = re.compile(
    rb"<(?:(!\[CDATA\[)|(!--)|(/?)((?:[A-Za-z_][\w.-]*:)?(?:item|entry))[\s/>])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A document in pieces. `head` + chosen items + `tail` is again a document of the feed."""

    head: bytes
    items: tuple[bytes, ...]
    tail: bytes

    def document(self, items: Sequence[bytes]) -> bytes:
        """A document with only these items."""
        return b"".join((self.head, *items, self.tail))


def split(body: bytes) -> Parts | None:
    """The pieces of a feed in UTF-8, or None where it is in doubt how to cut it.

    In doubt are documents without items, with both items and entries, with nested ones, with a
    section that does not end, or with much text between the items.
    """
    spans = list(_spans(body))
    if not spans or spans[-1] is None:
        return None
    found = [span for span in spans if span is not None]
    between = [body[a[1] : b[0]] for a, b in pairwise(found)]
    head = b"".join((body[: found[0][0]], *(piece for piece in between if piece.strip())))
    tail = body[found[-1][1] :]
    if len(head) + len(tail) > MAX_FRAME:
        return None
    return Parts(head=head, items=tuple(body[start:end] for start, end in found), tail=tail)


def item_hash(item: bytes) -> bytes:
    """Eight bytes that stand for an item as it is written."""
    return hashlib.blake2b(item, digest_size=HASH_BYTES).digest()


def _spans(body: bytes) -> Iterator[tuple[int, int] | None]:
    """Where each item begins and ends; None last of all when in doubt."""
    name: bytes | None = None
    begun: int | None = None
    position = 0
    while match := _MARK.search(body, position):
        if match[1] or match[2]:
            position = body.find(b"]]>" if match[1] else b"-->", match.end())
            if position < 0:
                yield None
                return
            continue
        name = name or match[4]
        closing = bool(match[3])
        end = body.find(b">", match.end() - 1) + 1
        if match[4] != name or closing != (begun is not None) or not end:
            yield None
            return
        position = end
        if closing and begun is not None:
            yield begun, end
            begun = None
        elif body[end - 2 : end] == b"/>":
            yield match.start(), end
        else:
            begun = match.start()
    if begun is not None:
        yield None
