"""Signed links with which a person takes an incident in hand. Pure.

A token names the subject and the receiver it was sent to, ends by itself, and can be used once
(the store remembers which were). Showing it must change nothing: link scanners in mail and chat
open every link, so the page has a button that posts (`pipeline.acknowledge`).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from alerter.domain.errors import AlerterError
from alerter.domain.scales import Reason

KEY_NAME: Final = "ack"
KEY_BYTES: Final = 32
LIFETIME: Final = timedelta(days=7)
MAX_TOKEN: Final = 1024  # characters; ours have about 200
ASKS: Final = frozenset(Reason) - {
    Reason.DRILL,
    Reason.TEST,
    Reason.DIGEST,
    Reason.COVERAGE,
    Reason.CLOSED,
}
"""What somebody can take in hand."""


class AckError(AlerterError):
    """The link cannot be used; the message says why, in words for the person who opened it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AckClaim:
    """What a token says. `digest` stands for the token where it is remembered."""

    subject: str
    receiver: str
    expires: datetime
    digest: str


def make_token(key: bytes, *, subject: str, receiver: str, delivery: str, now: datetime) -> str:
    """A token for one delivery, valid for `LIFETIME` from `now`.

    HMAC-SHA256 (RFC 2104) over the claim, both in URL-safe base64 (RFC 4648).
    """
    expires = int((now + LIFETIME).timestamp())
    once = hashlib.sha256(delivery.encode()).hexdigest()[:16]
    whole = json.dumps(
        [subject, receiver, expires, once], ensure_ascii=False, separators=(",", ":")
    )
    claim = whole.encode("utf-8", "replace")  # escapes would be three times as long
    return f"{_encode(claim)}.{_encode(_sign(key, claim))}"


def read_token(key: bytes, token: str, *, now: datetime) -> AckClaim:
    """What a token says, when it is ours and still valid. Raises AckError."""
    text, dot, signature = token.partition(".")
    if not dot or len(token) > MAX_TOKEN:
        raise AckError("this link is not complete; open it from the message again")
    try:
        claim, signed = _decode(text), _decode(signature)
    except (ValueError, binascii.Error) as error:
        raise AckError("this link is damaged; open it from the message again") from error
    if not hmac.compare_digest(_sign(key, claim), signed):
        raise AckError("this link was not made by this Alerter, or was changed on the way")
    subject, receiver, expires, _ = json.loads(claim)
    end = datetime.fromtimestamp(expires, UTC)
    if now >= end:
        raise AckError(f"this link ended on {end:%Y-%m-%d at %H:%M} UTC; use `alerter ack`")
    digest = hashlib.sha256(claim).hexdigest()
    return AckClaim(subject=subject, receiver=receiver, expires=end, digest=digest)


def ack_url(base_url: str | None, token: str) -> str | None:
    """Where the link leads; None where people cannot reach the console."""
    return f"{base_url.rstrip('/')}/ack/{token}" if base_url else None


def _sign(key: bytes, claim: bytes) -> bytes:
    return hmac.new(key, b"alerter-ack-1:" + claim, hashlib.sha256).digest()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
