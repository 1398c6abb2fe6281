"""Training: labelled items in, one model file out, reproducible to the bit from a seed.

Offline: the daemon never imports this. The parts are fitted on everything; the blend, the
calibration and the threshold only on predictions for events that the parts had not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from threadpoolctl import threadpool_limits

from alerter.understand.classifier import HEADS, blend_columns, centred, joined, kernel_margin
from alerter.understand.concepts import NAMES
from alerter.understand.embed import Embedder
from alerter.understand.features import CHAR_BITS, WORD_BITS, Matrix, hash_letters
from alerter.understand.features import inverse_frequencies
from alerter.understand.fit import (
    HeadFit,
    KernelFit,
    Labels,
    LinearFit,
    Table,
    as_csr,
    fit_head,
    fit_kernel,
    fit_letters,
    fit_screen,
)
from alerter.understand.labelled import Labelled, event_groups
from alerter.understand.model import Model, save_model
from alerter.understand.items import (
    Read,
    Reader,
    concept_rows,
    letter_rows,
    vector_rows,
    word_rows,
)

FOLDS: Final = 5
UNSURE_WEIGHT: Final = 0.5
BACKGROUND_WEIGHT: Final = 0.5  # nobody read these items; they are 0 for all we know
SCREEN_KEEPS: Final = 0.998  # of the threats that stage two would alert on
PROJECTION: Final = 64

Progress = Callable[[str, float], None]

VECTOR_PART: Final = {
    "name": "vectors", "kind": "kernel", "scales": {"vectors": 1.0}, "gamma": 1.5, "C": 3.0,
}  # fmt: skip
CONCEPT_PART: Final = {
    "name": "concepts", "kind": "kernel", "scales": {"concepts": 1.0}, "gamma": 0.05, "C": 2.0,
}  # fmt: skip
JOINT_PART: Final = {
    "name": "joint", "kind": "kernel", "scales": {"vectors": 1.0, "concepts": 0.25},
    "gamma": 0.7, "C": 3.0,
}  # fmt: skip
LETTER_PART: Final = {"name": "letters", "kind": "letters"}
PARTS_PLAIN: Final = (LETTER_PART, CONCEPT_PART)
PARTS_VECTORS: Final = (LETTER_PART, CONCEPT_PART, VECTOR_PART, JOINT_PART)
BLEND_CONCEPTS: Final = ("no target", "title only")
HEAD_SCALES_PLAIN: Final = {"concepts": 1.0}
HEAD_SCALES_VECTORS: Final = {"concepts": 0.7, "vectors": 4.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What training made: the facts and arrays of a model file, and the honest predictions.

    `held_out[i]` is the probability of row i by a blend and parts that never saw its event, or
    nan for background rows that the screen rejects.
    """

    header: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]
    held_out: NDArray[np.float64]
    rows: Sequence[Labelled]

    def save(self, path: Path) -> Model:
        """Write the model file."""
        return save_model(path, self.header, self.arrays)


class Trainer:
    """One training run. `vectors` are the sentence vectors of rows, by index, as asked for."""

    def __init__(
        self, rows: Sequence[Labelled], reads: Sequence[Read], *, seed: int, progress: Progress
    ) -> None:
        self.rows, self.reads, self.seed = rows, reads, seed
        self.progress = progress
        self.labels: Labels = np.array([row.label for row in rows], dtype=np.int64)
        self.groups = event_groups(rows)
        self.folds = fold_numbers(self.labels, self.groups, seed)
        self.weights = np.array([row_weight(row) for row in rows])
        self.idf_words = inverse_frequencies((r.word_hashes for r in reads), 1 << WORD_BITS)
        self.idf_letters = inverse_frequencies(
            (hash_letters(read.words) for read in reads), 1 << CHAR_BITS
        )

    def table(self, indices: NDArray[np.int64], vectors: Matrix | None) -> Table:
        """The numbers of some rows."""
        reads = [self.reads[index] for index in indices]
        dense = {"concepts": concept_rows(reads)}
        if vectors is not None:
            dense["vectors"] = vectors
        return Table(
            words=as_csr(word_rows(reads, self.idf_words), WORD_BITS),
            letters=as_csr(letter_rows(reads, self.idf_letters), CHAR_BITS),
            dense=dense,
            weights=self.weights[indices],
        )


def row_weight(row: Labelled) -> float:
    """How much a row counts: less where its reader doubted, or where nobody read it."""
    if row.status is None and row.label == 0 and not row.event and row.shared:
        return BACKGROUND_WEIGHT
    return UNSURE_WEIGHT if row.unsure else 1.0


def fold_numbers(labels: Labels, groups: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """The fold of each row; rows of one event share theirs."""
    folds = np.zeros(len(labels), dtype=np.int64)
    split = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    for number, (_, held) in enumerate(split.split(np.zeros(len(labels)), labels, groups)):
        folds[held] = number
    return folds


def held_out_margins(
    folds: NDArray[np.int64], fit: Callable[[NDArray[np.int64]], Callable[[NDArray[np.int64]], Matrix]]
) -> Matrix:
    """Margins of each row by a part fitted without its fold."""
    margins = np.zeros(len(folds), dtype=np.float32)
    for number in range(int(folds.max()) + 1):
        held = np.flatnonzero(folds == number)
        margins[held] = fit(np.flatnonzero(folds != number))(held)
    return margins


def train(
    rows: Sequence[Labelled], reader: Reader, *,
    embed: Callable[[Sequence[Read]], Matrix] | None, seed: int, progress: Progress,
) -> Trained:  # fmt: skip
    """Fit everything. `embed` gives the sentence vectors, or is None for the plain model."""
    with threadpool_limits(limits=1):
        reads = _read_all(rows, reader, progress)
        trainer = Trainer(rows, reads, seed=seed, progress=progress)
        return _train(trainer, embed)


def _read_all(rows: Sequence[Labelled], reader: Reader, progress: Progress) -> list[Read]:
    reads = []
    for number, row in enumerate(rows):
        reads.append(reader.read(row.item))
        if number % 200 == 0:
            progress("read", number / len(rows))
    return reads


def _train(trainer: Trainer, embed: Callable[[Sequence[Read]], Matrix] | None) -> Trained:
    everything = np.arange(len(trainer.rows))
    wide = trainer.table(everything, None)
    trainer.progress("screen", 0.0)
    screen = held_out_margins(trainer.folds, lambda a: _screen(wide, trainer.labels, a))
    rough = _rough_cut(screen, trainer.labels)
    background = np.array([is_background(row) for row in trainer.rows])
    kept = np.flatnonzero(~background | (screen >= rough))
    vectors = embed([trainer.reads[index] for index in kept]) if embed is not None else None
    mean = vectors.mean(axis=0) if vectors is not None else None
    if vectors is not None and mean is not None:
        vectors = centred(vectors, mean)
    near = trainer.table(kept, vectors)
    parts = PARTS_VECTORS if vectors is not None else PARTS_PLAIN
    margins, arrays, described = _fit_parts(trainer, near, kept, parts)
    margins = {"screen": screen[kept], **margins}
    blended = Blend.fit(
        margins, near.dense["concepts"], trainer.labels[kept], trainer.folds[kept],
        near.weights,
    )  # fmt: skip
    held_out = np.full(len(trainer.rows), np.nan)
    held_out[kept] = blended.held_out
    arrays |= _screen_arrays(trainer, wide) | blended.arrays
    if mean is not None:
        arrays["vector_mean"] = mean.astype(np.float32)
    head_arrays, heads = _fit_heads(trainer, near, kept)
    arrays |= head_arrays
    arrays["projection"] = _projection(vectors if vectors is not None else near.dense["concepts"])
    cut = _screen_cut(screen, held_out, trainer.labels, blended.threshold)
    header = {
        "kind": "multilingual" if vectors is not None else "plain",
        "vectors": 0 if vectors is None else int(vectors.shape[1]),
        "concepts": list(NAMES), "parts": described, "blend": blended.spec, "heads": heads,
        "threshold": blended.threshold, "screen": cut, "seed": trainer.seed,
        "rows": len(trainer.rows), "threats": int(trainer.labels.sum()),
    }  # fmt: skip
    return Trained(header=header, arrays=arrays, held_out=held_out, rows=trainer.rows)


def is_background(row: Labelled) -> bool:
    """A row of a stream that nobody read."""
    return row.shared and row.label == 0 and row.status is None


def _screen(
    table: Table, labels: Labels, rows: NDArray[np.int64]
) -> Callable[[NDArray[np.int64]], Matrix]:
    fitted = fit_screen(table.take(rows), labels[rows])
    return lambda held: fitted.margin(table.words[held], table.dense["concepts"][held])


def _rough_cut(screen: Matrix, labels: Labels) -> float:
    """A margin that nearly all threats reach; background above it is worth a close look."""
    return float(np.quantile(screen[labels == 1], 0.01))


def _fit_parts(
    trainer: Trainer, table: Table, kept: NDArray[np.int64], parts: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, Matrix], dict[str, NDArray[Any]], list[dict[str, Any]]]:
    """Held-out margins of each part, then its arrays and description fitted on all rows."""
    labels, folds = trainer.labels[kept], trainer.folds[kept]
    margins: dict[str, Matrix] = {}
    arrays: dict[str, NDArray[Any]] = {"idf_letters": trainer.idf_letters.astype(np.float32)}
    described: list[dict[str, Any]] = []
    for number, part in enumerate(parts):
        trainer.progress(f"part {part['name']}", number / len(parts))
        margins[part["name"]] = held_out_margins(
            folds, lambda a, part=part: _part(table, labels, a, part)[0]  # type: ignore[misc]
        )
        _, fitted = _part(table, labels, np.arange(len(kept)), part)
        own, facts = _part_arrays(fitted, part)
        arrays |= own
        described.append(facts)
    return margins, arrays, described


def _part(
    table: Table, labels: Labels, rows: NDArray[np.int64], part: Mapping[str, Any]
) -> tuple[Callable[[NDArray[np.int64]], Matrix], LinearFit | KernelFit]:
    own = table.take(rows)
    if part["kind"] == "letters":
        linear = fit_letters(own, labels[rows])
        return lambda held: linear.margin(
            table.letters[held], np.zeros((len(held), 0), dtype=np.float32)
        ), linear
    kernel = fit_kernel(own, labels[rows], part)

    def margin(held: NDArray[np.int64]) -> Matrix:
        dense = joined({k: v[held] for k, v in table.dense.items()}, part["scales"])
        return kernel_margin(
            dense, kernel.support, kernel.dual, gamma=kernel.gamma, bias=kernel.bias
        )

    return margin, kernel


def _part_arrays(
    fitted: LinearFit | KernelFit, part: Mapping[str, Any]
) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    if isinstance(fitted, LinearFit):
        bias = np.array([fitted.bias], dtype=np.float32)
        return {"letters": fitted.sparse, "letters_bias": bias}, dict(part)
    name = part["name"]
    arrays = {f"{name}_support": fitted.support, f"{name}_dual": fitted.dual}
    return arrays, {**part, "gamma": fitted.gamma, "bias": fitted.bias}


def _screen_arrays(trainer: Trainer, table: Table) -> dict[str, NDArray[Any]]:
    fitted = fit_screen(table, trainer.labels)
    return {
        "idf_words": trainer.idf_words.astype(np.float32),
        "screen_words": fitted.sparse, "screen_concepts": fitted.dense,
        "screen_bias": np.array([fitted.bias], dtype=np.float32),
    }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Blend:
    """The logistic blend of margins, its calibration and the threshold that suits it."""

    arrays: Mapping[str, NDArray[Any]]
    spec: Mapping[str, Any]
    threshold: float
    held_out: NDArray[np.float64]

    @classmethod
    def fit(
        cls, margins: Mapping[str, Matrix], concepts: Matrix, labels: Labels,
        folds: NDArray[np.int64], weights: NDArray[np.float64],
    ) -> Blend:  # fmt: skip
        """Fit on held-out margins; the blend's own held-out predictions choose the threshold."""
        spec = {"margins": list(margins), "concepts": list(BLEND_CONCEPTS)}
        columns = blend_columns(margins, concepts, spec)
        held = np.zeros(len(labels))
        for number in range(int(folds.max()) + 1):
            seen = folds != number
            coefficients = _logistic(columns[seen], labels[seen], weights[seen])
            raw = _sigmoid(columns, coefficients)
            x, y = _calibration(raw[seen], labels[seen], weights[seen])
            held[~seen] = np.interp(raw[~seen], x, y)
        coefficients = _logistic(columns, labels, weights)
        x, y = _calibration(_sigmoid(columns, coefficients), labels, weights)
        arrays = {"blend": coefficients, "calibration_x": x, "calibration_y": y}
        return cls(
            arrays=arrays, spec=spec, threshold=best_threshold(labels, held), held_out=held
        )


def _logistic(columns: Matrix, labels: Labels, weights: NDArray[np.float64]) -> Matrix:
    model = LogisticRegression(C=1.0, max_iter=1000)
    model.fit(columns, labels, sample_weight=weights)
    return np.append(model.coef_[0], model.intercept_).astype(np.float32)


def _sigmoid(columns: Matrix, coefficients: Matrix) -> NDArray[np.float64]:
    margin = columns.astype(np.float64) @ coefficients[:-1] + coefficients[-1]
    return np.asarray(1.0 / (1.0 + np.exp(-margin)))


def _calibration(
    raw: NDArray[np.float64], labels: Labels, weights: NDArray[np.float64]
) -> tuple[Matrix, Matrix]:
    """Half way between the blend's own probability and isotonic regression: steps are smoothed."""
    model = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip")
    model.fit(raw, labels, sample_weight=weights)
    x = np.linspace(0.0, 1.0, 101)
    y = np.maximum.accumulate((model.predict(x) + x) / 2)
    return x.astype(np.float32), np.clip(y, 0.0005, 0.9995).astype(np.float32)


def best_threshold(labels: Labels, probability: NDArray[np.float64]) -> float:
    """The threshold with the best F1, in the middle of the stretch that is nearly as good."""
    grid = np.arange(0.2, 0.81, 0.01)
    scores = np.array([_f1(labels, probability >= at) for at in grid])
    good = grid[scores >= scores.max() - 0.003]
    return round(float(np.median(good)), 2)


def _f1(labels: Labels, chosen: NDArray[np.bool_]) -> float:
    hit = float((chosen & (labels == 1)).sum())
    return 2 * hit / max(1.0, float(chosen.sum() + (labels == 1).sum()))


def _screen_cut(
    screen: Matrix, held_out: NDArray[np.float64], labels: Labels, threshold: float
) -> float:
    """The lowest margin of nearly all threats that stage two would alert on."""
    with np.errstate(invalid="ignore"):
        alerted = (labels == 1) & (held_out >= threshold)
    return round(float(np.quantile(screen[alerted], 1.0 - SCREEN_KEEPS)) - 0.25, 4)


def _fit_heads(
    trainer: Trainer, table: Table, kept: NDArray[np.int64]
) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    facts: dict[str, Any] = {}
    scales = HEAD_SCALES_VECTORS if "vectors" in table.dense else HEAD_SCALES_PLAIN
    for number, name in enumerate(HEADS):
        trainer.progress(f"head {name}", number / len(HEADS))
        classes = [getattr(trainer.rows[index], name) for index in kept]
        known = np.flatnonzero([value is not None for value in classes])
        if len({classes[index] for index in known}) < 2:
            continue
        fitted = fit_head(table.take(known), [classes[index] for index in known], scales)
        arrays |= _head_arrays(name, fitted)
        facts[name] = {"classes": list(fitted.classes), "scales": dict(scales)}
    return arrays, facts


def _head_arrays(name: str, fitted: HeadFit) -> dict[str, NDArray[Any]]:
    return {
        f"{name}_words": fitted.words, f"{name}_dense": fitted.dense, f"{name}_bias": fitted.bias
    }


def _projection(block: Matrix) -> Matrix:
    """The main directions of a block: the best short stand-in for it (Eckart and Young 1936)."""
    moments = block.astype(np.float64).T @ block
    _, directions = np.linalg.eigh(moments)
    main = directions[:, ::-1][:, :PROJECTION]
    signs = np.sign(main[np.abs(main).argmax(axis=0), np.arange(main.shape[1])])
    return np.asarray(main * signs, dtype=np.float32)
