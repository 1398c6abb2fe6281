"""The model file: arrays and a JSON header in one `.npz`, without pickle, checked before use.

A file is refused (ModelError) when it is larger than it may be, was written by another format
version, holds an array that the header does not announce, of another type or shape, with a value
that is no finite number, or whose content differs from the digest in its header. The digest finds
accidents and careless edits; against an attacker who can write the file only its owner and mode
help, so keep it where only root writes.
"""

from __future__ import annotations

import hashlib
import io
import json
import tokenize
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from alerter.domain.errors import ModelError

FORMAT: Final = 1
MAX_FILE_BYTES: Final = 32 * 2**20
MAX_CONTENT_BYTES: Final = 128 * 2**20  # unpacked; a zip may promise a thousand times its size
MAX_MEMBERS: Final = 200
MAX_HEADER_BYTES: Final = 2**20
_HEADER: Final = "header.json"
_DTYPES: Final = ("float32", "float16", "int32", "int16", "int8", "uint8")
_DAMAGE: Final = (  # all that zipfile, json and numpy say of bytes that are not theirs
    OSError,
    ValueError,
    EOFError,
    KeyError,
    TypeError,
    RuntimeError,
    SyntaxError,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # a fixed time stamp: equal content gives equal bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What a model file holds: facts about it (`header`) and the arrays by name."""

    header: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]

    @property
    def version(self) -> str:
        """A short name that changes with every change of content."""
        return f"{self.header['kind']}-{self.header['sha256'][:12]}"


def save_model(path: Path, header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Model:
    """Write the file and give back what a reader of it will see. Equal content, equal bytes."""
    announced = {
        name: {"dtype": array.dtype.name, "shape": list(array.shape)}
        for name, array in sorted(arrays.items())
    }
    facts = {**header, "format": FORMAT, "arrays": announced}
    facts["sha256"] = _digest(facts, arrays)
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        _put(archive, _HEADER, json.dumps(facts, sort_keys=True, indent=1).encode())
        for name, array in sorted(arrays.items()):
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.ascontiguousarray(array), allow_pickle=False)
            _put(archive, f"{name}.npy", buffer.getvalue())
    return Model(header=facts, arrays=dict(arrays))


def load_model(path: Path) -> Model:
    """Read and check a model file. Raises ModelError with what is wrong and what to do."""
    try:
        _check_size(path)
        with zipfile.ZipFile(path) as archive:
            _check_members(archive)
            header = _read_header(archive)
            arrays = {name: _read_array(archive, name, spec) for name, spec in _announced(header)}
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error
    except _DAMAGE as error:
        raise ModelError(f"{path}: damaged or no model file: {error}") from error
    if _digest(header, arrays) != header.get("sha256"):
        raise ModelError(f"{path}: altered since it was written; restore it or train a new one")
    return Model(header=header, arrays=arrays)


def _check_size(path: Path) -> None:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise ModelError(f"larger than {MAX_FILE_BYTES} bytes; no model of ours")


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(name, date_time=_EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    archive.writestr(info, content, compresslevel=9)


def _check_members(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    if len(members) > MAX_MEMBERS or sum(m.file_size for m in members) > MAX_CONTENT_BYTES:
        raise ModelError("unpacks to more than a model may hold")
    if len({m.filename for m in members}) != len(members):
        raise ModelError("holds one name twice")


def _read_header(archive: zipfile.ZipFile) -> dict[str, Any]:
    if archive.getinfo(_HEADER).file_size > MAX_HEADER_BYTES:
        raise ModelError("its header is larger than a header may be")
    header = json.loads(archive.read(_HEADER))
    if not isinstance(header, dict) or not isinstance(header.get("arrays"), dict):
        raise ModelError("its header is not one of ours")
    if header.get("format") != FORMAT:
        raise ModelError(
            f"format version {header.get('format')!r}, this program reads {FORMAT}; train it again"
        )
    names = {f"{name}.npy" for name in header["arrays"]} | {_HEADER}
    if names != set(archive.namelist()):
        raise ModelError("holds other arrays than its header announces")
    return header


def _announced(header: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    return sorted(header["arrays"].items())


def _read_array(archive: zipfile.ZipFile, name: str, spec: Mapping[str, Any]) -> NDArray[Any]:
    """One array, after its own header was compared with what the file announces."""
    with archive.open(f"{name}.npy") as stream:
        version = np.lib.format.read_magic(stream)
        if version != (1, 0):
            raise ModelError(f"array {name}: numpy format {version}")
        shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
    if dtype.name not in _DTYPES or dtype.hasobject:
        raise ModelError(f"array {name}: type {dtype.name} is not allowed")
    if dtype.name != spec.get("dtype") or list(shape) != spec.get("shape"):
        raise ModelError(f"array {name}: not of the type and shape that the header announces")
    if int(np.prod(shape, dtype=object)) * dtype.itemsize > MAX_CONTENT_BYTES:
        raise ModelError(f"array {name}: larger than a model may hold")
    array = np.lib.format.read_array(io.BytesIO(archive.read(f"{name}.npy")), allow_pickle=False)
    if dtype.kind == "f" and not np.isfinite(array).all():
        raise ModelError(f"array {name}: holds a value that is no finite number")
    return array


def _digest(header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> str:
    facts = {key: value for key, value in header.items() if key != "sha256"}
    digest = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
