"""Words as search sees them: language, stems, content words. Russian and English; no model, no state."""

import itertools
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import snowballstemmer

_WORD = re.compile(r"\w+(?:[-'’.]\w+)*", re.UNICODE)
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_LATIN = re.compile(r"[a-z]", re.IGNORECASE)
_SOUND = 5
_RUSSIAN_SOUNDS = str.maketrans(
    dict(zip("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", (*"abvgdeezziiklmnoprstufhscss", "", "i", "", *"eua"), strict=True))
)
_SPELLINGS = (
    *(("ph", "f"), ("th", "t"), ("ck", "k"), ("sch", "s"), ("sh", "s"), ("ch", "h"), ("kh", "h"), ("zh", "z")),
    *(("x", "ks"), ("q", "k"), ("w", "v"), ("y", "i"), ("j", "i")),
)
_SOFT_C = re.compile("c(?=[eiy])")
_TWICE = re.compile(r"(.)\1+")
_INDECLINABLE = frozenset(("меню",))
"""The stemmer takes it for a form of "меня"."""
_ENGLISH = snowballstemmer.stemmer("english")
_RUSSIAN = snowballstemmer.stemmer("russian")

# Function words of questions and statements: they say nothing about the subject.
_STOP_EN = """a an the and or but if of at by for with about to from in on off over under is are was were be been being
am do does did doing have has had having can could will would shall should may might must i you he she it we they me
him her us them my your his its our their this that these those what which who whom whose when where why how not no
yes any some there here so than too very just also as please tell know want need get got hello hi thanks thank much
many long soon take takes lot lots ok okay let lets im ive id youre its dont
doesnt didnt cant isnt arent wont there's what's"""
_STOP_RU = """и в во не что он на я с со как а то все она так его но да ты к у же вы за бы по только ее её мне было вот
от меня еще ещё нет о об из ему теперь когда даже ну ли если уже или ни быть был него до вас нибудь вам сказал ведь там
потом себя ничего ей может они тут где есть надо ней для мы тебя их чем была сам чтоб без будто чего раз тоже себе
под будет ж тогда кто этот того потому этого какой какая какие каком какую каких каким ним здесь этом один почти мой
тем чтобы нее неё были куда зачем всех можно при два об другой хоть после над больше тот через эти нас про них много
три эту моя свою этой перед иногда лучше чуть том такой им более всегда конечно всю между скажите подскажите
пожалуйста здравствуйте привет спасибо хочу нужно нужен ли у вас ваш ваша ваше ваши мои моего моей сколько"""


# A question says these beside its subject, and its answer need not: "По какому адресу вы находитесь?"
_ASKING = """something anything someone anyone somebody anybody thing things что-то что-нибудь что-либо кто-то
кто-нибудь
located situated exist exists possible possibly able wonder wondering like kind exactly
находитесь находится находятся находиться располагаетесь располагается располагаются расположен расположена расположено
расположены существует существуют имеется имеются является являются бывает бывают возможно могли смогу сможете получится
показать покажите покажи назовите назови объясните опишите дайте дай show give explain describe
расскажите расскажи сообщите уточните узнать интересует хотел хотела хотели хотелось именно"""
_GREETINGS = """hello hi hey hiya greetings good morning afternoon evening day thanks thank thx cheers bye goodbye
привет приветик здравствуйте здравствуй здрасте добрый доброе доброго день дня вечер вечера утро утра спасибо
благодарю пока свидания хай салют"""


_UNSEEN = ("Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Mn", "Me")
_BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0\ufffd"
"""Letters by Unicode's book and nothing to the eye, and the mark for what could not be read."""


def is_blank(text: str) -> bool:
    """Nothing that can be read: only spaces, marks without a letter, and characters without a shape."""
    return all(unicodedata.category(char) in _UNSEEN or char in _BLANK_LETTERS for char in text)


def is_greeting(text: str) -> bool:
    """Hello, thanks or goodbye, and nothing that asks for anything."""
    stems = set(stems_of(text))
    return bool(stems & GREETING_STEMS) and stems <= GREETING_STEMS | STOP_STEMS


@lru_cache(maxsize=4096)
def language_of(text: str) -> str:
    """ISO 639-1 code of what the text is mostly written in: "ru" or "en"; "en" for neither."""
    return "ru" if len(_CYRILLIC.findall(text)) > len(_LATIN.findall(text)) else "en"


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The stem of one lower-case word, by its alphabet."""
    word = word.replace("ё", "е")
    if word in _INDECLINABLE:
        return word
    return str(_RUSSIAN.stemWord(word) if _CYRILLIC.search(word) else _ENGLISH.stemWord(word))


def words_of(text: str) -> list[str]:
    """Lower-case words and numbers in order."""
    return [word.lower() for word in _WORD.findall(text)]


def stems_of(text: str) -> list[str]:
    """Stems of all words in order, function words included."""
    return [stem(word) for word in words_of(text)]


def terms_of(text: str) -> str:
    """What BM25 indexes and is asked: content stems separated by spaces."""
    return " ".join(content_stems(text))


def content_stems(text: str) -> list[str]:
    """Stems of the words that carry the subject, in order."""
    return [found for word in words_of(text) if (found := stem(word)) not in STOP_STEMS]


@lru_cache(maxsize=4096)
def stem_set(text: str) -> frozenset[str]:
    """The content stems of a text without their order; passages are asked for again and again."""
    return frozenset(content_stems(text))


def without_greeting(question: str) -> str:
    """The words of a question after "Добрый день!"; all of them when nothing else is said."""
    return " ".join(itertools.dropwhile(lambda word: stem(word) in GREETING_STEMS, words_of(question))) or question


@lru_cache(maxsize=4096)
def sounds_of(text: str) -> frozenset[str]:
    """How the content words begin when they are said aloud, in Latin letters; numbers as they are.

    Names and borrowed words are recognised across the two alphabets: "Нормандия" and "Normandy" are both "norma".
    """
    sounds = {
        word if word.isdigit() else _latin(word)[:_SOUND] for word in words_of(text) if stem(word) not in STOP_STEMS
    }
    return frozenset(sound for sound in sounds if len(sound) == _SOUND or sound.isdigit())


def _latin(word: str) -> str:
    """Roughly one letter a sound, none twice in a row. Not for reading."""
    word = word.translate(_RUSSIAN_SOUNDS)
    for spelled, sound in _SPELLINGS:
        word = word.replace(spelled, sound)
    return _TWICE.sub(r"\1", _SOFT_C.sub("s", word).replace("c", "k").replace("z", "s"))


def _stop_stems(lists: Iterable[str]) -> frozenset[str]:
    return frozenset(stem(word) for words in lists for word in words.split())


STOP_STEMS = _stop_stems((_STOP_EN, _STOP_RU))
ASKING_STEMS = _stop_stems((_ASKING,))
GREETING_STEMS = _stop_stems((_GREETINGS,))
