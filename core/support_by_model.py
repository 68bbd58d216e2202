"""The second support check, by setting: the model is asked whether the text says what it has just said.

It comes after the deterministic one (`core/support.py`) and can only take away: "no", no answer or no time left means
that the sentence is not sent. Refuses to know tiers and customers.
"""

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing

from core.app import Core
from core.errors import ModelUnavailable
from core.llm.base import Adapter, Sampling
from core.prompts import support_turns

_YES = re.compile(r"\W*(?:yes|да)\b", re.IGNORECASE)
_WORD = re.compile(r"\w+\W")
_FEW = Sampling(max_tokens=4)


async def says_so(core: Core, text: str, sentence: str, *, scope: str, adapter: Adapter | None) -> bool:
    """Whether the model says that `text` says `sentence`. It may be slow: the caller sets a limit of time."""
    said = ""
    try:
        pieces = core.llm.stream(support_turns(text, sentence), _FEW, scope=scope, adapter=adapter)
        async with aclosing(pieces) as stream:
            async for piece in stream:
                said += piece
                if _WORD.search(said):
                    break
    except ModelUnavailable:
        return False
    return bool(_YES.match(said))


async def once_finished(sentences: AsyncGenerator[str], most: int) -> AsyncGenerator[str]:
    """The first sentences, when all are there: only then is the model free to be asked about them."""
    heard: list[str] = []
    async with aclosing(sentences):
        async for sentence in sentences:
            heard.append(sentence)
            if len(heard) == most:
                break
    for sentence in heard:
        yield sentence
