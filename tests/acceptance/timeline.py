"""The reference story: six weeks in Iraq, modelled on the public record of 2020, in our own words.

Outlets are invented. `event` names what happened in the world: items of one event belong into one
incident. `kind` says what an officer would make of the item: `first`, `more` (another report),
`copy` (a wire text printed elsewhere), `toll` (a number that others give differently), `denial`,
`claim`, `statement`, `posture` (a closure that is threatened), `measure` (one that is carried out),
`announced` (for a day ahead), `summary` (counts many events), `recall` (looks back).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

START: Final = datetime(2020, 8, 20, tzinfo=UTC)
END: Final = datetime(2020, 10, 2, tzinfo=UTC)

WFP = "un-vehicle"
BABIL = "convoy-babil"
SEPTEMBER_6 = "rocket-6"
DIWANIYAH = "convoy-diwaniyah"
SEPTEMBER_14 = "rockets-14"
BRITISH = "british-vehicle"
GUARDS = "rocket-guards"
TURKISH = "shots-turkish"
JAPANESE = "grenade-japanese"
ITALIAN = "petrol-italian"
SEPTEMBER_22 = "rockets-22"
CLOSURE = "closure-threat"
AIRPORT = "rocket-airport"
VOW = "vow"
SUMMARY = "summary"
RECALL = "recall"

OUTLETS: Final = {
    "rafidain-wire": ("en", "B", ()),
    "karkh-gazette": ("en", "C", ("IQ",)),
    "sada-dijla": ("ar", "C", ("IQ",)),
    "zagros-ledger": ("en", "C", ("IQ",)),
    "globe-bulletin": ("en", "B", ()),
    "gazzetta-levante": ("it", "B", ()),
    "courrier-orient": ("fr", "B", ()),
    "ankara-aksam": ("tr", "C", ()),
    "nasim-e-rooz": ("fa", "D", ()),
    "warta-timur": ("id", "C", ()),
    "bab-translated": ("en", "D", ("IQ",)),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One item of the story."""

    id: str
    at: datetime
    feed: str
    event: str
    kind: str
    title: str
    summary: str
    lang: str


_LINES: Final[tuple[tuple[str, str, str, str, str, str], ...]] = (
    # A bomb on the road to Erbil: three names for one organisation, two for one town.
    ("08-26 05:50", "zagros-ledger", WFP, "first",
     "Blast damages World Food Programme car on road near Bartella",
     "An explosive device went off beside a vehicle of the UN agency on the Mosul-Erbil road early on Wednesday. One employee was hurt, a police officer said."),
    ("08-26 06:35", "sada-dijla", WFP, "more",
     "إصابة موظف أممي بانفجار عبوة ناسفة استهدفت عجلة لبرنامج الأغذية العالمي قرب برطلة",
     "وقع الانفجار صباح الأربعاء على الطريق الرابط بين الموصل وأربيل."),
    ("08-26 07:55", "bab-translated", WFP, "toll",
     "Wounding of two employees of the FAO with the explosion of a device in Bartilla",
     "A security source he said that the device it targeted the vehicle of the organisation on the road of Mosul and two of the employees were wounded."),
    ("08-26 11:20", "rafidain-wire", WFP, "more",
     "UN envoy condemns bomb attack on WFP vehicle in northern Iraq",
     "The United Nations mission UNAMI confirmed on Wednesday that one staff member was injured when a roadside bomb struck a World Food Programme vehicle near Bartella."),
    ("08-26 11:45", "globe-bulletin", WFP, "copy",
     "UN envoy condemns bomb attack on WFP vehicle in northern Iraq",
     "(Rafidain Wire) - The United Nations mission UNAMI confirmed on Wednesday that one staff member was injured when a roadside bomb struck a World Food Programme vehicle near Bartella."),
    ("08-26 16:10", "gazzetta-levante", WFP, "more",
     "Iraq, ordigno contro un veicolo del Programma alimentare mondiale",
     "Un dipendente dell'Onu è rimasto ferito mercoledì sulla strada tra Mosul ed Erbil, vicino a Bartella."),
    # Supplies for the embassy.
    ("09-03 04:50", "karkh-gazette", BABIL, "first",
     "Roadside bomb hits trucks carrying supplies to US embassy in Babil province",
     "A convoy of an Iraqi contractor was hit on the highway near Hilla on Thursday morning. One truck burned; the drivers were unhurt."),
    ("09-03 05:40", "sada-dijla", BABIL, "more",
     "عبوة ناسفة تستهدف رتل شاحنات يحمل مؤنا للسفارة الأمريكية في بابل",
     "احترقت شاحنة على الطريق السريع قرب الحلة صباح الخميس ولم يصب السائقون."),
    # One rocket.
    ("09-06 20:15", "sada-dijla", SEPTEMBER_6, "first",
     "سقوط صاروخ قرب السفارة الأمريكية داخل المنطقة الخضراء ببغداد",
     "دوت صفارات الإنذار في السفارة مساء الأحد بعد سقوط صاروخ كاتيوشا في باحة فارغة دون إصابات."),
    ("09-06 20:40", "karkh-gazette", SEPTEMBER_6, "more",
     "Rocket falls in Baghdad's Green Zone close to US embassy",
     "Sirens sounded at the American compound on Sunday evening when a Katyusha rocket landed in an empty yard. No one was hurt."),
    ("09-07 07:30", "globe-bulletin", SEPTEMBER_6, "more",
     "Rocket lands near American embassy in Baghdad, no casualties",
     "The projectile fired on Sunday night came down inside the International Zone, an Iraqi military statement said."),
    ("09-11 08:00", "globe-bulletin", RECALL, "recall",
     "Benghazi, eight years after: the night that four Americans died",
     "A look back at the assault on the US mission in Libya in 2012 and the inquiries that followed."),
    # Another convoy, on the day whose evening brings the rockets.
    ("09-14 05:25", "karkh-gazette", DIWANIYAH, "first",
     "Bomb targets contractor convoy supplying US mission near Diwaniyah",
     "A device exploded on Monday morning beside lorries with equipment for the American diplomatic mission in Iraq. A vehicle was damaged."),
    ("09-14 06:30", "bab-translated", DIWANIYAH, "more",
     "Targeting of a column of logistic support for the American embassy in Diwaniyah",
     "An explosive device it exploded upon the column in the highway of Diwaniyah this morning, Monday, without losses, the source said."),
    ("09-14 19:15", "karkh-gazette", SEPTEMBER_14, "first",
     "Rockets fired at US embassy in Baghdad, defences open fire",
     "Two Katyusha rockets were launched at the American embassy on Monday night. The C-RAM battery shot one down and the other damaged a flat nearby."),
    ("09-14 19:40", "sada-dijla", SEPTEMBER_14, "more",
     "صاروخا كاتيوشا يستهدفان السفارة الأمريكية في بغداد",
     "منظومة سيرام تتصدى لأحد الصاروخين ليل الاثنين والآخر يصيب شقة سكنية دون ضحايا."),
    ("09-14 20:25", "rafidain-wire", SEPTEMBER_14, "more",
     "Two rockets target American embassy in Baghdad's Green Zone",
     "An Iraqi military statement said that two rockets were fired late on Monday at the US embassy. No one was killed."),
    ("09-14 20:50", "globe-bulletin", SEPTEMBER_14, "copy",
     "Two rockets target American embassy in Baghdad's Green Zone",
     "(Rafidain Wire) An Iraqi military statement said that two rockets were fired late on Monday at the US embassy. No one was killed."),
    ("09-14 21:30", "courrier-orient", SEPTEMBER_14, "more",
     "Irak : deux roquettes visent l'ambassade des États-Unis à Bagdad",
     "Une des roquettes Katioucha a été abattue lundi soir par la défense de l'ambassade américaine."),
    ("09-15 05:40", "ankara-aksam", SEPTEMBER_14, "more",
     "Bağdat'taki ABD Büyükelçiliği'ne roket saldırısı",
     "Pazartesi gecesi Yeşil Bölge'ye iki Katyuşa roketi atıldı, biri havada vuruldu."),
    # The next morning, a few kilometres away. Nearly every report names both.
    ("09-15 06:10", "karkh-gazette", BRITISH, "first",
     "Roadside bomb strikes British embassy vehicle in Baghdad",
     "The armoured car was hit near the Umm al-Tubul mosque on the airport road on Tuesday morning, hours after rockets were fired at the US embassy."),
    ("09-15 06:30", "sada-dijla", BRITISH, "more",
     "انفجار عبوة ناسفة على سيارة للسفارة البريطانية قرب جامع أم الطبول ببغداد",
     "ألحق الانفجار صباح الثلاثاء أضرارا بالسيارة على طريق المطار، بعد ساعات من استهداف السفارة الأمريكية بصاروخين."),
    ("09-15 07:05", "bab-translated", BRITISH, "toll",
     "Killing of a person with the targeting of the column of the British embassy in Qadisiyah",
     "An explosive device it targeted this morning, Tuesday, the vehicle of the embassy of Britain in the west of Baghdad and one person he was killed."),
    ("09-15 07:50", "nasim-e-rooz", BRITISH, "more",
     "حمله با بمب کنار جاده‌ای به خودروی سفارت انگلیس در بغداد",
     "این خودرو صبح سه‌شنبه در مسیر فرودگاه هدف قرار گرفت."),
    ("09-15 09:20", "rafidain-wire", BRITISH, "denial",
     "British embassy denies report of death in Baghdad bombing",
     "No one was killed or injured when a device hit an embassy vehicle on Tuesday, a British embassy spokesman said, denying reports that one person died."),
    ("09-15 09:45", "globe-bulletin", BRITISH, "copy",
     "British embassy denies report of death in Baghdad bombing",
     "(Rafidain Wire) No one was killed or injured when a device hit an embassy vehicle on Tuesday, a British embassy spokesman said, denying reports that one person died."),
    ("09-15 11:30", "gazzetta-levante", BRITISH, "more",
     "Baghdad, bomba contro un'auto dell'ambasciata britannica",
     "Nessun ferito martedì mattina sulla strada per l'aeroporto. Poche ore prima due razzi contro l'ambasciata americana."),
    ("09-15 13:15", "warta-timur", BRITISH, "more",
     "Bom pinggir jalan hantam mobil Kedutaan Besar Inggris di Baghdad",
     "Mobil lapis baja itu rusak pada Selasa pagi di jalan menuju bandara, tidak ada korban."),
    ("09-16 08:40", "sada-dijla", BRITISH, "claim",
     "فصيل مسلح غير معروف يتبنى تفجير سيارة السفارة البريطانية في بغداد",
     "قال الفصيل في بيان إنه نفذ هجوم الثلاثاء على طريق المطار."),
    ("09-17 18:05", "karkh-gazette", GUARDS, "first",
     "Rocket strikes compound of British embassy guards in Baghdad",
     "A rocket hit the site of a security firm that protects the British embassy on Thursday evening. A wall collapsed; no one was hurt."),
    ("09-17 19:20", "rafidain-wire", GUARDS, "more",
     "Rocket hits Baghdad base of firm guarding UK embassy",
     "The compound of the British security company was struck on Thursday night, the interior ministry said."),
    # It does not stop: other missions, other means.
    ("09-18 16:30", "rafidain-wire", TURKISH, "first",
     "Gunmen open fire on guards outside Turkish embassy in Baghdad",
     "Two guards were wounded in the Waziriyah district on Friday when men in a passing car shot at the gate, police said."),
    ("09-18 17:45", "ankara-aksam", TURKISH, "more",
     "Bağdat'ta Türkiye Büyükelçiliği önünde silahlı saldırı: iki koruma yaralı",
     "Vezirye semtinde cuma günü geçen bir araçtan kapıya ateş açıldı."),
    ("09-19 20:10", "karkh-gazette", JAPANESE, "first",
     "Hand grenade thrown over wall of Japanese embassy in Baghdad",
     "It exploded in the garden on Saturday night and broke windows; staff were not hurt."),
    ("09-20 21:00", "gazzetta-levante", ITALIAN, "first",
     "Baghdad, bottiglia incendiaria contro l'ambasciata italiana",
     "Il cancello è stato annerito dalle fiamme domenica sera. L'Italia ha chiesto più protezione."),
    ("09-20 21:40", "sada-dijla", ITALIAN, "more",
     "زجاجة حارقة على باب السفارة الإيطالية في بغداد",
     "قال شهود إن شخصين على دراجة نارية ألقياها مساء الأحد وفرا."),
    ("09-22 23:25", "karkh-gazette", SEPTEMBER_22, "first",
     "Rockets fired toward US embassy in Baghdad before dawn",
     "Three rockets fell short of the American embassy early on Wednesday and damaged a house in Karrada."),
    ("09-22 23:50", "sada-dijla", SEPTEMBER_22, "more",
     "سقوط ثلاثة صواريخ قرب السفارة الأمريكية في بغداد فجر الأربعاء",
     "أصابت الصواريخ منزلا في الكرادة دون خسائر بشرية."),
    ("09-23 06:20", "courrier-orient", SEPTEMBER_22, "more",
     "Bagdad : trois roquettes tirées vers l'ambassade américaine",
     "Une maison du quartier de Karrada a été endommagée dans la nuit de mardi à mercredi."),
    # Words of leaving.
    ("09-27 15:30", "globe-bulletin", CLOSURE, "posture",
     "US warns Iraq it will close Baghdad embassy if rocket attacks go on",
     "Washington has told Iraq's leaders that it is preparing to shut its embassy and withdraw diplomats, two officials who asked not to be named said on Sunday."),
    ("09-27 17:10", "sada-dijla", CLOSURE, "posture",
     "الولايات المتحدة تحذر العراق من إغلاق سفارتها في بغداد",
     "قال مسؤولون إن واشنطن تستعد لسحب دبلوماسييها إذا استمرت الهجمات الصاروخية."),
    ("09-28 05:30", "courrier-orient", CLOSURE, "posture",
     "Washington prépare la fermeture de son ambassade à Bagdad",
     "Les États-Unis ont prévenu l'Irak qu'ils retireraient leurs diplomates si les tirs de roquettes continuent."),
    ("09-28 16:45", "karkh-gazette", AIRPORT, "first",
     "Rocket meant for Baghdad airport kills five of a family",
     "Two women and three children died on Monday evening when a Katyusha hit their house near the airport, the army said."),
    # Words of protection.
    ("09-30 11:40", "rafidain-wire", VOW, "statement",
     "Iraqi premier tells 25 ambassadors their missions will be protected",
     "The prime minister met the envoys on Wednesday and vowed that attackers of diplomatic missions would be pursued."),
    ("09-30 12:30", "ankara-aksam", VOW, "statement",
     "Irak Başbakanı, 25 büyükelçiye misyonların korunacağı sözünü verdi",
     "Görüşmede son haftalardaki saldırılar ele alındı."),
    ("09-30 15:20", "globe-bulletin", SUMMARY, "summary",
     "Analysis: forty attacks in two months on foreign missions in Iraq",
     "From rockets at the embassy to bombs beside convoys, how the campaign against diplomats has grown since August."),
    ("10-01 06:15", "warta-timur", SUMMARY, "summary",
     "Dua bulan, empat puluh serangan terhadap misi asing di Irak",
     "Dari roket hingga bom pinggir jalan: bagaimana tekanan terhadap para diplomat meningkat."),
    ("10-01 08:10", "zagros-ledger", RECALL, "recall",
     "How the bombing of a UN car in August changed travel on the Erbil road",
     "Five weeks after a World Food Programme vehicle was hit near Bartella, aid workers still drive in pairs."),
)  # fmt: skip


def story() -> Iterator[Told]:
    """All items of the story in order of time."""
    for number, (at, feed, event, kind, title, summary) in enumerate(_LINES, start=1):
        when = datetime.strptime(f"2020-{at}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
        yield Told(f"{event}-{number}", when, feed, event, kind, title, summary, OUTLETS[feed][0])


def week_of(moment: datetime) -> str:
    """The Monday of a moment's week."""
    return f"{moment - timedelta(days=moment.weekday()):%m-%d}"
