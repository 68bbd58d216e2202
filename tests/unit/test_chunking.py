"""Passages: nothing is lost, nothing is too long, and what belongs together stays together."""

import itertools
import random
import re
from collections.abc import Sequence

import pytest

from core.chunking import cut_passages, split_sentences
from core.parsing.base import Block, BlockKind, ParsedDocument

H, P, LI, TR = BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.TABLE_ROW
PAIR = BlockKind.PAIR


def count_words(texts: Sequence[str]) -> list[int]:
    """A tokenizer whose tokens are words and marks."""
    return [len(re.findall(r"\w+|[^\w\s]", text)) for text in texts]


def _document(*blocks: Block) -> ParsedDocument:
    return ParsedDocument("txt", blocks=blocks)


def _heading(text: str, level: int = 1) -> Block:
    return Block(H, text, level=level)


def _prose(words: int, seed: int = 0) -> str:
    """Sentences of four to twelve made-up words."""
    chance = random.Random(seed)
    sentences, left = [], words
    while left > 0:
        length = min(left, chance.randint(4, 12))
        sentences.append(" ".join(f"word{chance.randint(0, 9999)}" for _ in range(length)).capitalize() + ".")
        left -= length
    return " ".join(sentences)


def _random_document(seed: int) -> ParsedDocument:
    chance = random.Random(seed)
    kinds = [H, P, P, P, LI, LI, TR, PAIR]
    blocks = []
    for number in range(chance.randint(1, 60)):
        kind = chance.choice(kinds)
        words = chance.choice({P: [1, 3, 20, 60, 200, 900], H: [1, 4, 14]}.get(kind, [1, 4, 15, 120]))
        text = _prose(words, seed * 100 + number)
        level = chance.randint(1, 4) if kind is H else 0
        question = _prose(chance.choice([3, 10, 90]), seed * 100 - number) if kind is PAIR else ""
        text += ":" if chance.random() < 0.2 else ""
        blocks.append(Block(kind, text, level=level, page=number, question=question))
    return _document(*blocks)


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("most", [40, 220])
def test_no_word_is_lost_and_no_passage_is_too_long(seed: int, most: int) -> None:
    document = _random_document(seed)
    passages = cut_passages(document, count_words, most)
    assert [passage.chunk_index for passage in passages] == list(range(len(passages)))
    assert max(count_words([f"{passage.heading}\n{passage.text}" for passage in passages])) <= most
    kept = {word for passage in passages for word in re.findall(r"\w+", f"{passage.heading} {passage.text}")}
    roomy = most == 220  # in less room, a heading path that would take a third of it is shortened
    assert not {
        word
        for block in document.blocks
        for word in re.findall(r"\w+", f"{block.question} {block.text}")
        if word not in kept and (roomy or block.kind is not H)
    }


def test_a_passage_stays_under_its_heading_and_names_its_path() -> None:
    passages = cut_passages(
        _document(
            _heading("Refunds"),
            Block(P, _prose(40), page=3),
            _heading("How long", 2),
            Block(P, _prose(50, 1), page=4),
            _heading("Delivery"),
            Block(P, _prose(60, 2), page=5),
        ),
        count_words,
    )
    assert [(passage.heading, passage.page) for passage in passages] == [
        ("Refunds", 3),
        ("Refunds > How long", 4),
        ("Delivery", 5),
    ]


def test_tiny_neighbours_go_together_but_an_answer_stays_with_its_question() -> None:
    tiny = cut_passages(
        _document(
            _heading("Shop"),
            _heading("Telephone", 2),
            Block(P, "555 0142"),
            _heading("Address", 2),
            Block(P, "12 Mill Lane"),
        ),
        count_words,
    )
    assert [(passage.heading, passage.text) for passage in tiny] == [
        ("Shop", "Telephone\n555 0142\nAddress\n12 Mill Lane")
    ]
    answers = cut_passages(
        _document(_heading("Dogs?"), Block(P, "Welcome."), _heading("Cats?"), Block(P, "At home.")), count_words
    )
    assert [(passage.heading, passage.text) for passage in answers] == [("Dogs?", "Welcome."), ("Cats?", "At home.")]


def test_a_list_that_is_cut_says_its_lead_in_again() -> None:
    items = [Block(LI, _prose(18, number)) for number in range(8)]
    passages = cut_passages(_document(Block(P, "To return something:"), *items), count_words, 80)
    assert len(passages) > 1
    assert all(passage.text.startswith("To return something:\n- ") for passage in passages)


def test_table_rows_stay_whole() -> None:
    rows = [Block(TR, f"Zone: {number}; Price: {number * 3}; Days: {number}") for number in range(40)]
    passages = cut_passages(_document(*rows), count_words, 60)
    lines = [line for passage in passages for line in passage.text.split("\n")]
    assert lines == [row.text for row in rows]


def test_a_row_too_long_for_a_passage_is_cut_between_its_cells_and_says_its_first_again() -> None:
    cells = [f"Column {number}: value {number}" for number in range(40)]
    rows = [Block(TR, "Product: Tea; Price: 5"), Block(TR, "; ".join(["Product: Rose", *cells]))]
    passages = cut_passages(_document(*rows), count_words, 60)
    assert len(passages) > 3
    assert all(passage.text.startswith("Product: Rose; Column") for passage in passages[1:])
    said = [cell for passage in passages for cell in re.split(r"; ?|\n", passage.text) if cell.startswith("Column")]
    assert said == cells


def test_a_pair_is_a_passage_of_its_own_and_opens_with_its_question() -> None:
    blocks = (
        _heading("FAQ"),
        Block(P, "Ask us."),
        Block(PAIR, "Yes.", question="Cards?", page=2),
        Block(PAIR, "No.", question="Dogs?", page=3),
        Block(P, "Bye."),
    )
    passages = cut_passages(_document(*blocks), count_words)
    assert [(one.heading, one.page, one.question, one.text) for one in passages] == [
        ("FAQ", None, "", "Ask us."),
        ("FAQ", 2, "Cards?", "Cards?\nYes."),
        ("FAQ", 3, "Dogs?", "Dogs?\nNo."),
        ("FAQ", None, "", "Bye."),
    ]


def test_an_answer_too_long_for_a_passage_says_its_question_in_each() -> None:
    answer = "\n".join([_prose(150, 1), *(f"- {_prose(12, number)}" for number in range(2, 9))])
    passages = cut_passages(_document(Block(PAIR, answer, question="How do I return roses?")), count_words, 80)
    assert len(passages) > 2
    assert {passage.question for passage in passages} == {"How do I return roses?"}
    assert all(passage.text.startswith("How do I return roses?\n") for passage in passages)
    assert all(passage.text.endswith(".") for passage in passages), "cut between sentences"


def test_a_heading_that_asks_is_the_question_of_what_follows() -> None:
    blocks = (_heading("Shop"), _heading("Do you deliver?", 2), Block(P, "Yes."), _heading("Tea", 2), Block(P, "Hot."))
    passages = cut_passages(_document(*blocks), count_words)
    assert [passage.question for passage in passages] == ["Do you deliver?", ""]


def test_a_long_paragraph_is_cut_between_sentences_with_a_little_overlap() -> None:
    text = _prose(600)
    passages = cut_passages(_document(Block(P, text)), count_words, 100)
    sentences = split_sentences(text)
    assert len(passages) > 5
    for before, after in itertools.pairwise(passages):
        assert split_sentences(after.text)[0] == split_sentences(before.text)[-1]
    assert {sentence for passage in passages for sentence in split_sentences(passage.text)} == set(sentences)


def test_a_word_without_end_is_cut_all_the_same() -> None:
    def count_letters(texts: Sequence[str]) -> list[int]:
        return [len(text) // 3 for text in texts]

    passages = cut_passages(_document(Block(P, "x" * 5_000)), count_letters, 100)
    assert sum(passage.text.count("x") for passage in passages) >= 5_000
    assert max(len(passage.text) // 3 for passage in passages) <= 100


def test_a_question_without_an_answer_does_not_take_the_next_ones() -> None:
    asked, answered = _heading("Do you deliver abroad?", 2), _heading("Do you take cards?", 2)
    passages = cut_passages(_document(asked, answered, Block(P, "Yes, all of them."), asked), count_words)

    assert [(one.heading, one.question, one.text) for one in passages] == [
        ("Do you take cards?", "Do you take cards?", "Yes, all of them.")
    ]


def test_a_heading_without_text_is_no_part_of_what_stands_below_another() -> None:
    passages = cut_passages(
        _document(
            *(_heading("Shop"), _heading("Delivery", 2), Block(P, "Two days.")),
            *(_heading("Warranty", 2), _heading("Returns", 2), Block(P, "Thirty days.")),
        ),
        count_words,
    )

    assert [(one.heading, one.text) for one in passages] == [
        ("Shop > Delivery", "Two days."),
        ("Shop", "Warranty"),
        ("Shop > Returns", "Thirty days."),
    ]


def test_headings_alone_are_a_passage_too() -> None:
    passages = cut_passages(_document(_heading("Menu"), _heading("Soups"), _heading("Salads")), count_words)
    assert " ".join(passage.text for passage in passages).split() == ["Menu", "Soups", "Salads"]
    assert cut_passages(_document(), count_words) == []


def test_tokens_are_counted_in_few_calls() -> None:
    calls: list[int] = []

    def count(texts: Sequence[str]) -> list[int]:
        calls.append(len(texts))
        return count_words(texts)

    blocks = [part for number in range(300) for part in (_heading(f"Part {number}", 2), Block(P, _prose(80, number)))]
    cut_passages(_document(*blocks), count)
    assert len(calls) <= 5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It costs 14.5 euros. See No. 5, p. 3. Thanks!", ["It costs 14.5 euros.", "See No. 5, p. 3.", "Thanks!"]),
        ("Ask Mr. Smith, e.g. At noon. He is in.", ["Ask Mr. Smith, e.g. At noon.", "He is in."]),
        ("The answer is no. We are sorry.", ["The answer is no.", "We are sorry."]),
        ("We close at 6 p.m. We open on Fri. 7 Dec.", ["We close at 6 p.m.", "We open on Fri. 7 Dec."]),
        ("J. R. R. Tolkien wrote it. Read it.", ["J. R. R. Tolkien wrote it.", "Read it."]),
        ("Mail a.b@shop.example. See www.a.example. Ok", ["Mail a.b@shop.example.", "See www.a.example.", "Ok"]),
        ("Really?! Yes... Well. «Да.» Нет.", ["Really?!", "Yes...", "Well.", "«Да.»", "Нет."]),
        ("Чай, кофе и т.д. Мы рады.", ["Чай, кофе и т.д.", "Мы рады."]),
        ("Мы в г. Москва, ул. Лесная, д. 5, кв. 12. Да.", ["Мы в г. Москва, ул. Лесная, д. 5, кв. 12.", "Да."]),
        ("Доставка 500 руб. Оплата картой.", ["Доставка 500 руб.", "Оплата картой."]),
        ("Открылись в 2024 г. Мы рады. А. С. Пушкин.", ["Открылись в 2024 г.", "Мы рады.", "А. С. Пушкин."]),
        ("Ждите 30 мин. Курьер едет, т.е. Вам позвонят.", ["Ждите 30 мин.", "Курьер едет, т.е. Вам позвонят."]),
        ("- Tea. Green.\n- Cups\n• Pots\n1. Open. Pour.", ["Tea.", "Green.", "Cups", "Pots", "1. Open.", "Pour."]),
        ("Hours\nMonday: 9 to 18", ["Hours", "Monday: 9 to 18"]),
        (
            "A line of a letter that a mail program has broken in\nits middle. End.",
            ["A line of a letter that a mail program has broken in\nits middle.", "End."],
        ),
        (" \n\n", []),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text: str, expected: list[str]) -> None:
    found = split_sentences(text)
    assert found == expected
    assert all(sentence in text for sentence in found)
