"""Tables in lines of a page: lines in a row whose cells stand below each other. Refuses to know PDF.

Cells of several lines are understood when their further lines follow the row; other tables are read as lines of
text, as they stand.
"""

import itertools
from collections.abc import Iterator, Sequence

from core.parsing.base import Block
from core.parsing.layout_line import Line
from core.parsing.tables import are_column_names, looks_like_header, table_blocks
from core.parsing.tidying import tidy

_FEWEST_ROWS = 3
_ALIGNED = 3.0


def find_tables(lines: Sequence[Line]) -> Iterator[range]:
    """Positions of the lines of each table."""
    start = 0
    while start < len(lines):
        rows = [lines[start]] if len(lines[start].cells) > 1 else []
        end = start + 1
        while rows and end < len(lines):
            if _is_next_row(rows, lines[end]):
                rows.append(lines[end])
            elif not _is_rest_of_cell(rows[0], lines[end - 1], lines[end]):
                break
            end += 1
        if len(rows) >= _FEWEST_ROWS:
            yield range(start, end)
            start = end
        else:
            start += 1


def blocks_of_table(lines: Sequence[Line]) -> list[Block]:
    """One block a row, with the columns' names when the first line gives them."""
    rows: list[list[str]] = []
    for line in lines:
        if line.cells:
            rows.append([tidy(words) for _, words in line.cells])
        else:
            column = _column(lines[0], line)
            rows[-1][column] += f" {line.text}"
    named = lines[0].bold and not lines[1].bold and are_column_names(rows[0])
    return table_blocks(rows, header=named or looks_like_header(rows), page=lines[0].page)


def _is_next_row(rows: Sequence[Line], line: Line) -> bool:
    """As many cells as the rows above, on the same page, each in its column."""
    above = rows[-1]
    if len(line.cells) < 2 or len(line.cells) != len(above.cells) or line.page != above.page or line.y >= above.y:
        return False
    if all(abs(one[0] - other[0]) <= _ALIGNED for one, other in zip(line.cells, above.cells, strict=True)):
        return True
    return len(line.cells) > 2 and _columns_keep_apart([*rows, line])


def _is_rest_of_cell(first: Line, above: Line, line: Line) -> bool:
    """A line that begins below a column, other than the leftmost, just under the row."""
    close = line.page == above.page and 0 < above.y - line.y < 2 * max(line.size, 1)
    return close and not line.cells and _column(first, line) > 0


def _column(first: Line, line: Line) -> int:
    """The column below whose beginning the line begins; 0 for the leftmost or none."""
    return next((at for at, (x, _) in enumerate(first.cells) if at and abs(x - line.x) <= _ALIGNED), 0)


def _columns_keep_apart(rows: Sequence[Line]) -> bool:
    """Centred and right-aligned columns: none begins right of where the next one begins in any row."""
    starts = list(zip(*[[x for x, _ in row.cells] for row in rows], strict=True))
    return all(max(left) < min(right) for left, right in itertools.pairwise(starts))
