"""Ask one feed once: conditional GET, redirects, caps and a total deadline.

What goes wrong with one feed is a value (`FetchFailed`), so that it costs one feed.
"""

from __future__ import annotations

import hashlib
import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import httpx

from alerter.collect.auth import Credentials
from alerter.collect.decode import decode
from alerter.config.feeds import PollSettings
from alerter.domain.errors import FeedError
from alerter.net import Resolver, look_up, tls_context, was_refused, within
from alerter.reach import Reach

MAX_REDIRECTS: Final = 5
MAX_VALIDATOR: Final = 1024  # a longer ETag is an attack on our database, not a version
KEEP_ALIVE: Final = 8  # idle connections; httpcore looks at each of them on every request
PERMANENT: Final = frozenset({301, 308})
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
ACCEPT: Final = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json,"
    " application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)
_HOST: Final = re.compile(r"[\w.:-]+(?:%25\w+)?")
_MAX_AGE: Final = re.compile(r"(?:^|[\s,])max-age=\"?(\d{1,9})")


class Trouble(StrEnum):
    """Kinds of failure, by what to do about them."""

    NETWORK = "network"  # no name, no connection, no answer: may be our own link
    HTTP = "http"  # the server answered, with an error
    GONE = "gone"  # 410
    REFUSED = "refused"  # we will not: private address, too many redirects, other scheme
    CONTENT = "content"  # too long, damaged, no feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question to one feed."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    credentials: Credentials = field(default_factory=Credentials)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A new body. `fresh_for` is how long the server calls it fresh."""

    url: str
    body: bytes
    body_hash: str
    charset: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    moved_to: str | None = None
    fresh_for: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """304, or the same body as last time; then with the validators the server sends now."""

    etag: str | None = None
    last_modified: str | None = None
    moved_to: str | None = None
    fresh_for: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchFailed:
    """No usable answer, and the reason in words that may be shown."""

    reason: str
    trouble: Trouble
    retry_after: timedelta | None = None
    rejected: bytes = field(default=b"", repr=False)


Answer = Fetched | Unchanged | FetchFailed


class Fetcher:
    """One HTTP client for all feeds. Safe to share between threads; `close` when done."""

    def __init__(self, poll: PollSettings, *, resolver: Resolver = look_up) -> None:
        self._timeout = poll.timeout
        self._max_bytes = poll.max_bytes
        self._reach = Reach.of(poll)
        self._resolver = resolver
        self._limits = httpx.Limits(
            max_connections=None, max_keepalive_connections=KEEP_ALIVE, keepalive_expiry=5.0
        )
        self._agent = poll.user_agent
        self._client = self._make_client(tls_context())
        self._certified: dict[tuple[str, str | None], httpx.Client] = {}

    def close(self) -> None:
        """Close all connections."""
        for client in (self._client, *self._certified.values()):
            client.close()

    def fetch(self, asked: Asked) -> Answer:
        """Ask, within the deadline and the caps. Never raises for what the other side does."""
        try:
            with within(self._timeout):
                return self._follow(asked)
        except httpx.HTTPError as error:
            return _failure(error, self._timeout)
        except FeedError as error:
            return FetchFailed(reason=str(error), trouble=Trouble.CONTENT)
        except (httpx.InvalidURL, ValueError) as error:
            return FetchFailed(reason=f"bad URL: {error}", trouble=Trouble.REFUSED)

    def _follow(self, asked: Asked) -> Answer:
        """Follow redirects, each of them checked like a first request."""
        url = httpx.URL(asked.url)
        origin, moved = _origin(url), None
        permanent = True
        for _ in range(MAX_REDIRECTS + 1):
            _check_scheme(url)
            trusted = _origin(url) == origin
            response = self._send(url, asked, trusted=trusted)
            try:
                if response.status_code not in REDIRECTS or "location" not in response.headers:
                    return self._read(response, asked, moved_to=moved)
                url = url.join(response.headers["location"])
                permanent = permanent and response.status_code in PERMANENT
                moved = str(url) if permanent else moved
            finally:
                response.close()
        return FetchFailed(reason=f"more than {MAX_REDIRECTS} redirects", trouble=Trouble.REFUSED)

    def _send(self, url: httpx.URL, asked: Asked, *, trusted: bool) -> httpx.Response:
        """Secrets go to the host that they were given for, and to no other."""
        headers = {}
        if asked.etag:
            headers["If-None-Match"] = asked.etag
        if asked.last_modified:
            headers["If-Modified-Since"] = asked.last_modified
        client = self._client
        if trusted:
            headers |= asked.credentials.headers
            client = self._client_for(asked.credentials)
        return client.send(client.build_request("GET", url, headers=headers), stream=True)

    def _read(self, response: httpx.Response, asked: Asked, *, moved_to: str | None) -> Answer:
        headers = response.headers
        validators = {
            "etag": _bounded(headers.get("etag")),
            "last_modified": _bounded(headers.get("last-modified")),
        }
        fresh = _fresh_for(headers)
        if response.status_code == 304:
            return Unchanged(
                etag=validators["etag"] or asked.etag,
                last_modified=validators["last_modified"] or asked.last_modified,
                moved_to=moved_to,
                fresh_for=fresh,
            )
        if response.status_code != 200:
            return _http_failure(response)
        encoding = headers.get("content-encoding", "")
        body = decode(response.iter_raw(), encoding, max_bytes=self._max_bytes)
        digest = hashlib.blake2b(body, digest_size=16).hexdigest()
        if digest == asked.body_hash:
            return Unchanged(**validators, moved_to=moved_to, fresh_for=fresh)
        return Fetched(
            url=str(response.url),
            body=body,
            body_hash=digest,
            charset=response.charset_encoding,
            **validators,
            moved_to=moved_to,
            fresh_for=fresh,
        )

    def _client_for(self, credentials: Credentials) -> httpx.Client:
        """The common client, or one that shows the certificate of this feed."""
        if credentials.certificate is None:
            return self._client
        key = (credentials.certificate, credentials.key)
        if key not in self._certified:
            self._certified[key] = self._make_client(_certified_context(*key))
        return self._certified[key]

    def _make_client(self, tls: ssl.SSLContext) -> httpx.Client:
        return httpx.Client(
            transport=self._reach.transport(tls=tls, limits=self._limits, resolver=self._resolver),
            headers={
                "User-Agent": self._agent,
                "Accept": ACCEPT,
                "Accept-Encoding": "gzip, deflate, br, zstd",
            },
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            timeout=self._timeout.total_seconds(),
            trust_env=False,
        )


def _certified_context(certificate: str, key: str | None) -> ssl.SSLContext:
    context = tls_context()
    try:
        # Without a password OpenSSL would ask for one at the daemon's terminal, and wait.
        context.load_cert_chain(certificate, key, password=lambda: "")
    except OSError as error:
        raise FeedError(f"client certificate {certificate}: {error.strerror or error}") from error
    return context


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _check_scheme(url: httpx.URL) -> None:
    if url.scheme not in ("http", "https") or not _HOST.fullmatch(url.host):
        raise ValueError("not a web address")


def _bounded(validator: str | None) -> str | None:
    return validator if validator and len(validator) <= MAX_VALIDATOR else None


def _failure(error: httpx.HTTPError, timeout: timedelta) -> FetchFailed:
    if was_refused(error):
        return FetchFailed(reason=str(error), trouble=Trouble.REFUSED)
    if isinstance(error, httpx.TimeoutException):
        spent = f"no complete answer within {timeout.total_seconds():g}s"
        return FetchFailed(reason=f"{spent}: {error}", trouble=Trouble.NETWORK)
    if isinstance(error, httpx.RemoteProtocolError):
        return FetchFailed(reason=f"broken answer: {error}", trouble=Trouble.CONTENT)
    return FetchFailed(reason=f"{error or type(error).__name__}", trouble=Trouble.NETWORK)


def _http_failure(response: httpx.Response) -> FetchFailed:
    status = response.status_code
    reason = f"HTTP {status} {response.reason_phrase[:60]}".strip()
    return FetchFailed(
        reason=reason,
        trouble=Trouble.GONE if status == 410 else Trouble.HTTP,
        retry_after=_retry_after(response.headers),
    )


def _retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """Seconds, or a date measured against the server's own clock (RFC 9110, 10.2.3)."""
    given = headers.get("retry-after", "").strip()
    if given.isascii() and given.isdigit():
        return timedelta(seconds=min(int(given[:9]), 10**8))
    return _until(given, headers)


def _fresh_for(headers: Mapping[str, str]) -> timedelta | None:
    """How long the answer stays fresh: max-age less Age, else Expires (RFC 9111, 4.2.1)."""
    control = headers.get("cache-control")
    if control is not None:
        match = _MAX_AGE.search(control.lower())
        if match:
            age = headers.get("age", "0")
            spent = int(age[:9]) if age.isascii() and age.isdigit() else 0
            return timedelta(seconds=max(0, int(match[1]) - spent))
        if "no-cache" in control or "no-store" in control:
            return None
    expires = headers.get("expires")
    return _until(expires, headers) if expires else None


def _until(date: str, headers: Mapping[str, str]) -> timedelta | None:
    then, server_now = _http_date(date), _http_date(headers.get("date", ""))
    if then is None or server_now is None:
        return None
    return max(then - server_now, timedelta())


def _http_date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def timed(fetcher: Fetcher, asked: Asked) -> tuple[Answer, timedelta]:
    """The answer, and how long it took."""
    start = time.monotonic()
    answer = fetcher.fetch(asked)
    return answer, timedelta(seconds=time.monotonic() - start)
