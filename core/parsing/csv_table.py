"""Separated values (CSV, TSV, what a spreadsheet puts on the clipboard) as blocks. Refuses to know encodings.

Nothing in such a file says that it is one. It is a table when line after line falls into the same number of cells;
a text in which people write commas is not, for their commas are followed by spaces.
"""

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from core.errors import DocumentTooHard
from core.parsing.base import ParsedDocument
from core.parsing.sheet import Row, sheet_blocks
from core.parsing.tidying import tidy

# In the order of trust: a tab is hardly ever anything else, a comma mostly is.
_DELIMITERS = "\t;|,"
_NAMES = {".csv", ".tsv", ".tab"}
_SAMPLE_ROWS = 200
_MOST_CAPTIONS = 5
_LONGEST_CELL = 131_072
_MOST_ROWS = 500_000
# A quotation mark that is never closed swallows the rows below it.
_MOST_LINES_IN_A_CELL = 40
_EXCEL_LINE = re.compile(r'\A"?sep=(.)"?[ \t]*\n', re.IGNORECASE)
_QUOTED = re.compile(r'"(?:[^"\n]|"")*"')
_MARKDOWN_RULE = re.compile(r"(?=[\s:]*-)[\s:-]*")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the cells are parted. `quoting` is off where quotation marks are only inches and feet."""

    delimiter: str
    quoting: bool = True


def find_dialect(text: str, suffix: str = "") -> Dialect | None:
    """How this text parts its cells, None when it is no table. `suffix` is of the file's name: ".csv" is half a proof.

    Looks at the first 200 rows; the last line may be cut short.
    """
    if said := _EXCEL_LINE.match(text):
        return Dialect(said[1])
    found = []
    for trust, delimiter in enumerate(reversed(_DELIMITERS)):
        for quoting in (True, False):
            rows = _sample(text, Dialect(delimiter, quoting))
            if rows is None:
                continue
            rows = _without_captions(rows)
            counts = Counter(len(row) for row in rows)
            columns, agreeing = max(counts.items(), key=lambda count: (count[0] > 1, count[1]), default=(0, 0))
            share = agreeing / max(1, len(rows))
            if columns > 1 and _is_table(text, delimiter, rows, columns, share, named=suffix in _NAMES):
                found.append((round(share, 1), columns, trust, Dialect(delimiter, quoting)))
            break
    return max(found, key=lambda table: table[:3])[3] if found else None


def read_csv(text: str, suffix: str = "") -> ParsedDocument:
    """Blocks of a table: a sentence a row. Raises `DocumentTooHard` for more rows or longer cells than a table has."""
    dialect = find_dialect(text, suffix) or Dialect(",")
    return ParsedDocument("csv", blocks=tuple(sheet_blocks(list(_rows(text, dialect)))))


def read_cells(text: str, dialect: Dialect) -> Iterator[list[str]]:
    """Line after line as cells, blank ones left out. Raises `DocumentTooHard` for a cell beyond all measure."""
    try:
        yield from (cells for cells in _fields(text, dialect) if any(map(str.strip, cells)))
    except csv.Error as error:
        raise DocumentTooHard from error


def _rows(text: str, dialect: Dialect) -> Iterator[Row]:
    try:
        at = 0
        for fields in _fields(text, dialect):
            cells = {column: words for column, field in enumerate(fields) if (words := _tidy_lines(field))}
            if cells and all(_MARKDOWN_RULE.fullmatch(words) for words in cells.values()):
                continue
            at += 1
            if at > _MOST_ROWS:
                raise DocumentTooHard
            if cells:
                yield Row(at, cells)
    except csv.Error as error:  # a cell beyond `_LONGEST_CELL`
        raise DocumentTooHard from error


def _fields(text: str, dialect: Dialect) -> Iterator[list[str]]:
    csv.field_size_limit(_LONGEST_CELL)
    lines = io.StringIO(_EXCEL_LINE.sub("", text, count=1), newline="")
    if not dialect.quoting:
        return csv.reader(lines, delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE)
    return csv.reader(lines, delimiter=dialect.delimiter, skipinitialspace=True)


def _sample(text: str, dialect: Dialect) -> list[list[str]] | None:
    """The first rows that have anything in them; None when a quotation mark swallowed rows."""
    rows: list[list[str]] = []
    try:
        for row in _fields(text[: text.rfind("\n")] if text.count("\n") > 3 else text, dialect):
            if any(cell.count("\n") > _MOST_LINES_IN_A_CELL for cell in row):
                return None
            if any(cell.strip() for cell in row):
                rows.append(row)
            if len(rows) >= _SAMPLE_ROWS:
                break
    except csv.Error:
        return None
    return rows


def _without_captions(rows: list[list[str]]) -> list[list[str]]:
    """The rows below a title, which is one cell."""
    captions = list(itertools.takewhile(lambda row: len(row) == 1, rows[:_MOST_CAPTIONS]))
    return rows[len(captions) :]


def _is_table(text: str, delimiter: str, rows: list[list[str]], columns: int, share: float, *, named: bool) -> bool:
    """Whether the rows agree enough and the delimiter is not a mark of people's writing."""
    if named:
        return share >= 0.5
    if share < 0.85 or len(rows) < (2 if delimiter in "\t;" else 3):
        return False
    if sum(bool(cell.strip()) for row in rows for cell in row) < 1.5 * len(rows):
        return False  # indented text
    if delimiter == "\t":
        return True
    bare = _QUOTED.sub("", text[:65_536])
    marks = bare.count(delimiter)
    after = r"\s" if delimiter == "," else r"[^\S\n]"
    spaced = len(re.findall(rf"(?<!\s){re.escape(delimiter)}{after}", bare))
    between_digits = len(re.findall(rf"\d{re.escape(delimiter)}\d", bare))
    return spaced <= 0.3 * marks and not (columns == 2 and between_digits == marks)


def _tidy_lines(cell: str) -> str:
    return "\n".join(line for part in cell.split("\n") if (line := tidy(part)))
