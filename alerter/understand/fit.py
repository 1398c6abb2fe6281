"""Fitting the parts of a classifier. Offline only: the daemon never imports this nor scikit-learn.

All fits use one thread, so that the same data and seed give the same bits on any machine of a kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LogisticRegression

from alerter.understand.classifier import FOLDED, gaussian_kernel, joined
from alerter.understand.features import Matrix, Sparse

Labels = NDArray[np.int64]
Indices = NDArray[np.int64]

SCREEN_C: Final = 8.0
SCREEN_CONCEPT_SCALE: Final = 0.125  # with more, twice as much harmless news passes
HEAD_ALPHA: Final = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The numbers of all rows: sparse words and letters, dense concepts and maybe vectors."""

    words: csr_matrix
    letters: csr_matrix
    dense: Mapping[str, Matrix]
    weights: NDArray[np.float64]

    def take(self, rows: Indices) -> Table:
        """The same for some rows."""
        return Table(
            words=self.words[rows], letters=self.letters[rows],
            dense={name: block[rows] for name, block in self.dense.items()},
            weights=self.weights[rows],
        )  # fmt: skip


def as_csr(rows: Sparse, bits: int) -> csr_matrix:
    """Our rows as scipy's."""
    return csr_matrix(
        (rows.values, rows.indices, rows.starts), shape=(len(rows), 1 << bits), dtype=np.float32
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearFit:
    """Weights over a sparse block and over a dense one, and a bias."""

    sparse: Matrix
    dense: Matrix
    bias: float

    def margin(self, sparse: csr_matrix, dense: Matrix) -> Matrix:
        """The decision function."""
        return np.asarray(sparse @ self.sparse + dense @ self.dense + self.bias, dtype=np.float32)


def fit_linear(
    sparse: csr_matrix, dense: Matrix, labels: Labels, *,
    weights: NDArray[np.float64], strength: float, scale: float,
) -> LinearFit:  # fmt: skip
    """Logistic regression on a sparse block beside a dense one (scaled against it)."""
    both = hstack([sparse, csr_matrix(dense * np.float32(scale))], format="csr")
    model = LogisticRegression(
        C=strength, max_iter=3000, tol=1e-4, solver="liblinear", random_state=0
    )
    model.fit(both, labels, sample_weight=weights)
    split = sparse.shape[1]
    coefficients = model.coef_[0].astype(np.float32)
    return LinearFit(
        sparse=coefficients[:split], dense=coefficients[split:] * np.float32(scale),
        bias=float(model.intercept_[0]),
    )  # fmt: skip


def fit_screen(table: Table, labels: Labels) -> LinearFit:
    """Words, pairs of words and concepts."""
    return fit_linear(
        table.words, table.dense["concepts"], labels,
        weights=table.weights, strength=SCREEN_C, scale=SCREEN_CONCEPT_SCALE,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelFit:
    """Rows to compare with and their weights; weights of words and letters where it has them."""

    support: Matrix
    dual: Matrix
    bias: float
    words: Matrix | None
    letters: Matrix | None


def fit_kernel(table: Table, labels: Labels, spec: Mapping[str, Any]) -> KernelFit:
    """Kernel ridge regression: a Gaussian kernel on dense blocks, and on words and letters a line.

    Least squares on +1 and -1 (Suykens and Vandewalle 1999) ranked better here than a support
    vector machine, which took every doubtful label at its word.
    """
    rows = joined(table.dense, spec["scales"])
    kernel = gaussian_kernel(rows, rows, gamma=spec["gamma"])
    for block, share in ((table.words, spec["words"]), (table.letters, spec["letters"])):
        if share:
            kernel += np.float32(share) * (block @ block.T).toarray()
    signs = 2.0 * labels.astype(np.float64) - 1.0
    dual, bias = _ridge(kernel, signs, table.weights, alpha=spec["alpha"])
    return KernelFit(
        support=rows.astype(np.float16), dual=dual, bias=float(bias),
        words=_line(table.words, dual, spec["words"]),
        letters=_line(table.letters, dual, spec["letters"]),
    )  # fmt: skip


def _ridge(
    kernel: Matrix, signs: NDArray[np.float64], weights: NDArray[np.float64], *, alpha: float
) -> tuple[Matrix, Any]:
    """Weights of the rows, and the mean of the signs that was taken off; by column if several."""
    bias = np.average(signs, axis=0, weights=weights)
    model = KernelRidge(alpha=alpha, kernel="precomputed")
    model.fit(kernel, signs - bias, sample_weight=weights)
    return model.dual_coef_.astype(np.float32), bias


def _line(block: csr_matrix, dual: Matrix, share: float) -> Matrix | None:
    """The weights that a linear kernel comes to."""
    return np.asarray(share * (block.T @ dual), dtype=np.float32) if share else None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadFit:
    """Classes, and for each the weights of the rows it was fitted on, of folded words, a bias."""

    classes: Sequence[str]
    dual: Matrix
    words: NDArray[np.float16] | None
    bias: Matrix


def fold_words(words: csr_matrix) -> csr_matrix:
    """The word block with its buckets folded into `FOLDED`."""
    coo = words.tocoo()
    return csr_matrix((coo.data, (coo.row, coo.col % FOLDED)), shape=(words.shape[0], FOLDED))


def fit_head(table: Table, classes: Sequence[str], spec: Mapping[str, Any]) -> HeadFit:
    """One ridge machine for each class against the rest, on the kernel of the closer look."""
    rows = joined(table.dense, spec["scales"])
    kernel = gaussian_kernel(rows, rows, gamma=spec["gamma"])
    words = fold_words(table.words)
    if spec["words"]:
        kernel += np.float32(spec["words"]) * (words @ words.T).toarray()
    names = sorted(set(classes))
    signs = np.where(np.array(classes)[:, None] == np.array(names)[None, :], 1.0, -1.0)
    dual, bias = _ridge(kernel, signs, table.weights, alpha=HEAD_ALPHA)
    line = np.asarray(spec["words"] * (words.T @ dual), dtype=np.float16) if spec["words"] else None
    return HeadFit(classes=names, dual=dual, words=line, bias=bias.astype(np.float32))
