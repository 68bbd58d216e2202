"""What a question is about, and where in it another word would stand. Rules over words, Russian and English.

"How much does delivery to Cork cost?" is about "delivery to Cork", and "Dublin" would stand where "Cork" does. Refuses
to know conversations: what is done with a subject is core/rewriting.py's.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from core.words import ASKING_STEMS, GREETING_STEMS, STOP_STEMS, stem

MOST_WORDS = 9
_WORD = re.compile(r"\w+(?:[-'’.]\w+)*")
_SENTENCE = re.compile(r"[^.?!;\n]*(?:[.?!;\n]+(?!\w)|$)|[^\n]+")
_CLAUSE = re.compile(
    r"[,:()—–]|\b(?:if|when|because|while|that|which|если|когда|чтобы|потому|котор\w+)\b", re.IGNORECASE
)


def _stems(words: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words.split())


PREPOSITIONS = frozenset(
    """to in on at for with from about of by after before over under within without during until into
    в во на с со к ко из за до для по о об от без при после через около под над""".split()
)
_ARTICLES = frozenset("a an the".split())
_GENERIC = _stems(
    """cost costs take takes last lasts wait happen mean charge sell offer provide stock find buy order pay
    стоит стоить стоят занимает занимают длится длятся происходит составляет будет будут продаете предлагаете купить
    найти заказать ждать"""
)
_MEASURES = _stems(
    """day week month year hour minute euro dollar pound rouble kilogram percent день дня дней неделя недели недель
    месяц месяца месяцев год года лет час часа часов минут минуты течение рубль рубля рублей евро доллар долларов
    процентов"""
)
_TIMES = _stems(
    """monday tuesday wednesday thursday friday saturday sunday weekend weekday holiday today tomorrow tonight christmas
    easter winter summer spring autumn morning evening night january february march april june july august september
    october november december
    понедельник вторник среда среду четверг пятница пятницу суббота субботу субботам воскресенье воскресеньям выходные
    выходным выходной будни будням праздник праздники праздникам сегодня завтра зимой летом весной осенью зима лето
    утром вечером ночью утро вечер ночь январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь
    декабрь"""
)


_EMPTY = STOP_STEMS | ASKING_STEMS | GREETING_STEMS | _GENERIC


@dataclass(frozen=True, slots=True)
class Word:
    """A word in its place. `carries` something of a subject; others only ask, join, or say what may be said of all."""

    text: str
    start: int
    end: int
    carries: bool

    @property
    def low(self) -> str:
        return self.text.lower()

    @property
    def is_preposition(self) -> bool:
        return self.low in PREPOSITIONS

    @property
    def is_time(self) -> bool:
        return stem(self.low) in _TIMES

    @property
    def is_name(self) -> bool:
        return self.text[0].isupper() and self.start > 0 and self.carries and not self.is_time


@lru_cache(maxsize=1024)
def read_words(text: str) -> tuple[Word, ...]:
    """All words in order. The turns of a conversation are read again with each question."""
    return tuple(Word(found[0], *found.span(), _carries(found[0].lower())) for found in _WORD.finditer(text))


def _carries(word: str) -> bool:
    return stem(word) not in _EMPTY and word not in PREPOSITIONS


def is_measure(word: str) -> bool:
    """What numbers count."""
    return stem(word) in _MEASURES


def is_generic(word: str) -> bool:
    """What may be said of every subject: that it costs, that it takes its time."""
    return stem(word) in _GENERIC


@lru_cache(maxsize=1024)
def subject_of(question: str) -> str:
    """The words that carry it and what joins them, out of the clause that has most of them; may be empty."""
    sentences = [found[0] for found in _SENTENCE.finditer(question) if found[0].strip()]
    asking = [sentence for sentence in sentences if "?" in sentence and _weight(sentence)]
    richest = max(reversed(sentences), key=_weight, default="")
    best = asking[-1] if asking else richest
    if _weight(best) == 1 < _weight(richest):  # "I bought a kettle. Can I return it?"
        return f"{subject_of(best)} {subject_of(richest)}"
    clause = max(_CLAUSE.split(best), key=_weight, default="")
    words = read_words(clause)
    places = [place for place, word in enumerate(words) if word.carries]
    if not places:
        return ""
    inside = words[places[0] : places[-1] + 1]
    joined = [word.text for word in inside if word.carries or word.is_preposition or word.low in _ARTICLES]
    return " ".join(joined[:MOST_WORDS])


def _weight(clause: str) -> int:
    return sum(word.carries for word in read_words(clause))


def phrases_of(text: str) -> list[tuple[Word, ...]]:
    """Prepositions with what hangs on them: "to the United Kingdom"."""
    found: list[tuple[Word, ...]] = []
    phrase: list[Word] = []
    for word in [*read_words(text), None]:
        if word and phrase and (word.carries or word.low in _ARTICLES) and _touch(text, phrase[-1], word):
            phrase.append(word)
            continue
        if len(phrase) > 1 and not _is_infinitive(text, phrase):
            found.append(tuple(phrase))
        phrase = [word] if word and word.is_preposition else []
    return found


def _is_infinitive(text: str, phrase: Sequence[Word]) -> bool:
    """ "how to return" names no place; "how much to Cork" and "to the airport" do."""
    if phrase[0].low != "to" or phrase[1].low in _ARTICLES or phrase[1].is_name:
        return False
    return not text[: phrase[0].start].lower().rstrip().endswith(("much", "long", "delivery", "shipping")) and bool(
        text[: phrase[0].start].strip()
    )


def _touch(text: str, before: Word, after: Word) -> bool:
    return not text[before.end : after.start].strip()


def without_rivals(subject: str, text: str) -> str:
    """A subject without the place and time that a text names anew."""
    own = phrases_of(text)
    has_time = any(word.is_time for word in read_words(text))
    for phrase in reversed(phrases_of(subject)):
        same = any(other[0].low == phrase[0].low and _is_time(other) == _is_time(phrase) for other in own)
        if same or (has_time and _is_time(phrase)):
            subject = subject[: phrase[0].start].rstrip() + subject[phrase[-1].end :]
    return subject.strip()


def _is_time(words: Iterable[Word]) -> bool:
    return any(word.is_time for word in words)


def put_into(question: str, fragment: str, contrasts: bool) -> str | None:
    """The question with a fragment where its like stands; None where nothing is like it.

    `contrasts`: the fragment is another thing, so it may take the place of the only thing that the question names.
    """
    words = read_words(f" {fragment}" if contrasts else fragment)  # what follows an opening begins no sentence
    body = fragment.strip(" ?!.…,")
    if not words or not body:
        return None
    if words[0].is_preposition:
        rivals = [
            phrase
            for phrase in phrases_of(question)
            if _is_time(phrase) == _is_time(words) and (_is_time(words) or phrase[0].low == words[0].low)
        ]
        if rivals:
            return _replaced(question, rivals[-1], body)
        return f"{question.rstrip(' ?!.…')} {body}?"
    named, timed = _runs(question, lambda word: word.is_name), _runs(question, lambda word: word.is_time)
    if all(word.is_time for word in words if word.carries):
        return _replaced(question, timed[0], body) if len(timed) == 1 else None
    if names := [word.text for word in words if word.is_name]:
        return _with_names(question, named[0], names, body) if len(named) == 1 else None
    things = _runs(question, lambda word: word.carries and not word.is_time and not word.is_name)
    if contrasts and not named and len(things) == 1 and len(things[0]) == 1:
        return _replaced(question, things[0], body)
    return None


def _with_names(question: str, run: tuple[Word, ...], names: list[str], body: str) -> str:
    """ "the United Kingdom" gives way to "France" as a whole; to "the Bella grinder" only with its name."""
    if len(names) < sum(word.carries for word in read_words(body)):
        return _replaced(question, run, " ".join(names))
    before = [word for word in read_words(question) if word.end <= run[0].start][-1:]
    return _replaced(question, (*before, *run) if before and before[0].low in _ARTICLES else run, body)


def names_something(question: str) -> bool:
    """Whether it is about one thing with a name, not a kind of things."""
    return any(word.is_name for word in read_words(question))


def _runs(question: str, alike: Callable[[Word], bool]) -> list[tuple[Word, ...]]:
    """Neighbouring words of one kind."""
    runs: list[list[Word]] = []
    words = read_words(question)
    for place, word in enumerate(words):
        if not alike(word):
            continue
        if runs and place and runs[-1][-1] is words[place - 1] and _touch(question, words[place - 1], word):
            runs[-1].append(word)
        else:
            runs.append([word])
    return [tuple(run) for run in runs]


def _replaced(question: str, words: Sequence[Word], body: str) -> str:
    return question[: words[0].start] + body + question[words[-1].end :]
