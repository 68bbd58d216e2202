"""The lines of a PDF page with their place, size, weight and cells. Refuses to know what a line means.

pypdf reports pieces of text with two matrices: the text's own and the page's. Their product says where the piece
begins, which way it runs and how large it is (ISO 32000-1, 9.4.4). Turned pages come out upright, because places
are measured along the writing and across it. pypdf's own line ends are not used: inside tables they are wrong.
"""

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from pypdf import PageObject

from core.parsing.base import Block, BlockKind
from core.parsing.layout_line import Line
from core.parsing.pdf_ink import Ink, Shown
from core.parsing.tidying import has_words, tidy

_BOLD = re.compile(r"(?i)bold|black|heavy|semibd|demi|[-,]bd\b")
_NARROW = frozenset(" .,;:!|'’()[]-ijltfIг")
# What stands before a list item or a clause: no column of a table.
_MARKER = re.compile(r"\W+|\(?\w{1,5}[.)]|\(\w{1,5}\)|\d{1,3}(?:\.\d{1,3})+\.?")
_SOFT_HYPHEN = "\u00ad"


@dataclass(frozen=True, slots=True)
class _Piece:
    """Text drawn at one go; `x` and `y` are along and across the writing."""

    text: str
    x: float
    y: float
    size: float
    bold: bool

    def end(self) -> float:
        """Where it ends, about: pypdf does not say how wide it is."""
        widths = (0.3 if letter in _NARROW else 0.7 if letter.isupper() else 0.53 for letter in self.text.rstrip())
        return self.x + self.size * sum(widths)


@dataclass(slots=True)
class _Page:
    """Gathers pieces until one stands on another line."""

    number: int
    lines: list[Line] = field(default_factory=list)
    _pieces: list[_Piece] = field(default_factory=list)

    def take(self, piece: _Piece) -> None:
        if not piece.text.strip():
            self._append_space(piece)
            return
        if self._pieces and not _same_line(self._pieces[0], self._pieces[-1], piece):
            self.end_line()
        self._pieces.append(piece)

    def end_line(self) -> None:
        if not self._pieces:
            return
        cells = _cells(self._pieces)
        raw = "".join(text for _, text in cells)
        if text := tidy(raw):
            if raw.rstrip().endswith(_SOFT_HYPHEN):
                text += _SOFT_HYPHEN
            letters = sum(len(piece.text.strip()) for piece in self._pieces)
            bold = sum(len(piece.text.strip()) for piece in self._pieces if piece.bold) > 0.8 * letters
            first = max(self._pieces, key=lambda piece: len(piece.text.strip()))
            place = round(self._pieces[0].x, 1), round(first.y, 1), round(first.size, 1)
            self.lines.append(Line(text, self.number, *place, bold, tuple(cells) if len(cells) > 1 else ()))
        self._pieces.clear()

    def _append_space(self, piece: _Piece) -> None:
        if piece.text and self._pieces and not self._pieces[-1].text.endswith(" "):
            last = self._pieces[-1]
            self._pieces[-1] = _Piece(f"{last.text} ", last.x, last.y, last.size, last.bold)


def lines_of_page(page: PageObject, number: int) -> tuple[list[Line], list[Block]]:
    """(lines in the order in which they were written into the file, blocks that a reader would not have seen).

    `y` grows upwards. A block holds what is hidden in one way and in one go.
    """
    ink = Ink.of(page)
    pieces: list[tuple[_Piece, Shown | None, tuple[float, float], bool]] = []

    def take(text: str, page_matrix: Sequence[float], matrix: Sequence[float], font: object, size: float) -> None:
        if text:
            x, y, scaled = _place(page_matrix, matrix, size)
            piece = _Piece(text.replace("\n", " " if text.strip() else ""), x, y, scaled, _is_bold(font))
            shown = ink.taken() if text.strip() else None
            pieces.append((piece, shown, _point(page_matrix, matrix), _is_scalable(font)))

    page.extract_text(visitor_operand_before=ink.before, visitor_operand_after=ink.after, visitor_text=take)
    gathered = _Page(number)
    hidden: list[tuple[str, str]] = []
    for piece, shown, (x, y), scalable in pieces:
        hiding = ink.hiding(shown, x, y, piece.size, scalable=scalable)
        if hiding:
            hidden.append((hiding, piece.text))
        else:
            gathered.take(piece)
    gathered.end_line()
    return gathered.lines, _hidden_blocks(hidden, number)


def _hidden_blocks(hidden: Sequence[tuple[str, str]], number: int) -> list[Block]:
    runs = (
        (how, tidy(" ".join(text for _, text in run))) for how, run in itertools.groupby(hidden, lambda one: one[0])
    )
    return [Block(BlockKind.PARAGRAPH, text, page=number, hidden=how) for how, text in runs if has_words(text)]


def _same_line(first: _Piece, last: _Piece, piece: _Piece) -> bool:
    """Less than half a letter higher or lower, and not back to the left."""
    apart = min(abs(piece.y - first.y), abs(piece.y - last.y))
    return apart < 0.5 * max(piece.size, last.size, 1.0) and piece.x > last.x - max(last.size, 1.0)


def _cells(pieces: Sequence[_Piece]) -> list[tuple[float, str]]:
    """Pieces that touch are one cell: (where it begins, its words)."""
    cells: list[tuple[float, str]] = []
    previous: _Piece | None = None
    for piece in pieces:
        if previous is None or piece.x - previous.end() > 0.9 * max(piece.size, 1.0):
            cells.append((round(piece.x, 1), piece.text))
        else:
            cells[-1] = (cells[-1][0], cells[-1][1] + piece.text)
        previous = piece
    if len(cells) > 1 and _MARKER.fullmatch(cells[0][1].strip()):
        cells[:2] = [(cells[0][0], f"{cells[0][1].rstrip()} {cells[1][1]}")]
    return cells


def _place(page: Sequence[float], text: Sequence[float], size: float) -> tuple[float, float, float]:
    """(along, across, size): where the piece begins, measured in the direction in which it is written."""
    a = text[0] * page[0] + text[1] * page[2]
    b = text[0] * page[1] + text[1] * page[3]
    c = text[2] * page[0] + text[3] * page[2]
    d = text[2] * page[1] + text[3] * page[3]
    x = text[4] * page[0] + text[5] * page[2] + page[4]
    y = text[4] * page[1] + text[5] * page[3] + page[5]
    width = math.hypot(a, b) or 1.0
    along, across = a / width, b / width
    return along * x + across * y, -across * x + along * y, abs(size) * math.hypot(c, d)


def _point(page: Sequence[float], text: Sequence[float]) -> tuple[float, float]:
    """Where the piece begins, in the page's own directions."""
    return (
        text[4] * page[0] + text[5] * page[2] + page[4],
        text[4] * page[1] + text[5] * page[3] + page[5],
    )


def _is_scalable(font: object) -> bool:
    """Whether the size is that of the letters: in Type 3 fonts each font says by itself what it means."""
    return not (isinstance(font, dict) and font.get("/Subtype") == "/Type3")


def _is_bold(font: object) -> bool:
    name = font.get("/BaseFont", "") if isinstance(font, dict) else ""
    return _BOLD.search(str(name)) is not None
