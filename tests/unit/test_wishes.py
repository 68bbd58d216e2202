"""Who asks for a person is understood in his own words, who is angry too, and who only speaks of people is not."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.background import Background
from core.demo.questions import DEMO_QUESTIONS
from core.embeddings.base import Embedder
from core.embeddings.openvino import OpenVinoEmbedder, prepare_embedding_model
from core.models import HandoffReason
from core.wish_nearness import learn_examples, sounds_like_a_wish
from core.wishes import LONGEST, mentions_person, wish_in
from core.words import language_of

HERE = Path(__file__).parent
FOUND = 0.9
"""The share of wishes that are to be understood, of those that the rules have not seen."""
FALSE = 0.01


def _rows(name: str) -> list[list[str]]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


PHRASES = _rows("people_phrases.tsv")
ABOUT_PEOPLE = ("manager", "менеджер")
ORDINARY = [
    *(text for _, expected, text in PHRASES if expected == "-"),
    *(asked.question for asked in DEMO_QUESTIONS),
    *(text for row in _rows("question_pairs.tsv") for text in row[2:] if not any(w in text for w in ABOUT_PEOPLE)),
]


@pytest.fixture(scope="module")
async def embedder(models_dir: Path) -> AsyncIterator[Embedder]:
    folder = models_dir / "multilingual-e5-small"
    await prepare_embedding_model(folder, print)
    opened = await OpenVinoEmbedder.open(folder, threads=2)
    await learn_examples(opened)
    yield opened
    await opened.close()


async def _understood(embedder: Embedder, text: str) -> str:
    """As core/handoff.py asks; "-" for neither."""
    if found := wish_in(text):
        return found.value
    near = mentions_person(text) and await sounds_like_a_wish(Background(), embedder, text)
    return "asked" if near else "-"


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_a_wish_for_a_person_is_understood_in_words_that_the_rules_have_not_seen(
    embedder: Embedder, language: str
) -> None:
    wishes = [t for part, kind, t in PHRASES if (part, kind, language_of(t)) == ("unseen", "asked", language)]
    missed = [text for text in wishes if await _understood(embedder, text) != "asked"]

    assert len(wishes) >= 30
    assert len(missed) <= (1 - FOUND) * len(wishes), missed


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_examples_themselves_are_understood_by_phrases_nearly_always(language: str) -> None:
    examples = _rows("../../core/wish_examples.tsv")
    wishes = [text for kind, text in examples if kind == "asked" and language_of(text) == language]
    missed = [text for text in wishes if wish_in(text) is None]

    assert len(wishes) >= 60
    assert len(missed) <= (1 - FOUND) * len(wishes), missed


@pytest.mark.parametrize("part", ["seen", "unseen"])
def test_an_angry_customer_is_noticed(part: str) -> None:
    angry = [text for p, kind, text in PHRASES if (p, kind) == (part, "angry")]
    missed = [text for text in angry if wish_in(text) is None]

    assert len(angry) >= 20
    assert len(missed) <= 0.2 * len(angry), missed


async def test_ordinary_questions_call_nobody(embedder: Embedder) -> None:
    false = [text for text in ORDINARY if await _understood(embedder, text) != "-"]

    assert len(ORDINARY) > 400
    assert len(false) <= FALSE * len(ORDINARY), false


def test_a_wish_is_heard_at_either_end_of_a_long_message() -> None:
    story = "The kettle came on Monday and it was blue. " * 200

    assert wish_in(f"{story} Please get me a human.") == HandoffReason.ASKED
    assert wish_in(f"Please get me a human. {story}") == HandoffReason.ASKED
    assert wish_in(story) is None


def test_a_wish_in_the_middle_of_a_book_is_not_looked_for() -> None:
    """Time stays bounded, whatever is sent."""
    book = "a" * (2 * LONGEST) + " get me a human " + "b" * (2 * LONGEST)

    assert wish_in(book) is None


@pytest.mark.parametrize("text", ["", "   ", "???", "🙂🙂🙂", "\u200b", "!" * 100_000, "я хочу с " * 30_000])
def test_noise_is_no_wish(text: str) -> None:
    assert wish_in(text) is None
    assert not mentions_person("🙂")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("MY DOG IS ANGRY", None),
        ("my dog is angry", None),
        ("WHERE IS MY ORDER", HandoffReason.ANGRY),
        ("where is my order", None),
        ("My order has not arrived!!!", HandoffReason.ANGRY),
        ("My order has not arrived.", None),
        ("What a lovely kettle!!!", None),
        ("Give me the manager's phone number, please", None),
        ("дайте номер телефона сотрудника", None),
        ("Мой заказ не пришёл!!!", HandoffReason.ANGRY),
        ("Мой заказ не пришёл", None),
        ("You useless thing, get me a human", HandoffReason.ASKED),
    ],
)
def test_shouting_counts_with_a_complaint_alone(text: str, reason: HandoffReason | None) -> None:
    assert wish_in(text) == reason
