"""Which of our formats a file is: the content decides, the name only tells apart what is text.

Refuses to read documents; it looks at the first bytes and, in a zip, at the list of names.
"""

import re
import zipfile
from enum import StrEnum
from pathlib import Path, PurePath

from core.errors import (
    DocumentBroken,
    DocumentEmpty,
    DocumentLocked,
    DocumentRejected,
    DocumentTypeOld,
    DocumentTypeUnknown,
)
from core.parsing.csv_table import find_dialect
from core.parsing.encoding import decode_text, find_encoding

_HEAD = 65_536
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What the stream of the text is called inside, and what its program can save it as.
_OLD_OFFICE = (("WordDocument\0", "DOCX"), ("Workbook\0", "XLSX"), ("Book\0", "XLSX"))
_TEXT_OF_ANOTHER_KIND = re.compile(r"\s*(?:\{\\rtf|%!PS|<\?xml|<svg|<\?mso)", re.IGNORECASE)
# Detecting runs in the product's own process: a pattern must read each letter once, whatever the file says.
_HTML_START = re.compile(
    r"(?:\s++|<!--(?:(?!-->).)*+-->|<\?xml[^>]*+>)*+<(?:!doctype\s+html|html|head|body|title|meta)\b",
    re.IGNORECASE | re.DOTALL,
)
_HTML_TAG = re.compile(r"<(?:p|div|h[1-6]|ul|ol|table|article|section|span|br)\b[^<>]*+>", re.IGNORECASE)
_HTML_NAMES = {".html", ".htm", ".xhtml"}
_MARKDOWN_NAMES = {".md", ".markdown", ".mdown", ".mkd"}


class Format(StrEnum):
    PDF = "pdf"
    DOCX = "docx"
    HTML = "html"
    MARKDOWN = "md"
    TEXT = "txt"
    CSV = "csv"
    XLSX = "xlsx"


def detect_format(path: Path, filename: str) -> Format:
    """The format of the content at `path`; `filename` is what the owner called it.

    Raises `DocumentEmpty` for no bytes, `DocumentLocked` for an encrypted Word or Excel file, `DocumentBroken` for a
    zip cut short, `DocumentTypeOld` for legacy .doc and .xls, `DocumentTypeUnknown` for everything else that we do not
    read: pictures, programs, other archives.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise DocumentEmpty
    if _is_pdf(path, head):
        return Format.PDF
    if head.startswith(b"PK\x03\x04"):
        return _format_of_zip(path)
    if head.startswith(_OLE):
        raise _verdict_on_ole(path)
    if find_encoding(head) is None:
        raise DocumentTypeUnknown
    return _format_of_text(decode_text(head), PurePath(filename).suffix.lower())


def is_word_document(name: str) -> bool:
    """Whether this name inside a zip is Word's text. Some writers spell it in capitals or with a digit."""
    return re.fullmatch(r"word/document\d*\.xml", name.replace("\\", "/"), re.IGNORECASE) is not None


def is_workbook(name: str) -> bool:
    """Whether this name inside a zip is Excel's list of sheets. The binary .xlsb has another."""
    return re.fullmatch(r"xl/workbook\d*\.xml", name.replace("\\", "/").lstrip("/"), re.IGNORECASE) is not None


def _is_pdf(path: Path, head: bytes) -> bool:
    """The marker opens the file, or stands in its first KiB (junk before it is common) and the end matches."""
    place = head[:1024].find(b"%PDF-")
    if place <= 0:
        return place == 0
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 2048))
        return b"%%EOF" in file.read()


def _format_of_zip(path: Path) -> Format:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise DocumentBroken from None
    if any(is_word_document(name) for name in names):
        return Format.DOCX
    if any(is_workbook(name) for name in names):
        return Format.XLSX
    raise DocumentTypeUnknown


def _verdict_on_ole(path: Path) -> DocumentRejected:
    """Office puts an encrypted file into the container of the old .doc and .xls. Names there are in UTF-16."""
    content = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in content:
        return DocumentLocked()
    old = [save_as for name, save_as in _OLD_OFFICE if name.encode("utf-16-le") in content]
    return DocumentTypeOld(save_as=old[0]) if old else DocumentTypeUnknown()


def _format_of_text(text: str, suffix: str) -> Format:
    if not text.strip():
        raise DocumentEmpty
    if _HTML_START.match(text[:8192]):
        return Format.HTML
    if _TEXT_OF_ANOTHER_KIND.match(text):
        raise DocumentTypeUnknown
    if suffix in _HTML_NAMES and _HTML_TAG.search(text):
        return Format.HTML
    if suffix in _MARKDOWN_NAMES:
        return Format.MARKDOWN
    return Format.CSV if find_dialect(text, suffix) else Format.TEXT
