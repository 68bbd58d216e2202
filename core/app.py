"""What the product is made of. `open_core` is the only place that picks backends; every process calls it.

Open it in the process's main task, before anything else starts: the database's connections live in that context.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from core.background import Background
from core.database import open_database
from core.embeddings.base import Embedder
from core.embeddings.http import HttpEmbedder
from core.embeddings.openvino import OpenVinoEmbedder, prepare_embedding_model
from core.embeddings.sentence_transformers import SentenceTransformersEmbedder
from core.keyring import Keyring
from core.llm.base import LanguageModel
from core.llm.openai import OpenAiLanguageModel
from core.llm.openvino import OpenVinoLanguageModel, prepare_language_model
from core.models import Assistant
from core.queue.arq import ArqQueue
from core.queue.base import Queue
from core.queue.inline import InlineQueue
from core.settings import Settings
from core.texts import Texts
from core.vectors import VectorStore

log = logging.getLogger(__name__)
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Core:
    """Everything the rooms share. Passed as the first argument to the functions of `core` that need it."""

    settings: Settings
    texts: Texts
    keyring: Keyring
    background: Background
    queue: Queue
    embedder: Embedder
    llm: LanguageModel
    vectors: VectorStore


@asynccontextmanager
async def open_core(settings: Settings, say: Say = log.info) -> AsyncIterator[Core]:
    """Open every part, the slow ones side by side, and close them in reverse. `say` hears of long steps."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        keyring = Keyring.open(settings.keys_folder)
        await stack.enter_async_context(open_database(settings.database_dsn))
        adapters_serve = await Assistant.filter(live_adapter_id__not_isnull=True).exists()
        async with asyncio.TaskGroup() as group:
            opening_embedder = group.create_task(_open_embedder(settings, say))
            opening_llm = group.create_task(_open_llm(settings, say, adapters_serve))
        embedder, llm = opening_embedder.result(), opening_llm.result()
        stack.push_async_callback(embedder.close)
        stack.push_async_callback(llm.close)
        token = settings.milvus_token.get_secret_value() if settings.milvus_token else ""
        vectors = await VectorStore.open(settings.milvus_address, token, embedder.name, embedder.dimension)
        stack.push_async_callback(vectors.close)
        queue = await _open_queue(settings)
        stack.push_async_callback(queue.close)
        background = Background()
        stack.push_async_callback(background.close)
        yield Core(settings, Texts(), keyring, background, queue, embedder, llm, vectors)


async def _open_embedder(settings: Settings, say: Say) -> Embedder:
    if settings.embeddings_url:
        key = settings.embeddings_api_key
        return await HttpEmbedder.open(
            settings.embeddings_url, settings.embeddings_model, key.get_secret_value() if key else None
        )
    if settings.embeddings_model:
        return await SentenceTransformersEmbedder.open(settings.embeddings_model)
    folder = settings.models_folder / "multilingual-e5-small"
    await prepare_embedding_model(folder, say)
    return await OpenVinoEmbedder.open(folder, threads=settings.model_threads)


async def _open_llm(settings: Settings, say: Say, expect_adapters: bool) -> LanguageModel:
    if settings.llm_url:
        key = settings.llm_api_key
        return await OpenAiLanguageModel.open(
            settings.llm_url, settings.llm_model, key.get_secret_value() if key else None
        )
    folder = settings.models_folder / "smollm2-135m-instruct"
    await prepare_language_model(folder, say)
    return await OpenVinoLanguageModel.open(folder, threads=settings.model_threads, expect_adapters=expect_adapters)


async def _open_queue(settings: Settings) -> Queue:
    return await ArqQueue.open(settings.redis_url) if settings.redis_url else InlineQueue()
