"""How fast files become passages that are found: `make bench-ingest DATA=folder`.

Opens a real Core with a worker, as the product runs, and sends it every file of the folder, however hostile; waits for
a verdict on each, with a limit of its own. Then a second assistant learns generated documents of passages of about 110
tokens, made of the folder's sentences, and the embedding model alone embeds the very same texts, before and after, for
comparison. Prints a table; the last line is one JSON object.
"""

import argparse
import asyncio
import json
import logging
import random
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from core.accounts import user_of_telegram
from core.app import Core, open_core
from core.assistants import create_assistant
from core.document_state import describe_failure
from core.embeddings.base import Vectors
from core.embeddings.batches import embed_all
from core.errors import DocumentRejected
from core.indexing import searchable_text
from core.models import Assistant, Document, DocumentStatus, PassageRow
from core.receiving import new_upload, receive_file
from core.sentences import split_sentences
from core.settings import Settings
from core.tenancy import actor_of
from tests.subprocesses import ROOT
from workers.role import run

LIMIT_S = 120.0
"""A file that is read for longer counts as hung."""
QUEUE_LIMIT_S = 3600.0
TOKENS = 110
GENERATED, GENERATED_FILES = 1000, 4
COMPARED = 1000
"""The embedding model alone embeds at most this many of the folder's passages."""
OPEN = (DocumentStatus.UPLOADED, DocumentStatus.PROCESSING)
SPARE = "The shop opens at nine, and every order above forty euros is delivered on the next working day."


@dataclass(slots=True)
class Sent:
    """One file on its way. Times are of the monotonic clock; `begun` is when a worker took it up."""

    name: str
    document: Document | None
    verdict: str = ""
    begun: float = 0.0
    ended: float = 0.0
    hung: bool = False


class PeakMemory(threading.Thread):
    """The largest sum of resident memory of this process and all its children, looked at ten times a second."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.bytes = 0

    def run(self) -> None:
        whole = psutil.Process()
        ours = whole.cmdline()
        while True:
            total = whole.memory_info().rss
            for child in whole.children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    # One that is just being started still shows our own memory, under our own name.
                    total += child.memory_info().rss if child.cmdline() != ours else 0
            self.bytes = max(self.bytes, total)
            time.sleep(0.1)


async def send(core: Core, assistant: Assistant, file: Path, name: str) -> Sent:
    """As an owner sends it, under a name of its own; a file that is refused at the door has its verdict at once."""
    place = new_upload(core)
    await asyncio.to_thread(shutil.copyfile, file, place)
    begun = time.monotonic()
    try:
        return Sent(name, await receive_file(core, assistant, name, place))
    except DocumentRejected as rejected:
        verdict = core.texts.say("en", rejected.code, **{"name": name, **rejected.facts})
        refused = Sent(name, None, verdict, begun, time.monotonic())
        show(refused)
        return refused


async def wait_for_verdicts(core: Core, sent: Sequence[Sent], limit_s: float) -> None:
    """Until each file has a verdict or was read for longer than `limit_s`."""
    waiting = [one for one in sent if one.document]
    give_up_at = time.monotonic() + QUEUE_LIMIT_S
    while waiting:
        await asyncio.sleep(0.25)
        now = time.monotonic()
        ids = [one.document.id for one in waiting if one.document]
        found = {document.id: document for document in await Document.filter(id__in=ids)}
        for one in waiting:
            assert one.document
            one.document = found[one.document.id]
            if one.document.status != DocumentStatus.UPLOADED and not one.begun:
                one.begun = now
            one.hung = (bool(one.begun) and now - one.begun > limit_s) or now > give_up_at
            if one.hung or one.document.status not in OPEN:
                one.ended, one.begun = now, one.begun or now
                one.verdict = "no verdict" if one.hung else describe_failure(core, one.document, "en") or "indexed"
                show(one)
        waiting = [one for one in waiting if not one.ended]


async def bare_rate(core: Core, texts: Sequence[str]) -> float:
    """Texts a second of the embedding model alone, in the batches in which it is fed otherwise."""

    async def forget(_rows: Sequence[int], _vectors: Vectors) -> None:
        return

    begun = time.monotonic()
    await embed_all(core.embedder, texts, forget)
    return len(texts) / (time.monotonic() - begun)


async def texts_of(assistant: Assistant) -> list[str]:
    rows = await PassageRow.filter(assistant_id=assistant.id)
    return [searchable_text(row.heading, row.text) for row in rows]


def generated(core: Core, sentences: Sequence[str], count: int) -> list[str]:
    """Paragraphs of about TOKENS tokens, each of its own sentences in an order of its own."""
    chance = random.Random(7)
    sizes = core.embedder.count_tokens(sentences)
    fitting = [(text, size) for text, size in zip(sentences, sizes, strict=True) if 5 <= size <= TOKENS // 3]
    fitting = fitting or [(SPARE, core.embedder.count_tokens([SPARE])[0])]
    paragraphs = []
    for number in range(count):
        told, size = f"Note {number}.", 4
        while size < TOKENS - 8:
            text, tokens = chance.choice(fitting)
            told, size = f"{told} {text}", size + tokens
        paragraphs.append(told)
    return paragraphs


async def measure_folder(core: Core, assistant: Assistant, folder: Path, limit_s: float) -> dict[str, float]:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    show_head()
    begun = time.monotonic()
    sent = [await send(core, assistant, file, " - ".join(file.relative_to(folder).parts)) for file in files]
    await wait_for_verdicts(core, sent, limit_s)
    seconds = time.monotonic() - begun
    texts = await texts_of(assistant)
    rate = await bare_rate(core, texts[:COMPARED]) if texts else 0.0
    known = [one.document for one in sent if one.document and one.document.status == DocumentStatus.INDEXED]
    # A file without pages of its own counts as one.
    pages = sum(max(1, document.page_count) for document in {document.id: document for document in known}.values())
    say(f"\n{len(files)} files in {seconds:.1f} s; the embedding model alone: {rate:.1f} passages/s")
    return {
        "files": len(files),
        "indexed": len(known),
        "failed": len(sent) - len(known) - sum(one.hung for one in sent),
        "hung": sum(one.hung for one in sent),
        "pages_per_s": round(pages / seconds, 2),
        "folder_passages": len(texts),
        "folder_passages_per_s": round(len(texts) / seconds, 2),
        "folder_embedding_ratio": round(len(texts) / seconds / rate, 3) if rate else 0.0,
    }


async def measure_generated(
    core: Core, assistant: Assistant, sentences: Sequence[str], count: int, folder: Path
) -> dict[str, float]:
    paragraphs = generated(core, sentences, count)
    before = await bare_rate(core, paragraphs[: count // 2])
    files = []
    for number in range(GENERATED_FILES):
        own = paragraphs[number::GENERATED_FILES]
        text = "\n\n".join(f"## Chapter {at}\n\n{paragraph}" for at, paragraph in enumerate(own))
        files.append(folder / f"generated-{number}.md")
        files[-1].write_text(text, encoding="utf-8")
    show_head()
    begun = time.monotonic()
    sent = [await send(core, assistant, file, file.name) for file in files]
    await wait_for_verdicts(core, sent, QUEUE_LIMIT_S)
    seconds = time.monotonic() - begun
    texts = await texts_of(assistant)
    after = await bare_rate(core, texts[count // 2 :])
    rate, alone = len(texts) / seconds, 2 / (1 / before + 1 / after)
    tokens = float(np.mean(core.embedder.count_tokens(texts)))
    say(f"\n{len(texts)} generated passages of {tokens:.0f} tokens in {seconds:.1f} s: {rate:.1f}/s")
    say(f"the embedding model alone: {before:.1f}/s before, {after:.1f}/s after")
    return {"passages_per_s": round(rate, 2), "embedding_ratio": round(rate / alone, 3)}


def show_head() -> None:
    say(f"\n{'s':>6} {'pages':>5} {'pass.':>5}  {'kind':6} {'file':60} verdict")


def show(one: Sent) -> None:
    pages, passages = (one.document.page_count, one.document.passage_count) if one.document else (0, 0)
    kind = Path(one.name).suffix[1:][:6]
    say(f"{one.ended - one.begun:6.1f} {pages:5} {passages:5}  {kind:6} {one.name[-60:]:60} {one.verdict}")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def measure(folder: Path, count: int, limit_s: float, data_dir: Path) -> dict[str, float]:
    memory = PeakMemory()
    memory.start()
    settings = Settings(
        _env_file=None,
        data_dir=data_dir,
        models_dir=ROOT / ".cache" / "models",
        demo=False,
        # No language model is asked here.
        llm_url="http://127.0.0.1:9/v1",
        llm_model="none",
    )
    async with open_core(settings, say=say) as core:
        actor = await actor_of((await user_of_telegram(1, "Bench", "en")).id)
        reader, learner = [await create_assistant(core, actor, name) for name in ("Reader", "Learner")]
        core.background.start(run(core), "worker of the bench")
        result = await measure_folder(core, reader, folder, limit_s)
        sentences = [sentence for text in await texts_of(reader) for sentence in split_sentences(text)]
        result |= await measure_generated(core, learner, sentences or [SPARE], count, data_dir)
    return result | {"peak_mb": round(memory.bytes / 1e6)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--passages", type=int, default=GENERATED, help="generated passages")
    parser.add_argument("--limit-s", type=float, default=LIMIT_S, help="seconds after which a file counts as hung")
    asked = parser.parse_args()
    for noisy in ("pymilvus", "milvus_lite", "faiss", "tortoise"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    logging.getLogger("grpc._server").addFilter(lambda record: "Method not implemented" not in record.getMessage())
    with tempfile.TemporaryDirectory(prefix="bench-ingest-") as data_dir:
        result = asyncio.run(measure(asked.folder, asked.passages, asked.limit_s, Path(data_dir)))
    say("\n" + json.dumps(result))


if __name__ == "__main__":
    main()
