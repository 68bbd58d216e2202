"""One thing to learn, what becomes of it in a prompt, and which of them training never sees. Pure.

LoRA teaches tone, form and when to decline; facts come from the passages in the prompt. So every example has the very
prompt form that serving uses, passages included, and the wanted answer.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from core.llm.base import Turn
from core.models import Assistant
from core.policy import policy_of
from core.prompts import grounded_turns_from

KEPT_OUT = 0.2
"""The share of what belongs together that is kept for judging."""
FEWEST_KEPT_OUT = 4


class Source(StrEnum):
    """Where examples come from, those that teach most about the owner's voice first."""

    VERIFIED = "verified"
    FILE = "file"
    CHAT = "chat"
    OPERATOR = "operator"
    RATED = "rated"
    PAIR = "pair"
    SECTION = "section"
    REFUSAL = "refusal"


@dataclass(frozen=True, slots=True)
class Example:
    """`part_of` names what must not be torn between learning and judging: a document, a conversation. `texts` are the
    passages of the prompt; None: they are looked up when the set is written."""

    source: Source
    question: str
    answer: str
    part_of: str
    texts: tuple[str, ...] | None = None

    @property
    def key(self) -> str:
        """The same as long as it says the same."""
        return sha256(f"{self.question}\n{self.answer}".encode()).hexdigest()[:32]

    def with_texts(self, texts: Sequence[str]) -> "Example":
        return replace(self, texts=tuple(texts))

    def asking(self, question: str) -> "Example":
        return replace(self, question=question)

    def turns(self, assistant: Assistant) -> list[Turn]:
        """What the model reads before it answers."""
        policy, texts = policy_of(assistant), self.texts or ()
        persona, examples = assistant.persona, policy.tone_examples
        return grounded_turns_from(assistant.name, persona, self.question, texts, policy.length, examples)


def split(
    assistant: Assistant, examples: Sequence[Example], fewest: int = FEWEST_KEPT_OUT
) -> tuple[list[Example], list[Example]]:
    """Those to learn from and those to judge by, in their order.

    By the hash of what they belong to: what is judged by once is never learnt in a later training. Where chance kept
    out too few to judge by, what is next by its hash is kept out, too; never the last that is left.
    """
    places = {part: _place(assistant, part) for part in {example.part_of for example in examples}}
    enough = max(fewest, math.ceil(KEPT_OUT / 2 * len(examples)))
    kept: set[str] = set()
    for part in sorted(places, key=lambda one: (places[one], one))[:-1]:
        if places[part] >= KEPT_OUT and sum(example.part_of in kept for example in examples) >= enough:
            break
        kept.add(part)
    learnt = [example for example in examples if example.part_of not in kept]
    return learnt, [example for example in examples if example.part_of in kept]


def _place(assistant: Assistant, part: str) -> float:
    """Between 0 and 1, spread evenly."""
    return int.from_bytes(sha256(f"{assistant.id} {part}".encode()).digest()[:8], "big") / 2**64


def write_examples(assistant: Assistant, examples: Sequence[Example], file: Path) -> None:
    """As JSON lines, the format that `workers/lora` reads."""
    with file.open("w", encoding="utf-8") as stream:
        for example in examples:
            turns = [{"role": turn.role, "content": turn.content} for turn in example.turns(assistant)]
            stream.write(json.dumps({"turns": turns, **asdict(example)}, ensure_ascii=False) + "\n")


def read_examples(file: Path) -> list[Example]:
    """What `write_examples` wrote; none where there is no file, of a training that is older than judging."""
    if not file.exists():
        return []
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return [
        Example(Source(row["source"]), row["question"], row["answer"], row["part_of"], tuple(row["texts"] or ()))
        for row in rows
    ]


def hash_of(examples: Sequence[Example]) -> str:
    """Names a data set: the same examples, in whichever order, have the same."""
    return sha256("\n".join(sorted(example.key for example in examples)).encode()).hexdigest()
