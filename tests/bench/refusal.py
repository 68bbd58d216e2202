"""`make bench-refusal DATA=folder`: does the assistant say so when it does not know, and is all it says written there?

The folder holds SQuAD 2.0 files. An assistant learns every paragraph and is asked, through the product's own dialog and
with its own model: questions that its documents answer, and questions that only look so (SQuAD's `is_impossible`).
Assistants that know half of the articles are asked about the other half. Prints what went wrong first, then a table;
the last line is one JSON object.

- offtopic_refused: of questions whose whole article is away. false_refusals: of questions whose answer is there.
- near_refused: of questions about a paragraph that is there and does not answer them.
- unsupported_facts: sentences with a number, a link or an e-mail that stands in no passage that the answer cites. They
  are looked for letter by letter, without the product's own check.

`--questions N` asks about N of each kind (300), spread over the file.
"""

import argparse
import asyncio
import json
import re
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.accounts import user_of_telegram
from core.app import Core, open_core
from core.dialog import answer_message
from core.messages import Incoming, Reply, Tier
from core.models import Assistant
from core.sentences import split_sentences
from core.settings import Settings
from core.tenancy import actor_of
from tests.bench.cited import cited_text
from tests.bench.squad import embed, fill
from tests.subprocesses import ROOT

SHOWN = 8
_FACT = re.compile(r"\d+(?:[.,:]\d+)*|https?://\S+|[\w.+-]+@[\w-]+\.\w+")

Asked = tuple[str, int]
"""A question and the number of its article."""


def read_squad(folder: Path) -> tuple[list[str], list[int], list[Asked], list[Asked]]:
    """Paragraphs, the article of each, answerable questions and impossible ones."""
    paragraphs: list[str] = []
    article: list[int] = []
    answerable: list[Asked] = []
    impossible: list[Asked] = []
    number = -1
    for file in sorted(folder.glob("*.json")):
        for one in json.loads(file.read_text(encoding="utf-8"))["data"]:
            number += 1
            for paragraph in one["paragraphs"]:
                paragraphs.append(paragraph["context"])
                article.append(number)
                for question in paragraph["qas"]:
                    kind = impossible if question.get("is_impossible") else answerable
                    kind.append((question["question"].strip(), number))
    return paragraphs, article, answerable, impossible


def spread(asked: Sequence[Asked], count: int) -> list[Asked]:
    return list(asked[:: max(1, len(asked) // count)][:count])


class Hearing:
    """Everything that was asked and answered."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._number = 0
        self.tiers: dict[str, Counter[str]] = {}
        self.answers = 0
        self.unsupported: list[str] = []
        self.odd: dict[str, list[str]] = {}

    async def ask(self, kind: str, assistant: Assistant, question: str, *, refused_is_right: bool) -> bool:
        """Whether it was refused."""
        self._number += 1
        reply = await answer_message(self._core, Incoming(assistant.id, "bench", f"customer {self._number}", question))
        self.tiers.setdefault(kind, Counter())[reply.tier.value] += 1
        refused = reply.tier is Tier.REFUSED
        if not refused:
            self.answers += 1
            self.unsupported += await unsupported_in(reply)
        if refused != refused_is_right:
            self.odd.setdefault(kind, []).append(
                f"{question} -> {reply.tier.value}: {reply.text[:100]!r} ({reply.reason})"
            )
        return refused


async def unsupported_in(reply: Reply) -> list[str]:
    """Sentences of the answer with a fact that none of the cited passages has."""
    there = await cited_text(reply)
    return [s for s in split_sentences(reply.text) if any(fact not in there for fact in _FACT.findall(s))]


async def measure(core: Core, folder: Path, count: int) -> dict[str, Any]:
    paragraphs, article, answerable, impossible = await asyncio.to_thread(read_squad, folder)
    actor = await actor_of((await user_of_telegram(1, "Bench", "en")).id)
    vectors = await embed(core, paragraphs)
    whole = (await fill(core, actor, "all", paragraphs, article, vectors)).assistant
    halves = [
        (await fill(core, actor, name, paragraphs, article, vectors, [at % 2 == rest for at in article])).assistant
        for rest, name in enumerate(("even", "odd"))
    ]
    hearing = Hearing(core)
    there = [
        await hearing.ask("answer is there", whole, q, refused_is_right=False) for q, _ in spread(answerable, count)
    ]
    near = [await hearing.ask("near", whole, q, refused_is_right=True) for q, _ in spread(impossible, count)]
    away = [
        await hearing.ask("off topic", halves[1 - at % 2], q, refused_is_right=True)
        for q, at in spread([*answerable, *impossible], count)
    ]
    for kind, lines in hearing.odd.items():
        print(f"\n{kind}: {len(lines)} went wrong, such as", *lines[:SHOWN], sep="\n  ")
    for kind, tiers in hearing.tiers.items():
        print(f"{kind:16} {sum(tiers.values()):5} questions: {dict(tiers)}")
    print(f"{hearing.answers} answers", *hearing.unsupported[:SHOWN], sep="\n  ")
    return {
        "offtopic_refused": round(sum(away) / len(away), 4),
        "false_refusals": round(sum(there) / len(there), 4),
        "near_refused": round(sum(near) / len(near), 4),
        "unsupported_facts": len(hearing.unsupported),
        "answers": hearing.answers,
    }


async def main(folder: Path, count: int) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        settings = Settings(_env_file=None, data_dir=Path(temporary), models_dir=ROOT / ".cache" / "models", demo=False)
        async with open_core(settings, say=print) as core:
            print(json.dumps(await measure(core, folder, count)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--questions", type=int, default=300)
    chosen = parser.parse_args()
    asyncio.run(main(chosen.folder, chosen.questions))
