"""Settings of feeds and of polling."""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator

from alerter.config.base import Duration, Settings, Size
from alerter.domain.scales import Trust


class FeedAuth(Settings):
    """How to be let in: basic, bearer, headers, a cookie or a client certificate."""

    username: str | None = None
    password: SecretStr | None = None
    password_file: Path | None = None
    token: SecretStr | None = None
    token_file: Path | None = None
    headers_file: Path | None = None
    cookie_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None


class JsonMapping(Settings):
    """Where a JSON API keeps what an entry needs: dotted paths, `[]` for the list itself."""

    entries: str
    title: str
    link: str | None = None
    id: str | None = None
    summary: str | None = None
    body: str | None = None
    published: str | None = None
    lang: str | None = None


class FeedSettings(Settings):
    """One feed. Only `url` is required; `file://` names a watched folder."""

    url: str
    name: str = ""
    every: Duration | None = None
    lang: str | None = None
    region: str | None = None
    trust: Trust = Trust.C
    covers: tuple[str, ...] = ()
    auth: FeedAuth | None = None
    json_mapping: JsonMapping | None = Field(default=None, alias="json")
    fulltext: bool = False
    kind: Literal["feed", "folder"] = "feed"


class ProxySettings(Settings):
    """The proxy of the house. `direct` names hosts reached without it, `.example.org` all below."""

    url: str
    username: str | None = None
    password: SecretStr | None = None
    password_file: Path | None = None
    direct: tuple[Annotated[str, Field(pattern=r"^\.?[^\s.][^\s]*$")], ...] = ()

    @field_validator("url")
    @classmethod
    def _bare(cls, url: str) -> str:
        if not re.fullmatch(r"http://[^@/\s]+/?", url):
            raise ValueError("write http://HOST:PORT; user and password have keys of their own")
        return url


class PollSettings(Settings):
    """How polling behaves. `floor` and `ceiling` bound every interval that is learned or asked."""

    every: Duration = timedelta(minutes=5)
    floor: Duration = timedelta(minutes=1)
    ceiling: Duration = timedelta(hours=1)
    timeout: Duration = timedelta(seconds=20)
    parse_timeout: Duration = timedelta(seconds=10)
    max_bytes: Size = 10 * 10**6
    concurrency: int = Field(default=32, ge=1, le=256)
    per_host: int = Field(default=2, ge=1, le=32)
    backlog: Duration = timedelta(hours=24)
    allow_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    proxy: ProxySettings | None = None
    user_agent: str = "Alerter/0.1 (+https://example.org/alerter)"
