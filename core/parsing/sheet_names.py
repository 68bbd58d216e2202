"""Does the first row of a sheet name its columns, and which columns hold questions and answers? Refuses to know files.

Spreadsheets nearly always name their columns, so three columns or more are believed when nothing speaks against it;
two columns are often pairs ("Monday | 9 to 18") and need a proof.
"""

import re
from collections.abc import Mapping, Sequence

_LONGEST_NAME = 60
_CELLS = Mapping[int, str]
# Mostly digits: a number, a price, a date, a telephone; or an address.
_DIGITS = re.compile(r"\d")
_LETTERS = re.compile(r"[^\W\d_]")
_ADDRESS = re.compile(r"https?://|@")
_KNOWN = re.compile(
    r"(?i)^(?:(?:product|item|goods|service|name|title|price|cost|question|answer|q|a|description|category|quantity"
    r"|qty|amount|unit|size|date|day|time|hours|address|city|phone|email|link|sku|code|article|keyword|key|value|term"
    r"|товары?|услуг[аи]|наименование|название|имя|цен[аы]|стоимость|вопросы?|ответы?|описание|категория|количество"
    r"|кол-во|ед\.?|размер|дата|день|время|часы|адрес|город|телефон|почта|ссылка|артикул|код|параметр|значение)\b)"
)
_QUESTION = re.compile(r"(?i)^(?:q|в|faq|(?:customer\s+)?questions?|вопросы?(?:\s+(?:клиента|покупателя))?)\s*[.:?]?$")
_ANSWER = re.compile(r"(?i)^(?:a|о|(?:our\s+)?(?:answers?|reply|response)|(?:наш\s+)?ответы?)\s*[.:]?$")
_NOWHERE = (-1, -1)


def column_names(rows: Sequence[_CELLS], *, bold: bool) -> dict[int, str]:
    """The names in the first of these rows, column -> name; empty when it names nothing.

    `bold`: the first row is written in bold and the others are not.
    """
    if len(rows) < 2:
        return {}
    first, below = rows[0], [row for row in rows[1:] if dict(row) != dict(rows[0])]
    names = {column: " ".join(name.split()) for column, name in first.items()}
    columns = {column for row in rows for column in row}
    if not below or not _could_be_names(names, columns, bold=bold):
        return {}
    if any(name.casefold() == row.get(column, "").casefold() for column, name in names.items() for row in below):
        return {}
    return names if len(columns) > 2 or bold or _is_proven(names, below) else {}


def faq_columns(names: _CELLS, rows: Sequence[_CELLS]) -> tuple[int, int]:
    """(column of questions, column of answers) by their names, or of two columns without names by the questions."""
    questions = [column for column, name in names.items() if _QUESTION.match(name)]
    answers = [column for column, name in names.items() if _ANSWER.match(name)]
    if len(questions) == 1 and len(answers) == 1:
        return questions[0], answers[0]
    columns = sorted({column for row in rows for column in row} | set(names))
    if len(columns) != 2 or not rows:
        return _NOWHERE
    asking = sum(row.get(columns[0], "").rstrip().endswith("?") for row in rows)
    return (columns[0], columns[1]) if asking >= 0.6 * len(rows) else _NOWHERE


def _could_be_names(names: _CELLS, columns: set[int], *, bold: bool) -> bool:
    """Enough of them, short, all different, and none a mere value, such as a price (bold ones may be: "2026")."""
    distinct = {name.casefold() for name in names.values()}
    return (
        len(names) >= max(2, 0.6 * len(columns))
        and len(distinct) == len(names)
        and all(len(name) <= _LONGEST_NAME for name in names.values())
        and not any(name.endswith("?") for name in names.values())
        and (bold or not any(_is_value(name) for name in names.values()))
    )


def _is_proven(names: _CELLS, below: Sequence[_CELLS]) -> bool:
    """Two names are usual ones, or a column holds values under a name that is none."""
    usual = sum(_KNOWN.match(name) is not None for name in names.values())
    if usual > 1 or faq_columns(names, ()) != _NOWHERE:
        return True
    for column, name in names.items():
        filled = [row[column] for row in below if row.get(column)]
        if filled and not _is_value(name) and sum(map(_is_value, filled)) >= 0.6 * len(filled):
            return True
    return False


def _is_value(text: str) -> bool:
    if _ADDRESS.search(text):
        return True
    digits = len(_DIGITS.findall(text))
    return digits > 0 and len(_LETTERS.findall(text)) <= 2 + digits // 2
