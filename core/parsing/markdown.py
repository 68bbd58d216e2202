"""Markdown as blocks: headings, lists, tables, code, quotes. Refuses to know how Markdown looks on a page.

Front matter and template marks are dropped; comments and hidden HTML come last, as blocks that say so. The target of
a link to another site is kept beside its text, because customers ask for addresses.
"""

import re

from core.parsing.base import Block, BlockKind, ParsedDocument
from core.parsing.tables import table_blocks
from core.parsing.tidying import has_words, tidy

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title:[ \t]*(.+)$", re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_HIDDEN_ELEMENT = re.compile(
    r"<(span|div|p|font|b|i|small)\b(?:[^<>]{0,300}\shidden\b[^<>]{0,300}"
    r"|[^<>]{0,300}\bstyle\s*=\s*[\"'][^<>]{0,300}(?:display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?![.\d])"
    r"|font-size\s*:\s*[012](?:px|pt)?\s*[;\"'])[^<>]{0,300})>.{0,5000}?</\1>",
    re.DOTALL | re.IGNORECASE,
)
_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.*)$")
_UNDERLINE = re.compile(r"^ {0,3}(=+|-{2,})[ \t]*$")
_RULE = re.compile(r"^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_ITEM = re.compile(r"^\s*(?:[-*+•]|(\d{1,9}[.)]))[ \t]+(.*)$")
_TABLE_LINE = re.compile(r"^\s*+\|?(?:[ \t]*+:?-++:?[ \t]*+\|)++[ \t]*+(?::?-++:?)?[ \t]*+\|?\s*+$")
_CELL_BORDER = re.compile(r"(?<!\\)\|")
_REFERENCE = re.compile(r"^ {0,3}\[[^\]]+\]:\s+\S+.*$")
# The marks of one line. All are bounded: an unclosed mark must not be searched for to the end of a long line.
_ATTRIBUTES = re.compile(r"\{:[^}\n]{0,200}\}|\{%[^%\n]{0,200}%\}|\{\{[^}\n]{0,200}\}\}")
_IMAGE = re.compile(r"!\[([^\[\]]{0,300})\]\([^()\n]{0,1000}\)")
_LINK = re.compile(r"\[([^\[\]]{1,500})\]\( {0,3}<?([^()\s>]{0,1000})>?[^()\n]{0,300}\)")
_REFERENCE_LINK = re.compile(r"\[([^\[\]]{1,500})\]\[[^\[\]]{0,200}\]")
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^<>\s]{1,1000}|[^<>\s@]{1,100}@[^<>\s@]{1,200})>")
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,1000}>")
_STRONG = re.compile(r"(\*\*|__|~~)(?=\S)(.{1,500}?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*])([*_])(?=\S)(.{1,500}?)(?<=\S)\1(?![\w*])")
_CODE = re.compile(r"(?<!`)(`{1,3})(?!`)(.{1,500}?)(?<!`)\1(?!`)")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|<>~])")


def read_markdown(text: str) -> ParsedDocument:
    """Blocks of a Markdown file; the title is the front matter's, or else the first heading."""
    title = ""
    if front := _FRONT_MATTER.match(text):
        if named := _FRONT_TITLE.search(front[1]):
            title = tidy(named[1].strip().strip("\"'"))
        text = text[front.end() :]
    text, hidden = _without_hidden(text)
    blocks = [*_Reader(text).read(), *hidden]
    headings = (block.text for block in blocks if block.kind is BlockKind.HEADING)
    return ParsedDocument("md", title=title or next(headings, ""), blocks=tuple(blocks))


def _without_hidden(text: str) -> tuple[str, list[Block]]:
    """The text as a page would show it, and what it would not show: comments and hidden elements of HTML."""
    hidden: list[Block] = []

    def take(found: re.Match[str]) -> str:
        how = "comment" if found[0].startswith("<!") else "invisible"
        if has_words(words := tidy(_TAG.sub("", found[0].removeprefix("<!--").removesuffix("-->")))):
            hidden.append(Block(BlockKind.PARAGRAPH, words, hidden=how))
        return ""

    return _HIDDEN_ELEMENT.sub(take, _COMMENT.sub(take, text)), hidden


class _Reader:
    """Walks the lines once. `_open` is the text block that further lines may continue."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._at = 0
        self._blocks: list[Block] = []
        self._open: tuple[BlockKind, list[str]] | None = None

    def read(self) -> list[Block]:
        while self._at < len(self._lines):
            line = self._lines[self._at].expandtabs(4)
            self._at += 1
            self._take(re.sub(r"^ {0,3}(?:> ?)+", "", line))
        self._close()
        return self._blocks

    def _take(self, line: str) -> None:
        if fence := _FENCE.match(line):
            self._take_code(fence[1])
        elif not line.strip() or _REFERENCE.match(line):
            self._close()
        elif heading := _HEADING.match(line):
            self._close()
            self._add(BlockKind.HEADING, _without_closing_marks(heading[2]), len(heading[1]))
        elif self._underlines(line):
            self._heading_from_open(line)
        elif _RULE.match(line):
            self._close()
        elif "|" in line and self._at < len(self._lines) and _TABLE_LINE.match(self._lines[self._at]):
            self._take_table(line)
        elif item := _ITEM.match(line):
            self._close()
            self._open = (BlockKind.LIST_ITEM, [f"{item[1]} {item[2]}" if item[1] else item[2]])
        elif self._open:
            self._open[1].append(line)
        else:
            self._open = (BlockKind.PARAGRAPH, [line])

    def _underlines(self, line: str) -> bool:
        paragraph = self._open is not None and self._open[0] is BlockKind.PARAGRAPH
        return paragraph and _UNDERLINE.match(line) is not None

    def _heading_from_open(self, underline: str) -> None:
        assert self._open is not None  # noqa: S101  (`_underlines` has just said so)
        lines, self._open = self._open[1], None
        self._add(BlockKind.HEADING, " ".join(lines), 1 if "=" in underline else 2)

    def _take_code(self, fence: str) -> None:
        """Code stays a paragraph a line: each line may be what a customer must type."""
        self._close()
        while self._at < len(self._lines):
            line = self._lines[self._at]
            self._at += 1
            if line.strip().startswith(fence):
                return
            if has_words(line):
                self._blocks.append(Block(BlockKind.PARAGRAPH, tidy(line)))

    def _take_table(self, header: str) -> None:
        self._close()
        rows = [_cells(header)]
        self._at += 1
        while self._at < len(self._lines) and "|" in self._lines[self._at]:
            rows.append(_cells(self._lines[self._at]))
            self._at += 1
        self._blocks.extend(table_blocks(rows, header=any(rows[0])))

    def _close(self) -> None:
        if self._open:
            kind, lines = self._open
            self._open = None
            self._add(kind, " ".join(line.strip() for line in lines))

    def _add(self, kind: BlockKind, text: str, level: int = 0) -> None:
        if has_words(plain := tidy(without_marks(text))):
            self._blocks.append(Block(kind, plain, level=level))


def _without_closing_marks(heading: str) -> str:
    """ "Delivery ##" is "Delivery", "Why C#" stays."""
    text = heading.rstrip()
    bare = text.rstrip("#")
    return bare.rstrip() if bare[-1:].isspace() else text


def _cells(line: str) -> list[str]:
    return [tidy(without_marks(cell)) for cell in _CELL_BORDER.split(line.strip().strip("|"))]


def without_marks(text: str) -> str:
    """The words of a line of Markdown, as a reader would see them."""
    text = _ATTRIBUTES.sub("", text)
    text = _CODE.sub(r"\2", _REFERENCE_LINK.sub(r"\1", _LINK.sub(_link_text, _IMAGE.sub(r"\1", text))))
    text = _TAG.sub("", _AUTOLINK.sub(lambda link: link[1].removeprefix("mailto:"), text))
    text = _EMPHASIS.sub(r"\2", _STRONG.sub(r"\2", text))
    return _ESCAPE.sub(r"\1", text)


def _link_text(link: re.Match[str]) -> str:
    words, target = link[1], link[2].removeprefix("mailto:")
    shown = target.startswith(("http://", "https://")) or ("@" in target and target != words)
    return f"{words} ({target})" if shown and target.rstrip("/") not in words else words
