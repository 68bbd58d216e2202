"""Does one sentence say what another says? What it adds, turns round or leaves out is told in words. Pure.

Strict on purpose: a true sentence that is not let through costs a quotation, a false one that is costs a customer.
Refuses to know questions and passages (`core/support.py`).
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.facts import Facts, facts_of
from core.search.synonyms import evidence_in, is_meaning, subjects_of
from core.words import STOP_STEMS, content_stems, stem, stems_of, words_of

NAME = re.compile(r"(?<![\w-])[A-ZА-ЯЁ][\w’'-]*")
_CLAUSE = re.compile(r"[,;:]\s|\s(?:and|but|or|while|и|а|но|или)\s", re.IGNORECASE)
_PREPOSITION = re.compile(
    r"\b(?:in|on|at|for|of|from|to|with|by|until|within|в|во|на|для|от|до|с|со|по|из|за|у)\b|[,;:]", re.IGNORECASE
)
_DIGIT = re.compile(r"(?<![\w-])\d|[€$£]\d")
_DENYING_PREFIX = re.compile(r"^(?:не|un|im|in|dis|non)(?=\w{4})")
_DIGITS = re.compile(r"\d+(?:[.,:]\d+)*")
_WITHIN_NUMBER = re.compile(r"(?<=\d)[\s,](?=\d{3}(?!\d))")
_VERDICT = re.compile(r"^(?:(?P<no>no|нет)|yes|да)\b(?:\s*[,.!:;—–-]+\s*|$)", re.IGNORECASE)
_BOUND = re.compile(
    r"(?:\b(?P<most>up to|at most|no more than|less than|under|below|within|until|till|before|by|to|не более|не больше|"
    r"менее|меньше|ниже|дешевле|в течение|до)|\b(?P<least>at least|no less than|more than|over|above|after|from|since|"
    r"не менее|не меньше|более|больше|свыше|выше|дороже|после|от|с))?(?:\s|^)\s*[€$£]?(?P<number>\d+(?:[.,:]\d+)*)",
    re.IGNORECASE,
)
_UNDONE = re.compile(r"^un[a-z]{3,}(?:ed|en|able|ible)$|^не\w{4,}(?:ый|ий|ая|ое|ые|ого|ых|ой|ую|ым|ыми)$")
_WORKING_DAYS = re.compile(r"\b(?:working|business|рабоч\w+) (?:days?|дн\w+|день)\b", re.IGNORECASE)
_DAYS = re.compile(r"\b(?:days?|дн\w+|день)\b", re.IGNORECASE)


def stems_listed(listed: str) -> frozenset[str]:
    return frozenset(stem(word) for word in listed.split())


_NEGATION = stems_listed(
    "not no never nothing none neither nor cannot without unable except don doesn isn aren won can't "
    "don't doesn't isn't aren't won't didn't не нет нельзя никогда без ни кроме"
)
# Words that turn a true sentence false when they are added: they must stand in the passage.
_LIMITS = stems_listed(
    "only above below over under more less least most before after until since except always any every all free both "
    "minimum maximum first last exactly up than half double must required mandatory each same "
    "только выше ниже больше меньше более менее до после кроме всегда любой каждый все всех всем бесплатно минимум "
    "максимум должен обязан обязательно оба"
)
TURNING = _NEGATION | _LIMITS
"""Stems of words that can turn the sense of a text."""
# Words that turn it false when they are left out, wherever they stand, and in the clause that is repeated.
_CONDITIONS = stems_listed("unless except if provided если кроме исключая")
_LIMITS_OF_CLAUSE = stems_listed(
    "only above below over under more less least minimum maximum некоторые some selected "
    "только выше ниже больше меньше более менее минимум максимум дороже дешевле свыше"
)
_OPPOSITES = tuple(
    (stems_listed(one), stems_listed(other))
    for pair in """open opens opened / closed closes close; free / paid charged extra; include included includes /
    exclude excluded; allowed permitted may / forbidden prohibited; buy / sell; start starts begin begins / end
    ends; arrive arrives / leave leaves depart departs; send / receive; minimum / maximum; before / after; above over /
    below under;
    открыт открыта открыто открыты открываемся / закрыт закрыта закрыто закрыты закрываемся; бесплатно бесплатный
    бесплатна / платно платный платна; входит включено включена / исключено оплачивается; можно разрешено разрешается /
    запрещено запрещается нельзя; начало начинается начнётся / конец заканчивается закончится; до / после; отправка
    отправляем / получение получаем; минимум / максимум; выше дороже / ниже дешевле""".split(";")
    for one, other in [
        (pair.partition("/")[0], pair.partition("/")[2]),
        (pair.partition("/")[2], pair.partition("/")[0]),
    ]
)
_LED = re.compile(
    r"\b(?P<leader>to|from|by|with|without|before|after|into|against|из|от|до|после|без|с|со|для|против|через)"
    r"(?: (?:the|a|an|your|our|any|all|вашего|вашей|нашего|нашей))? (?P<word>[^\W\d_]{2,})",
    re.IGNORECASE,
)
# What an answer may add of its own: it changes nothing of what is said.
FILLERS = stems_listed(
    "yes no sure gladly glad pleasure certainly indeed customer customers "
    "да нет конечно разумеется рады рад радостью удовольствием клиент"
)
_GLUE = stems_listed(
    "cost costs price amount amounts receive contact reach according answer say says state mentioned total currently "
    "стоит стоить стоимость составляет цена связаться обратиться получите согласно указано сказано сообщаем "
    "день дня дней дни год года лет"
)
_ALIKE = 5
"""Words of one family begin with so many letters alike: "monthly" and "month", "receiving" and "receipt"."""


def disagreement(sentence: str, quote: str, context: str) -> str:
    """What `sentence` says and `quote` under its headings does not; empty if nothing. `context` is both together."""
    if sentence.split() == quote.split():
        return ""
    said, known = facts_of(sentence), facts_of(context)
    there = set(stems_of(context))
    if not said.within(known) or not _digits_stand_in(sentence, context):
        return "a number or a link that the passage does not have"
    if not (_pairs_hold(sentence, quote, context) and _bounds_hold(sentence, context, said, known)):
        return "a number that belongs to something else there"
    if _names(sentence) - (Counter(stems_of(context)) | _names(context)):
        return "a name that the passage does not have"
    if not set(stems_of(sentence)) & _LIMITS <= there:
        return "a limit that the passage does not have"
    if _leaves_a_condition_out(sentence, quote):
        return "a condition of the passage is left out"
    missing = set(content_stems(sentence)) - there
    if _turns_round(sentence, quote) or _denies(missing, there) or _contradicts(sentence, quote):
        return "the passage says yes where the sentence says no, or the reverse"
    if _strange_words(sentence, context):
        return "a word that the passage does not have"
    return ""


def _turns_round(sentence: str, quote: str) -> bool:
    """Whether the one denies what the other states, or answers "yes" to a denial, or "no" to what is so."""
    verdict = _VERDICT.match(sentence)
    plain = sentence[verdict.end() :] if verdict else sentence
    return _negations(plain) != _negations(quote) or bool(verdict and bool(verdict["no"]) != negates(plain))


def _contradicts(sentence: str, quote: str) -> bool:
    """Open and closed, to Poland and from Poland: the opposite of what stands there, and not that itself."""
    said, there = set(stems_of(sentence)), set(stems_of(quote))
    if any(one & said - there and other & there - said for one, other in _OPPOSITES):
        return True
    led, leads = _led_by(sentence), _led_by(quote)
    return any(word in leads and not leaders & leads[word] for word, leaders in led.items())


def _led_by(text: str) -> dict[str, set[str]]:
    """Content words with what stands before them of the prepositions that are each other's opposites."""
    led: dict[str, set[str]] = {}
    for found in _LED.finditer(text):
        led.setdefault(stem(found["word"].lower()), set()).add(found["leader"].lower())
    return led


def _digits_stand_in(sentence: str, context: str) -> bool:
    """Digits are written in the passage, whatever else they may be derived from."""
    plain = _WITHIN_NUMBER.sub("", context)
    return all(
        digits in context or digits in plain for digits in _DIGITS.findall(_WITHIN_NUMBER.sub("", sentence))
    ) or set(re.findall(r"\d+", sentence)) <= set(re.findall(r"\d+", context))


def _pairs_hold(sentence: str, quote: str, context: str) -> bool:
    """ "Monday until 19:00, Saturday until 17:00": a number stays with the words of its own clause.

    The last words before a number of another clause, of the same kind, belong to that number. What all clauses speak
    of (the words before the first preposition) and the headings belong to all.
    """
    homes = [home for clause in _CLAUSE.split(quote) if (home := _Home.of(clause)).facts]
    if len(homes) < 2:
        return True
    shared = set(content_stems(context.removesuffix(quote))) | set(content_stems(_PREPOSITION.split(quote)[0]))
    for clause in _CLAUSE.split(sentence):
        said, stems = facts_of(clause), set(content_stems(clause)) - shared
        if said and not any(said.within(home.facts) and not stems & home.words_of_others(homes) for home in homes):
            return False
    return True


@dataclass(frozen=True, slots=True)
class _Home:
    """A clause with its facts, and the content words before its first number, in order."""

    facts: Facts
    words: frozenset[str]
    before: tuple[str, ...]

    @classmethod
    def of(cls, clause: str) -> "_Home":
        return cls(facts_of(clause), frozenset(content_stems(clause)), tuple(content_stems(_DIGIT.split(clause)[0])))

    def words_of_others(self, homes: Sequence["_Home"]) -> set[str]:
        """Words that tell other clauses with facts of the same kind from this one."""
        others = (home for home in homes if home is not self and home.facts.kinds & self.facts.kinds)
        return {word for other in others for word in [w for w in other.before if w not in self.words][-2:]}


def _bounds_hold(sentence: str, context: str, said: Facts, known: Facts) -> bool:
    """ "Up to 5 days" is neither "5 days" nor "from 5 days". Ranges are compared as ranges."""
    in_ranges = {number for pair in said.ranges | known.ranges for number in pair}
    theirs = _bounds(context)
    return all(
        number in in_ranges or number not in theirs or bound <= theirs[number]
        for number, bound in _bounds(sentence).items()
    )


def _bounds(text: str) -> dict[str, set[str]]:
    bounds: dict[str, set[str]] = {}
    for found in _BOUND.finditer(text):
        bounds.setdefault(found["number"].lstrip("0"), set()).add(
            "most" if found["most"] else "least" if found["least"] else ""
        )
    return bounds


def _names(text: str) -> Counter[str]:
    """How often which name is said."""
    found = Counter(stem(name.lower()) for name in NAME.findall(text))
    for word in STOP_STEMS | FILLERS:
        found.pop(word, None)
    return found


def _leaves_a_condition_out(sentence: str, quote: str) -> bool:
    """ "Orders are delivered free", where it says "orders above 60 euros"."""
    said = set(stems_of(sentence))
    if set(stems_of(quote)) & _CONDITIONS - said:
        return True
    if _WORKING_DAYS.search(quote) and _DAYS.search(sentence) and not _WORKING_DAYS.search(sentence):
        return True
    for clause in _CLAUSE.split(quote):
        limits = {word for word in stems_of(clause) if word in _LIMITS_OF_CLAUSE}
        limits |= {stem(word) for word in words_of(clause) if _UNDONE.match(word)}
        stems = set(content_stems(clause))
        if limits - said and 2 * len(stems & said) >= len(stems):
            return True
    return False


def _denies(missing: set[str], there: set[str]) -> bool:
    """A word that is not there, made from one that is: "impossible", "невозможен"; or the other way round."""
    bare = {_DENYING_PREFIX.sub("", word) for word in there} - there
    return any((plain := _DENYING_PREFIX.sub("", word)) != word and plain in there for word in missing) or bool(
        missing & bare
    )


def negates(text: str) -> bool:
    return bool(_negations(text))


def _negations(text: str) -> int:
    return sum(stem(word) in _NEGATION for word in words_of(text))


def _strange_words(sentence: str, context: str) -> set[str]:
    """Content words that are neither there, nor mean the same as one that is, nor belong to its family."""
    there = evidence_in(context)
    strange = {
        word
        for word in subjects_of(sentence).words - there - FILLERS - _GLUE
        if not word[0].isdigit() and stem(word) not in _LIMITS | _NEGATION
    }
    families = {word[:_ALIKE] for word in there if len(word) >= _ALIKE}
    return {word for word in strange if is_meaning(word) or len(word) < _ALIKE or word[:_ALIKE] not in families}
