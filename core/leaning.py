"""Whether a message stands alone or leans on what was said before, by its words alone. Russian and English rules.

Refuses to know what was said before: what a leaning message becomes is core/rewriting.py's.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

from core.subjects import PREPOSITIONS, Word, is_generic, phrases_of, read_words
from core.words import stem

_POLITE = re.compile(
    r"^(?:(?:hello|hi|hey|hi there|ok|okay|thanks|thank you(?: very much)?|great|good|cool|i see|got it|perfect|sure"
    r"|sorry|yes|no|well|right|so|by the way|also|then|привет|здравствуйте|добрый день|добрый вечер"
    r"|спасибо(?: большое)?|понятно|понял|поняла|ясно|хорошо|ок|окей|ага|отлично|супер|ладно|да|нет|кстати|ну|тогда|так"
    r"|извините|простите)\b[\s,.!:—–-]*)+",
    re.IGNORECASE,
)
_NEW_TOPIC = re.compile(
    r"^(?:(?:a|и|а|у меня|теперь|now|i have|on|to|just)\s+)*(?:(?:an)?other (?:question|topic|thing)|(?:a )?different "
    r"(?:question|topic|thing)|next question|(?:let'?s )?chang(?:e|ing) (?:the )?(?:subject|topic)|something else|"
    r"unrelated(?: question)?|друг(?:ой|ая) (?:вопрос|тема)|(?:о|про) друго[ме]|новый вопрос|следующий вопрос|"
    r"сменим тему|не по теме)\b[\s,.!:—–-]*",
    re.IGNORECASE,
)
_ONE_MORE = re.compile(
    r"^(?:(?:и|а|и вот|вот)\s+)?(?:one more (?:question|thing)|(?:ещё|еще) (?:один |такой )?вопрос(?:ик)?)\b"
    r"[\s,.!:—–-]*",
    re.IGNORECASE,
)
_CONTRAST = re.compile(
    r"^(?:(?:and|but|or|а|и|но)\s+)?(?:(?:what|how) about|as for|(?:а\s+)?(?:как|что) (?:нас[чщ][её]т|там с|же с)|"
    r"нас[чщ][её]т|что касается|i mean(?:t)?|я (?:имею|имел|имела) в виду|я (?:про|об?)|точнее)[\s,:]+",
    re.IGNORECASE,
)
_AND = re.compile(r"^(?:and|or|but|а|и|но|или)(?:\s+(?:вот|ещё|еще|also|then|тогда))?\s+", re.IGNORECASE)
_WHAT_IF = re.compile(r"^(?:and |but )?(?:what |how )?if\b|^(?:а |и |но )?(?:что )?если\b", re.IGNORECASE)
_EXPLETIVE = re.compile(
    r"\b(?:is it|does it (?:take|cost)|will it (?:take|cost)|it (?:takes|costs|is))\s+(?:\w+\s+){0,3}?to\s+(?!it\b)\w+",
    re.IGNORECASE,
)
_EXISTS = re.compile(r"\b(?:is|are|was|were) there\b|\bthere (?:is|are|was|were)\b", re.IGNORECASE)
_ORDINAL = re.compile(
    r"\b(?:the )?(first|1st|second|2nd|third|3rd|last)(?: (?:one|option|way|method|variant))?"
    r"(?=\W*$| (?:is|are|was|cost|take|work|have|has|mean|include|one|option|way|method|variant))"
    r"|\b(перв|втор|трет|последн)\w+(?: (?:вариант\w*|способ\w*|пункт\w*|из них))?"
    r"(?=\W*$| (?:стоит|занимает|вариант|способ|пункт|из них|работает|\w+(?:ее|ше|ле)\b))",
    re.IGNORECASE,
)
_NUMBER = {"first": 0, "1st": 0, "перв": 0, "second": 1, "2nd": 1, "втор": 1, "third": 2, "3rd": 2, "трет": 2}
_NUMBER |= {"last": -1, "последн": -1}

_PERSONAL = frozenset("it they them he she him он она оно они ему ей им ими нем нём ней них него неё нее".split())
_WHOSE = frozenset("its their theirs his her его её ее их".split())
_THIS = frozenset(
    """this that these those это этот эта эти этого этой этих этому этим этом этими эту тот та те того той тех тому там
    туда оттуда такой такая такое такие такого такую столько""".split()
)
_MEANS_ANSWER = frozenset("this that это этого этому этим этом".split())
_NOT_POINTED_AT = frozenset(
    stem(word)
    for word in """week month year time morning evening shop store city country bot chat неделя неделе неделю месяц
    месяце год году раз магазин магазине город городе утро вечер день бот чат""".split()
)
_ASKS = frozenset(
    """how what when where who whom whose why which is are am do does did can could will would may must should has i you
    we our your сколько когда где куда откуда как кто кого чей почему зачем какой какая какое какие каков каком каких
    какую какого можно нужно надо ли есть вы я мы вас вам мне нам ваш ваша ваши могу можете""".split()
)
_YOU = frozenset("you your i we our my вы я мы вас вам ваш ваша ваше ваши у мне меня нам".split())
_RELATIONAL = frozenset(
    stem(word)
    for word in """price prices pricing term terms deadline condition conditions rule rules fee documents size sizes
    colour color weight details detail exceptions requirements reason steps duration more free far expensive included
    necessary allowed possible цена цены стоимость срок сроки условие условия правила документы размер размеры цвет
    цвета вес подробнее подробности детали исключения требования причина дорого бесплатно бесплатная платно далеко
    amount minimum maximum limit сумма минимальная максимальная обязательно долго быстро ещё еще
    более точно именно exactly cheaper bigger smaller larger better faster lighter newer older другой другая другое
    другие другую other another different дешевле подешевле больше побольше меньше поменьше лучше быстрее дороже новее
    легче модель модели model models вариант варианты option options warranty гарантия
    manufacturer производитель""".split()
)
FEW, SEVERAL = 3, 6


@dataclass(frozen=True, slots=True)
class Leaning:
    """`said`: the message without what opens a topic anew; `rest`: without courtesies and openings, too.

    `pronoun`: where in `said` a word stands for the subject. `ordinal`: "the second one" is 1, "the last" -1.
    `contrasts`: another thing of the same kind is asked about. `means_answer`: "that" may mean what was answered.
    """

    class Kind(Enum):
        """NOTHING asks for nothing; WHOLE stands alone; a FRAGMENT wants a question, LEANS a subject."""

        NOTHING = auto()
        WHOLE = auto()
        FRAGMENT = auto()
        LEANS = auto()

    kind: Kind
    said: str
    rest: str = ""
    pronoun: tuple[int, int] | None = None
    ordinal: int | None = None
    contrasts: bool = False
    means_answer: bool = False


@lru_cache(maxsize=1024)
def read_leaning(text: str) -> Leaning:
    """How a message stands to what was said before it. A conversation's turns are read again with each question."""
    said = text.strip()
    rest = _POLITE.sub("", said)
    if not read_words(rest):
        return Leaning(Leaning.Kind.NOTHING, said)
    if new := _NEW_TOPIC.match(rest):
        after = rest[new.end() :]
        return Leaning(Leaning.Kind.WHOLE, after if read_words(after) else said)
    rest = _ONE_MORE.sub("", rest) or rest
    contrast = _CONTRAST.match(rest)
    opening = contrast or _AND.match(rest)
    core = rest[opening.end() :] if opening else rest
    words = read_words(core)
    if not words:
        return Leaning(Leaning.Kind.NOTHING, said)
    if number := _ORDINAL.search(core):
        ordinal = _NUMBER[(number[1] or number[2]).lower()]
        return Leaning(Leaning.Kind.LEANS, said, rest, ordinal=ordinal)
    own = [word for word in words if word.carries and stem(word.low) not in _RELATIONAL]
    pointing = _pointing(core, words, len(own))
    if pointing or (_WHAT_IF.match(rest) and len(own) <= SEVERAL):
        return _leaning(said, rest, core, pointing)
    return _without_pronoun(said, rest, core, words, own, opening, bool(contrast))


def _leaning(said: str, rest: str, core: str, pointing: Word | None) -> Leaning:
    means_answer = pointing is not None and pointing.low in _MEANS_ANSWER
    replaceable = pointing and pointing.low in _PERSONAL | _MEANS_ANSWER
    start = len(said) - len(core)
    place = (start + pointing.start, start + pointing.end) if pointing and replaceable else None
    return Leaning(Leaning.Kind.LEANS, said, rest, place, means_answer=means_answer)


def _without_pronoun(
    said: str,
    rest: str,
    core: str,
    words: Sequence[Word],
    own: list[Word],
    opening: re.Match[str] | None,
    contrasts: bool,
) -> Leaning:
    lows = {word.low for word in words}
    asks = bool(lows & _ASKS)
    generic = any(is_generic(word.low) for word in words)
    if not own and (generic or not lows & _YOU or len(words) == 1):
        if words[0].is_preposition:
            return Leaning(Leaning.Kind.FRAGMENT, said, core, contrasts=contrasts)
        return Leaning(Leaning.Kind.LEANS, said, rest)
    inside = {word.start for phrase in phrases_of(core) for word in phrase}
    hangs = all(word.start in inside or word.is_time for word in own)
    if asks and own and hangs and len(own) <= FEW and not lows & _YOU:
        return Leaning(Leaning.Kind.LEANS, said, rest)
    begins = opening is not None and words[0].is_preposition and len(words) > 1 and words[1].low not in _ASKS
    fragment = (begins or not asks) and not generic and len(own) <= FEW
    if fragment and (opening or len(own) == 1 or words[0].low in PREPOSITIONS):
        return Leaning(Leaning.Kind.FRAGMENT, said, core, contrasts=bool(opening))
    return Leaning(Leaning.Kind.WHOLE, said)


def _pointing(core: str, words: Sequence[Word], own: int) -> Word | None:
    """The word that stands for the subject, if one does, in a message with so many words of its own."""
    expletive = bool(_EXPLETIVE.search(core)) and own > 0
    exists = bool(_EXISTS.search(core))
    for place, word in enumerate(words):
        after = words[place + 1] if place + 1 < len(words) else None
        before = words[place - 1] if place else None
        if word.low in _PERSONAL | _WHOSE and own <= SEVERAL and not (expletive and word.low == "it"):
            return word
        if own > FEW:
            continue
        if word.low in _THIS and _points(word, before, after):
            return word
        if word.low in {"one", "ones", "same"} and not (after and after.carries):
            return word
        if word.low == "there" and not exists:
            return word
    return None


def _points(word: Word, before: Word | None, after: Word | None) -> bool:
    """Not "this week", and not the "that" of "kettles that I bought"."""
    if after and stem(after.low) in _NOT_POINTED_AT:
        return False
    return not (word.low in {"that", "those"} and before and before.carries)
