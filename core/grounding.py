"""Tier 2: the model answers from passages, and only what stands in them is let through.

Text leaves here sentence by sentence, each checked before it is sent, so that nothing unsupported is ever shown and
then taken back. Refuses to know channels and tenants.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from core.app import Core
from core.errors import ModelUnavailable
from core.llm.base import Adapter, Sampling
from core.messages import Citation, OnText, Passage
from core.models import Assistant
from core.prompts import grounded_turns
from core.search.sufficiency import Asked
from core.support import may_become_supported, stems_in, support_of

# Not after the number of a list item at the very start: "1. Write to us".
_SENTENCE_END = re.compile(r"(?<!^\d)(?<!^\d\d)[.!?…][\"'”»)]*\s|\n+")
_FINISHED = re.compile(r"[.!?…][\"'”»)]*$")
_LONGEST_SENTENCE = 400
ANSWER_SENTENCES = 3
PATIENCE_S = 3.0
"""How long a customer waits for the model's first supported sentence; a quotation is there at once."""
FACTS_SHARE = 12
MOST_FACTS = 2400


@dataclass(frozen=True, slots=True)
class Grounded:
    """What the model said and the passages carry; empty text when they carry nothing of it, with the reason."""

    text: str
    citations: tuple[Citation, ...]
    reason: str


async def ground_answer(
    core: Core,
    assistant: Assistant,
    question: str,
    passages: Sequence[Passage],
    adapter: Adapter | None,
    on_text: OnText,
) -> Grounded:
    """Stream supported sentences to `on_text`; stop at the first unsupported one.

    Raises `ModelUnavailable` when the model fails before anything was sent.
    """
    used = _fitting(core, question, passages)
    there = stems_in(used)
    turns = grounded_turns(assistant, question, used)
    scope = f"{assistant.id}:{adapter.id if adapter else 'base'}"
    said = _Said(on_text)
    pieces = core.llm.stream(turns, sampling_of(assistant), scope=scope, adapter=adapter)

    def hopeless(beginning: str) -> bool:
        return not may_become_supported(beginning, there)

    try:
        async with asyncio.timeout(PATIENCE_S) as patience, aclosing(_sentences(pieces, hopeless)) as sentences:
            async for sentence in sentences:
                if sentence in said.sentences or (said.sentences and not _FINISHED.search(sentence)):
                    break  # the model has nothing more to say and repeats itself, or was cut off
                support = support_of(sentence, used, question)
                if support.citation is None:
                    return said.grounded(f"cut: {support.reason}")
                if not (said.sentences or _is_about(question, sentence, support.citation, used)):
                    return said.grounded("cut: about something else")
                patience.reschedule(None)
                await said.say(sentence, support.citation)
                if len(said.sentences) == ANSWER_SENTENCES:
                    break
    except TimeoutError:
        return said.grounded("no supported sentence in time")
    except ModelUnavailable as error:
        if not said.sentences:
            raise
        return said.grounded(f"cut: {error.code}")  # what was said was supported, and cannot be unsaid
    return said.grounded("supported by its passages" if said.sentences else "no supported sentence")


def _is_about(question: str, sentence: str, citation: Citation, used: Sequence[Passage]) -> bool:
    """A true sentence is no answer when the best passage shares far more of the question's words than it does."""
    asked = Asked.of(question)
    cited = next(passage for passage in used if passage.home_of(citation.quote).id == citation.passage_id)
    said = asked.share_in(f"{cited.own_heading} {sentence} {citation.quote}")
    return said >= asked.share_in(used[0].headed_text) / 2


class _Said:
    """What the customer has been shown so far."""

    def __init__(self, on_text: OnText) -> None:
        self.sentences: list[str] = []
        self._citations: dict[str, Citation] = {}
        self._on_text = on_text

    async def say(self, sentence: str, citation: Citation) -> None:
        await self._on_text(f" {sentence}" if self.sentences else sentence)
        self.sentences.append(sentence)
        self._citations.setdefault(citation.quote, citation)

    def grounded(self, reason: str) -> Grounded:
        return Grounded(" ".join(self.sentences), tuple(self._citations.values()), reason)


def _fitting(core: Core, question: str, passages: Sequence[Passage]) -> list[Passage]:
    """The best passages, as many as the model reads well: a twelfth of its context, the first one always.

    One that has much fewer of the words that the best one shares with the question would only mislead.
    """
    asked = Asked.of(question)
    shares = [asked.share_in(passage.headed_text) for passage in passages]
    budget = min(MOST_FACTS, core.llm.context_tokens // FACTS_SHARE)
    used: list[Passage] = []
    for passage, share in zip(passages, shares, strict=True):
        if share < shares[0] * 0.75:
            continue
        budget -= core.llm.count_tokens(passage.text)
        if used and budget < 0:
            break
        used.append(passage)
    return used


def sampling_of(assistant: Assistant) -> Sampling:
    """The assistant's own generation settings over the defaults."""
    chosen = {name: assistant.generation[name] for name in Sampling.__slots__ if name in assistant.generation}
    return Sampling(**chosen)


async def _sentences(pieces: AsyncGenerator[str], hopeless: Callable[[str], bool]) -> AsyncGenerator[str]:
    """Whole sentences as soon as they are complete, and the rest at the end; nothing more once it is hopeless."""
    held = ""
    async with aclosing(pieces) as stream:
        async for piece in stream:
            held += piece
            while end := _SENTENCE_END.search(held):
                sentence, held = held[: end.end()].strip(), held[end.end() :]
                if len(sentence) > 1:
                    yield sentence
            if len(held) > _LONGEST_SENTENCE or hopeless(held):
                return  # what is held is no sentence yet, and will not be a good one
    if held.strip():
        yield held.strip()
