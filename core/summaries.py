"""What was said long ago in a conversation, in few words: what the customer asked about, and the numbers that he gave.

By the model where there is a scribe (core/scribe.py), otherwise by rules: a line a question. It rolls: older turns go
into what is there already, and the oldest lines leave when it is full. Refuses to know when it is made and who reads
it.
"""

from collections.abc import Sequence

from core.app import Core
from core.messages import Said
from core.models import Assistant
from core.prompts import as_line
from core.scribe import Order, has_scribe, write
from core.subjects import read_words, subject_of
from core.words import language_of

LONGEST = 1000
LONGEST_LINE = 160
_LIMIT_S = 30.0
_TURN_CHARS = 400
_CONVERSATION_CHARS = 6000


async def summarised(core: Core, assistant: Assistant, summary: str, turns: Sequence[Said]) -> str:
    """The summary with these turns in it, at most `LONGEST` characters."""
    if has_scribe(core) and (text := await _by_model(core, assistant, summary, turns)):
        return text
    return by_rules(summary, turns)


def by_rules(summary: str, turns: Sequence[Said]) -> str:
    """A line for each question: its subject, and what it has of numbers, order numbers, dates and sizes."""
    lines = summary.splitlines()
    for turn in turns:
        line = _line_of(turn.text[:_TURN_CHARS]) if turn.author == "customer" else ""
        if line and line not in lines:
            lines.append(line)
    while len("\n".join(lines)) > LONGEST:
        lines.pop(0)
    return "\n".join(lines)


def _line_of(text: str) -> str:
    subject = subject_of(text)
    numbers = [word.text for word in read_words(text) if any(letter.isdigit() for letter in word.text)]
    given = [number for number in dict.fromkeys(numbers) if number not in subject.split()]
    line = f"{subject} ({', '.join(given)})" if given and subject else subject or ", ".join(given)
    return as_line(line)[:LONGEST_LINE]


async def _by_model(core: Core, assistant: Assistant, summary: str, turns: Sequence[Said]) -> str:
    talk = as_talk(turns)[-_CONVERSATION_CHARS:]
    order = Order(
        name="summary-user",
        values={"note": as_line(summary.replace("\n", "; ")), "conversation": talk},
        sources=f"{summary}\n{talk}",
        language=language_of(talk),
        longest=LONGEST,
        limit_s=_LIMIT_S,
    )
    return as_line(await write(core, assistant, order))


def as_talk(turns: Sequence[Said]) -> str:
    """Turns as data for a prompt, a line each."""
    return "\n".join(f"{turn.author}: {as_line(turn.text[:_TURN_CHARS])}" for turn in turns)
