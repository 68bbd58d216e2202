"""Cuts a document into passages: pieces small enough for the embedding model, whole enough to answer from.

By structure first: a passage stays under its heading, a question with its answer is a passage of its own, paragraphs
and table rows stay whole, a list keeps the sentence that leads it in. Only what does not fit is cut: between sentences,
a row between its cells. Pure; refuses to know files, models and databases.
"""

import itertools
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from core.parsing.base import Block, BlockKind, ParsedDocument
from core.sections import Section, sections_of
from core.sentences import split_sentences

__all__ = ["CountTokens", "PassageDraft", "cut_passages", "split_sentences"]

CountTokens = Callable[[Sequence[str]], list[int]]
_NUMBER = re.compile(r"^\(?\d{1,3}[.)]\s+")
_ITEM_NUMBER = re.compile(r"^\(?[\w.]{1,6}[.)]\s")


@dataclass(frozen=True, slots=True)
class PassageDraft:
    """A passage before it has an id. `heading` is a path, "Refunds > How long"; `page` is where it begins.

    `question` is what the text answers: a pair's question, which opens `text`, or a heading that asks.
    """

    chunk_index: int
    heading: str
    page: int | None
    text: str
    question: str = ""


@dataclass(frozen=True, slots=True)
class _Unit:
    """Text that stays whole. `lead` is said again when the unit opens a passage: a list's lead-in, or the sentence
    before in a paragraph that had to be cut."""

    text: str
    tokens: int
    page: int | None
    separator: str = "\n"
    lead: str = ""
    lead_tokens: int = 0
    lead_separator: str = ""
    keeps_next: bool = False


@dataclass(frozen=True, slots=True)
class _Cut:
    """Text under one heading path, or several small neighbours put together. `bare`: headings without text."""

    parts: tuple[tuple[tuple[str, ...], str], ...]
    page: int | None
    tokens: int
    question: str = ""
    bare: bool = False

    def heading(self) -> tuple[str, ...]:
        paths = [path for path, _ in self.parts]
        same = itertools.takewhile(lambda names: len(set(names)) == 1, zip(*paths, strict=False))
        return tuple(names[0] for names in same)

    def text(self) -> str:
        """A heading that the parts do not share stands as a line above its part."""
        depth = len(self.heading())
        lines = [line for path, text in self.parts for line in (" > ".join(path[depth:]), text) if line]
        return "\n".join(lines)


def cut_passages(
    parsed: ParsedDocument,
    count_tokens: CountTokens,
    max_tokens: int = 220,
    *,
    small_tokens: int = 24,
    overlap_tokens: int = 30,
) -> list[PassageDraft]:
    """The passages of a document in order. Heading and text of each together hold at most `max_tokens`.

    Neighbouring sections below `small_tokens` are put together. Where a paragraph had to be cut, its last sentence of
    at most `overlap_tokens` opens the next passage again. `count_tokens` is called a few times with long lists.
    """
    cutter = _Cutter(count_tokens, max_tokens, overlap_tokens)
    cuts = _merge_small(cutter.cut(sections_of(parsed.blocks)), small_tokens, max_tokens)
    return cutter.drafts(cuts)


def _merge_small(cuts: Sequence[_Cut], small: int, most: int) -> list[_Cut]:
    merged: list[_Cut] = []
    for cut in cuts:
        before = merged[-1] if merged else None
        if before and _belong_together(before, cut) and _are_small(before, cut, small, most):
            parts = before.parts + cut.parts
            merged[-1] = _Cut(parts, before.page, before.tokens + cut.tokens + 8, bare=cut.bare)
        else:
            merged.append(cut)
    return merged


def _belong_together(one: _Cut, other: _Cut) -> bool:
    """Sections of one parent, or a section and its first child."""
    path, further = one.parts[-1][0], other.parts[0][0]
    return path[:-1] == further[:-1] or path == further[:-1]


def _are_small(one: _Cut, other: _Cut, small: int, most: int) -> bool:
    """A scrap goes to its neighbour, two small ones go together; an answer stays alone under its question, and a
    heading that has no text takes no other's."""
    if one.question or other.question or one.bare != other.bare:
        return False
    together = one.tokens + other.tokens + 8
    return (min(one.tokens, other.tokens) <= small // 2 and together <= most * 3 // 4) or together <= 2 * small


class _Cutter:
    """Counts and cuts; `count` is asked for many texts at once, because that is how tokenizers are fast."""

    def __init__(self, count: CountTokens, most: int, overlap: int) -> None:
        self._count = count
        self._most = most
        self._overlap = overlap

    def cut(self, sections: Sequence[Section]) -> list[_Cut]:
        texts = [[_shown(block) for block in section.blocks] for section in sections]
        headings = [" > ".join(section.path) for section in sections]
        counts = iter(self._count(headings + [text for row in texts for text in row]))
        taken = [next(counts) for _ in headings]
        cuts: list[_Cut] = []
        for section, row, tokens in zip(sections, texts, taken, strict=True):
            path, tokens = self._shortened(section.path, tokens)
            room = self._most - tokens - 2
            units = list(self._units(section.blocks, [(text, next(counts)) for text in row], room))
            asked = section.blocks[0].question or _question_in(path)
            cuts += [
                replace(cut, parts=((path, cut.parts[0][1]),), question=asked, bare=section.bare)
                for cut in _pack(units, room)
            ]
        return cuts

    def drafts(self, cuts: Sequence[_Cut]) -> list[PassageDraft]:
        """Passages with a number each. Tokens do not add up exactly: what came out too long is halved."""
        found = [PassageDraft(0, " > ".join(cut.heading()), cut.page, cut.text(), cut.question) for cut in cuts]
        while True:
            counts = self._count([f"{draft.heading}\n{draft.text}" for draft in found])
            if all(count <= self._most for count in counts):
                break
            found = [
                part
                for draft, count in zip(found, counts, strict=True)
                for part in ([draft] if count <= self._most or len(draft.text) < 2 else _halves_of(draft))
            ]
        return [replace(draft, chunk_index=at) for at, draft in enumerate(found)]

    def _shortened(self, path: tuple[str, ...], tokens: int) -> tuple[tuple[str, ...], int]:
        """The end of a path that leaves at least two thirds of the room to the text, and its tokens."""
        while tokens > self._most // 3 and path:
            path = path[1:] if len(path) > 1 else tuple(_halves(path[0])[:1] if len(path[0]) > 1 else ())
            tokens = self._count([" > ".join(path)])[0]
        return path, tokens

    def _units(self, blocks: Sequence[Block], row: Sequence[tuple[str, int]], room: int) -> Iterator[_Unit]:
        lead, lead_tokens = "", 0
        for at, (block, (text, tokens)) in enumerate(zip(blocks, row, strict=True)):
            listed = block.kind in (BlockKind.LIST_ITEM, BlockKind.TABLE_ROW)
            if not listed:
                leads = text.endswith(":") and at + 1 < len(blocks) and tokens <= room // 3
                lead, lead_tokens = (text, tokens) if leads else ("", 0)
            if tokens > room:
                yield from self._parts(block, text, room)
            elif listed:
                yield _Unit(text, tokens, block.page, lead=lead, lead_tokens=lead_tokens)
            else:
                yield _Unit(text, tokens, block.page, keeps_next=bool(lead))

    def _parts(self, block: Block, text: str, room: int) -> Iterator[_Unit]:
        """What is too long for a passage. A pair's question and a row's first cell are said again in each part."""
        if block.kind is BlockKind.PAIR:
            yield from self._led(block.question, block.text.split("\n"), "\n", block.page, room)
        elif block.kind is BlockKind.TABLE_ROW and "; " in text:
            first, *cells = (f"{cell};" for cell in text.split("; "))
            cells[-1] = cells[-1].removesuffix(";")
            yield from self._led(first, cells, " ", block.page, room)
        else:
            yield from self._cut_up(text, block.page, room)

    def _led(self, lead: str, parts: Sequence[str], separator: str, page: int | None, room: int) -> Iterator[_Unit]:
        lead_tokens, *counts = self._count([lead, *parts])
        if lead_tokens > room // 3:
            yield from self._cut_up(separator.join([lead, *parts]), page, room)
            return
        left = room - lead_tokens - 2
        yield _Unit(lead, lead_tokens, page, keeps_next=True)
        for part, tokens in zip(parts, counts, strict=True):
            units = [_Unit(part, tokens, page)] if tokens <= left else list(self._cut_up(part, page, left))
            units[0] = replace(units[0], separator=separator)
            for unit in units:
                yield replace(unit, lead=lead, lead_tokens=lead_tokens, lead_separator=separator)

    def _cut_up(self, text: str, page: int | None, room: int) -> Iterator[_Unit]:
        """A paragraph as sentences; a sentence that is still too long as parts of it."""
        sentences = split_sentences(text)
        parts = [
            fitting
            for sentence, tokens in zip(sentences, self._count(sentences), strict=True)
            for fitting in ([(sentence, tokens)] if tokens <= room else self._fitting(sentence, room))
        ]
        lead, lead_tokens = "", 0
        for number, (sentence, tokens) in enumerate(parts):
            yield _Unit(sentence, tokens, page, " " if number else "\n", lead, lead_tokens)
            fits = tokens <= min(self._overlap, room // 4)
            lead, lead_tokens = (sentence, tokens) if fits else ("", 0)

    def _fitting(self, sentence: str, room: int) -> list[tuple[str, int]]:
        """Parts of a sentence that is too long, with their tokens."""
        halves = _halves(sentence)
        return [
            fitting
            for half, tokens in zip(halves, self._count(halves), strict=True)
            for fitting in ([(half, tokens)] if tokens <= room or len(half) < 2 else self._fitting(half, room))
        ]


def _question_in(path: tuple[str, ...]) -> str:
    return _NUMBER.sub("", path[-1]) if path and path[-1].endswith("?") else ""


def _shown(block: Block) -> str:
    if block.kind is BlockKind.PAIR:
        return f"{block.question}\n{block.text}"
    if block.kind is BlockKind.LIST_ITEM and not _ITEM_NUMBER.match(block.text):
        return f"- {block.text}"
    return block.text


def _pack(units: Sequence[_Unit], room: int) -> list[_Cut]:
    """Fill passages with units, evenly: three passages of 150 tokens are better than 220, 220 and 10."""
    total = sum(unit.tokens + 1 for unit in units)
    enough = total / max(1, math.ceil(total / room))
    packed: list[list[_Unit]] = []
    size = 0
    for at, unit in enumerate(units):
        needed = unit.tokens + 1 + (units[at + 1].tokens + 1 if unit.keeps_next and at + 1 < len(units) else 0)
        held = packed and packed[-1][-1].keeps_next
        if not packed or size + unit.tokens + 1 > room or (not held and (size >= enough or size + needed > room)):
            packed.append(_opening(unit, room) if packed else [unit])
            size = sum(part.tokens + 1 for part in packed[-1])
        else:
            packed[-1].append(unit)
            size += unit.tokens + 1
    return [_Cut((((), _joined(group)),), group[0].page, sum(u.tokens + 1 for u in group)) for group in packed]


def _opening(unit: _Unit, room: int) -> list[_Unit]:
    if not unit.lead or unit.lead_tokens + unit.tokens + 2 > room:
        return [unit]
    lead = _Unit(unit.lead, unit.lead_tokens, unit.page)
    return [lead, replace(unit, separator=unit.lead_separator or unit.separator)]


def _joined(units: Sequence[_Unit]) -> str:
    return units[0].text + "".join(unit.separator + unit.text for unit in units[1:])


def _halves_of(draft: PassageDraft) -> list[PassageDraft]:
    """Two passages of one, both under the pair's question."""
    lead = f"{draft.question}\n"
    if draft.question and draft.text.startswith(lead) and len(draft.text) > 2 * len(lead):
        return [replace(draft, text=lead + half) for half in _halves(draft.text.removeprefix(lead))]
    return [replace(draft, text=half) for half in _halves(draft.text)]


def _halves(text: str) -> list[str]:
    """Two parts, cut near the middle: at a line's end, else at a comma or the like, else at a space, else anywhere."""
    middle = len(text) // 2
    for border in (r"\n", r"(?<=[;:,.])\s", r"\s"):
        places = [found.start() for found in re.finditer(border, text)]
        near = min(places, key=lambda place: abs(place - middle), default=-1)
        edge = 0 if border == r"\n" else len(text) // 8
        if edge < near < len(text) - edge:
            return [text[:near].rstrip(), text[near:].strip()]
    return [text[:middle], text[middle:]]
