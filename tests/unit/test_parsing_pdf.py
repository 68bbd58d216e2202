"""PDF files come out as paragraphs with page numbers, or with the reason why not."""

import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import EncodedStreamObject, NameObject
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from core.errors import DocumentBroken, DocumentEmpty, DocumentLocked, DocumentRejected, DocumentScanned
from core.parsing.base import BlockKind
from core.parsing.layout import lay_out, without_running_lines
from core.parsing.layout_line import Line, OutlineEntry
from core.parsing.pdf import read_pdf


def _lines(
    texts: Sequence[str], *, page: int = 1, size: float = 10, bold: bool = False, top: float = 700
) -> list[Line]:
    return [Line(text, page, 60, top - 12 * at, size, bold) for at, text in enumerate(texts)]


def _written(path: Path, pages: Sequence[Sequence[str]], *, footer: str = "") -> Path:
    canvas = Canvas(str(path), invariant=1)
    for number, lines in enumerate(pages, start=1):
        canvas.setFont("Helvetica", 10)
        for at, line in enumerate(lines):
            canvas.drawString(60, 760 - 14 * at, line)
        if footer:
            canvas.drawString(60, 30, footer.format(number))
        canvas.showPage()
    canvas.save()
    return path


def test_lines_become_paragraphs_on_their_pages(tmp_path: Path) -> None:
    path = _written(
        tmp_path / "rules.pdf",
        [
            ["We deliver to every town in the country and to most of the villa-", "ges around them, all year round."],
            ["Returns are free."],
        ],
    )
    parsed = read_pdf(path)
    assert (parsed.format, parsed.pages) == ("pdf", 2)
    assert [(block.page, block.text) for block in parsed.blocks] == [
        (1, "We deliver to every town in the country and to most of the villages around them, all year round."),
        (2, "Returns are free."),
    ]


def test_a_paragraph_goes_on_over_the_page() -> None:
    first = _lines(["The warranty covers faults in material and workmanship, but it does not"])
    second = _lines(["cover limescale. It begins on the day of purchase."], page=2)
    (block,) = lay_out(first + second, 2)
    assert block.page == 1
    assert "does not cover limescale" in block.text


def test_a_word_keeps_the_hyphen_that_belongs_to_it() -> None:
    lines = _lines(
        [
            "Please read the well-known rules. They speak of well-",
            "known things, of https://shop.example/for-",
            "owners",
        ]
    )
    assert lay_out(lines, 1)[0].text.endswith("of well-known things, of https://shop.example/for-owners")


def test_headings_come_from_size_weight_and_the_outline() -> None:
    body = ["Something longer that is plainly the text of this document, line after line."] * 3
    lines = [
        *_lines(["Terms"], size=18, top=760),
        *_lines(["Delivery"], bold=True, top=730),
        *_lines(body, top=700),
        *_lines(["Returns of goods"], top=640),
        *_lines(body, top=620),
    ]
    blocks = lay_out(lines, 1, [OutlineEntry("Returns  of goods", 1, 2)])
    assert [(block.level, block.text) for block in blocks if block.kind is BlockKind.HEADING] == [
        (1, "Terms"),
        (2, "Delivery"),
        (2, "Returns of goods"),
    ]


def test_running_lines_go_and_an_address_in_them_stays_once() -> None:
    lines = [
        line
        for page in range(1, 6)
        for line in (
            *_lines(["Copper Kettle, call +353 20 912 0142"], page=page, top=820),
            *_lines([f"Text number {page * 7} of the story, and nothing repeats here."], page=page),
            *_lines([f"page {page} of 5"], page=page, top=30),
        )
    ]
    body, kept = without_running_lines(lines, 5)
    assert [line.text.split(",")[0] for line in body] == [
        f"Text number {page * 7} of the story" for page in range(1, 6)
    ]
    assert [line.text for line in kept] == ["Copper Kettle, call +353 20 912 0142"]


def test_a_table_is_read_by_rows(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "prices.pdf"), invariant=1)
    for at, row in enumerate(
        [("Zone", "Price", "Days"), ("City", "3", "1"), ("Land", "6", "2 to 3"), ("Abroad", "14", "7")]
    ):
        canvas.setFont("Helvetica-Bold" if at == 0 else "Helvetica", 10)
        for x, cell in zip((60, 200, 330), row, strict=True):
            canvas.drawString(x, 700 - 20 * at, cell)
    canvas.save()
    assert [(block.kind, block.text) for block in read_pdf(tmp_path / "prices.pdf").blocks] == [
        (BlockKind.TABLE_ROW, "Zone: City; Price: 3; Days: 1"),
        (BlockKind.TABLE_ROW, "Zone: Land; Price: 6; Days: 2 to 3"),
        (BlockKind.TABLE_ROW, "Zone: Abroad; Price: 14; Days: 7"),
    ]


def test_a_turned_page_reads_like_an_upright_one(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "turned.pdf"), invariant=1)
    canvas.translate(500, 100)
    canvas.rotate(90)
    canvas.drawString(0, 40, "The first line of this page is long enough to be followed by")
    canvas.drawString(0, 26, "the second one.")
    canvas.drawString(0, -20, "Then something else.")
    canvas.save()
    assert [block.text for block in read_pdf(tmp_path / "turned.pdf").blocks] == [
        "The first line of this page is long enough to be followed by the second one.",
        "Then something else.",
    ]


@pytest.mark.parametrize(("password", "verdict"), [("", None), ("secret", DocumentLocked)])
def test_a_password_locks_unless_it_is_empty(
    tmp_path: Path, password: str, verdict: type[DocumentRejected] | None
) -> None:
    writer = PdfWriter(clone_from=PdfReader(_written(tmp_path / "open.pdf", [["Words behind a lock."]])))
    writer.encrypt(password, owner_password="owner", algorithm="AES-256")
    writer.write(tmp_path / "locked.pdf")
    if verdict is None:
        assert read_pdf(tmp_path / "locked.pdf").blocks[0].text == "Words behind a lock."
    else:
        with pytest.raises(verdict):
            read_pdf(tmp_path / "locked.pdf")


def test_pictures_of_pages_are_called_scanned(tmp_path: Path) -> None:
    picture = io.BytesIO()
    Image.new("L", (60, 80), 200).save(picture, "PNG")
    canvas = Canvas(str(tmp_path / "scan.pdf"), invariant=1)
    for number in (1, 2, 3):
        canvas.drawImage(ImageReader(picture), 0, 0, 595, 842)
        canvas.drawString(500, 20, f"{number}")
        canvas.showPage()
    canvas.save()
    with pytest.raises(DocumentScanned) as refused:
        read_pdf(tmp_path / "scan.pdf")
    assert refused.value.facts == {"pages": 3}


def test_blank_pages_are_empty_and_a_torn_file_is_broken(tmp_path: Path) -> None:
    with pytest.raises(DocumentEmpty):
        read_pdf(_written(tmp_path / "blank.pdf", [[]]))
    (tmp_path / "torn.pdf").write_bytes(b"%PDF-1.7\nnothing here\n")
    with pytest.raises(DocumentBroken):
        read_pdf(tmp_path / "torn.pdf")


@pytest.mark.parametrize(("kind", "content"), [("/Unheard", b"?"), ("/FlateDecode", b"no such packing")])
def test_a_damaged_page_is_named_and_its_neighbours_are_read(tmp_path: Path, kind: str, content: bytes) -> None:
    writer = PdfWriter(
        clone_from=_written(tmp_path / "whole.pdf", [["We deliver."], ["It is free."], [], ["Call us."]])
    )
    damaged = EncodedStreamObject()
    damaged.update({NameObject("/Filter"): NameObject(kind)})
    damaged._data = content
    writer.pages[1][NameObject("/Contents")] = writer._add_object(damaged)
    writer.write(tmp_path / "damaged.pdf")
    parsed = read_pdf(tmp_path / "damaged.pdf")

    assert [block.page for block in parsed.blocks] == [1, 4]
    assert (parsed.unread_pages, parsed.picture_pages) == ((2,), ())


def test_text_without_paragraphs_keeps_the_numbers_of_its_pages(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "stream.pdf"))
    for page in range(1, 7):
        for line in range(30):
            words = f"word{page} of a text that never ends its sentence and runs on over line {line} of many,"
            canvas.drawString(50, 780 - 22 * line, words)
        canvas.showPage()
    canvas.save()
    blocks = read_pdf(tmp_path / "stream.pdf").blocks

    assert len({block.page for block in blocks}) >= 3
    assert all(f"word{block.page} " in block.text for block in blocks)
    assert all(f"word{page} " not in block.text for block in blocks for page in range(1, 7) if page > block.page + 1)
