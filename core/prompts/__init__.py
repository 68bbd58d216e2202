"""Every prompt a model reads, from the .md files beside this module. Training and serving use the same functions,
so that an adapter learns the very form in which it will be asked.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from string import Template

from core.llm.base import Turn
from core.messages import Passage
from core.models import Assistant
from core.words import language_of

FOLDER = Path(__file__).parent
PASSAGE_CHARS = 900


@cache
def prompt(name: str, language: str) -> Template:
    file = FOLDER / f"{name}.{language}.md"
    return Template(file.read_text(encoding="utf-8").strip())


def grounded_turns(assistant: Assistant, question: str, passages: Sequence[Passage]) -> list[Turn]:
    """The turns that ask for an answer from passages. Texts of documents and customers stand only in the user's."""
    return grounded_turns_from(
        assistant.name,
        assistant.persona,
        question,
        [f"{p.heading}\n{p.text}" if p.heading else p.text for p in passages],
    )


def grounded_turns_from(name: str, persona: str, question: str, texts: Sequence[str]) -> list[Turn]:
    """The same from plain values, for the training set."""
    language = language_of(question)
    facts = "\n\n".join(text[:PASSAGE_CHARS] for text in texts)
    system = prompt("grounded-system", language).substitute(name=name, persona=persona)
    user = prompt("grounded-user", language).substitute(facts=facts, question=question)
    return [Turn("system", system.strip()), Turn("user", user)]
