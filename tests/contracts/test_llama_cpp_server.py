"""The contract of language models over llama.cpp's own server, a program that other people wrote."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from core.errors import ModelUnavailable
from core.llm.base import LanguageModel, Sampling
from core.llm.bundled import bundled_gguf
from core.llm.openai import Limits, OpenAiLanguageModel
from tests.contracts.language_model_contract import (  # noqa: F401 - run here over this model
    LONG,
    test_an_adapter_of_another_base_model_is_refused,
    test_an_adapter_that_is_not_there_makes_the_model_unavailable,
    test_an_answer_comes_in_pieces,
    test_counting_tokens_is_never_below_a_token_for_every_long_word,
    test_forgetting_an_unknown_adapter_is_fine,
)
from tests.language_models import ask
from tests.llama_cpp import Serving, llama_cpp


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[str]:
    async with llama_cpp(bundled_gguf(), Serving(at_once=2, context_tokens=512)) as url:
        yield url


@pytest.fixture
async def model(server: str) -> AsyncIterator[LanguageModel]:
    """Not told the model's name: the server says it."""
    model = await OpenAiLanguageModel.open(f"{server}/v1", "", limits=Limits(at_once=2))
    yield model
    await model.close()


async def test_several_customers_at_once_get_their_own_answers(model: LanguageModel) -> None:
    cities = ["France", "Italy", "Japan", "Spain"]
    answers = await asyncio.gather(*(ask(model, f"Say this word: {c}", scope=c, most=12) for c in cities))
    assert all(city in answer for city, answer in zip(cities, answers, strict=True))


async def test_a_stream_that_is_closed_leaves_the_server_free(model: LanguageModel) -> None:
    """Its two places are taken by answers of hundreds of tokens; whoever comes after those hung up is served."""
    for _ in range(2):
        stream = model.stream(LONG, Sampling(max_tokens=400), scope="a")
        await anext(stream)
        await stream.aclose()
    assert "Italy" in await ask(model, "Say this word: Italy", most=8)


async def test_a_prompt_that_is_too_long_is_refused_with_the_servers_words(model: LanguageModel) -> None:
    with pytest.raises(ModelUnavailable) as refusal:
        await ask(model, "tea " * 3000)
    assert "context" in str(refusal.value.facts["reason"])
