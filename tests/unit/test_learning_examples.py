"""What is learnt and what is kept for judging; what is somebody's own; and of like examples the first."""

import pytest

from core.learning.alike import first_of_alike
from core.learning.examples import FEWEST_KEPT_OUT, Example, Source, hash_of, split
from core.learning.masking import masked, without_personal
from core.models import Assistant


def _example(number: int, part: str) -> Example:
    return Example(Source.VERIFIED, f"Question {number}?", f"Answer {number}.", part, ())


def test_what_belongs_together_is_never_torn_apart_and_stays_where_it_is() -> None:
    rosa = Assistant(name="Rosa")
    examples = [_example(number, f"document {number % 40}") for number in range(200)]
    learnt, judged = split(rosa, examples)

    assert sorted([*learnt, *judged], key=lambda one: one.key) == sorted(examples, key=lambda one: one.key)
    assert not {one.part_of for one in learnt} & {one.part_of for one in judged}
    assert 20 <= len(judged) <= 70
    more = [*examples, *(_example(number, f"document {number}") for number in range(300, 400))]
    again, _ = split(rosa, more)
    assert {one.key for one in learnt} <= {one.key for one in again}, "what was judged by is never learnt later"
    assert split(rosa, examples) == (learnt, judged)


@pytest.mark.parametrize("parts", [2, 5, 24])
def test_a_small_set_keeps_out_enough_and_learns_the_rest(parts: int) -> None:
    for _ in range(20):
        learnt, judged = split(Assistant(name="Rosa"), [_example(number, f"part {number}") for number in range(parts)])
        assert len(judged) >= min(FEWEST_KEPT_OUT, parts - 1)
        assert learnt


def test_one_document_alone_is_learnt_from_not_judged_by() -> None:
    learnt, judged = split(Assistant(name="Rosa"), [_example(number, "document") for number in range(9)])
    assert (len(learnt), judged) == (9, [])


def test_a_set_is_named_by_what_it_says() -> None:
    one, other = _example(1, "a"), _example(2, "b")
    assert hash_of([one, other]) == hash_of([other, one]) != hash_of([one])


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Write to ann.smith@example.com please", "Write to [email] please"),
        ("Call +7 (912) 345-67-89 or 8 912 345 67 89", "Call [phone] or [phone]"),
        ("My card is 4111 1111 1111 1111.", "My card is [phone]."),
        ("IBAN DE89 3704 0044 0532 0130 00", "IBAN [account]"),
        ("Look: https://x.example/?token=1 or t.me/olga", "Look: [link] or [link]"),
        ("I am @olga_shop", "I am [name]"),
        (
            "Ann Smith ordered 2 cups for 40 euros on 12.03.2026",
            "[name] [name] ordered 2 cups for 40 euros on 12.03.2026",
        ),
        ("Доставка 300 рублей, с 10:00 до 18:00", "Доставка 300 рублей, с 10:00 до 18:00"),
    ],
)
def test_what_is_somebodys_own_is_masked_in_questions(text: str, left: str) -> None:
    assert masked(text, ("Ann Smith",)) == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Good morning, Ann! We are open.", "Good morning! We are open."),
        ("Ann, your kettle is ready.", "Your kettle is ready."),
        ("We are open. Write to olga@example.com. Come soon!", "We are open. Come soon!"),
        ("It was sent to Ann Smith, Mill Lane 4.", ""),
        ("Добрый день, Анна! Чайник готов.", "Добрый день! Чайник готов."),
    ],
)
def test_answers_lose_the_sentences_that_are_somebodys_own(text: str, left: str) -> None:
    assert without_personal(text, ("Ann Smith", "Анна")) == left


def test_of_examples_that_say_the_same_the_first_stays() -> None:
    texts = [
        "When are you open? We are open from nine to six, dear.",
        "When are you open?? We are open from nine to six, dear!",
        "When are you open on Sunday? We are closed then, dear.",
        "What does cup 1 cost? Cup 1 costs 1 euro, dear.",
        "What does cup 2 cost? Cup 2 costs 2 euros, dear.",
    ]
    assert first_of_alike(texts) == [True, False, True, True, True]


def test_thousands_are_compared_in_a_moment() -> None:
    """Quadratic comparing would take minutes, and the suite's time limit."""
    texts = [f"What does cup {number} of the set cost? It costs {number} euros, dear." for number in range(5000)]
    assert all(first_of_alike(texts))
    assert first_of_alike([*texts[:50], *texts[:50]]) == [True] * 50 + [False] * 50
