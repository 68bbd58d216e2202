"""How long a search takes through REST: the product in a process of its own, asked one question after the other.

An assistant of 300 passages and one of 20,000. The first passages are the corpus's own, with their own vectors; the
others are made of its sentences in new order, with the vectors of real passages moved a little (cosine about .9 to
the real one): as many, as long and as near to each other as real ones, without an hour of embedding.
"""

import random
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import numpy as np

from core.app import Core
from core.sentences import split_sentences
from core.tenancy import Actor
from tests.bench.squad import Corpus, embed, fill
from tests.journeys.product import Client, client, product
from tests.subprocesses import ROOT

SIZES = (300, 20_000)
ARTICLE = 50
QUESTIONS, WARM = 120, 15
NOISE = 0.5
"""Length of what is added to a vector of length 1."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds. `p10`, the best tenth, is what a busy machine would do without its neighbours."""

    p10: float
    p50: float
    p95: float


async def fill_sizes(core: Core, actor: Actor, corpora: dict[str, Corpus]) -> dict[int, UUID]:
    """Number of passages -> an assistant that knows as many."""
    chance, noise = random.Random(1), np.random.default_rng(1)
    real = [text for corpus in corpora.values() for text in corpus.paragraphs]
    sentences = [split_sentences(" ".join(corpus.paragraphs)) for corpus in corpora.values() for _ in corpus.paragraphs]
    vectors = await embed(core, real)
    shelves: dict[int, UUID] = {}
    for size in SIZES:
        copied = noise.integers(0, len(real), max(0, size - len(real)))
        added = noise.normal(size=(len(copied), vectors.shape[1]))
        moved = vectors[copied] + NOISE * added / np.linalg.norm(added, axis=1, keepdims=True)
        moved /= np.linalg.norm(moved, axis=1, keepdims=True)
        texts = real[:size] + [" ".join(chance.sample(sentences[at], 4)) for at in copied]
        every = np.vstack([vectors[:size], moved]).astype(np.float32)
        shelf = await fill(core, actor, f"{size} passages", texts, [at // ARTICLE for at in range(size)], every)
        shelves[size] = shelf.assistant.id
    return shelves


async def search_latency(folder: Path, shelves: dict[int, UUID], corpora: dict[str, Corpus]) -> dict[int, Latency]:
    """The same installation, started as its users start it."""
    questions = [one.text for corpus in corpora.values() for one in corpus.questions]
    asked = random.Random(2).sample(questions, min(len(questions), QUESTIONS + WARM))
    async with product(folder, ROOT / ".cache" / "models") as running, client(running) as owner:
        await owner.log_in()
        found = {size: await _ask(owner, assistant, asked) for size, assistant in shelves.items()}
    print(f"\nload of this machine: {Path('/proc/loadavg').read_text().strip()}")
    for size, latency in found.items():
        times = f"p10 {latency.p10:6.1f} ms, p50 {latency.p50:6.1f} ms, p95 {latency.p95:6.1f} ms"
        print(f"search through REST, {size:6} passages: {times}")
    return found


async def _ask(owner: Client, assistant: UUID, questions: list[str]) -> Latency:
    times = []
    for question in questions:
        began = time.perf_counter()
        await owner.call("POST", f"/api/v1/assistants/{assistant}/search", 200, json={"query": question})
        times.append((time.perf_counter() - began) * 1000)
    warm = sorted(times[WARM:])
    return Latency(
        round(warm[len(warm) // 10], 1), round(statistics.median(warm), 1), round(warm[int(len(warm) * 0.95)], 1)
    )
