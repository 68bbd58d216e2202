"""What somebody's first answer to "What is your business?" is: a link, a story, perhaps a name, or nothing of the kind.

And what a short word means while a card is in front of him. Rules and lists; nothing is guessed at: where a text might
be a name, its writer is asked. Pure.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from core.crawling.addresses import addresses_in
from core.small_talk import small_talk_in
from core.wishes import wish_in
from core.words import STOP_STEMS, stem, words_of


class Telling(StrEnum):
    LINK = "link"
    STORY = "story"
    NAME = "name"
    SKIP = "skip"
    NOTHING = "nothing"


class Word(StrEnum):
    """What is said to a card."""

    YES = "yes"
    SKIP = "skip"
    ALL = "all"
    FINISH = "finish"
    GO_ON = "go on"


@dataclass(frozen=True, slots=True)
class Told:
    """`value` is the link, or the name; `others` are further links."""

    telling: Telling
    value: str = ""
    others: tuple[str, ...] = ()


FEWEST_WORDS = 5
"""Of a story. With fewer it may be a name."""
_LONG_QUESTION = 15
_AROUND = ".,;:!?()«»“”\"'"
_ABOUT_US = re.compile(r"\b(?:chat)?(?:ro)?bots?\b|\b(?:чат-?)?(?:ро)?бот\w{0,2}\b", re.IGNORECASE)
_VOWEL = re.compile(r"[aeiouyаеёиоуыэюя]", re.IGNORECASE)
_CLUSTER = re.compile(r"[bcdfghjklmnpqrstvwxzбвгджзйклмнпрстфхцчшщ]{5,}", re.IGNORECASE)
_READABLE = 0.8
_VARIED = 0.6
_SAID: dict[Word, tuple[str, ...]] = {
    Word.YES: (
        *("yes", "yep", "ok", "okay", "good", "looks good", "all good", "right", "correct", "approve", "save", "fine"),
        *("да", "ага", "ок", "окей", "хорошо", "верно", "всё верно", "все верно", "правильно", "одобрить", "одобряю"),
        *("подходит", "годится", "сохранить", "всё хорошо", "все хорошо", "отлично"),
    ),
    Word.SKIP: (
        *("skip", "no", "skip it", "skip for now", "later", "not now", "leave it out"),
        *("пропустить", "пропусти", "нет", "потом", "позже", "не сейчас", "не нужно", "не надо"),
    ),
    Word.ALL: (
        "all",
        "approve all",
        "all of them",
        "yes to all",
        "все",
        "всё",
        "одобрить все",
        "одобрить всё",
        "да, все",
    ),
    Word.FINISH: ("finish", "stop", "enough", "done", "закончить", "хватит", "стоп", "готово", "достаточно"),
    Word.GO_ON: (
        *("go on", "continue", "next", "continue setting up", "continue setup", "what next", "what is next"),
        *("дальше", "далее", "продолжить", "продолжим", "продолжить настройку", "что дальше", "следующий шаг"),
    ),
}
_WORDS = {" ".join(words_of(phrase)): word for word, phrases in _SAID.items() for phrase in phrases}


def word_in(text: str) -> Word | None:
    """What a whole message says to a card; None when it says anything else."""
    return _WORDS.get(" ".join(words_of(text)))


def telling_in(text: str) -> Told:
    """What an answer is. Insults, small talk, questions and nonsense are nothing."""
    text = text.strip()
    if links := addresses_in(text):
        return Told(Telling.LINK, links[0], tuple(links[1:]))
    if word_in(text) in (Word.SKIP, Word.FINISH):
        return Told(Telling.SKIP)
    words = words_of(text)
    is_question = text.endswith("?") and len(words) < _LONG_QUESTION
    if is_question or wish_in(text) or small_talk_in(text) or word_in(text) or not _is_readable(words):
        return Told(Telling.NOTHING)
    if _ABOUT_US.search(text) and len(words) < _LONG_QUESTION and not _has_number(words):
        return Told(Telling.NOTHING)  # said to the bot, not of a business
    if len(words) < FEWEST_WORDS:
        return Told(Telling.NAME, " ".join(text.split()).strip(_AROUND))
    return Told(Telling.STORY if _is_speech(words) else Telling.NOTHING)


def _is_readable(words: list[str]) -> bool:
    """Most words could be spoken."""
    letters = [word for word in words if any(map(str.isalpha, word)) and len(word) > 2]
    spoken = [word for word in letters if _VOWEL.search(word) and not _CLUSTER.search(word)]
    return bool(letters) and len(spoken) >= _READABLE * len(letters)


def _is_speech(words: list[str]) -> bool:
    """Different words, some of them the little ones without which nobody speaks, or numbers that tell something."""
    little = any(stem(word) in STOP_STEMS for word in words)
    return len(set(words)) >= _VARIED * len(words) and (little or _has_number(words))


def _has_number(words: list[str]) -> bool:
    return any(any(map(str.isdigit, word)) for word in words)
