"""What a model promises is told from what a document says: an action that nobody will do is not announced."""

from pathlib import Path
from uuid import uuid4

import pytest

from core.messages import Passage
from core.promises import is_promise
from core.support import support_of

LINES = Path(__file__).with_name("promises.tsv").read_text(encoding="utf-8").splitlines()
SENTENCES = [tuple(line.split("\t")) for line in LINES if not line.startswith("#")]
QUESTION = "Can I change the delivery date of my order?"


@pytest.mark.parametrize(("part", "expected", "sentence"), SENTENCES)
def test_a_promise_is_told_from_a_statement(part: str, expected: str, sentence: str) -> None:
    assert is_promise(sentence) == (expected == "yes")


def _passage(text: str) -> Passage:
    return Passage(uuid4(), uuid4(), "delivery.txt", text, 1.0)


def test_what_no_passage_promises_is_not_said() -> None:
    said = "Our manager will call you about the delivery date of the order."
    described = _passage("Our manager calls you about the delivery date of the order.")

    assert support_of(said, [described], QUESTION).reason == "a promise that the passage does not make"


def test_what_the_passage_itself_promises_may_be_said() -> None:
    said = "Our manager will call you about the delivery date of the order."

    assert support_of(said, [_passage(said)], QUESTION).citation is not None


def test_a_sentence_without_end_is_looked_at_in_no_time() -> None:
    assert not is_promise("мы " * 100_000)
