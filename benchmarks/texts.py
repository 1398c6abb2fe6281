"""News that nobody wrote: entries in eight languages from our own word lists.

Deterministic: the same feed and entry number always give the same words, so that a server need not
remember what it served and two runs see the same bytes.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from html import escape
from typing import Final

ENTRY_CHARS: Final = 600
SPACING: Final = 300  # seconds between two entries of a feed
# One entry in so many reports an attack, as in a real daily stream: about half of the 2.2 in a
# thousand items that the shipped model alarms on (docs/judgement.md).
REPORTS: Final = 1000

# language: (who, did, what, where, when)
WORDS: Final[dict[str, tuple[str, str, str, str, str]]] = {
    "en": (
        "The ministry|A court|The mayor|Engineers|Farmers|The central bank|The port authority|Teachers|"
        "A trade mission|The opposition|Doctors|The airline",
        "opened|postponed|discussed|approved|criticised|inspected|promised|repaired|signed|presented",
        "a new bridge|the harvest report|a water project|next year's budget|the railway timetable|a museum|"
        "exports of dates|a vaccination campaign|the school calendar|a fuel price review",
        "in the northern district|near the old market|in the capital|on the coast|at the border town|"
        "in the river valley|outside the stadium",
        "on Monday morning|after long talks|this week|before the holidays|despite heavy rain|for the third time",
    ),
    "fr": (
        "Le ministère|Le tribunal|La mairie|Des ingénieurs|Les agriculteurs|La banque centrale|Les enseignants",
        "a inauguré|a reporté|a examiné|a adopté|a critiqué|a promis|a réparé|a signé",
        "un nouveau pont|le rapport sur la récolte|le budget|un projet d'eau potable|un musée|les horaires des trains",
        "dans le nord|près du vieux marché|dans la capitale|sur la côte|dans la vallée",
        "lundi matin|après de longues discussions|cette semaine|avant les fêtes|malgré la pluie",
    ),
    "es": (
        "El ministerio|El tribunal|La alcaldía|Los ingenieros|Los agricultores|El banco central|Los maestros",
        "inauguró|aplazó|discutió|aprobó|criticó|prometió|reparó|firmó",
        "un puente nuevo|el informe de la cosecha|el presupuesto|un proyecto de agua|un museo|los horarios del tren",
        "en el norte|cerca del mercado|en la capital|en la costa|en el valle",
        "el lunes por la mañana|tras largas conversaciones|esta semana|antes de las fiestas",
    ),
    "ar": (
        "الوزارة|المحكمة|البلدية|المهندسون|المزارعون|البنك المركزي|المعلمون|هيئة الموانئ",
        "افتتحت|أجلت|ناقشت|أقرت|انتقدت|وعدت|أصلحت|وقعت",
        "جسرا جديدا|تقرير الحصاد|ميزانية العام المقبل|مشروع مياه|متحفا|مواعيد القطارات|حملة تطعيم",
        "في الشمال|قرب السوق القديم|في العاصمة|على الساحل|في وادي النهر",
        "صباح الاثنين|بعد محادثات طويلة|هذا الأسبوع|قبل العطلة|رغم الأمطار",
    ),
    "ru": (
        "Министерство|Суд|Мэрия|Инженеры|Фермеры|Центральный банк|Учителя|Управление порта",
        "открыло|отложило|обсудило|одобрило|раскритиковало|пообещало|отремонтировало|подписало",
        "новый мост|отчёт об урожае|бюджет|проект водоснабжения|музей|расписание поездов",
        "на севере|у старого рынка|в столице|на побережье|в долине реки",
        "в понедельник утром|после долгих переговоров|на этой неделе|перед праздниками",
    ),
    "tr": (
        "Bakanlık|Mahkeme|Belediye|Mühendisler|Çiftçiler|Merkez bankası|Öğretmenler",
        "açtı|erteledi|görüştü|onayladı|eleştirdi|söz verdi|onardı|imzaladı",
        "yeni bir köprüyü|hasat raporunu|bütçeyi|su projesini|müzeyi|tren tarifesini",
        "kuzeyde|eski çarşının yanında|başkentte|kıyıda|vadide",
        "pazartesi sabahı|uzun görüşmelerden sonra|bu hafta|bayramdan önce",
    ),
    "id": (
        "Kementerian|Pengadilan|Wali kota|Para insinyur|Para petani|Bank sentral|Para guru",
        "membuka|menunda|membahas|menyetujui|mengkritik|menjanjikan|memperbaiki|menandatangani",
        "jembatan baru|laporan panen|anggaran|proyek air|museum|jadwal kereta",
        "di utara|dekat pasar lama|di ibu kota|di pesisir|di lembah",
        "pada Senin pagi|setelah pembicaraan panjang|pekan ini|sebelum liburan",
    ),
    "sw": (
        "Wizara|Mahakama|Meya|Wahandisi|Wakulima|Benki kuu|Walimu",
        "ilifungua|iliahirisha|ilijadili|iliidhinisha|ilikosoa|iliahidi|ilikarabati",
        "daraja jipya|ripoti ya mavuno|bajeti|mradi wa maji|makumbusho|ratiba ya treni",
        "kaskazini|karibu na soko la zamani|mjini mkuu|pwani|bondeni",
        "Jumatatu asubuhi|baada ya mazungumzo marefu|wiki hii|kabla ya sikukuu",
    ),
}
_LISTS: Final = {lang: tuple(w.split("|") for w in words) for lang, words in WORDS.items()}
LANGUAGES: Final = tuple(WORDS)

# Reports of attacks. Live ones are each on another mission in a city of its own, so that no two are
# one event; those that feeds hold from the start are from the other cities, or a live one would be
# a copy of what was known before anybody was told.
SENDING: Final = (
    "US|British|French|German|Italian|Spanish|Dutch|Norwegian|Swedish|Danish|Turkish|Japanese|"
    "Chinese|Indian|Canadian|Australian|Polish|South Korean|Brazilian|Saudi"
).split("|")
CITIES: Final = (
    "Baghdad|Kabul|Islamabad|Beirut|Cairo|Tripoli|Khartoum|Nairobi|Abuja|Bamako|Niamey|Amman|Damascus|"
    "Dhaka|Caracas|Bogota|Lima|Tunis|Algiers|Kampala|Kinshasa|Maputo|Luanda|Dakar|Accra|Addis Ababa|"
    "Baku|Tbilisi|Yerevan|Astana|Tashkent|Bishkek|Dushanbe|Manila|Jakarta|Kathmandu|Colombo|Doha|"
    "Muscat|Sarajevo|Basra|Erbil|Kandahar|Herat|Lahore|Karachi|Peshawar|Benghazi|Port Sudan|Mombasa|"
    "Lagos|Kano|Maiduguri|Ouagadougou|Bangui|Juba|Mogadishu|Asmara|Djibouti|Kigali|Bujumbura|Lusaka|"
    "Harare|Antananarivo|Conakry|Freetown|Monrovia|Lome|Cotonou|Libreville|Yaounde|Sanaa|Aden|Manama|"
    "Kuwait City|Riyadh|Jeddah|Aleppo|Nicosia|Athens|Belgrade|Skopje|Pristina|Chisinau|Kyiv|Minsk|Sofia|"
    "Bucharest|Tirana|Podgorica|Managua|Tegucigalpa|Guatemala City|San Salvador|Quito|La Paz|Asuncion|"
    "Montevideo|Santiago|Port-au-Prince|Havana|Santo Domingo|Yangon|Vientiane|Phnom Penh|Hanoi|"
    "Bangkok|Ulaanbaatar|Port Moresby|Suva"
).split("|")
LIVE_CITIES: Final = CITIES[:-9]
OLD_CITIES: Final = CITIES[-9:]
ATTACKS: Final = (
    "Rockets hit the {who} embassy in {where}, two guards wounded",
    "Gunmen open fire on the {who} embassy in {where}",
    "Bomb explodes outside the {who} embassy in {where}, four injured",
    "Drone strikes the {who} embassy compound in {where}",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One entry as text."""

    title: str
    text: str
    lang: str


def entry(feed: int, number: int, *, chars: int = ENTRY_CHARS) -> Written:
    """Entry `number` of a feed: harmless news of about `chars` characters."""
    lang = LANGUAGES[feed % len(LANGUAGES)]
    draw = random.Random(feed * 1_000_003 + number)
    sentences = [_sentence(draw, lang)]
    length = 0
    while length < chars:
        sentences.append(_sentence(draw, lang) + ".")
        length += len(sentences[-1]) + 1
    return Written(title=f"{sentences[0]} ({number})", text=" ".join(sentences[1:]), lang=lang)


def _sentence(draw: random.Random, lang: str) -> str:
    return " ".join(draw.choice(words) for words in _LISTS[lang])


def report(number: int, cities: Sequence[str] = LIVE_CITIES) -> Written:
    """Report `number` of an attack on a mission: a new place and sending state each time."""
    where = cities[number % len(cities)]
    who = SENDING[(number // len(cities) + number) % len(SENDING)]
    title = ATTACKS[number % len(ATTACKS)].format(who=who, where=where)
    text = (
        f"{title}, police said on the scene minutes ago. Diplomats of the {who} mission took shelter "
        f"while security forces sealed off the streets around the building in {where}. "
        "Nobody has claimed responsibility for the attack."
    )
    return Written(title=title, text=text, lang="en")


def item(written: Written, *, link: str, stamp: float) -> str:
    """An entry as an item of RSS 2.0."""
    return (
        f"<item><title>{escape(written.title)}</title><link>{link}</link>"
        f'<guid isPermaLink="false">{link}</guid><pubDate>{formatdate(stamp)}</pubDate>'
        f"<description>&lt;p&gt;{escape(written.text)}&lt;/p&gt;</description></item>\n"
    )


@lru_cache(maxsize=40_000)
def plain_item(feed: int, number: int, chars: int, first: float) -> str:
    """Item `number` of a feed that began at `first`; remembered, since few change between polls."""
    link = f"http://news-{feed}.example/a/{feed}/{number}"
    drawn = feed * 31 + number
    written = (
        report(drawn, OLD_CITIES) if drawn % REPORTS == 0 else entry(feed, number, chars=chars)
    )
    return item(written, link=link, stamp=first + number * SPACING)


def document(feed: int, items: list[str]) -> bytes:
    """A whole feed."""
    lang = LANGUAGES[feed % len(LANGUAGES)]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
        f"<title>Benchmark {feed}</title><link>https://news.example/{feed}</link>"
        f"<description>Feed {feed}</description><language>{lang}</language>\n"
        f"{''.join(items)}</channel></rss>\n"
    ).encode()
