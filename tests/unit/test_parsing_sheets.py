"""Price lists: a row is a sentence with the names of its columns, whatever program wrote the file."""

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.styles import Font

from core.errors import DocumentEmpty
from core.parsing.base import BlockKind, ParsedDocument
from core.parsing.cell_text import Writing, shown
from core.parsing.csv_table import find_dialect
from core.parsing.read import read_document

H, P, TR, PAIR = BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.TABLE_ROW, BlockKind.PAIR
RUSSIAN, ENGLISH = Writing(russian=True), Writing()


def _read(folder: Path, content: str | bytes, name: str) -> ParsedDocument:
    path = folder / "upload"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_document(path, name)


def _seen(document: ParsedDocument) -> list[tuple[BlockKind, str]]:
    return [(block.kind, f"{block.question} {block.text}".strip()) for block in document.blocks]


def _book(folder: Path, fill: Callable[[Workbook], None]) -> ParsedDocument:
    book = Workbook()
    fill(book)
    book.save(folder / "book")
    return read_document(folder / "book", "price.dat")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251", "koi8-r", "cp866", "mac-cyrillic"])
@pytest.mark.parametrize("name", ["prices.csv", "prices.txt"])
def test_a_price_list_is_read_in_any_encoding_under_any_name(tmp_path: Path, encoding: str, name: str) -> None:
    table = 'Товар;Цена;В наличии\nРозы, красные;1200,50;да\n"Букет ""Весна""; большой";850;нет\n'
    assert _seen(_read(tmp_path, table.encode(encoding), name)) == [
        (TR, "Товар: Розы, красные; Цена: 1200,50; В наличии: да"),
        (TR, 'Товар: Букет "Весна"; большой; Цена: 850; В наличии: нет'),
    ]


@pytest.mark.parametrize(
    ("text", "suffix", "delimiter"),
    [
        ("sep=;\nTea;5\nCups;7\n", ".txt", ";"),
        ("Product,Price,Stock\nTea,5,yes\nCups,7,no\n", ".txt", ","),
        ("Product\tPrice\nTea\t5\n", ".txt", "\t"),
        ("| Zone | Price |\n|---|---|\n| City | 3 |\n", ".txt", "|"),
        ("Price list 2026\n\nTea;5\nCups;7\nPots;9\n", ".txt", ";"),
        ("Tea, green,5\nCups, small,7\n", ".csv", ","),
        ('name;size\nTV 5";10\nPhone 6";20\n', ".csv", ";"),
    ],
)
def test_a_table_is_known_by_its_rows(text: str, suffix: str, delimiter: str) -> None:
    found = find_dialect(text, suffix)
    assert found is not None
    assert found.delimiter == delimiter


@pytest.mark.parametrize(
    "text",
    [
        "Dear friends, we open on Friday.\nCome, see, and enjoy, all of you.\nThe tea, as always, is free.\n",
        "Tea, coffee, cake\nRed, green, blue\nOne, two, three\n",
        "Чай стоит 1,5 рубля.\nКофе стоит 2,5 рубля.\nТорт стоит 9,5 рубля.\n",
        "First; then; last.\nThat is all.\nWe thank you; come again.\n",
        "\tIndented text\n\tgoes on here\n\tand ends.\n",
        "One line, no table",
    ],
)
def test_a_text_in_which_people_write_commas_is_no_table(text: str) -> None:
    assert find_dialect(text, ".txt") is None


def test_a_sheet_with_a_title_categories_and_a_note_keeps_their_sense(tmp_path: Path) -> None:
    table = (
        "Price list,,\n,,\nProduct,Price,Stock\nRoses,,\nRed rose,5,yes\nWhite rose,6,yes\nTulips,,\nTulip,2,no\n"
        ",,\nPrices are without delivery.,,\n"
    )
    assert _seen(_read(tmp_path, table, "p.csv")) == [
        (H, "Price list"),
        (H, "Roses"),
        (TR, "Product: Red rose; Price: 5; Stock: yes"),
        (TR, "Product: White rose; Price: 6; Stock: yes"),
        (H, "Tulips"),
        (TR, "Product: Tulip; Price: 2; Stock: no"),
        (P, "Prices are without delivery."),
    ]


def test_a_product_without_a_price_is_no_category(tmp_path: Path) -> None:
    table = "Product,Price,Stock\nRed rose,5,yes\nTulip,,\nPeony,9,no\n"
    assert (TR, "Product: Tulip") in _seen(_read(tmp_path, table, "p.csv"))


def test_two_columns_without_names_are_pairs_of_words(tmp_path: Path) -> None:
    hours = "Monday,9-18\nTuesday,9-18\nSunday,closed\n"
    assert _seen(_read(tmp_path, hours, "hours.csv"))[0] == (TR, "Monday: 9-18")


@pytest.mark.parametrize(
    "table",
    [
        'Question,Answer\n"Do you deliver, and when?","Yes, daily."\nCards?,Yes\n',
        'Вопрос;Ответ\n"Do you deliver, and when?";Yes, daily.\nCards?;Yes\n',
        "Do you deliver, and when?;Yes, daily.\nCards?;Yes\n",
    ],
)
def test_a_table_of_questions_and_answers_gives_pairs(tmp_path: Path, table: str) -> None:
    document = _read(tmp_path, table, "faq.csv")
    assert [(block.kind, block.question, block.text) for block in document.blocks] == [
        (PAIR, "Do you deliver, and when?", "Yes, daily."),
        (PAIR, "Cards?", "Yes"),
    ]


def test_a_workbook_says_what_its_reader_sees(tmp_path: Path) -> None:
    def fill(book: Workbook) -> None:
        sheet = book.active
        assert sheet is not None
        sheet.title = "Прайс"
        sheet["B2"] = "Цветы"
        sheet.merge_cells("B2:E2")
        for column, name in enumerate(["Товар", "Цена", "Скидка", "Есть", "Завоз"], 2):
            sheet.cell(4, column, name).font = Font(bold=True)
        for column, value in enumerate(["Роза", 1200.5, 0.25, True, datetime.date(2026, 3, 5)], 2):
            sheet.cell(5, column, value)
        sheet["C5"].number_format = '#,##0.00\\ "₽"'
        sheet["D5"].number_format = "0%"
        other = book.create_sheet("Delivery")
        for row in (["Zone", "Day", "Price"], ["City", "Monday", 3], [None, "Friday", 4.0], ["Land", "Friday", 5]):
            other.append(row)
        other.merge_cells("A2:A3")

    assert _seen(_book(tmp_path, fill)) == [
        (H, "Прайс"),
        (H, "Цветы"),
        (TR, "Товар: Роза; Цена: 1 200,50 ₽; Скидка: 25%; Есть: да; Завоз: 05.03.2026"),
        (H, "Delivery"),
        (TR, "Zone: City; Day: Monday; Price: 3"),
        (TR, "Zone: City; Day: Friday; Price: 4"),
        (TR, "Zone: Land; Day: Friday; Price: 5"),
    ]


def test_what_the_owner_has_hidden_in_a_workbook_is_not_read(tmp_path: Path) -> None:
    def fill(book: Workbook) -> None:
        sheet = book.active
        assert sheet is not None
        for row in (["Product", "Price", "Cost"], ["Tea", 5, 1], ["Poison", 6, 2], ["Cups", 7, 3]):
            sheet.append(row)
        sheet.column_dimensions["C"].hidden = True
        sheet.row_dimensions[3].hidden = True
        secret = book.create_sheet("Margins")
        secret.append(["Secret", 90])
        secret.sheet_state = "hidden"

    assert _seen(_book(tmp_path, fill)) == [(TR, "Product: Tea; Price: 5"), (TR, "Product: Cups; Price: 7")]


def test_rows_that_only_a_filter_hides_are_read(tmp_path: Path) -> None:
    def fill(book: Workbook) -> None:
        sheet = book.active
        assert sheet is not None
        for row in (["Product", "Price", "Stock"], ["Tea", 5, 1], ["Cups", 7, 3]):
            sheet.append(row)
        sheet.auto_filter.ref = "A1:C3"
        sheet.auto_filter.add_filter_column(0, ["Tea"])
        sheet.row_dimensions[3].hidden = True

    assert len(_book(tmp_path, fill).blocks) == 2


def test_an_empty_workbook_is_an_empty_document(tmp_path: Path) -> None:
    with pytest.raises(DocumentEmpty):
        _book(tmp_path, lambda book: None)


@pytest.mark.parametrize(
    ("value", "number_format", "writing", "expected"),
    [
        (1200.0, "General", ENGLISH, "1200"),
        (1200.5, "General", RUSSIAN, "1200,5"),
        (0.1 + 0.2, "General", ENGLISH, "0.3"),
        (12, '"$"#,##0.00', ENGLISH, "$12.00"),
        (1234567.891, "#,##0.00", ENGLISH, "1,234,567.89"),
        (1234.5, "#,##0.00\\ [$₽-419]", ENGLISH, "1 234,50 ₽"),
        (850, '# ##0" руб."', ENGLISH, "850 руб."),
        (5, "[$€-2]\\ #,##0.00", ENGLISH, "€5.00"),
        (-3.5, "#,##0.00;[Red]-#,##0.00", ENGLISH, "-3.50"),
        (0.125, "0.0%", ENGLISH, "12.5%"),
        (12.5, '0 "₽"', ENGLISH, "13 ₽"),
        (1250.5, "# ##0", RUSSIAN, "1 251"),
        (-2.5, "0", ENGLISH, "-3"),
        (1.005, "0.00", ENGLISH, "1.01"),
        (0.285, "0%", ENGLISH, "29%"),
        (4607001234567890, "General", ENGLISH, "4607001234567890"),
        (10**400, "0", ENGLISH, "1" + "0" * 400),
        (7, "00000", ENGLISH, "00007"),
        (3, '0 "pcs"', ENGLISH, "3 pcs"),
        (True, "General", ENGLISH, "yes"),
        (datetime.datetime(2026, 3, 5, 10, 30, tzinfo=datetime.UTC), "yyyy-mm-dd hh:mm", ENGLISH, "2026-03-05 10:30"),
        (datetime.datetime(2026, 3, 5, tzinfo=datetime.UTC), "dd.mm.yyyy", ENGLISH, "05.03.2026"),
        (datetime.time(9, 5), "h:mm", ENGLISH, "09:05"),
        (datetime.timedelta(hours=30), "[h]:mm", ENGLISH, "30:00"),
        ("#N/A", "General", ENGLISH, ""),
        (None, "General", ENGLISH, ""),
    ],
)
def test_a_cell_is_written_as_people_write(value: object, number_format: str, writing: Writing, expected: str) -> None:
    assert shown(value, number_format, writing) == expected
