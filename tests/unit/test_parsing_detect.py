"""The content decides what a file is; its name is only a hint between Markdown and plain text."""

import contextlib
import zipfile
from pathlib import Path

import pytest

from core.errors import (
    DocumentBroken,
    DocumentEmpty,
    DocumentLocked,
    DocumentRejected,
    DocumentTypeOld,
    DocumentTypeUnknown,
)
from core.parsing.detect import Format, detect_format
from core.parsing.encoding import decode_text, find_encoding

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
RUSSIAN = "Доставка по городу стоит 300 рублей. Заказы от 3000 рублей привозим бесплатно, звоните с 9 до 18."


def _file(folder: Path, content: bytes) -> Path:
    path = folder / "upload"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("price.doc", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", Format.PDF),
        ("mail.pdf", b"\x00\x05\x16\x00junk%PDF-1.4\n...\n%%EOF\n", Format.PDF),
        ("notes.txt", b"Just words.\n", Format.TEXT),
        ("notes.pdf", b"Just words.\n", Format.TEXT),
        ("about.txt", b"Files that begin with %PDF- are PDF files.\n", Format.TEXT),
        ("notes.md", b"# Heading\n", Format.MARKDOWN),
        ("README.Markdown", b"words\n", Format.MARKDOWN),
        ("page.txt", b"\n<!DOCTYPE html>\n<html><body>Hi</body></html>", Format.HTML),
        ("page.md", b"<!-- made by hand -->\n<html lang='ru'><body>Hi</body></html>", Format.HTML),
        ("part.html", b"<p>Hi</p>", Format.HTML),
        ("no-tags.html", b"Just words.", Format.TEXT),
        ("utf16.txt", "Привет, как дела?".encode("utf-16"), Format.TEXT),
        ("prices.dat", b"Product;Price\nTea;5\nCups;7\n", Format.CSV),
        ("prices.csv", b"Product,Price\nTea,5\n", Format.CSV),
        ("words.csv", b"Just words.\n", Format.TEXT),
        ("table.md", b"Product;Price\nTea;5\nCups;7\n", Format.MARKDOWN),
    ],
)
def test_a_format_is_known_by_its_content(tmp_path: Path, name: str, content: bytes, expected: Format) -> None:
    assert detect_format(_file(tmp_path, content), name) is expected


@pytest.mark.parametrize(
    ("name", "content", "verdict"),
    [
        ("empty.pdf", b"", DocumentEmpty),
        ("blank.txt", b" \n\t \n", DocumentEmpty),
        (
            "setup.pdf",
            b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff" + bytes(range(256)) * 8,
            DocumentTypeUnknown,
        ),
        ("tool.txt", b"\x7fELF\x02\x01\x01\x00" + bytes(range(256)) * 8, DocumentTypeUnknown),
        ("photo.docx", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 8, DocumentTypeUnknown),
        ("photo.txt", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256)) * 8, DocumentTypeUnknown),
        ("old.doc", OLE + "WordDocument\0".encode("utf-16-le"), DocumentTypeOld),
        ("old.xlsx", OLE + "Workbook\0".encode("utf-16-le"), DocumentTypeOld),
        ("mail.msg", OLE + bytes(600), DocumentTypeUnknown),
        ("locked.docx", OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), DocumentLocked),
        ("letter.txt", rb"{\rtf1\ansi Hello}", DocumentTypeUnknown),
        ("drawing.html", b"<svg xmlns='http://www.w3.org/2000/svg'><text>Hi</text></svg>", DocumentTypeUnknown),
        ("flat.docx", b"<?xml version='1.0'?><pkg:package/>", DocumentTypeUnknown),
        ("cut.docx", b"PK\x03\x04\x14\x00\x06\x00word/document.xml", DocumentBroken),
    ],
)
def test_what_we_do_not_read_is_refused_with_its_reason(
    tmp_path: Path, name: str, content: bytes, verdict: type[DocumentRejected]
) -> None:
    with pytest.raises(DocumentRejected) as refused:
        detect_format(_file(tmp_path, content), name)
    assert type(refused.value) is verdict


def test_an_old_file_tells_how_to_save_it_anew(tmp_path: Path) -> None:
    with pytest.raises(DocumentTypeOld) as refused:
        detect_format(_file(tmp_path, OLE + "Workbook\0".encode("utf-16-le")), "prices.xls")
    assert refused.value.facts == {"save_as": "XLSX"}


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("word/document.xml", Format.DOCX),
        ("Word\\Document2.xml", Format.DOCX),
        ("xl/workbook.xml", Format.XLSX),
        ("xl/workbook.bin", None),
        ("ppt/presentation.xml", None),
    ],
)
def test_only_a_zip_with_words_text_or_excels_sheets_is_read(
    tmp_path: Path, entry: str, expected: Format | None
) -> None:
    path = tmp_path / "upload"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, "<x/>")
    if expected:
        assert detect_format(path, "report.docx") is expected
    else:
        with pytest.raises(DocumentTypeUnknown):
            detect_format(path, "report.docx")


@pytest.mark.parametrize(
    "encoding",
    [
        *("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251", "koi8-r", "cp866"),
        *("iso8859-5", "mac-cyrillic"),
    ],
)
def test_russian_text_is_read_in_any_usual_encoding(encoding: str) -> None:
    assert decode_text(RUSSIAN.encode(encoding)) == RUSSIAN


def test_a_russian_text_in_capitals_is_not_mistaken_for_another_page() -> None:
    assert decode_text("ПРАВИЛА ВОЗВРАТА ТОВАРОВ".encode("cp1251")) == "ПРАВИЛА ВОЗВРАТА ТОВАРОВ"
    assert decode_text("ПРАВИЛА ВОЗВРАТА ТОВАРОВ".encode("koi8-r")) == "ПРАВИЛА ВОЗВРАТА ТОВАРОВ"


def test_accents_of_western_languages_survive() -> None:
    text = "Le café est à côté de l'hôtel, ouvert jusqu'à 18 h. Prix : 5 €."
    assert decode_text(text.encode("cp1252")) == text


def test_line_ends_become_one_kind() -> None:
    assert decode_text(b"one\r\ntwo\rthree\n") == "one\ntwo\nthree\n"


def test_a_letter_cut_at_the_end_of_the_sample_does_not_change_the_encoding() -> None:
    assert find_encoding(("x" + "я" * 40_000).encode()) == "utf-8"


@pytest.mark.parametrize(
    "hostile",
    ["<!---->" * 900 + "x", "<?xml>" * 900 + "x", "<!-- -->\n" * 900 + "<p", "<!--" * 2000, "<p " * 20_000],
)
def test_no_text_keeps_the_product_busy_finding_out_what_it_is(tmp_path: Path, hostile: str) -> None:
    with contextlib.suppress(DocumentTypeUnknown):
        assert detect_format(_file(tmp_path, hostile.encode()), "page.html") in (Format.TEXT, Format.HTML)
