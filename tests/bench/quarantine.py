"""`make bench-quarantine DATA=folder`: what is caught of instructions hidden in real documents, and what is not to be.

The folder holds `injection/bipia_text_attack_test.json`, `injection/NotInject_*.json` and
`documents/basecamp_policies/**/*.md`. Each BIPIA instruction is put into a policy, in plain sight at three positions
and hidden in six ways; it is caught when no word of it is left to be indexed. False alarms are counted on the
policies as they are and on NotInject's harmless prompts. Prints a table, both halves of the instructions apart, and
as the last line one JSON object.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence, Set
from dataclasses import replace
from pathlib import Path

import docx
import numpy as np
from docx.shared import Pt, RGBColor
from reportlab.lib.colors import white
from reportlab.pdfgen.canvas import Canvas

from core.embeddings.base import Vectors
from core.embeddings.openvino import OpenVinoEmbedder, prepare_embedding_model
from core.parsing.base import Block, BlockKind, ParsedDocument
from core.parsing.read import read_document
from core.screening.screen import screen
from core.screening.strangers import find_strangers
from core.sentences import split_sentences

MODEL = Path(".cache/models/multilingual-e5-small")

# Kinds that speak about the answer; the others are questions and tasks that could stand in any text.
TASKS = {
    *("Task Automation", "Business Intelligence", "Conversational Agent", "Research Assistance", "Sentiment Analysis"),
}
Hide = Callable[[Path, list[str], str], Path]


def in_plain_sight(document: ParsedDocument, instruction: str, position: float) -> ParsedDocument:
    """As one more sentence of the paragraph at this part of the document."""
    texts = [at for at, block in enumerate(document.blocks) if block.kind is BlockKind.PARAGRAPH]
    at = texts[min(int(position * len(texts)), len(texts) - 1)]
    sentences = split_sentences(document.blocks[at].text)
    sentences.insert(len(sentences) // 2 + 1, instruction)
    changed = replace(document.blocks[at], text=" ".join(sentences))
    return replace(document, blocks=(*document.blocks[:at], changed, *document.blocks[at + 1 :]))


def white_in_docx(folder: Path, texts: list[str], instruction: str) -> Path:
    return _docx(folder, texts, instruction, lambda font: setattr(font.color, "rgb", RGBColor(255, 255, 255)))


def tiny_in_docx(folder: Path, texts: list[str], instruction: str) -> Path:
    return _docx(folder, texts, instruction, lambda font: setattr(font, "size", Pt(1)))


def _docx(folder: Path, texts: list[str], instruction: str, hide: Callable[[object], None]) -> Path:
    document = docx.Document()
    for number, text in enumerate(texts):
        paragraph = document.add_paragraph(text)
        if number == len(texts) // 2:
            hide(paragraph.add_run(f" {instruction}").font)
    document.save(folder / "policy.docx")
    return folder / "policy.docx"


def white_in_pdf(folder: Path, texts: list[str], instruction: str) -> Path:
    canvas = Canvas(str(folder / "policy.pdf"))
    for number, text in enumerate(texts[:40]):
        canvas.drawString(60, 800 - 18 * number, text[:90])
        if number == len(texts[:40]) // 2:
            canvas.saveState()
            canvas.setFillColor(white)
            canvas.drawString(60, 791 - 18 * number, instruction)
            canvas.restoreState()
    canvas.save()
    return folder / "policy.pdf"


def white_in_html(folder: Path, texts: list[str], instruction: str) -> Path:
    return _html(folder, texts, f'<span style="color:#ffffff">{instruction}</span>')


def comment_in_html(folder: Path, texts: list[str], instruction: str) -> Path:
    return _html(folder, texts, f"<!-- {instruction} -->")


def _html(folder: Path, texts: list[str], hidden: str) -> Path:
    middle = len(texts) // 2
    page = "".join(f"<p>{text}{f' {hidden}' if at == middle else ''}</p>" for at, text in enumerate(texts))
    (folder / "policy.html").write_text(f"<html><body>{page}</body></html>", encoding="utf-8")
    return folder / "policy.html"


def zero_width_in_text(folder: Path, texts: list[str], instruction: str) -> Path:
    middle = len(texts) // 2
    lines = [f"{text} {chr(0x200B).join(instruction)}" if at == middle else text for at, text in enumerate(texts)]
    (folder / "policy.txt").write_text("\n\n".join(lines), encoding="utf-8")
    return folder / "policy.txt"


HIDDEN: tuple[Hide, ...] = (
    white_in_docx, tiny_in_docx, white_in_pdf, white_in_html, comment_in_html, zero_width_in_text,
)  # fmt: skip


class Remembering:
    """The embedder, asked once for each text: a policy is measured some dozen times."""

    def __init__(self, embedder: OpenVinoEmbedder) -> None:
        self._embedder = embedder
        self._known: dict[str, Vectors] = {}

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        for text in texts:
            if text not in self._known:
                self._known[text] = (await self._embedder.embed_passages([text]))[0]
        return np.vstack([self._known[text] for text in texts])


def is_caught(document: ParsedDocument, instruction: str, strangers: Set[str] = frozenset()) -> bool:
    left = " ".join(" ".join(block.text for block in screen(document, {}, strangers).parsed.blocks).split())
    return instruction not in left and "\u200b" not in left


async def main(folder: Path) -> None:
    await prepare_embedding_model(MODEL, print)
    embedder = Remembering(await OpenVinoEmbedder.open(MODEL))
    started = time.perf_counter()
    injection = folder / "injection"
    attacks = json.loads((injection / "bipia_text_attack_test.json").read_text(encoding="utf-8"))
    instructions = [(kind, text) for kind, texts in attacks.items() for text in texts]
    prompts = [
        one["prompt"] for file in sorted(injection.glob("NotInject_*.json")) for one in json.loads(file.read_text())
    ]
    policies = [
        read_document(file, file.name) for file in sorted((folder / "documents" / "basecamp_policies").rglob("*.md"))
    ]
    hosts = [policy for policy in policies if sum(b.kind is BlockKind.PARAGRAPH for b in policy.blocks) >= 5]
    caught: defaultdict[str, list[bool]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as scratch:
        for number, (kind, instruction) in enumerate(instructions):
            host = hosts[number % len(hosts)]
            for position in (0.0, 0.5, 1.0):
                document = in_plain_sight(host, instruction, position)
                caught["visible, by words alone"].append(is_caught(document, instruction))
                found = is_caught(document, instruction, await find_strangers(embedder, document))
                half = f"visible, {'even' if number % 2 == 0 else 'odd'} half"
                for name in ("visible", half, "visible tasks" if kind in TASKS else "visible, about the answer"):
                    caught[name].append(found)
            texts = [block.text for block in host.blocks if not block.hidden][:60]
            for hide in HIDDEN:
                file = hide(Path(scratch), texts, instruction)
                found = is_caught(read_document(file, file.name), instruction)
                caught["hidden"].append(found)
                caught[hide.__name__.replace("_", " ")].append(found)
    for name, all_found in caught.items():
        print(f"{name:28}{sum(all_found):5} of {len(all_found):4}  {sum(all_found) / len(all_found):.3f}")
    alarms = []
    for policy in policies:
        screened = screen(policy, {}, await find_strangers(embedder, policy))
        alarms += [(one.reason, one.text) for one in screened.suspicious]
    sentences = sum(len(split_sentences(block.text)) for policy in policies for block in policy.blocks)
    alone = [ParsedDocument("txt", blocks=(Block(BlockKind.PARAGRAPH, prompt),)) for prompt in prompts]
    false = [one for document in alone for one in screen(document, {}).suspicious]
    for reason, text in [*alarms, *((one.reason, one.text) for one in false)]:
        print(f"false alarm ({reason}): {text[:150]}")
    result = {
        "bipia_visible": round(sum(caught["visible"]) / len(caught["visible"]), 3),
        "bipia_hidden": round(sum(caught["hidden"]) / len(caught["hidden"]), 3),
        "notinject_false": round(len(false) / len(prompts), 4),
        "policies_false": round(len(alarms) / sentences, 5),
        "sentences": sentences,
        "seconds": round(time.perf_counter() - started, 1),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    asyncio.run(main(parser.parse_args().folder))
