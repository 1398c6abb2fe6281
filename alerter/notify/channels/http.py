"""The one way in which channels speak HTTP: within a deadline, through the guard, telling nothing.

What may go wrong is told in our own words. An error never holds the address, which is the secret
of most services, nor any other secret.
"""

from __future__ import annotations

import json
import logging
import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, Final

import httpx
from pydantic import SecretStr

from alerter import __version__
from alerter.domain.errors import DeliveryError
from alerter.net import tls_context, was_refused, within
from alerter.reach import Reach

DEADLINE: Final = timedelta(seconds=20)  # for one request, answer included
MAX_ANSWER: Final = 64 * 1024  # bytes of an answer that are read; nothing useful is longer
MAX_WAIT: Final = timedelta(hours=24)  # no service may make an alert wait longer
RETRYABLE: Final = {408, 425, 429}
USER_AGENT: Final = f"Alerter/{__version__}"

MEANINGS: Final[Mapping[int, str]] = {
    400: "it does not understand the message",
    401: "it does not accept the credentials",
    403: "it does not let us in",
    404: "there is nothing at this address",
    408: "it waited too long for us",
    410: "the address was withdrawn",
    413: "the message is too large for it",
    425: "it asks to come again",
    429: "it asks to come more slowly",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer with status 2xx. `body` is at most `MAX_ANSWER` bytes of it."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; an empty one where it is none."""
        return _json(self.body)


class HttpSender:
    """Posts to one service. Used by several threads at the same time; follows no redirect.

    `who` begins every error message: the channel and the receiver's name. `transport` replaces
    the network, for callers that have their own.
    """

    def __init__(
        self,
        who: str,
        *,
        reach: Reach,
        deadline: timedelta | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        _keep_libraries_quiet()
        self._who = who
        self._deadline = deadline or DEADLINE
        self._client = httpx.Client(
            transport=transport or reach.transport(tls=_shared_tls()),
            timeout=self._deadline.total_seconds(),
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
            trust_env=False,
        )

    def post(
        self, url: SecretStr, *, content: bytes, headers: Mapping[str, str], now: datetime
    ) -> Answer:
        """POST `content`. Raises DeliveryError for whatever is not a 2xx answer in time."""
        try:
            status, answered, body = self._exchange(url.get_secret_value(), content, headers)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            problem = self._failed(error)
        else:
            if 200 <= status < 300:
                return Answer(status=status, headers=answered, body=body)
            problem = self._refused(status, answered, body, now)
        raise problem  # outside of the handler: the cause would carry the request and its address

    def post_json(
        self, url: SecretStr, value: object, *, now: datetime, headers: Mapping[str, str] = {}
    ) -> Answer:
        """POST `value` as JSON, the same way."""
        return self.post(
            url,
            content=json.dumps(value, separators=(",", ":")).encode("ascii"),
            headers={"Content-Type": "application/json", **headers},
            now=now,
        )

    def close(self) -> None:
        """Give back connections."""
        self._client.close()

    def _exchange(
        self, url: str, content: bytes, headers: Mapping[str, str]
    ) -> tuple[int, httpx.Headers, bytes]:
        with (
            within(self._deadline),
            self._client.stream("POST", url, content=content, headers=headers) as response,
        ):
            return response.status_code, response.headers, _start_of(response)

    def _failed(self, error: Exception) -> DeliveryError:
        reason, retryable = _why(error)
        return DeliveryError(f"{self._who}: {reason}", retryable=retryable)

    def _refused(
        self, status: int, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> DeliveryError:
        if 300 <= status < 400:
            reason = "it redirects, which is not followed; configure the address it leads to"
        else:
            reason = MEANINGS.get(status, "it failed" if status >= 500 else "it refuses")
        said = _code_in(body)
        return DeliveryError(
            f"{self._who}: HTTP {status}: {reason}{f' ({said})' if said else ''}",
            retryable=status in RETRYABLE or status >= 500,
            retry_after=retry_after(headers.get("Retry-After") or _wait_in(body), now),
        )


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """A `Retry-After` header (RFC 9110, 10.2.3), in seconds or as a date, at most a day."""
    if value is None:
        return None
    try:
        span = timedelta(seconds=float(value)) if _SECONDS.fullmatch(value) else _until(value, now)
    except (ValueError, OverflowError, TypeError):
        return None
    return min(max(span, timedelta()), MAX_WAIT)


_SECONDS: Final = re.compile(r"\d{1,12}(\.\d{1,6})?")


def _until(value: str, now: datetime) -> timedelta:
    when = parsedate_to_datetime(value)
    return (when if when.tzinfo else when.replace(tzinfo=UTC)) - now


def _start_of(response: httpx.Response) -> bytes:
    """The body as far as it matters, not unpacked: a packed answer was not asked for.

    A connection with more to come is not used again.
    """
    found = bytearray()
    for part in response.iter_raw():
        found += part
        if len(found) >= MAX_ANSWER:
            break
    return bytes(found[:MAX_ANSWER])


def _wait_in(body: bytes) -> str | None:
    """The seconds to wait where they stand in the answer (Telegram Bot API, ResponseParameters)."""
    parameters = _json(body).get("parameters")
    seconds = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return str(seconds) if isinstance(seconds, int) else None


def _json(body: bytes) -> dict[str, Any]:
    """A JSON object; an empty one where the body is none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


_CODE: Final = re.compile(rb"[a-z][a-z_]{2,40}")


def _code_in(body: bytes) -> str:
    """The service's own word for the error (Slack: `no_service`), if the answer is only that.

    Anything else is a stranger's text, and may repeat the address that was asked.
    """
    found = _CODE.fullmatch(body.strip())
    return found[0].decode("ascii") if found else ""


_FAILURES: Final[tuple[tuple[type[Exception], str, bool], ...]] = (
    (httpx.UnsupportedProtocol, "its address is not one of http or https", False),
    (httpx.InvalidURL, "its address is not a URL", False),
    (httpx.LocalProtocolError, "the message cannot be sent as HTTP", False),
    (UnicodeError, "its address is not a URL", False),
    (httpx.ProxyError, "the proxy refused it", True),
    (httpx.ConnectTimeout, "no connection in time", True),
    (httpx.TimeoutException, "no answer in time", True),
    (ssl.SSLCertVerificationError, "its certificate is not trusted", True),
    (ssl.SSLError, "no secure connection (TLS)", True),
    (ConnectionRefusedError, "nothing listens at its address", True),
    (httpx.ConnectError, "no connection", True),
    (httpx.DecodingError, "its answer cannot be read", True),
    (httpx.HTTPError, "the connection broke", True),
)


def _why(error: Exception) -> tuple[str, bool]:
    """What to tell of an error of httpx, and whether trying again makes sense."""
    if was_refused(error):
        return "it is in a private network; poll.allow_networks can allow it", False
    if str(error).startswith("cannot resolve"):  # the guard's words; the cause is lost on the way
        return "its name is not found (DNS)", True
    causes = list(_causes(error))
    for kind, reason, retryable in _FAILURES:
        if any(isinstance(cause, kind) for cause in causes):
            return reason, retryable
    return "the connection broke", True


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@lru_cache(maxsize=1)
def _shared_tls() -> ssl.SSLContext:
    """One for all channels: reading the authorities takes time and memory."""
    return tls_context()


def _keep_libraries_quiet() -> None:
    """Httpx logs every address at INFO, httpcore every header at DEBUG: both hold secrets."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
