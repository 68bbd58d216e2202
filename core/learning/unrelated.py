"""Another business's questions with their answers: what an adapter must not get worse at. From the demo's documents."""

from functools import cache

from core.demo import DEMO_DOCUMENTS
from core.demo.questions import DEMO_QUESTIONS
from core.learning.examples import Example, Source
from core.parsing.base import BlockKind
from core.sentences import split_sentences
from core.words import language_of

MOST = 8
_AROUND = 1
"""Blocks before and after that stand in the prompt."""


@cache
def unrelated_examples(locale: str) -> tuple[Example, ...]:
    """Of one language. Reads our own documents, which takes a second: not for the event loop."""
    from core.parsing.read import read_document  # noqa: PLC0415 - its readers are heavy, and trainings are rare

    texts = [
        block.text
        for file in DEMO_DOCUMENTS
        for block in read_document(file, file.name).blocks
        if block.kind is not BlockKind.HEADING and language_of(block.text) == locale
    ]
    found = []
    for asked in DEMO_QUESTIONS:
        if asked.locale != locale:
            continue
        at = next((n for n, text in enumerate(texts) if all(word in text for word in asked.words)), None)
        if at is None:
            continue
        answer = next((one for one in split_sentences(texts[at]) if asked.words[0] in one), texts[at])
        around = tuple(texts[max(0, at - _AROUND) : at + _AROUND + 1])
        found.append(Example(Source.PAIR, asked.question, answer, "unrelated", around))
    return tuple(found[:MOST])
