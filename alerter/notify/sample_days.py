"""Daily reports for checking templates, and for seeing what they look like. Invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from alerter.notify.payload import rfc3339
from alerter.notify.report import (
    AheadLine,
    BlindSpot,
    DigestReport,
    IncidentLine,
    RiskLine,
    SilenceLine,
    TargetLine,
)


def quiet_day(now: datetime) -> DigestReport:
    """A day on which nothing happened and everything was seen."""
    return DigestReport(
        day="2026-05-12",
        start=str(rfc3339(now - timedelta(days=1))),
        end=str(rfc3339(now)),
        zone="Asia/Baghdad",
        nothing=True,
        feeds_total=64,
        feeds_polled=64,
        feeds_ok=61,
        articles_new=1_804,
        oldest_item=rfc3339(now - timedelta(days=3)),
        newest_item=rfc3339(now - timedelta(minutes=4)),
        languages=("ar", "en", "fa", "fr", "ku"),
        hosts=("IQ", "IR", "LB"),
        last_drill=rfc3339(now - timedelta(days=2)),
        last_drill_ok=True,
    )


def busy_day(now: datetime, series: tuple[tuple[str, int], ...]) -> DigestReport:
    """A day with something of everything that a report can hold."""
    line = IncidentLine(
        id="inc-7f3c",
        number=214,
        headline="Roadside bomb hits embassy vehicle on the airport road",
        category="bombing",
        severity="Severe",
        certainty="Likely",
        phase="developing",
        host="IQ",
        city="Baghdad",
        sources=3,
        acknowledged_by="K. Lund",
        url="https://alerter.example.org/incidents/inc-7f3c",
        first_seen=rfc3339(now),
    )
    return replace(
        quiet_day(now),
        nothing=False,
        feeds_polled=63,
        alerts_sent=5,
        held=1,
        silenced=2,
        review_queue=7,
        series=series,
        incidents=(line,),
        blind_spots=(
            BlindSpot(
                kind="feed",
                name="radio-rafidain",
                reason="HTTP 403 from its server",
                since=rfc3339(now - timedelta(hours=6)),
            ),
        ),
        risks=(
            RiskLine(
                scope="Baghdad",
                level="Reconsider presence",
                before="Exercise increased caution",
                arrow="up",
                reason="4 incidents in 7 days, 0.6 expected",
            ),
        ),
        ahead=(
            AheadLine(
                day="2026-05-15", headline="March to the Green Zone", host="IQ", city="Baghdad"
            ),
        ),
        silences=(
            SilenceLine(
                id=3,
                matcher="city=Basra",
                author="K. Lund",
                reason="planned demolition",
                until=str(rfc3339(now + timedelta(hours=5))),
                hidden=2,
                expires_soon=True,
            ),
        ),
        targets=(
            TargetLine(
                receiver="soc",
                since=str(rfc3339(now - timedelta(minutes=50))),
                error="webhook soc: HTTP 503: it failed",
                waiting=2,
            ),
        ),
    )
