"""Fitting the parts that read whole documents. Offline only, like `fit`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, diags
from sklearn.linear_model import LogisticRegression

from alerter.understand.documents import (
    DOCUMENT,
    DOCUMENT_BITS,
    SENTENCE,
    Page,
    page_margin,
    soft_maximum,
    starts_of,
)
from alerter.understand.features import WORD_BITS, Matrix
from alerter.understand.fit import Labels

DOCUMENT_C: Final = 10.0
SENTENCE_DECAY: Final = 1e-4  # pull towards 0 on what sentences say
WHOLE_DECAY: Final = 3e-4  # stronger: a document should be explained by a sentence first
STEPS: Final = 40  # of L-BFGS; stopping early keeps weights small as well
RARE: Final = 3  # what fewer documents hold says nothing of others
SMOOTH: Final = 1.0
START: Final = -2.0  # a sentence answers no unless something speaks for it
WHOLE_PARTS: Final = (
    {"name": "documents", "kind": DOCUMENT},
    {"name": "sentences", "kind": SENTENCE},
)

Arrays = dict[str, NDArray[Any]]
Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFit:
    """The arrays and the description of a part, as a model file keeps them."""

    arrays: Arrays
    facts: Mapping[str, Any]

    def margin(self, pages: Sequence[Page]) -> Matrix:
        """The decision function."""
        return page_margin(self.facts, pages, self.arrays)


def fit_page_part(
    part: Mapping[str, Any], pages: Sequence[Page], labels: Labels, weights: Float
) -> PageFit:
    """Fit one of `WHOLE_PARTS` on pages of which some are 1 and some are 0."""
    if part["kind"] == DOCUMENT:
        return _fit_document(part, pages, labels, weights)
    return _fit_sentence(part, pages, labels, weights)


def _fit_document(
    part: Mapping[str, Any], pages: Sequence[Page], labels: Labels, weights: Float
) -> PageFit:
    rows = present([page.marked for page in pages], DOCUMENT_BITS)
    ratio = log_ratio(rows, labels)
    model = LogisticRegression(C=DOCUMENT_C, max_iter=3000, solver="liblinear", random_state=0)
    model.fit(weighed(rows, ratio), labels, sample_weight=weights)
    name = part["name"]
    arrays: Arrays = {f"{name}_ratio": ratio, name: model.coef_[0].astype(np.float32)}
    return PageFit(arrays=arrays, facts={**part, "bias": float(model.intercept_[0])})


def _fit_sentence(
    part: Mapping[str, Any], pages: Sequence[Page], labels: Labels, weights: Float
) -> PageFit:
    whole = present([page.whole for page in pages], WORD_BITS)
    ratio = log_ratio(whole, labels)
    used = np.flatnonzero(ratio)
    own = present([one for page in pages for one in page.sentences], WORD_BITS)
    bags = _Bags(
        own=weighed(own, ratio)[:, used], whole=weighed(whole, ratio)[:, used],
        starts=starts_of(pages), labels=labels, weights=weights / weights.sum(),
    )  # fmt: skip
    begin = np.zeros(2 * len(used) + 1)
    begin[-1] = START
    found = minimize(
        bags.loss, begin, jac=True, method="L-BFGS-B", options={"maxiter": STEPS}
    ).x  # fmt: skip
    name = part["name"]
    arrays: Arrays = {f"{name}_ratio": ratio}
    for key, values in ((name, found[: len(used)]), (f"{name}_whole", found[len(used) : -1])):
        arrays[key] = np.zeros(len(ratio), dtype=np.float32)
        arrays[key][used] = values
    return PageFit(arrays=arrays, facts={**part, "bias": float(found[-1])})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bags:
    """Documents as bags of sentences; only the documents have labels."""

    own: csr_matrix
    whole: csr_matrix
    starts: NDArray[np.int64]
    labels: Labels
    weights: Float

    def loss(self, values: Float) -> tuple[float, Float]:
        """The weighted logistic loss with its decay, and its gradient."""
        half = self.own.shape[1]
        sentence, document = values[:half], values[half:-1]
        margins = self.own @ sentence
        answer = soft_maximum(margins, self.starts)
        score = answer + self.whole @ document + values[-1]
        losses = np.logaddexp(0.0, score) - self.labels * score
        slope = self.weights * (1.0 / (1.0 + np.exp(-score)) - self.labels)
        counts = np.diff(np.append(self.starts, len(margins)))
        shares = np.exp(margins - np.repeat(answer, counts)) * np.repeat(slope, counts)
        gradient = np.concatenate(
            (
                self.own.T @ shares + SENTENCE_DECAY * sentence,
                self.whole.T @ slope + WHOLE_DECAY * document,
                [slope.sum()],
            )
        )
        decay = SENTENCE_DECAY * (sentence @ sentence) + WHOLE_DECAY * (document @ document)
        return float(self.weights @ losses + decay / 2), gradient


def present(rows: Sequence[Sequence[int]], bits: int) -> csr_matrix:
    """One row for each set of buckets, 1 where it holds the bucket."""
    starts = np.concatenate(([0], np.cumsum([len(row) for row in rows])))
    indices = np.fromiter((bucket for row in rows for bucket in row), dtype=np.int64)
    return csr_matrix((np.ones(len(indices)), indices, starts), shape=(len(rows), 1 << bits))


def log_ratio(rows: csr_matrix, labels: Labels) -> Matrix:
    """How much oftener the 1s hold each bucket than the 0s, as a logarithm; 0 where it is rare."""
    yes = np.asarray(rows[labels == 1].sum(axis=0)).ravel()
    no = np.asarray(rows[labels == 0].sum(axis=0)).ravel()
    common = yes + no >= RARE
    one, none = SMOOTH + yes[common], SMOOTH + no[common]
    ratio = np.zeros(rows.shape[1], dtype=np.float32)
    ratio[common] = np.log((one / one.sum()) / (none / none.sum()))
    return ratio


def weighed(rows: csr_matrix, ratio: Matrix) -> csr_matrix:
    """Rows times the ratio, of unit length, as `weighted_rows` makes them when judging."""
    scaled = csr_matrix(rows @ diags(ratio.astype(np.float64)))
    lengths = np.sqrt(np.maximum(np.asarray(scaled.multiply(scaled).sum(axis=1)).ravel(), 1e-12))
    return csr_matrix(diags(1.0 / lengths) @ scaled)
