"""Tier 2: the model answers from passages, and only what stands in them is let through.

Text leaves here sentence by sentence, each checked before it is sent, so that nothing unsupported is ever shown and
then taken back. Refuses to know channels and tenants.
"""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from core.app import Core
from core.errors import ModelUnavailable
from core.evidence import without_strays
from core.learning.phrases import without_phrases
from core.llm.base import Adapter
from core.llm.fair import expected_wait_s
from core.messages import Citation, OnText, Passage
from core.models import Assistant
from core.policy import policy_of, sampling_of
from core.prompts import grounded_turns
from core.search.sufficiency import Asked
from core.secrecy import gives_away
from core.support import Support, may_become_supported, names_in, stems_in, support_of
from core.support_by_model import once_finished, says_so
from core.words import stem_set

# Not after the number of a list item at the very start: "1. Write to us".
_SENTENCE_END = re.compile(r"(?<!^\d)(?<!^\d\d)[.!?…][\"'”»)]*\s|\n+")
_FINISHED = re.compile(r"[.!?…][\"'”»)]*$")
_LONGEST_SENTENCE = 400
PATIENCE_S = 3.0
"""How long after his question a customer gets the model's first supported sentence, or a quotation."""
LEAST_S = 0.5
"""With less time than this left for it, no model says a sentence."""
NEXT_SENTENCE_S = 10.0
"""How long each further sentence is waited for: what has been said already is an answer."""
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
    deadline: float,
    talk: str = "",
) -> Grounded:
    """Stream supported sentences to `on_text`; stop at the first unsupported one.

    `deadline` (seconds of `time.monotonic`) is for the first sentence. What search and the model's queue take from
    that time is saved at the passages, then at the model: without enough of it the answer is empty at once.
    Raises `ModelUnavailable` when the model fails before anything was sent.
    """
    scope = scope_of(assistant, adapter)
    left = _Time(deadline - time.monotonic(), expected_wait_s(core.llm, scope))
    if left.is_too_short:
        return Grounded("", (), left.is_too_short)
    used = await without_strays(core.embedder, question, _fitting(core, question, passages)[: left.passages])
    said = _Said(on_text, left.note, policy_of(assistant).length.sentences)
    turns = grounded_turns(assistant, question, used, talk)
    pieces = core.llm.stream(turns, sampling_of(assistant), scope=scope, adapter=adapter)
    check = _Check(core, question, used, turns[0].content, scope, adapter)
    try:
        async with asyncio.timeout(left.whole_s) as patience:
            return said.grounded(await _say_supported(pieces, said, check, patience))
    except TimeoutError:
        return said.grounded("cut: no further sentence in time" if said.sentences else "no supported sentence in time")
    except ModelUnavailable as error:
        if not said.sentences:
            raise
        return said.grounded(f"cut: {error.code}")  # what was said was supported, and cannot be unsaid


async def _say_supported(pieces: AsyncGenerator[str], said: "_Said", check: "_Check", patience: asyncio.Timeout) -> str:
    """Say sentence after sentence while they are supported; why it ended. `patience` is for the next one."""
    there = stems_in(check.used)

    def hopeless(beginning: str) -> bool:
        return not may_become_supported(without_phrases(beginning, check.phrases), there)

    stream = _sentences(pieces, hopeless)
    async with aclosing(once_finished(stream, said.most) if check.by_model else stream) as sentences:
        async for sentence in sentences:
            if sentence in said.heard or (said.sentences and not _FINISHED.search(sentence)):
                break  # the model has nothing more to say and repeats itself, or was cut off
            said.heard.add(sentence)
            stated = without_phrases(sentence, check.phrases)
            if not stated:
                said.keep(sentence)
                continue
            support = await check.support_of(stated, said.sentences)
            if support.citation is None:
                return f"cut: {support.reason}"
            patience.reschedule(None)
            await said.say(sentence, support.citation)
            patience.reschedule(asyncio.get_running_loop().time() + NEXT_SENTENCE_S)
            if len(said.sentences) == said.most:
                break
    if not said.sentences:
        return "no supported sentence"
    await said.say_kept()
    return "supported by its passages"


@dataclass(frozen=True, slots=True)
class _Check:
    """All that a sentence must pass before it is sent. `told` is the system prompt, `used` what the model has read."""

    core: Core
    question: str
    used: Sequence[Passage]
    told: str
    scope: str
    adapter: Adapter | None

    @property
    def phrases(self) -> frozenset[str]:
        """What the owner's own voice says without stating anything."""
        return self.adapter.phrases if self.adapter else frozenset()

    @property
    def by_model(self) -> bool:
        return self.core.settings.support_check == "model"

    async def support_of(self, sentence: str, said: Sequence[str]) -> Support:
        """Where it stands, or why it is not sent after what has been `said`."""
        support = support_of(sentence, self.used, self.question)
        citation = support.citation
        if citation is None:
            return support
        if not (said or _is_about(self.question, sentence, citation, self.used)):
            return Support(None, "about something else")
        cited = _cited(citation, self.used)
        if gives_away(" ".join([*said, sentence]), self.told, "\n".join(one.headed_text for one in self.used)):
            return Support(None, "the owner's own instructions")
        if self.by_model and not await says_so(
            self.core, cited.headed_text, sentence, scope=self.scope, adapter=self.adapter
        ):
            return Support(None, "the model does not find it in the text")
        return support


def _cited(citation: Citation, used: Sequence[Passage]) -> Passage:
    return next(passage for passage in used if passage.home_of(citation.quote).id == citation.passage_id)


@dataclass(frozen=True, slots=True)
class _Time:
    """Seconds until the first sentence must be there, and how many of them the model's queue takes."""

    whole_s: float
    queue_s: float

    @property
    def is_too_short(self) -> str:
        """Why the model is not asked at all; empty when there is time."""
        if self.whole_s < LEAST_S:
            return "no time was left for the model"
        return "too many wait for the model" if self.whole_s - self.queue_s < LEAST_S else ""

    @property
    def passages(self) -> int | None:
        """How many the model reads: only the best in less than half of the time, otherwise all that fit."""
        return 1 if self.whole_s - self.queue_s < PATIENCE_S / 2 else None

    @property
    def note(self) -> str:
        """What lies behind a worse answer than usual."""
        return " (from one passage, little time was left)" if self.passages else ""


def _is_about(question: str, sentence: str, citation: Citation, used: Sequence[Passage]) -> bool:
    """A true sentence is no answer when the best passage shares far more of the question's words than it does, or when
    the passages speak of what the question names, and it does not."""
    asked = Asked.of(question)
    cited = _cited(citation, used)
    said = f"{cited.own_heading} {sentence} {citation.quote}"
    named = names_in(question) & stems_in(used)
    if named and not named & stem_set(said):
        return False
    return asked.share_in(said) >= asked.share_in(used[0].headed_text) / 2


class _Said:
    """What the customer has been shown so far."""

    def __init__(self, on_text: OnText, note: str, most: int) -> None:
        """`note` goes behind every reason; `most` sentences are said."""
        self.sentences: list[str] = []
        self.heard: set[str] = set()
        self.most = most
        self._citations: dict[str, Citation] = {}
        self._kept: list[str] = []
        self._on_text, self._note = on_text, note

    async def say(self, sentence: str, citation: Citation) -> None:
        await self._say(" ".join([*self._kept, sentence]))
        self._kept.clear()
        self._citations.setdefault(citation.quote, citation)

    def keep(self, phrase: str) -> None:
        """What states nothing is said together with something that does, never alone."""
        self._kept.append(phrase)

    async def say_kept(self) -> None:
        """A phrase at the end of an answer, one at most."""
        if self._kept:
            await self._say(self._kept[0])

    async def _say(self, text: str) -> None:
        await self._on_text(f" {text}" if self.sentences else text)
        self.sentences.append(text)

    def grounded(self, reason: str) -> Grounded:
        return Grounded(" ".join(self.sentences), tuple(self._citations.values()), reason + self._note)


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


def scope_of(assistant: Assistant, adapter: Adapter | None) -> str:
    """Who shares cached work and whose turn it is (core/llm/base.py)."""
    return f"{assistant.tenant_id}:{assistant.id}:{adapter.id if adapter else 'base'}"


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
