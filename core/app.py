"""What the product is made of. `open_core` is the only place that picks backends; every process calls it.

Open it in the process's main task, before anything else starts: the database's connections live in that context.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.arrivals import look_for_arrivals
from core.background import Background
from core.database import open_database
from core.embeddings.base import Embedder
from core.embeddings.embedders import Embedders
from core.embeddings.http import HttpEmbedder
from core.embeddings.openvino import NAME, OpenVinoEmbedder, prepare_embedding_model
from core.embeddings.sentence_transformers import SentenceTransformersEmbedder
from core.forgetting import forget_for_ever
from core.keyring import Keyring
from core.leftovers import remove_leftovers
from core.llm import bundled
from core.llm.base import LanguageModel
from core.llm.fair import FairLanguageModel
from core.llm.openai import Limits, OpenAiLanguageModel
from core.llm.openvino import OpenVinoLanguageModel
from core.llm.preparation import is_for_openvino, prepare_language_model, prepared_in
from core.llm.transformers import TransformersLanguageModel
from core.models import AdapterTrial, Assistant
from core.queue.arq import ArqQueue
from core.queue.base import Queue
from core.queue.inline import InlineQueue
from core.search.reranking.base import Reranker
from core.search.reranking.cross_encoder import CrossEncoderReranker
from core.settings import Settings
from core.texts import Texts
from core.vectors import VectorStore

log = logging.getLogger(__name__)
Say = Callable[[str], None]
EARLIER_LIMIT_S = 5.0
"""One request to the server of an earlier embedding model."""


@dataclass(frozen=True, slots=True)
class Core:
    """Everything the rooms share. Passed as the first argument to the functions of `core` that need it."""

    settings: Settings
    keyring: Keyring
    background: Background
    queue: Queue
    embedder: Embedders
    llm: LanguageModel
    vectors: VectorStore
    reranker: Reranker | None = None

    @property
    def texts(self) -> Texts:
        """The same for every Core: files of the product, not a backend."""
        return _texts()


@cache
def _texts() -> Texts:
    return Texts()


@asynccontextmanager
async def open_core(settings: Settings, say: Say = log.info) -> AsyncIterator[Core]:
    """Open every part, the slow ones side by side, and close them in reverse. `say` hears of long steps."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        keyring = Keyring.open(settings.keys_folder)
        await stack.enter_async_context(open_database(settings.database_dsn))
        live = await Assistant.filter(live_adapter_id__not_isnull=True).exists()
        adapters_serve = live or await AdapterTrial.exists()
        async with asyncio.TaskGroup() as group:
            opening_embedder = group.create_task(_open_embedder(settings, say))
            opening_llm = group.create_task(_open_llm(settings, say, adapters_serve))
            opening_reranker = group.create_task(_open_reranker(settings))
            group.create_task(asyncio.to_thread(_texts))  # half a second that no customer should wait for
        embedder, reranker = opening_embedder.result(), opening_reranker.result()
        llm = FairLanguageModel(opening_llm.result())
        stack.push_async_callback(embedder.close)
        stack.push_async_callback(llm.close)
        if reranker:
            stack.push_async_callback(reranker.close)
        token = settings.milvus_token.get_secret_value() if settings.milvus_token else ""
        vectors = await VectorStore.open(settings.milvus_address, token, embedder.name, embedder.dimension)
        stack.push_async_callback(vectors.close)
        queue = await _open_queue(settings)
        stack.push_async_callback(queue.close)
        background = Background()
        stack.push_async_callback(background.close)
        background.start(forget_for_ever(llm), "forgetting adapters that are gone")
        background.start(look_for_arrivals(), "looking for what other processes have accepted")
        background.start(remove_leftovers(settings.uploads_folder), "removing what a killed process left")
        yield Core(settings, keyring, background, queue, embedder, llm, vectors, reranker)


async def _open_embedder(settings: Settings, say: Say) -> Embedders:
    """The present model; earlier ones are opened when an index of theirs is still answering."""

    async def open_earlier(name: str, address: str) -> Embedder:
        if address:
            # A key is known for the present server alone. A customer is waiting: words answer when it is slow.
            key = _embeddings_key(settings, address)
            return await HttpEmbedder.open(address, name, key, timeout_s=EARLIER_LIMIT_S, pause_s=0.1)
        if name == NAME:
            return await _open_bundled_embedder(settings, say)
        return await SentenceTransformersEmbedder.open(name, only_local=True)

    if settings.embeddings_url:
        address, key = settings.embeddings_url, _embeddings_key(settings, settings.embeddings_url)
        return Embedders(await HttpEmbedder.open(address, settings.embeddings_model, key), open_earlier, address)
    if settings.embeddings_model:
        return Embedders(await SentenceTransformersEmbedder.open(settings.embeddings_model), open_earlier)
    return Embedders(await _open_bundled_embedder(settings, say), open_earlier)


def _embeddings_key(settings: Settings, address: str) -> str | None:
    key = settings.embeddings_api_key
    return key.get_secret_value() if key and address == settings.embeddings_url else None


async def _open_bundled_embedder(settings: Settings, say: Say) -> Embedder:
    folder = settings.models_folder / "multilingual-e5-small"
    await prepare_embedding_model(folder, say)
    return await OpenVinoEmbedder.open(folder, threads=settings.model_threads)


async def _open_llm(settings: Settings, say: Say, expect_adapters: bool) -> LanguageModel:
    if settings.llm_url:
        key = settings.llm_api_key.get_secret_value() if settings.llm_api_key else None
        limits, holds = Limits(at_once=settings.llm_at_once), settings.llm_context_tokens
        return await OpenAiLanguageModel.open(settings.llm_url, settings.llm_model, key, limits, holds)
    if settings.llm_model in ("", bundled.NAME):
        folder, source = settings.models_folder / "smollm2-135m-instruct", None
    elif is_for_openvino(source := Path(settings.llm_model)):
        folder = prepared_in(settings.models_folder, source)
    else:
        return await _open_transformers_llm(settings, say)
    await prepare_language_model(folder, say, source)
    return await OpenVinoLanguageModel.open(
        folder,
        threads=settings.model_threads,
        context_tokens=settings.llm_context_tokens,
        expect_adapters=expect_adapters,
    )


async def _open_transformers_llm(settings: Settings, say: Say) -> LanguageModel:
    say(f"Loading {settings.llm_model}; the first time it is downloaded, which may take long.")
    return await TransformersLanguageModel.open(
        settings.llm_model,
        context_tokens=settings.llm_context_tokens,
        in_4_bits=settings.llm_4bit,
        adapters_mb=settings.llm_adapters_mb,
        cache_mb=settings.llm_cache_mb,
        threads=settings.model_threads,
        at_once=settings.llm_at_once,
    )


async def _open_reranker(settings: Settings) -> Reranker | None:
    return await CrossEncoderReranker.open(settings.reranker_model) if settings.reranker_model else None


async def _open_queue(settings: Settings) -> Queue:
    return await ArqQueue.open(settings.redis_url) if settings.redis_url else InlineQueue()
