"""A second story: three weeks in Pakistan, invented, in our own words; nothing here ever happened.

Other states, languages, means and hours than the reference story, so that what was fitted to that
one shows. `event` and `kind` are as in `timeline`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from alerter.domain.scales import Category, Target
from tests.acceptance.timeline import Told

START: Final = datetime(2024, 5, 28, tzinfo=UTC)
END: Final = datetime(2024, 6, 28, tzinfo=UTC)

KARACHI = "chinese-car"
MARCH = "march-french"
GRENADE = "grenade-danish"
ITALIAN = "bomb-italian"
AGAIN = "grenade-danish-again"
HARASSED = "raid-german"
EVACUATION = "evacuation-danish"
VOW = "vow"
SUMMARY = "summary"
RECALL = "recall"

OUTLETS: Final = {
    "margalla-wire": ("en", "B", ()),
    "potohar-post": ("en", "C", ("PK",)),
    "awaz-e-shehr": ("ur", "C", ("PK",)),
    "nordlys-avis": ("da", "B", ()),
    "journal-du-rhone": ("fr", "B", ()),
    "rheinblatt": ("de", "B", ()),
    "corriere-alpino": ("it", "B", ()),
    "changjiang-ribao": ("zh", "C", ()),
    "gulf-sahifa": ("ar", "C", ()),
    "rough-translated": ("en", "D", ("PK",)),
}
KINDS: Final = {
    KARACHI: (Category.ARMED_ATTACK, Target.VEHICLE),
    MARCH: (Category.UNREST, Target.PREMISES),
    GRENADE: (Category.BOMBING, Target.PREMISES),
    ITALIAN: (Category.BOMBING, Target.VEHICLE),
    AGAIN: (Category.BOMBING, Target.PREMISES),
    HARASSED: (Category.STATE_HARASSMENT, Target.PEOPLE),
    EVACUATION: (Category.SECURITY_MEASURE, Target.PEOPLE),
    VOW: (Category.SECURITY_MEASURE, Target.SEVERAL),
    SUMMARY: (Category.BOMBING, Target.SEVERAL),
}

_LINES: Final[tuple[tuple[str, str, str, str, str, str], ...]] = (
    ("06-02 07:00", "potohar-post", RECALL, "recall",
     "Sixteen years on: the day a car bomb tore open the Danish embassy in Islamabad",
     "Neighbours remember the morning in 2008 and those who died at the gate."),
    # Two guards or three, one car.
    ("06-03 04:40", "potohar-post", KARACHI, "first",
     "Gunmen fire on Chinese consulate car in Karachi",
     "A vehicle of the Chinese consulate came under fire in Clifton on Monday morning. Two guards were wounded, police said."),
    ("06-03 05:15", "awaz-e-shehr", KARACHI, "more",
     "کراچی میں چینی قونصل خانے کی گاڑی پر فائرنگ، دو گارڈ زخمی",
     "پولیس کے مطابق حملہ آور موٹر سائیکل پر فرار ہو گئے۔"),
    ("06-03 06:20", "changjiang-ribao", KARACHI, "more",
     "中国驻卡拉奇总领馆车辆遭枪击 2人受伤",
     "警方称袭击周一上午发生，袭击者骑摩托车逃离。"),
    ("06-03 07:05", "rough-translated", KARACHI, "toll",
     "Firing upon the vehicle of the consulate of China in Karachi, three the guards injured",
     "The unknown persons they opened the firing in Clifton and escaped, said the source of police."),
    # Announced, then held.
    ("06-04 10:30", "potohar-post", MARCH, "announced",
     "Religious party calls protest outside French embassy in Islamabad for Friday",
     "Its leaders said that followers would march on the embassy of France after prayers on Friday."),
    ("06-04 12:00", "journal-du-rhone", MARCH, "announced",
     "Pakistan : un parti religieux appelle à manifester vendredi devant l'ambassade de France",
     "Le rassemblement est prévu après la prière à Islamabad."),
    ("06-07 10:20", "margalla-wire", MARCH, "more",
     "Crowd throws stones at French embassy in Islamabad",
     "Hundreds marched on the embassy of France on Friday; police used tear gas at the gate."),
    # Late in the evening there, afternoon in UTC.
    ("06-11 18:40", "potohar-post", GRENADE, "first",
     "Grenade thrown at Danish embassy in Islamabad",
     "A hand grenade exploded at the gate of the embassy of Denmark late on Tuesday. Windows were broken."),
    ("06-11 19:30", "awaz-e-shehr", GRENADE, "more",
     "اسلام آباد میں ڈنمارک کے سفارت خانے پر دستی بم حملہ",
     "دھماکا منگل کی رات سفارت خانے کے گیٹ پر ہوا۔"),
    ("06-11 20:30", "nordlys-avis", GRENADE, "more",
     "Granat kastet mod Danmarks ambassade i Islamabad",
     "Ingen ansatte kom til skade tirsdag aften, oplyser ministeriet."),
    ("06-11 21:10", "rough-translated", GRENADE, "toll",
     "One guard killed in the blast at the embassy of Denmark in Islamabad",
     "The grenade it exploded at the gate on Tuesday night and one guard he was killed, sources said."),
    ("06-12 03:15", "margalla-wire", GRENADE, "denial",
     "Danish embassy denies that guard was killed in Islamabad grenade attack",
     "Nobody was killed on Tuesday night, a spokeswoman for the embassy of Denmark said, denying reports of a dead guard."),
    ("06-12 03:40", "corriere-alpino", GRENADE, "copy",
     "Danish embassy denies that guard was killed in Islamabad grenade attack",
     "(Margalla Wire) Nobody was killed on Tuesday night, a spokeswoman for the embassy of Denmark said, denying reports of a dead guard."),
    ("06-12 05:30", "rough-translated", GRENADE, "more",
     "Guard killed at Danish embassy, the police search the attackers of Islamabad",
     "One guard was killed in the grenade blast of Tuesday night at the embassy of Denmark, the sources repeat."),
    # The next morning in the same city; everyone recalls the grenade.
    ("06-12 06:10", "potohar-post", ITALIAN, "first",
     "Bomb hits Italian embassy car on Murree Road in Islamabad",
     "The roadside device damaged an armoured vehicle of the embassy of Italy on Wednesday morning, hours after a grenade at the Danish embassy."),
    ("06-12 06:45", "corriere-alpino", ITALIAN, "more",
     "Islamabad, ordigno contro un'auto dell'ambasciata italiana",
     "Nessun ferito mercoledì mattina; martedì sera una granata contro l'ambasciata danese."),
    ("06-12 07:30", "gulf-sahifa", ITALIAN, "more",
     "عبوة ناسفة تستهدف سيارة للسفارة الإيطالية في إسلام آباد",
     "أصابت شظايا العبوة واجهة مبنى صباح الأربعاء دون سقوط ضحايا."),
    ("06-15 09:00", "rheinblatt", HARASSED, "first",
     "Pakistanische Polizei setzt deutschen Diplomaten in Lahore fest",
     "Beamte hielten einen Mitarbeiter des deutschen Konsulats am Samstag stundenlang fest; Berlin protestierte."),
    # Wednesday in UTC, Thursday in Islamabad: not the grenade of the week before.
    ("06-19 20:10", "potohar-post", AGAIN, "first",
     "Second grenade in ten days thrown at Danish embassy in Islamabad",
     "The device landed in the garden of the embassy of Denmark early on Thursday and did no harm to people."),
    ("06-19 20:50", "awaz-e-shehr", AGAIN, "more",
     "اسلام آباد: ڈنمارک کے سفارت خانے پر پھر دستی بم پھینکا گیا",
     "جمعرات کی صبح ہونے والے دھماکے میں کوئی زخمی نہیں ہوا۔"),
    ("06-20 05:00", "nordlys-avis", AGAIN, "more",
     "Ny granat mod den danske ambassade i Islamabad",
     "Granaten landede i haven natten til torsdag."),
    ("06-21 08:00", "margalla-wire", EVACUATION, "measure",
     "Denmark closes embassy in Islamabad and flies staff home after grenade attacks",
     "The foreign ministry in Copenhagen said on Friday that the embassy would stay closed until further notice."),
    ("06-21 09:10", "rheinblatt", EVACUATION, "measure",
     "Dänemark schließt Botschaft in Islamabad nach Anschlägen",
     "Das Personal wird ausgeflogen, teilte das Außenministerium in Kopenhagen mit."),
    ("06-21 10:00", "gulf-sahifa", EVACUATION, "measure",
     "الدنمارك تغلق سفارتها في إسلام آباد وتجلي موظفيها",
     "جاء القرار بعد هجومين بقنابل يدوية."),
    ("06-22 11:00", "margalla-wire", VOW, "statement",
     "Pakistan promises tighter security for all embassies after attacks",
     "The interior minister told ambassadors on Saturday that their missions would be protected."),
    ("06-22 12:30", "awaz-e-shehr", VOW, "statement",
     "پاکستان کی سفارت خانوں کی حفاظت کی یقین دہانی",
     "وزیر داخلہ نے سفیروں سے ملاقات کی۔"),
    ("06-24 06:00", "margalla-wire", SUMMARY, "summary",
     "Analysis: seven attacks on foreign missions in Pakistan in three weeks",
     "From Karachi to Islamabad, grenades, bombs and crowds have come close to diplomats."),
    ("06-26 06:00", "potohar-post", RECALL, "recall",
     "How the grenade of 11 June changed life around the Danish embassy in Islamabad",
     "Two weeks later the street is closed and shops are empty."),
)  # fmt: skip


def story() -> Iterator[Told]:
    """All items of the story in order of time."""
    for number, (at, feed, event, kind, title, summary) in enumerate(_LINES, start=1):
        when = datetime.strptime(f"2024-{at}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
        lang = OUTLETS[feed][0]
        yield Told(f"{event}-{number}", when, feed, event, kind, title, summary, lang)
