"""Missions that a text speaks of: kind, sending state, host state and city.

Around each mission word the names of states and cities are read by where they stand: 'US embassy
in Baghdad', 'ambassade de France à', 'посольство США в', '美国驻伊拉克大使馆', "ABD'nin Bağdat
Büyükelçiliği". The small words between come from `links.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from alerter.domain.mission import Mission, MissionMention
from alerter.understand.gazetteer import Name
from alerter.understand.lexicon import Hit
from alerter.understand.links import Links, links, standing_missions
from alerter.understand.reading import Reading, read
from alerter.understand.terms import EDGES, Edges
from alerter.understand.text import fold

UNNAMED: Final = "XX"  # missions of states that the text does not name
BODIES: Final = frozenset({"UN", "EU"})
_PRENOMINAL: Final = frozenset("en de nl sv da no tr zh ja ko hi ur fi hu bn am ti is".split())
_KINDS: Final = (
    ("consulate", re.compile("consul|konsul|konsol|консул|قنصل|كنسول|قونصل|קונסול|领事|領事|영사|कौंसुल|वाणिज्य|কনস")),
    ("high_commission", re.compile("high commission|haut commissa|alto comis|उच्चायु|ہائی کمیشن|هايي كميشن")),
    ("nunciature", re.compile("nunci|nonce|nunzi|nuntiat|нунци")),
    ("residence", re.compile("residen|reziden|резиден|اقامت|رهاييش|סידנ|官邸|官邸|निवास|ambassador s (?:house|home)")),
)
_GENITIVE: Final = re.compile(r"^(?:['’´`]s?|:s|s['’])(?=\s|$|-)")
_BREAK: Final = re.compile(r"[;:!?()\[\]\n。；：！？،؛|]|\.\s|--|[–—]| - ")
_AID: Final = re.compile("worker|aid|relief|humanit|гуманит|اغاثه|امداد|misaada|bantuan|राहत|सहायता|援|pomoc")
_OTHER_BODY: Final = re.compile(
    _AID.pattern + "|osce|osze|obse|agit|обсе|обсє|african union|union africaine|union africana|afri"
    "|امداد|اتحاد افريقي|الاتحاد الافريقي|umoja wa afrika|midowga|cross|croix|cruz|kreuz|croce|krest"
    "|crescent|kizilhac|kizilay|صليب|هلال|красн|червон|międzyn|internat|نداء|medecins|medicos|medici"
    "|doctors|arzte|artsen|lekarz|врачи|лікар|世界银行|bank|amisom|atmis|aussom|kfor|isaf|nato|icrc|cicr"
    "|ikrk|msf|save the children|ngo|دولي|非盟|非洲|欧安|红十字|紅十字|红新月|赤十字|ligue|liga|league|عربيه"
)
_BODY_NEAR: Final = 40  # characters between 'peacekeepers' and 'UN'
_OWN_ACTS: Final = frozenset({"closure", "evacuation", "recall", "opening", "reinforce", "appointment"})
_VERB_LAST: Final = frozenset({"tr", "ur", "hi", "fa", "ja", "ko", "bn", "am", "ku", "ps"})
_UN_ITSELF: Final = frozenset({"un", "u n", "united nations", "the un"})
_OWN_ENDINGS: Final = ("ها", "هم", "هما", "نا")  # 'her embassy' in Arabic
_IN_CLITICS: Final = frozenset({"ب", "ב"})
_OWN_B: Final = frozenset("بريطانيا برازيل بلجيكا بولندا بنغلاديش بوليفيا بلغاريا بورما باكستان بحرين בריטניה ברזיל בלגיה בולגריה בלארוס בחריין בנגלדש".split())
_QUARTER: Final = re.compile(
    "quart|distri|enclave|zone|zona|area|viertel|wijk|kvarter|kvarteret|حي|منطق|محله|квартал|район|dzielnic"
    "|bairro|barrio|rejon|רובע|אזור|strefa|bolge|mahalle|区|區|علاقه|انكليو|इलाके|क्षेत्र|kawasan|eneo|mtaa"
)
_JOIN: Final = 12  # characters between two joined names: ', and the '
_GAP_WORDS: Final = 4  # words that may stand between a mission and its host's name
_SPACELESS_GAP: Final = 4  # characters, in scripts without spaces
_LOCATIVE_TR: Final = re.compile("['’]?(?:[dt][ea]|[dt]eki|[dt]aki)$")
_GENITIVE_TR: Final = re.compile("['’]?(?:n?[iıuü]n)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """One mission word and what stands around it in its sentence."""

    hit: Hit
    before: tuple[Name, ...]  # nearest first
    after: tuple[Name, ...]
    inside: tuple[Name, ...]
    reading: Reading
    links: Links


def mentions(text: str, lang: str, missions: Sequence[Mission] = ()) -> tuple[MissionMention, ...]:
    """Every mission that the text speaks of, fullest first, each once; never fails on any text.

    `missions` are the user's own: one is recognised by its name, an alias, or by sending and host
    state (and city, where both are known), and its id stands in `mission`.
    """
    reading = read(text, lang)
    found = [one for hit in reading.gate for one in _of_hit(hit, reading)]
    found = found or [one for hit in reading.gate[:1] for one in _of_hit(hit, reading, voice=True)]
    found = [_with_own(one, missions) for one in _merged(found)]
    found += _named_own(reading, missions, {one.mission for one in found})
    return tuple(sorted(found, key=_fullness, reverse=True))


def _fullness(mention: MissionMention) -> int:
    known = (mention.mission, mention.sending, mention.host, mention.city)
    return sum(value is not None for value in known)


def _of_hit(hit: Hit, reading: Reading, *, voice: bool = False) -> Iterator[MissionMention]:
    """The missions that one word stands for: several where states are joined by 'and'.

    Where the UN is only heard (`_speaks_only`) it is none, unless `voice` counts.
    """
    around = around_hit(hit, reading)
    if hit.concept == "io" and not voice and _speaks_only(around):
        return
    standing = standing_missions().get(fold(hit.surface))
    if standing is not None:
        host, sending = standing
        yield MissionMention(text=hit.surface, kind="un_mission", sending=sending, host=host)
        return
    senders = [] if _is_quarter(hit) else sending_names(around)
    place = host_name(around, senders)
    kind = _kind(hit)
    host = None if place is None or place.code in BODIES else place.code
    city = place.city.name if place is not None and place.city is not None else None
    codes = _codes(around, senders)
    for code in codes or [None]:
        if code is not None and code == host:
            continue
        text = _phrase(reading.text, hit, [*senders, *([place] if place else [])])
        yield MissionMention(
            text=text, kind="un_mission" if code == "UN" else kind, sending=code, host=host, city=city
        )


def _speaks_only(around: Around) -> bool:
    """Whether the UN is only named as a voice or a seat: 'the UN says', 'ambassador to the UN'."""
    hit, reading = around.hit, around.reading
    if reading.lang != "en" or fold(hit.surface) not in _UN_ITSELF:
        return False
    words = fold(reading.text[hit.end : hit.end + 30]).split()[:2]
    return not any(word in around.links.un_work for word in words)


def around_hit(hit: Hit, reading: Reading) -> Around:
    """The names in the sentence of a mission word, by side and nearness."""
    sentence = reading.sentence_at(hit.start)
    names = [one for one in reading.names if sentence.start <= one.start < sentence.end]
    return Around(
        hit=hit,
        before=tuple(one for one in reversed(names) if one.end <= hit.start),
        after=tuple(one for one in names if one.start >= hit.end),
        inside=tuple(one for one in names if one.start < hit.end and one.end > hit.start),
        reading=reading,
        links=links(reading.lang),
    )


def sending_names(around: Around) -> list[Name]:
    """The states whose mission it is, as the words beside it say; empty when they do not."""
    if around.inside:
        if _is_host_before_mission(around.inside[0], around):
            posted = _posted(around, around.inside[0])
            return [posted] if posted else []
        return [around.inside[0]]
    sides = (_sending_before, _sending_after)
    for side in sides if around.reading.lang in _PRENOMINAL else reversed(sides):
        found = side(around)
        if found:
            return found
    return []


def _sending_before(around: Around) -> list[Name]:
    """'US embassy', 'US and British embassies', "ABD'nin Bağdat Büyükelçiliği", '美国驻伊拉克'."""
    text, at = around.reading.text, around.hit.start
    found: list[Name] = []
    for name in around.before:
        gap = _after_name(name, text[name.end : at])
        if not (_joins(gap, around) if found else _touches(gap, around)):
            break
        if not found and _is_host_before_mission(name, around):
            at = name.start
            posted = _posted(around, name)
            return [posted] if posted else []
        if name.city is not None and (found or not name.city.capital):
            break
        found.append(name)
        at = name.start
    return found[::-1]


def _after_name(name: Name, gap: str) -> str:
    """What follows a name, without its own full stop ('U.S.') and its genitive ("'s", ':s')."""
    if "." in name.surface:
        gap = gap.removeprefix(".")
    return _GENITIVE.sub("", gap, count=1)


def _touches(gap: str, around: Around) -> bool:
    """Whether nothing but small words stands between a name and the mission word."""
    if _BREAK.search(gap) or "," in gap:
        return False
    if around.reading.lang in {"zh", "ja", "ko"}:
        bare = gap.replace(" ", "")
        return not bare or bare in around.links.between
    words = fold(gap).split()
    return len(words) <= 3 and all(word in around.links.between for word in words)


def _joins(gap: str, around: Around) -> bool:
    """Whether two names are joined: 'US and British', 'النرويج والفلبين'."""
    bare = gap.strip()
    if not bare:
        return around.reading.lang in {"ar", "he"} and len(gap) == 1
    words = fold(bare).split()
    small = around.links.joining | around.links.of
    return len(gap) <= _JOIN and not _BREAK.search(gap) and all(word in small for word in words)


def _is_host_before_mission(name: Name, around: Around) -> bool:
    """'Baghdad embassy', 'Bağdat Büyükelçiliği', '驻伊拉克大使馆', 'Ukraine embassy' of another state."""
    lang, text = around.reading.lang, around.reading.text
    if lang in {"zh", "ja", "ko"}:
        return text[max(0, name.start - 1) : name.start] in {"驻", "駐", "在", "주"}
    if fold(text[max(0, name.start - 8) : name.start]).split()[-1:] and (
        fold(text[max(0, name.start - 8) : name.start]).split()[-1] in around.links.own
    ):
        return True
    if name.city is None:
        return False
    genitive = re.match(r"['’]s\b", text[name.end :])
    if lang == "tr":
        return not _GENITIVE_TR.search(name.surface)
    return not (genitive and name.city.capital)


def _posted(around: Around, host: Name) -> Name | None:
    """The sending state before a host: '美国驻伊拉克', "ABD'nin Bağdat", 'US Baghdad embassy'."""
    for name in around.before:
        if name.end > host.start or name.code == host.code:
            continue
        gap = around.reading.text[name.end : host.start]
        if len(gap) > 6 or _BREAK.search(gap):
            return None
        return name if name.city is None or name.city.capital else None
    return None


def _sending_after(around: Around) -> list[Name]:
    """'embassy of France', "ambassade des États-Unis", 'посольство США', 'السفارة الأمريكية'."""
    text, at = around.reading.text, around.hit.end
    found: list[Name] = []
    for name in around.after:
        gap = text[at : name.start]
        if found and not (_joins(gap, around) and _begins_with_and(gap, name)):
            break
        if found and name.city is not None and found[-1].city is None:
            break
        if not found and not _belongs(gap, name, around):
            break
        found.append(name)
        at = name.end
    return found


def _begins_with_and(gap: str, name: Name) -> bool:
    """In Arabic and Hebrew 'and' sticks to the name: 'النرويج والفلبين'."""
    return bool(gap.strip()) or name.surface[:1] in {"و", "ו"}


def _belongs(gap: str, name: Name, around: Around) -> bool:
    """Whether the words after a mission word say that it is this state's."""
    if _BREAK.search(gap) or "," in gap or len(gap) > 24:
        return False
    if name.city is not None and not name.city.capital:
        return False
    words = fold(gap)
    if name.city is not None and (not words or words in around.links.within):
        return False
    if _clitic(name, around)[:1] in _IN_CLITICS:
        return False
    if not words:
        return name.city is None
    if words in around.links.of:
        return True
    return any(word in around.links.of for word in words.split()) and not any(
        word in around.links.within - around.links.of for word in words.split()
    )


def host_name(around: Around, senders: Sequence[Name]) -> Name | None:
    """The host state or city as the words around a mission say; None when they do not."""
    taken = {name.start for name in senders}
    codes = {name.code for name in senders}
    for name in around.inside:
        if name.start not in taken:
            return name
    others = [one for one in around.after if one.start not in taken]
    for name in others:
        if _is_within(name, around, nearest=True) and name.code not in codes | BODIES:
            return _with_city(name, around)
    for name in around.before:
        if name.start in taken or name.code in codes | BODIES:
            continue
        if _is_host_before_mission(name, around) and _touches(
            around.reading.text[name.end : around.hit.start], around
        ):
            return name
        if _is_within(name, around, nearest=False):
            return _with_city(name, around)
    nominal = next(iter(others), None)
    if nominal is not None and senders and nominal.code not in codes | BODIES:
        end = max(around.hit.end, max(name.end for name in senders))
        if not around.reading.text[end : nominal.start].strip():
            return nominal
    return None


def _with_city(name: Name, around: Around) -> Name:
    """The city instead of its state where both stand together: 'in the Iraqi capital Baghdad'."""
    if name.city is not None:
        return name
    for other in around.reading.names:
        near = 0 <= other.start - name.end <= 24 or 0 <= name.start - other.end <= 24
        if other.city is not None and other.code == name.code and near:
            return other
    return name


def _is_within(name: Name, around: Around, *, nearest: bool) -> bool:
    """Whether the words around a name say 'there': before it, after it, or at its end."""
    text, lang = around.reading.text, around.reading.lang
    head = text[max(0, name.start - 28) : name.start]
    tail = text[name.end : name.end + 12]
    if lang == "tr":
        return bool(_LOCATIVE_TR.search(name.surface))
    if around.links.after:
        word = tail.strip() if lang in {"ja", "zh", "ko"} else (fold(tail).split() or [""])[0]
        if any(word.startswith(after) for after in around.links.after if after):
            return True
    if lang in {"zh", "ja"}:
        return head[-1:] in {"在", "驻", "駐"}
    if lang in {"ar", "he"}:
        if _clitic(name, around)[:1] in _IN_CLITICS:
            return True
    words = fold(re.split(r"[,，،]", _BREAK.split(head)[-1])[-1]).split()
    return any(word in around.links.within for word in words[-(_GAP_WORDS if nearest else 2) :])


def _clitic(name: Name, around: Around) -> str:
    """The particle that a name in Arabic or Hebrew begins with, if it says 'in': 'ב' in 'בריאד'."""
    if around.reading.lang not in {"ar", "he"}:
        return ""
    word = fold(name.surface)
    at = around.reading.text.rfind(" ", 0, name.start) + 1
    front = fold(around.reading.text[at : name.start])
    if front:
        return front
    if name.city is not None and fold(name.city.name)[:1] == "b":
        return ""  # 'بغداد' begins so itself; as a city it is a host without a particle too
    return word[:1] if word[:1] in _IN_CLITICS and word not in _OWN_B else ""


def _is_quarter(hit: Hit) -> bool:
    """Whether a word names a part of a town, whose name beside it is the host's."""
    return hit.concept == "mission" and bool(_QUARTER.search(fold(hit.surface)))


def _codes(around: Around, senders: Sequence[Name]) -> list[str]:
    """The sending states, or what stands for them: the state that 'its' means, XX for several."""
    if around.hit.concept == "io":
        return [_body(around)]
    codes = list(dict.fromkeys(name.code for name in senders))
    if around.hit.concept in {"mission_staff", "mission"} and len(codes) > 1:
        codes = [code for code in codes if code != "UN"]  # 'Myanmar's UN ambassador'
    if codes:
        return codes
    if _is_foreign(around):
        return [UNNAMED]
    acting = _owners(around) or _acting(around)
    if acting:
        return acting
    return [UNNAMED] if fold(around.hit.surface) in around.links.many else []


def _body(around: Around) -> str:
    """UN or EU, as the word itself or the words beside it say; XX for any other organisation."""
    near = [*around.inside, *around.before[:1], *around.after[:1]]
    for name in near:
        if name.code in BODIES and abs(name.start - around.hit.start) < _BODY_NEAR:
            return name.code
    if not _OTHER_BODY.search(fold(around.hit.surface)):
        return "UN"
    named = {name.code for name in around.reading.names}
    return "UN" if "UN" in named and _AID.search(fold(around.hit.surface)) else UNNAMED


def _owners(around: Around) -> list[str]:
    """'Kuwait condemns the siege of its embassy': the first states of the sentence, or before."""
    head = around.reading.text[max(0, around.hit.start - 24) : around.hit.start]
    tail = around.reading.text[around.hit.end : around.hit.end + 8]
    near = {*fold(head).split()[-2:], *fold(tail).split()[:1]}
    attached = around.reading.lang == "ar" and fold(around.hit.surface).endswith(_OWN_ENDINGS)
    if not attached and not near & around.links.own:
        return []
    colon = around.reading.text.rfind(": ", 0, around.hit.start)
    segment = [name for name in around.before[::-1] if name.start > colon]
    earlier = [name for name in around.reading.names if name.end <= around.hit.start]
    for names in (segment, around.before[::-1], earlier):
        first = next((name for name in names if _can_send(name, around)), None)
        if first is not None:
            return _joined_to(first, around)
    return []


def _acting(around: Around) -> list[str]:
    """'Israel evacuates embassies', 'US to close Kyiv embassy': the state that acts on its own."""
    hits = [hit for hit in around.reading.hits if hit.concept in _OWN_ACTS]
    if around.reading.lang in _VERB_LAST:
        sentence = around.reading.sentence_at(around.hit.start)
        if not any(around.hit.end <= hit.start < sentence.end for hit in hits):
            return []
        colon = around.reading.text.rfind(": ", 0, around.hit.start)
        names = [name for name in around.before[::-1] if name.start > colon]
        return _joined_to(next((one for one in names if _can_send(one, around)), None), around)
    acts = [hit for hit in hits if hit.end <= around.hit.start]
    for name in around.before:
        if not any(name.end <= act.start for act in acts):
            continue
        if not _can_send(name, around) or _is_within(name, around, nearest=False):
            continue
        if _BREAK.search(_after_name(name, around.reading.text[name.end : around.hit.start])):
            return []
        return _joined_to(name, around)
    return []


def _can_send(name: Name, around: Around) -> bool:
    """Whether a name may stand for a sending state: a state, or a capital that begins to act.

    'Canberra to close Kabul post', not 'Kabul: embassy evacuated' nor 'In Kabul'.
    """
    if name.code in BODIES or name.city is None:
        return name.code not in BODIES
    text = around.reading.text
    begins = name.start == around.reading.sentence_at(name.start).start
    acts = text[name.end : name.end + 1] == " " and around.reading.lang not in _VERB_LAST
    return name.city.capital and begins and acts


def _joined_to(name: Name | None, around: Around) -> list[str]:
    """The state of a name and those joined to it: 'The US, UK and France close their embassies'."""
    if name is None:
        return []
    names = [one for one in around.reading.names if _can_send(one, around)]
    if name not in names:
        return [name.code]
    at = names.index(name)
    group = [name]
    for one in names[at + 1 :]:
        if not _joins(_after_name(group[-1], around.reading.text[group[-1].end : one.start]), around):
            break
        group.append(one)
    for one in reversed(names[:at]):
        if not _joins(_after_name(one, around.reading.text[one.end : group[0].start]), around):
            break
        group.insert(0, one)
    return list(dict.fromkeys(one.code for one in group))


def _is_foreign(around: Around) -> bool:
    """Whether the words beside a mission word say 'foreign', 'Western', 'several'."""
    text, hit = around.reading.text, around.hit
    if hit.concept not in {"mission", "mission_staff"}:
        return False
    words = set(fold(text[max(0, hit.start - 30) : hit.start]).split()[-2:])
    if around.reading.lang not in _PRENOMINAL:
        words |= set(fold(text[hit.end : hit.end + 24]).split()[:1])
    return bool(words & around.links.foreign)


def _kind(hit: Hit) -> str:
    """What sort of mission a word names."""
    folded = fold(hit.surface)
    if hit.concept == "io":
        return "mission"
    for kind, pattern in _KINDS:
        if pattern.search(folded):
            return kind
    return {"mission": "embassy", "diplomatic_vehicle": "vehicle"}.get(hit.concept, "staff")


def _phrase(text: str, hit: Hit, names: Sequence[Name]) -> str:
    """The words from the first to the last of a mention, when they stand close together."""
    start = min([hit.start, *(name.start for name in names)])
    end = max([hit.end, *(name.end for name in names)])
    return text[start:end] if end - start <= 80 else hit.surface


def _merged(found: Sequence[MissionMention]) -> list[MissionMention]:
    """One mention for each mission: what a later one leaves open, an earlier one may have said."""
    kept: list[MissionMention] = []
    for one in found:
        at = next((place for place, other in enumerate(kept) if _same(one, other)), None)
        if at is None:
            kept.append(one)
        else:
            kept[at] = _fuller(kept[at], one)
    return kept


def _same(one: MissionMention, other: MissionMention) -> bool:
    """Whether two mentions may be of one mission: nothing that both say differs."""
    if one.sending != other.sending and one.sending and other.sending:
        return False
    if one.host != other.host and one.host and other.host:
        return False
    if (one.sending and one.sending == other.host) or (one.host and one.host == other.sending):
        return False
    if one.sending is None and other.sending is None:
        return one.kind == other.kind
    return (one.sending is None or other.sending is None) or one.kind == other.kind or (
        "staff" in (one.kind, other.kind)
    )


def _fuller(one: MissionMention, other: MissionMention) -> MissionMention:
    first, second = (one, other) if _fullness(one) >= _fullness(other) else (other, one)
    kind = first.kind if first.kind != "staff" or not second.sending else second.kind
    return replace(
        first,
        kind=kind,
        sending=first.sending or second.sending,
        host=first.host or second.host,
        city=first.city or (second.city if first.host in (None, second.host) else None),
    )


def _with_own(mention: MissionMention, missions: Sequence[Mission]) -> MissionMention:
    """The mention with the id of the user's mission that it is, if it is one."""
    own = next((one.id for one in missions if _is_own(mention, one)), None)
    return replace(mention, mission=own) if own else mention


def _is_own(mention: MissionMention, mission: Mission) -> bool:
    if mention.sending != mission.sending or mention.host != mission.host:
        return False
    if mention.city is None or mission.city is None:
        return True
    return fold(mention.city) == fold(mission.city)


def _named_own(
    reading: Reading, missions: Sequence[Mission], known: set[str | None]
) -> list[MissionMention]:
    """The user's missions that the text names by name or alias only."""
    found = []
    for mission in missions:
        if mission.id in known:
            continue
        for written in (mission.name, *mission.aliases):
            at = reading.normal.text.find(f" {fold(written)} ") if fold(written) else -1
            if at >= 0:
                start, end = reading.normal.span(at + 1, at + 1 + len(fold(written)))
                found.append(
                    MissionMention(
                        text=reading.text[start:end], kind=mission.kind, sending=mission.sending,
                        host=mission.host, city=mission.city, mission=mission.id,
                    )
                )  # fmt: skip
                break
    return found
