"""The model as a scribe: short texts beside answers, as a question made whole or a summary, and the check of each.

What a scribe writes is believed only where it adds nothing: no name and no number that its sources lack, in the right
language, within bounds. Whatever goes wrong, there is no text, and the caller has rules of his own. Refuses to know
what the texts are for.
"""

import asyncio
import logging
from contextlib import aclosing
from dataclasses import dataclass

from core.app import Core
from core.errors import ProductError
from core.llm.base import Sampling, Turn
from core.models import Assistant
from core.prompts import prompt
from core.subjects import read_words
from core.words import language_of, stems_of

log = logging.getLogger(__name__)

LEAST_CONTEXT = 4096
"""Of a model that is more than a small one of one language, which would only make things worse."""
_BEFORE_A_SENTENCE = ("", *".?!-•")


def has_scribe(core: Core) -> bool:
    """Whether the model writes any language, and has room for a conversation."""
    return core.llm.languages is None and core.llm.context_tokens >= LEAST_CONTEXT


@dataclass(frozen=True, slots=True)
class Order:
    """A prompt of this name, and its values, which are data already (core/prompts); what the text may draw from.

    The text has at most `longest` characters, in this language, within these seconds.
    """

    name: str
    values: dict[str, str]
    sources: str
    language: str
    longest: int
    limit_s: float


async def write(core: Core, assistant: Assistant, order: Order) -> str:
    """What the model makes of it; empty when there is nothing, or nothing that is to be believed."""
    turn = Turn("user", prompt(order.name, order.language).substitute(order.values))
    scope = f"{assistant.tenant_id}:{assistant.id}:base"
    pieces = core.llm.stream([turn], Sampling(max_tokens=order.longest // 2), scope=scope)
    try:
        async with asyncio.timeout(order.limit_s), aclosing(pieces) as stream:
            text = "".join([piece async for piece in stream]).strip().strip('"«»“”').strip()
    except (ProductError, TimeoutError) as error:
        log.info("no %s for assistant %s: %s", order.name, assistant.id, error or "too late")
        return ""
    if len(text) > order.longest or language_of(text) != order.language or adds(text, order.sources):
        return ""
    return text


def adds(text: str, sources: str) -> set[str]:
    """Names, numbers and links of a text that its sources do not have."""
    there = set(stems_of(sources))
    added = set()
    for word in read_words(text):
        begins = text[: word.start].rstrip()[-1:] in _BEFORE_A_SENTENCE
        telling = (word.text[0].isupper() and not begins) or any(letter.isdigit() for letter in word.text)
        if telling and not set(stems_of(word.text)) <= there:
            added.add(word.text)
    return added | ({"://"} if "://" in text and "://" not in sources else set())
