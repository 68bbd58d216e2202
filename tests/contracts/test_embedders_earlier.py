"""The present embedding model, and an earlier one that is opened only while its index still answers."""

import pytest

from core.embeddings.base import Embedder
from core.embeddings.embedders import TRY_AGAIN_S, Embedders, index_named
from core.embeddings.http import HttpEmbedder
from tests.contracts.embeddings_server import DIMENSION, EmbeddingsServer


@pytest.fixture
def opened() -> list[tuple[str, str]]:
    """What was asked to be opened: names and addresses."""
    return []


@pytest.fixture
async def embedders(server: EmbeddingsServer, opened: list[tuple[str, str]]) -> Embedders:
    async def open_earlier(name: str, address: str) -> Embedder:
        opened.append((name, address))
        return await HttpEmbedder.open(address, name, timeout_s=2, pause_s=0.01)

    present = await HttpEmbedder.open(server.url, server.model, timeout_s=2, pause_s=0.01)
    return Embedders(present, open_earlier, server.url)


async def test_what_is_remembered_opens_the_same_model_again(
    embedders: Embedders, server: EmbeddingsServer, opened: list[tuple[str, str]]
) -> None:
    remembered = embedders.remembered
    assert index_named(remembered) == f"{server.model}:{DIMENSION}"
    earlier = await embedders.earlier(remembered)
    assert earlier is not None
    assert await earlier.embed_query("kettle") @ await embedders.embed_query("kettle") == pytest.approx(1)
    assert await embedders.earlier(remembered) is earlier
    assert opened == [(server.model, server.url)]
    await embedders.close()


async def test_a_model_that_is_away_is_left_alone_for_a_minute(
    embedders: Embedders, server: EmbeddingsServer, opened: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    server.refusals = [(401, {})]
    assert await embedders.earlier(embedders.remembered) is None
    assert await embedders.earlier(embedders.remembered) is None
    assert len(opened) == 1
    monkeypatch.setattr("core.embeddings.embedders.TRY_AGAIN_S", 0.0)
    assert await embedders.earlier(embedders.remembered) is not None
    assert TRY_AGAIN_S >= 30
    await embedders.close()


async def test_a_model_that_makes_other_vectors_now_is_not_taken(
    embedders: Embedders, server: EmbeddingsServer
) -> None:
    assert await embedders.earlier(f"{server.model}:{DIMENSION + 1} {server.url}") is None
    assert await embedders.earlier("nonsense") is None
    await embedders.close()


async def test_an_address_too_long_to_keep_is_left_out(server: EmbeddingsServer) -> None:
    async def open_earlier(name: str, address: str) -> Embedder:
        raise AssertionError(name, address)

    present = await HttpEmbedder.open(server.url, server.model)
    embedders = Embedders(present, open_earlier, "https://" + "x" * 300)
    assert embedders.remembered == f"{server.model}:{DIMENSION}"
    await embedders.close()
