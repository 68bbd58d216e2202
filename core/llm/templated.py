"""Prompts by the chat template that a model brings along, as token ids. Refuses to know who asks.

What people and documents write never meets the template: it sees place-holders, and each is replaced by the plain
text's tokens afterwards. So a marker inside a message is ordinary characters, as in core/llm/chatml.py.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

from jinja2 import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from tokenizers import Tokenizer

from core.errors import ModelUnavailable
from core.llm.base import Turn
from core.llm.chatml import ChatForm
from core.llm.model_facts import ModelFacts

_PLACE = "\ue000{}\ue001"
_PLACES = re.compile("\ue000(\\d+)\ue001")


def prompt_form(folder: Path, facts: ModelFacts) -> ChatForm:
    """SmolLM2's own form, or one by the model's template."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    return TemplatedForm(tokenizer, facts) if facts.template else ChatForm(tokenizer)


class TemplatedForm(ChatForm):
    def __init__(self, tokenizer: Tokenizer, facts: ModelFacts) -> None:
        super().__init__(tokenizer, frozenset(facts.markers.values()))
        self._markers_by_text = facts.markers
        longest_first = sorted(facts.markers, key=len, reverse=True)
        self._marker = re.compile("|".join(map(re.escape, longest_first)) or "(?!)")
        environment = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"], autoescape=False
        )
        environment.globals |= {"raise_exception": _refuse, "strftime_now": _today}
        self._template = environment.from_string(facts.template)
        self._begin, self._ends = facts.begin, facts.ends

    def prompt_ids(self, turns: Iterable[Turn], salt: Sequence[int] = ()) -> list[int]:
        """Raises `ModelUnavailable` when the template takes no such conversation."""
        turns = list(turns)
        try:
            return [*salt, *self._ids(turns)]
        except TemplateError:  # some know no system turn
            try:
                return [*salt, *self._ids(_without_system(turns))]
            except TemplateError as wrong:
                raise ModelUnavailable(reason=f"the model's chat template refuses: {wrong}"[:300]) from wrong

    def answer_ids(self, answer: str) -> list[int]:
        return [*self.text_ids(answer), *self._end_ids]

    @cached_property
    def _end_ids(self) -> list[int]:
        """The marker that the template puts behind an answer, of those that end one; otherwise the first of them."""
        chat = [{"role": role, "content": _PLACE.format(n)} for n, role in enumerate(("user", "assistant"))]
        try:
            written = self._template.render(messages=chat, add_generation_prompt=False, bos_token=self._begin)
        except TemplateError:
            written = ""
        behind = self._template_ids(written.rpartition(_PLACE.format(1))[2])
        return next(([one] for one in behind if one in self._ends), self._ends[:1])

    def _ids(self, turns: Sequence[Turn]) -> list[int]:
        messages = [{"role": turn.role, "content": _PLACE.format(n)} for n, turn in enumerate(turns)]
        written = self._template.render(messages=messages, add_generation_prompt=True, bos_token=self._begin)
        ids = self._template_ids(self._begin) if not written.startswith(self._begin) else []
        for n, part in enumerate(_PLACES.split(written)):
            ids += self.text_ids(turns[int(part)].content) if n % 2 else self._template_ids(part)
        return ids

    def _template_ids(self, text: str) -> list[int]:
        ids, at = list[int](), 0
        for found in self._marker.finditer(text):
            ids += [*self.text_ids(text[at : found.start()]), self._markers_by_text[found[0]]]
            at = found.end()
        return [*ids, *self.text_ids(text[at:])]


def _without_system(turns: Sequence[Turn]) -> list[Turn]:
    """Its words go before the first turn of the user."""
    told = "\n\n".join(turn.content for turn in turns if turn.role == "system")
    others = [turn for turn in turns if turn.role != "system"]
    if told and others:
        others[0] = Turn(others[0].role, f"{told}\n\n{others[0].content}")
    return others


def _refuse(reason: Any) -> NoReturn:
    raise TemplateError(str(reason))


def _today(form: str) -> str:
    return datetime.now().astimezone().strftime(form)
