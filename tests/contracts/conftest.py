"""What several contract suites start."""

from collections.abc import AsyncIterator

import pytest

from core.embeddings.http import HttpEmbedder
from tests.contracts.embeddings_server import EmbeddingsServer, embeddings_server


@pytest.fixture
async def server() -> AsyncIterator[EmbeddingsServer]:
    async with embeddings_server() as running:
        yield running


@pytest.fixture
async def http(server: EmbeddingsServer) -> AsyncIterator[HttpEmbedder]:
    embedder = await HttpEmbedder.open(server.url, timeout_s=10, pause_s=0.01)
    yield embedder
    await embedder.close()
