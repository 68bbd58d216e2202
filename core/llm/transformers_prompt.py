"""Turns to token ids with the chat template that a model's tokenizer brings, or a plain form where it brings none.

What people and documents write is plain text here: a marker of the model inside a message is broken up by a space,
so it ends no turn. Refuses to know who asks and what runs the model.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from jinja2 import TemplateError

PLAIN = (
    "{% for turn in messages %}{{ turn['role'] | capitalize }}: {{ turn['content'] }}\n\n{% endfor %}"
    "{% if add_generation_prompt %}Assistant:{% endif %}"
)
"""For base models, which were taught no form: any of them has read conversations like this."""
PLAIN_END = "\n\nUser:"
"""What such a model writes when its answer is at an end: the other's next turn."""
_PLACE = "\ue000"


class PromptUnfit(ValueError):
    """The model's template takes no such conversation."""


class TemplatedPrompt:
    """Holds a tokenizer of transformers. `end` is the text that ends an answer; empty: a token does."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._template = None if tokenizer.chat_template else PLAIN
        self.end = PLAIN_END if self._template else ""
        added = tokenizer.added_tokens_decoder.values()
        self._markers = sorted({one.content for one in added if one.special and not _has_space(one.content)})

    def ids(self, turns: Sequence[dict[str, str]]) -> list[int]:
        """Everything before the answer's first token. Raises `PromptUnfit`."""
        chat = [{"role": turn["role"], "content": self._defused(turn["content"])} for turn in turns]
        try:
            text = self._written(chat)
        except TemplateError:  # some know no system turn, or want turns to alternate
            try:
                text = self._written(_simplified(chat))
            except TemplateError as wrong:
                raise PromptUnfit(f"the model's chat template refuses: {wrong}"[:300]) from wrong
        return list(self._tokenizer(text, add_special_tokens=bool(self._template), verbose=False)["input_ids"])

    def answer_ids(self, answer: str) -> list[int]:
        """What training teaches: the answer and what ends it here."""
        return [*self._tokenizer(self._defused(answer), add_special_tokens=False)["input_ids"], *self._end_ids]

    @cached_property
    def _end_ids(self) -> list[int]:
        """The marker that the template puts behind an answer; the tokenizer's own where it puts none."""
        if self.end:
            return list(self._tokenizer(self.end, add_special_tokens=False)["input_ids"])
        chat = [{"role": "user", "content": _PLACE}, {"role": "assistant", "content": _PLACE}]
        try:
            behind = self._written(chat, prompt=False).rpartition(_PLACE)[2]
        except TemplateError:
            behind = ""
        found = [marker for marker in self._markers if marker in behind]
        if found:
            first = min(found, key=behind.index)
            return [int(self._tokenizer.convert_tokens_to_ids(first))]
        return [self._tokenizer.eos_token_id] if self._tokenizer.eos_token_id is not None else []

    def _written(self, chat: list[dict[str, str]], *, prompt: bool = True) -> str:
        return str(
            self._tokenizer.apply_chat_template(
                chat, chat_template=self._template, add_generation_prompt=prompt, tokenize=False
            )
        )

    def _defused(self, text: str) -> str:
        found = [marker for marker in self._markers if marker in text]
        while found:
            for marker in found:
                text = text.replace(marker, marker[0] + " " + marker[1:] if len(marker) > 1 else "")
            found = [marker for marker in self._markers if marker in text]
        return text


def _simplified(chat: list[dict[str, str]]) -> list[dict[str, str]]:
    """System turns go into the user's, and neighbours of one role become one turn."""
    merged: list[dict[str, str]] = []
    for turn in chat:
        role = "user" if turn["role"] == "system" else turn["role"]
        if merged and merged[-1]["role"] == role:
            merged[-1]["content"] += "\n\n" + turn["content"]
        else:
            merged.append({"role": role, "content": turn["content"]})
    return merged


def _has_space(text: str) -> bool:
    return any(character.isspace() for character in text)
