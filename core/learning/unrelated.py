"""Another business's questions, each with the passage that answers it: what an adapter must not get worse at. From the
demo's documents."""

from dataclasses import dataclass
from functools import cache
from uuid import NAMESPACE_OID, uuid5

from core.demo import DEMO_DOCUMENTS
from core.demo.questions import DEMO_QUESTIONS
from core.messages import Passage
from core.parsing.base import BlockKind
from core.words import language_of, stem_set

MOST = 10


@dataclass(frozen=True, slots=True)
class Unrelated:
    """`words` are what an answer from the passage has."""

    question: str
    passage: Passage
    words: tuple[str, ...]

    def found_in(self, answer: str) -> float:
        """The share of the words that an answer has, in whichever form."""
        wanted = stem_set(" ".join(self.words))
        return len(wanted & stem_set(answer)) / len(wanted)


@cache
def unrelated_questions(locale: str) -> tuple[Unrelated, ...]:
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
        passage = next((text for text in texts if all(word in text for word in asked.words)), "")
        if asked.locale == locale and passage:
            key = uuid5(NAMESPACE_OID, passage)
            found.append(Unrelated(asked.question, Passage(key, key, "unrelated", passage, 1.0), asked.words))
    return tuple(found[:MOST])
