"""Texts made to keep the product busy for ever are read like any other: each of these would not end in a day."""

import pytest

from core.facts import facts_of
from core.parsing.cell_text import Writing, shown
from core.parsing.csv_table import read_csv
from core.parsing.markdown import read_markdown
from core.parsing.pair_marks import parts_of
from core.sentences import split_sentences

MANY = 100_000


@pytest.mark.parametrize("beginning", ["Т.е. ", "U.S. ", "ул. ", "А. "])
def test_abbreviations_without_end_are_one_sentence(beginning: str) -> None:
    assert len(split_sentences(beginning * 40_000)) == 1


def test_a_line_that_is_wrapped_without_end_is_one_sentence() -> None:
    assert len(split_sentences("we are open every day of the year and in the night too,\n" * 50_000)) == 1


@pytest.mark.parametrize("text", ["\n" * MANY, "+a" * MANY, "\t\n" * MANY, "a." * MANY])
def test_a_text_without_facts_has_none_however_long_it_is(text: str) -> None:
    assert not facts_of(text)


@pytest.mark.parametrize("line", ["a | b\n" + "\t" * MANY + "x", "# a" + " " * MANY + "b", "# a" + " #" * MANY + "b"])
def test_a_line_of_spaces_or_marks_is_read_as_it_stands(line: str) -> None:
    assert read_markdown(line).blocks


def test_a_mark_far_behind_spaces_ends_the_question() -> None:
    assert [part.text for part in parts_of("Q: tea?" + " " * 100_000 + "x")] == ["tea?" + " " * 100_000 + "x"]


def test_a_cell_of_dashes_is_no_table_but_ends() -> None:
    assert read_csv("a;b\n" + "-" * 100_000 + "x;1\n2;3\n").blocks


def test_a_number_format_of_open_brackets_shows_the_number() -> None:
    assert "5" in shown(5, "[$" * 100_000 + "0", Writing())
