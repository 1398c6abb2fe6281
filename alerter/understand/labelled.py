"""Labelled items from JSON Lines, and which of them tell of the same event."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from alerter.domain.errors import AlerterError
from alerter.understand.items import Item, head_of
from alerter.understand.text import fold

THREAT: Final = "threat"
BODY_CHARS: Final = 20_000  # under another label whole documents are judged, to this length
CORPUS: Final = Path(__file__).parent / "data" / "corpus"
NEAR_COPY: Final = 0.4  # share of word triples in common that makes two items one report
COMMON_TRIPLE: Final = 30  # a triple in more items than this is a phrase, not a copy
_YEAR: Final = re.compile(r"(19|20)\d\d")


class LabelledError(AlerterError):
    """A file of labelled items that cannot be used; the message names file and line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One item with what people said of it. `label` is 1 or 0 by the field that is learned.

    `background`: of a stream that nobody read, 0 for all we know. `shared`: not of our corpus.
    """

    id: str
    item: Item
    label: int
    lang: str
    source: str = ""
    year: str = ""
    status: str | None = None
    category: str | None = None
    target: str | None = None
    host: str | None = None
    sending: tuple[str, ...] = ()
    event: str | None = None
    unsure: bool = False
    shared: bool = True
    background: bool = False
    body: str = ""

    @property
    def text(self) -> str:
        """Title and lead, for showing."""
        return " | ".join(part for part in (self.item.title, self.item.lead) if part)


def read_labelled(paths: Iterable[Path], *, label: str = "threat") -> list[Labelled]:
    """All items of some files or folders of `.jsonl`; without that field, `kind` means 0.

    Raises LabelledError at the first line that is no labelled item.
    """
    return [row for path in paths for file in _files(path) for row in _rows(file, label)]


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(path.glob("*.jsonl"))
    return [path]


def _rows(path: Path, label: str) -> Iterator[Labelled]:
    own = path.resolve().parent == CORPUS.resolve()
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _row(line, f"{path}:{number}", label, own=own)
    except (OSError, UnicodeDecodeError) as error:
        raise LabelledError(f"{path}: cannot be read: {error}") from error


def _row(line: str, where: str, label: str, *, own: bool) -> Labelled:
    try:
        raw: dict[str, Any] = json.loads(line)
        value = raw[label] if label in raw else _implied(raw)
        date = str(raw.get("date") or raw.get("published") or "")
        found = _YEAR.match(date)
        item = head_of(
            raw.get("title") or "", raw.get("summary") or "", raw.get("body") or "",
            lang=raw.get("lang"), year=int(found[0]) if found else None,
        )  # fmt: skip
        whole = label != THREAT and not (raw.get("title") or raw.get("summary"))
        if whole:
            item = Item(lead=(raw.get("body") or "")[:BODY_CHARS], lang=raw.get("lang"))
        return Labelled(
            id=str(raw.get("id", where)), item=item, label=int(value),
            lang=raw.get("lang") or "", source=raw.get("source") or ("corpus" if own else ""),
            year=found[0] if found else "", status=raw.get("status"),
            category=raw.get("category"), target=raw.get("target"), host=raw.get("host"),
            sending=tuple(raw.get("sending") or ()), event=raw.get("event"),
            unsure=bool(raw.get("unsure")), shared=not own,
            background=label not in raw, body=raw.get("body") or "",
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LabelledError(f"{where}: no labelled item: {error!r}") from error


def _implied(raw: dict[str, Any]) -> int:
    """Items of a background stream carry a kind and no label: nobody read them, they are 0."""
    if raw.get("kind") in {"background", "violence"}:
        return 0
    raise KeyError("the label field")


def event_groups(rows: Sequence[Labelled]) -> NDArray[np.int64]:
    """A number for each row: equal where the event is the same or the text nearly is."""
    parents = list(range(len(rows)))

    def root(index: int) -> int:
        while parents[index] != index:
            parents[index] = parents[parents[index]]
            index = parents[index]
        return index

    for one, other in (*_same_event(rows), *_near_copies(rows)):
        parents[root(one)] = root(other)
    return np.array([root(index) for index in range(len(rows))], dtype=np.int64)


def _same_event(rows: Sequence[Labelled]) -> Iterator[tuple[int, int]]:
    first: dict[str, int] = {}
    for index, row in enumerate(rows):
        if row.event:
            yield index, first.setdefault(row.event, index)


def _near_copies(rows: Sequence[Labelled]) -> Iterator[tuple[int, int]]:
    """Pairs of rows that share a good part of their word triples."""
    triples = [_triples(row) for row in rows]
    holders: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for index, own in enumerate(triples):
        for triple in own:
            holders[triple].append(index)
    for index, own in enumerate(triples):
        shared = Counter(
            other
            for triple in own
            if len(holders[triple]) <= COMMON_TRIPLE
            for other in holders[triple]
            if other < index
        )
        for other, count in shared.items():
            if count > NEAR_COPY * len(own | triples[other]):
                yield index, other


def _triples(row: Labelled) -> set[tuple[str, ...]]:
    words = fold(row.text).split()
    return set(zip(words, words[1:], words[2:], strict=False))
