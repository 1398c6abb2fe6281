"""Secrets of feeds: read from files, shown to nobody else."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from pydantic import SecretStr

from alerter.collect.auth import credentials
from alerter.config.feeds import FeedAuth
from alerter.domain.errors import FeedError


def secret(folder: Path, text: str) -> Path:
    """A file with a secret, as people write them."""
    file = folder / "secret"
    file.write_text(text, encoding="utf-8")
    return file


def test_without_auth_nothing_is_shown() -> None:
    """The usual case."""
    assert credentials(None).headers == {}


def test_basic_takes_its_password_from_a_file(tmp_path: Path) -> None:
    """In UTF-8, without the line feed at the end."""
    shown = credentials(FeedAuth(username="reader", password_file=secret(tmp_path, "pässword\n")))
    kind, _, value = shown.headers["Authorization"].partition(" ")
    assert (kind, base64.b64decode(value).decode()) == ("Basic", "reader:pässword")


def test_bearer_and_cookie(tmp_path: Path) -> None:
    """A secret of two lines cannot smuggle a header."""
    shown = credentials(
        FeedAuth(token=SecretStr("t0ken"), cookie_file=secret(tmp_path, "id=1\nX-Evil: 1"))
    )
    assert shown.headers == {"Authorization": "Bearer t0ken", "Cookie": "id=1X-Evil: 1"}


def test_a_file_of_headers(tmp_path: Path) -> None:
    """One a line, with comments."""
    file = secret(tmp_path, "# ours\nX-Key: abc:def\n\nX-Other:  y \n")
    assert credentials(FeedAuth(headers_file=file)).headers == {"X-Key": "abc:def", "X-Other": "y"}


def test_what_is_wrong_with_a_secret_is_said_without_the_secret(tmp_path: Path) -> None:
    """The file and the line, not what stands there."""
    with pytest.raises(FeedError, match=r"secret:1: not a header") as raised:
        credentials(FeedAuth(headers_file=secret(tmp_path, "hunter2")))
    assert "hunter2" not in str(raised.value)
    with pytest.raises(FeedError, match="No such file"):
        credentials(FeedAuth(username="x", password_file=tmp_path / "none"))
    with pytest.raises(FeedError, match="No such file"):
        credentials(FeedAuth(headers_file=tmp_path / "none"))


def test_credentials_are_not_printed(tmp_path: Path) -> None:
    """Not even by accident in a traceback."""
    shown = credentials(FeedAuth(username="u", password_file=secret(tmp_path, "hunter2")))
    assert "aHVudGVyM" not in repr(shown)
    assert "Basic" not in repr(shown)
