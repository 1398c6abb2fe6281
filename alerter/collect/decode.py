"""Undo a Content-Encoding without ever holding more than the cap.

A kilobyte can unpack to a gigabyte. So each decoder is asked for no more bytes than are left of
the cap plus one, and the cap plus one is the end: a library that decodes chunk by chunk (httpx)
would have unpacked 64 MB of a gzip bomb, and far more of a brotli one, before it could be asked.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, Protocol

import brotli  # type: ignore[import-untyped]
import zstandard

from alerter.domain.errors import FeedError

ZSTD_WINDOW: Final = 8 * 2**20  # the largest window that RFC 8878 asks decoders to support
_GZIP_MAGIC: Final = b"\x1f\x8b\x08"


class _Decoder(Protocol):
    def __call__(self, raw: Iterable[bytes], limit: int) -> Iterator[bytes]: ...


def decode(raw: Iterable[bytes], encoding: str, *, max_bytes: int) -> bytes:
    """The body behind `encoding` (the Content-Encoding header, which may be empty).

    Raises FeedError when the raw or the decoded body is longer than `max_bytes`, when the encoding
    is unknown or stacked, and when the bytes are damaged. A gzip file that is not declared as such
    is unpacked too.
    """
    coding = encoding.strip().lower()
    decoder = DECODERS.get(coding)
    if decoder is None:
        raise FeedError(f"content encoding not supported: {coding[:40]!r}")
    body = _capped(decoder(_capped_chunks(raw, max_bytes), max_bytes + 1), max_bytes)
    if decoder is _plain and body.startswith(_GZIP_MAGIC):
        body = _capped(_gzip([body], max_bytes + 1), max_bytes)
    return body


def _capped(chunks: Iterable[bytes], max_bytes: int) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > max_bytes:
            raise FeedError(f"longer than {max_bytes:,} bytes when unpacked")
    return bytes(body)


def _capped_chunks(raw: Iterable[bytes], max_bytes: int) -> Iterator[bytes]:
    total = 0
    for chunk in raw:
        total += len(chunk)
        if total > max_bytes:
            raise FeedError(f"longer than {max_bytes:,} bytes")
        yield chunk


def _plain(raw: Iterable[bytes], limit: int) -> Iterator[bytes]:  # noqa: ARG001  (as all)
    return iter(raw)


def _gzip(raw: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """Members of a gzip file, one after the other (RFC 1952, 2.2)."""
    member = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        for chunk in raw:
            rest = chunk
            while rest:
                if member.eof:
                    if not rest.startswith(_GZIP_MAGIC[: len(rest)]):
                        return  # padding after the last member
                    member = zlib.decompressobj(zlib.MAX_WBITS | 16)
                yield member.decompress(rest, limit)
                rest = member.unconsumed_tail or member.unused_data
    except zlib.error as error:
        raise FeedError(f"damaged gzip: {error}") from error
    if not member.eof:
        raise FeedError("damaged gzip: cut short")


def _deflate(raw: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """Zlib, or the bare deflate that some servers send under its name."""
    stream, held = None, b""
    try:
        for chunk in raw:
            held += chunk
            if stream is None and len(held) < 2:
                continue
            stream = stream or zlib.decompressobj(_deflate_bits(held))
            while held:
                yield stream.decompress(held, limit)
                held = stream.unconsumed_tail
    except zlib.error as error:
        raise FeedError(f"damaged deflate: {error}") from error


def _deflate_bits(start: bytes) -> int:
    """Wrapped when the two bytes of the zlib header check out (RFC 1950, 2.2)."""
    wrapped = start[0] & 0x0F == 8 and (start[0] * 256 + start[1]) % 31 == 0
    return zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS


def _brotli(raw: Iterable[bytes], limit: int) -> Iterator[bytes]:
    stream = brotli.Decompressor()
    try:
        for chunk in raw:
            yield stream.process(chunk, output_buffer_limit=limit)
            while not stream.can_accept_more_data():
                yield stream.process(b"", output_buffer_limit=limit)
    except brotli.error as error:
        raise FeedError(f"damaged brotli: {error}") from error


class _Source:
    """What zstandard reads from: the raw chunks as a file."""

    def __init__(self, raw: Iterable[bytes]) -> None:
        self._chunks = iter(raw)
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        if not self._rest:
            self._rest = next(self._chunks, b"")
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken


def _zstd(raw: Iterable[bytes], limit: int) -> Iterator[bytes]:
    unpacker = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
    reader = unpacker.stream_reader(_Source(raw), read_across_frames=True)  # type: ignore[arg-type]
    read: Callable[[int], bytes] = reader.read
    try:
        while chunk := read(min(limit, 2**16)):
            yield chunk
    except zstandard.ZstdError as error:
        raise FeedError(f"damaged zstd: {error}") from error


DECODERS: Final[Mapping[str, _Decoder]] = {
    "": _plain,
    "identity": _plain,
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
