"""Word documents (.docx) as blocks. Refuses to lose a text for the sake of a damaged picture, header or macro.

python-docx opens the package and gives the text, the styles and the properties. The walk over the text is ours, for
it goes where python-docx has no API: controls, text boxes, footnotes, tracked changes.
"""

import contextlib
import itertools
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import docx
from docx.document import Document
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import PartFactory
from docx.oxml.exceptions import XmlchemyError
from docx.oxml.parser import parse_xml
from docx.package import Package
from lxml import etree

from core.errors import DocumentBroken, DocumentLocked, DocumentTooHard
from core.parsing.base import Block, BlockKind, ParsedDocument
from core.parsing.detect import is_word_document
from core.parsing.docx_hidden import Hidden, hidden_blocks, hiding_of
from core.parsing.docx_styles import Styles, W, child, value
from core.parsing.tables import are_column_names, looks_like_header, table_blocks
from core.parsing.tidying import has_words, is_bulleted, tidy, without_bullet

# A text of a thousand pages is about 20 MB of Word's XML; the package has pictures and attachments besides.
LARGEST_PART = 64 * 1024 * 1024
LARGEST_PACKAGE = 4 * LARGEST_PART
_MOST_COLUMNS = 63  # Word's own limit
_LONGEST_LABEL = 60
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# Deleted or moved-away text, and the older copy of a shape that newer Word draws differently.
_SKIPPED = {f"{W}del", f"{W}moveFrom", f"{W}rPr", f"{W}pPr", f"{_MC}Fallback", f"{W}instrText"}
_GAPS = {f"{W}tab": " ", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-", f"{W}ptab": " "}
_SIDE_PARTS = {
    "word/styles.xml": (CONTENT_TYPE.WML_STYLES, RELATIONSHIP_TYPE.STYLES),
    "word/numbering.xml": (CONTENT_TYPE.WML_NUMBERING, RELATIONSHIP_TYPE.NUMBERING),
    "word/footnotes.xml": (CONTENT_TYPE.WML_FOOTNOTES, RELATIONSHIP_TYPE.FOOTNOTES),
    "word/endnotes.xml": (CONTENT_TYPE.WML_ENDNOTES, RELATIONSHIP_TYPE.ENDNOTES),
    "docprops/core.xml": (CONTENT_TYPE.OPC_CORE_PROPERTIES, RELATIONSHIP_TYPE.CORE_PROPERTIES),
}
# What zipfile, lxml and python-docx raise for damaged files; the last has no error of its own for what is missing.
FAULTS = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, etree.LxmlError, XmlchemyError),
    *(LookupError, ValueError, TypeError, AttributeError),
)
# libxml2 has no words for running out of memory: "unknown error".
_LIMIT_OF_LIBXML = re.compile(r"(?i)huge|excessive|memory|amplification|too (?:big|long|deep)|unknown error")
_PAGE_NUMBER = re.compile(r"(?i)\b(?:page|of|стр|страница|из|\d+)\b")
_GENERIC_TITLES = re.compile(r"(?i)^(?:untitled|document\d*|документ\d*|word document|.*\.docx?)$")

_Elements: TypeAlias = "list[etree._Element]"


def read_docx(path: Path) -> ParsedDocument:
    """Blocks in document order: headings, paragraphs, lists, tables, text boxes; footnotes after their paragraph.

    Raises `DocumentLocked` for an encrypted package, `DocumentBroken` when its zip or the XML of its text cannot be
    read, `DocumentTooHard` when a part that we need unpacks to more than `LARGEST_PART`.
    """
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            document = _open(file, archive)
        reader = _Reader(Styles(document), _notes(document))
        body = list(reader.blocks_in(document.element.find(f"{W}body")))
        blocks = (*body, *_running_blocks(document, reader, body))
    except FAULTS as error:
        is_limit = isinstance(error, etree.LxmlError) and _LIMIT_OF_LIBXML.search(str(error))
        raise DocumentTooHard if is_limit else DocumentBroken from error
    title = _title(document) or next((block.text for block in blocks if block.kind is BlockKind.HEADING), "")
    return ParsedDocument("docx", title=title, blocks=blocks)


def _open(file: BinaryIO, archive: zipfile.ZipFile) -> Document:
    """The package as python-docx opens it or, when it cannot or that would unpack too much, the text's parts alone."""
    entries = archive.infolist()
    if any(entry.flag_bits & 1 for entry in entries):
        raise DocumentLocked
    sizes = [entry.file_size for entry in entries]
    if max(sizes, default=0) <= LARGEST_PART and sum(sizes) <= LARGEST_PACKAGE:
        with contextlib.suppress(*FAULTS):
            return docx.Document(file)
    return _document_of_text_parts(archive)


def _document_of_text_parts(archive: zipfile.ZipFile) -> Document:
    """Found by name, without relationships or types: for macros, templates, dangling links and damaged parts."""
    entries = {entry.filename.replace("\\", "/").lower(): entry for entry in archive.infolist()}
    package = Package()

    def load(name: str, content_type: str, relationship: str) -> Any:
        if entries[name].file_size > LARGEST_PART:
            raise DocumentTooHard
        text = archive.read(entries[name])  # never more than the declared size
        return PartFactory(PackURI(f"/{name}"), content_type, relationship, text, package)

    name = min(filter(is_word_document, entries))
    main = load(name, CONTENT_TYPE.WML_DOCUMENT_MAIN, RELATIONSHIP_TYPE.OFFICE_DOCUMENT)
    for name, (content_type, relationship) in _SIDE_PARTS.items():
        with contextlib.suppress(*FAULTS):
            holder = main if name.startswith("word/") else package
            holder.relate_to(load(name, content_type, relationship), relationship)
    return main.document


def _title(document: Document) -> str:
    try:
        title = tidy(document.core_properties.title)
    except (ValueError, AttributeError):  # two sets of properties, or of another vocabulary
        return ""
    return "" if _GENERIC_TITLES.match(title) else title


def _notes(document: Document) -> "dict[tuple[str, str], etree._Element]":
    notes = {}
    kinds = {"footnote": RELATIONSHIP_TYPE.FOOTNOTES, "endnote": RELATIONSHIP_TYPE.ENDNOTES}
    for kind, relationship in kinds.items():
        with contextlib.suppress(KeyError, etree.XMLSyntaxError):  # no notes, or none that can be read
            for note in parse_xml(document.part.part_related_by(relationship).blob).iterfind(f"{W}{kind}"):
                if value(note, "type") not in ("separator", "continuationSeparator"):
                    notes[kind, value(note, "id")] = note
    return notes


def _running_blocks(document: Document, reader: "_Reader", body: list[Block]) -> Iterator[Block]:
    """What pages repeat above and below the text, once and last: it may be the only place with the address."""
    known = {block.text for block in body}
    running = {RELATIONSHIP_TYPE.HEADER, RELATIONSHIP_TYPE.FOOTER}
    for relation in document.part.rels.values() if body else ():
        if relation.reltype not in running or relation.is_external:
            continue
        found: list[Block] = []
        with contextlib.suppress(*FAULTS):  # a damaged header costs itself only
            found = list(reader.blocks_in(parse_xml(relation.target_part.blob)))
        for block in found:
            if block.text not in known and has_words(_PAGE_NUMBER.sub("", block.text)):
                known.add(block.text)
                yield replace(block, kind=BlockKind.PARAGRAPH, level=0)


class _Reader:
    def __init__(self, styles: Styles, notes: "dict[tuple[str, str], etree._Element]") -> None:
        self._styles = styles
        self._notes = notes

    def blocks_in(self, parent: "etree._Element | None") -> Iterator[Block]:
        for element in parent if parent is not None else ():
            if element.tag == f"{W}p":
                yield from self._paragraph(element)
            elif element.tag == f"{W}tbl":
                yield from self._table(element)
            elif element.tag not in _SKIPPED and isinstance(element.tag, str):
                yield from self.blocks_in(element)

    def _paragraph(self, paragraph: "etree._Element") -> Iterator[Block]:
        nested: list[etree._Element] = []
        hidden: Hidden = []
        text = tidy("".join(self._texts(paragraph, paragraph, nested, hidden)))
        if has_words(text):
            yield self._block(paragraph, text)
        yield from hidden_blocks(hidden)
        for inner in nested:
            kind = etree.QName(inner).localname
            if kind.endswith("Reference"):
                note = self._notes.pop((kind.removesuffix("Reference"), value(inner, "id")), None)
                yield from self.blocks_in(note)
            else:
                yield from self.blocks_in(inner)

    def _block(self, paragraph: "etree._Element", text: str) -> Block:
        if level := self._styles.heading_level(paragraph):
            return Block(BlockKind.HEADING, text, level=level)
        if self._styles.is_list_item(paragraph) or is_bulleted(text):
            return Block(BlockKind.LIST_ITEM, without_bullet(text))
        return Block(BlockKind.PARAGRAPH, text)

    def _table(self, table: "etree._Element") -> Iterator[Block]:
        rows = [row for row in table.iter(f"{W}tr") if next(row.iterancestors(f"{W}tbl")) is table]
        cells = [[cell for cell in row.iter(f"{W}tc") if next(cell.iterancestors(f"{W}tr")) is row] for row in rows]
        if max((len(row) for row in cells), default=0) < 2 or table.find(f".//{W}tc//{W}tbl") is not None:
            # A frame around text, or tables inside tables: no rows worth naming, just what the cells say.
            for cell in itertools.chain.from_iterable(cells):
                yield from self.blocks_in(cell)
            return
        read = [[list(self.blocks_in(cell)) for cell in row] for row in cells]
        texts = [[" ".join(block.text for block in within if not block.hidden) for within in row] for row in read]
        header = looks_like_header(texts) or (are_column_names(texts[0]) and _is_marked_as_header(rows, cells))
        with contextlib.suppress(ValueError, XmlchemyError):  # a grid that is none: the rows as they stand
            texts = _in_columns(rows, cells, texts, header=header)
        yield from table_blocks(texts, header=header)
        yield from (block for row in read for within in row for block in within if block.hidden)

    def _texts(
        self, element: "etree._Element", paragraph: "etree._Element", nested: _Elements, hidden: Hidden
    ) -> Iterator[str]:
        """Words of a paragraph. Text boxes and notes inside it are put into `nested`, to be read after it, and words
        that a reader would not see into `hidden`."""
        for inner in element:
            if inner.tag in _SKIPPED or not isinstance(inner.tag, str):
                continue
            if inner.tag == f"{W}t":
                yield inner.text or ""
            elif inner.tag in _GAPS:
                yield _GAPS[inner.tag]
            elif inner.tag in (f"{W}txbxContent", f"{W}footnoteReference", f"{W}endnoteReference", f"{W}tbl"):
                nested.append(inner)
            elif inner.tag == f"{W}r" and (how := hiding_of(self._styles, inner, paragraph)):
                hidden += [(how, text) for text in self._texts(inner, paragraph, nested, hidden)]
            else:
                yield from self._texts(inner, paragraph, nested, hidden)


def _in_columns(rows: _Elements, cells: list[_Elements], texts: list[list[str]], *, header: bool) -> list[list[str]]:
    """Texts at the columns where they stand; names over all columns that they span, labels in all rows they reach."""
    grid: list[list[str]] = []
    for row, within, words in zip(rows, cells, texts, strict=True):
        line = [""] * min(row.grid_before, _MOST_COLUMNS)
        for cell, text in zip(within, words, strict=True):
            label = grid[-1][len(line)] if cell.vMerge == "continue" and grid and len(line) < len(grid[-1]) else ""
            shown = label if any(words) and not text and len(label) <= _LONGEST_LABEL else text
            line += [shown, *[shown if header and not grid else ""] * (min(cell.grid_span, _MOST_COLUMNS) - 1)]
        grid.append(line)
    return grid


def _is_marked_as_header(rows: _Elements, cells: list[_Elements]) -> bool:
    """By Word's own "repeat as header row", or by hand: the first row is bold and the second is not.

    A single cell across the table is its caption.
    """
    bold = [all(map(_is_bold, row)) for row in cells[:2]]
    return len(cells[0]) > 1 and (rows[0].find(f"{W}trPr/{W}tblHeader") is not None or bold == [True, False])


def _is_bold(cell: "etree._Element") -> bool:
    runs = [run for run in cell.iter(f"{W}r") if run.findtext(f"{W}t")]
    bolds = [child(run, "rPr", "b") for run in runs]
    return bool(runs) and all(bold is not None and value(bold, "val") not in ("0", "false") for bold in bolds)
