"""Which reports are copies: near-duplicate text by MinHash, and credited agencies.

MinHash as by Broder (1997): the share of equal minima estimates the Jaccard similarity of two
sets of shingles. 64 minima put the standard error at 0.06 near one half.
"""

from __future__ import annotations

import re
import zlib
from operator import eq
from typing import Final

import numpy as np
from numpy.typing import NDArray

from alerter.domain.incident import Source
from alerter.incidents.terms import plain

MINIMA: Final = 64
SHINGLE: Final = 5  # characters: also for scripts without spaces
COPY: Final = 0.5  # estimated Jaccard from which a text is a copy; see docs/incidents.md
SAME: Final = 0.9  # from which it is the same text, printed again
MAX_TEXT: Final = 2000
MIN_CHARS: Final = 30  # shorter texts (a bare headline word) are alike by accident
_PRIME: Final = np.uint64((1 << 31) - 1)
_GENERATOR: Final = np.random.default_rng(20200915)  # fixed: fingerprints are stored
_A: Final = _GENERATOR.integers(1, 1 << 31, size=(MINIMA, 1), dtype=np.uint64)
_B: Final = _GENERATOR.integers(0, 1 << 31, size=(MINIMA, 1), dtype=np.uint64)


def fingerprint(text: str) -> tuple[int, ...]:
    """MinHash values of a text's character shingles, or () when it is too short to tell."""
    bare = re.sub(r"[\W_]+", " ", plain(text[:MAX_TEXT])).strip()
    if len(bare) < MIN_CHARS:
        return ()
    shingles = {bare[i : i + SHINGLE] for i in range(len(bare) - SHINGLE + 1)}
    hashes: NDArray[np.uint64] = np.fromiter(
        (zlib.crc32(shingle.encode()) for shingle in shingles), dtype=np.uint64
    )
    minima = ((_A * (hashes % _PRIME) + _B) % _PRIME).min(axis=1)
    return tuple(int(value) for value in minima)


def resemblance(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """Estimated Jaccard similarity of two texts by their fingerprints; 0 without one of them."""
    if not one or not other:
        return 0.0
    return float(sum(map(eq, one, other))) / len(one)


def copied_from(source: Source, earlier: tuple[Source, ...]) -> tuple[Source, str] | None:
    """The earlier source that this one adds nothing to, and why; None when it is independent."""
    for other in earlier:
        if other.feed == source.feed:
            return other, f"same feed as {other.article_id}"
        if source.credit is not None and other.credit == source.credit:
            return other, f"both credit {source.credit}"
        if resemblance(source.fingerprint, other.fingerprint) >= COPY:
            return other, f"near-duplicate of {other.article_id}"
    return None
