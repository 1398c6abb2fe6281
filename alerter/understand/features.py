"""Hashed words and letters of a text: the same numbers for the same text, for ever.

Feature hashing (Weinberger et al. 2009): no vocabulary to store, bounded memory on hostile text.
CRC-32 is the hash: it is in every Python, quick in C, and the CRC of two words follows from that
of the first, so pairs cost no more than words. Not scikit-learn's hasher: scoring must start
within seconds, and importing scikit-learn alone takes two.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

WORD_BITS: Final = 18
CHAR_BITS: Final = 18
CHAR_ORDERS: Final = (2, 3, 4, 5)
MAX_WORDS: Final = 4_000  # a longer text is judged by its beginning
_SPACELESS: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sparse:
    """Rows of hashed features: row i holds `indices[starts[i]:starts[i + 1]]` and their values."""

    starts: NDArray[np.int64]
    indices: NDArray[np.int64]
    values: Matrix

    def __len__(self) -> int:
        return len(self.starts) - 1

    def dot(self, weights: Matrix) -> Matrix:
        """Every row times a vector of weights. Summed in float64."""
        products = self.values * weights[self.indices]
        sums = np.zeros(len(self) + 1, dtype=np.float64)
        sums[1:] = np.cumsum(products, dtype=np.float64)[self.starts[1:] - 1]
        sums[1:][self.starts[1:] == 0] = 0.0
        return np.diff(sums).astype(np.float32)


def words_of(folded: str) -> list[str]:
    """The words of a folded text; single signs where the script has no spaces."""
    found = folded.split()[:MAX_WORDS]
    if folded.isascii() or not _SPACELESS.search(folded):
        return found
    return [piece for word in found for piece in (word if _SPACELESS.search(word) else (word,))]


def hash_words(words: Sequence[str]) -> list[int]:
    """Buckets of all words and pairs of neighbours."""
    mask = (1 << WORD_BITS) - 1
    found = []
    before = 0
    for word in words:
        encoded = word.encode()
        found.append(crc32(encoded) & mask)
        if before:
            found.append(crc32(encoded, before) & mask)
        before = crc32(encoded + b" ")
    return found


def hash_letters(words: Iterable[str]) -> list[int]:
    """Buckets of the letter 2- to 5-grams inside words, edges marked."""
    mask = (1 << CHAR_BITS) - 1
    found: list[int] = []
    for word in words:
        edged = f" {word} "
        for order in CHAR_ORDERS:
            found.extend(
                crc32(edged[start : start + order].encode()) & mask
                for start in range(max(1, len(edged) - order + 1))
            )
    return found


def weighted_rows(rows: Iterable[Sequence[int]], idf: Matrix | None) -> Sparse:
    """TF-IDF rows of unit length, term frequency damped by a logarithm."""
    starts = [0]
    indices: list[int] = []
    values: list[float] = []
    for row in rows:
        counts = Counter(row)
        indices.extend(counts)
        values.extend(1.0 + math.log(n) if n > 1 else 1.0 for n in counts.values())
        starts.append(len(indices))
    flat = np.asarray(values, dtype=np.float32)
    where = np.asarray(indices, dtype=np.int64)
    edges = np.asarray(starts, dtype=np.int64)
    if idf is not None:
        flat = flat * idf[where]
    return Sparse(edges, where, _unit_rows(edges, flat))


def _unit_rows(starts: NDArray[np.int64], values: Matrix) -> Matrix:
    """Divide each row by its length."""
    sizes = np.diff(starts)
    owner = np.repeat(np.arange(len(sizes)), sizes)
    squares = np.bincount(owner, weights=values.astype(np.float64) ** 2, minlength=len(sizes))
    lengths = np.sqrt(np.maximum(squares, 1e-12))
    return np.asarray(values / lengths[owner], dtype=np.float32)


def inverse_frequencies(rows: Iterable[Sequence[int]], size: int) -> Matrix:
    """How rare each bucket is, as scikit-learn's smooth idf."""
    seen = np.zeros(size, dtype=np.int64)
    total = 0
    for row in rows:
        seen[np.fromiter(set(row), dtype=np.int64)] += 1
        total += 1
    return np.asarray(np.log((1 + total) / (1 + seen)) + 1, dtype=np.float32)
