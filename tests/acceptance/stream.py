"""What a daemon sees all day: harmless news in eleven languages, invented and varied by rule.

Most of it is far from the matter. Some of it is near: routine diplomacy, violence that touches no
mission, words that sound like it, and what lies years back.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from alerter.domain.article import Article

NAMES: Final = {
    "en": ("Amir Sands", "Lena Frost", "Omar Hale", "Ruth Winter", "Karim Bell", "Ida Moss"),
    "fr": ("Paul Marchand", "Nadia Ferrand", "Luc Perrot", "Aline Vasseur"),
    "es": ("Marta Solís", "Hugo Prada", "Elena Cruzado", "Iván Robles"),
    "de": ("Jens Halder", "Petra Winkler", "Ayla Brandt", "Uwe Kessel"),
    "it": ("Piero Landi", "Giulia Renzetti", "Aldo Ferri", "Sara Conti"),
    "pt": ("Rui Tavares", "Inês Prado", "Caio Mendes", "Lara Pires"),
    "tr": ("Selim Aras", "Derya Koçak", "Umut Sezer", "Nil Aydın"),
    "ru": ("Игорь Лужин", "Анна Верес", "Павел Громов", "Ольга Титова"),
    "ar": ("سامر الحلي", "ليلى النجفي", "كريم البصري", "هدى الموصلي"),
    "fa": ("رضا کیانی", "مینا فراهانی", "سعید نوری", "لاله شریفی"),
    "id": ("Budi Santoso", "Sri Lestari", "Agus Wijaya", "Dewi Anggraini"),
}
TOWNS: Final = {
    "en": ("Leeds", "Basra", "Perth", "Kirkuk", "Nairobi", "Tampa", "Mosul", "Halifax", "Amman"),
    "fr": ("Lyon", "Tunis", "Dakar", "Nantes", "Beyrouth", "Oran"),
    "es": ("Sevilla", "Lima", "Quito", "Bilbao", "Rosario", "Puebla"),
    "de": ("Bremen", "Graz", "Kassel", "Bern", "Erfurt", "Linz"),
    "it": ("Torino", "Bari", "Parma", "Cagliari", "Trento"),
    "pt": ("Braga", "Recife", "Faro", "Luanda", "Santos"),
    "tr": ("İzmir", "Adana", "Kayseri", "Trabzon", "Kerkük"),
    "ru": ("Казань", "Тверь", "Омск", "Самара", "Псков"),
    "ar": ("البصرة", "الموصل", "أربيل", "كربلاء", "عمان", "طرابلس"),
    "fa": ("شیراز", "تبریز", "یزد", "اهواز", "رشت"),
    "id": ("Bandung", "Medan", "Surabaya", "Padang", "Makassar"),
}
FRAMES: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "en": (
        ("{town} council approves {n} new bus stops", "Work on the first of them begins in spring, said {name}."),
        ("Wheat harvest near {town} better than feared", "Growers brought in {n} tonnes a field after a late rain."),
        ("Hospital in {town} opens children's ward", "The ward has {n} beds and was paid for by donations."),
        ("{name} wins chess open in {town}", "The final lasted {n} moves and ended after midnight."),
        ("Power cuts of {n} hours a day return to {town}", "The ministry blames a damaged line and promises repairs."),
        ("Oil price slips as stocks rise by {n} million barrels", "Traders await the meeting of producers next week."),
        ("{town} club attack falters in goalless draw", "Their forward {name} missed from {n} metres in the last minute."),
        ("Parliament debates water bill for {n} hours", "{name} asked for a second reading before the vote."),
        ("Film shot in {town} sells out in {n} days", "Director {name} thanked the extras from the old quarter."),
        ("Ambassador of Norway visits university in {town}", "{name} spoke to {n} students about fisheries and trade."),
        ("New envoy presents letters of credence", "{name}, aged {n}, served in three capitals before."),
        ("Embassy of Japan lends {n} instruments to youth orchestra", "The first concert in {town} is planned for autumn."),
        ("Consulate in {town} extends opening hours for passports", "Applicants may book {n} days ahead, a clerk said."),
        ("{name} named goodwill ambassador for reading", "The singer will visit {n} schools this year."),
        ("Embassy Suites in {town} adds {n} rooms", "The hotel reopens after works on its lobby."),
        ("Market fire in {town} destroys {n} stalls", "Firemen suspect a faulty cable; nobody was hurt."),
        ("Two shot dead in {town} family feud", "Police arrested {name} and seek {n} witnesses."),
        ("Lorry crash near {town} injures {n}", "The road to the south was closed until noon."),
        ("Court jails {name} for {n} years over fraud", "The former banker in {town} said he would appeal."),
        ("Army clears {n} old mines outside {town}", "Farmers may return to the fields after the winter."),
        ("Gunmen rob jeweller in {town}", "They fled on {n} motorcycles with gold and cash."),
        ("{n} years on, {town} remembers flood", "{name} read the names of the dead at the bridge."),
        ("Foreign ministers speak by telephone about trade", "They agreed to meet in {town} within {n} weeks."),
        ("Vaccination begins in {n} clinics around {town}", "Doctor {name} asked the elderly to come first."),
        ("Museum in {town} shows letters of a consul from 1890", "Curator {name} found {n} of them in an attic."),
        ("Drone race draws {n} pilots to {town}", "{name} won the junior cup."),
        ("Trade envoy signs deal for {n} wagons", "The plant in {town} will deliver them next year."),
        ("Storm takes roofs off {n} houses in {town}", "The governor promised tents before the night."),
    ),
    "fr": (
        ("{town} : la rentrée retardée dans {n} écoles", "Le maire {name} invoque des travaux inachevés."),
        ("Le festival de {town} attend {n} visiteurs", "Le programme sera présenté jeudi par {name}."),
        ("Un incendie détruit {n} hectares près de {town}", "Les pompiers espèrent le maîtriser dans la nuit."),
        ("L'ambassadeur de Suède inaugure une bibliothèque à {town}", "{name} a remis {n} ouvrages aux élèves."),
        ("Football : {town} résiste à l'attaque adverse", "Le gardien {name} a repoussé {n} tirs."),
        ("Grève des trains : {n} départs supprimés à {town}", "Les syndicats seront reçus lundi."),
        ("Un homme blessé par balle à {town}", "La police écarte la piste terroriste et cherche {n} témoins."),
        ("Le consulat facilite les visas pour étudiants", "Il faut compter {n} jours, précise {name}."),
    ),
    "es": (
        ("{town} estrena {n} kilómetros de carril bici", "La alcaldesa {name} promete otros tantos en otoño."),
        ("La vendimia en {town} se adelanta {n} días", "Los productores hablan de una buena cosecha."),
        ("Detenido en {town} por robar {n} teléfonos", "La policía busca a un segundo sospechoso."),
        ("El embajador de Chile visita una escuela en {town}", "{name} entregó {n} libros de poesía."),
        ("Choque de autobuses deja {n} heridos cerca de {town}", "La carretera fue reabierta por la tarde."),
        ("El equipo de {town} gana con un ataque de última hora", "{name} marcó en el minuto {n}."),
        ("La bolsa cierra con una subida de {n} puntos", "Los bancos lideraron las ganancias."),
    ),
    "de": (
        ("{town} baut {n} neue Wohnungen am Hafen", "Baubeginn ist laut {name} im Frühjahr."),
        ("Hitze lässt Pegel bei {town} um {n} Zentimeter fallen", "Die Fähren fahren nur noch halb beladen."),
        ("Botschafter Finnlands eröffnet Ausstellung in {town}", "{name} dankte den {n} Leihgebern."),
        ("{name} gewinnt Marathon in {town}", "Sie lief {n} Sekunden schneller als im Vorjahr."),
        ("Einbruch in {n} Keller in {town}", "Die Polizei bittet um Hinweise."),
        ("Bahn streicht {n} Züge wegen Bauarbeiten", "Betroffen ist vor allem die Strecke nach {town}."),
    ),
    "it": (
        ("{town}, riaprono {n} musei dopo i lavori", "L'assessore {name} parla di un autunno ricco."),
        ("Maltempo a {town}: caduti {n} alberi", "Nessun ferito, scuole chiuse domani."),
        ("L'ambasciatore d'Irlanda in visita a {town}", "{name} ha incontrato {n} imprenditori del vino."),
        ("Calcio, il {town} cede nel finale", "L'attacco guidato da {name} non segna da {n} partite."),
        ("Rapina in banca a {town}, bottino di {n} mila euro", "I due uomini sono fuggiti in moto."),
    ),
    "pt": (
        ("{town} recebe {n} novos autocarros elétricos", "A autarquia promete mais no próximo ano, disse {name}."),
        ("Feira do livro de {town} bate recorde com {n} editoras", "{name} apresenta hoje o seu romance."),
        ("Embaixada da Áustria oferece {n} bolsas de música", "As provas decorrem em {town} em outubro."),
        ("Incêndio em armazém de {town} mobiliza {n} bombeiros", "Não há feridos a registar."),
    ),
    "tr": (
        ("{town} belediyesi {n} park açıyor", "Başkan {name} açılışın pazar günü olacağını söyledi."),
        ("{town} derbisi berabere bitti", "{name} {n}. dakikada golü kaçırdı."),
        ("Fındık alım fiyatı {n} lira oldu", "Üreticiler {town} pazarında karara sevindi."),
        ("Kore Büyükelçiliği {town} okullarına {n} bilgisayar verdi", "Törende müdür {name} teşekkür etti."),
        ("{town} yolunda zincirleme kaza: {n} yaralı", "Yol iki saat trafiğe kapandı."),
    ),
    "ru": (
        ("{town}: отремонтируют {n} дворов", "Об этом сообщила {name} на заседании совета."),
        ("Урожай картофеля вырос на {n} процентов", "Фермеры под городом {town} довольны."),
        ("Посол Сербии открыл выставку икон", "В зале города {town} показали {n} работ."),
        ("{name} стал чемпионом по самбо", "Финал в городе {town} длился {n} минут."),
        ("Пожар на складе потушили за {n} часа", "В городе {town} никто не пострадал."),
    ),
    "ar": (
        ("افتتاح {n} مدارس جديدة في {town}", "قال المدير {name} إن الدوام يبدأ الأسبوع المقبل."),
        ("ارتفاع منسوب المياه في سد قرب {town}", "أكدت الوزارة أن الخزين يكفي {n} أشهر."),
        ("وزارة الكهرباء تعد بزيادة التجهيز {n} ساعات", "وشكا سكان {town} من الانقطاع."),
        ("السفير الياباني يزور جامعة {town}", "وبحث مع {name} زيادة المنح إلى {n} منحة."),
        ("تعادل فريق {town} في الدوري", "وأضاع {name} ركلة جزاء في الدقيقة {n}."),
        ("القبض على عصابة لسرقة السيارات في {town}", "وضبطت الشرطة {n} سيارات مسروقة."),
        ("حريق يلتهم {n} محال في سوق {town}", "ولم تسجل إصابات بحسب الدفاع المدني."),
        ("نزاع عشائري في {town} يخلف {n} جرحى", "وتدخلت قوة أمنية لفض النزاع."),
        ("أسعار التمور تنخفض في أسواق {town}", "وقال التاجر {name} إن الطن بيع بنحو {n} ألف."),
    ),
    "fa": (
        ("آغاز ساخت {n} واحد مسکونی در {town}", "{name} گفت کار تا پایان سال تمام می‌شود."),
        ("بارندگی در {town} {n} درصد بیشتر شد", "کشاورزان از فصل خوبی خبر می‌دهند."),
        ("سفیر اتریش از موزه {town} دیدن کرد", "{name} {n} اثر تازه را به او نشان داد."),
        ("تیم {town} به فینال رسید", "{name} در دقیقه {n} گل زد."),
    ),
    "id": (
        ("Pasar {town} direnovasi, {n} kios pindah sementara", "Wali kota {name} meminta pedagang bersabar."),
        ("Panen padi di {town} naik {n} persen", "Petani berharap harga tetap baik."),
        ("Duta besar Belanda meresmikan taman di {town}", "{name} menanam {n} pohon bersama pelajar."),
        ("Banjir surut di {town}, {n} keluarga pulang", "Bantuan beras dibagikan sejak pagi."),
    ),
}  # fmt: skip
SHARES: Final = {
    "en": 34, "ar": 22, "fr": 8, "es": 6, "tr": 7, "de": 4, "it": 4, "pt": 3, "ru": 4, "fa": 4, "id": 4,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """One harmless item."""

    id: str
    at: datetime
    feed: str
    lang: str
    title: str
    summary: str


def harmless(count: int, *, start: datetime, end: datetime, seed: int = 1) -> Iterator[Plain]:
    """So many items, evenly spread over the time, each day a little different."""
    draw = random.Random(seed)
    languages = list(SHARES)
    step = (end - start) / count
    for number in range(count):
        lang = draw.choices(languages, weights=list(SHARES.values()))[0]
        title, summary = draw.choice(FRAMES[lang])
        words = {
            "town": draw.choice(TOWNS[lang]),
            "name": draw.choice(NAMES[lang]),
            "n": draw.randint(2, 60),
        }
        yield Plain(
            id=f"plain-{number}",
            at=start + step * (number + draw.random()),
            feed=f"{lang}-{draw.randint(1, 3)}",
            lang=lang,
            title=title.format(**words),
            summary=summary.format(**words),
        )


class Published(Protocol):
    """An item that an outlet brings at a time."""

    @property
    def id(self) -> str: ...
    @property
    def feed(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def lang(self) -> str: ...
    @property
    def at(self) -> datetime: ...


def in_order(items: Iterable[Published]) -> Iterator[Article]:
    """The items as articles, by the time they were published and seen."""
    articles = [
        Article(
            id=each.id, feed=each.feed, title=each.title, summary=each.summary, lang=each.lang,
            published=each.at, first_seen=each.at,
        )
        for each in items
    ]  # fmt: skip
    return iter(sorted(articles, key=lambda article: article.first_seen))


def feeds_of(outlets: Mapping[str, tuple[str, str, Sequence[str]]]) -> list[dict[str, Any]]:
    """The outlets of a story as feeds in a config: language, trust and the states they cover."""
    return [
        {
            "url": f"https://{name}.example/rss", "name": name, "lang": lang, "trust": trust,
            "covers": covers,
        }
        for name, (lang, trust, covers) in outlets.items()
    ]  # fmt: skip
