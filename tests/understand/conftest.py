"""A small model trained on part of our corpus, and an embedder that needs no model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest

from alerter.understand.embed import Matrix
from alerter.understand.items import Reader
from alerter.understand.labelled import CORPUS, Labelled, read_labelled
from alerter.understand.lexicon import shipped
from alerter.understand.train import Trained, train

DIM = 24


class FakeEmbedder:
    """Random but fixed directions for words: texts with words in common lie near each other."""

    name = "fake"
    dim = DIM

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Sums of word directions, of unit length."""
        rows = np.zeros((len(texts), DIM), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                rows[row] += np.random.default_rng(crc32(word.encode())).normal(size=DIM)
        unit: Matrix = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        return unit


@pytest.fixture(scope="session")
def few_rows() -> list[Labelled]:
    """Some English items of our corpus, threats and others."""
    rows = read_labelled([CORPUS / "en.jsonl"])
    threats = [row for row in rows if row.label][:90]
    return threats + [row for row in rows if not row.label][:90]


@pytest.fixture(scope="session")
def small_plain(few_rows: list[Labelled]) -> Trained:
    """A training run without vectors."""
    return train(few_rows, Reader(shipped()), embed=None, seed=1, progress=lambda *_: None)


@pytest.fixture(scope="session")
def small_model(
    few_rows: list[Labelled], small_plain: Trained, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder with both models, trained in seconds."""
    folder = tmp_path_factory.mktemp("model")
    reader, fake = Reader(shipped()), FakeEmbedder()
    small_plain.save(folder / "plain.npz")
    rich = train(
        few_rows,
        reader,
        embed=fake.embed,
        seed=1,
        progress=lambda *_: None,
    )
    rich.save(folder / "multilingual.npz")
    return folder
