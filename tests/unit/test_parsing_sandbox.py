"""A stranger's file may be hostile: it ends in a verdict, in bounded time, and the product lives on."""

import asyncio
import contextlib
import os
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import DocumentBroken, DocumentEmpty, DocumentRejected, DocumentTooHard, DocumentTypeUnknown
from core.parsing.docx import LARGEST_PART
from core.parsing.sandbox import ParseLimits, read_in_sandbox
from tests.waiting import until

WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
PATIENT = ParseLimits(wall_s=60)


def _docx(path: Path, content: str | bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("word/document.xml", content)
    return path


def _pdf(path: Path, content: bytes) -> Path:
    """One page of this compressed content, without the table of objects: pypdf rebuilds it."""
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << >> >> >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(content), content),
    )
    numbered = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, text) for number, text in enumerate(objects, start=1))
    path.write_bytes(b"%PDF-1.4\n" + numbered + b"trailer\n<< /Root 1 0 R >>\nstartxref\n0\n%%EOF")
    return path


@pytest.fixture
def endless(tmp_path: Path) -> Iterator[Path]:
    """A file that never ends and never answers: reading it hangs, because this test holds its other end open."""
    path = tmp_path / "endless"
    os.mkfifo(path)
    held = os.open(path, os.O_RDWR)
    yield path
    os.close(held)


def _children_reading(path: Path) -> list[Path]:
    """Processes (as their folders in /proc) that read this file for us."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (process / "cmdline").read_bytes().split(b"\0")
            if b"core.parsing.child" in command and bytes(path) in command:
                found.append(process)
    return found


async def test_a_good_file_comes_back_whole(tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_text("# Возврат\n\nВ течение 30 дней.\n")
    parsed = await read_in_sandbox(path, "правила.md")
    assert (parsed.format, parsed.title) == ("md", "Возврат")
    assert [(block.text, block.level) for block in parsed.blocks] == [("Возврат", 1), ("В течение 30 дней.", 0)]


@pytest.mark.parametrize(
    ("name", "content", "verdict"),
    [("empty.txt", b"", DocumentEmpty), ("tool.pdf", b"MZ\x00\x01\x02" * 99, DocumentTypeUnknown)],
)
async def test_the_childs_verdict_is_ours(
    tmp_path: Path, name: str, content: bytes, verdict: type[DocumentRejected]
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(verdict):
        await read_in_sandbox(tmp_path / name, name)


async def test_a_zip_bomb_is_too_hard(tmp_path: Path) -> None:
    spaces = f"<w:p><w:r><w:t>Hi</w:t></w:r></w:p>{' ' * 65_536}" * (LARGEST_PART // 65_536)
    path = _docx(tmp_path / "bomb.docx", f"<w:document {WORD}><w:body>{spaces}</w:body></w:document>")
    assert path.stat().st_size < 1_000_000
    with pytest.raises(DocumentTooHard):
        await read_in_sandbox(path, "bomb.docx", PATIENT)


async def test_a_zip_that_lies_about_its_size_is_broken(tmp_path: Path) -> None:
    path = _docx(tmp_path / "liar.docx", b" " * 5_000_000)
    content = path.read_bytes()
    path.write_bytes(content.replace((5_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little")))
    with pytest.raises(DocumentBroken):
        await read_in_sandbox(path, "liar.docx", PATIENT)


@pytest.mark.parametrize(
    "xml",
    [
        "<!DOCTYPE d [<!ENTITY a 'lol'>"
        + "".join(f"<!ENTITY {chr(98 + at)} '{f'&{chr(97 + at)};' * 10}'>" for at in range(9))
        + f"]><w:document {WORD}><w:body><w:p><w:r><w:t>&j;</w:t></w:r></w:p></w:body></w:document>",
        f"<w:document {WORD}><w:body>{'<w:sdt>' * 50_000}{'</w:sdt>' * 50_000}</w:body></w:document>",
    ],
    ids=["entities", "depth"],
)
async def test_a_bomb_of_xml_is_rejected(tmp_path: Path, xml: str) -> None:
    with pytest.raises(DocumentRejected):
        await read_in_sandbox(_docx(tmp_path / "bomb.docx", xml), "bomb.docx", PATIENT)


async def test_too_many_elements_for_the_memory_are_too_hard(tmp_path: Path) -> None:
    path = _docx(tmp_path / "many.docx", f"<w:document {WORD}><w:body>{'<w:p/>' * 3_000_000}</w:body></w:document>")
    with pytest.raises(DocumentTooHard):
        await read_in_sandbox(path, "many.docx", ParseLimits(memory_bytes=200 * 1024 * 1024, wall_s=60))


async def test_a_page_that_unpacks_without_end_is_too_hard(tmp_path: Path) -> None:
    packed = zlib.compressobj(1)
    page = b"".join(packed.compress(b"BT (hi) Tj ET " * 100_000) for _ in range(60)) + packed.flush()
    with pytest.raises(DocumentTooHard):
        await read_in_sandbox(_pdf(tmp_path / "page.pdf", page), "page.pdf", PATIENT)


async def test_a_book_longer_than_the_limit_is_too_hard(tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("many words " * 1000)
    with pytest.raises(DocumentTooHard):
        await read_in_sandbox(tmp_path / "long.txt", "long.txt", ParseLimits(characters=5_000))


async def test_a_file_that_never_answers_is_given_up(endless: Path) -> None:
    with pytest.raises(DocumentTooHard):
        await read_in_sandbox(endless, "endless.pdf", ParseLimits(wall_s=1))
    assert not _children_reading(endless), "the child outlived its time"


async def test_nobody_reads_on_after_a_cancellation(endless: Path) -> None:
    async def someone_reads() -> bool:
        return bool(_children_reading(endless))

    async with asyncio.TaskGroup() as group:
        reading = group.create_task(read_in_sandbox(endless, "endless.pdf", PATIENT))
        await until(someone_reads)
        reading.cancel()
    assert reading.cancelled()
    assert not _children_reading(endless)


async def test_the_child_knows_none_of_our_secrets_and_at_most_two_run_at_once(
    endless: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OWNER_PASSWORD", "do-not-tell")

    async def two_read() -> bool:
        return len(_children_reading(endless)) >= 2

    async with asyncio.TaskGroup() as group:
        readings = [group.create_task(read_in_sandbox(endless, "endless.pdf", PATIENT)) for _ in range(4)]
        await until(two_read)
        await asyncio.sleep(0.2)
        children = _children_reading(endless)
        environments = [(process / "environ").read_bytes() for process in children]
        for reading in readings:
            reading.cancel()
    assert len(children) == 2
    assert not any(b"do-not-tell" in environment for environment in environments)


SHEET = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml"
ROW = '<row r="1"><c r="A1" t="inlineStr"><is><t>Tea</t></is></c><c r="B1"><v>5</v></c></row>'


def _xlsx(path: Path, rows: str, *, before: str = "", strings: str = "", prologue: str = "") -> Path:
    """A workbook of one sheet, by hand: programs do not write what these tests need."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" '
        f'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{EXCEL}.sheet.main+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{EXCEL}.sharedStrings+xml"/></Types>',
        "xl/workbook.xml": f'<workbook {SHEET} xmlns:r="{OFFICE}"><sheets><sheet name="Sheet1" sheetId="1" r:id="r1"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f"{prologue}<worksheet {SHEET}>{before}<sheetData>{rows}</sheetData></worksheet>",
        "xl/sharedStrings.xml": f"<sst {SHEET}>{strings}</sst>",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path


async def test_a_sheet_that_lies_about_its_size_costs_nothing(tmp_path: Path) -> None:
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    path = _xlsx(tmp_path / "far.xlsx", ROW + far, before='<dimension ref="A1:XFD1048576"/>')
    parsed = await read_in_sandbox(path, "far.xlsx", PATIENT)
    assert [block.text for block in parsed.blocks] == ["Tea: 5", "1"]


@pytest.mark.parametrize(
    ("rows", "strings", "prologue", "verdict"),
    [
        (ROW, f"<si><t>{'x' * (LARGEST_PART + 1)}</t></si>", "", DocumentTooHard),
        ("<row>" + '<c t="s"><v>0</v></c>' * 400 + "</row>", f"<si><t>{'x' * 30_000}</t></si>", "", DocumentTooHard),
        ('<row><c t="inlineStr"><is><t>&a;</t></is></c></row>', "", '<!DOCTYPE d [<!ENTITY a "lol">]>', DocumentBroken),
        ('<row r="1"><c r="A1"><v>no number</v></c></row>', "", "", DocumentBroken),
    ],
    ids=["a large text", "one text everywhere", "entities", "nonsense"],
)
async def test_a_workbook_that_is_a_trap_is_rejected(
    tmp_path: Path, rows: str, strings: str, prologue: str, verdict: type[DocumentRejected]
) -> None:
    path = _xlsx(tmp_path / "trap.xlsx", rows, strings=strings, prologue=prologue)
    with pytest.raises(verdict):
        await read_in_sandbox(path, "trap.xlsx", PATIENT)


async def test_an_unclosed_quotation_mark_swallows_no_rows(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text('name;price\n"TV 5;10\n' + "Tea;5\n" * 300)
    assert len((await read_in_sandbox(tmp_path / "p.csv", "p.csv", PATIENT)).blocks) == 301
