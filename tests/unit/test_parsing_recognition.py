"""Scanned pages: recognised as such, read where recognition is installed, and never guessed at."""

import random
import zlib
from pathlib import Path

import pytest
import reportlab
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from core.errors import DocumentScanned, DocumentUnreadable
from core.parsing.recognition import Recogniser, find_recogniser, named_pages, read_with_recognition
from core.parsing.sandbox import read_in_sandbox

FONT = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
PAPER = (1240, 1754)  # A4 at 150 dots per inch
TEXT = "You may return any item within thirty days."
ROWS = (("Product", "Price", "In stock"), ("Rose bouquet", "$25.00", "yes"), ("Tulips", "$18.50", "no"))


def _scan() -> Image.Image:
    """A photograph of a page: words and a table, slightly askew."""
    paper = Image.new("L", PAPER, 245)
    draw, font = ImageDraw.Draw(paper), ImageFont.truetype(str(FONT), 26)
    draw.text((150, 200), TEXT, font=font, fill=20)
    for number, row in enumerate(ROWS):
        for column, words in enumerate(row):
            draw.text((150 + 330 * column, 320 + 45 * number), words, font=font, fill=20)
    return paper.rotate(0.4, fillcolor=245)


def _scrawl() -> Image.Image:
    """Marks in lines that are no letters of any language."""
    paper = Image.new("L", PAPER, 245)
    draw, chance = ImageDraw.Draw(paper), random.Random(3)
    for line in range(6):
        for letter in range(24):
            x, y = 150 + 34 * letter, 300 + 60 * line
            points = [(x + chance.randrange(26), y + chance.randrange(32)) for _ in range(5)]
            draw.line(points, fill=20, width=4)
    return paper


def _pdf(path: Path, *pages: Image.Image | str) -> Path:
    canvas = Canvas(str(path), pagesize=(595, 842))
    for page in pages:
        if isinstance(page, str):
            canvas.drawString(72, 700, page)
        else:
            canvas.drawImage(ImageReader(page), 0, 0, 595, 842)
        canvas.showPage()
    canvas.save()
    return path


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    found = find_recogniser(None, "rus+eng")
    assert found is not None, "what the tests need is installed by `make test`"
    return found


async def test_without_recognition_a_scan_is_told_from_an_empty_file(tmp_path: Path) -> None:
    with pytest.raises(DocumentScanned) as rejected:
        await read_with_recognition(_pdf(tmp_path / "scan.pdf", _scan(), _scan()), "scan.pdf", None)
    assert rejected.value.facts == {"pages": 2}


async def test_without_recognition_written_pages_are_read_and_pictures_named(tmp_path: Path) -> None:
    path = _pdf(tmp_path / "mixed.pdf", "This page is written with letters.", _scan(), "And so is this one, quite.")
    parsed = await read_in_sandbox(path, "mixed.pdf")
    assert [block.page for block in parsed.blocks] == [1, 3]
    assert parsed.picture_pages == (2,)


async def test_a_scanned_page_is_read_like_a_written_one(tmp_path: Path, recogniser: Recogniser) -> None:
    told: list[tuple[int, int]] = []

    async def tell(done: int, total: int) -> None:
        told.append((done, total))

    path = _pdf(tmp_path / "scan.pdf", _scan().rotate(180))
    parsed = await read_with_recognition(path, "scan.pdf", recogniser, told=tell)
    assert [block.text for block in parsed.blocks] == [
        TEXT,
        "Product: Rose bouquet; Price: $25.00; In stock: yes",
        "Product: Tulips; Price: $18.50; In stock: no",
    ]
    assert (parsed.pages, parsed.picture_pages) == (1, ())
    assert told[-1] == (1, 1)


async def test_pages_that_cannot_be_made_out_are_named_and_not_guessed(tmp_path: Path, recogniser: Recogniser) -> None:
    path = _pdf(tmp_path / "mixed.pdf", "This page is written with letters.", _scrawl(), _scan())
    parsed = await read_with_recognition(path, "mixed.pdf", recogniser)
    assert {block.page for block in parsed.blocks} == {1, 3}
    assert parsed.picture_pages == (2,)
    assert TEXT in [block.text for block in parsed.blocks]


async def test_a_picture_of_two_hundred_million_dots_is_given_up(tmp_path: Path, recogniser: Recogniser) -> None:
    packed = zlib.compressobj(1)
    start = packed.compress(bytes(9_000_000)) + packed.flush(zlib.Z_FULL_FLUSH)
    again = packed.compress(bytes(9_000_000)) + packed.flush(zlib.Z_FULL_FLUSH)
    dots = start + 24 * again
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R "
        b"/Resources << /XObject << /I 5 0 R >> >> >>",
        b"<< /Length 30 >>\nstream\nq 600 0 0 800 0 0 cm /I Do Q  \nendstream",
        b"<< /Type /XObject /Subtype /Image /Width 15000 /Height 15000 /ColorSpace /DeviceGray /BitsPerComponent 8 "
        b"/Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(dots), dots),
    )
    numbered = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, text) for number, text in enumerate(objects, start=1))
    (tmp_path / "giant.pdf").write_bytes(b"%PDF-1.4\n" + numbered + b"trailer\n<< /Root 1 0 R >>\nstartxref\n0\n%%EOF")
    with pytest.raises(DocumentUnreadable):
        await read_with_recognition(tmp_path / "giant.pdf", "giant.pdf", recogniser)


def test_the_folder_with_most_of_the_languages_is_taken(tmp_path: Path) -> None:
    (tmp_path / "rus.traineddata").touch()
    assert find_recogniser(tmp_path, "rus+eng") == Recogniser(tmp_path, "rus")
    assert find_recogniser(tmp_path, "deu") is None
    assert find_recogniser(tmp_path / "nowhere", "rus") is None


def test_pages_are_named_as_people_name_them() -> None:
    assert named_pages((3, 7, 8, 9, 12, 13)) == "3, 7–9, 12–13"
