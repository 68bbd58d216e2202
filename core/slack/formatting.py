"""What fits into one message of Slack's: blocks, cut between paragraphs, with code kept whole.

An owner's words and quotations are rich text, in which nothing is markup and nothing must be escaped; only a model's
Markdown becomes mrkdwn (core/slack/mrkdwn.py). Refuses to know who says it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from core.slack.mrkdwn import Piece, escape, fenced, pieces_of

Block = dict[str, Any]

LONGEST_SECTION = 3000
"""https://docs.slack.dev/reference/block-kit/blocks/section-block"""
LONGEST_MESSAGE = 12_000
MOST_BLOCKS = 50
"""https://docs.slack.dev/reference/block-kit/blocks"""
_ROOM_BELOW = 2
"""Blocks that may still come under the last part: sources, and buttons."""
_FENCES = len(fenced(""))

_SENTENCE_END = re.compile(r"[.!?…][\"'”»)\]]*\s+")
_ADDRESS = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)\]'»”]")


@dataclass(frozen=True, slots=True)
class Part:
    """One message: its blocks, and the same as text for notifications and for who sees no blocks."""

    text: str
    blocks: tuple[Block, ...] = ()

    def record(self) -> dict[str, Any]:
        """As JSON, for what must survive a restart."""
        return {"text": self.text, "blocks": list(self.blocks)}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "Part":
        return cls(record["text"], tuple(record["blocks"]))

    def with_below(self, *blocks: Block) -> "Part":
        return Part(self.text, (*self.blocks, *blocks))


def section(mrkdwn: str) -> Block:
    """`expand`: an answer is not folded behind "show more"."""
    return {"type": "section", "expand": True, "text": {"type": "mrkdwn", "text": mrkdwn}}


def context(mrkdwn: str) -> Block:
    """A small line."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": mrkdwn}]}


def from_markdown(text: str) -> list[Block]:
    """Markdown as models write it, as sections."""
    return [section(one) for one in _sections(pieces_of(text))]


def verbatim(text: str) -> list[Block]:
    """Words as they are, to the character; addresses can be opened."""
    return [_rich(one) for one in split(text, LONGEST_SECTION)]


def words(text: str) -> list[Part]:
    """A sentence of ours, or a person's words, as messages."""
    return messages_of(verbatim(text))


def messages_of(blocks: Sequence[Block]) -> list[Part]:
    """As few messages as they fit into, in their order."""
    parts: list[list[Block]] = [[]]
    for block in blocks:
        length = sum(len(text_of(one)) + 2 for one in parts[-1]) + len(text_of(block))
        if parts[-1] and (length > LONGEST_MESSAGE or len(parts[-1]) >= MOST_BLOCKS - _ROOM_BELOW):
            parts.append([])
        parts[-1].append(block)
    return [Part("\n\n".join(map(text_of, part)), tuple(part)) for part in parts if part]


def text_of(block: Block) -> str:
    """A block as escaped text."""
    if block["type"] == "section":
        return str(block["text"]["text"])
    if block["type"] == "rich_text":
        told = (one.get("text") or one.get("url", "") for part in block["elements"] for one in part["elements"])
        return escape("".join(told))
    return ""


def _rich(text: str) -> Block:
    elements: list[Block] = []
    end = 0
    for found in _ADDRESS.finditer(text):
        if found.start() > end:
            elements.append({"type": "text", "text": text[end : found.start()]})
        elements.append({"type": "link", "url": found.group()})
        end = found.end()
    if end < len(text):
        elements.append({"type": "text", "text": text[end:]})
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}


def _sections(pieces: Sequence[Piece]) -> Iterator[str]:
    """Pieces together as far as they fit; one that is too long by itself is cut."""
    held = ""
    for piece in pieces:
        for text in _fitting(piece):
            together = f"{held}\n\n{text}" if held else text
            if len(together) <= LONGEST_SECTION:
                held = together
                continue
            yield held
            held = text
    if held:
        yield held


def _fitting(piece: Piece) -> list[str]:
    """A paragraph longer than a section loses its formatting, so that no mark and no link is cut in two."""
    whole = fenced(piece.text) if piece.code else piece.text
    if len(whole) <= LONGEST_SECTION:
        return [whole]
    if piece.code:
        return [fenced(one) for one in _lines(piece.text, LONGEST_SECTION - _FENCES)]
    return [escape(one) for one in split(piece.plain, LONGEST_SECTION, _length)]


def _length(text: str) -> int:
    return len(escape(text))


def _lines(code: str, longest: int) -> list[str]:
    """Code in parts that end where a line ends."""
    parts, held = [], ""
    for line in code.split("\n"):
        for some in split(line, longest, _length, keep_spaces=True) or [""]:
            together = f"{held}\n{some}" if held else some
            if _length(together) > longest:
                parts.append(held)
                together = some
            held = together
    return [*parts, held]


def split(text: str, longest: int, length: Any = len, *, keep_spaces: bool = False) -> list[str]:
    """Parts that are not longer, cut between paragraphs, lines, sentences or words, in this preference; none is blank.

    `length` is how long a text is where it goes; of a single character it is at most a fifth of `longest`.
    """
    parts = []
    left = text if keep_spaces else text.strip()
    while left:
        end = len(left)
        if length(left) > longest:
            end = _as_much_as_fits(left, longest, length)
            end = _border(left[: end + 1])
        part, left = left[:end], left[end:]
        if not keep_spaces:
            part, left = part.rstrip(), left.lstrip()
        parts.append(part)
    return [part for part in parts if part]


def _as_much_as_fits(text: str, longest: int, length: Any) -> int:
    """Characters of its beginning; at least one."""
    low, high = 1, min(len(text), longest)
    while low < high:
        middle = (low + high + 1) // 2
        if length(text[:middle]) <= longest:
            low = middle
        else:
            high = middle - 1
    return low


def _border(window: str) -> int:
    """Where to end a part: the last good place in the window, which is one character longer than fits."""
    least, last = len(window) // 3, len(window) - 1
    for border in ("\n\n", "\n"):
        if (found := window.rfind(border, least)) > 0:
            return found
    if ends := [match.end() for match in _SENTENCE_END.finditer(window, least)]:
        return min(ends[-1], last)
    found = window.rfind(" ", least)
    return found if found > 0 else last
