"""Whether what lets us into a feed can be read at all: found now, not at its first poll."""

from __future__ import annotations

import ssl

from alerter.collect.auth import credentials
from alerter.config.feeds import FeedAuth
from alerter.domain.errors import FeedError

NO_PASSPHRASE = ""  # else OpenSSL would ask for one on the terminal


def why_locked_out(auth: FeedAuth | None) -> str | None:
    """Why the secrets or the certificate of a feed are of no use, or None. Quotes no secret."""
    try:
        found = credentials(auth)
    except FeedError as error:
        return str(error)
    if found.certificate is None:
        return None
    context = ssl.create_default_context()
    try:
        context.load_cert_chain(found.certificate, found.key, password=NO_PASSPHRASE)
    except OSError as error:
        reason = getattr(error, "reason", None) or error.strerror or "it cannot be read"
        said = str(reason).replace("_", " ").lower()
        return f"the client certificate and its key are of no use: {said}"
    return None
