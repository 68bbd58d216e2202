"""What a PDF's reader tells of a page, for `layout.py` and `grid.py`. Refuses to know PDF; distances are in points."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page: `x`, `y` where it begins (y grows upwards), `size` of its letters.

    `cells` are (x, words) where wide gaps part the line; they make a table only when lines agree on them.
    """

    text: str
    page: int
    x: float
    y: float
    size: float
    bold: bool = False
    cells: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """A bookmark: the heading's words, its page from 1, its depth from 1."""

    title: str
    page: int
    level: int
