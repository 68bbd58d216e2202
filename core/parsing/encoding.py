"""Bytes to text: which encoding a text file is in. Refuses to know formats.

The rule, in this order: a byte order mark; UTF-8 if it decodes; UTF-16 without a mark if every other byte is that
of a script; else one byte a letter. Of those, Western European text has its accented letters among ASCII ones
("café"), Cyrillic text has runs of them; which Cyrillic page it is, the letters' usual frequency tells.
"""

import codecs
import re

from core.errors import DocumentTypeUnknown

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CYRILLIC_PAGES = ("cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic")
# Russian letters from frequent to rare (National Corpus of the Russian Language); the place is the score.
_RUSSIAN = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"
_SCORE = {letter: 34 - place for place, letter in enumerate(_RUSSIAN)}
_SAMPLE = 65_536
_NOT_TEXT = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_SHARE_OF_CONTROLS = 0.002


def decode_text(data: bytes) -> str:
    """The text of `data` with line ends as \\n. Raises `DocumentTypeUnknown` when it is not text at all."""
    encoding = find_encoding(data)
    if encoding is None:
        raise DocumentTypeUnknown
    text = data.decode(encoding, errors="replace")
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def find_encoding(data: bytes) -> str | None:
    """The name of the encoding, None when the bytes are not text. Looks at the first 64 KiB."""
    sample = data[:_SAMPLE]
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding if _is_text(sample[: len(sample) // 4 * 4], encoding) else None
    if is_utf8(sample) and _is_text(sample, "utf-8"):
        return "utf-8"
    for encoding in ("utf-16-le", "utf-16-be"):
        if _is_utf16(sample, encoding):
            return encoding
    encoding = _one_byte_page(sample)
    return encoding if _is_text(sample, encoding) and _mostly_letters(sample, encoding) else None


def is_utf8(sample: bytes) -> bool:
    """Whether these bytes are UTF-8; the last letter may be cut."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final=False)
    except UnicodeDecodeError:
        return False
    return True


def _is_text(sample: bytes, encoding: str) -> bool:
    text = sample.decode(encoding, errors="ignore")
    return len(_NOT_TEXT.findall(text)) <= len(text) * _SHARE_OF_CONTROLS


def _is_utf16(sample: bytes, encoding: str) -> bool:
    """Text in UTF-16 has 00 (Latin) or 04 (Cyrillic) in nearly every high byte, and hardly in the low ones."""
    even = sample[: len(sample) // 2 * 2]
    high = even[1::2] if encoding == "utf-16-le" else even[0::2]
    if len(high) < 2:
        return False
    share = sum(byte in (0x00, 0x04, 0x20) for byte in high) / len(high)
    return share > 0.9 and _is_text(even, encoding)


def _one_byte_page(sample: bytes) -> str:
    accents = re.findall(rb"[\x80-\xff]+", sample)
    alone = sum(len(run) == 1 for run in accents)
    if accents and alone > len(accents) * 0.7:
        return "cp1252"
    return max(_CYRILLIC_PAGES, key=lambda page: _russian_score(sample.decode(page, errors="replace")))


def _russian_score(text: str) -> int:
    """How Russian the letters are; what other pages have in their place (drawings of frames, capitals inside
    words) counts against it.

    Of texts of ten words, in small letters or in capitals, 4 in 1,000 are taken for another page; longer ones are not.
    """
    score = sum(_SCORE.get(letter, 0) for letter in text.lower())
    return score - 20 * len(re.findall("[\u2500-\u259f\ufffd\x80-\x9f]|[а-я][А-Я]", text))


def _mostly_letters(sample: bytes, encoding: str) -> bool:
    text = sample.decode(encoding, errors="replace")
    plain = sum(character.isalnum() or character.isspace() for character in text)
    return plain >= 0.6 * len(text)
