"""ChatML, the prompt form SmolLM2 was trained on, as token ids: one function for serving and for training.

Refuses to know who asks and what runs the model. What people and documents write is always plain text here: a
literal `<|im_end|>` inside a message becomes ordinary characters and never ends the turn.
"""

import codecs
from collections.abc import Collection, Iterable, Sequence
from hashlib import sha256
from math import ceil, log2

from tokenizers import Tokenizer

from core.llm.base import Turn
from core.llm.bundled import MARKERS, TURN_END, TURN_START

DEFAULT_SYSTEM = Turn("system", "You are a helpful AI assistant named SmolLM, trained by Hugging Face")
"""What the model's own chat template says when nobody else does."""


SALT_BITS = 60


class ChatForm:
    """Turns to token ids and back. Holds one tokenizer."""

    def __init__(self, tokenizer: Tokenizer, markers: Collection[int] = range(MARKERS)) -> None:
        """`markers` are the tokens that stand for no text."""
        self._tokenizer = tokenizer
        self._markers = frozenset(markers)
        self._words = sorted(number for token, number in tokenizer.get_vocab().items() if _is_word(token))
        self._salt_words = ceil(SALT_BITS / log2(len(self._words)))

    def text_ids(self, text: str) -> list[int]:
        """Plain text; no marker can come out of it."""
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def prompt_ids(self, turns: Iterable[Turn], salt: Sequence[int] = ()) -> list[int]:
        """Everything before the answer's first token. `salt` (see `salt_ids`) stands before it all."""
        turns = list(turns)
        if not turns or turns[0].role != "system":
            turns.insert(0, DEFAULT_SYSTEM)
        newline = self.text_ids("\n")
        ids = list(salt)
        for turn in turns:
            ids += [TURN_START, *self.text_ids(f"{turn.role}\n{turn.content}"), TURN_END, *newline]
        return [*ids, TURN_START, *self.text_ids("assistant\n")]

    def salt_ids(self, scope: str, adapter_id: str) -> list[int]:
        """Words (60 bits, four of a usual vocabulary) that no other scope or adapter gets. They stand before
        everything: a prompt cache compares tokens and knows neither scopes nor adapters, so it finds nothing of one for
        another.

        Words, and there: of thirteen places and kinds tried this changed the model's answers least.
        """
        number = int.from_bytes(sha256(f"{scope}\0{adapter_id}".encode()).digest()[:8])
        salt = []
        for _ in range(self._salt_words):
            number, which = divmod(number, len(self._words))
            salt.append(self._words[which])
        return salt

    def answer_ids(self, answer: str) -> list[int]:
        """What training teaches: the answer and the marker that ends it (else the model never stops)."""
        return [*self.text_ids(answer), TURN_END]

    def bytes_of(self, token: int) -> bytes:
        """The bytes a token stands for; nothing for a marker."""
        if token in self._markers:
            return b""
        return bytes(_BYTE_OF[character] for character in self._tokenizer.id_to_token(token) or "")


class AnswerText:
    """Token ids to text as they come. A letter whose bytes are spread over tokens waits until it is whole."""

    is_done = False

    def __init__(self, form: ChatForm) -> None:
        self._form = form
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def add(self, tokens: Iterable[int]) -> str:
        return self._decoder.decode(b"".join(self._form.bytes_of(token) for token in tokens))

    def end(self) -> str:
        """What was still waiting: a broken last letter becomes one replacement character."""
        return self._decoder.decode(b"", final=True)


def _is_word(token: str) -> bool:
    """A space and Latin letters; the tokenizer writes a space as U+0120."""
    return token.startswith("\u0120") and token[1:].isascii() and token[1:].isalpha()


def _byte_of_character() -> dict[str, int]:
    """GPT-2's table: printable bytes stand for themselves, the others for characters from U+0100 on."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in printable]
    table = {chr(byte): byte for byte in printable}
    return table | {chr(0x100 + n): byte for n, byte in enumerate(hidden)}


_BYTE_OF = _byte_of_character()
