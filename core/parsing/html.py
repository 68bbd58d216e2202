"""HTML as blocks: headings, paragraphs, lists, tables. Refuses to know the network: nothing linked is fetched.

What a reader of the page would not read as its text is dropped: scripts, styles, menus, footers. What he would not
see at all, the usual place for instructions meant for a model, comes last, as blocks that say how they are hidden.
"""

import re
from dataclasses import replace
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag
from bs4.element import Comment, Doctype, NavigableString, ProcessingInstruction

from core.parsing.base import Block, BlockKind, ParsedDocument
from core.parsing.encoding import decode_text, is_utf8
from core.parsing.html_hidden import take_hidden
from core.parsing.pairs import pair
from core.parsing.tables import are_column_names, looks_like_header, table_blocks
from core.parsing.tidying import has_words, tidy

_DROPPED = {
    *("script", "style", "noscript", "template", "nav", "footer", "svg", "math", "iframe", "object", "canvas"),
    *("button", "select", "input", "textarea", "audio", "video", "dialog", "head"),
}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_INLINE = {
    *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "img"),
    *("ins", "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time"),
    *("tt", "u", "var", "wbr", "nobr"),
}
_DROPPED_ROLES = {"navigation", "contentinfo", "search", "menu", "menubar"}
_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def read_html(data: bytes) -> ParsedDocument:
    """Blocks of a page in reading order. Nesting deeper than lxml's 256 is flattened by the parser."""
    soup = BeautifulSoup(decode_html(data), "lxml")
    title = tidy(soup.title.get_text(" ")) if soup.title else ""
    hidden = take_hidden(soup)
    reader = _Reader()
    reader.walk(soup.body or soup)
    reader.end_paragraph()
    if not title:
        title = next((block.text for block in reader.blocks if block.kind is BlockKind.HEADING), "")
    return ParsedDocument("html", title=title, blocks=(*reader.blocks, *hidden))


def decode_html(data: bytes) -> str:
    """UTF-8 if it is that, whatever the page says; else by the page's own word; else by the rule for text."""
    declared = _CHARSET.search(data[:4096])
    if declared and not data.startswith(_MARKS) and not is_utf8(data):
        try:
            return data.decode(declared[1].decode("ascii"))
        except (LookupError, UnicodeDecodeError):
            pass
    return decode_text(data)


class _Reader:
    """Collects inline text until a block element begins or ends."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._text: list[str] = []
        self._kind = BlockKind.PARAGRAPH
        self._level = 0
        self._prefix = ""

    def walk(self, parent: Tag) -> None:
        for child in parent.children:
            if isinstance(child, Comment | Doctype | ProcessingInstruction):
                continue
            if isinstance(child, NavigableString):
                self._text.append(str(child))
            elif isinstance(child, Tag) and not _is_dropped(child):
                self._take(child)

    def end_paragraph(self) -> None:
        text = tidy("".join(self._text))
        self._text.clear()
        if has_words(text):
            self.blocks.append(Block(self._kind, self._prefix + text, level=self._level))
            self._prefix = ""

    def _take(self, element: Tag) -> None:
        name = element.name.lower()
        if name in ("br", "hr"):
            self.end_paragraph()
        elif name in _INLINE:
            self.walk(element)
            self._text.append(_shown_address(element))
        elif name in _HEADINGS:
            self._take_as(element, BlockKind.HEADING, int(name[1]))
        elif name in ("ul", "ol"):
            self._take_list(element, numbered=name == "ol")
        elif name in ("li", "dd"):
            self._take_as(element, BlockKind.LIST_ITEM)
        elif name == "table":
            self._take_table(element)
        elif name == "details":
            self._take_details(element)
        elif name == "dl":
            self._take_terms(element)
        else:
            self._take_as(element, self._kind, self._level)

    def _take_as(self, element: Tag, kind: BlockKind, level: int = 0, prefix: str = "") -> None:
        self.end_paragraph()
        before = self._kind, self._level, self._prefix
        self._kind, self._level, self._prefix = kind, level, prefix
        self.walk(element)
        self.end_paragraph()
        self._kind, self._level, self._prefix = before

    def _take_list(self, element: Tag, *, numbered: bool) -> None:
        self.end_paragraph()
        number = 0
        for item in element.find_all(True, recursive=False):
            if _is_dropped(item):
                continue
            number += 1
            self._take_as(item, BlockKind.LIST_ITEM, prefix=f"{number}. " if numbered else "")

    def _take_details(self, element: Tag) -> None:
        """What opens under a line when one clicks on it: a question and its answer."""
        self.end_paragraph()
        start = len(self.blocks)
        self._take_as(element, BlockKind.PARAGRAPH)
        asked, *answer = self.blocks[start:] or [Block(BlockKind.PARAGRAPH, "")]
        summed_up = element.summary is not None and asked.text == tidy(element.summary.get_text())
        if answer and summed_up and not asked.hidden and all(map(_can_answer, answer)):
            self.blocks[start:] = [pair(asked.text, answer, None)]

    def _take_terms(self, element: Tag) -> None:
        """Terms and what they mean: "Weight: 5 kg", or a question and its answer."""
        self.end_paragraph()
        term: list[Block] = []
        for part in element.find_all(["dt", "dd"]):
            if part.find_parent("dl") is not element or _is_dropped(part):
                continue
            start = len(self.blocks)
            self._take_as(part, BlockKind.LIST_ITEM)
            said = self.blocks[start:]
            if part.name == "dt":
                term = said
            elif len(term) == 1 and said and all(map(_can_answer, [*term, *said])):
                words = term[0].text
                meant = [replace(said[0], text=f"{words.rstrip(':')}: {said[0].text}"), *said[1:]]
                self.blocks[start - 1 :] = [pair(words, said, None)] if words.endswith("?") else meant
                term = []

    def _take_table(self, table: Tag) -> None:
        """A table of words becomes rows; one that lays out the page (a single cell wide, or nested) is walked."""
        self.end_paragraph()
        rows = [row for row in table.find_all("tr") if row.find_parent("table") is table and not _is_dropped(row)]
        cells = [list(row.find_all(["td", "th"], recursive=False)) for row in rows]
        if table.find("table") or max((len(row) for row in cells), default=0) < 2:
            self._take_as(table, BlockKind.PARAGRAPH)
            return
        if table.caption:
            self._take_as(table.caption, BlockKind.PARAGRAPH)
        texts = [[tidy(cell.get_text(" ")) for cell in row] for row in cells]
        named = bool(cells[0]) and all(cell.name == "th" for cell in cells[0]) and are_column_names(texts[0])
        self.blocks.extend(table_blocks(texts, header=named or looks_like_header(texts)))


def _is_dropped(element: Tag) -> bool:
    """Not the page's own text: scripts, menus, footers, fields."""
    return element.name.lower() in _DROPPED or str(element.get("role", "")).lower() in _DROPPED_ROLES


def _can_answer(block: Block) -> bool:
    return not block.hidden and block.kind not in (BlockKind.HEADING, BlockKind.PAIR)


def _shown_address(element: Tag) -> str:
    """ " (https://…)" after a link to another site: customers ask for addresses."""
    target = str(element.get("href", "")) if element.name.lower() == "a" else ""
    words = element.get_text(" ", strip=True)
    if target.startswith("mailto:"):
        target = target.removeprefix("mailto:").partition("?")[0]
        return f" ({target})" if "@" in target and target not in words else ""
    if _scheme(target) in ("http", "https") and words and target.rstrip("/") not in words:
        return f" ({target})"
    return ""


def _scheme(target: str) -> str:
    """The scheme of an address, nothing when it cannot be read."""
    try:
        return urlsplit(target).scheme
    except ValueError:
        return ""
