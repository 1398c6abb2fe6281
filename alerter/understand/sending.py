"""Whose mission it is: the sending states that the words around a mission say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from alerter.understand.around import (
    BODIES,
    BREAK,
    PRENOMINAL,
    Around,
    after_name,
    in_particle,
    is_host_before,
    is_within,
    joins,
    touches,
)
from alerter.understand.gazetteer import Name
from alerter.understand.lexicon import IO, VIOLENCE
from alerter.understand.text import fold

UNNAMED: Final = "XX"  # missions of states that the text does not name
_VERB_LAST: Final = frozenset({"tr", "ur", "hi", "fa", "ja", "ko", "bn", "am", "ku", "ps"})
_OWN_ACTS: Final = frozenset(
    {"closure", "evacuation", "recall", "opening", "reinforce", "appointment"}
)
_OUT_OF: Final = frozenset({"from", "uit", "aus", "из", "з"})
_OWN_ENDINGS: Final = ("ها", "هم", "هما", "نا")  # 'her embassy' in Arabic
_OF: Final = 24  # characters between a mission and its state: ' of the Republic of '
_POST: Final = 6  # characters between a state and the place of its post
_BODY_NEAR: Final = 40  # characters between 'peacekeepers' and 'UN'
_AID: Final = re.compile(
    "worker|aid|relief|humanit|гуманит|اغاثه|امداد|misaada|bantuan|राहत|सहायता|援|pomoc"
)
_OTHER_BODY: Final = re.compile(
    _AID.pattern
    + "|osce|osze|obse|agit|обсе|обсє|afri|umoja wa afrika|midowga|اتحاد|非盟|非洲|欧安"
    "|cross|croix|cruz|kreuz|croce|krest|krzyz|crescent|kizilhac|kizilay|صليب|هلال|красн|червон"
    "|红十字|紅十字|红新月|赤十字|medecins|medicos|medici|doctors|arzte|artsen|lekarz|врачи|лікар|msf"
    "|internat|miedzyn|دولي|международн|міжнародн|世界银行|bank|amisom|atmis|aussom|kfor|isaf|nato"
    "|icrc|cicr|ikrk|save the children|ngo|ligue|liga|league|عربيه"
)


def sending_codes(around: Around, senders: Sequence[Name]) -> list[str]:
    """The sending states: those beside the word, that `its` means or that act; XX for several."""
    if around.hit.concept in IO:
        return [_body(around)]
    codes = list(dict.fromkeys(name.code for name in senders))
    if len(codes) > 1:
        codes = [code for code in codes if code != "UN"]  # 'Myanmar's UN ambassador'
    if codes:
        return codes
    if _is_foreign(around):
        return [UNNAMED]
    return _owners(around) or _acting(around) or ([UNNAMED] if _is_of_several(around) else [])


def sending_names(around: Around) -> list[Name]:
    """The states whose mission it is, as the words beside it say; empty when they do not."""
    if around.inside:
        name = around.inside[0]
        return _posted(around, name) if is_host_before(name, around) else [name]
    if around.lang in PRENOMINAL:
        return _before(around) or _after(around)
    return _after(around) or _before(around)


def _before(around: Around) -> list[Name]:
    """'US embassy', 'US and British embassies', "ABD'nin Bağdat Büyükelçiliği", '美国驻伊拉克'."""
    found: list[Name] = []
    at = around.hit.start
    for name in around.before:
        gap = after_name(name, around.text[name.end : at])
        if not (joins(gap, around) if found else touches(gap, around)):
            break
        if not found and is_host_before(name, around):
            return _posted(around, name)
        if name.city is not None and (found or not name.city.capital):
            break
        found.append(name)
        at = name.start
    return found[::-1]


def _posted(around: Around, host: Name) -> list[Name]:
    """The sending state before a host: '美国驻伊拉克', "ABD'nin Bağdat", 'US Baghdad embassy'."""
    for name in around.before:
        if name.end > host.start or name.code == host.code:
            continue
        gap = around.text[name.end : host.start]
        fits = len(gap) <= _POST and not BREAK.search(gap)
        return [name] if fits and (name.city is None or name.city.capital) else []
    return []


def _after(around: Around) -> list[Name]:
    """'embassy of France', "ambassade des États-Unis", 'посольство США', 'السفارة الأمريكية'."""
    found: list[Name] = []
    at = around.hit.end
    comes_from = around.hit.concept == "mission_staff" and around.words_after(1) == ["from"]
    for name in around.after:
        gap = around.text[at : name.start]
        fits = comes_from or _belongs(gap, name, around)
        if not (_joins_after(gap, name, found[-1], around) if found else fits):
            break
        found.append(name)
        at = name.end
    return [] if comes_from and len(found) == 1 else found  # 'diplomats from Sudan': its scene


def _joins_after(gap: str, name: Name, last: Name, around: Around) -> bool:
    """Whether a further name is joined. In Arabic and Hebrew 'and' sticks to it: 'والفلبين'."""
    if name.city is not None and last.city is None:
        return False
    return joins(gap, around) and (bool(gap.strip()) or name.surface[:1] in {"و", "ו"})


def _belongs(gap: str, name: Name, around: Around) -> bool:
    """Whether the words after a mission word say that it is this state's."""
    if BREAK.search(gap) or "," in gap or len(gap) > _OF or in_particle(name, around):
        return False
    words, within = fold(gap).split(), around.links.within
    link = " ".join(words)
    if name.city is not None and not (name.city.capital and link not in within):
        return False
    if name.city is not None and not words:
        return around.lang == "ar"  # 'سفارة باريس في الخرطوم'; elsewhere 'US Embassy Doha'
    if not words or link in around.links.of:
        return True
    has_of = any(word in around.links.of for word in words)
    return has_of and not (within - around.links.of).intersection(words)


def _body(around: Around) -> str:
    """UN or EU, as the word itself or the words beside it say; XX for any other organisation."""
    for name in (*around.inside, *around.before[:1], *around.after[:1]):
        if name.code in BODIES and abs(name.start - around.hit.start) < _BODY_NEAR:
            return name.code
    word = fold(around.hit.surface)
    if not _OTHER_BODY.search(word):
        return "UN"
    named = {name.code for name in around.reading.names}
    return "UN" if "UN" in named and _AID.search(word) else UNNAMED


def _is_foreign(around: Around) -> bool:
    """Whether the words beside a mission word say 'foreign' or 'Western'."""
    if around.hit.concept not in {"mission", "mission_staff"}:
        return False
    words = around.words_before(2)
    if around.lang not in PRENOMINAL:
        words += around.words_after(1)
    return bool(around.links.foreign.intersection(words))


def _is_of_several(around: Around) -> bool:
    """Whether a mission is of states unnamed: 'diplomats', 'countries evacuate embassy staff'."""
    if fold(around.hit.surface) in around.links.many:
        return True
    sentence = around.reading.sentence_at(around.hit.start)
    words = fold(around.text[sentence.start : sentence.end]).split()
    return not around.links.several.isdisjoint(words)


def _owners(around: Around) -> list[str]:
    """'Kuwait condemns the siege of its embassy': the first states of the sentence, or before."""
    attached = around.lang == "ar" and fold(around.hit.surface).endswith(_OWN_ENDINGS)
    near = {*around.words_before(2), *around.words_after(1)}
    if not attached and not near & around.links.own:
        return []
    earlier = [name for name in around.reading.names if name.end <= around.hit.start]
    for names in (_after_colon(around), around.before[::-1], earlier):
        first = next((name for name in names if _can_send(name, around)), None)
        if first is not None:
            return _joined_to(first, around)
    return []


def _acting(around: Around) -> list[str]:
    """'Israel evacuates embassies', 'US to close Kyiv embassy': the state that acts on its own."""
    acts = [hit for hit in around.reading.hits if hit.concept in _OWN_ACTS]
    if around.lang in _VERB_LAST:
        end = around.reading.sentence_at(around.hit.start).end
        if not any(around.hit.end <= act.start < end for act in acts):
            return []
        able = (name for name in _after_colon(around) if _can_send(name, around))
        return _joined_to(next(able, None), around)
    for name in around.before:
        before_act = any(name.end <= act.start < act.end <= around.hit.start for act in acts)
        may_send = _can_send(name, around) and not _is_setting(name, around)
        if before_act and may_send and not is_within(name, around, far=False):
            gap = after_name(name, around.text[name.end : around.hit.start])
            topic = around.lang == "it" and "," in gap  # 'Niger nel caos, gli Stati Uniti ...'
            return [] if topic or BREAK.search(gap) else _joined_to(name, around)
    return []


def _is_setting(name: Name, around: Around) -> bool:
    """Whether a state is the scene, no actor: "Sudan's army says", 'Sudan war', 'from Niger'."""
    tail = around.text[name.end : name.end + 2]
    head = fold(around.text[max(0, name.start - 8) : name.start]).split()[-1:]
    if (around.lang == "en" and tail in {"'s", "’s"}) or _OUT_OF.intersection(head):
        return True
    beside = (hit for hit in around.reading.hits if 0 <= hit.start - name.end <= 1)
    return any(hit.concept == "war" or hit.concept in VIOLENCE for hit in beside)


def _after_colon(around: Around) -> list[Name]:
    """The names before the mission word that no colon parts from it: 'Kabul: Germany withdraws'."""
    colon = around.text.rfind(": ", 0, around.hit.start)
    return [name for name in around.before[::-1] if name.start > colon]


def _can_send(name: Name, around: Around) -> bool:
    """Whether a name may stand for a sending state: a state, or a capital that begins to act.

    'Canberra to close Kabul post', not 'Kabul: embassy evacuated' nor 'In Kabul'.
    """
    if name.code in BODIES or name.city is None:
        return name.code not in BODIES
    begins = name.start == around.reading.sentence_at(name.start).start
    acts = around.text[name.end : name.end + 1] == " " and around.lang not in _VERB_LAST
    return name.city.capital and begins and acts


def _joined_to(name: Name | None, around: Around) -> list[str]:
    """The state of a name and those joined to it: 'The US, UK and France close their embassies'."""
    if name is None:
        return []
    names = [one for one in around.reading.names if one == name or _can_send(one, around)]
    first = last = names.index(name)
    while last + 1 < len(names) and _are_joined(names[last], names[last + 1], around):
        last += 1
    while first > 0 and _are_joined(names[first - 1], names[first], around):
        first -= 1
    return list(dict.fromkeys(one.code for one in names[first : last + 1]))


def _are_joined(one: Name, other: Name, around: Around) -> bool:
    return joins(after_name(one, around.text[one.end : other.start]), around)
