"""The bundled multilingual-e5-small on OpenVINO: the embedded default, which needs neither torch nor a network.

Runs in float32 whatever the processor offers: with four-bit weights the products are int8 anyway (on 2 cores 78
passages/s of 113 tokens, cosine .9999 to float products at 47/s, R@1 the same), bfloat16 around them was not faster
(74/s), and so every machine makes the same vectors. Weights at int8 a row were 18 % faster, but at a cosine of .999.
Threads are not pinned to cores, because the language model shares them. Refuses to know passages' origin, tenants and
Milvus.
"""

import asyncio
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Self, cast

import numpy as np
import openvino as ov

from core.embeddings.base import Vectors
from core.embeddings.prepared import GRAPH, PASSAGE_PREFIX, QUERY_PREFIX, PreparedModel, read_prepared
from core.embeddings.steps import padded_length, steps
from core.embeddings.turns import Turns
from core.embeddings.unigram import UnigramTokenizer, load_unigram
from core.errors import ModelUnavailable

NAME = "multilingual-e5-small-q4"
PREPARATION_LIMIT_S = 600.0
ENCODED_AT_ONCE = 16

Ids = list[int]


async def prepare_embedding_model(
    folder: Path, say: Callable[[str], None], *, hugging_face: bool = False, limit_s: float = PREPARATION_LIMIT_S
) -> None:
    """Make FOLDER ready in a process of its own, so that its memory goes back; lines of progress go to `say`.

    `hugging_face` asks for the folder that sentence-transformers loads, too. Raises `ModelUnavailable`.
    """
    ready = await asyncio.to_thread(read_prepared, folder)
    if ready and ready.serves(hugging_face):
        return
    command = [sys.executable, "-m", "core.embeddings.prepare", str(folder)]
    process = await asyncio.create_subprocess_exec(
        *command,
        *(["--hugging-face"] if hugging_face else []),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(limit_s), asyncio.TaskGroup() as reading:
            complaints = reading.create_task(_read_all(process.stderr))
            reading.create_task(_pass_on(process.stdout, say))
        if await process.wait():
            last = complaints.result().strip().splitlines()[-1:] or ["no reason given"]
            raise ModelUnavailable(reason=f"the embedding model could not be prepared: {last[0]}")
    except TimeoutError as error:
        raise ModelUnavailable(reason=f"the embedding model was not prepared in {limit_s:.0f} s") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _read_all(stream: asyncio.StreamReader | None) -> str:
    return (await stream.read()).decode(errors="replace") if stream else ""


async def _pass_on(stream: asyncio.StreamReader | None, say: Callable[[str], None]) -> None:
    while stream and (line := await stream.readline()):
        say(line.decode(errors="replace").rstrip())


class OpenVinoEmbedder:
    """Implements `core.embeddings.base.Embedder`; made by `open`."""

    name = NAME

    def __init__(self, facts: PreparedModel, tokenizer: UnigramTokenizer, compiled: Any) -> None:
        self.dimension = facts.dimension
        self._facts = facts
        self._tokenizer = tokenizer
        self._request = compiled.create_infer_request()
        self._query = tokenizer.encode(QUERY_PREFIX)
        self._passage = tokenizer.encode(PASSAGE_PREFIX)
        self.max_tokens = facts.positions - 2 - max(len(self._query), len(self._passage))
        self._turns = Turns[str, Vectors]("embedding", self._infer_queries)

    @classmethod
    async def open(cls, folder: Path, threads: int = 2) -> Self:
        """Load the folder that `prepare_embedding_model` made. Raises `ModelUnavailable` when it is not ready."""
        facts = await asyncio.to_thread(read_prepared, folder)
        if facts is None or not facts.serves(hugging_face=False):
            raise ModelUnavailable(reason=f"{folder} holds no prepared embedding model")
        tokenizer, compiled = await asyncio.gather(
            asyncio.to_thread(load_unigram, folder, facts.unknown, facts.control),
            asyncio.to_thread(_compile, folder / GRAPH, threads),
        )
        embedder = cls(facts, tokenizer, compiled)
        await embedder.embed_query("ready")
        return embedder

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        encoded: list[Ids] = []
        for first in range(0, len(texts), ENCODED_AT_ONCE):
            some = texts[first : first + ENCODED_AT_ONCE]
            # Beside the model's thread: one batch is cut into tokens while another is multiplied.
            encoded += await asyncio.to_thread(self._encode, self._passage, some)
        vectors = np.empty((len(texts), self.dimension), np.float32)
        for rows in steps([len(ids) for ids in encoded]):
            vectors[rows] = await self._turns.step(partial(self._infer, [encoded[row] for row in rows]))
        return vectors

    async def embed_query(self, text: str) -> Vectors:
        return await self._turns.query(text)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(self._tokenizer.encode(text)) for text in texts]

    async def close(self) -> None:
        await self._turns.close()
        self._request = None

    def _encode(self, prefix: Ids, texts: Sequence[str]) -> list[Ids]:
        begin, end = self._facts.begin, self._facts.end
        return [[begin, *prefix, *self._tokenizer.encode(text, self.max_tokens), end] for text in texts]

    def _infer_queries(self, texts: Sequence[str]) -> Vectors:
        encoded = self._encode(self._query, texts)
        vectors = np.empty((len(texts), self.dimension), np.float32)
        for rows in steps([len(ids) for ids in encoded]):
            vectors[rows] = self._infer([encoded[row] for row in rows])
        return vectors

    def _infer(self, encoded: list[Ids]) -> Vectors:
        shape = len(encoded), padded_length(max(map(len, encoded)))
        ids, mask = np.full(shape, self._facts.padding, np.int64), np.zeros(shape, np.int64)
        for row, one in enumerate(encoded):
            ids[row, : len(one)], mask[row, : len(one)] = one, 1
        return cast(Vectors, self._request.infer([ids, mask])[0])


def _compile(graph: Path, threads: int) -> Any:
    """The graph, tried once: not every processor can multiply int8 in groups, and it shows at the first call only."""
    core, one = ov.Core(), np.ones((1, 1), np.int64)
    settings = {
        "NUM_STREAMS": 1,
        "INFERENCE_NUM_THREADS": threads,
        "ENABLE_CPU_PINNING": False,
        "INFERENCE_PRECISION_HINT": "f32",
    }
    try:
        compiled = core.compile_model(graph, "CPU", settings)
        compiled([one, one])
    except RuntimeError:
        compiled = core.compile_model(graph, "CPU", settings | {"DYNAMIC_QUANTIZATION_GROUP_SIZE": 0})
    return compiled
