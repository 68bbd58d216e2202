"""Tables as sentences: a row becomes "column: value; column: value", so that it can be found and quoted alone.

Refuses to know formats; a reader hands over rows of cells and says whether the first row names the columns.
"""

import re
from collections.abc import Sequence

from core.parsing.base import Block, BlockKind

_LONGEST_COLUMN_NAME = 60


def looks_like_header(rows: Sequence[Sequence[str]]) -> bool:
    """Guess whether the first row names the columns, when the format does not say.

    At least two rows and three columns, every name there, short, different and without digits. A table of two
    columns is more often "phone | number" pairs, where a wrong guess would garble every row.
    """
    if len(rows) < 2 or len(rows[0]) < 3:
        return False
    names = [name.strip() for name in rows[0]]
    return are_column_names(names) and not any(re.search(r"\d", name) for name in names)


def are_column_names(names: Sequence[str]) -> bool:
    """Whether these cells could name columns: all but the first filled, short, all different."""
    filled = [name for name in names if name]
    return (
        len(filled) >= max(1, len(names) - 1)
        and len(set(filled)) == len(filled)
        and all(len(name) <= _LONGEST_COLUMN_NAME for name in filled)
    )


def table_blocks(rows: Sequence[Sequence[str]], *, header: bool, page: int | None = None) -> list[Block]:
    """Blocks of kind TABLE_ROW, one a row, empty rows left out. A header alone is kept as a row."""
    if not rows:
        return []
    names: Sequence[str] = rows[0] if header and len(rows) > 1 else ()
    texts = [row_text(names, row) for row in (rows[1:] if names else rows)]
    return [Block(BlockKind.TABLE_ROW, text, page=page) for text in texts if text]


def row_text(names: Sequence[str], row: Sequence[str]) -> str:
    """A row as a sentence: "Product: Tea; Price: 5"; `names` may be shorter than the row, or empty."""
    cells = []
    for position, cell in enumerate(row):
        value = " ".join(cell.split())
        if not value:
            continue
        name = " ".join(names[position].split()).rstrip(":") if position < len(names) else ""
        cells.append(f"{name}: {value}" if name and name != value else value)
    if not names and len(cells) == 2:
        return f"{cells[0].rstrip(':')}: {cells[1]}"
    return "; ".join(cells)
