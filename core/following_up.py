"""A follow-up made whole: by rules, and where the model is able by the model, which says it better.

Rules alone decide whether a question leans on the conversation (core/rewriting.py), so first questions and new topics
cost nothing. Refuses to know where conversations are stored.
"""

import time

from core.app import Core
from core.memory import Memory
from core.models import Assistant
from core.prompts import as_line
from core.rewriting import standalone_question
from core.scribe import Order, has_scribe, write
from core.summaries import as_talk
from core.words import language_of

MOST_S = 1.0
LONGEST = 300
_LAST_TURNS = 6


def told_before(core: Core, memory: Memory) -> str:
    """What was said before, as data for a prompt; empty for a model that it would only confuse."""
    if not memory.turns or not has_scribe(core):
        return ""
    return "\n".join(filter(None, [as_line(memory.summary.replace("\n", "; ")), as_talk(memory.turns[-_LAST_TURNS:])]))


async def whole_question(core: Core, assistant: Assistant, text: str, memory: Memory, deadline: float) -> str:
    """The question as it would be asked without the turns before it; a third of the time until `deadline` at most."""
    by_rules = standalone_question(text, memory.turns)
    left_s = min(MOST_S, (deadline - time.monotonic()) / 3)
    if by_rules == text or left_s <= 0 or not has_scribe(core):
        return by_rules
    talk = told_before(core, memory)
    order = Order(
        name="rewrite-user",
        values={"conversation": talk, "question": as_line(text)},
        sources=f"{talk}\n{text}",
        language=language_of(text),
        longest=LONGEST,
        limit_s=left_s,
    )
    return as_line(await write(core, assistant, order)) or by_rules
