"""Lines of pages as blocks: what repeats is dropped, headings are seen, broken lines become paragraphs again.

Refuses to know PDF. Distances are in points and only ever compared with each other.
"""

import itertools
import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence

from core.parsing.base import Block, BlockKind
from core.parsing.grid import blocks_of_table, find_tables
from core.parsing.layout_line import Line, OutlineEntry
from core.parsing.tidying import has_words, is_bulleted, is_numbered, without_bullet

_LONGEST_HEADING = 140
_ENDS = (".", "!", "?", "…", ":", ";")
_CLOSING = "\"'”’»)]"
_CLAUSE = re.compile(r"^\d{1,3}(?:\.\d{1,3})+\.?\s")
_STRONG_BULLET = re.compile("^[•●◦▪■□‣⁃∙·\uf0b7\uf0a7*]\\s*")


def lay_out(lines: Sequence[Line], pages: int, outline: Sequence[OutlineEntry] = ()) -> list[Block]:
    """Blocks in reading order with the page on which each begins."""
    body, running = without_running_lines(lines, pages)
    blocks: list[Block] = []
    if body:
        blocks = _Builder(body, list(find_tables(body)), outline).build()
    return blocks + [Block(BlockKind.PARAGRAPH, line.text, page=line.page) for line in running]


def without_running_lines(lines: Sequence[Line], pages: int) -> tuple[list[Line], list[Line]]:
    """(lines of the text, running lines worth keeping once).

    A running header or footer stands among the outermost three lines of most pages, the same up to a page number. One
    that holds an address or a telephone is kept once, at the end: it may be the only place that says it.
    """
    if pages < 2:
        return list(lines), []
    found: defaultdict[str, set[int]] = defaultdict(set)
    keys = {line: _running_keys(line) for line in _outermost(lines)}
    for line, names in keys.items():
        for name in names:
            found[name].add(line.page)
    enough = max(2, 0.6 * pages)
    dropped = {line for line, names in keys.items() if any(len(found[name]) >= enough for name in names)}
    kept = {line.text: line for line in reversed(list(dropped)) if re.search(r"@|www\.|\+?\d[\d\s()-]{6,}", line.text)}
    return [line for line in lines if line not in dropped], sorted(kept.values(), key=lambda line: -line.y)


def _outermost(lines: Sequence[Line]) -> list[Line]:
    by_page: defaultdict[int, list[Line]] = defaultdict(list)
    for line in lines:
        by_page[line.page].append(line)
    outermost = []
    for page_lines in by_page.values():
        heights = sorted({line.y for line in page_lines})
        edges = {*heights[:3], *heights[-3:]}
        outermost += [line for line in page_lines if line.y in edges]
    return outermost


def _running_keys(line: Line) -> set[str]:
    """Names under which a line may repeat: as it is, or with one number counted from the page's own."""
    height = round(line.y / 6)
    keys = {f"{height + drift} {line.text}" for drift in (0, 1)}
    for number in re.finditer(r"\d{1,4}", line.text):
        relative = f"{line.text[: number.start()]}<{int(number[0]) - line.page}>{line.text[number.end() :]}"
        keys |= {f"{height + drift} {relative}" for drift in (0, 1)}
    return keys


def _headings(lines: Sequence[Line], outline: Sequence[OutlineEntry]) -> dict[int, int]:
    """Position of a line -> heading level: by the outline where it names the line, else by size and weight."""
    weights: Counter[float] = Counter()
    for line in lines:
        weights[line.size] += len(line.text)
    body = weights.most_common(1)[0][0]
    candidates = [at for at, line in enumerate(lines) if _stands_out(line, body) and not _is_bold_prose(lines, at)]
    styles = sorted({_style(lines[at]) for at in candidates}, reverse=True)
    levels = {at: min(styles.index(_style(lines[at])) + 1 + _depth(lines[at].text), 6) for at in candidates}
    for entry in outline:
        levels |= dict.fromkeys(_lines_named(lines, entry), entry.level)
    return levels


def _style(line: Line) -> tuple[float, bool, bool]:
    """What makes one heading higher than another: size, then capitals, then weight."""
    return line.size, line.text.isupper(), line.bold


def _depth(text: str) -> int:
    """How far below its style's level a numbered heading stands: "8.1" is one below."""
    number = _CLAUSE.match(text)
    return number[0].strip().rstrip(".").count(".") if number else 0


def _stands_out(line: Line, body: float) -> bool:
    text = line.text
    if len(text) > _LONGEST_HEADING or not has_words(text) or text.endswith((".", ",", ";")) or is_bulleted(text):
        return False
    return line.size > body * 1.12 or (line.bold and line.size >= body * 0.95 and not text[0].islower())


def _is_bold_prose(lines: Sequence[Line], at: int) -> bool:
    """A long run of bold lines at one size is emphasis, not a heading."""
    line = lines[at]
    first, last = at, at
    while first > 0 and _same_style(lines[first - 1], line):
        first -= 1
    while last + 1 < len(lines) and _same_style(lines[last + 1], line):
        last += 1
    return last - first >= 4 or (line.bold and len(lines) == last - first + 1 > 1)


def _same_style(one: Line, other: Line) -> bool:
    return one.page == other.page and one.size == other.size and one.bold == other.bold


def _lines_named(lines: Sequence[Line], entry: OutlineEntry) -> list[int]:
    """The one to three lines of the page whose words are the bookmark's."""
    wanted = _letters(entry.title)
    for first, line in enumerate(lines):
        if line.page != entry.page or not wanted.startswith(_letters(line.text)) or not _letters(line.text):
            continue
        for last in range(first, min(first + 3, len(lines))):
            if _letters("".join(part.text for part in lines[first : last + 1])) == wanted:
                return list(range(first, last + 1))
    return []


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


class _Builder:
    """Joins lines into blocks. `_parts` are the lines of the block that may still grow."""

    def __init__(self, lines: Sequence[Line], tables: Sequence[range], outline: Sequence[OutlineEntry]) -> None:
        self._lines = lines
        self._tables = {table.start: table for table in tables}
        rows = {at for table in tables for at in table}
        self._headings = {at: level for at, level in _headings(lines, outline).items() if at not in rows}
        self._vocabulary = {word.casefold() for line in lines for word in re.findall(r"[\w-]+", line.text)}
        self._pitch = _usual_pitch(lines)
        self._edges = _usual_edges(lines)
        self._left = min(line.x for line in lines)

    def build(self) -> list[Block]:
        blocks: list[Block] = []
        group: list[int] = []
        after_table = 0
        for at in range(len(self._lines)):
            if table := self._tables.get(at):
                blocks += [self._block(group)] if group else []
                blocks += blocks_of_table(self._lines[table.start : table.stop])
                group, after_table = [], table.stop
            if at < after_table:
                continue
            if group and (self._begins_block(group[-1], at) or self._leaves_a_second_page(group, at)):
                blocks.append(self._block(group))
                group = []
            group.append(at)
        if group:
            blocks.append(self._block(group))
        return [block for block in blocks if has_words(block.text)]

    def _leaves_a_second_page(self, group: Sequence[int], at: int) -> bool:
        """A paragraph may run over one border of pages; text without any paragraphs must not lose its pages."""
        first, last = self._lines[group[0]].page, self._lines[group[-1]].page
        return first != last != self._lines[at].page

    def _block(self, group: Sequence[int]) -> Block:
        first = self._lines[group[0]]
        text = first.text
        for at in group[1:]:
            text = self._join(text, self._lines[at].text)
        text = text.replace("\u00ad", "")
        if level := self._headings.get(group[0]):
            return Block(BlockKind.HEADING, text, level=level, page=first.page)
        if _STRONG_BULLET.match(text) or is_bulleted(text) or (is_numbered(text) and not _CLAUSE.match(text)):
            bare = without_bullet(_STRONG_BULLET.sub("", text))
            return Block(BlockKind.LIST_ITEM, bare, page=first.page)
        return Block(BlockKind.PARAGRAPH, text, page=first.page)

    def _join(self, text: str, rest: str) -> str:
        """Two parts of a paragraph; a word broken at the line's end is mended unless its hyphen belongs there."""
        if text.endswith("\u00ad"):
            return text[:-1] + rest
        if not re.search(r"\w[-‐]$", text) or not rest[:1].islower():
            return f"{text} {rest}"
        head = re.findall(r"[\w-]+$", text[:-1])[-1:] or [""]
        tail = re.match(r"[\w-]+", rest)
        if "-" in head[0] or "/" in text.rsplit(" ", 1)[-1]:
            return text + rest
        whole = (head[0] + (tail[0] if tail else "")).casefold()
        hyphenated = f"{head[0]}-{tail[0] if tail else ''}".casefold()
        if whole not in self._vocabulary and (hyphenated in self._vocabulary or _is_compound(hyphenated)):
            return text + rest
        return text[:-1] + rest

    def _begins_block(self, before: int, at: int) -> bool:
        previous, line = self._lines[before], self._lines[at]
        if before in self._headings or at in self._headings:
            return not self._continues_heading(before, at)
        if _STRONG_BULLET.match(line.text) or abs(line.size - previous.size) > 0.15 * max(line.size, 1):
            return True
        ended = _has_ended(previous.text)
        if ended and (is_bulleted(line.text) or is_numbered(line.text) or _CLAUSE.match(line.text)):
            return True
        if line.page != previous.page:
            return ended or self._stops_early(previous, line, ended=False)
        drop = previous.y - line.y
        if drop < -1 or drop > self._pitch * 1.3 * line.size:
            return True
        return self._stops_early(previous, line, ended=ended)

    def _continues_heading(self, before: int, at: int) -> bool:
        previous, line = self._lines[before], self._lines[at]
        close = 0 <= previous.y - line.y <= self._pitch * 1.5 * line.size and line.page == previous.page
        same = self._headings.get(before) == self._headings.get(at) and previous.size == line.size
        return same and close and not (is_numbered(line.text) or _CLAUSE.match(line.text))

    def _stops_early(self, previous: Line, line: Line, *, ended: bool) -> bool:
        """The next word would have fitted on the line above, by far: the writer meant to begin anew."""
        needed = _right_edge(previous, 1 + len(line.text.split(" ", 1)[0]))
        edge = self._edges.get(round(previous.size), 0)
        spare = 0.1 if ended else 0.3
        return needed < edge - spare * (edge - self._left) and not line.text[0].islower()


def _is_compound(word: str) -> bool:
    """Words that keep their hyphen: a known first part or, in Russian, a known last one."""
    first, _, last = word.rpartition("-")
    known = {"de", "re", "non", "self", "pre", "co", "ex", "anti", "cross", "third", "well", "по", "из", "кое", "во"}
    return first in known or last in {"то", "либо", "нибудь", "ка", "за", "под"}


def _has_ended(text: str) -> bool:
    bare = text.rstrip(_CLOSING)
    abbreviated = re.search(r"\b\w\.\w\.$|\b(?:no|art|sec|mr|ms|dr|ст|п|г|ул|см|стр|тел)\.$", bare, re.IGNORECASE)
    return (bare.endswith(_ENDS) and not abbreviated) or text.endswith(("; and", "; or", ")"))


def _usual_pitch(lines: Sequence[Line]) -> float:
    """The usual distance of two lines, in sizes of their letters."""
    drops = [
        (one.y - two.y) / two.size
        for one, two in itertools.pairwise(lines)
        if one.page == two.page and one.size == two.size > 0 and 0.5 * two.size < one.y - two.y < 3 * two.size
    ]
    return statistics.median(drops) if drops else 1.2


def _usual_edges(lines: Sequence[Line]) -> dict[int, float]:
    """Where full lines end, by size of letters: nine lines of ten end no further right."""
    edges: defaultdict[int, list[float]] = defaultdict(list)
    for line in lines:
        edges[round(line.size)].append(_right_edge(line))
    return {size: sorted(found)[int(len(found) * 0.9)] for size, found in edges.items()}


def _right_edge(line: Line, further: int = 0) -> float:
    """Where the line ends with so many letters more; a letter is on average .45 of its size wide."""
    return line.x + (len(line.text) + further) * line.size * 0.45
