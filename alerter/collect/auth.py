"""How a feed lets us in, as headers and certificates. Secrets stay in memory and in requests."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from alerter.config.base import resolve_secret
from alerter.config.feeds import FeedAuth
from alerter.domain.errors import FeedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What is shown to the feed's own host, never printed: `repr` hides the headers."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    certificate: str | None = None
    key: str | None = None


def credentials(auth: FeedAuth | None) -> Credentials:
    """Read the secrets of one feed. Raises FeedError, naming the file but never its content."""
    if auth is None:
        return Credentials()
    headers = _headers_file(auth.headers_file)
    try:
        password = resolve_secret(auth.password, auth.password_file)
        token = resolve_secret(auth.token, auth.token_file)
        cookie = resolve_secret(None, auth.cookie_file)
    except (OSError, UnicodeDecodeError) as error:
        raise FeedError(f"cannot read a secret: {_where(error)}") from error
    if auth.username is not None:
        headers["Authorization"] = _basic(auth.username, password)
    if token is not None:
        headers["Authorization"] = f"Bearer {_one_line(token)}"
    if cookie is not None:
        headers["Cookie"] = _one_line(cookie)
    return Credentials(
        headers=headers,
        certificate=str(auth.certificate_file) if auth.certificate_file else None,
        key=str(auth.key_file) if auth.key_file else None,
    )


def _basic(username: str, password: SecretStr | None) -> str:
    secret = password.get_secret_value() if password else ""
    return "Basic " + base64.b64encode(f"{username}:{secret}".encode()).decode("ascii")


def _headers_file(file: Path | None) -> dict[str, str]:
    """`Name: value`, one a line; empty lines and lines that begin with # do not count."""
    if file is None:
        return {}
    try:
        secret = resolve_secret(None, file)
    except (OSError, UnicodeDecodeError) as error:
        raise FeedError(f"cannot read a secret: {_where(error)}") from error
    headers = {}
    for number, line in enumerate((secret or SecretStr("")).get_secret_value().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise FeedError(f"{file.name}:{number}: not a header; write `Name: value`")
        headers[name.strip()] = value.strip()
    return headers


def _one_line(secret: SecretStr) -> str:
    return "".join(secret.get_secret_value().splitlines())


def _where(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}"
    return "not UTF-8"
