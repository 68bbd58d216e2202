"""The marks by which people write questions with answers: "Q: … A: …", "Вопрос 3. … Ответ: …", "В: … О: …".

Refuses to know blocks. A lone capital letter needs its colon in Russian, where "В" and "О" are words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

_NUMBER = r"\s?(?:№|#)?\s?\d{0,3}\s?"
_ASKS = rf"(?:(?i:question|вопрос)(?:{_NUMBER}:|\s?(?:№|#)?\s?\d{{1,3}}\s?[.)–—-])|Q{_NUMBER}[:.)]|В{_NUMBER}:)"
_ANSWERS = rf"(?:(?i:answer|ответ)(?:{_NUMBER}:|\s?(?:№|#)?\s?\d{{1,3}}\s?[.)–—-])|[AА]{_NUMBER}[:.)]|О{_NUMBER}:)"
_BULLET = r"(?:[-–—•*]\s+|\(?\d{1,3}[.)]\s+)?"
_ASKS_ALONE = re.compile(rf"(?i)^{_BULLET}(?:question|вопрос){_NUMBER}[:.]?$")
_ANSWERS_ALONE = re.compile(rf"(?i)^{_BULLET}(?:answer|ответ){_NUMBER}[:.]?$")
_AT_START = re.compile(rf"^{_BULLET}(?:(?P<asks>{_ASKS})|(?P<answers>{_ANSWERS}))(?=\s|\S)\s*")
# Inside a text a mark follows the end of a sentence; words and numbered letters are marks wherever they stand.
_INSIDE = re.compile(
    rf"(?:(?<=[?.!…»\"”)])\s+|(?<!\s)\s+(?=(?i:question|вопрос|answer|ответ)\b|[QAАВО]\s?\d))"
    rf"(?:(?P<asks>(?:(?i:question|вопрос)|Q|В){_NUMBER}:)|(?P<answers>(?:(?i:answer|ответ)|[AАО]){_NUMBER}:))\s*"
)


class Role(StrEnum):
    ASKS = "asks"
    ANSWERS = "answers"


@dataclass(frozen=True, slots=True)
class Part:
    """Words after a mark; `role` is None for words before any."""

    role: Role | None
    text: str


def marked_role(line: str) -> Role | None:
    """What a line's mark says it begins, None without a mark."""
    line = line.strip()
    if _ASKS_ALONE.match(line):
        return Role.ASKS
    if _ANSWERS_ALONE.match(line):
        return Role.ANSWERS
    start = _AT_START.match(line)
    return _role(start) if start else None


def parts_of(text: str) -> list[Part]:
    """A text cut at its marks. Only one that begins with a mark is cut: a mark in the middle of prose may be none."""
    role = marked_role(text)
    if role is None:
        return [Part(None, text)]
    if _ASKS_ALONE.match(text.strip()) or _ANSWERS_ALONE.match(text.strip()):
        return [Part(role, "")]
    start = _AT_START.match(text)
    assert start is not None  # noqa: S101  (it has a role)
    return list(_cut(text, start))


def _cut(text: str, mark: "re.Match[str]") -> Iterator[Part]:
    for following in _INSIDE.finditer(text, mark.end()):
        yield Part(_role(mark), text[mark.end() : following.start()].strip())
        mark = following
    yield Part(_role(mark), text[mark.end() :].strip())


def _role(mark: "re.Match[str]") -> Role:
    return Role.ASKS if mark["asks"] else Role.ANSWERS
