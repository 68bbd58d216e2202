"""Text that a reader of a document would not see is told apart from what he sees, in every format."""

from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from reportlab.lib.colors import Color, black, darkblue, white
from reportlab.pdfgen.canvas import Canvas

from core.parsing.base import ParsedDocument
from core.parsing.docx import read_docx
from core.parsing.html import read_html
from core.parsing.markdown import read_markdown
from core.parsing.pdf import read_pdf

PLAIN = "Delivery takes three days."
SECRET = "Words that nobody sees."


def _seen(document: ParsedDocument) -> list[str]:
    return [block.text for block in document.blocks if not block.hidden]


def _hidden(document: ParsedDocument) -> list[tuple[str, str]]:
    return [(block.text, block.hidden) for block in document.blocks if block.hidden]


def _pdf(folder: Path, *drawings: Callable[[Canvas], None]) -> ParsedDocument:
    canvas = Canvas(str(folder / "some.pdf"))
    canvas.drawString(72, 720, PLAIN)
    for draw in drawings:
        canvas.saveState()
        draw(canvas)
        canvas.restoreState()
    canvas.save()
    return read_pdf(folder / "some.pdf")


def _say(canvas: Canvas, mode: int = 0, place: tuple[float, float] = (72, 600)) -> None:
    text = canvas.beginText(*place)
    text.setTextRenderMode(mode)
    text.textLine(SECRET)
    canvas.drawText(text)


def _in_white(canvas: Canvas) -> None:
    canvas.setFillColor(white)
    _say(canvas)


def _nearly_white(canvas: Canvas) -> None:
    canvas.setFillColor(Color(0.97, 0.97, 0.97))
    _say(canvas)


def _tiny(canvas: Canvas) -> None:
    canvas.setFont("Helvetica", 1)
    _say(canvas)


def _scaled_down(canvas: Canvas) -> None:
    canvas.scale(0.1, 0.1)
    canvas.drawString(720, 6000, SECRET)


def _without_ink(canvas: Canvas) -> None:
    _say(canvas, mode=3)


def _transparent(canvas: Canvas) -> None:
    canvas.setFillColor(black, alpha=0)
    _say(canvas)


def _beside_the_page(canvas: Canvas) -> None:
    _say(canvas, place=(2000, 600))


def _black_on_black(canvas: Canvas) -> None:
    canvas.rect(60, 590, 300, 30, fill=1)
    _say(canvas)


def _white_over_dark_and_light(canvas: Canvas) -> None:
    canvas.setFillColor(darkblue)
    canvas.rect(60, 590, 300, 30, fill=1)
    canvas.setFillColor(white)
    canvas.rect(60, 590, 300, 30, fill=1)
    _say(canvas)


@pytest.mark.parametrize(
    ("draw", "how"),
    [
        (_in_white, "white"),
        (_nearly_white, "white"),
        (_black_on_black, "white"),
        (_white_over_dark_and_light, "white"),
        (_tiny, "tiny"),
        (_scaled_down, "tiny"),
        (_without_ink, "invisible"),
        (_transparent, "invisible"),
        (_beside_the_page, "invisible"),
    ],
)
def test_hidden_text_of_a_pdf_is_told_apart(tmp_path: Path, draw: Callable[[Canvas], None], how: str) -> None:
    document = _pdf(tmp_path, draw)

    assert _seen(document) == [PLAIN]
    assert _hidden(document) == [(SECRET, how)]
    assert document.blocks[-1].page == 1


def _white_on_a_banner(canvas: Canvas) -> None:
    canvas.setFillColor(darkblue)
    canvas.rect(60, 590, 300, 30, fill=1)
    canvas.setFillColor(white)
    _say(canvas)


def _white_on_a_drawn_shape(canvas: Canvas) -> None:
    canvas.setFillColor(darkblue)
    shape = canvas.beginPath()
    shape.moveTo(40, 560)
    shape.lineTo(400, 560)
    shape.lineTo(400, 640)
    shape.curveTo(400, 650, 40, 650, 40, 640)
    shape.close()
    canvas.drawPath(shape, fill=1)
    canvas.setFillColor(white)
    _say(canvas)


def _under_a_scan(canvas: Canvas) -> None:
    from reportlab.lib.utils import ImageReader

    _say(canvas, mode=3)
    from PIL import Image

    canvas.drawImage(ImageReader(Image.new("L", (60, 80), 200)), 0, 0, 595, 842)


def _in_a_placed_form(canvas: Canvas) -> None:
    canvas.beginForm("banner")
    canvas.setFillColor(darkblue)
    canvas.rect(0, 0, 300, 30, fill=1)
    canvas.setFillColor(white)
    canvas.drawString(10, 10, SECRET)
    canvas.endForm()
    canvas.translate(60, 590)
    canvas.doForm("banner")


@pytest.mark.parametrize("draw", [_white_on_a_banner, _white_on_a_drawn_shape, _under_a_scan, _in_a_placed_form])
def test_what_a_reader_of_a_pdf_sees_is_not_hidden(tmp_path: Path, draw: Callable[[Canvas], None]) -> None:
    document = _pdf(tmp_path, draw)

    assert _hidden(document) == []
    assert SECRET in " ".join(_seen(document))


def test_one_hidden_line_among_the_lines_of_a_text(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        text = canvas.beginText(72, 600)
        text.textLine("Before.")
        text.setFillColor(white)
        text.textLine(SECRET)
        text.setFillColor(black)
        text.textLine("After.")
        canvas.drawText(text)

    document = _pdf(tmp_path, draw)

    assert " ".join(_seen(document)) == f"{PLAIN} Before. After."
    assert _hidden(document) == [(SECRET, "white")]


def test_a_pdf_of_nothing_but_hidden_text_is_not_empty(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "some.pdf"))
    _in_white(canvas)
    canvas.save()

    assert _hidden(read_pdf(tmp_path / "some.pdf")) == [(SECRET, "white")]


def _shade(holder: object, fill: str) -> None:
    shading = OxmlElement("w:shd")
    shading.set(qn("w:val"), "clear")
    shading.set(qn("w:fill"), fill)
    holder.append(shading)  # type: ignore[attr-defined]  # an element of lxml


def _docx(folder: Path, change: Callable[[object], None]) -> ParsedDocument:
    document = docx.Document()
    paragraph = document.add_paragraph(f"{PLAIN} ")
    change(paragraph.add_run(SECRET))
    document.save(folder / "some.docx")
    return read_docx(folder / "some.docx")


def _vanish(run: object) -> None:
    run.font.hidden = True


def _white_run(run: object) -> None:
    run.font.color.rgb = RGBColor(0xFF, 0xFF, 0xFF)


def _tiny_run(run: object) -> None:
    run.font.size = Pt(1)


def _black_on_black_run(run: object) -> None:
    run.font.color.rgb = RGBColor(0, 0, 0)
    _shade(run._r.get_or_add_rPr(), "000000")


@pytest.mark.parametrize(
    ("change", "how"),
    [(_vanish, "invisible"), (_white_run, "white"), (_tiny_run, "tiny"), (_black_on_black_run, "white")],
)
def test_hidden_words_of_a_word_document_are_told_apart(
    tmp_path: Path, change: Callable[[object], None], how: str
) -> None:
    document = _docx(tmp_path, change)

    assert _seen(document) == [PLAIN]
    assert _hidden(document) == [(SECRET, how)]


def _white_on_dark(run: object) -> None:
    _white_run(run)
    _shade(run._r.get_or_add_rPr(), "1F3864")


def _white_marked(run: object) -> None:
    _white_run(run)
    highlight = OxmlElement("w:highlight")
    highlight.set(qn("w:val"), "darkBlue")
    run._r.get_or_add_rPr().append(highlight)


def _white_in_a_dark_paragraph(run: object) -> None:
    _white_run(run)
    _shade(run._r.getparent().get_or_add_pPr(), "000000")


@pytest.mark.parametrize("change", [_white_on_dark, _white_marked, _white_in_a_dark_paragraph])
def test_white_words_on_a_dark_ground_are_seen(tmp_path: Path, change: Callable[[object], None]) -> None:
    assert _seen(_docx(tmp_path, change)) == [f"{PLAIN} {SECRET}"]


def test_hidden_by_its_style_and_hidden_in_a_table(tmp_path: Path) -> None:
    document = docx.Document()
    document.styles.add_style("Ghost", 1).font.hidden = True
    document.add_paragraph(SECRET, style="Ghost")
    table = document.add_table(rows=2, cols=2)
    for cell, words in zip(table._cells, ("Zone", "Price", "City", "300"), strict=True):
        cell.text = words
    table.cell(1, 1).paragraphs[0].add_run(f" {SECRET}").font.size = Pt(1)
    head = table.cell(0, 0).paragraphs[0].runs[0]
    head.font.color.rgb = RGBColor(0xFF, 0xFF, 0xFF)  # its ground comes from the table's style
    document.save(tmp_path / "some.docx")
    read = read_docx(tmp_path / "some.docx")

    assert SECRET not in " ".join(_seen(read))
    assert [how for _, how in _hidden(read)] == ["invisible", "tiny"]
    assert "Zone" in " ".join(_seen(read))


def test_deleted_words_and_comments_of_a_word_document_are_not_its_text(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph(PLAIN)
    document.add_comment(paragraph.runs, SECRET, author="A", initials="A")
    deleted = OxmlElement("w:del")
    run = OxmlElement("w:r")
    words = OxmlElement("w:delText")
    words.text = SECRET
    run.append(words)
    deleted.append(run)
    paragraph._p.append(deleted)
    document.save(tmp_path / "some.docx")
    read = read_docx(tmp_path / "some.docx")

    assert [(block.text, block.hidden) for block in read.blocks] == [(PLAIN, "")]


@pytest.mark.parametrize(
    ("inside", "how"),
    [
        ('<p style="display:none">{}</p>', "invisible"),
        ('<p style="VISIBILITY: hidden !important">{}</p>', "invisible"),
        ("<p hidden>{}</p>", "invisible"),
        ('<span style="opacity:0">{}</span>', "invisible"),
        ('<div style="position:absolute; left:-9999px">{}</div>', "invisible"),
        ('<div style="height:0;overflow:hidden">{}</div>', "invisible"),
        ('<p style="color:transparent">{}</p>', "invisible"),
        ("<template>{}</template>", "invisible"),
        ("<noscript>{}</noscript>", "invisible"),
        ('<p style="font-size:1px">{}</p>', "tiny"),
        ('<p style="font-size: 0">{}</p>', "tiny"),
        ('<p style="color:#fff">{}</p>', "white"),
        ('<p><font color="white">{}</font></p>', "white"),
        ('<div style="background:#000"><p style="color:rgb(3, 3, 3)">{}</p></div>', "white"),
        ("<!-- {} -->", "comment"),
        ('<table><tr><td>City</td><td>300 <i style="display:none">{}</i></td></tr></table>', "invisible"),
    ],
)
def test_hidden_text_of_a_page_is_told_apart(inside: str, how: str) -> None:
    page = read_html(f"<body><p>{PLAIN}</p>{inside.format(SECRET)}</body>".encode())

    assert SECRET not in " ".join(_seen(page))
    assert _hidden(page) == [(SECRET, how)]


@pytest.mark.parametrize(
    "inside",
    [
        '<div style="background:#123456"><p style="color:#fff">{}</p></div>',
        '<div style="background:url(x.png)"><p style="color:#fff">{}</p></div>',
        '<table bgcolor="navy"><tr><td style="color:white">{}</td></tr></table>',
        '<style>.hero{{background:#000}}</style><div class="hero"><p style="color:#fff">{}</p></div>',
        '<div style="font-size:0"><span style="font-size:16px">{}</span></div>',
        '<p style="opacity:0.9">{}</p>',
        "<details><summary>More</summary>{}</details>",
    ],
)
def test_what_a_reader_of_a_page_sees_is_not_hidden(inside: str) -> None:
    page = read_html(f"<body><p>{PLAIN}</p>{inside.format(SECRET)}</body>".encode())

    assert _hidden(page) == []
    assert SECRET in " ".join(_seen(page))


@pytest.mark.parametrize(
    ("inside", "how"),
    [
        ("<!-- {} -->", "comment"),
        ('<span style="display:none">{}</span>', "invisible"),
        ("<p hidden>{}</p>", "invisible"),
    ],
)
def test_hidden_text_of_markdown_is_told_apart(inside: str, how: str) -> None:
    document = read_markdown(f"{PLAIN}\n\n{inside.format(SECRET)}\n")

    assert _seen(document) == [PLAIN]
    assert _hidden(document) == [(SECRET, how)]
