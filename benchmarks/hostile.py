"""What feeds do to those who poll them, as coroutines on the connection of one request."""

from __future__ import annotations

import asyncio
import struct
import zlib
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any, Final

BOMB_BYTES: Final = 256 * 2**20  # what a quarter of a megabyte unpacks to
BIG_BYTES: Final = 100 * 2**20
DRIP_SECONDS: Final = 0.5
GZIP_HEAD: Final = b"\x1f\x8b\x08\0\0\0\0\0\0\x03"
LAST_BLOCK: Final = b"\x03\0"
CHUNK: Final = 64 * 1024
HEAD: Final = b'<?xml version="1.0"?><rss version="2.0"><channel><title>Odd</title>'


async def misbehave(connection: Any, target: str) -> None:
    """Answer as the kind in `/h/KIND/N.xml` does, then close."""
    kind = target.split("/")[2]
    await KINDS[kind](connection, target)
    if not connection.transport.is_closing():
        connection.transport.close()


def _head(status: str, headers: str = "") -> bytes:
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: application/rss+xml\r\n{headers}"
        "Connection: close\r\n\r\n"
    ).encode()


async def _error(connection: Any, target: str) -> None:
    connection.transport.write(_head("500 Internal Server Error", "Content-Length: 0\r\n"))


async def _missing(connection: Any, target: str) -> None:
    connection.transport.write(_head("404 Not Found", "Content-Length: 0\r\n"))


async def _hang(connection: Any, target: str) -> None:
    """Say nothing until the client gives up."""
    await connection.lost.wait()


async def _drip(connection: Any, target: str) -> None:
    """A byte now and then, for ever: no single read times out."""
    connection.transport.write(_head("200 OK") + HEAD)
    while not connection.lost.is_set():
        connection.transport.write(b" ")
        await asyncio.sleep(DRIP_SECONDS)


async def _bomb(connection: Any, target: str) -> None:
    bomb = _bomb_bytes()
    declared = f"Content-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n"
    connection.transport.write(_head("200 OK", declared))
    for start in range(0, len(bomb), CHUNK):
        await _write(connection, bomb[start : start + CHUNK])


@cache
def _bomb_bytes() -> bytes:
    """One packed megabyte of spaces, repeated: made in a moment, since all feeds wait meanwhile."""
    spaces = b" " * 2**20
    checksum = zlib.crc32(HEAD)
    for _ in range(BOMB_BYTES // 2**20):
        checksum = zlib.crc32(spaces, checksum)
    length = (len(HEAD) + BOMB_BYTES) % 2**32
    blocks = _block(HEAD) + _block(spaces) * (BOMB_BYTES // 2**20)
    return GZIP_HEAD + blocks + LAST_BLOCK + struct.pack("<II", checksum, length)


def _block(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush(zlib.Z_FULL_FLUSH)


async def _big(connection: Any, target: str) -> None:
    connection.transport.write(_head("200 OK", f"Content-Length: {BIG_BYTES}\r\n"))
    chunk = (HEAD + b" " * CHUNK)[:CHUNK]
    for _ in range(BIG_BYTES // CHUNK):
        if connection.lost.is_set():
            return
        await _write(connection, chunk)


async def _malformed(connection: Any, target: str) -> None:
    connection.transport.write(_head("200 OK"))
    await _write(connection, HEAD + b"<item><title>a</b></item \xff\xfe <![CDATA[" * 200)


async def _loop(connection: Any, target: str) -> None:
    there, _, back = target.partition("?")
    location = there if back else f"{there}?again"
    connection.transport.write(_head("302 Found", f"Location: {location}\r\nContent-Length: 0\r\n"))


async def _reset(connection: Any, target: str) -> None:
    """Promise a body, send a part of it, and break off."""
    connection.transport.write(_head("200 OK", "Content-Length: 100000\r\n") + HEAD * 20)
    await asyncio.sleep(0.01)
    connection.transport.abort()


async def _write(connection: Any, chunk: bytes) -> None:
    await connection.may_write.wait()
    if not connection.transport.is_closing():
        connection.transport.write(chunk)


KINDS: Final[dict[str, Callable[[Any, str], Awaitable[None]]]] = {
    "error": _error,
    "missing": _missing,
    "hang": _hang,
    "drip": _drip,
    "bomb": _bomb,
    "big": _big,
    "malformed": _malformed,
    "loop": _loop,
    "reset": _reset,
}
