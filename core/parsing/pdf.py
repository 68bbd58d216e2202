"""PDF as blocks, through pypdf. Refuses to run scripts, forms, attachments or pictures: only the text layer counts.

Here: opening, passwords, pages, the outline. Where lines stand is `pdf_lines.py`; what they mean is `layout.py`.
"""

import itertools
import re
import zlib
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path

from pypdf import PageObject, PdfReader, apply_configuration
from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError, PdfReadError, PyPdfError
from pypdf.generic import ArrayObject, Destination, DictionaryObject, EncodedStreamObject

from core.errors import DocumentBroken, DocumentEmpty, DocumentLocked, DocumentScanned, DocumentTooHard
from core.parsing.base import Block, BlockKind, ParsedDocument
from core.parsing.layout import lay_out
from core.parsing.layout_line import Line, OutlineEntry
from core.parsing.pages_read import tell_pages
from core.parsing.pdf_lines import lines_of_page
from core.parsing.tidying import tidy

# What pypdf raises for damaged files: its documentation says "other exceptions" may come, and these did.
FAULTS = (
    *(PyPdfError, ArithmeticError, LookupError, ValueError, TypeError, AttributeError, AssertionError, OSError),
    *(NotImplementedError, RecursionError, zlib.error),
)
# A page of a scan may carry a stamp or a page number as text; a page of writing has more letters than this.
_LETTERS_OF_A_STAMP = 24
# An A4 page at 100 dots per inch has a million; a logo or a photo beside text has fewer.
_PIXELS_OF_A_SCAN = 500_000
_MOST_BOOKMARKS = 2_000
_FILE_NAME = re.compile(r"(?i)^(?:microsoft word|powerpoint|untitled|без имени|\S*)$|\.(?:docx?|pdf|odt|rtf|indd)\b|_")


def read_pdf(path: Path) -> ParsedDocument:
    """Blocks with page numbers; pages that cannot be read are named in `unread_pages` as long as one can be.

    Raises `DocumentLocked` when the empty password does not open it, `DocumentScanned` when the pages are pictures,
    `DocumentEmpty` when there is nothing, `DocumentTooHard` at pypdf's limits, `DocumentBroken` for the rest.
    """
    try:
        with apply_configuration(jbig2dec_binary=None), PdfReader(path) as reader:
            return _read(reader)
    except (FileNotDecryptedError, DependencyError):
        raise DocumentLocked from None
    except LimitReachedError as error:
        raise DocumentTooHard from error
    except FAULTS as error:
        raise DocumentBroken from error


def _read(reader: PdfReader) -> ParsedDocument:
    if reader.is_encrypted and not reader.decrypt(""):
        raise DocumentLocked
    pages = list(reader.pages)
    lines, hidden, faults = _lines(pages)
    letters = sum(character.isalnum() for line in lines for character in line.text)
    if letters <= _LETTERS_OF_A_STAMP * len(pages) and _are_pictures(pages):
        raise DocumentScanned(pages=len(pages))
    if not letters and not hidden:
        raise _verdict_without_text(faults.values())
    blocks = [*lay_out(lines, len(pages), _outline(reader)), *hidden]
    title = _title(reader) or next((b.text for b in blocks if b.kind is BlockKind.HEADING), "")
    pictures = tuple(_picture_pages(pages, lines))
    unread = tuple(number for number in faults if number not in pictures)
    return ParsedDocument(
        "pdf", title=title, pages=len(pages), blocks=tuple(blocks), picture_pages=pictures, unread_pages=unread
    )


def _lines(pages: list[PageObject]) -> tuple[list[Line], list[Block], dict[int, BaseException]]:
    """Lines that a reader sees, blocks that he does not, and what went wrong with the other pages, by number."""
    lines: list[Line] = []
    hidden: list[Block] = []
    faults: dict[int, BaseException] = {}
    for number, page in enumerate(pages, start=1):
        try:
            seen, unseen = lines_of_page(page, number)
            if not seen and not unseen:
                _demand_content(page)
            lines.extend(seen)
            hidden.extend(unseen)
        except FAULTS as error:
            faults[number] = error
        tell_pages(number, len(pages))
    return lines, hidden, faults


def _demand_content(page: PageObject) -> None:
    """Raises `PdfReadError` when there was something on the page and pypdf, which repairs in silence, lost it all."""
    contents = page.get("/Contents", ArrayObject()).get_object()
    streams = [part.get_object() for part in (contents if isinstance(contents, ArrayObject) else [contents])]
    packed = [stream for stream in streams if isinstance(stream, EncodedStreamObject)]
    if packed and not any(stream.get_data().strip() for stream in packed):
        raise PdfReadError(f"{len(packed)} streams of the page unpack to nothing")


def _verdict_without_text(faults: Collection[BaseException]) -> DocumentTooHard | DocumentBroken | DocumentEmpty:
    if any(isinstance(fault, LimitReachedError) for fault in faults):
        return DocumentTooHard()
    return DocumentBroken() if faults else DocumentEmpty()


def _are_pictures(pages: list[PageObject]) -> bool:
    """Whether at least half of the pages show a picture."""
    return sum(_has_picture(page) for page in pages) * 2 >= len(pages) > 0


def _picture_pages(pages: list[PageObject], lines: list[Line]) -> Iterator[int]:
    """Pages, from 1, with next to no text and a picture of a scan's size, in one piece or in strips."""
    letters = Counter[int]()
    for line in lines:
        letters[line.page] += sum(character.isalnum() for character in line.text)
    for number, page in enumerate(pages, start=1):
        if letters[number] <= _LETTERS_OF_A_STAMP and _pixels(page) >= _PIXELS_OF_A_SCAN:
            yield number


def _pixels(page: PageObject) -> int:
    try:
        return sum(int(str(image["/Width"])) * int(str(image["/Height"])) for image in _images(page))
    except FAULTS:
        return 0


def _has_picture(page: PageObject) -> bool:
    """Whether the page draws an image, by itself or inside a form, as some scanners' programs do."""
    try:
        return bool(_images(page))
    except FAULTS:
        return False


def _images(page: PageObject) -> list[DictionaryObject]:
    shapes = _shapes(page)
    inner = [further for shape in shapes if shape.get("/Subtype") == "/Form" for further in _shapes(shape)]
    return [shape for shape in shapes + inner if shape.get("/Subtype") == "/Image"]


def _shapes(holder: DictionaryObject) -> list[DictionaryObject]:
    shapes = holder.get("/Resources", DictionaryObject()).get_object().get("/XObject", DictionaryObject())
    return [shape.get_object() for shape in shapes.get_object().values()]


def _outline(reader: PdfReader) -> list[OutlineEntry]:
    """Bookmarks as (title, page, level). A broken outline is worth less than the document: it is left out."""
    try:
        return list(itertools.islice(_entries(reader, reader.outline, 1), _MOST_BOOKMARKS))
    except FAULTS:
        return []


def _entries(reader: PdfReader, outline: object, level: int) -> Iterator[OutlineEntry]:
    for entry in outline if isinstance(outline, list) else ():
        if isinstance(entry, list):
            yield from _entries(reader, entry, level + 1)
        elif isinstance(entry, Destination):
            page = reader.get_destination_page_number(entry)
            title = tidy(str(entry.title or ""))
            if page is not None and page >= 0 and title:
                yield OutlineEntry(title, page + 1, min(level, 6))


def _title(reader: PdfReader) -> str:
    """The title in the file's properties, unless a program put the file's name there."""
    try:
        title = tidy(str((reader.metadata and reader.metadata.title) or ""))
    except FAULTS:
        return ""
    return "" if _FILE_NAME.search(title) else title
