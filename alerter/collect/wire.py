"""How the daemon and a parse worker speak: frames of JSON and bytes over a socket pair.

JSON and not pickle: what comes out of a process that eats hostile bytes is not to be trusted.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any, Final

from alerter.collect.parse import Document
from alerter.domain.article import Entry

_LENGTHS: Final = struct.Struct("!II")
_CHUNK: Final = 2**20
_TIMES: Final = ("published", "updated")
_FIELDS: Final = tuple(field.name for field in fields(Entry))


def send(sock: socket.socket, message: dict[str, Any], blob: bytes = b"") -> None:
    """One frame. Raises OSError when the other side is gone or does not read in time."""
    text = json.dumps(message).encode("ascii")  # ASCII: lone surrogates survive as escapes
    sock.sendall(_LENGTHS.pack(len(text), len(blob)) + text)
    if blob:
        sock.sendall(blob)


def receive(sock: socket.socket, *, until: float | None = None) -> tuple[dict[str, Any], bytes]:
    """One frame, complete before `until` on the monotonic clock. Raises EOFError and OSError."""
    text_length, blob_length = _LENGTHS.unpack(_exactly(sock, _LENGTHS.size, until))
    message: dict[str, Any] = json.loads(_exactly(sock, text_length, until))
    return message, _exactly(sock, blob_length, until)


def _exactly(sock: socket.socket, length: int, until: float | None) -> bytes:
    received = bytearray()
    while len(received) < length:
        if until is not None:
            sock.settimeout(max(until - time.monotonic(), 0.001))
        chunk = sock.recv(min(length - len(received), _CHUNK))
        if not chunk:
            raise EOFError
        received += chunk
    return bytes(received)


def pack_document(document: Document) -> dict[str, Any]:
    """A document as JSON knows it."""
    return {
        "entries": [_pack_entry(entry) for entry in document.entries],
        "title": document.title,
        "lang": document.lang,
        "ttl": document.ttl.total_seconds() if document.ttl else None,
        "skip_hours": document.skip_hours,
        "skip_days": document.skip_days,
    }


def unpack_document(packed: dict[str, Any]) -> Document:
    """The document again. Raises ValueError, TypeError or KeyError when it was tampered with."""
    ttl = packed["ttl"]
    return Document(
        entries=tuple(_unpack_entry(entry) for entry in packed["entries"]),
        title=packed["title"],
        lang=packed["lang"],
        ttl=timedelta(seconds=ttl) if ttl else None,
        skip_hours=tuple(packed["skip_hours"]),
        skip_days=tuple(packed["skip_days"]),
    )


def _pack_entry(entry: Entry) -> dict[str, Any]:
    packed = {name: getattr(entry, name) for name in _FIELDS}  # `asdict` copies deeply
    for name in _TIMES:
        packed[name] = packed[name].isoformat() if packed[name] else None
    return packed


def _unpack_entry(packed: dict[str, Any]) -> Entry:
    times = {name: datetime.fromisoformat(packed[name]) for name in _TIMES if packed[name]}
    return Entry(**(packed | dict.fromkeys(_TIMES) | times))
