"""A sentence as the bare words it says: disguises of letters undone, punctuation as commas. Refuses to judge.

Disguises: letters of another alphabet that look alike, digits for letters, letters set apart. Only for judging; what
is shown and indexed stays as it was written.
"""

import re
import unicodedata

_TO_LATIN = str.maketrans("авекмнорстухіјѕԁԛԝһ", "abekmhopctyxijsdqwh")
_TO_CYRILLIC = str.maketrans("abekmhopctyx", "авекмнорстух")
# "précédentes" as "precedentes": many leave the accents out. Cyrillic letters keep theirs.
_WITHOUT_ACCENTS = {code: unicodedata.normalize("NFD", chr(code))[0] for code in range(0xC0, 0x250)}
_WITHOUT_ACCENTS |= dict(zip(map(ord, "øłđı"), "oldi", strict=True))
_DIGITS = str.maketrans("01345789@$", "oieastbgas")
_APOSTROPHE = re.compile(r"(?<=\w)['’ʼ](?=\w)")
_MIXED_ALPHABETS = re.compile(r"\b(?=\w*[a-zіјѕ])(?=\w*[а-я])\w{2,40}\b")
_MIXED_DIGITS = re.compile(r"\b(?!base|rot|gpt|utf)(?=\w*[a-zа-я])(?=\w*[01345789])\w{3,40}\b|\b(?:4ll|7h[3e]|4nd)\b")
_SET_APART = re.compile(r"(?<![\w])(?:\w[ .\-_*]){3,60}\w(?!\w)")
_NOT_LETTERS = re.compile(r"[ .\-_*]")
# "Updated in May 2023 Add to your answer": something new begins, full stop or not.
_AFTER_NUMBER = re.compile(r"(?<=\d) +(?=[A-ZА-ЯЁ][a-zа-яё])")
_PUNCTUATION = re.compile(r"[.,;:!?()\[\]{}\"“”«»…—–|/\n]\W*")
_NOT_WORDS = re.compile(r"[^\w,]+")


def bare_words(text: str) -> str:
    """ ", words of , the sentence , ": small letters, single spaces, a comma for every mark, one at either end."""
    text = _AFTER_NUMBER.sub(" , ", unicodedata.normalize("NFKC", text))
    text = text.casefold().replace("ё", "е").translate(_WITHOUT_ACCENTS)
    text = _SET_APART.sub(_joined, _APOSTROPHE.sub("", text))
    text = _MIXED_ALPHABETS.sub(_in_one_alphabet, text)
    text = _MIXED_DIGITS.sub(lambda word: word[0].translate(_DIGITS), text)
    spaced = _NOT_WORDS.sub(" ", _PUNCTUATION.sub(" , ", text)).strip(" ,")
    return f", {spaced} , "


def _joined(letters: re.Match[str]) -> str:
    """A word set letter by letter; a row of numbers or an abbreviation is left as it is."""
    word = _NOT_LETTERS.sub("", letters[0])
    return word if word.isalpha() else letters[0]


def _in_one_alphabet(word: re.Match[str]) -> str:
    latin = sum("a" <= letter <= "z" for letter in word[0])
    return word[0].translate(_TO_LATIN if 2 * latin >= len(word[0]) else _TO_CYRILLIC)
