"""Word documents, written by python-docx or by hand, come out in the order in which they are read."""

import zipfile
from pathlib import Path

import docx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part

from core.errors import DocumentBroken, DocumentLocked, DocumentTooHard
from core.parsing.base import BlockKind
from core.parsing.docx import LARGEST_PACKAGE, LARGEST_PART, read_docx
from core.parsing.read import read_document
from core.parsing.sandbox import ParseLimits, read_in_sandbox

NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def _by_hand(path: Path, body: str, **parts: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", f"<w:document {NAMESPACE}><w:body>{body}</w:body></w:document>")
        for name, content in parts.items():
            archive.writestr(f"word/{name}.xml", content)
    return path


def _changed(path: Path, part: str, old: bytes, new: bytes) -> Path:
    """A whole package of Word's, with a part of it changed: a title, a heading, a line."""
    document = docx.Document()
    document.core_properties.title = "Kettles of the year"
    document.add_heading("Kettles")
    document.add_paragraph("Dry it at once.")
    document.save(str(path))
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    assert old in contents[part]
    contents[part] = contents[part].replace(old, new)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path


def test_headings_lists_and_tables_keep_their_order(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("Care guide", level=0)
    document.add_heading("Kettles", level=1)
    document.add_paragraph("Dry it at once.")
    document.add_paragraph("Never boil it dry.", style="List Bullet")
    table = document.add_table(rows=2, cols=3)
    for cell, text in zip(table._cells, ["Tea", "Heat", "Time", "Green", "75 °C", "2 min"], strict=True):
        cell.text = text
    document.add_paragraph("Enjoy.")
    document.core_properties.title = "Care of kettles"
    document.save(str(tmp_path / "care.docx"))

    parsed = read_docx(tmp_path / "care.docx")

    assert (parsed.format, parsed.title) == ("docx", "Care of kettles")
    assert [(block.kind, block.level, block.text) for block in parsed.blocks] == [
        (BlockKind.HEADING, 1, "Care guide"),
        (BlockKind.HEADING, 1, "Kettles"),
        (BlockKind.PARAGRAPH, 0, "Dry it at once."),
        (BlockKind.LIST_ITEM, 0, "Never boil it dry."),
        (BlockKind.TABLE_ROW, 0, "Tea: Green; Heat: 75 °C; Time: 2 min"),
        (BlockKind.PARAGRAPH, 0, "Enjoy."),
    ]


def test_a_table_of_pairs_has_no_header(tmp_path: Path) -> None:
    document = docx.Document()
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(table._cells, ["Phone", "555 0142", "City:", "Lindenford"], strict=True):
        cell.text = text
    document.save(str(tmp_path / "contacts.docx"))
    assert [block.text for block in read_docx(tmp_path / "contacts.docx").blocks] == [
        "Phone: 555 0142",
        "City: Lindenford",
    ]


def test_a_merged_cell_keeps_its_columns_and_its_label_stands_in_every_row(tmp_path: Path) -> None:
    document = docx.Document()
    table = document.add_table(rows=4, cols=4)
    texts = ["Kind", "Tea", "Time", "", "Green", "Sencha", "1 min", "2 min", "", "Bancha", "long", "", "Ask us"]
    for cell, text in zip(table._cells, texts, strict=False):
        cell.text = text
    table.cell(0, 2).merge(table.cell(0, 3))
    table.cell(1, 0).merge(table.cell(2, 0))
    table.cell(2, 2).merge(table.cell(2, 3))
    table.cell(3, 0).merge(table.cell(3, 3))
    document.save(str(tmp_path / "teas.docx"))
    assert [block.text for block in read_docx(tmp_path / "teas.docx").blocks] == [
        "Kind: Green; Tea: Sencha; Time: 1 min; Time: 2 min",
        "Kind: Green; Tea: Bancha; Time: long",
        "Kind: Ask us",
    ]


def test_one_cell_across_a_table_is_its_caption(tmp_path: Path) -> None:
    document = docx.Document()
    table = document.add_table(rows=2, cols=2)
    table.cell(0, 0).merge(table.cell(0, 1)).paragraphs[0].add_run("Vehicles").bold = True
    table.cell(1, 0).text, table.cell(1, 1).text = "Truck", "two"
    document.save(str(tmp_path / "vehicles.docx"))
    assert [block.text for block in read_docx(tmp_path / "vehicles.docx").blocks] == ["Vehicles", "Truck: two"]


def test_a_cell_with_an_impossible_span_still_says_its_words(tmp_path: Path) -> None:
    cells = "".join(
        f'<w:tc><w:tcPr><w:gridSpan w:val="{span}"/></w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>'
        for span, text in [("wide", "Phone"), ("999999999", "555 0142")]
    )
    path = _by_hand(tmp_path / "span.docx", f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>")
    assert [block.text for block in read_docx(path).blocks] == ["Phone: 555 0142"]
    path = _by_hand(tmp_path / "wide.docx", f"<w:tbl><w:tr>{cells.replace('wide', '999999999')}</w:tr></w:tbl>")
    assert [block.text for block in read_docx(path).blocks] == ["Phone: 555 0142"]


def test_footnotes_follow_their_paragraph_and_deleted_words_are_gone(tmp_path: Path) -> None:
    path = _by_hand(
        tmp_path / "notes.docx",
        "<w:p><w:r><w:t>Free</w:t></w:r><w:del><w:r><w:delText> never</w:delText></w:r></w:del>"
        '<w:r><w:tab/><w:t>delivery</w:t><w:footnoteReference w:id="2"/></w:r></w:p>'
        "<w:sdt><w:sdtContent><w:p><w:r><w:t>Inside a control</w:t></w:r></w:p></w:sdtContent></w:sdt>",
        footnotes=f'<w:footnotes {NAMESPACE}><w:footnote w:id="2"><w:p><w:r><w:t>Above 60 euros.</w:t></w:r></w:p>'
        "</w:footnote></w:footnotes>",
    )
    assert [block.text for block in read_docx(path).blocks] == ["Free delivery", "Above 60 euros.", "Inside a control"]


def test_a_heading_is_known_by_its_style_even_through_others(tmp_path: Path) -> None:
    styles = (
        f'<w:styles {NAMESPACE}><w:style w:styleId="1"><w:name w:val="heading 2"/></w:style>'
        '<w:style w:styleId="own"><w:name w:val="My big words"/><w:basedOn w:val="1"/></w:style></w:styles>'
    )
    body = '<w:p><w:pPr><w:pStyle w:val="own"/></w:pPr><w:r><w:t>Гарантия</w:t></w:r></w:p>'
    (block,) = read_docx(_by_hand(tmp_path / "styled.docx", body, styles=styles)).blocks
    assert (block.kind, block.level) == (BlockKind.HEADING, 2)


def test_a_file_outside_the_document_is_never_read(tmp_path: Path) -> None:
    path = tmp_path / "curious.docx"
    secret = tmp_path / "secret"
    secret.write_text("the key")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "word/document.xml",
            f'<!DOCTYPE d [<!ENTITY leak SYSTEM "{secret.as_uri()}">]><w:document {NAMESPACE}><w:body><w:p><w:r>'
            "<w:t>Look: &leak;</w:t></w:r></w:p></w:body></w:document>",
        )
    assert "key" not in " ".join(block.text for block in read_docx(path).blocks)


def test_a_zip_with_a_password_is_locked_and_bad_xml_is_broken(tmp_path: Path) -> None:
    locked = _by_hand(tmp_path / "locked.docx", "<w:p/>")
    content = bytearray(locked.read_bytes())
    content[6] |= 1  # the bit "encrypted" of the local header ...
    content[content.rindex(b"PK\x01\x02") + 8] |= 1  # ... and of the list of names
    locked.write_bytes(content)
    with pytest.raises(DocumentLocked):
        read_docx(locked)
    with pytest.raises(DocumentBroken):
        read_docx(_by_hand(tmp_path / "bad.docx", "<w:p>"))


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("word/_rels/document.xml.rels", b'Target="settings.xml"', b'Target="NULL"'),
        ("word/_rels/document.xml.rels", b'Target="settings.xml"', b""),
        ("word/settings.xml", b"</w:settings>", b""),
        ("word/numbering.xml", b"</w:numbering>", b""),
        ("word/styles.xml", b"</w:styles>", b""),
        ("[Content_Types].xml", b"wordprocessingml.document.main+xml", b"wordprocessingml.template.main+xml"),
        ("[Content_Types].xml", b"Types", b"Kinds"),
        ("_rels/.rels", b"officeDocument/2006/relationships/officeDocument", b"nothing"),
    ],
    ids=[
        "dangling link",
        "link to nothing",
        *("settings", "numbering", "styles", "template", "types", "no link to text"),
    ],
)
def test_damage_beside_the_text_does_not_cost_the_text(tmp_path: Path, part: str, old: bytes, new: bytes) -> None:
    parsed = read_docx(_changed(tmp_path / "damaged.docx", part, old, new))
    assert parsed.title == "Kettles of the year"
    assert [block.text for block in parsed.blocks] == ["Kettles", "Dry it at once."]


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("docProps/core.xml", b"package/2006/metadata/core-properties", b"package/2005/06/md/core-properties"),
        ("docProps/core.xml", b"</cp:coreProperties>", b""),
    ],
)
def test_without_properties_the_first_heading_is_the_title(tmp_path: Path, part: str, old: bytes, new: bytes) -> None:
    parsed = read_docx(_changed(tmp_path / "bare.docx", part, old, new))
    assert parsed.title == "Kettles"
    assert [block.text for block in parsed.blocks] == ["Kettles", "Dry it at once."]


def test_a_broken_text_is_broken_in_a_whole_package_too(tmp_path: Path) -> None:
    with pytest.raises(DocumentBroken):
        read_docx(_changed(tmp_path / "bad.docx", "word/document.xml", b"</w:document>", b""))


@pytest.mark.parametrize("sizes", [[LARGEST_PART + 1], [LARGEST_PACKAGE // 5 + 1] * 5], ids=["one", "five"])
async def test_great_pictures_stay_packed_and_the_text_is_read(tmp_path: Path, sizes: list[int]) -> None:
    document = docx.Document()
    document.add_paragraph("Look at this.")
    for number, size in enumerate(sizes):
        uri = PackURI(f"/word/media/image{number}.bmp")
        picture = Part(uri, "image/bmp", bytes(size), document.part.package)
        document.part.relate_to(picture, RELATIONSHIP_TYPE.IMAGE)
    document.save(str(tmp_path / "album.docx"))
    parsed = await read_in_sandbox(tmp_path / "album.docx", "album.docx", ParseLimits(memory_bytes=200 * 1024 * 1024))
    assert [block.text for block in parsed.blocks] == ["Look at this."]


def test_a_text_that_unpacks_to_too_much_is_too_hard_in_a_whole_package_too(tmp_path: Path) -> None:
    spaces = b"<w:body>" + (b"<w:p/>" + b" " * 65_536) * (LARGEST_PART // 65_536)
    with pytest.raises(DocumentTooHard):
        read_docx(_changed(tmp_path / "bomb.docx", "word/document.xml", b"<w:body>", spaces))


def test_controls_nested_without_end_are_too_hard(tmp_path: Path) -> None:
    with pytest.raises(DocumentTooHard):
        read_docx(_by_hand(tmp_path / "deep.docx", "<w:sdt>" * 1000 + "</w:sdt>" * 1000))


def test_page_headers_and_footers_are_read_once_and_last(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("Dry it at once.")
    for number in range(2):
        section = document.sections[0] if number == 0 else document.add_section()
        section.header.is_linked_to_previous = section.footer.is_linked_to_previous = False
        section.header.paragraphs[0].text = "Kettle & Co, 12 Mill Lane"
        section.footer.paragraphs[0].text = f"Page {number + 1} of 2"
    document.add_paragraph("Enjoy.")
    document.save(str(tmp_path / "care.docx"))
    texts = [block.text for block in read_docx(tmp_path / "care.docx").blocks]
    assert texts == ["Dry it at once.", "Enjoy.", "Kettle & Co, 12 Mill Lane"]


def test_questions_in_bold_above_their_answers_become_pairs(tmp_path: Path) -> None:
    document = docx.Document()
    for question, answer in (("Is it loud?", "No."), ("Is it heavy?", "Two kilograms.")):
        document.add_paragraph().add_run(question).bold = True
        document.add_paragraph(answer)
    document.save(str(tmp_path / "faq.docx"))
    blocks = read_document(tmp_path / "faq.docx", "faq.docx").blocks
    assert [(block.question, block.text) for block in blocks] == [
        ("Is it loud?", "No."),
        ("Is it heavy?", "Two kilograms."),
    ]
