"""From numbers to a calibrated probability, in two stages, with numpy alone.

Stage one, the screen, is linear on words, pairs of words and concepts, and reads everything. What
passes is read closely: letters, concepts in a kernel machine, and the sentence vector where there
is an embedder; a logistic blend of all margins, fitted on predictions for events that the parts
had not seen (stacking, Wolpert 1992), gives the probability.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from alerter.domain.errors import ModelError
from alerter.understand.concepts import NAMES
from alerter.understand.documents import KINDS, page_margin, page_of
from alerter.understand.embed import Embedder
from alerter.understand.features import Matrix, Sparse
from alerter.understand.items import Read, concept_rows, letter_rows, vector_rows, word_rows
from alerter.understand.model import Model

HEADS: Final = ("category", "status", "target")
AT_ONCE: Final = 512  # rows learned from, widened together: all of them would take 70 MB
FOLDED: Final = 1 << 14  # words are folded into fewer buckets for the heads
LEAST_SHARE: Final = 0.002  # of a class that the machine denies outright
_TINY: Final = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the classifier says of one item. `margins` are the parts that the blend weighs.

    The heads (`category`, `status`, `target`) hold probabilities given a threat, by name, and are
    empty for what did not pass the screen.
    """

    probability: float
    passed: bool
    margins: Mapping[str, float]
    category: Mapping[str, float]
    status: Mapping[str, float]
    target: Mapping[str, float]
    vector: tuple[float, ...] = ()


_NAMELESS: Final = Verdict(
    probability=_TINY, passed=False, margins={}, category={}, status={}, target={}
)


class Classifier:
    """A model file made ready. Pure after construction; may be shared between threads.

    Raises ModelError where the file was trained for other features than this program computes, or
    needs an embedder and gets none.
    """

    def __init__(self, model: Model, embedder: Embedder | None = None) -> None:
        self._arrays = model.arrays
        self.header = model.header
        self.version = model.version
        self.threshold = float(model.header["threshold"])
        self._screen_at = float(model.header["screen"])
        self._gated = bool(model.header["gated"])
        self._embedder = embedder if model.header["vectors"] else None
        if model.header["vectors"] and embedder is None:
            raise ModelError("this model needs an embedder; take the one trained without")
        if embedder is not None and model.header["vectors"] not in (0, embedder.dim):
            raise ModelError(f"this model needs vectors of length {model.header['vectors']}")
        if list(model.header["concepts"]) != list(NAMES):
            raise ModelError("this model was trained for other concept features; train it again")
        self._parts: Sequence[Mapping[str, Any]] = model.header["parts"]
        self._part = next(part for part in self._parts if part["kind"] not in KINDS)

    def judge(self, reads: Sequence[Read]) -> list[Verdict]:
        """A verdict for each item, in order."""
        if not reads:
            return []
        verdicts = [_NAMELESS] * len(reads)
        named = [i for i, read in enumerate(reads) if read.names_target or not self._gated]
        screen = self.screen([reads[index] for index in named])
        passed = screen >= self._screen_at
        near = [index for index, through in zip(named, passed, strict=True) if through]
        for index, margin in zip(named, screen, strict=True):
            verdicts[index] = self._rejected(float(margin))
        close = self._look_closely([reads[index] for index in near], screen[passed])
        for index, verdict in zip(near, close, strict=True):
            verdicts[index] = verdict
        return verdicts

    def screen(self, reads: Sequence[Read]) -> Matrix:
        """The margin of the first stage."""
        if not reads:
            return np.zeros(0, dtype=np.float32)
        words = word_rows(reads, self._wide("idf_words")).dot(self._wide("screen_words"))
        concepts = _times(concept_rows(reads), self._wide("screen_concepts"))
        return np.asarray(words + concepts + self._wide("screen_bias")[0], dtype=np.float32)

    def _wide(self, name: str) -> Matrix:
        array: Matrix = self._arrays[name]
        return array

    def _rejected(self, margin: float) -> Verdict:
        """Below the screen: a probability that grows with the margin and stays tiny."""
        share = 1.0 / (1.0 + np.exp(np.clip(self._screen_at - margin, 0.0, 50.0)))
        return Verdict(
            probability=round(float(_TINY + share * 0.01), 4), passed=False,
            margins={"screen": margin}, category={}, status={}, target={},
        )  # fmt: skip

    def _look_closely(self, reads: Sequence[Read], screen: Matrix) -> list[Verdict]:
        if not reads:
            return []
        blocks = self._blocks(reads)
        near = self._nearness(blocks)
        words = word_rows(reads, self._wide("idf_words")) if self._part["words"] else None
        margins = {"screen": screen, self._part["name"]: self._margin(near, words, reads)}
        margins |= self._page_margins(reads)
        probability = self.blend(margins, blocks["concepts"])
        heads = {name: self._head(name, near, words) for name in self.header["heads"]}
        vectors = self._short_vectors(blocks)
        return [
            Verdict(
                probability=float(probability[row]), passed=True,
                margins={name: float(values[row]) for name, values in margins.items()},
                vector=tuple(float(value) for value in vectors[row]),
                **{
                    name: self._named(name, heads[name][row]) if name in heads else {}
                    for name in HEADS
                },
            )
            for row in range(len(reads))
        ]  # fmt: skip

    def _blocks(self, reads: Sequence[Read]) -> dict[str, Matrix]:
        blocks = {"concepts": concept_rows(reads)}
        if self._embedder is not None:
            for name, rows in vector_rows(reads, self._embedder.embed).items():
                blocks[name] = centred(rows, self._wide(f"{name}_mean"))
        return blocks

    def _nearness(self, blocks: Mapping[str, Matrix]) -> Matrix:
        """How like each item is to each of those that were learned from."""
        support = self._wide(f"{self._part['name']}_support")
        rows = joined(blocks, self._part["scales"])
        slices = (support[at : at + AT_ONCE] for at in range(0, len(support), AT_ONCE))
        near = [
            gaussian_kernel(rows, each.astype(np.float32), gamma=self._part["gamma"], times=_times)
            for each in slices
        ]
        return np.concatenate(near, axis=1)

    def _margin(self, near: Matrix, words: Sparse | None, reads: Sequence[Read]) -> Matrix:
        name = self._part["name"]
        margin = _times(near, self._wide(f"{name}_dual")) + np.float32(self._part["bias"])
        if words is not None:
            margin += words.dot(self._wide(f"{name}_words"))
        if self._part["letters"]:
            letters = letter_rows(reads, self._wide("idf_letters"))
            margin += letters.dot(self._wide(f"{name}_letters"))
        return np.asarray(margin, dtype=np.float32)

    def _page_margins(self, reads: Sequence[Read]) -> dict[str, Matrix]:
        """Of the parts that read whole documents, if the model has any."""
        parts = [part for part in self._parts if part["kind"] in KINDS]
        pages = [page_of(read) for read in reads] if parts else []
        return {part["name"]: page_margin(part, pages, self._arrays) for part in parts}

    def blend(self, margins: Mapping[str, Matrix], concepts: Matrix) -> Matrix:
        """Probability from the margins and a few concept features, then calibrated."""
        columns = blend_columns(margins, concepts, self.header["blend"])
        weights = self._wide("blend")
        raw = 1.0 / (1.0 + np.exp(-(_times(columns, weights[:-1]) + weights[-1])))
        calibrated = np.interp(raw, self._wide("calibration_x"), self._wide("calibration_y"))
        return np.asarray(calibrated, dtype=np.float32)

    def _head(self, name: str, near: Matrix, words: Sparse | None) -> Matrix:
        """Class probabilities: each class is a machine that says -1 to 1, as shares of the sum."""
        scores = _times(near, self._wide(f"{name}_dual")) + self._wide(f"{name}_bias")
        if words is not None:
            weights = self._arrays[f"{name}_words"]
            for row in range(len(words)):
                span = slice(int(words.starts[row]), int(words.starts[row + 1]))
                picked = weights[words.indices[span] % FOLDED].astype(np.float32)
                scores[row] += words.values[span] @ picked
        shares = np.clip((scores + 1) / 2, LEAST_SHARE, 1.0)
        return np.asarray(shares / shares.sum(axis=1, keepdims=True), dtype=np.float32)

    def _named(self, head: str, row: Matrix) -> dict[str, float]:
        classes = self.header["heads"][head]["classes"]
        return {name: float(value) for name, value in zip(classes, row, strict=True)}

    def _short_vectors(self, blocks: Mapping[str, Matrix]) -> Matrix:
        """A short unit vector for comparing reports: a fixed projection of what we know best."""
        source = blocks.get("vectors", blocks["concepts"])
        short = _times(source, self._wide("projection"))
        short /= np.maximum(np.linalg.norm(short, axis=1, keepdims=True), 1e-9)
        return np.asarray(np.round(short, 4), dtype=np.float32)


def _times(rows: Matrix, weights: Matrix) -> Matrix:
    """Each row times the weights by itself, so that its company never moves the last digit."""
    return np.stack([row @ weights for row in rows])


def centred(vectors: Matrix, mean: Matrix) -> Matrix:
    """Vectors minus their mean, of unit length: e5 vectors all point one way, the rest is news."""
    moved = vectors - mean
    return np.asarray(
        moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9), dtype=np.float32
    )


def joined(blocks: Mapping[str, Matrix], scales: Mapping[str, float]) -> Matrix:
    """Blocks side by side, each times its scale."""
    parts = [blocks[name] * np.float32(scale) for name, scale in sorted(scales.items())]
    return np.asarray(np.concatenate(parts, axis=1), dtype=np.float32)


def gaussian_kernel(
    rows: Matrix, others: Matrix, *, gamma: float,
    times: Callable[[Matrix, Matrix], Matrix] = np.matmul,
) -> Matrix:  # fmt: skip
    """How near each row is to each other: exp(-gamma * squared distance)."""
    squares = (rows**2).sum(axis=1)[:, None] + (others**2).sum(axis=1)[None, :]
    distances = np.maximum(squares - 2.0 * times(rows, others.T), 0.0)
    return np.asarray(np.exp(-gamma * distances), dtype=np.float32)


def blend_columns(
    margins: Mapping[str, Matrix], concepts: Matrix, spec: Mapping[str, Any]
) -> Matrix:
    """The columns of the blend: margins (bounded), then concept features by name."""
    first = [np.clip(margins[name], -8.0, 8.0) for name in spec["margins"]]
    flags = [concepts[:, NAMES.index(name)] for name in spec["concepts"]]
    return np.stack([*first, *flags], axis=1).astype(np.float32)
