"""A YAML 1.2 file as plain values, with the position of every key and value."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from alerter.domain.errors import ConfigError, Problem

Path = tuple[str | int, ...]
Position = tuple[int, int]

MAX_BYTES: Final = 20 * 2**20
MAX_NODES: Final = 1_000_000  # anchors could make a small file enormous


@dataclass(kw_only=True)
class Document:
    """A file read: its value, and where each path of keys and indexes stands (line, column)."""

    file: str
    value: Any = None
    values_at: dict[Path, Position] = field(default_factory=dict)
    keys_at: dict[Path, Position] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    nodes: int = 0

    def problem(self, path: Path, message: str, *, at_key: bool = False) -> Problem:
        """A problem at that path, or at the nearest one above it that stands in the file."""
        marks = self.keys_at if at_key else self.values_at
        known = path
        while known and known not in marks and known not in self.values_at:
            known = known[:-1]
        line, column = marks.get(known) or self.values_at.get(known, (1, 1))
        return Problem(file=self.file, line=line, column=column, key=dotted(path), message=message)

    def without(self, paths: Iterable[Path]) -> Document:
        """The same document with the values at `paths` taken out; all else keeps its position."""
        pruned = replace(self, value=copy.deepcopy(self.value))
        for path in sorted(set(paths), key=str, reverse=True):
            pruned = _without(pruned, path)
        return pruned


def _without(document: Document, path: Path) -> Document:
    parent = document.value
    for part in path[:-1]:
        parent = parent[part]
    del parent[path[-1]]
    return replace(
        document,
        values_at=_shifted(document.values_at, path),
        keys_at=_shifted(document.keys_at, path),
    )


def _shifted(marks: dict[Path, Position], removed: Path) -> dict[Path, Position]:
    """Marks after the value at `removed` is gone: what follows it in a list moves up by one."""
    depth, last = len(removed) - 1, removed[-1]
    if isinstance(last, str):
        return {path: mark for path, mark in marks.items() if path[: depth + 1] != removed}
    moved: dict[Path, Position] = {}
    for path, mark in marks.items():
        inside = len(path) > depth and path[:depth] == removed[:-1]
        index = path[depth] if inside else None
        if not isinstance(index, int) or index < last:
            moved[path] = mark
        elif index > last:
            moved[(*path[:depth], index - 1, *path[depth + 1 :])] = mark
    return moved


def dotted(path: Path) -> str:
    """`('feeds', 1, 'url')` as people write it: `feeds.1.url`."""
    return ".".join(str(part) for part in path)


def read_document(file: FilePath) -> Document:
    """Read and resolve one YAML file. Raises ConfigError when it is not readable YAML at all."""
    document = Document(file=str(file))
    try:
        if file.stat().st_size > MAX_BYTES:
            raise _unreadable(document, f"larger than {MAX_BYTES // 2**20} MiB")
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise _unreadable(document, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise _unreadable(document, "is not UTF-8 text") from error
    node = _compose(document, text)
    if node is not None:
        document.value = _resolve(document, node, ())
    return document


def _unreadable(document: Document, message: str) -> ConfigError:
    return ConfigError((document.problem((), message),))


def _compose(document: Document, text: str) -> Node | None:
    try:
        node: Node | None = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        what = str(error.problem or error.context or "not YAML")
        problem = Problem(
            file=document.file, line=line, column=column, key="", message=f"not YAML: {what}"
        )
        raise ConfigError((problem,)) from error
    except ReaderError as error:
        raise _unreadable(document, "not YAML: a control character") from error
    return node


def _resolve(document: Document, node: Node, path: Path) -> Any:
    document.nodes += 1
    if document.nodes > MAX_NODES or len(path) > 50:
        raise _unreadable(document, "too many or too deeply nested values")
    document.values_at[path] = _position(node)
    if isinstance(node, MappingNode):
        return _mapping(document, node, path)
    if isinstance(node, SequenceNode):
        return [_resolve(document, item, (*path, i)) for i, item in enumerate(node.value)]
    # YAML has three kinds of node.
    assert isinstance(node, ScalarNode)
    return _scalar(document, node, path)


def _mapping(document: Document, node: MappingNode, path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        here = (*path, key)
        if key in found:
            line, column = _position(key_node)
            document.problems.append(
                Problem(
                    file=document.file,
                    line=line,
                    column=column,
                    key=dotted(here),
                    message="is given twice; keep one",
                )
            )
            continue
        document.keys_at[here] = _position(key_node)
        found[key] = _resolve(document, value_node, here)
    return found


def _scalar(document: Document, node: ScalarNode, path: Path) -> Any:
    tag = str(node.tag).rsplit(":", 1)[-1]
    text = str(node.value)
    try:
        match tag:
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int":
                return int(
                    text.replace("_", ""), 0 if text.lower().startswith(("0x", "0o")) else 10
                )
            case "float":
                return float(text.replace("_", ""))
            case "str" | "timestamp":
                return text
    except ValueError:
        return text
    document.problems.append(document.problem(path, f"the tag {node.tag} is not allowed here"))
    return text


def _position(node: Node) -> Position:
    return node.start_mark.line + 1, node.start_mark.column + 1
