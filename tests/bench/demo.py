"""How fast and how right the demo assistant answers: `make bench-demo`.

Starts the product as a user does, waits for the demo's documents, asks twenty English questions as twenty new
visitors of the public page, one after the other, and starts it a second time. Prints a table; the last line is one
JSON object. `--locale ru` asks in Russian, `--folder DIR` keeps the data there.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from core.demo.questions import DEMO_QUESTIONS, DemoQuestion
from tests.journeys.product import Client, Heard, Product, client, product
from tests.subprocesses import ROOT

QUESTIONS = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """One question and what came of it. `right`: the answer or a citation has the expected words."""

    question: DemoQuestion
    heard: Heard
    right: bool
    cited: bool

    @classmethod
    def of(cls, question: DemoQuestion, heard: Heard, passages: dict[str, str]) -> "Asked":
        quotes = [citation["quote"] for citation in heard.done["citations"]]
        cited = [passages.get(citation["passage_id"], "") for citation in heard.done["citations"]]
        return cls(
            question,
            heard,
            right=_has(question, " ".join([heard.text, *quotes])),
            cited=any(_has(question, text) for text in cited),
        )


def _has(question: DemoQuestion, text: str) -> bool:
    told = " ".join(text.split())
    return all(" ".join(word.split()) in told for word in question.words)


async def measure(folder: Path, models_dir: Path, locale: str) -> dict[str, object]:
    questions = [question for question in DEMO_QUESTIONS if question.locale == locale][:QUESTIONS]
    async with product(folder, models_dir, demo="true") as running:
        first_start_s = running.started_s
        async with client(running) as owner:
            passages, assistant = await _wait_for_demo(owner)
            asked = [await _ask(running, assistant, question, passages) for question in questions]
        resident = running.resident_bytes()
        await running.interrupt()
        await running.start()
        return _print(asked) | {
            "rss_mb": round(resident / 1e6),
            "first_start_s": round(first_start_s, 2),
            "second_start_s": round(running.started_s, 2),
        }


async def _wait_for_demo(owner: Client) -> tuple[dict[str, str], str]:
    """(passage id -> its text under its heading, the demo assistant's id), once all six documents are indexed."""
    await owner.log_in()
    listed = await owner.call("GET", "/api/v1/assistants", 200)
    assistant = listed["assistants"][0]["id"]
    passages: dict[str, str] = {}
    for document in await owner.wait_until_indexed(assistant, 6, timeout_s=300):
        path = f"/api/v1/assistants/{assistant}/documents/{document['id']}/passages"
        for passage in (await owner.call("GET", path, 200))["passages"]:
            passages[passage["id"]] = f"{passage['heading']}\n{passage['text']}"
    return passages, assistant


async def _ask(running: Product, assistant: str, question: DemoQuestion, passages: dict[str, str]) -> Asked:
    async with client(running) as visitor:
        visitor.token = (await visitor.call("POST", f"/api/v1/assistants/{assistant}/visitors", 201))["token"]
        return Asked.of(question, await visitor.listen(question.question), passages)


def _print(asked: list[Asked]) -> dict[str, object]:
    for one in asked:
        marks = f"{'right' if one.right else '-':5} {'cited' if one.cited else '-':5} {one.heard.done['tier']:8}"
        times = f"{one.heard.first_token_s:6.2f} {one.heard.total_s:6.2f}"
        sys.stdout.write(f"{times}  {marks}  {one.question.question}\n{'':38}{one.heard.text[:150]!r}\n")
    first, total = [one.heard.first_token_s for one in asked], [one.heard.total_s for one in asked]
    return {
        "questions": len(asked),
        "ttft_s": round(statistics.median(first), 3),
        "total_s": round(statistics.median(total), 3),
        "ttft_p95_s": round(_p95(first), 3),
        "total_p95_s": round(_p95(total), 3),
        "tiers": dict(Counter(one.heard.done["tier"] for one in asked)),
        "right": sum(one.right for one in asked),
        "cited": sum(one.cited for one in asked),
    }


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--locale", choices=("en", "ru"), default="en")
    parser.add_argument("--folder", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        figures = asyncio.run(measure(folder, ROOT / ".cache" / "models", chosen.locale))
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
