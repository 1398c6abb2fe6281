"""The smallest ONNX export that has the shape of a sentence encoder, written byte by byte.

The protobuf wire format is simple enough (field number and type, then the value), and a test
should not need the onnx package for one Gather node.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

WORDS = ("[PAD]", "[UNK]", "query", ":", "embassy", "bomb", "probe")
FLOAT, INT64 = 1, 7


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())


def _tensor_info(name: str, kind: int, axes: tuple[str, ...]) -> bytes:
    shape = b"".join(_bytes(1, _text(2, axis)) for axis in axes)
    return _text(1, name) + _bytes(2, _bytes(1, _number(1, kind) + _bytes(2, shape)))


def model_bytes(dim: int) -> bytes:
    """A model that looks up one fixed vector for each token."""
    table = np.random.default_rng(5).normal(size=(len(WORDS), dim)).astype(np.float32)
    weights = _number(1, len(WORDS)) + _number(1, dim) + _number(2, FLOAT)
    weights += _text(8, "table") + _bytes(9, table.tobytes())
    node = _text(1, "table") + _text(1, "input_ids") + _text(2, "states") + _text(4, "Gather")
    graph = _bytes(1, node) + _text(2, "tiny") + _bytes(5, weights)
    for name in ("input_ids", "attention_mask"):
        graph += _bytes(11, _tensor_info(name, INT64, ("batch", "tokens")))
    graph += _bytes(12, _tensor_info("states", FLOAT, ("batch", "tokens", "dim")))
    return _number(1, 8) + _bytes(7, graph) + _bytes(8, _text(1, "") + _number(2, 13))


def write_export(folder: Path, *, dim: int) -> None:
    """`model.onnx` and `tokenizer.json` as an operator would put them there."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    vocabulary = {word: number for number, word in enumerate(WORDS)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "model.onnx").write_bytes(model_bytes(dim))
