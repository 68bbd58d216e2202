"""Plain text as blocks. Refuses to know Markdown, which has a reader of its own.

Plain text has no marks, so the eye's rules are used: an empty line ends a paragraph, a short line alone above one
is its heading, a line that stops early was meant to stop.
"""

import itertools
import re
from collections.abc import Sequence

from core.parsing.base import Block, BlockKind, ParsedDocument
from core.parsing.pair_marks import marked_role
from core.parsing.tidying import has_words, is_bulleted, is_numbered, tidy, without_bullet

_LONGEST_HEADING = 90
_LONGEST_QUESTION = 160
_WRAPPED = 55
_ENDS = (".", "!", "?", "…", ";")
_UNDERLINE = re.compile(r"^\s*(={3,}|-{3,}|\*{3,}|_{3,}|~{3,})\s*$")


def read_plain_text(text: str) -> ParsedDocument:
    """Blocks of a text file. Headings are level 1 (underlined with =, the very first) to 3 (questions)."""
    groups = [_without_rules(group) for group in _paragraphs(text)]
    groups = [group for group in groups if group]
    blocks: list[Block] = []
    for position, group in enumerate(groups):
        following = groups[position + 1] if position + 1 < len(groups) else []
        answers = bool(blocks) and blocks[-1].kind is BlockKind.HEADING and blocks[-1].text.endswith("?")
        if answers and not group[0].rstrip().endswith(("?", "\0", "\1")):
            blocks.extend(_paragraph_blocks(group))
        else:
            blocks.extend(_blocks_of(group, following, first=position == 0))
    title = blocks[0].text if blocks and blocks[0].kind is BlockKind.HEADING and blocks[0].level < 3 else ""
    return ParsedDocument("txt", title=title, blocks=tuple(blocks))


def _paragraphs(text: str) -> list[list[str]]:
    lines = [line.expandtabs(4).rstrip() for line in text.replace("\f", "\n\n").split("\n")]
    return [list(group) for filled, group in itertools.groupby(lines, bool) if filled]


def _without_rules(lines: list[str]) -> list[str]:
    """Lines of "----" are decoration; one under the first line of a group makes that line a heading, and so on."""
    headings: list[str] = []
    at = 0
    while at + 1 < len(lines) and _UNDERLINE.match(lines[at + 1]) and len(lines[at]) <= _LONGEST_HEADING:
        headings.append(lines[at] + ("\0" if "=" in lines[at + 1] else "\1"))
        at += 2
    return headings + [line for line in lines[at:] if not _UNDERLINE.match(line)]


def _blocks_of(lines: list[str], following: Sequence[str], *, first: bool) -> list[Block]:
    underlined = list(itertools.takewhile(lambda line: line[-1] in "\0\1", lines))
    if underlined:
        headings = [Block(BlockKind.HEADING, tidy(line[:-1]), level="\0\1".index(line[-1]) + 1) for line in underlined]
        rest = lines[len(underlined) :]
        return headings + (_blocks_of(rest, following, first=False) if rest else [])
    if len(lines) == 1 and _is_heading(lines[0], following):
        line = tidy(lines[0])
        level = 3 if line.endswith("?") else 1 if first else 2
        return [Block(BlockKind.HEADING, line, level=level)]
    asked = [at for at in range(len(lines) - 1) if _is_question_over_answer(lines[at], lines[at + 1])]
    if asked[:1] == [0]:
        return [block for at, after in itertools.pairwise([*asked, len(lines)]) for block in _answered(lines[at:after])]
    return _paragraph_blocks(lines)


def _is_heading(line: str, following: Sequence[str]) -> bool:
    """Short, without a full stop, not a list item, and something longer follows."""
    text = line.strip()
    if not following or is_bulleted(text) or not has_words(text) or marked_role(text):
        return False
    if text.endswith("?") and len(text) <= _LONGEST_QUESTION:
        return not following[0].strip().endswith("?")
    if len(text) > _LONGEST_HEADING:
        return False
    if text[-1] in ".,;:!…" or text[0].islower():
        return False
    return len(following) > 1 or len(following[0].strip()) > len(text) or following[0].strip()[-1] in ".!:"


def _is_question_over_answer(line: str, below: str) -> bool:
    """A line that asks, above one that does not. Marked ones ("Q: …") are joined with their answers in `pairs.py`."""
    question = line.strip()
    return (
        question.endswith("?")
        and len(question) <= _LONGEST_QUESTION
        and not is_bulleted(question)
        and not marked_role(question)
        and not below.strip().endswith("?")
    )


def _answered(lines: Sequence[str]) -> list[Block]:
    return [Block(BlockKind.HEADING, tidy(lines[0]), level=3), *_paragraph_blocks(lines[1:])]


def _paragraph_blocks(lines: Sequence[str]) -> list[Block]:
    blocks: list[tuple[BlockKind, list[str]]] = []
    ends_everywhere = all(line.rstrip().endswith(_ENDS) for line in lines)  # no wrapped prose ends so every time
    for line in lines:
        text = tidy(line)
        if not has_words(text):
            continue
        if marked_role(text):
            blocks.append((BlockKind.PARAGRAPH, [without_bullet(text)]))
        elif is_bulleted(line.lstrip()) or is_numbered(text):
            blocks.append((BlockKind.LIST_ITEM, [without_bullet(text)]))
        elif blocks and not ends_everywhere and _continues(*blocks[-1], line):
            blocks[-1][1].append(text)
        else:
            blocks.append((BlockKind.PARAGRAPH, [text]))
    return [Block(kind, " ".join(parts)) for kind, parts in blocks]


def _continues(kind: BlockKind, parts: Sequence[str], line: str) -> bool:
    """Whether a line is the wrapped rest of the one above: that was long, or this is an item's indented rest."""
    if kind is BlockKind.LIST_ITEM and line.startswith("  "):
        return True
    return len(parts[-1]) >= _WRAPPED or line.lstrip()[:1].islower()
