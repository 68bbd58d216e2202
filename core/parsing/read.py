"""Any document as blocks: finds the format and calls its reader. Refuses to know limits; `sandbox.py` sets them.

Readers are imported when needed: a child process that reads a text file should not pay for loading the PDF library.
"""

from dataclasses import replace
from pathlib import Path, PurePath

from core.errors import DocumentEmpty
from core.parsing.base import ParsedDocument
from core.parsing.detect import Format, detect_format
from core.parsing.pairs import join_pairs


def read_document(path: Path, filename: str, page_url: str = "") -> ParsedDocument:
    """Read the file at `path`, which its owner calls `filename`. Blocking; may use much time and memory.

    With `page_url` an HTML file is read as the page of a site: its main text only, which may be none, and its links.

    Raises a `DocumentRejected` of core/errors.py, `MemoryError`, or whatever a reader did not foresee.
    """
    found = detect_format(path, filename)
    if page_url and found is Format.HTML:
        parsed = _read_page(path, page_url)
    else:
        parsed = _read(path, found, PurePath(filename).suffix.lower())
    if not parsed.blocks and parsed.page is None:
        raise DocumentEmpty
    return replace(parsed, blocks=join_pairs(parsed.blocks))


def _read_page(path: Path, page_url: str) -> ParsedDocument:
    from core.parsing.page import read_page  # noqa: PLC0415 - see above

    return read_page(path.read_bytes(), page_url)


def _read(path: Path, found: Format, suffix: str) -> ParsedDocument:
    if found is Format.PDF:
        from core.parsing.pdf import read_pdf  # noqa: PLC0415 - see above

        return read_pdf(path)
    if found is Format.DOCX:
        from core.parsing.docx import read_docx  # noqa: PLC0415 - see above

        return read_docx(path)
    if found is Format.XLSX:
        from core.parsing.xlsx import read_xlsx  # noqa: PLC0415 - see above

        return read_xlsx(path)
    if found is Format.HTML:
        from core.parsing.html import read_html  # noqa: PLC0415 - see above

        return read_html(path.read_bytes())
    from core.parsing.encoding import decode_text  # noqa: PLC0415 - see above

    if found is Format.MARKDOWN:
        from core.parsing.markdown import read_markdown  # noqa: PLC0415 - see above

        return read_markdown(decode_text(path.read_bytes()))
    if found is Format.CSV:
        from core.parsing.csv_table import read_csv  # noqa: PLC0415 - see above

        return read_csv(decode_text(path.read_bytes()), suffix)
    from core.parsing.text import read_plain_text  # noqa: PLC0415 - see above

    return read_plain_text(decode_text(path.read_bytes()))
