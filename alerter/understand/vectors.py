"""Sentence vectors of many items, in two processes where there are two cores: for training."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np

from alerter.understand.embed import Embedder, Matrix, find_embedder

CHUNK: Final = 32
FEW: Final = 200  # below this starting processes costs more than it saves

_own: Embedder | None = None


def embed_many(
    texts: Sequence[str], embedder: Embedder, *,
    onnx: Path | None, progress: Callable[[str, float], None],
) -> Matrix:  # fmt: skip
    """One row for each text, the same whatever the number of processes."""
    chunks = [list(texts[start : start + CHUNK]) for start in range(0, len(texts), CHUNK)]
    rows = []
    for done, part in enumerate(_embedded(chunks, embedder, onnx), 1):
        rows.append(part)
        progress("vectors", done / len(chunks))
    return np.concatenate(rows) if rows else np.zeros((0, embedder.dim), dtype=np.float32)


def _embedded(chunks: list[list[str]], embedder: Embedder, onnx: Path | None) -> Iterator[Matrix]:
    workers = min(4, os.cpu_count() or 1)
    if workers < 2 or len(chunks) * CHUNK < FEW:
        yield from map(embedder.embed, chunks)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, initializer=_open, initargs=(onnx,)) as pool:
        yield from pool.map(_embed, chunks)


def _open(onnx: Path | None) -> None:
    global _own  # noqa: PLW0603 - each worker process opens its model once
    _own = find_embedder(onnx=onnx)


def _embed(texts: list[str]) -> Matrix:
    if _own is None:
        raise RuntimeError("the worker has no embedder")
    return _own.embed(texts)
