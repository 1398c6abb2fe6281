"""Training: labelled items in, one model file out, reproducible to the bit from a seed.

Offline: the daemon never imports this. The parts are fitted on everything; the blend, the
calibration and the threshold only on predictions for events that the parts had not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from alerter.domain.errors import AlerterError
from alerter.understand.classifier import (
    HEADS,
    blend_columns,
    centred,
    gaussian_kernel,
    joined,
)
from alerter.understand.concepts import NAMES
from alerter.understand.documents import Page, page_of
from alerter.understand.features import (
    CHAR_BITS,
    WORD_BITS,
    Matrix,
    hash_letters,
    inverse_frequencies,
)
from alerter.understand.fit import (
    KernelFit,
    Labels,
    Table,
    as_csr,
    fit_head,
    fit_kernel,
    fit_screen,
)
from alerter.understand.fit_documents import WHOLE_PARTS, PageFit, fit_page_part
from alerter.understand.items import (
    Read,
    Reader,
    concept_rows,
    letter_rows,
    vector_rows,
    word_rows,
)
from alerter.understand.labelled import THREAT, Labelled, event_groups
from alerter.understand.model import Model, save_model

FOLDS: Final = 5
UNSURE_WEIGHT: Final = 0.5
BACKGROUND_WEIGHT: Final = 0.5  # nobody read these items; they are 0 for all we know
SCREEN_KEEPS: Final = 0.997  # of the threats that stage two would alert on
SCREEN_SLACK: Final = 0.1  # margin below that: the quantile rests on few threats
PROJECTION: Final = 64

Embed = Callable[[Sequence[str]], Matrix]
Progress = Callable[[str, float], None]

VECTOR_PART: Final = {
    "name": "meaning", "kind": "kernel", "gamma": 1.0, "alpha": 0.2, "words": 0.0, "letters": 0.0,
    "scales": {"concepts": 0.17, "focus": 0.63, "vectors": 0.63},
}  # fmt: skip
PLAIN_PART: Final = {
    "name": "concepts", "kind": "kernel", "gamma": 1.0, "alpha": 1.0, "words": 0.5, "letters": 0.5,
    "scales": {"concepts": 0.2},
}  # fmt: skip
HARD_BACKGROUND: Final = 400  # of a stream that nobody read, those that look most like threats
BLEND_CONCEPTS: Final = ("no target", "title only")


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


class TooFewError(AlerterError):
    """There is not enough labelled material to learn from."""


class Trainer:
    """One training run. `vectors` are the sentence vectors of rows, by index, as asked for."""

    def __init__(
        self, rows: Sequence[Labelled], reads: Sequence[Read], *,
        seed: int, progress: Progress, label: str = THREAT,
    ) -> None:  # fmt: skip
        self.rows, self.reads, self.seed, self.label = rows, reads, seed, label
        self.progress = progress
        self.labels: Labels = np.array([row.label for row in rows], dtype=np.int64)
        self.groups = event_groups(rows)
        self.folds = fold_numbers(self.labels, self.groups, seed)
        self.weights = np.array([row_weight(row) for row in rows])
        self.idf_words = inverse_frequencies((r.word_hashes for r in reads), 1 << WORD_BITS)
        self.idf_letters = inverse_frequencies(
            (hash_letters(read.words) for read in reads), 1 << CHAR_BITS
        )

    def table(
        self, indices: NDArray[np.int64], *,
        vectors: Mapping[str, Matrix] | None = None,
    ) -> Table:  # fmt: skip
        """The numbers of some rows, with sentence vectors where they are given."""
        reads = [self.reads[index] for index in indices]
        words = word_rows(reads, self.idf_words)
        dense = {"concepts": concept_rows(reads)}
        dense |= vectors or {}
        return Table(
            words=as_csr(words, WORD_BITS),
            letters=as_csr(letter_rows(reads, self.idf_letters), CHAR_BITS),
            dense=dense,
            weights=self.weights[indices],
        )


def row_weight(row: Labelled) -> float:
    """How much a row counts: less where its reader doubted, or where nobody read it."""
    if row.background:
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
    folds: NDArray[np.int64],
    fit: Callable[[NDArray[np.int64]], Callable[[NDArray[np.int64]], Matrix]],
) -> Matrix:
    """Margins of each row by a part fitted without its fold."""
    margins = np.zeros(len(folds), dtype=np.float32)
    for number in range(int(folds.max()) + 1):
        held = np.flatnonzero(folds == number)
        margins[held] = fit(np.flatnonzero(folds != number))(held)
    return margins


def train(
    rows: Sequence[Labelled], reader: Reader, *,
    embed: Embed | None, seed: int, progress: Progress,
    label: str = THREAT,
) -> Trained:  # fmt: skip
    """Fit everything. `embed` gives the sentence vectors, or is None for the plain model.

    Raises TooFewError where the rows do not hold enough of both answers to learn from.
    """
    threats = sum(row.label for row in rows)
    if min(threats, len(rows) - threats) < 2 * FOLDS:
        raise TooFewError(f"{threats} of {len(rows)} are 1; give at least {2 * FOLDS} of each")
    with threadpool_limits(limits=1):
        reads = _read_all(rows, reader, progress)
        trainer = Trainer(rows, reads, seed=seed, progress=progress, label=label)
        return _train(trainer, embed)


def _read_all(rows: Sequence[Labelled], reader: Reader, progress: Progress) -> list[Read]:
    reads = []
    for number, row in enumerate(rows):
        reads.append(reader.read(row.item))
        if number % 200 == 0:
            progress("read", number / len(rows))
    return reads


def _train(trainer: Trainer, embed: Embed | None) -> Trained:
    everything = np.arange(len(trainer.rows))
    wide = trainer.table(everything)
    trainer.progress("screen", 0.0)
    screen = held_out_margins(trainer.folds, lambda a: _screen(wide, trainer.labels, a))
    background = np.array([row.background for row in trainer.rows])
    gated = trainer.label == THREAT
    named = np.array([read.names_target or not gated for read in trainer.reads])
    hard = background & named
    kept = np.flatnonzero(~background | (hard & (screen >= _background_cut(screen, hard))))
    near_reads = [trainer.reads[int(index)] for index in kept]
    vectors, means = _centred_vectors(near_reads, embed)
    near = trainer.table(kept, vectors=vectors)
    part = VECTOR_PART if vectors else PLAIN_PART
    margins, arrays, described = _fit_part(trainer, near, kept, part)
    if not gated:
        pages = [page_of(read) for read in near_reads]
        whole_margins, whole_arrays, whole = _fit_whole(trainer, pages, kept)
        margins, arrays, described = (
            margins | whole_margins,
            arrays | whole_arrays,
            described + whole,
        )
    margins = {"screen": screen[kept], **margins}
    blended = Blend.fit(
        margins, near.dense["concepts"], trainer.labels[kept], trainer.folds[kept],
        near.weights,
    )  # fmt: skip
    held_out = np.full(len(trainer.rows), np.nan)
    held_out[kept] = np.where(named[kept], blended.held_out, 0.0)
    arrays |= {**_screen_arrays(trainer, wide), **blended.arrays}
    arrays |= means
    head_arrays, heads = _fit_heads(trainer, near, kept, part)
    arrays |= head_arrays
    arrays["projection"] = _projection(vectors.get("vectors", near.dense["concepts"]))
    cut = _screen_cut(screen, held_out, trainer.labels, blended.threshold)
    header = {
        "kind": "multilingual" if vectors else "plain",
        "vectors": int(vectors["vectors"].shape[1]) if vectors else 0,
        "concepts": list(NAMES), "parts": described, "blend": blended.spec, "heads": heads,
        "threshold": blended.threshold, "screen": cut, "seed": trainer.seed, "label": trainer.label,
        "gated": gated,
        "rows": len(trainer.rows), "threats": int(trainer.labels.sum()),
    }  # fmt: skip
    return Trained(header=header, arrays=arrays, held_out=held_out, rows=trainer.rows)


def _centred_vectors(
    reads: Sequence[Read], embed: Embed | None
) -> tuple[dict[str, Matrix], dict[str, NDArray[Any]]]:
    """Both sentence vectors of each item, centred, and the means that were taken off."""
    if embed is None:
        return {}, {}
    raw = vector_rows(reads, embed)
    means = {name: rows.mean(axis=0).astype(np.float32) for name, rows in raw.items()}
    rows = {name: centred(block, means[name]) for name, block in raw.items()}
    return rows, {f"{name}_mean": mean for name, mean in means.items()}


def _screen(
    table: Table, labels: Labels, rows: NDArray[np.int64]
) -> Callable[[NDArray[np.int64]], Matrix]:
    fitted = fit_screen(table.take(rows), labels[rows])
    return lambda held: fitted.margin(table.words[held], table.dense["concepts"][held])


def _background_cut(screen: Matrix, background: NDArray[np.bool_]) -> float:
    """The margin above which lie the background items that the second stage learns from."""
    margins = np.sort(screen[background])
    return float(margins[-HARD_BACKGROUND:][0]) if len(margins) else 0.0


def _fit_part(
    trainer: Trainer, table: Table, kept: NDArray[np.int64], part: Mapping[str, Any]
) -> tuple[dict[str, Matrix], dict[str, NDArray[Any]], list[dict[str, Any]]]:
    """Held-out margins of the closer look, then its arrays and description fitted on all rows."""
    labels, name = trainer.labels[kept], part["name"]
    trainer.progress(f"part {name}", 0.0)
    margins = held_out_margins(
        trainer.folds[kept], lambda rows: _kernel(table, labels, rows, part)[0]
    )
    _, fitted = _kernel(table, labels, np.arange(len(kept)), part)
    arrays: dict[str, NDArray[Any]] = {"idf_letters": trainer.idf_letters.astype(np.float32)}
    arrays |= {f"{name}_support": fitted.support, f"{name}_dual": fitted.dual}
    lines = {"words": fitted.words, "letters": fitted.letters}
    arrays |= {f"{name}_{kind}": line for kind, line in lines.items() if line is not None}
    return {name: margins}, arrays, [{**part, "bias": fitted.bias}]


def _fit_whole(
    trainer: Trainer, pages: Sequence[Page], kept: NDArray[np.int64]
) -> tuple[dict[str, Matrix], dict[str, NDArray[Any]], list[dict[str, Any]]]:
    """The same of the parts that read whole documents: for labels of one's own."""
    margins: dict[str, Matrix] = {}
    arrays: dict[str, NDArray[Any]] = {}
    described: list[dict[str, Any]] = []

    def fit(part: Mapping[str, Any], rows: NDArray[np.int64]) -> PageFit:
        at = kept[rows]
        own = [pages[row] for row in rows]
        return fit_page_part(part, own, trainer.labels[at], trainer.weights[at])

    def judge(
        part: Mapping[str, Any], seen: NDArray[np.int64]
    ) -> Callable[[NDArray[np.int64]], Matrix]:
        fitted = fit(part, seen)
        return lambda held: fitted.margin([pages[row] for row in held])

    for number, part in enumerate(WHOLE_PARTS):
        trainer.progress(f"part {part['name']}", number / len(WHOLE_PARTS))
        margins[part["name"]] = held_out_margins(trainer.folds[kept], partial(judge, part))
        fitted = fit(part, np.arange(len(kept)))
        arrays |= fitted.arrays
        described.append(dict(fitted.facts))
    return margins, arrays, described


def _kernel(
    table: Table, labels: Labels, rows: NDArray[np.int64], part: Mapping[str, Any]
) -> tuple[Callable[[NDArray[np.int64]], Matrix], KernelFit]:
    own = table.take(rows)
    fitted = fit_kernel(own, labels[rows], part)

    def margin(held: NDArray[np.int64]) -> Matrix:
        dense = joined({k: v[held] for k, v in table.dense.items()}, part["scales"])
        support = joined(own.dense, part["scales"])
        near = gaussian_kernel(dense, support, gamma=part["gamma"])
        found = np.asarray(near @ fitted.dual + fitted.bias, dtype=np.float32)
        for block, line in ((table.words, fitted.words), (table.letters, fitted.letters)):
            if line is not None:
                found = found + block[held] @ line
        return found

    return margin, fitted


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
        return cls(arrays=arrays, spec=spec, threshold=best_threshold(labels, held), held_out=held)


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
    return round(float(np.quantile(screen[alerted], 1.0 - SCREEN_KEEPS)) - SCREEN_SLACK, 4)


def _fit_heads(
    trainer: Trainer, table: Table, kept: NDArray[np.int64], part: Mapping[str, Any]
) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """The heads share the rows that the closer look compares with; others than theirs weigh 0."""
    arrays: dict[str, NDArray[Any]] = {}
    facts: dict[str, Any] = {}
    for number, name in enumerate(HEADS):
        trainer.progress(f"head {name}", number / len(HEADS))
        classes = [getattr(trainer.rows[index], name) for index in kept]
        known = np.flatnonzero([value is not None for value in classes])
        if len({classes[index] for index in known}) < 2:
            continue
        fitted = fit_head(table.take(known), [classes[index] for index in known], part)
        dual = np.zeros((len(kept), len(fitted.classes)), dtype=np.float32)
        dual[known] = fitted.dual
        arrays |= {f"{name}_dual": dual, f"{name}_bias": fitted.bias}
        if fitted.words is not None:
            arrays[f"{name}_words"] = fitted.words
        facts[name] = {"classes": list(fitted.classes)}
    return arrays, facts


def _projection(block: Matrix) -> Matrix:
    """The main directions of a block: the best short stand-in for it (Eckart and Young 1936)."""
    moments = block.astype(np.float64).T @ block
    _, directions = np.linalg.eigh(moments)
    main = directions[:, ::-1][:, :PROJECTION]
    signs = np.sign(main[np.abs(main).argmax(axis=0), np.arange(main.shape[1])])
    return np.asarray(main * signs, dtype=np.float32)
