"""Excel workbooks (.xlsx) as blocks. Refuses to compute formulas: their last results are in the file.

What its owner has hidden stays unread: hidden sheets, columns and rows are where purchase prices, margins and helper
lists lie. Rows that only a filter hides are read: a filter is a way of looking, not a secret.
"""

import contextlib
import itertools
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from openpyxl import load_workbook
from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.utils import column_index_from_string, range_boundaries
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook

# The reader inside openpyxl's read-only sheets. Those drop what we need (merged and hidden cells), pad rows up to the
# size that a file claims to have (a million rows of sixteen thousand cells), and fail for a bad printing option.
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet._reader import COL_TAG, FILTER_TAG, MERGE_TAG, ROW_TAG, WorkSheetParser
from openpyxl.xml.functions import iterparse

from core.errors import DocumentBroken, DocumentLocked, DocumentTooHard
from core.parsing.base import Block, BlockKind, ParsedDocument
from core.parsing.cell_text import Writing, shown
from core.parsing.sheet import Row, sheet_blocks
from core.parsing.tidying import has_words, tidy

LARGEST_PART = 64 * 1024 * 1024
LARGEST_PACKAGE = 3 * LARGEST_PART
_MOST_SHEETS = 100
_MOST_CELLS = 1_500_000  # rows count as one each
_MOST_CHARACTERS = 5_000_000
_LONGEST_MERGED = 200
_MOST_MERGED = 10_000
_NEEDED = re.compile(r"(?i)^/?xl/.*\.xml$|^\[content_types\]\.xml$|^docprops/.*\.xml$|\.rels$")
_GENERIC_SHEET = re.compile(r"(?i)^(?:sheet|лист|worksheet|tabelle|feuil|page|страница)\s*\d*$")
_GENERIC_TITLE = re.compile(r"(?i)^(?:untitled|book\d*|книга\d*|workbook|.*\.xlsx?)$")
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
# What zipfile, the XML readers and openpyxl raise for damaged files; the last has no error of its own for most.
FAULTS = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, InvalidFileException, SyntaxError),
    *(LookupError, ValueError, TypeError, AttributeError, AssertionError, ArithmeticError),
)


def read_xlsx(path: Path) -> ParsedDocument:
    """Blocks of all sheets in order, each under its name.

    Raises `DocumentLocked` for an encrypted package, `DocumentBroken` when it cannot be opened, `DocumentTooHard`
    above `LARGEST_PART` unpacked or `_MOST_CELLS`.
    """
    try:
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pictures, charts and rules that openpyxl does not keep
            _check_sizes(path)
            return _read(load_workbook(file, read_only=True, data_only=True, keep_links=False))
    except FAULTS as error:
        raise DocumentBroken from error


def _check_sizes(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    if any(entry.flag_bits & 1 for entry in entries):
        raise DocumentLocked
    sizes = [entry.file_size for entry in entries if _NEEDED.search(entry.filename.replace("\\", "/"))]
    if max(sizes, default=0) > LARGEST_PART or sum(sizes) > LARGEST_PACKAGE:
        raise DocumentTooHard


def _read(book: Workbook) -> ParsedDocument:
    sheets = [sheet for sheet in book.worksheets if isinstance(sheet, ReadOnlyWorksheet)]
    visible = [sheet for sheet in sheets if sheet.sheet_state == "visible"]
    if len(visible) > _MOST_SHEETS:
        raise DocumentTooHard
    budget = _Budget()
    blocks: list[Block] = []
    for sheet in visible:
        rows = sheet_blocks(_Sheet(book, sheet, budget).rows())
        named = len(visible) > 1 or not _GENERIC_SHEET.match(sheet.title.strip())
        if rows and named and has_words(sheet.title):
            blocks.append(Block(BlockKind.HEADING, tidy(sheet.title), level=1))
        blocks += rows
    return ParsedDocument("xlsx", title=_title(book), blocks=tuple(blocks))


def _title(book: Workbook) -> str:
    title = tidy(str(book.properties.title or ""))
    return "" if _GENERIC_TITLE.match(title) else title


class _Budget:
    """What all sheets together may hold: one text of 30 KB may be shown in a million cells."""

    def __init__(self) -> None:
        self._cells = self._characters = 0

    def spend(self, text: str) -> None:
        self._cells += 1
        self._characters += len(text)
        if self._cells > _MOST_CELLS or self._characters > _MOST_CHARACTERS:
            raise DocumentTooHard


class _Cell(NamedTuple):
    """As openpyxl's parser gives it."""

    row: int
    column: int
    value: object
    data_type: str
    style_id: int


class _Sheet:
    """One sheet, read once: what is merged stands at the end of its part."""

    def __init__(self, book: Workbook, sheet: ReadOnlyWorksheet, budget: _Budget) -> None:
        self._book: Any = book  # fonts and formats by style are nowhere but in its private lists
        self._sheet: Any = sheet
        self._budget = budget
        self._merged: list[str] = []
        self._filtered = False

    def rows(self) -> list[Row]:
        """Rows with something visible in them."""
        book = self._book
        with self._sheet._get_source() as source:
            parser = WorkSheetParser(
                source,
                self._sheet._shared_strings,
                data_only=True,
                epoch=book.epoch,
                date_formats=book._date_formats,
                timedelta_formats=book._timedelta_formats,
            )
            read = self._read(parser, source)
        writing = Writing(_is_russian(self._sheet.title, read))
        hidden_rows = set() if self._filtered else _hidden_rows(parser)
        rows = {at: self._cells(row, writing) for at, row in read.items() if at not in hidden_rows}
        hidden = list(_hidden_columns(parser))
        wide = self._spread_merged(rows)
        return [
            Row(at, visible, bold, at in wide)
            for at, (cells, bold) in sorted(rows.items())
            if (visible := {at: text for at, text in cells.items() if not any(at in span for span in hidden)})
        ]

    def _read(self, parser: WorkSheetParser, source: Any) -> dict[int, list[_Cell]]:
        rows: dict[int, list[_Cell]] = {}
        for _, element in iterparse(source):
            if element.tag == ROW_TAG:
                at, cells = parser.parse_row(element)
                self._budget.spend("")
                rows[at] = [_Cell(**cell) for cell in cells if cell["value"] is not None]
                for cell in rows[at]:
                    self._budget.spend(str(cell.value))
            elif element.tag == COL_TAG:
                parser.parse_column_dimensions(element)
            elif element.tag == MERGE_TAG:
                self._merged += [merged.get("ref", "") for merged in element]
            elif element.tag == FILTER_TAG:
                self._filtered = len(element) > 0
            else:
                continue
            element.clear()
        return rows

    def _cells(self, row: Sequence[_Cell], writing: Writing) -> tuple[dict[int, str], bool]:
        """Words by column, and whether all of them are bold."""
        texts = {cell: shown(cell.value, self._format(cell.style_id), writing) for cell in row}
        cells = {cell.column: text for cell, text in texts.items() if text}
        return cells, bool(cells) and all(self._is_bold(cell.style_id) for cell, text in texts.items() if text)

    def _format(self, style: int) -> str:
        with contextlib.suppress(IndexError):
            number = self._book._cell_styles[style].numFmtId
            return str(BUILTIN_FORMATS.get(number) or self._book._number_formats[number - 164])
        return "General"

    def _is_bold(self, style: int) -> bool:
        with contextlib.suppress(IndexError):
            return bool(self._book._fonts[self._book._cell_styles[style].fontId].b)
        return False

    def _spread_merged(self, rows: dict[int, tuple[dict[int, str], bool]]) -> set[int]:
        """Say a label again in all rows that its cell reaches down to; the rows with a caption across the table."""
        wide: set[int] = set()
        for merged in self._merged[:_MOST_MERGED]:
            column, row, last_column, last_row = range_boundaries(merged)
            cells, _ = rows.get(row, ({}, False))
            text = cells.get(column, "")
            if text and len(cells) == 1 and last_column > column:
                wide.add(row)
            if text and len(text) <= _LONGEST_MERGED:
                for at in range(row + 1, min(last_row, row + _MOST_MERGED) + 1):
                    if at in rows and rows[at][0]:
                        self._budget.spend(text)
                        rows[at][0].setdefault(column, text)
        return wide


def _hidden_rows(parser: WorkSheetParser) -> set[int]:
    return {int(at) for at, row in parser.row_dimensions.items() if _is_true(row.get("hidden"))}


def _hidden_columns(parser: WorkSheetParser) -> Iterator[range]:
    for letters, column in parser.column_dimensions.items():
        if _is_true(column.get("hidden")):
            first = column_index_from_string(letters)
            yield range(first, max(first, int(column.get("max", first))) + 1)


def _is_russian(title: str, rows: Mapping[int, Sequence[_Cell]]) -> bool:
    texts = (str(cell.value) for row in itertools.islice(rows.values(), 100) for cell in row)
    return _CYRILLIC.search(title) is not None or any(map(_CYRILLIC.search, texts))


def _is_true(value: str | None) -> bool:
    return value in ("1", "true")
