"""Rows of a spreadsheet as blocks: captions, categories, rows as sentences, questions with answers.

Refuses to know where the rows come from (CSV, XLSX). A sheet is written for eyes: titles stand above the names of
the columns, a category takes a row of its own, an empty row begins another table.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.parsing.base import Block, BlockKind
from core.parsing.sheet_names import column_names, faq_columns
from core.parsing.tables import row_text
from core.parsing.tidying import has_words, tidy

_LONGEST_CAPTION = 120


@dataclass(frozen=True, slots=True)
class Row:
    """A row with something in it: `at` counts from any start, `cells` are column -> words, empty ones left out.

    `bold`: every cell is; `wide`: its only cell is drawn over the whole table.
    """

    at: int
    cells: Mapping[int, str]
    bold: bool = False
    wide: bool = False


def sheet_blocks(rows: Sequence[Row]) -> list[Block]:
    """Blocks of one sheet in order. Captions are headings of level 2, categories of level 3."""
    blocks: list[Block] = []
    names: dict[int, str] = {}
    tables = list(_tables(rows))
    for number, table in enumerate(tables):
        width = max(len(row.cells) for row in table)
        if width == 1 and len(tables) > 1:
            blocks += _captions(table, above=number + 1 < len(tables))
            continue
        lines = list(itertools.takewhile(lambda row: len(row.cells) == 1, table)) if width > 1 else []
        blocks += _captions(lines, above=True)
        table = table[len(lines) :]
        found = column_names([row.cells for row in table], bold=table[0].bold and not table[-1].bold)
        if found:
            names, table = found, table[1:]
        elif not all(set(row.cells) <= set(names) for row in table):
            names = {}
        blocks += _rows_as_blocks(table, names)
    return blocks


def _tables(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Rows without an empty one between them."""
    table: list[Row] = []
    for row in rows:
        if table and row.at != table[-1].at + 1:
            yield table
            table = []
        table.append(row)
    if table:
        yield table


def _captions(lines: Sequence[Row], *, above: bool) -> Iterator[Block]:
    """Lines of one cell: titles where they stand above a table and are short, else a text."""
    for row in lines:
        text = tidy(next(iter(row.cells.values())))
        titled = above and len(text) <= _LONGEST_CAPTION and not text.endswith((".", "!", ";", ":"))
        if has_words(text):
            yield Block(BlockKind.HEADING, text, level=2) if titled else Block(BlockKind.PARAGRAPH, text)


def _rows_as_blocks(table: Sequence[Row], names: Mapping[int, str]) -> Iterator[Block]:
    categories = _categories(table, names)
    question, answer = faq_columns(names, [row.cells for row in table])
    for row in table:
        text = _sentence(row.cells, {} if row.at in categories else names)
        if row.at in categories:
            yield Block(BlockKind.HEADING, text, level=3)
        elif row.cells.get(question) and row.cells.get(answer):
            rest = {column: words for column, words in row.cells.items() if column not in (question, answer)}
            lines = [row.cells[answer], _sentence(rest, names)]
            yield Block(BlockKind.PAIR, "\n".join(filter(has_words, lines)), question=tidy(row.cells[question]))
        elif has_words(text) and list(row.cells.values()) != [names.get(column) for column in row.cells]:
            yield Block(BlockKind.TABLE_ROW, text)


def _categories(table: Sequence[Row], names: Mapping[int, str]) -> set[int]:
    """Places of rows that name those below: one short cell, and a full row follows.

    One that is neither bold nor drawn across the table is believed where it is the leftmost and the table begins with
    such a row: elsewhere it may be a product without a price.
    """
    columns = sorted({column for row in table for column in row.cells} | set(names))
    alone = [
        row
        for row, below in itertools.pairwise(table)
        if len(row.cells) == 1 and len(below.cells) > 1 and len(next(iter(row.cells.values()))) <= _LONGEST_CAPTION
    ]
    grouped = len(columns) > 2 and alone[:1] == list(table[:1]) and all(columns[0] in row.cells for row in alone)
    return {row.at for row in alone if grouped or row.wide or row.bold}


def _sentence(cells: Mapping[int, str], names: Mapping[int, str]) -> str:
    """As `row_text`, over the columns where there is a name or a value."""
    if not names:
        return row_text((), [cells[column] for column in sorted(cells)])
    columns = sorted(set(cells) | set(names))
    return row_text([names.get(column, "") for column in columns], [cells.get(column, "") for column in columns])
