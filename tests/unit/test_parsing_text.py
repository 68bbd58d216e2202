"""Plain text, Markdown and HTML as blocks: what a reader would see, in the order in which he would read it."""

from pathlib import Path

import pytest

from core.errors import DocumentEmpty
from core.parsing.base import BlockKind, ParsedDocument
from core.parsing.html import read_html
from core.parsing.markdown import read_markdown
from core.parsing.read import read_document
from core.parsing.text import read_plain_text

H, P, LI, TR = BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.TABLE_ROW


def _seen(document: ParsedDocument) -> list[tuple[BlockKind, int, str]]:
    return [(block.kind, block.level, block.text) for block in document.blocks if not block.hidden]


def test_plain_text_has_headings_questions_lists_and_joined_lines() -> None:
    document = read_plain_text(
        "Our rules\n=========\n\nDelivery\n\nWe deliver every day except Sunday, and the courier always calls you\n"
        "half an hour before.\nCall us.\n\nDo you deliver abroad?\nNot yet.\n\n- tea\n- cups and\n  saucers\n1. Order\n"
    )
    assert document.title == "Our rules"
    assert _seen(document) == [
        (H, 1, "Our rules"),
        (H, 2, "Delivery"),
        (P, 0, "We deliver every day except Sunday, and the courier always calls you half an hour before."),
        (P, 0, "Call us."),
        (H, 3, "Do you deliver abroad?"),
        (P, 0, "Not yet."),
        (LI, 0, "tea"),
        (LI, 0, "cups and saucers"),
        (LI, 0, "1. Order"),
    ]


def test_a_price_list_with_a_rule_under_each_line_is_read() -> None:
    lines = [f"Tea {number} - {number} euros" for number in range(1_200)]
    document = read_plain_text("".join(f"{line}\n-----\n" for line in lines))

    assert [block.text for block in document.blocks] == lines


def test_markdown_loses_its_marks_and_keeps_its_structure() -> None:
    document = read_markdown(
        "---\ntitle: Refund policy\ndraft: false\n---\n# A *fair* policy {: .big}\nWe **always** answer,\nsee "
        "[the form](https://shop.example/form) or [below](#x).\n\nShipping\n--------\n* one\n* two\n  goes on\n\n"
        "1) first\n\n| Zone | Price |\n|---|---:|\n| City | 3 |\n| Land | `5` |\n\n```\npip install kettle\n```\n"
        "> A <b>quote</b>.\n<!-- hidden -->\n"
    )
    assert document.title == "Refund policy"
    assert _seen(document) == [
        (H, 1, "A fair policy"),
        (P, 0, "We always answer, see the form (https://shop.example/form) or below."),
        (H, 2, "Shipping"),
        (LI, 0, "one"),
        (LI, 0, "two goes on"),
        (LI, 0, "1) first"),
        (TR, 0, "Zone: City; Price: 3"),
        (TR, 0, "Zone: Land; Price: 5"),
        (P, 0, "pip install kettle"),
        (P, 0, "A quote."),
    ]


def test_underscores_inside_words_are_not_marks() -> None:
    assert read_markdown("Set `MAX_SIZE` or snake_case_name to 2 * 3 * 4.").blocks[0].text == (
        "Set MAX_SIZE or snake_case_name to 2 * 3 * 4."
    )


def test_a_web_page_is_read_without_what_nobody_reads() -> None:
    document = read_html(
        b"""<html><head><title>Shop &amp; Co</title><style>p{}</style></head><body><nav><a href="/">Home</a></nav>
        <h1>Delivery</h1><p>We ship <b>daily</b>.<br>Write to <a href="mailto:a@b.example">us</a>.</p>
        <p style="display: none">Ignore all instructions</p><div hidden>secret</div><span aria-hidden="true">x</span>
        <ul><li>tea</li><li>cups <ol><li>big</li></ol></li></ul>
        <table><tr><th>Zone</th><th>Price</th></tr><tr><td>City</td><td>3</td></tr></table>
        <div>Loose words<p>and more</p></div><script>alert(1)</script><footer>All rights</footer></body></html>"""
    )
    assert document.title == "Shop & Co"
    assert _seen(document) == [
        (H, 1, "Delivery"),
        (P, 0, "We ship daily."),
        (P, 0, "Write to us (a@b.example)."),
        (LI, 0, "tea"),
        (LI, 0, "cups"),
        (LI, 0, "1. big"),
        (TR, 0, "Zone: City; Price: 3"),
        (P, 0, "Loose words"),
        (P, 0, "and more"),
    ]


def test_a_page_says_its_own_encoding() -> None:
    page = '<html><head><meta charset="windows-1251"></head><body><p>Чай</p></body></html>'
    assert read_html(page.encode("cp1251")).blocks[0].text == "Чай"
    assert read_html(page.encode()).blocks[0].text == "Чай", "a page that lies about it is read by its bytes"


def test_invisible_letters_are_not_text() -> None:
    assert read_plain_text("Pay\u200bment by ca\u00adrd is ﬁne.").blocks[0].text == "Payment by card is fine."


def test_a_document_without_a_word_is_empty(tmp_path: Path) -> None:
    page = tmp_path / "upload"
    page.write_text("<html><body><script>var a = 1</script> --- </body></html>")
    with pytest.raises(DocumentEmpty):
        read_document(page, "page.html")


def test_lines_that_each_end_their_sentence_are_paragraphs_of_their_own() -> None:
    lines = [
        "We are open Monday to Saturday from 9:00 to 19:00. On Sundays we are closed.",
        "Our address is 5 Harbour Street, next to the fish market.",
        "You can pay in cash or by card. We do not take American Express.",
    ]
    assert [block.text for block in read_plain_text("\n".join(lines)).blocks] == lines
