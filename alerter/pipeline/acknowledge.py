"""Somebody takes an incident in hand: paging about it stops, and it is written down who did."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from alerter.domain.ack import Acknowledgement, Act
from alerter.domain.incident import Incident
from alerter.notify.ack import KEY_BYTES, KEY_NAME, AckClaim, AckError, read_token
from alerter.store import Store, Tx

log = structlog.get_logger()

ACK_FOR: Final = timedelta(hours=24)  # then an incident that is still open is asked about again


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """What acknowledging did. `fresh` is False where it had been done before with this link."""

    ack: Acknowledgement
    incident: Incident | None
    fresh: bool
    steps_cancelled: int = 0


def look(store: Store, *, token: str, now: datetime) -> tuple[AckClaim, Acknowledged | None]:
    """What a link is about, and what it was used for if it was. Changes nothing.

    Raises AckError for a link that cannot be used.
    """
    key = _key(store)
    claim = read_token(key, token, now=now)
    with store.read() as tx:
        used = tx.acks.token_used(claim.digest)
        incident = tx.incidents.get(claim.subject)
    done = None if used is None else Acknowledged(ack=used, incident=incident, fresh=False)
    return claim, done


def acknowledge(
    store: Store,
    *,
    now: datetime,
    token: str | None = None,
    incident: str | None = None,
    who: str = "",
    note: str = "",
    lasting: timedelta = ACK_FOR,
) -> Acknowledged:
    """Acknowledge by link or by incident (id or #number).

    Cancels the escalation steps that were to come and stops reminders for `lasting`, or until the
    incident gets worse. With a link it can be done once; a second time gives what was done then.
    Raises AckError.
    """
    claim = None if token is None else read_token(_key(store), token, now=now)
    with store.begin() as tx:
        if claim is not None:
            used = tx.acks.token_used(claim.digest)
            if used is not None:
                known = tx.incidents.get(claim.subject)
                return Acknowledged(ack=used, incident=known, fresh=False)
        done = _take(tx, claim, incident, who=who, note=note, lasting=lasting, now=now)
    log.info("acknowledged", subject=done.ack.subject, via=done.ack.via)
    return done


def _take(
    tx: Tx,
    claim: AckClaim | None,
    reference: str | None,
    *,
    who: str,
    note: str,
    lasting: timedelta,
    now: datetime,
) -> Acknowledged:
    known = tx.incidents.get(claim.subject if claim else reference or "")
    subject = known.id if known else _other_subject(tx, claim, reference)
    name = who.strip() or (f"{claim.receiver} (by link)" if claim else "unknown")
    ack = Acknowledgement(
        subject=subject,
        revision=known.revision if known else 0,
        who=name[:200],
        via=f"link to {claim.receiver}" if claim else "command",
        at=now,
        until=now + lasting,
        note=note[:2000],
    )
    tx.acks.add(ack, token=claim.digest if claim else None)
    named = {subject, claim.subject} if claim else {subject}  # a link may name a merged incident
    cancelled = sum(tx.acks.disarm(each, f"acknowledged by {ack.who}") for each in named)
    tx.acks.audit(
        Act(at=now, who=ack.who, action="acknowledge", subject=subject, detail=f"{ack.via} {note}")
    )
    return Acknowledged(ack=ack, incident=known, fresh=True, steps_cancelled=cancelled)


def _other_subject(tx: Tx, claim: AckClaim | None, reference: str | None) -> str:
    """A notice (a rising tempo) can be acknowledged too, if anybody was told of it."""
    subject = claim.subject if claim else reference or ""
    if not tx.deliveries.of_subject(subject):
        raise AckError(f"there is no incident {subject!r}; see `alerter incidents`")
    return subject


def _key(store: Store) -> bytes:
    with store.begin() as tx:
        return tx.acks.key(KEY_NAME, fresh=secrets.token_bytes(KEY_BYTES))
