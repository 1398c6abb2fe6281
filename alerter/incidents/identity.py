"""The id of an incident: made from its first report, so that two daemons make the same one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Final

CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def incident_id(first_seen: datetime, article_id: str, salt: str = "") -> str:
    """26 characters in the form of a ULID: 48 bits of time, then 80 bits of the article's id.

    Sorts by time of birth, is safe in URLs and file names, and depends on nothing but its
    arguments. `salt` tells apart what one article gives rise to (a split).
    """
    milliseconds = max(0, (first_seen - _EPOCH) // timedelta(milliseconds=1)) % (1 << 48)
    digest = blake2b(f"{article_id}\0{salt}".encode(), digest_size=10).digest()
    number = (milliseconds << 80) | int.from_bytes(digest, "big")
    return "".join(CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))
