"""Closed sets of words: CAP 1.2 scales, categories, reasons, health. Values are what users see."""

from __future__ import annotations

from enum import Enum, StrEnum


class _Ordered(Enum):
    """An enum whose members compare by their place on the scale, lowest first."""

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return self.rank < other.rank

    def __le__(self, other: object) -> bool:
        return self == other or self < other

    def __gt__(self, other: object) -> bool:
        return not self <= other

    def __ge__(self, other: object) -> bool:
        return not self < other

    @property
    def rank(self) -> int:
        """Place on the scale, 0 for the lowest."""
        return list(type(self)).index(self)

    def __str__(self) -> str:
        return str(self.value)


class Severity(_Ordered):
    """OASIS CAP 1.2, section 3.2.2, `severity`."""

    UNKNOWN = "Unknown"
    MINOR = "Minor"
    MODERATE = "Moderate"
    SEVERE = "Severe"
    EXTREME = "Extreme"


class Urgency(_Ordered):
    """OASIS CAP 1.2, section 3.2.2, `urgency`."""

    UNKNOWN = "Unknown"
    PAST = "Past"
    FUTURE = "Future"
    EXPECTED = "Expected"
    IMMEDIATE = "Immediate"


class Certainty(_Ordered):
    """OASIS CAP 1.2, section 3.2.2, `certainty`."""

    UNKNOWN = "Unknown"
    UNLIKELY = "Unlikely"
    POSSIBLE = "Possible"
    LIKELY = "Likely"
    OBSERVED = "Observed"


class Category(StrEnum):
    """Kind of the main event, as the labelling guidelines define it."""

    BOMBING = "bombing"
    INDIRECT_FIRE = "indirect_fire"
    ARMED_ATTACK = "armed_attack"
    KIDNAPPING = "kidnapping"
    UNREST = "unrest"
    ARSON_VANDALISM = "arson_vandalism"
    THREAT_WARNING = "threat_warning"
    SECURITY_MEASURE = "security_measure"
    STATE_HARASSMENT = "state_harassment"
    ESPIONAGE_CYBER = "espionage_cyber"


class Status(StrEnum):
    """What an article says of its event: does it happen, threaten, follow, or lie far back."""

    OCCURRED = "occurred"
    WARNING = "warning"
    AFTERMATH = "aftermath"
    RETROSPECTIVE = "retrospective"
    NONE = "none"


class Target(StrEnum):
    """What was or would be hit."""

    PREMISES = "premises"
    PEOPLE = "people"
    VEHICLE = "vehicle"
    IO = "io"
    SEVERAL = "several"


class Trust(StrEnum):
    """Reliability of a source on the Admiralty scale (NATO AJP-2.1, annex on evaluation)."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    F = "F"


class FeedHealth(StrEnum):
    """State of a feed as its users see it; whatever is not `ok` has a reason beside it."""

    NEW = "new"
    OK = "ok"
    SLOW = "slow"
    FAILING = "failing"
    EMPTY = "empty"
    FROZEN = "frozen"
    GAP = "gap"
    GONE = "gone"


class Phase(StrEnum):
    """Where an incident is in its life."""

    OPEN = "open"
    DEVELOPING = "developing"
    QUIET = "quiet"
    CLOSED = "closed"
    MERGED = "merged"


class Reason(StrEnum):
    """Why somebody is told something; the `reason` of the webhook contract.

    `digest` goes only to receivers that ask for a daily report.
    """

    FIRST_REPORT = "first_report"
    ESCALATED = "escalated"
    CORROBORATED = "corroborated"
    CORRECTED = "corrected"
    REMINDER = "reminder"
    CLOSED = "closed"
    TEMPO = "tempo"
    POSTURE = "posture"
    COVERAGE = "coverage"
    DRILL = "drill"
    TEST = "test"
    DIGEST = "digest"


class DeliveryState(StrEnum):
    """Where a delivery is: `pending` and `held` will move again, the others are final.

    `summarised` was told inside a summary, `dropped` was replaced by a newer revision.
    """

    PENDING = "pending"
    HELD = "held"
    SENT = "sent"
    DEAD = "dead"
    DROPPED = "dropped"
    SUMMARISED = "summarised"


class RiskLevel(_Ordered):
    """Four levels, worded as most travel advisories word them (US Department of State, FCDO)."""

    NORMAL = "Exercise normal precautions"
    CAUTION = "Exercise increased caution"
    RECONSIDER = "Reconsider presence"
    CRITICAL = "Depart or shelter"
