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
MAX_WHO: Final = 200
MAX_NOTE: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a link is about, in words for a page; `open` while it can still be used."""

    headline: str
    text: str
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """What acknowledging did. `fresh` is False where this link had been used before."""

    ack: Acknowledgement
    incident: Incident | None
    fresh: bool
    steps_cancelled: int = 0

    @property
    def text(self) -> str:
        """The same in a sentence."""
        name = _name(self.incident, self.ack.subject)
        when = f"{self.ack.at:%Y-%m-%d %H:%M} UTC"
        if not self.fresh:
            return f"{name} was acknowledged by {self.ack.who} at {when} already."
        until = f"{self.ack.until:%Y-%m-%d %H:%M} UTC"
        steps = f"; {self.steps_cancelled} escalation steps cancelled" * bool(self.steps_cancelled)
        return f"{name} is acknowledged by {self.ack.who} until {until}{steps}."


def look_at_link(store: Store, token: str, *, now: datetime) -> Shown:
    """What a link would acknowledge. Changes nothing, however often it is opened.

    Raises AckError for a link that cannot be used.
    """
    claim = read_token(_key(store), token, now=now)
    with store.read() as tx:
        used = tx.acks.token_used(claim.digest)
        incident = tx.incidents.get(claim.subject)
    headline = _name(incident, claim.subject)
    if used is not None:
        done = Acknowledged(ack=used, incident=incident, fresh=False)
        return Shown(headline=headline, text=done.text, open=False)
    summary = incident.summary or incident.headline if incident else claim.subject
    return Shown(headline=headline, text=summary, open=True)


def acknowledge_by_link(
    store: Store, token: str, *, who: str, now: datetime, note: str = ""
) -> Acknowledged:
    """Acknowledge what a link is about, once; a second time gives what was done the first time.

    Raises AckError.
    """
    claim = read_token(_key(store), token, now=now)
    with store.begin() as tx:
        used = tx.acks.token_used(claim.digest)
        incident = tx.incidents.get(claim.subject)
        if used is not None:
            return Acknowledged(ack=used, incident=incident, fresh=False)
        via, until = f"link to {claim.receiver}", now + ACK_FOR
        ack = _ack(incident, claim.subject, who=who, via=via, note=note, until=until, now=now)
        return _take(tx, ack, incident, claim)


def acknowledge(
    store: Store,
    reference: str,
    *,
    who: str,
    now: datetime,
    note: str = "",
    lasting: timedelta = ACK_FOR,
) -> Acknowledged:
    """Acknowledge an incident by id or number, or a notice by its subject.

    Cancels the escalation steps that were to come and stops reminders for `lasting`, or until the
    incident gets worse. Raises AckError where there is no such thing.
    """
    with store.begin() as tx:
        incident = tx.incidents.get(reference)
        if incident is None and not tx.deliveries.of_subject(reference):
            raise AckError(f"there is no incident {reference!r}; see `alerter incidents`")
        until = now + lasting
        ack = _ack(incident, reference, who=who, via="command", note=note, until=until, now=now)
        return _take(tx, ack, incident, None)


def _ack(
    incident: Incident | None,
    subject: str,
    *,
    who: str,
    via: str,
    note: str,
    until: datetime,
    now: datetime,
) -> Acknowledgement:
    return Acknowledgement(
        subject=incident.id if incident else subject,
        revision=incident.revision if incident else 0,
        who=" ".join(who.split())[:MAX_WHO] or "unknown",
        via=via,
        at=now,
        until=until,
        note=note[:MAX_NOTE],
    )


def _take(
    tx: Tx, ack: Acknowledgement, incident: Incident | None, claim: AckClaim | None
) -> Acknowledged:
    tx.acks.add(ack, token=claim.digest if claim else None)
    named = {ack.subject, claim.subject} if claim else {ack.subject}  # links outlive merges
    cancelled = sum(tx.acks.disarm(each, f"acknowledged by {ack.who}") for each in named)
    detail = f"{ack.via}; {ack.note}" if ack.note else ack.via
    tx.acks.audit(
        Act(at=ack.at, who=ack.who, action="acknowledge", subject=ack.subject, detail=detail)
    )
    log.info("acknowledged", subject=ack.subject, via=ack.via, cancelled=cancelled)
    return Acknowledged(ack=ack, incident=incident, fresh=True, steps_cancelled=cancelled)


def _name(incident: Incident | None, subject: str) -> str:
    return f"#{incident.number} {incident.headline}" if incident else subject


def _key(store: Store) -> bytes:
    with store.read() as tx:
        known = tx.acks.known_key(KEY_NAME)
    if known is not None:
        return known
    with store.begin() as tx:
        return tx.acks.key(KEY_NAME, fresh=secrets.token_bytes(KEY_BYTES))
