"""Builds the demo's PDF and DOCX files from `sources/*.md`: `python -m core.demo.build FOLDER_WITH_DEJAVU_FONTS`.

A tool for writers, not for the product, which ships the built files. Needs reportlab, python-docx and the fonts
DejaVuSerif.ttf and DejaVuSerif-Bold.ttf (on Debian the package fonts-dejavu-core). Knows just the Markdown that the
sources use: headings, paragraphs, "- " and "1. " lists, tables.
"""

import datetime
import itertools
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docx
from docx.shared import Pt, RGBColor
from reportlab.lib import colors
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph, Spacer, Table, TableStyle

_HERE = Path(__file__).parent
_COPPER, _INK, _LINE = "#9a4f24", "#2b2521", "#e3d3c6"
_FOOTERS = {
    "delivery-and-returns": "Copper Kettle · tea, kettles and teapots · page",
    "dostavka-i-vozvrat": "Медный чайник · чай, чайники и заварники · стр.",
}
_CARE = ("product-care-guide", "uhod-za-tovarom")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a source: `kind` is h1, h2, p, li, ol or table."""

    kind: str
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


def read_source(text: str) -> Iterator[Part]:
    for lines in text.strip().split("\n\n"):
        if lines.startswith("|"):
            rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines.split("\n")]
            yield Part("table", rows=(rows[0], *rows[2:]))
            continue
        for line in lines.split("\n"):
            if heading := re.match(r"(#+) (.*)", line):
                yield Part(f"h{len(heading[1])}", heading[2])
            elif item := re.match(r"- (.*)", line):
                yield Part("li", item[1])
            elif re.match(r"\d+\. ", line):
                yield Part("ol", line)
            else:
                yield Part("p", line)


class _Booklet(BaseDocTemplate):  # type: ignore[misc]  # reportlab has no types
    """A PDF whose headings are bookmarks and whose pages carry a footer."""

    def __init__(self, path: Path, title: str, footer: str) -> None:
        super().__init__(str(path), pagesize=A4, title=title, author="Copper Kettle", invariant=1)
        frame = Frame(62, 62, A4[0] - 124, A4[1] - 124, id="page", leftPadding=0, rightPadding=0)
        self.addPageTemplates(PageTemplate(frames=[frame], onPage=self._footer))
        self._text = footer

    def _footer(self, canvas: Any, document: Any) -> None:
        canvas.setFont("Serif", 8)
        canvas.setFillColor(colors.HexColor(_COPPER))
        canvas.drawCentredString(A4[0] / 2, 36, f"{self._text} {document.page}")

    def afterFlowable(self, flowable: Any) -> None:  # noqa: N802  (reportlab's name)
        style = getattr(flowable, "style", None)
        if isinstance(style, ParagraphStyle) and style.name in ("h1", "h2"):
            key = f"{style.name}-{self.seq.nextf('heading')}"
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(flowable.getPlainText(), key, int(style.name[1]) - 1)


def build_pdf(source: Path, target: Path, footer: str) -> None:
    styles = _styles()
    story: list[Any] = []
    parts = list(read_source(source.read_text(encoding="utf-8")))
    for before, part in itertools.pairwise([Part(""), *parts]):
        if before.kind in ("li", "ol") and part.kind == "p":
            story.append(Spacer(1, 6))
        if part.kind == "table":
            story += [_pdf_table(part.rows), Spacer(1, 9)]
        else:
            bullet = "•" if part.kind == "li" else None
            story.append(Paragraph(part.text, styles[part.kind], bulletText=bullet))
    _Booklet(target, parts[0].text, footer).build(story)


def _styles() -> dict[str, ParagraphStyle]:
    body = ParagraphStyle("p", fontName="Serif", fontSize=10.5, leading=15, textColor=_INK, spaceAfter=8)
    heading = ParagraphStyle("h2", body, fontName="Serif-Bold", fontSize=13.5, leading=18, textColor=_COPPER)
    heading.spaceBefore, heading.spaceAfter, heading.keepWithNext, heading.alignment = 9, 5, 1, TA_LEFT
    title = ParagraphStyle("h1", heading, fontSize=22, leading=28, spaceAfter=10)
    item = ParagraphStyle("li", body, leftIndent=16, bulletIndent=4, spaceAfter=3)
    return {"p": body, "h1": title, "h2": heading, "li": item, "ol": ParagraphStyle("ol", item, leftIndent=4)}


def _pdf_table(rows: tuple[tuple[str, ...], ...]) -> Table:
    letters = [max(len(row[column]) for row in rows) + 4 for column in range(len(rows[0]))]
    widths = [(A4[0] - 124) * length / sum(letters) for length in letters]
    table = Table([list(row) for row in rows], colWidths=widths, hAlign="LEFT")
    look = [
        ("FONT", (0, 0), (-1, 0), "Serif-Bold", 10),
        ("FONT", (0, 1), (-1, -1), "Serif", 10),
        ("TEXTCOLOR", (0, 0), (-1, -1), colors.HexColor(_INK)),
        ("LINEBELOW", (0, 0), (-1, -1), 0.6, colors.HexColor(_LINE)),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
    ]
    table.setStyle(TableStyle(look))
    return table


def build_docx(source: Path, target: Path) -> None:
    document = docx.Document()
    look = document.styles["Normal"].font
    look.name, look.size = "Georgia", Pt(11)
    parts = list(read_source(source.read_text(encoding="utf-8")))
    for part in parts:
        if part.kind == "table":
            _docx_table(document, part.rows)
        elif part.kind in ("h1", "h2"):
            heading = document.add_heading(part.text, level=int(part.kind[1]))
            heading.runs[0].font.color.rgb = RGBColor.from_string(_COPPER[1:].upper())
            heading.runs[0].font.name = "Georgia"
        else:
            document.add_paragraph(part.text, style="List Bullet" if part.kind == "li" else None)
    document.core_properties.title, document.core_properties.author = parts[0].text, "Copper Kettle"
    document.core_properties.created = document.core_properties.modified = datetime.datetime(
        2026, 1, 1, tzinfo=datetime.UTC
    )
    document.save(str(target))


def _docx_table(document: Any, rows: tuple[tuple[str, ...], ...]) -> None:
    table = document.add_table(rows=len(rows), cols=len(rows[0]), style="Light Grid Accent 2")
    for (y, row), x in itertools.product(enumerate(rows), range(len(rows[0]))):
        table.cell(y, x).text = row[x]
        table.cell(y, x).paragraphs[0].runs[0].font.bold = y == 0
    document.add_paragraph()


def main(fonts: Path) -> None:
    pdfmetrics.registerFont(TTFont("Serif", str(fonts / "DejaVuSerif.ttf")))
    pdfmetrics.registerFont(TTFont("Serif-Bold", str(fonts / "DejaVuSerif-Bold.ttf")))
    for name, footer in _FOOTERS.items():
        build_pdf(_HERE / "sources" / f"{name}.md", _HERE / "documents" / f"{name}.pdf", footer)
    for name in _CARE:
        build_docx(_HERE / "sources" / f"{name}.md", _HERE / "documents" / f"{name}.docx")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
