"""Markdown as models write it, made Slack's mrkdwn: pieces that stay whole where a message is cut.

Markdown-it's parser says what is a list, a link or code; nothing is guessed from characters. What Slack's own markup
would take for more than characters is escaped. Refuses to know messages and their limits.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

_PARSER = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_MARKS = {"strong": "*", "em": "_", "s": "~"}
_LISTS = ("bullet_list", "ordered_list")
_NO_FENCE = "`\u200b``"
_OPENED = ("http://", "https://", "mailto:", "tel:")
_INDENT = "    "
_LONG_LIST = 1500
"""Characters from which a list is a piece for each of its items."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A paragraph, a list, a table: `text` is mrkdwn, `plain` the same without formatting. Of `code`, both are bare."""

    text: str
    plain: str
    code: bool = False


def escape(text: str) -> str:
    """https://docs.slack.dev/messaging/formatting-message-text#escaping"""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def link(label: str, url: str) -> str:
    """Words that open an address; the words alone where nothing may be opened."""
    words = escape(" ".join(label.split()))
    if not url.startswith(_OPENED):
        return words
    address = escape(url.replace("<", "%3C").replace(">", "%3E").replace("|", "%7C").replace(" ", "%20"))
    return f"<{address}|{words}>" if words and words != address else f"<{address}>"


def fenced(code: str) -> str:
    """A block of code. What would end it early is broken by a space that nobody sees."""
    return f"```\n{escape(code.replace('```', _NO_FENCE))}\n```"


def pieces_of(markdown: str) -> list[Piece]:
    nodes = SyntaxTreeNode(_PARSER.parse(markdown)).children
    return [piece for node in nodes for piece in _pieces(node) if piece.text.strip()]


def _pieces(node: SyntaxTreeNode) -> list[Piece]:
    piece = _piece(node)
    if node.type not in _LISTS or len(piece.text) < _LONG_LIST:
        return [piece]
    return [Piece(text, f"{mark} {_words(item)}") for item, mark, text in _items(node)]


def _piece(node: SyntaxTreeNode) -> Piece:
    if node.type in ("fence", "code_block"):
        code = node.content.rstrip("\n")
        return Piece(code, code, code=True)
    if node.type == "table":
        table = _table(node)
        return Piece(table, table, code=True)
    return Piece(_block(node), _words(node))


def _block(node: SyntaxTreeNode) -> str:
    """Any block inside another one too, so code stands in its fence here."""
    if node.type == "heading":
        words = _inline(node.children, bold=True).strip()
        return f"*{words}*" if words else ""
    if node.type == "blockquote":
        return "\n".join(f"> {line}".rstrip() for line in _blocks(node.children, "\n\n").split("\n"))
    if node.type in _LISTS:
        return "\n".join(text for _, _, text in _items(node))
    if node.type in ("fence", "code_block"):
        return fenced(node.content.rstrip("\n"))
    if node.type == "table":
        return fenced(_table(node))
    if node.type == "hr":
        return "———"
    return _inline(node.children)


def _blocks(nodes: Sequence[SyntaxTreeNode], between: str) -> str:
    return between.join(text for node in nodes if (text := _block(node)))


def _items(node: SyntaxTreeNode) -> Iterator[tuple[SyntaxTreeNode, str, str]]:
    """Each with its mark, and as text."""
    for number, item in enumerate(node.children, int(node.attrs.get("start", 1))):
        mark = "•" if node.type == "bullet_list" else f"{number}."
        first, *rest = _blocks(item.children, "\n").split("\n")
        yield item, mark, "\n".join([f"{mark} {first}".rstrip(), *(f"{_INDENT}{line}" for line in rest)])


def _inline(nodes: Sequence[SyntaxTreeNode], *, bold: bool = False) -> str:
    """`bold`: all of it is already."""
    said = []
    for place, node in enumerate(nodes):
        if node.type in ("inline", "root"):
            said.append(_inline(node.children, bold=bold))
        elif node.type in _MARKS:
            said.append(_marked(node, nodes, place, bold))
        elif node.type == "link":
            said.append(link(_words(node), str(node.attrs.get("href", ""))))
        elif node.type == "image":
            said.append(link(node.content, str(node.attrs.get("src", ""))))
        elif node.type == "code_inline":
            said.append(f"`{escape(node.content)}`" if "`" not in node.content else escape(node.content))
        elif node.type in ("softbreak", "hardbreak"):
            said.append("\n")
        else:
            said.append(escape(node.content))
    return "".join(said)


def _marked(node: SyntaxTreeNode, nodes: Sequence[SyntaxTreeNode], place: int, bold: bool) -> str:
    """Slack sees marks around words only: "10*12*15 cm" is a size in both, not an emphasis."""
    inner = _inline(node.children, bold=bold)
    before = _words(nodes[place - 1])[-1:] if place else ""
    after = _words(nodes[place + 1])[:1] if place + 1 < len(nodes) else ""
    if before.isalnum() or after.isalnum():
        return f"{node.markup}{inner}{node.markup}"
    if bold and node.type == "strong":
        return inner
    mark = _MARKS[node.type]
    return f"{mark}{inner}{mark}"


def _words(node: SyntaxTreeNode) -> str:
    """As it would be read aloud."""
    return "".join(_heard(node))


def _heard(node: SyntaxTreeNode) -> Iterator[str]:
    if node.type in ("softbreak", "hardbreak"):
        yield "\n"
    elif not node.children or node.type == "image":
        yield node.content if node.type != "root" else ""
    for number, child in enumerate(node.children if node.type != "image" else ()):
        if number and child.block and child.type != "inline":
            yield "\n"
        yield from _heard(child)


def _table(node: SyntaxTreeNode) -> str:
    """Columns of one width, as only code keeps them in Slack."""
    rows = [
        [" ".join(_words(cell).split()) for cell in row.children] for part in node.children for row in part.children
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lined = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lined[0], "  ".join("-" * width for width in widths), *lined[1:]])
