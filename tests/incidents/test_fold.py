"""What a report does to the incidents that are known: the promises of folding, one by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerter.config.settings import Thresholds
from alerter.domain.mission import MissionMention, Place
from alerter.domain.scales import (
    Category,
    Certainty,
    Phase,
    Reason,
    Severity,
    Status,
    Target,
    Trust,
    Urgency,
)
from alerter.incidents import Folded, NotFolded, fold
from tests.builders import BAGHDAD, NOON, US_EMBASSY, a_mission, an_article, an_assessment
from tests.incidents.stories import Story, after

ROCKETS = "Two rockets hit the US embassy compound in Baghdad overnight"
BRITISH: dict[str, Any] = {
    "category": Category.BOMBING,
    "categories": {Category.BOMBING: 0.92, Category.ARMED_ATTACK: 0.08},
    "target": Target.VEHICLE,
    "sending": ("GB",),
    "missions": (MissionMention(text="British embassy", kind="embassy", sending="GB", host="IQ"),),
}
UN_VEHICLE: dict[str, Any] = {
    "category": Category.BOMBING,
    "categories": {Category.BOMBING: 0.92, Category.ARMED_ATTACK: 0.08},
    "target": Target.IO,
    "sending": ("UN",),
    "missions": (),
}


def test_a_first_report_opens_an_incident_and_is_told() -> None:
    """One sure report is enough to tell."""
    answer = Story().report(ROCKETS)
    assert answer.is_new
    assert answer.change.reason is Reason.FIRST_REPORT
    assert answer.change.tell
    assert answer.change.incident.severity is Severity.SEVERE


def test_a_second_report_of_the_event_joins_and_is_not_told_again() -> None:
    """Once per event, not once per article."""
    story = Story()
    first = story.report(ROCKETS, trust=Trust.B)
    second = story.report(
        "Explosions near American mission in Baghdad after rocket fire", at=after(hours=2)
    )
    assert second.change.incident.id == first.change.incident.id
    assert second.change.reason is None
    assert "both" in second.sighting.why


def test_a_mission_keeps_the_words_in_which_it_was_told_first() -> None:
    """A later report in Arabic does not put Arabic into the message of an English reader."""
    story = Story()
    first = story.report("Bomb hits British embassy car on airport road in Baghdad", **BRITISH)
    arabic = MissionMention(text="السفارة البريطانية", kind="embassy", sending="GB", host="IQ")
    second = story.report(
        "انفجار عبوة ناسفة بسيارة للسفارة البريطانية في بغداد",
        lang="ar",
        at=after(hours=1),
        **(BRITISH | {"missions": (arabic,)}),
    )
    assert second.change.incident.id == first.change.incident.id
    assert [mention.text for mention in second.change.incident.missions] == ["British embassy"]


def test_the_id_depends_only_on_the_first_report() -> None:
    """Two daemons that fold the same article make the same incident."""
    one, other = Story(), Story()
    assert one.report(ROCKETS).change.incident.id == other.report(ROCKETS).change.incident.id


def test_an_article_is_folded_only_once() -> None:
    """A crash after the commit and before the mark does no harm."""
    first = fold(an_assessment(), an_article(), Trust.C, [], thresholds=Thresholds(), now=NOON)
    assert isinstance(first, Folded)
    again = fold(
        an_assessment(),
        an_article(),
        Trust.C,
        [first.change.incident],
        thresholds=Thresholds(),
        now=NOON,
    )
    assert isinstance(again, NotFolded)
    assert "already" in again.reason


def test_rockets_and_the_bomb_of_the_next_day_stay_apart() -> None:
    """Most articles on the second name the first as well; the headline says what is new."""
    story = Story()
    rockets = story.report(
        "Rockets fired at US embassy in Baghdad on Monday night",
        at=datetime(2020, 9, 14, 23, 0, tzinfo=UTC),
    )
    bomb = story.report(
        "IED hits British embassy vehicle on Baghdad airport road on Tuesday",
        "The blast came hours after rockets were fired at the US embassy on Monday.",
        at=datetime(2020, 9, 15, 9, 0, tzinfo=UTC),
        **BRITISH,
    )
    both = story.report(
        "British diplomatic convoy struck by roadside bomb in Baghdad; US embassy shelled earlier",
        "It is the third attack in 24 hours after rockets at the US embassy.",
        at=datetime(2020, 9, 15, 13, 0, tzinfo=UTC),
        **BRITISH,
    )
    assert bomb.change.incident.id != rockets.change.incident.id
    assert both.change.incident.id == bomb.change.incident.id


def test_rockets_of_two_weeks_are_two_incidents() -> None:
    """The same embassy is hit again a week later."""
    story = Story()
    first = story.report(ROCKETS, at=datetime(2020, 9, 14, 23, 0, tzinfo=UTC))
    second = story.report(
        ROCKETS.replace("Two", "Three"), at=datetime(2020, 9, 22, 3, 0, tzinfo=UTC)
    )
    assert second.is_new
    assert second.change.reason is Reason.FIRST_REPORT
    assert first.change.incident.id != second.change.incident.id


def test_variants_of_one_vehicle_come_together() -> None:
    """WFP, FAO and UNAMI, Bartella and Bartilla, one injured and two: it is one vehicle."""
    story = Story()
    at = datetime(2020, 8, 26, 9, 0, tzinfo=UTC)
    reports = [
        ("WFP vehicle hit by IED near Bartella, one injured", "en"),
        ("Roadside bomb strikes FAO car close to Bartilla east of Mosul, two wounded", "en"),
        ("UNAMI employees targeted by explosive device in Shaqoli", "en"),
        ("إصابة موظف في انفجار عبوة ناسفة بسيارة تابعة للأمم المتحدة في برطلة", "ar"),
    ]
    for hours, (title, lang) in enumerate(reports):
        story.report(title, at=at + timedelta(hours=hours), lang=lang, places=(), **UN_VEHICLE)
    (incident,) = story.incidents.values()
    values = {(fact.kind, fact.value) for fact in incident.facts if fact.kind == "injured"}
    assert len(incident.sources) == 4
    assert {("injured", "1"), ("injured", "2")} <= values


def test_they_stay_apart_where_both_missions_are_taken_for_the_target() -> None:
    """An article that names both embassies is read as being about both."""
    story = Story()
    rockets = story.report(
        "Rockets fired at US embassy in Baghdad on Monday night",
        at=datetime(2020, 9, 14, 23, 0, tzinfo=UTC),
    )
    bomb = story.report(
        "IED hits British embassy vehicle in Baghdad, hours after rockets at US embassy",
        at=datetime(2020, 9, 15, 9, 0, tzinfo=UTC),
        **{**BRITISH, "sending": ("GB", "US")},
    )
    assert bomb.change.incident.id != rockets.change.incident.id
    more = story.report(
        "Rockets at US embassy in Baghdad: C-RAM fired, sirens in Green Zone",
        at=datetime(2020, 9, 15, 10, 0, tzinfo=UTC),
    )
    assert more.change.incident.id == rockets.change.incident.id


@pytest.mark.parametrize(
    ("title", "lang"),
    [
        ("قصف صاروخي يستهدف السفارة الأمريكية في بغداد", "ar"),
        ("Ракеты упали у посольства США в Багдаде", "ru"),
        ("حمله راکتی به سفارت آمریکا در بغداد", "fa"),
        ("美国驻巴格达大使馆遭火箭弹袭击", "zh"),
        ("Razzi contro l'ambasciata degli Stati Uniti a Baghdad", "it"),
    ],
)
def test_a_report_in_another_script_joins(title: str, lang: str) -> None:
    """Host, city, sending state, category and time do what words cannot."""
    story = Story()
    story.report(ROCKETS)
    joined = story.report(title, lang=lang, at=after(hours=3))
    assert not joined.is_new
    assert set(joined.change.incident.langs) == {"en", lang}


def test_backlog_is_kept_and_not_told() -> None:
    """What was old when its feed was first polled pages nobody."""
    answer = Story().report(ROCKETS, article={"backlog": True})
    assert not answer.change.tell
    assert answer.change.incident.told_at is None


def test_several_doubtful_reports_confirm_each_other() -> None:
    """Three independent reports of 0.6 reach 0.8; copies of one do not."""
    story = Story()
    titles = [
        "Blast heard close to the US embassy in Baghdad",
        "Explosion reported in Baghdad's Green Zone near American mission",
        "Smoke rises by US embassy in Iraqi capital after loud bang",
    ]
    reasons = [
        story.report(title, at=after(minutes=n), probability=0.6).change.reason
        for n, title in enumerate(titles)
    ]
    assert reasons == [None, None, Reason.FIRST_REPORT]
    copies = Story()
    for n in range(5):
        copies.report(titles[0], at=after(minutes=n), probability=0.6)
    assert all(change.reason is None for change in copies.changes)


def test_a_recall_of_an_old_attack_tells_nobody() -> None:
    """Anniversaries and looks back open nothing that alerts, and reopen nothing."""
    story = Story()
    story.report(ROCKETS)
    recall = story.report(
        "A year of rockets: how Baghdad's US embassy became a target",
        at=after(days=20),
        status=Status.RETROSPECTIVE,
    )
    assert recall.change.reason is None
    alone = Story().report("Thirty years after the siege", status=Status.RETROSPECTIVE)
    assert alone.change.reason is None


def test_an_attack_of_last_week_is_no_first_report() -> None:
    """The hundredth article that tells of it in passing pages nobody."""
    told = Story().report(
        "Inquiry into the embassy attack of 3 September 2020 continues",
        status=Status.AFTERMATH,
    )
    assert told.change.reason is None
    assert "days back" in told.change.why


def test_a_vow_makes_no_alert() -> None:
    """A host government's promise is a statement."""
    vow = Story().report(
        "Prime minister vows to protect diplomatic missions in meeting with 25 ambassadors",
        status=Status.AFTERMATH,
        category=Category.SECURITY_MEASURE,
    )
    assert vow.change.reason is None
    assert vow.change.incident.severity is Severity.MINOR


def test_a_count_of_many_attacks_is_no_attack() -> None:
    """Forty attacks in two months: a summary joins or stays silent, its numbers are nobody's."""
    story = Story()
    story.report(ROCKETS)
    summary = story.report(
        "Forty attacks on diplomatic missions in Iraq in two months, 12 killed",
        at=after(days=1),
        status=Status.AFTERMATH,
    )
    assert summary.change.reason is None
    assert not any(f.kind == "killed" for f in summary.change.incident.facts if not summary.is_new)


def test_a_closure_threat_is_posture_and_no_attack() -> None:
    """Washington threatens to close its embassy: told as posture."""
    threat = Story().report(
        "US threatens to close its embassy in Baghdad over attacks",
        status=Status.WARNING,
        category=Category.SECURITY_MEASURE,
    )
    assert threat.change.reason is Reason.POSTURE
    assert threat.change.incident.urgency is Urgency.EXPECTED


def test_a_demonstration_announced_for_friday_is_expected_with_its_date() -> None:
    """15 September 2020 is a Tuesday."""
    announced = Story().report(
        "Protest called for Friday outside the French embassy in Baghdad",
        status=Status.WARNING,
        category=Category.UNREST,
        sending=("FR",),
        missions=(),
    )
    incident = announced.change.incident
    assert incident.urgency is Urgency.EXPECTED
    assert incident.date_ahead == datetime(2020, 9, 18, 12, 0, tzinfo=UTC)
    assert announced.change.reason is Reason.FIRST_REPORT


def test_what_was_warned_of_and_happens_escalates() -> None:
    """The announced protest takes place."""
    story = Story()
    given: dict[str, Any] = {"category": Category.UNREST, "sending": ("FR",), "missions": ()}
    story.report(
        "Protest called for Friday outside the French embassy in Baghdad",
        status=Status.WARNING,
        **given,
    )
    held = story.report("Hundreds protest at French embassy in Baghdad", at=after(days=3), **given)
    assert not held.is_new
    assert held.change.reason is Reason.ESCALATED


def test_first_casualties_escalate() -> None:
    """A death that was not known before is told at once."""
    story = Story()
    story.report(ROCKETS)
    worse = story.report(
        "Embassy guard among two killed in Baghdad rocket attack", at=after(hours=1)
    )
    assert worse.change.reason is Reason.ESCALATED
    assert any(fact.kind == "killed" for fact in worse.change.incident.facts)


def test_a_denied_death_is_corrected_and_no_longer_counts() -> None:
    """The values stand side by side; the grade follows the denial."""
    story = Story()
    story.report("IED on British embassy vehicle in Baghdad kills one", **BRITISH)
    denied = story.report(
        "British embassy denies that anybody died in Baghdad bombing",
        at=after(hours=3),
        status=Status.AFTERMATH,
        **BRITISH,
    )
    incident = denied.change.incident
    assert denied.change.reason is Reason.CORRECTED
    assert {fact.denied for fact in incident.facts if fact.kind == "killed"} == {True, False}
    assert incident.severity is Severity.SEVERE
    stale = story.report(
        "One killed as bomb hits British convoy in Iraqi capital", at=after(hours=4), **BRITISH
    )
    assert stale.change.reason is None


def test_a_denial_that_is_no_threat_corrects_what_is_known() -> None:
    """'Embassy denies death' speaks of no threat; who was told of the death hears of it."""
    story = Story()
    story.report("IED on British embassy vehicle in Baghdad kills one", **BRITISH)
    quiet = {**BRITISH, "probability": 0.2, "threat": False, "status": Status.NONE}
    denied = story.report(
        "British embassy denies that anybody died in Baghdad bombing", at=after(hours=3), **quiet
    )
    assert (denied.is_new, denied.change.reason) == (False, Reason.CORRECTED)
    assert denied.change.why == "killed: taken back, says British embassy, via feed-2"


def test_a_denial_of_what_nobody_knows_is_no_incident() -> None:
    """Below review it opens none; and what denies nothing is not folded at all."""
    quiet = {**BRITISH, "probability": 0.2, "threat": False, "status": Status.NONE}
    for title in ("British embassy denies that anybody died in Baghdad", "British embassy opens"):
        story = Story()
        with pytest.raises(AssertionError, match=r"0\.20 is below review"):
            story.report(title, **quiet)


def test_denials_confirm_nothing() -> None:
    """Five outlets that carry the denial of one report do not make it likely."""
    story = Story()
    story.report("Bomb explodes under British embassy vehicle in Baghdad", **BRITISH)
    quiet = {**BRITISH, "probability": 0.2, "threat": False, "status": Status.NONE}
    denials = [
        "British embassy denies report of bomb attack on its convoy",
        "UK mission in Iraq: reports of an attack were false",
        "Baghdad: London denies attack on diplomats",
        "No attack on British convoy, Iraqi army says, denying rumours of a blast",
        "Iraq denies blast near British vehicle",
    ]
    for hours, title in enumerate(denials, 1):
        last = story.report(title, at=after(hours=hours), **quiet)
    assert [change.reason for change in story.changes[1:]] == [Reason.CORRECTED, *[None] * 4]
    assert last.change.incident.independent_sources == 1
    assert last.change.incident.certainty is Certainty.POSSIBLE


def test_certainty_rises_with_independent_sources_and_is_told_once() -> None:
    """Possible, Likely, Observed; the officer hears of the first step only."""
    story = Story()
    titles = [
        ROCKETS,
        "American embassy in Baghdad targeted by Katyusha fire",
        "Sirens sound in Green Zone as projectiles land by US mission",
        "Iraqi security forces confirm attack on US embassy in the capital",
    ]
    changes = [story.report(t, at=after(minutes=20 * n)).change for n, t in enumerate(titles)]
    certainties = [change.incident.certainty for change in changes]
    assert certainties == [
        Certainty.POSSIBLE,
        Certainty.LIKELY,
        Certainty.LIKELY,
        Certainty.OBSERVED,
    ]
    assert [change.reason for change in changes] == [
        Reason.FIRST_REPORT,
        Reason.CORROBORATED,
        None,
        None,
    ]


def test_wire_copies_count_as_one_source() -> None:
    """The same agency in five papers is one witness."""
    story = Story()
    for n in range(5):
        story.report(
            ROCKETS if n % 2 else "Rockets land near US embassy in Baghdad",
            f"BAGHDAD (Reuters) - Rockets landed in the Green Zone, police told paper {n}.",
            at=after(minutes=n),
        )
    (incident,) = story.incidents.values()
    assert len(incident.sources) == 5
    assert incident.independent_sources == 1
    assert incident.certainty is Certainty.POSSIBLE


def test_watching_my_own_missions_leaves_the_rest() -> None:
    """`watch: mine` keeps what names a post or lies within its radius."""
    mine = Story(missions=[a_mission()], watch="mine")
    near = mine.report(ROCKETS)
    assert near.change.incident.mission_ids == ("us-baghdad",)
    assert near.change.incident.distances_km[0][1] < 25
    far = fold(
        an_assessment(
            "x",
            host="KE",
            places=(Place(text="Nairobi", country="KE", city="Nairobi", lat=-1.29, lon=36.82),),
        ),
        an_article("x"),
        Trust.C,
        [],
        [a_mission()],
        thresholds=Thresholds(),
        now=NOON,
        watch="mine",
    )
    assert isinstance(far, NotFolded)


def test_news_reopens_and_a_copy_does_not() -> None:
    """A closed incident opens again for a new fact only."""
    story = Story()
    first = story.report(ROCKETS).change.incident
    from dataclasses import replace

    story.incidents[first.id] = replace(first, phase=Phase.CLOSED)
    copy = story.report(ROCKETS, at=after(hours=30), feed="other")
    assert copy.change.incident.phase is Phase.CLOSED
    story.incidents[first.id] = copy.change.incident
    news = story.report(
        "Two arrested over rocket attack on US embassy in Baghdad",
        at=after(days=4),
        status=Status.AFTERMATH,
    )
    assert news.change.incident.phase is Phase.DEVELOPING


def test_a_late_merge_leaves_an_alias() -> None:
    """One report shows that two incidents are one: the later becomes an alias of the earlier."""
    story = Story()
    text = "Katyusha rockets landed inside the American embassy compound in Baghdad after midnight"
    first = story.report(text, sending=(), missions=(), places=(), host=None).change.incident
    other = story.report(
        "Sirens at the American embassy in Baghdad, Katyusha rockets landed, residents say",
        at=after(minutes=10),
        places=(BAGHDAD,),
        host="IQ",
        category=Category.UNREST,
        categories={},
    ).change.incident
    if other.id == first.id:
        pytest.skip("joined at once: nothing to merge")
    from dataclasses import replace

    story.incidents[other.id] = replace(other, category=Category.INDIRECT_FIRE)
    late = story.report(f"{text}, sirens heard, residents say", at=after(minutes=20))
    alias = story.incidents[other.id]
    assert late.change.incident.id == first.id
    assert alias.merged_into == first.id
    assert alias.phase is Phase.MERGED


def test_a_revised_article_corrects_its_incident_and_is_no_second_source() -> None:
    """A publisher who rewrites its text has changed its mind, not found a witness."""
    story = Story()
    first = story.report("Rocket kills guard at US embassy in Baghdad").change.incident
    answer = fold(
        an_assessment(
            "a1",
            facts=Story()
            .report("Correction: nobody was killed at US embassy in Baghdad, ministry says")
            .change.incident.facts,
        ),
        an_article(
            "a1", title="Correction: nobody was killed at US embassy in Baghdad", revision=2
        ),
        Trust.C,
        [first],
        thresholds=Thresholds(),
        now=after(hours=2),
    )
    assert isinstance(answer, Folded)
    assert answer.change.reason is Reason.CORRECTED
    assert len(answer.change.incident.sources) == 1


def test_a_copy_with_a_new_toll_is_not_lost() -> None:
    """A wire updates its own headline: no second witness, but a death all the same."""
    story = Story()
    story.report("Rockets hit US embassy compound in Baghdad overnight, officials say")
    update = story.report(
        "Rockets hit US embassy compound in Baghdad overnight, two killed, officials say",
        at=after(minutes=30),
    )
    assert update.change.reason is Reason.ESCALATED
    assert update.change.incident.independent_sources == 1


def test_a_denial_is_seen_after_a_hundred_reports() -> None:
    """Much said of an event does not drown what takes it back."""
    story = Story()
    for n in range(60):
        story.report(
            f"Paper {n}: bomb on British convoy in Baghdad kills one and injures {n + 1}",
            at=after(minutes=n),
            **BRITISH,
        )
    denied = story.report(
        "British embassy denies that anybody died in Baghdad bombing", at=after(hours=3), **BRITISH
    )
    assert denied.change.reason is Reason.CORRECTED


CLOSURE: dict[str, Any] = {
    "category": Category.SECURITY_MEASURE,
    "categories": {Category.SECURITY_MEASURE: 0.9},
}
AS_THREAT: dict[str, Any] = {
    "category": Category.THREAT_WARNING,
    "categories": {Category.THREAT_WARNING: 0.9},
    "status": Status.WARNING,
}


def test_a_closure_after_an_attack_is_told_on_its_own() -> None:
    """The attack stays an attack, the closure is a posture that names what it follows."""
    story = Story()
    attack = story.report("Rockets hit US embassy in Baghdad")
    closed = story.report(
        "US closes its embassy in Baghdad after the attack", at=after(hours=5), **CLOSURE
    )
    assert closed.is_new
    assert closed.change.reason is Reason.POSTURE
    assert any(note.startswith("follows: ") for note in closed.change.incident.notes)
    more = story.report("Rockets at US embassy in Baghdad damaged a wall", at=after(hours=6))
    assert more.change.incident.id == attack.change.incident.id
    assert more.change.incident.category is Category.INDIRECT_FIRE


def test_a_closure_taken_for_a_threat_and_for_a_measure_is_one_posture() -> None:
    """Two readings of one threat to close come together, and are told once."""
    story = Story()
    first = story.report("Washington threatens to close its embassy in Baghdad", **AS_THREAT)
    second = story.report(
        "US prepares to shut Baghdad embassy", at=after(hours=2), feed="other", **CLOSURE
    )
    third = story.report(
        "واشنطن تهدد بإغلاق سفارتها في بغداد", at=after(hours=3), lang="ar", **CLOSURE
    )
    assert first.change.reason is Reason.POSTURE
    assert {each.change.incident.id for each in (second, third)} == {first.change.incident.id}
    assert second.change.reason is None
    assert third.change.reason is None
    assert third.change.incident.status is Status.WARNING


def test_a_threat_by_militants_is_no_closure() -> None:
    """Who threatens an embassy does not close it."""
    story = Story()
    threat = story.report("Militia threatens attacks on US embassy in Baghdad", **AS_THREAT)
    assert threat.change.incident.category is Category.THREAT_WARNING
    assert threat.change.reason is Reason.FIRST_REPORT


@pytest.mark.parametrize(
    ("title", "lang"),
    [
        ("Iraqi premier tells ambassadors their missions will be protected", "en"),
        ("Pakistan vows to protect all diplomatic missions", "en"),
        ("Sudan army promises safe passage for diplomats", "en"),
        ("L'Irak s'engage à protéger les ambassades", "fr"),
        ("العراق يتعهد بحماية البعثات الدبلوماسية", "ar"),
        ("Irak Başbakanı misyonların korunacağı sözünü verdi", "tr"),
        ("Irak verspricht Botschaften besseren Schutz", "de"),
    ],
)
@pytest.mark.parametrize("status", [Status.WARNING, Status.OCCURRED, Status.AFTERMATH])
def test_a_promise_of_protection_tells_nobody(title: str, lang: str, status: Status) -> None:
    """However it is judged: as a measure, ahead of danger or after it."""
    story = Story()
    vow = story.report(title, lang=lang, **{**CLOSURE, "status": status})
    assert vow.change.reason is None
    story.report("Rockets hit US embassy in Baghdad", at=after(hours=1))
    later = story.report(title, lang=lang, at=after(hours=9), **{**CLOSURE, "status": status})
    assert later.change.reason is None


def test_bombs_a_day_apart_at_posts_of_two_states_stay_apart() -> None:
    """The same means in the same words at another state's convoy a day later is another event."""
    story = Story()
    bomb: dict[str, Any] = {
        "category": Category.BOMBING,
        "categories": {Category.BOMBING: 0.95},
        "target": Target.VEHICLE,
        "missions": (),
    }
    one = story.report("Roadside bomb hits US embassy convoy on Monday", sending=("US",), **bomb)
    other = story.report(
        "Roadside bomb hits British embassy convoy on Tuesday",
        at=after(hours=25),
        sending=("GB",),
        **bomb,
    )
    assert other.change.incident.id != one.change.incident.id
    assert any(note.startswith("follows: ") for note in other.change.incident.notes)


def test_a_denied_death_that_others_repeat_is_told_no_more() -> None:
    """Escalated once, corrected once: papers no better than the denial do not bring it back."""
    story = Story()
    story.report("IED hits British embassy vehicle in Baghdad", **BRITISH)
    reasons = [
        story.report(title, at=after(hours=hours), trust=trust, **BRITISH).change.reason
        for hours, title, trust in (
            (1, "One killed as bomb hits British embassy vehicle", Trust.D),
            (3, "British embassy denies that anybody died in Baghdad bombing", Trust.B),
            (4, "Bomb on British embassy vehicle in Baghdad kills one", Trust.D),
            (5, "One dead in blast at British embassy convoy", Trust.C),
            (6, "One killed in attack on British diplomats, reports say", Trust.B),
            (7, "British embassy denies that anyone was killed or injured in the attack", Trust.B),
        )
    ]
    told = [reason for reason in reasons if reason is not Reason.CORROBORATED]
    assert told == [Reason.ESCALATED, Reason.CORRECTED, None, None, None, None]


def test_a_better_source_than_the_denial_brings_a_death_back() -> None:
    """What an A-rated feed says after a denial of lesser trust is news."""
    story = Story()
    story.report("IED on British embassy vehicle in Baghdad kills one", **BRITISH)
    denial = "British embassy denies that anybody died in Baghdad bombing"
    story.report(denial, at=after(hours=3), trust=Trust.C, **BRITISH)
    again = story.report(
        "One killed as bomb hits British embassy vehicle",
        at=after(hours=5), trust=Trust.A, **BRITISH,
    )  # fmt: skip
    assert again.change.reason is Reason.ESCALATED


def test_an_attack_on_the_premises_of_my_post_is_at_my_post() -> None:
    """Not in the middle of its city; a vehicle in the city is known by the city alone."""
    post = a_mission(lat=33.299, lon=44.387)
    named = replace(US_EMBASSY, mission=post.id)
    story = Story(missions=(post,))
    rocket = story.report("Rocket lands at US embassy in Baghdad", missions=(named,))
    place = rocket.change.incident.place
    assert place is not None
    assert (place.lat, place.lon) == (post.lat, post.lon)
    assert place.radius_km == 1.0
    assert dict(rocket.change.incident.distances_km) == {post.id: 0.0}
    convoy = Story(missions=(post,)).report(
        "Bomb hits US embassy convoy in Baghdad", missions=(named,), target=Target.VEHICLE
    )
    place = convoy.change.incident.place
    assert place is not None
    assert (place.text, place.radius_km) == ("Baghdad", 15.0)


def test_what_was_announced_and_happens_on_its_day_is_the_same_event() -> None:
    """A protest called on Tuesday for Friday, and the crowd of that Friday."""
    story = Story()
    unrest: dict[str, Any] = {
        "category": Category.UNREST,
        "categories": {Category.UNREST: 0.95},
        "sending": ("FR",),
        "missions": (),
    }
    called = story.report(
        "Party calls protest outside French embassy in Baghdad for Friday",
        status=Status.WARNING, **unrest,
    )  # fmt: skip
    assert called.change.reason is Reason.FIRST_REPORT
    assert called.change.incident.date_ahead is not None
    held = story.report(
        "Crowd throws stones at French embassy in Baghdad", at=after(hours=71), **unrest
    )
    assert held.change.incident.id == called.change.incident.id
    assert held.change.reason is Reason.ESCALATED


def test_the_same_words_of_posts_in_two_cities_are_two_incidents() -> None:
    """An agency's form for rocket fire, filled in twice within ten minutes."""
    story = Story()
    words = "Rockets hit the US mission in {}, two guards wounded, police say"
    baghdad = story.report(words.format("Baghdad"), missions=(replace(US_EMBASSY, city="Baghdad"),))
    basra = story.report(
        words.format("Basra"),
        at=after(minutes=10),
        missions=(replace(US_EMBASSY, city="Basrah"),),
        places=(Place(text="Basra", country="IQ", city="Basrah", lat=30.509, lon=47.78),),
    )
    assert basra.change.incident.id != baghdad.change.incident.id
    more = story.report(
        "Two guards hurt as rockets strike American consulate in Basra",
        at=after(minutes=50),
        missions=(replace(US_EMBASSY, city="Basrah"),),
        places=(Place(text="Basra", country="IQ", city="Basrah", lat=30.509, lon=47.78),),
    )
    assert more.change.incident.id == basra.change.incident.id
