"""What customers would ask to hear a section: the model's wording where it is able, which reads more like theirs.

A question is taken only if search finds the section by it, nothing of it is made up, and it asks; otherwise the one
that rules made of the heading stays (core/learning/sources.py). Refuses to know what else is learnt.
"""

import asyncio
import time
from collections.abc import Sequence

from core.app import Core
from core.learning.examples import Example, Source
from core.models import Assistant
from core.prompts import as_data, told
from core.retrieval import search_documents
from core.scribe import Order, has_scribe, write
from core.words import language_of

LONGEST = 200
AT_ONCE = 4
LIMIT_S = 20.0
PATIENCE_S = 180.0
"""For all of a set: a slow model writes some of them."""
LOOKED_AT = 3
"""Among so many of the first passages that search finds, the section must be."""


async def as_customers_ask(core: Core, assistant: Assistant, examples: Sequence[Example]) -> list[Example]:
    """The same examples in their order; those of sections may ask otherwise. Raises what search raises."""
    if not has_scribe(core):
        return list(examples)
    places, until = asyncio.Semaphore(AT_ONCE), time.monotonic() + PATIENCE_S

    async def reworded(example: Example) -> Example:
        if example.source is not Source.SECTION or not example.texts:
            return example
        async with places:
            if time.monotonic() > until:
                return example
            return example.asking(await _question(core, assistant, example) or example.question)

    return list(await asyncio.gather(*(reworded(one) for one in examples)))


async def _question(core: Core, assistant: Assistant, example: Example) -> str:
    """Empty when there is none that is to be believed."""
    text = "\n".join(example.texts or ())
    language = language_of(example.answer)
    order = Order(
        name="question-user",
        values={"facts": as_data(text), "answer": as_data(example.answer)},
        sources=text,
        language=language,
        longest=LONGEST,
        limit_s=LIMIT_S,
    )
    question = await write(core, assistant, order)
    if not question.endswith("?") or "\n" in question or question.count("?") > 1:
        return ""
    found = await search_documents(core, assistant, question, LOOKED_AT)
    return question if found.sufficient and any(told(one.heading, one.text) in text for one in found.passages) else ""
