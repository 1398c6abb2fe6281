"""Content encodings, and documents that are made to explode."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable, Iterator

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from alerter.collect.decode import DECODERS, decode
from alerter.domain.errors import FeedError

CAP = 100_000
MAKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


def in_pieces(raw: bytes, size: int = 1000) -> Iterator[bytes]:
    """As it arrives from the network."""
    for start in range(0, len(raw), size):
        yield raw[start : start + size]


@pytest.mark.parametrize("encoding", MAKERS)
@given(body=st.binary(max_size=3000), size=st.integers(1, 500))
def test_what_was_packed_comes_out_again(encoding: str, body: bytes, size: int) -> None:
    """However the pieces arrive."""
    packed = MAKERS[encoding](body)
    plain = decode(in_pieces(packed, size), encoding, max_bytes=CAP)
    # A body that is itself a gzip file is unpacked once more, on purpose.
    assert plain == body or body.startswith(b"\x1f\x8b\x08")


@pytest.mark.parametrize("encoding", MAKERS)
def test_a_bomb_is_refused_without_being_unpacked(encoding: str) -> None:
    """50 MB out of a few kB: never more than the cap is held."""
    bomb = brotli.compress(bytes(50_000_000), quality=3)
    if encoding != "br":
        bomb = MAKERS[encoding](bytes(50_000_000))
    tracemalloc.start()
    with pytest.raises(FeedError, match=r"longer than 1,000,000 bytes"):
        decode(in_pieces(bomb, 65_536), encoding, max_bytes=1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


def test_an_undeclared_gzip_file_is_unpacked_within_the_cap() -> None:
    """`feed.xml.gz` served as it lies on the disk; and a bomb of that kind."""
    assert decode([gzip.compress(b"<rss/>")], "", max_bytes=CAP) == b"<rss/>"
    with pytest.raises(FeedError, match="longer than"):
        decode([gzip.compress(bytes(10_000_000))], "", max_bytes=CAP)


def test_raw_bytes_are_counted_too() -> None:
    """An endless stream ends at the cap, not at the end of memory."""

    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 1000

    with pytest.raises(FeedError, match="longer than 100,000 bytes"):
        decode(endless(), "identity", max_bytes=CAP)


def test_several_members_and_padding_are_one_gzip_file() -> None:
    """RFC 1952 allows members in a row; some servers pad with zeros."""
    raw = gzip.compress(b"one ") + gzip.compress(b"two") + b"\0\0\0"
    assert decode([raw], "gzip", max_bytes=CAP) == b"one two"


def test_bare_deflate_is_understood() -> None:
    """Some servers leave the zlib wrapper out."""
    maker = zlib.compressobj(wbits=-15)
    raw = maker.compress(b"hello hello hello") + maker.flush()
    assert decode([raw], "deflate", max_bytes=CAP) == b"hello hello hello"


@pytest.mark.parametrize("encoding", ["gzip, gzip", "compress", "rot13\x00"])
def test_stacked_and_unknown_encodings_are_refused(encoding: str) -> None:
    """Two layers are how bombs hide from caps; no feed needs them."""
    with pytest.raises(FeedError, match="not supported"):
        decode([b"x"], encoding, max_bytes=CAP)


def test_a_gzip_that_stops_in_the_middle_is_damaged() -> None:
    """Half a document would look like a feed that lost its entries."""
    with pytest.raises(FeedError, match="cut short"):
        decode([gzip.compress(b"hello" * 1000)[:-20]], "gzip", max_bytes=CAP)


@pytest.mark.parametrize("encoding", DECODERS)
@given(raw=st.binary(max_size=500))
def test_no_bytes_raise_anything_but_a_reason(encoding: str, raw: bytes) -> None:
    """Foreign bytes end as a body or as a FeedError."""
    try:
        assert isinstance(decode([raw], encoding, max_bytes=CAP), bytes)
    except FeedError as error:
        assert str(error)
