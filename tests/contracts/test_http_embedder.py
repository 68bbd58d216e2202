"""What an embeddings server may do to us, and what of it the rest of the house hears."""

import pytest

from core.embeddings.http import HttpEmbedder
from core.errors import Unavailable
from tests.contracts.embeddings_server import EmbeddingsServer


async def test_a_server_that_asks_for_patience_gets_a_second_try(server: EmbeddingsServer, http: HttpEmbedder) -> None:
    server.refusals = [(429, {"Retry-After": "0"}), (503, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"})]
    server.requests.clear()
    assert (await http.embed_passages(["hello"])).shape == (1, http.dimension)
    assert len(server.requests) == 3


async def test_a_query_is_tried_once_more_and_no_longer_because_a_customer_waits(
    server: EmbeddingsServer, http: HttpEmbedder
) -> None:
    server.refusals = [(503, {})]
    assert (await http.embed_query("hello")).shape == (http.dimension,)
    server.refusals = [(503, {})] * 2
    server.requests.clear()
    with pytest.raises(Unavailable):
        await http.embed_query("hello")
    assert len(server.requests) == 2


async def test_a_query_waits_for_a_hanging_server_a_few_seconds_not_as_long_as_a_batch(
    server: EmbeddingsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.embeddings.http.QUERY_LIMIT_S", 0.1)
    embedder = await HttpEmbedder.open(server.url, timeout_s=600, pause_s=0.01)
    server.hangs = True
    with pytest.raises(Unavailable) as failure:
        await embedder.embed_query("hello")
    assert "0.1 s" in str(failure.value.facts["reason"])
    await embedder.close()


async def test_a_server_that_goes_on_refusing_is_unavailable(server: EmbeddingsServer, http: HttpEmbedder) -> None:
    server.refusals = [(500, {})] * 9
    server.requests.clear()
    with pytest.raises(Unavailable) as failure:
        await http.embed_passages(["hello"])
    assert "500" in str(failure.value.facts["reason"])
    assert len(server.requests) == 3


async def test_a_server_that_hangs_is_unavailable(server: EmbeddingsServer) -> None:
    server.hangs = True
    with pytest.raises(Unavailable):
        await HttpEmbedder.open(server.url, timeout_s=0.1, pause_s=0.01)


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        await HttpEmbedder.open("http://127.0.0.1:1/v1", "some-model", pause_s=0.01)


async def test_a_wrong_key_is_said_at_once_and_never_repeated(server: EmbeddingsServer) -> None:
    server.api_key = "right"
    with pytest.raises(Unavailable) as failure:
        await HttpEmbedder.open(server.url, server.model, "wrong")
    assert "401" in str(failure.value.facts["reason"])
    assert len(server.requests) == 1
    embedder = await HttpEmbedder.open(server.url, server.model, "right")
    await embedder.close()


async def test_a_server_that_answers_nonsense_is_unavailable(server: EmbeddingsServer, http: HttpEmbedder) -> None:
    server.answers_nonsense = True
    with pytest.raises(Unavailable):
        await http.embed_query("hello")


@pytest.mark.parametrize(("model", "sent"), [("intfloat/multilingual-e5-large", "query: hi"), ("bge-m3", "hi")])
async def test_only_models_of_the_e5_family_get_its_prefixes(server: EmbeddingsServer, model: str, sent: str) -> None:
    embedder = await HttpEmbedder.open(server.url, model)
    await embedder.embed_query("hi")
    assert server.requests[-1] == [sent]
    assert embedder.name == model
    await embedder.close()
