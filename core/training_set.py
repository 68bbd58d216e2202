"""What an adapter learns from: the owner's verified answers and the headed sections of his documents.

LoRA teaches tone and form; facts come from the passages in the prompt. So every example has the very prompt form
that serving uses, passages included, and the wanted answer. Refuses to know how training works.
"""

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TypeVar

from tortoise.models import Model
from tortoise.queryset import QuerySet

from core.app import Core
from core.llm.base import Turn
from core.models import Assistant, PassageRow, VerifiedAnswer
from core.policy import policy_of
from core.prompts import grounded_turns_from
from core.retrieval import find_passages
from core.sentences import split_sentences
from core.words import language_of

MOST = 400
ENOUGH = 6
PASSAGES_PER_EXAMPLE = 2
_PART = 100

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Example:
    """A prompt as turns, and the answer to learn. `source` is "verified" or "document"."""

    turns: list[Turn]
    answer: str
    source: str


async def gather_examples(core: Core, assistant: Assistant) -> list[Example]:
    """Verified answers first, then documents, at most `MOST`; only languages the model writes."""
    writes = core.llm.languages
    examples: list[Example] = []
    for source in (_from_verified(core, assistant), _from_documents(assistant)):
        async with aclosing(source) as found:
            async for example in found:
                if len(examples) == MOST:
                    return examples
                if writes is None or language_of(example.answer) in writes:
                    examples.append(example)
    return examples


async def _from_verified(core: Core, assistant: Assistant) -> AsyncGenerator[Example]:
    length = policy_of(assistant).length
    async for row in _in_parts(VerifiedAnswer.filter(assistant_id=assistant.id).order_by("created_at", "id")):
        passages = await find_passages(core, assistant.id, row.question, PASSAGES_PER_EXAMPLE)
        texts = [f"{p.heading}\n{p.text}" if p.heading else p.text for p in passages]
        turns = grounded_turns_from(assistant.name, assistant.persona, row.question, texts, length)
        yield Example(turns, row.answer, "verified")


async def _from_documents(assistant: Assistant) -> AsyncGenerator[Example]:
    """A headed passage answers the question that its heading is, or makes."""
    length = policy_of(assistant).length
    rows = PassageRow.filter(assistant_id=assistant.id, heading__not="").order_by("document_id", "chunk_index")
    async for row in _in_parts(rows):
        question = question_from(row.heading)
        answer = " ".join(split_sentences(row.text)[:2])
        texts = [f"{row.heading}\n{row.text}"]
        turns = grounded_turns_from(assistant.name, assistant.persona, question, texts, length)
        yield Example(turns, answer, "document")


async def _in_parts(rows: QuerySet[Row]) -> AsyncGenerator[Row]:
    """Row by row, without all of them in memory."""
    for start in count(0, _PART):
        part = await rows.offset(start).limit(_PART)
        for row in part:
            yield row
        if len(part) < _PART:
            return


def question_from(heading: str) -> str:
    """A question out of a heading path: the heading itself when it asks, otherwise what it is about."""
    last = heading.split(" > ")[-1].strip()
    if last.endswith("?"):
        return last
    subject = last[:1].lower() + last[1:] if not last.isupper() else last
    return f"Расскажите: {subject}?" if language_of(last) == "ru" else f"What should I know about {subject}?"


def write_examples(examples: Sequence[Example], file: Path) -> None:
    """As JSON lines, the format that `workers/lora` reads."""
    with file.open("w", encoding="utf-8") as stream:
        for example in examples:
            turns = [{"role": turn.role, "content": turn.content} for turn in example.turns]
            stream.write(json.dumps({"turns": turns, "answer": example.answer}, ensure_ascii=False) + "\n")
