"""The set that an assistant learns from: all sources together, without what teaches nothing or must not be learnt.

found = await gather(core, assistant)            # quick: counts, and examples to look at
learnt, judged = await ready_set(core, assistant)   # with passages, parted for training and for judging
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from core.app import Core
from core.errors import NotFound
from core.learning.alike import first_of_alike
from core.learning.examples import Example, Source, split
from core.learning.questions import as_customers_ask
from core.learning.sources import FROM, SHORTEST_ANSWER
from core.models import Assistant, StruckExample
from core.prompts import told
from core.retrieval import search_documents
from core.screening.tongues import tongue_of
from core.texts import LOCALES
from core.words import language_of, words_of

MOST = 400
"""Examples of one training."""
REFUSALS = 0.15
"""The share of all examples that decline."""
FEWEST_REFUSALS, FEWEST_DECLINED = 4, 2
ENOUGH = 20
"""With fewer, what is kept out would judge nothing."""
PASSAGES_PER_EXAMPLE = 2
PLAIN = frozenset((Source.PAIR, Source.SECTION))
"""What documents say, in nobody's voice."""
OWN_VOICE = 12
"""With so many examples of the owner's own voice, a share of them at most is plain: more would teach it away."""
MOST_PLAIN, FEWEST_PLAIN = 0.25, 4


class LeftOut(StrEnum):
    """Why an example is not in the set."""

    STRUCK = "struck"
    ALIKE = "alike"
    LANGUAGE = "language"
    PERSONAL = "personal"
    SHORT = "short"
    BEYOND = "beyond"


@dataclass(slots=True)
class DataSet:
    """`examples` are to be learnt from and judged by; `struck` are those that the owner has crossed out; `seen` are
    both, in their order."""

    examples: list[Example] = field(default_factory=list)
    struck: list[Example] = field(default_factory=list)
    seen: list[Example] = field(default_factory=list)
    left_out: Counter[LeftOut] = field(default_factory=Counter)

    @property
    def counts(self) -> Counter[Source]:
        return Counter(example.source for example in self.examples)

    @property
    def taught(self) -> int:
        return taught(self.examples)

    def of(self, source: Source) -> list[Example]:
        """Those of a source, with the struck ones, in their order."""
        return [one for one in self.seen if one.source is source]


async def gather(core: Core, assistant: Assistant) -> DataSet:
    """All that could be learnt now."""
    found = [example async for example in _all(core, assistant)]
    struck = {row.key for row in await StruckExample.filter(assistant_id=assistant.id)}
    # Thousands of texts are compared: in a thread, so that no conversation waits for it.
    return await asyncio.to_thread(_chosen, found, struck, core.llm.languages or frozenset(LOCALES))


def _chosen(found: Sequence[Example], struck: Collection[str], writes: Collection[str]) -> DataSet:
    firsts = first_of_alike([f"{one.question} {one.answer}" for one in found])
    result = DataSet()
    plain, refusals = list[Example](), list[Example]()
    for example, is_first in zip(found, firsts, strict=True):
        if why := _why_not(example, writes, is_first=is_first):
            result.left_out[why] += 1
        elif example.key in struck:
            result.struck.append(example)
            result.seen.append(example)
            result.left_out[LeftOut.STRUCK] += 1
        elif example.source is Source.REFUSAL:
            refusals.append(example)
        elif example.source in PLAIN:
            plain.append(example)
        elif len(result.examples) >= MOST:
            result.left_out[LeftOut.BEYOND] += 1
        else:
            result.examples.append(example)
            result.seen.append(example)
    own = len(result.examples)
    room = MOST - own if own < OWN_VOICE else min(MOST - own, max(FEWEST_PLAIN, round(MOST_PLAIN * own)))
    spread = plain[:: max(1, -(-len(plain) // max(1, room)))][:room]
    result.left_out[LeftOut.BEYOND] += len(plain) - len(spread)
    result.left_out = +result.left_out
    result.examples += spread
    result.seen += spread
    few = max(FEWEST_REFUSALS, round(REFUSALS / (1 - REFUSALS) * len(result.examples)))
    result.examples += refusals[:few]
    result.seen += refusals[:few]
    return result


def taught(examples: Sequence[Example]) -> int:
    """How many come from this business: what is to be declined is there anyway."""
    return sum(example.source is not Source.REFUSAL for example in examples)


async def ready_set(core: Core, assistant: Assistant) -> tuple[list[Example], list[Example]]:
    """What is learnt from and what is judged by, each in the prompt that serving would make. Raises `Unavailable`."""
    found = await gather(core, assistant)
    looked_up = [await _with_passages(core, assistant, example) for example in found.examples]
    ready = [example for example in looked_up if example]
    refusals = [example for example in ready if example.source is Source.REFUSAL]
    plain = [example for example in ready if example.source in PLAIN]
    own = [example for example in ready if example.source not in (*PLAIN, Source.REFUSAL)]
    if len(own) < OWN_VOICE:
        own, plain = own + plain, []
    parts = [split(assistant, own), split(assistant, refusals, FEWEST_DECLINED)]
    # By what nobody has said, no voice is judged: of plain examples, what is kept out is only not learnt.
    learnt = [*parts[0][0], *split(assistant, plain, 0)[0], *parts[1][0]]
    learnt = await as_customers_ask(core, assistant, learnt)
    return learnt, [*parts[0][1], *parts[1][1]]


async def _all(core: Core, assistant: Assistant) -> AsyncIterator[Example]:
    for source in FROM:
        async for example in source(core, assistant):
            yield example


def _why_not(example: Example, writes: Collection[str], *, is_first: bool) -> LeftOut | None:
    if not example.answer:
        return LeftOut.PERSONAL
    if len(words_of(example.answer)) < SHORTEST_ANSWER or not words_of(example.question):
        return LeftOut.SHORT
    if not is_first:
        return LeftOut.ALIKE
    spoken = tongue_of(f"{example.question} {example.answer}") or language_of(example.answer)
    return None if spoken in writes else LeftOut.LANGUAGE


async def _with_passages(core: Core, assistant: Assistant, example: Example) -> Example | None:
    """With what search finds now. Nothing for a question that was to be declined and is answered by now."""
    if example.texts is not None:
        return example
    finding = await search_documents(core, assistant, example.question, PASSAGES_PER_EXAMPLE)
    if example.source is Source.REFUSAL and finding.sufficient:
        return None
    return example.with_texts([told(one.heading, one.text) for one in finding.passages])


async def strike(assistant: Assistant, key: str) -> None:
    """Never learn it; again changes nothing."""
    await StruckExample.get_or_create(assistant_id=assistant.id, key=key)


async def unstrike(assistant: Assistant, key: str) -> None:
    await StruckExample.filter(assistant_id=assistant.id, key=key).delete()


async def find_example(core: Core, assistant: Assistant, key: str) -> Example:
    """One of those that could be learnt now, or that are struck out. Raises `NotFound`."""
    found = next((one for one in (await gather(core, assistant)).seen if one.key == key), None)
    if found is None:
        raise NotFound(what="example")
    return found
