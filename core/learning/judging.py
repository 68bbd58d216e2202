"""A new adapter and what serves now answer the same questions, which neither has learnt: as customers would read it.

The answers come from the very path that serves (core/grounding.py), with what search finds now. Losses come from the
trainer (workers/lora/losses.py), which has both at hand.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.app import Core
from core.embeddings.base import Vectors
from core.errors import ModelUnavailable
from core.grounding import ground_answer
from core.learning.examples import Example, Source
from core.learning.gate import Figure, Verdict, judge
from core.learning.phrases import normal
from core.learning.unrelated import Unrelated
from core.llm.base import Adapter
from core.messages import Passage
from core.models import Assistant
from core.policy import policy_of
from core.quoting import quote_best
from core.retrieval import find_passages
from core.screening.tongues import tongue_of
from core.words import words_of

MOST_ASKED, MOST_DECLINED = 16, 6
PATIENCE_S = 60.0
"""For one answer: nobody waits for it, and customers go first."""
SAMPLES = 3
_FINISHED = (".", "!", "?", "…", "»", "”", ")")


@dataclass(slots=True)
class Answers:
    """What one of the two said, in the order of the examples: as sent, and as a customer would have read it."""

    sent: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)


async def compare(
    core: Core,
    assistant: Assistant,
    examples: Sequence[Example],
    unrelated: Sequence[Unrelated],
    adapters: tuple[Adapter | None, Adapter],
    losses: Mapping[str, Sequence[float]],
) -> tuple[Verdict, dict[str, Any]]:
    """The verdict on the second of two adapters, and a report for its owner. Raises `Unavailable`."""
    asked = [one for one in examples if one.source is not Source.REFUSAL][:MOST_ASKED]
    declined = [one for one in examples if one.source is Source.REFUSAL][:MOST_DECLINED]
    figures: list[dict[Figure, Sequence[float]]] = []
    said: list[Answers] = []
    phrases = adapters[1].phrases
    for adapter, name in zip(adapters, ("now", "new"), strict=True):
        answers, silence = [await _answers(core, assistant, some, adapter) for some in (asked, declined)]
        said.append(answers)
        figures.append(
            {
                Figure.LOSS: losses.get(f"judged_{name}", ()),
                Figure.UNRELATED: [one.found_in(await _read_of(core, assistant, one, adapter)) for one in unrelated],
                Figure.SIMILARITY: await _similarities(core, asked, answers.read),
                Figure.FORM: [form(text, one.answer, phrases) for one, text in zip(asked, answers.read, strict=True)],
                Figure.SUPPORTED: [float(bool(text)) for text in answers.sent],
                Figure.DECLINED: [float(not text) for text in silence.sent],
            }
        )
    now, new = figures
    verdict = judge(now, new)
    return verdict, verdict.as_json() | {"judged": len(examples), "samples": _samples(asked, *said)}


async def _answers(core: Core, assistant: Assistant, examples: Sequence[Example], adapter: Adapter | None) -> Answers:
    answers = Answers()
    for example in examples:
        passages = await find_passages(core, assistant.id, example.question)
        sent = await _sent(core, assistant, example.question, passages, adapter) if passages else ""
        quoted = await quote_best(core, example.question, passages, policy_of(assistant).length) if passages else None
        answers.sent.append(sent)
        answers.read.append(sent or (quoted.quote if quoted else ""))
    return answers


async def _sent(
    core: Core, assistant: Assistant, question: str, passages: Sequence[Passage], adapter: Adapter | None
) -> str:
    """What the model says and the passages carry; nothing where it fails, as customers would have it."""
    deadline = time.monotonic() + PATIENCE_S
    try:
        return (await ground_answer(core, assistant, question, passages, adapter, _silently, deadline)).text
    except ModelUnavailable:
        return ""


async def _read_of(core: Core, assistant: Assistant, asked: Unrelated, adapter: Adapter | None) -> str:
    """What a customer of that business would read: what the model says and the passage carries, or a quotation."""
    sent = await _sent(core, assistant, asked.question, [asked.passage], adapter)
    return sent or (await quote_best(core, asked.question, [asked.passage], policy_of(assistant).length)).quote


async def _silently(_text: str) -> None:
    """Nobody listens."""


async def _similarities(core: Core, examples: Sequence[Example], texts: Sequence[str]) -> list[float]:
    if not examples:
        return []
    wanted: Vectors = await core.embedder.embed_passages([one.answer for one in examples])
    given: Vectors = await core.embedder.embed_passages([text or "—" for text in texts])
    return [float(one @ other) for one, other in zip(wanted, given, strict=True)]


def form(text: str, wanted: str, phrases: frozenset[str]) -> float:
    """How far a text has the wanted one's form, between 0 and 1: length, language, an end, turns of phrase."""
    there, meant = words_of(text), words_of(wanted)
    if not there:
        return 0.0
    marks = [min(len(there), len(meant)) / max(len(there), len(meant), 1)]
    marks.append(float((tongue_of(text) or "?") in ("?", tongue_of(wanted) or "?")))
    marks.append(float(text.rstrip().endswith(_FINISHED)))
    if used := [phrase for phrase in phrases if phrase in normal(wanted)]:
        marks.append(sum(phrase in normal(text) for phrase in used) / len(used))
    return sum(marks) / len(marks)


def _samples(examples: Sequence[Example], now: Answers, new: Answers) -> list[dict[str, str]]:
    """Side by side, those first where the two differ."""
    order = sorted(range(len(examples)), key=lambda at: now.read[at] == new.read[at])
    return [
        {
            "question": examples[at].question,
            "wanted": examples[at].answer,
            "now": now.read[at],
            "new": new.read[at],
        }
        for at in order[:SAMPLES]
    ]
