"""Every prompt a model reads, from the .md files beside this module. Training and serving use the same functions,
so that an adapter learns the very form in which it will be asked.

What documents and customers say is data: it stands between tags, `<text>` and `<question>`, that it cannot write itself
(`as_data`). So do the messages that show an owner's tone, between `<example>`.
"""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from string import Template

from core.llm.base import Turn
from core.messages import Passage
from core.models import Assistant
from core.policy import LONGEST_TONE_EXAMPLE, MOST_TONE_EXAMPLES, Length, policy_of
from core.words import language_of

FOLDER = Path(__file__).parent
PASSAGE_CHARS = 900
# "</text>" is ours; "<|im_end|>", "<start_of_turn>", "</s>" and "[INST]" are how models mark who speaks.
_TAG = re.compile(r"<(?=[/\w|｜])")
_BRACKETED = re.compile(r"\[(/?[A-Z_]{3,20})\]")


@cache
def prompt(name: str, language: str) -> Template:
    file = FOLDER / f"{name}.{language}.md"
    return Template(file.read_text(encoding="utf-8").strip())


def as_data(text: str) -> str:
    """A stranger's text without any mark of a prompt: "</text>" is "‹/text>", which reads the same and ends nothing."""
    return _BRACKETED.sub(r"(\1)", _TAG.sub("‹", text))


def as_line(text: str) -> str:
    """The same in one line, so that it cannot begin a new part of the prompt."""
    return " ".join(as_data(text).split())


def grounded_turns(assistant: Assistant, question: str, passages: Sequence[Passage], talk: str = "") -> list[Turn]:
    """The turns that ask for an answer from passages. Texts of documents and customers stand only in the user's.

    `talk` is what was said before, data already, a line a turn.
    """
    policy = policy_of(assistant)
    system, asking = grounded_turns_from(
        assistant.name,
        assistant.persona,
        question,
        [told(passage.heading, passage.text) for passage in passages],
        policy.length,
        policy.tone_examples,
    )
    if not talk:
        return [system, asking]
    before = prompt("grounded-talk", language_of(question)).substitute(talk=talk)
    return [system, Turn("user", f"{before}\n\n{asking.content}")]


def told(heading: str, text: str) -> str:
    """A passage as a prompt has it."""
    return f"{heading}\n{text}" if heading else text


def grounded_turns_from(
    name: str,
    persona: str,
    question: str,
    texts: Sequence[str],
    length: Length = Length.MEDIUM,
    tone_examples: Sequence[str] = (),
) -> list[Turn]:
    """The same from plain values, for the training set."""
    language = language_of(question)
    facts = "\n\n".join(as_data(text[:PASSAGE_CHARS]) for text in texts)
    system = prompt("grounded-system", language).substitute(name=name, persona=persona)
    if tone_examples:
        examples = "\n\n".join(
            as_data(example[:LONGEST_TONE_EXAMPLE]) for example in tone_examples[:MOST_TONE_EXAMPLES]
        )
        system = f"{system}\n{prompt('grounded-examples', language).substitute(examples=examples)}"
    wanted = prompt(f"length-{length.value}", language).template
    user = prompt("grounded-user", language).substitute(facts=facts, question=as_line(question), length=wanted)
    return [Turn("system", system.strip()), Turn("user", user)]


def support_turns(text: str, statement: str) -> list[Turn]:
    """The turn that asks whether a text says a sentence (`core/support_by_model.py`)."""
    user = prompt("support-user", language_of(statement))
    return [Turn("user", user.substitute(facts=as_data(text[:PASSAGE_CHARS]), statement=as_line(statement)))]
