"""A watched folder as a feed."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerter.collect.dropped import parse_dropped
from alerter.collect.folder import read_folder
from alerter.collect.parsing import Parsed, ParsePool
from alerter.domain.errors import FeedError

NOW = datetime(2020, 9, 15, 12, tzinfo=UTC)
MAIL = b"""From: Duty <duty@post.example>
Subject: =?utf-8?b?2KfZhtmB2KzYp9ix?=
Date: Tue, 15 Sep 2020 13:00:00 +0300
Message-ID: <1@post.example>
Content-Type: text/plain; charset=utf-8

Shots <near> the gate.
"""


def read(folder: Path, pool: ParsePool, known: bytes = b"") -> Parsed | None:
    """The folder as the poller reads it."""
    return read_folder(folder.as_uri(), known, pool, now=NOW, max_bytes=10_000)


def test_mails_notes_and_json_become_entries(tmp_path: Path, pool: ParsePool) -> None:
    """Each kind as it is written by hand."""
    (tmp_path / "a.eml").write_bytes(MAIL)
    (tmp_path / "b.txt").write_text("Shots fired\n\nNear <the> gate & wall.\n")
    (tmp_path / "c.json").write_text('[{"title": "One"}, {"title": "Two", "url": "http://x/2"}]')
    parsed = read(tmp_path, pool)
    assert parsed is not None
    mail, note, one, two = parsed.entries
    assert (mail.title, mail.body, mail.guid) == (
        "انفجار",
        "Shots <near> the gate.",
        "<1@post.example>",
    )
    assert mail.published == datetime(2020, 9, 15, 10, tzinfo=UTC)
    assert (note.title, note.body) == ("Shots fired", "Near <the> gate & wall.")
    assert (one.title, two.link) == ("One", "http://x/2")
    assert len(parsed.hashes) == 3


def test_what_is_known_is_not_read_again(tmp_path: Path, pool: ParsePool) -> None:
    """A new file beside it is; without one there is nothing to do."""
    (tmp_path / "a.txt").write_text("one")
    first = read(tmp_path, pool)
    assert first is not None
    known = b"".join(first.hashes)
    assert read(tmp_path, pool, known) is None
    (tmp_path / "b.txt").write_text("two")
    second = read(tmp_path, pool, known)
    assert second is not None
    assert [entry.title for entry in second.entries] == ["two"]


def test_links_hidden_and_other_files_are_left_alone(tmp_path: Path, pool: ParsePool) -> None:
    """A link may lead anywhere; a hidden file is not finished yet."""
    (tmp_path / "link.txt").symlink_to("/etc/passwd")
    (tmp_path / ".part.txt").write_text("half")
    (tmp_path / "x.pdf").write_bytes(b"%PDF")
    (tmp_path / "folder.txt").mkdir()
    assert read(tmp_path, pool) is None


def test_a_file_that_cannot_be_read_is_rejected_alone(tmp_path: Path, pool: ParsePool) -> None:
    """Too long, empty, not JSON: each with its reason."""
    (tmp_path / "long.txt").write_text("x" * 20_000)
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "bad.json").write_text("{")
    (tmp_path / "good.txt").write_text("seen")
    parsed = read(tmp_path, pool)
    assert parsed is not None
    assert [entry.title for entry in parsed.entries] == ["seen"]
    reasons = sorted(rejected.reason for rejected in parsed.rejected)
    assert [reason.partition(":")[0] for reason in reasons] == ["bad.json", "empty.txt", "long.txt"]


def test_odd_names_do_no_harm(tmp_path: Path, pool: ParsePool) -> None:
    """Blanks, signs of shells, and bytes that are no UTF-8."""
    (tmp_path / "a b;$(x) .txt").write_text("odd")
    os.close(os.open(os.fsencode(tmp_path) + b"/\xff\xfe.txt", os.O_CREAT | os.O_WRONLY))
    parsed = read(tmp_path, pool)
    assert parsed is not None
    assert [entry.title for entry in parsed.entries] == ["odd"]


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path, pool: ParsePool) -> None:
    """The poller makes a reason of it."""
    with pytest.raises(OSError, match="No such file"):
        read(tmp_path / "none", pool)


@given(st.sampled_from(["a.eml", "a.txt", "a.json"]), st.binary(max_size=300))
def test_any_file_gives_entries_or_a_reason(name: str, content: bytes) -> None:
    """Mails above all break in many ways."""
    for body in (content, MAIL.replace(b"utf-8", content[:20]), MAIL + content):
        try:
            assert parse_dropped(name, body, now=NOW).entries
        except FeedError as error:
            assert str(error)
