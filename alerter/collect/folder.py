"""A watched folder as a feed: each `.eml`, `.txt` and `.json` file that is dropped into it.

Files are read and left where they are. A file is known by its name, size and time of change.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from alerter.collect.dropped import SUFFIXES
from alerter.collect.parse import Document
from alerter.collect.parsing import Parsed, ParsePool, Raw, Rejected
from alerter.collect.split import HASH_BYTES
from alerter.domain.article import Entry
from alerter.domain.errors import FeedError


def read_folder(
    url: str, known: bytes, pool: ParsePool, *, now: datetime, max_bytes: int
) -> Parsed | None:
    """The entries of files that are not known yet; None when nothing was dropped or taken away.

    Raises OSError when the folder cannot be read. Links are not followed, as they may lead out of
    the folder.
    """
    seen = {known[at : at + HASH_BYTES] for at in range(0, len(known), HASH_BYTES)}
    files = dict(_files(Path(unquote(urlsplit(url).path))))
    if set(files) == seen and len(files) == len(known) // HASH_BYTES:
        return None
    entries: list[Entry] = []
    fresh: list[bytes] = []
    rejected: list[Rejected] = []
    for digest, path in files.items():
        if digest in seen:
            continue
        try:
            found = _entries(path, pool, now=now, max_bytes=max_bytes)
        except (FeedError, OSError) as error:
            content = str(path.name).encode("utf-8", "replace")
            rejected.append(Rejected(content=content, reason=f"{path.name}: {error}"))
            continue
        entries += found
        fresh += [digest] * len(found)
    return Parsed(
        entries=tuple(entries),
        about=Document(),
        hashes=tuple(files),
        fresh=tuple(fresh),
        rejected=tuple(rejected),
    )


def _files(folder: Path) -> Iterator[tuple[bytes, Path]]:
    """Regular files of the known kinds by hash, the oldest first."""
    found = []
    with os.scandir(folder) as listed:
        for entry in listed:
            if entry.name.startswith(".") or not entry.name.lower().endswith(SUFFIXES):
                continue
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISREG(status.st_mode):
                found.append((status.st_mtime_ns, status.st_size, entry.name))
    for changed, size, name in sorted(found):
        sign = f"{name}\0{size}\0{changed}".encode("utf-8", "surrogateescape")
        yield hashlib.blake2b(sign, digest_size=HASH_BYTES).digest(), folder / name


def _entries(path: Path, pool: ParsePool, *, now: datetime, max_bytes: int) -> tuple[Entry, ...]:
    with path.open("rb") as file:
        content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise FeedError(f"longer than {max_bytes:,} bytes")
    return pool.parse(Raw(body=content, base=path.name, now=now, kind="dropped")).entries
