"""Text of scanned pages: pdfium draws a page, Tesseract reads it. Imported only in the reading child, where installed.

Refuses to guess: a page that Tesseract itself is not sure of, such as one in a language whose model is missing, counts
as unread. What it reads is laid out like the text of any PDF, so that columns, headings and tables come out alike.
"""

import re
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pypdfium2
import tesserocr

from core.errors import DocumentBroken
from core.parsing.base import ParsedDocument
from core.parsing.layout import lay_out
from core.parsing.layout_line import Line
from core.parsing.pages_read import tell_pages
from core.parsing.pairs import join_pairs
from core.parsing.tidying import has_words, tidy

_DPI = 200
_MOST_PIXELS_A_SIDE = 3_200
# Clean scans are read with 90 and more of 100, Russian taken for English with 55.
_SURE = 65
_SURE_OF_A_WORD = 35
_GAP_OF_CELLS = 1.6
_LONGEST_ABBREVIATION = 5
_LATIN_TWINS = str.maketrans("ABCEHKMOPTXYaceopxyk", "АВСЕНКМОРТХУасеорхук")
_TWINS = re.compile("[ABCEHKMOPTXYaceopxyk]+")
# The sign of the rouble is younger than the models: they see a letter.
_ROUBLES = re.compile(r"(\d)\s?[РP](?![\w.])")
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
_LATIN = re.compile("[a-z]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Word:
    """Places in pixels, from the left and from above."""

    text: str
    left: int
    right: int
    sure: float


@dataclass(frozen=True, slots=True)
class _Row:
    words: tuple[_Word, ...]
    bottom: int
    height: float


def recognise(path: Path, pages: Sequence[int], models: Path, languages: str) -> ParsedDocument:
    """Blocks of these pages (from 1) of the PDF at `path`; `picture_pages` are those that could not be read.

    `models` is a folder with Tesseract's *.traineddata, `languages` their names joined by "+".
    A page on which there is nothing at all is not among them. Raises `DocumentBroken` when pdfium cannot open the file.
    """
    lines: list[Line] = []
    unread: list[int] = []
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise DocumentBroken from error
    with tesserocr.PyTessBaseAPI(path=str(models), lang=languages, psm=tesserocr.PSM.AUTO) as reader:
        for done, number in enumerate(pages, start=1):
            found = _lines_of_page(reader, document, number)
            lines += found or ()
            if found is None:
                unread.append(number)
            tell_pages(done, len(pages))
    blocks = join_pairs(lay_out(lines, len(pages))) if lines else ()
    return ParsedDocument("pdf", pages=len(pages), blocks=blocks, picture_pages=tuple(unread))


def _lines_of_page(reader: tesserocr.PyTessBaseAPI, document: pypdfium2.PdfDocument, number: int) -> list[Line] | None:
    """Lines of the page as it lies or, when nothing sensible is read, turned; None when nothing can be read."""
    try:
        page = document[number - 1]
        scale = min(_DPI / 72, _MOST_PIXELS_A_SIDE / max(page.get_size()))
        picture = page.render(scale=scale, grayscale=True).to_pil()
    except (pypdfium2.PdfiumError, IndexError, ZeroDivisionError, ValueError):
        return None
    for quarter in (0, 2, 1, 3):
        reader.SetImage(picture.rotate(90 * quarter, expand=True) if quarter else picture)
        reader.SetSourceResolution(round(scale * 72))
        reader.Recognize()
        rows = list(_rows(reader))
        if not rows and not quarter:
            return []
        if _sureness(rows) >= _SURE:
            return list(_as_lines(rows, number, scale))
    return None


def _rows(reader: tesserocr.PyTessBaseAPI) -> Iterator[_Row]:
    level = tesserocr.RIL.WORD
    words: list[_Word] = []
    bottom, height = 0, 0.0
    for place in tesserocr.iterate_level(reader.GetIterator(), level):
        if place.Empty(level):
            continue
        left, _, right, low = place.BoundingBox(level)
        if place.IsAtBeginningOf(tesserocr.RIL.TEXTLINE) and words:
            yield _Row(tuple(words), bottom, height)
            words = []
        if not words:
            bottom, height = low, place.RowAttributes()["row_height"]
        words.append(_Word(tidy(place.GetUTF8Text(level)), left, right, place.Confidence(level)))
    if words:
        yield _Row(tuple(words), bottom, height)


def _sureness(rows: Sequence[_Row]) -> float:
    """How sure Tesseract is on average of a letter, 0 to 100; 0 for a page without words."""
    words = [word for row in rows for word in row.words if has_words(word.text)]
    letters = sum(len(word.text) for word in words)
    return sum(word.sure * len(word.text) for word in words) / letters if letters > 2 else 0.0


def _as_lines(rows: Sequence[_Row], page: int, scale: float) -> Iterator[Line]:
    """Rows in points. Heights of letters are measured badly: those near the usual one are the usual one.

    Tesseract does not say what is bold; lines in capitals count as that, for they are headings more often than not.
    """
    usual = statistics.median(row.height for row in rows)
    russian = _is_russian(rows)
    for row in rows:
        words = [word for word in row.words if word.sure >= _SURE_OF_A_WORD]
        if russian:
            words = [replace(word, text=_in_russian_letters(word.text)) for word in words]
        cells = _cells(words, _GAP_OF_CELLS * row.height)
        if russian:
            cells = [(x, _ROUBLES.sub("\\1 ₽", words)) for x, words in cells]
        text = " ".join(text for _, text in cells)
        if has_words(text):
            size = usual if abs(row.height - usual) < 0.25 * usual else row.height
            placed = tuple((round(x / scale, 1), words) for x, words in cells) if len(cells) > 1 else ()
            yield Line(
                text,
                page,
                round(words[0].left / scale, 1),
                round(-row.bottom / scale, 1),
                round(size / scale, 1),
                bold=text.isupper() and len(text) > _LONGEST_ABBREVIATION,
                cells=placed,
            )


def _cells(words: Sequence[_Word], gap: float) -> list[tuple[int, str]]:
    """(where it begins, its words), parted where the gap is wide."""
    cells: list[tuple[int, str]] = []
    end = 0
    for word in words:
        if cells and word.left - end <= gap:
            cells[-1] = (cells[-1][0], f"{cells[-1][1]} {word.text}")
        else:
            cells.append((word.left, word.text))
        end = word.right
    return cells


def _is_russian(rows: Sequence[_Row]) -> bool:
    text = "".join(word.text for row in rows for word in row.words)
    return len(_CYRILLIC.findall(text)) > 2 * len(_LATIN.findall(text))


def _in_russian_letters(word: str) -> str:
    """Short words that look alike in both alphabets ("на", "же") are often taken for Latin ones."""
    bare = word.strip('.,;:!?()«»"')
    alike = 0 < len(bare) <= 3 and _TWINS.fullmatch(bare) and (len(bare) == 1 or not bare.isupper())
    return word.translate(_LATIN_TWINS) if alike else word
