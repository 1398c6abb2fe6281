"""The model file is read only when it is whole, ours and harmless."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from alerter.domain.errors import ModelError
from alerter.understand import model as model_file
from alerter.understand.model import load_model, save_model


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "m.npz"
    arrays: dict[str, NDArray[Any]] = {
        "a": np.arange(12, dtype=np.float32).reshape(3, 4),
        "b": np.ones(5, np.int8),
    }
    save_model(path, {"kind": "plain"}, arrays)
    return path


def rewrite(path: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    """Unpack a model file, let `change` spoil its members, and pack it again."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def header_with(members: dict[str, bytes], **values: Any) -> None:
    facts = json.loads(members["header.json"])
    members["header.json"] = json.dumps({**facts, **values}).encode()


def npy(array: np.ndarray[Any, Any], *, allow_pickle: bool = False) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, allow_pickle=allow_pickle)
    return buffer.getvalue()


def test_what_was_saved_is_read_again(saved: Path) -> None:
    """Arrays, facts and the version come back."""
    model = load_model(saved)
    assert model.arrays["a"][2, 3] == 11
    assert model.version.startswith("plain-")


def test_equal_content_gives_equal_bytes(saved: Path, tmp_path: Path) -> None:
    """Nothing of the clock or the machine is in the file."""
    again = tmp_path / "again.npz"
    model = load_model(saved)
    save_model(again, {"kind": "plain"}, model.arrays)
    assert again.read_bytes() == saved.read_bytes()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_flipped_byte_is_noticed(saved: Path, tmp_path: Path, data: st.DataObject) -> None:
    """A flip either leaves every value as it was (a time stamp of the zip) or is refused."""
    content = bytearray(saved.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    spoiled = tmp_path / "spoiled.npz"
    spoiled.write_bytes(content)
    try:
        model = load_model(spoiled)
    except ModelError:
        return
    assert model.version == load_model(saved).version


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0, 0.999))
def test_a_truncated_file_is_refused(saved: Path, tmp_path: Path, share: float) -> None:
    """However much is missing."""
    content = saved.read_bytes()
    cut = tmp_path / "cut.npz"
    cut.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(ModelError):
        load_model(cut)


def test_another_format_version_is_refused_with_advice(saved: Path) -> None:
    """The message says which version it is and what to do."""
    rewrite(saved, lambda members: header_with(members, format=99))
    with pytest.raises(ModelError, match="format version 99.*train it again"):
        load_model(saved)


def test_altered_values_are_refused(saved: Path) -> None:
    """A well-formed array with other values does not fit the digest."""

    def change(members: dict[str, bytes]) -> None:
        members["a.npy"] = npy(np.zeros((3, 4), np.float32))

    rewrite(saved, change)
    with pytest.raises(ModelError, match="altered"):
        load_model(saved)


def test_a_pickle_inside_is_refused_and_never_run(saved: Path, tmp_path: Path) -> None:
    """An object array is code; it is refused by its type, before anything is read."""
    trap = tmp_path / "trapped"

    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (trap,))

    def change(members: dict[str, bytes]) -> None:
        members["a.npy"] = npy(np.array([Trap()], dtype=object), allow_pickle=True)

    rewrite(saved, change)
    with pytest.raises(ModelError):
        load_model(saved)
    assert not trap.exists()


def test_a_bare_pickle_is_refused(tmp_path: Path) -> None:
    """A joblib or pickle file is no model."""
    path = tmp_path / "m.npz"
    path.write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(ModelError, match="no model file"):
        load_model(path)


def test_a_huge_shape_is_refused_before_memory_is_asked_for(saved: Path) -> None:
    """The shape in an array's own header must be the announced one, and bounded."""

    def change(members: dict[str, bytes]) -> None:
        members["a.npy"] = members["a.npy"].replace(b"(3, 4)", b"(9**9,9)"[:6])

    rewrite(saved, change)
    with pytest.raises(ModelError):
        load_model(saved)


def test_an_announced_huge_shape_is_refused(saved: Path) -> None:
    """Even when header and array agree."""

    def change(members: dict[str, bytes]) -> None:
        head = np.lib.format.header_data_from_array_1_0(np.zeros((1, 1), np.float32))
        head["shape"] = (1 << 40, 1 << 20)
        buffer = io.BytesIO()
        np.lib.format.write_array_header_1_0(buffer, head)
        members["a.npy"] = buffer.getvalue()
        arrays = json.loads(members["header.json"])["arrays"]
        arrays["a"]["shape"] = [1 << 40, 1 << 20]
        header_with(members, arrays=arrays)

    rewrite(saved, change)
    with pytest.raises(ModelError, match="larger than a model may hold"):
        load_model(saved)


def test_a_zip_bomb_is_refused_unread(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a file unpacks to is bounded before it is unpacked."""
    monkeypatch.setattr(model_file, "MAX_CONTENT_BYTES", 64)
    with pytest.raises(ModelError, match="unpacks to more"):
        load_model(saved)


def test_a_value_that_is_no_number_is_refused(tmp_path: Path) -> None:
    """One nan would make every comparison false and every alert silent."""
    path = tmp_path / "m.npz"
    save_model(path, {"kind": "plain"}, {"a": np.array([1.0, np.nan], np.float32)})
    with pytest.raises(ModelError, match="finite"):
        load_model(path)


def test_an_array_that_nobody_announced_is_refused(saved: Path) -> None:
    """Nothing rides along."""

    def change(members: dict[str, bytes]) -> None:
        members["extra.npy"] = npy(np.zeros(1, np.float32))

    rewrite(saved, change)
    with pytest.raises(ModelError, match="other arrays"):
        load_model(saved)


def test_a_missing_file_is_a_model_error(tmp_path: Path) -> None:
    """With the path in the message."""
    with pytest.raises(ModelError, match="absent"):
        load_model(tmp_path / "absent.npz")
