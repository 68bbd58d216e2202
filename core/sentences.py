"""Where a sentence ends, in Russian and English. Refuses to know documents and models.

A full stop ends a sentence when white space and a capital, a digit or a quotation mark follow, unless the word before
it is an abbreviation, an initial or the number of a list item. Some abbreviations never end a sentence ("ул. Лесная"),
some may ("и т.д. Мы", "500 руб. Оплата").
"""

import re
from functools import lru_cache

_END = re.compile(r"(?<![.!?…])[.!?…]+[\"'”’»)\]]*(?=\s+[\"'“‘«„(\[]*[A-ZА-ЯЁ0-9])")
_LINE_ITEM = re.compile(r"^\s*(?:[-–—*•●▪‣·]\s+)")
_ITEM_NUMBER = re.compile(r"^\s*\(?(?:\d{1,3}|[A-Za-zА-Яа-я]|[ivxIVX]{1,5})(?:\.\d{1,3})*[.)]$")
_LAST_WORD = re.compile(r"[^\s(«\"“'\[]+$")
_NEVER = frozenset(
    "e.g i.e mr mrs ms dr prof st vs cf al approx ca tel incl ave blvd rd "
    "т.е т.к т.н напр см ср им ул пер просп пр-т пл наб бул ш д к корп стр кв оф эт пом рис табл гл тел доб факс "
    "п пп ст абз р-н обл респ гос акад проф доц гр тов св о оз р г-н г-жа соц и.о ок прим №".split()
)
# Words of their own otherwise: "No. 5", "Fri. 9:00", but "The answer is no. We are sorry" and "in the sun. It".
_BEFORE_NUMBER = frozenset(
    "no nos fig figs p pp art sec ch vol ext min max jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu "
    "fri sat sun".split()
)
# End a sentence only after a number: "в 2024 г. Мы", but "г. Москва".
_AFTER_NUMBER = frozenset("г гг в вв ч мин сек час кг мл л м см мм км мес нед дн тыс млн млрд".split())
_MAY_END = frozenset("т.д т.п др пр etc inc ltd co corp a.m p.m н.э экз шт руб коп".split())
_WRAPPED = 50
_REMEMBERED = 3000
"""Characters of a passage that was joined with its next one, and some."""
_LONGEST_WORD = 64
"""Letters on either side of a mark that are looked at: a text without a sentence's end costs no more than another."""


def split_sentences(text: str) -> list[str]:
    """The sentences in order, without bullets; each is a part of `text`. Every list item and line of its own counts.

    A line that breaks in mid-sentence (long, no full stop, the next begins with a small letter) goes on.
    """
    return [sentence for line in sentences_by_line(text) for sentence in line]


def sentences_by_line(text: str) -> list[list[str]]:
    """The same, a list for each paragraph or item of a list."""
    return [list(sentences) for sentences in (_remembered if len(text) <= _REMEMBERED else _found)(text)]


def _found(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(sentences for line in _lines(text) if (sentences := tuple(_sentences_of_line(line))))


_remembered = lru_cache(maxsize=1024)(_found)
"""The same passages answer again and again; documents that are read once are longer."""


def _lines(text: str) -> list[str]:
    lines: list[list[str]] = []
    for line in text.split("\n"):
        before = lines[-1] if lines else [""]
        is_long = len(before) > 1 or len(before[0]) >= _WRAPPED
        if is_long and before[-1][-1:] not in ".!?…:;" and line[:1].islower():
            before.append(line)
        else:
            lines.append([line.strip()])
    return [_LINE_ITEM.sub("", "\n".join(parts)) for parts in lines if parts[0]]


def _sentences_of_line(line: str) -> list[str]:
    sentences: list[str] = []
    start = 0
    for end in _END.finditer(line):
        if _ends_sentence(line, start, end):
            sentences.append(line[start : end.end()].strip())
            start = end.end()
    sentences.append(line[start:].strip())
    return [sentence for sentence in sentences if any(character.isalnum() for character in sentence)]


def _ends_sentence(line: str, start: int, end: re.Match[str]) -> bool:
    """Whether the sentence that began at `start` ends with this mark."""
    mark = end[0]
    if mark[0] != "." or mark.startswith(".."):
        return True
    if end.end() - start < _LONGEST_WORD and _ITEM_NUMBER.match(line[start : end.end()]):
        return False
    before = line[max(start, end.start() - _LONGEST_WORD) : end.start()]
    if len(mark) > 1 and ")" not in mark:
        return True
    found = _LAST_WORD.search(before)
    word = found[0] if found else ""
    name = word.lower()
    number_before = re.search(r"\d\s*$", before[: len(before) - len(word)]) is not None
    number_after = line[end.end() : end.end() + _LONGEST_WORD].lstrip()[:1].isdigit()
    if name in _NEVER or _is_initial(word) or (name in _AFTER_NUMBER and not number_before):
        return False
    return not (number_after and name in _BEFORE_NUMBER | _MAY_END | _AFTER_NUMBER)


def _is_initial(word: str) -> bool:
    """ "А. С. Пушкин", "J. R. R. Tolkien", "U.S. Congress": capitals with dots between."""
    return re.fullmatch(r"[A-ZА-ЯЁ](?:\.\s?[A-ZА-ЯЁ])*", word) is not None
