"""Text with formatting as Telegram wants it: plain characters and entities counted in UTF-16 units, in parts that fit.

Entities instead of markup: nothing has to be escaped, so no answer can break its message. Refuses to know who says it.
"""

import re
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from telegramify_markdown import MessageEntity, RenderConfig, convert, utf16_len

LONGEST = 4096
"""UTF-16 units in one message: https://core.telegram.org/bots/api#sendmessage"""

_SENTENCE_END = re.compile(r"[.!?…][\"'”»)\]]*\s+")
# "10*12*15 cm" is a size, not an emphasis.
_STAR_INSIDE = re.compile(r"(?<=\w)\*(?=\w)")


def _quiet_symbols() -> RenderConfig:
    """Headings and links without the library's pictograms; a dot for list items."""
    config = RenderConfig.isolated()
    symbols = config.markdown_symbol
    for name in ("heading_level_1", "heading_level_2", "heading_level_3", "heading_level_4", "link", "image"):
        setattr(symbols, name, "")
    symbols.unordered_list_item = "•"
    return config


_SYMBOLS = _quiet_symbols()


@dataclass(frozen=True, slots=True)
class Rich:
    """Characters and their formatting. Concatenated with `+`."""

    text: str
    entities: tuple[MessageEntity, ...] = ()

    def __add__(self, other: "Rich") -> "Rich":
        shift = utf16_len(self.text)
        moved = (entity.copy_with(offset=entity.offset + shift) for entity in other.entities)
        return Rich(self.text + other.text, (*self.entities, *moved))

    def record(self) -> dict[str, Any]:
        """As JSON, for what must survive a restart."""
        return {"text": self.text, "entities": [entity.to_dict() for entity in self.entities]}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "Rich":
        return cls(record["text"], tuple(MessageEntity(**entity) for entity in record["entities"]))


def bold(text: str) -> Rich:
    return Rich(text, (MessageEntity("bold", 0, utf16_len(text)),))


def struck(text: str) -> Rich:
    """What is gone."""
    return Rich(text, (MessageEntity("strikethrough", 0, utf16_len(text)),))


def added(text: str) -> Rich:
    """What is new: bold, and underlined for those who do not see bold well."""
    length = utf16_len(text)
    return Rich(text, (MessageEntity("bold", 0, length), MessageEntity("underline", 0, length)))


def link(text: str, url: str) -> Rich:
    return Rich(text, (MessageEntity("text_link", 0, utf16_len(text), url=url),))


def from_markdown(text: str) -> Rich:
    """Markdown as models write it."""
    converted, entities = convert(_STAR_INSIDE.sub(r"\\*", text), config=_SYMBOLS)
    return Rich(converted, tuple(entities))


def split(rich: Rich, longest: int = LONGEST) -> list[Rich]:
    """Parts that fit into one message each, cut between paragraphs, lines, sentences or words, in this preference.

    An entity across a cut goes on in the next part. No part is blank.
    """
    text = rich.text
    at = [0, *accumulate(2 if ord(character) > 0xFFFF else 1 for character in text)]
    parts: list[Rich] = []
    start = 0
    while start < len(text):
        if text[start].isspace():
            start += 1
            continue
        end = start
        while end < len(text) and at[end + 1] - at[start] <= longest:
            end += 1
        if end < len(text):
            end = start + _border(text[start : end + 1])
        parts.append(_cut(rich, start, end, at))
        start = end
    return [part for part in parts if part.text]


def _border(window: str) -> int:
    """Where to end a part: the last good place in the window, which is one character longer than fits."""
    least = len(window) // 3
    last = len(window) - 1
    for border in ("\n\n", "\n"):
        if (found := window.rfind(border, least)) > 0:
            return found
    ends = [match.end() for match in _SENTENCE_END.finditer(window, least)]
    if ends:
        return min(ends[-1], last)
    found = window.rfind(" ", least)
    return found if found > 0 else last


def _cut(rich: Rich, start: int, end: int, at: list[int]) -> Rich:
    text = rich.text[start:end].rstrip()
    first, last = at[start], at[start + len(text)]
    clipped = []
    for entity in rich.entities:
        begins, ends = max(entity.offset, first), min(entity.offset + entity.length, last)
        if begins < ends:
            clipped.append(entity.copy_with(offset=begins - first, length=ends - begins))
    return Rich(text, tuple(clipped))
