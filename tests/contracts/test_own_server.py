"""One installation as the language model of another: the contract over our own `/v1`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from core.api_keys import issue_api_key
from core.app import Core
from core.errors import ModelUnavailable
from core.llm.base import LanguageModel, Sampling
from core.llm.openai import OpenAiLanguageModel
from tests.conftest import MakeAssistant, MakeOwner
from tests.contracts.language_model_contract import (  # noqa: F401 - run here over this model
    LONG,
    test_an_adapter_of_a_kind_that_cannot_be_served_is_refused,
    test_an_adapter_of_another_base_model_is_refused,
    test_an_adapter_that_is_not_there_makes_the_model_unavailable,
    test_an_answer_comes_in_pieces,
    test_counting_tokens_is_never_below_a_token_for_every_long_word,
    test_forgetting_an_unknown_adapter_is_fine,
)
from tests.integration.test_api_server import serving
from tests.language_models import ask


@pytest.fixture
async def model(core: Core, owner: MakeOwner, assistant: MakeAssistant) -> AsyncIterator[LanguageModel]:
    """Told neither a model's name nor that the other side is no model's server."""
    anna = await owner()
    _, key = await issue_api_key(await assistant(anna), anna.user.id, "another installation", ["chat"])
    async with serving(core) as server:
        model = await OpenAiLanguageModel.open(f"{server.url}/v1", "", key)
        yield model
        await model.close()


async def test_it_takes_the_bare_model_and_not_the_assistant(model: LanguageModel, core: Core) -> None:
    assert model.name == core.llm.name
    assert "Paris" in await ask(model, "What is the capital of France?")


async def test_several_customers_at_once_get_their_own_answers(model: LanguageModel) -> None:
    cities = ["France", "Italy", "Japan", "Spain"]
    answers = await asyncio.gather(*(ask(model, f"Name the capital of {c}: {c}", scope=c, most=12) for c in cities))
    assert all(city in answer for city, answer in zip(cities, answers, strict=True))


async def test_a_stream_that_is_closed_leaves_the_model_free(model: LanguageModel) -> None:
    async with aclosing(model.stream(LONG, Sampling(max_tokens=1500), scope="a")) as stream:
        await anext(stream)
    assert "Paris" in await ask(model, "What is the capital of France?")


async def test_a_prompt_that_is_too_long_is_refused_with_the_reason(model: LanguageModel) -> None:
    with pytest.raises(ModelUnavailable) as refusal:
        await ask(model, "tea " * 40_000)
    assert "context_length_exceeded" in str(refusal.value.facts["reason"])
