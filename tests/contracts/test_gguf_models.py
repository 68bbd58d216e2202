"""Models that an owner of a server brings along: GGUF files of other families and OpenVINO folders."""

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest
from tokenizers import Tokenizer

from core.errors import ModelUnavailable
from core.llm.base import LanguageModel, Sampling, Turn
from core.llm.gguf_facts import facts_of_gguf, open_gguf
from core.llm.gguf_tokenizer import tokenizer_of_gguf
from core.llm.model_facts import ModelFacts, ModelUnfit
from core.llm.openvino import OpenVinoLanguageModel, is_for_openvino, prepare_language_model
from core.llm.templated import TemplatedForm
from tests.adapter_files import Weights, save_adapter
from tests.contracts.language_model_contract import (  # noqa: F401 - run here over these models
    LONG,
    test_an_adapter_of_another_base_model_is_refused,
    test_an_adapter_that_is_not_there_makes_the_model_unavailable,
    test_an_answer_comes_in_pieces,
    test_counting_tokens_is_never_below_a_token_for_every_long_word,
    test_forgetting_an_unknown_adapter_is_fine,
)
from tests.language_models import ask
from tests.llama_cpp import Serving, llama_cpp
from tests.tiny_gguf import HIDDEN, LAYERS, make_tiny_gguf
from tests.tiny_llama import make_tiny_llama
from tests.tiny_tokenizer import MARKERS, TEMPLATE

NASTY = "naïve café 2 999 ₽\n\n  Чайник's 12345 <|im_end|> 😀\t{{ x }} "


@pytest.fixture(scope="module", params=["llama", "qwen2"])
async def opened(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[OpenVinoLanguageModel, Path]]:
    folder = tmp_path_factory.mktemp(request.param)
    gguf = make_tiny_gguf(folder / "tiny.gguf", request.param)
    await prepare_language_model(folder / "prepared", print, gguf)
    model = await OpenVinoLanguageModel.open(folder / "prepared", cache_mb=64, context_tokens=512)
    yield model, folder
    await model.close()


@pytest.fixture
def model(opened: tuple[OpenVinoLanguageModel, Path]) -> LanguageModel:
    return opened[0]


def _facts(gguf: Path) -> ModelFacts:
    return facts_of_gguf(gguf, open_gguf(gguf))


async def test_the_file_says_what_the_model_is(opened: tuple[OpenVinoLanguageModel, Path]) -> None:
    model, folder = opened
    facts = _facts(folder / "tiny.gguf")
    assert model.name == f"Tiny {facts.family}"
    assert model.languages is None, "nobody has said which languages it writes"
    assert (facts.window, model.context_tokens) == (1024, 512)
    assert facts.ends == [MARKERS.index("<|im_end|>")]
    with pytest.raises(ModelUnavailable, match="512"):
        await ask(model, "tea " * 600)


async def test_text_becomes_the_tokens_that_llama_cpp_makes_of_it(
    opened: tuple[OpenVinoLanguageModel, Path],
) -> None:
    _, folder = opened
    gguf = folder / "tiny.gguf"
    form = TemplatedForm(tokenizer_of_gguf(open_gguf(gguf)), _facts(gguf))
    async with (
        llama_cpp(gguf, Serving(at_once=1, context_tokens=256)) as url,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session,
    ):
        for text in (NASTY, "Hello   world!\r\n\r\nIt's 12345678, ISN'T 3.14.", "   "):
            request = {"content": text, "add_special": False, "parse_special": False}
            async with session.post(f"{url}/tokenize", json=request) as response:
                assert (await response.json())["tokens"] == form.text_ids(text)


async def test_an_adapter_of_such_a_model_is_heard(opened: tuple[OpenVinoLanguageModel, Path], tmp_path: Path) -> None:
    model, folder = opened
    adapter = save_adapter(tmp_path / "loud", _weights(_facts(folder / "tiny.gguf")), model.name)
    base = await ask(model, "Hello")
    assert await ask(model, "Hello", adapter=adapter) not in ("", base)
    assert await ask(model, "Hello") == base


def _weights(facts: ModelFacts) -> Weights:
    random = np.random.default_rng(5)
    return {
        f"base_model.model.model.layers.{layer}.{part}.lora_{which}.weight": random.normal(0, 0.5, shape).astype("f4")
        for layer in range(facts.layers)
        for part, (outputs, inputs) in facts.projections.items()
        for which, shape in (("A", (4, inputs)), ("B", (outputs, 4)))
    }


def test_a_message_cannot_speak_the_templates_markers(tmp_path: Path) -> None:
    gguf = make_tiny_gguf(tmp_path / "tiny.gguf")
    form = TemplatedForm(tokenizer_of_gguf(open_gguf(gguf)), _facts(gguf))
    ids = form.prompt_ids([Turn("system", "Be brief."), Turn("user", NASTY)])
    assert [token for token in ids if token < len(MARKERS)] == [0, 1, 0, 1, 0]


def test_a_template_that_knows_no_system_turn_gets_its_words_in_the_first_question(tmp_path: Path) -> None:
    strict = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system turn') }}{% endif %}" + TEMPLATE
    gguf = make_tiny_gguf(tmp_path / "tiny.gguf", **{"tokenizer.chat_template": strict})
    form = TemplatedForm(tokenizer_of_gguf(open_gguf(gguf)), _facts(gguf))
    said = form.prompt_ids([Turn("system", "Be brief."), Turn("user", "Hi")])
    assert said == form.prompt_ids([Turn("user", "Be brief.\n\nHi")])


async def test_an_openvino_folder_is_served_as_the_file_it_was_made_of(
    opened: tuple[OpenVinoLanguageModel, Path], tmp_path: Path
) -> None:
    """As optimum-intel exports one: the sizes in config.json, markers among the tokenizer's added tokens."""
    model, folder = opened
    source = _as_exported(folder / "prepared", tmp_path / "exported")
    assert is_for_openvino(source)
    await prepare_language_model(tmp_path / "prepared", print, source)
    other = await OpenVinoLanguageModel.open(tmp_path / "prepared", cache_mb=64)
    try:
        assert (other.name, other.context_tokens) == ("exported", 1024)
        assert await ask(other, NASTY) == await ask(model, NASTY)
    finally:
        await other.close()


def _as_exported(prepared: Path, folder: Path) -> Path:
    facts = ModelFacts.of_folder(prepared)
    folder.mkdir()
    for name in ("openvino_model.xml", "openvino_model.bin"):
        (folder / name).symlink_to(prepared / name)
    tokenizer = Tokenizer.from_file(str(prepared / "tokenizer.json"))
    tokenizer.add_special_tokens(MARKERS)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {"model_type": facts.family, "num_hidden_layers": LAYERS, "hidden_size": HIDDEN,
              "intermediate_size": facts.inner, "num_attention_heads": facts.heads,
              "num_key_value_heads": facts.shared_heads, "max_position_embeddings": facts.window,
              "eos_token_id": 1}  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer_config.json").write_text(json.dumps({"chat_template": TEMPLATE}))
    return folder


async def test_a_model_that_cannot_be_run_says_why_at_the_start(tmp_path: Path) -> None:
    whole = make_tiny_gguf(tmp_path / "whole.gguf").read_bytes()
    half, noise = tmp_path / "half.gguf", tmp_path / "noise.gguf"
    half.write_bytes(whole[: len(whole) // 2])
    noise.write_bytes(b"PK\3\4 this is no model")
    for file, why in ((half, "half.gguf is no whole GGUF file"), (noise, "noise.gguf is no whole GGUF file"),
                      (tmp_path / "gone.gguf", "there is no file")):  # fmt: skip
        with pytest.raises(ModelUnavailable) as refusal:
            await prepare_language_model(tmp_path / "prepared", print, file)
        assert why in str(refusal.value.facts["reason"])
    assert not (tmp_path / "prepared").exists()


@pytest.mark.parametrize(
    ("family", "said", "why"),
    [
        ("gemma3", {}, "of the family gemma3; of GGUF files llama, qwen2, qwen3 can be run"),
        ("llama", {"tokenizer.chat_template": None}, "has no chat template"),
        ("llama", {"tokenizer.ggml.model": "llama"}, "not of the byte-level kind"),
        ("llama", {"tokenizer.ggml.pre": "poro-chat"}, "its tokenizer is of the kind 'poro-chat'"),
        ("llama", {"llama.context_length": None}, "does not say its llama.context_length"),
        ("llama", {"llama.expert_count": 8}, "of the family llama"),
    ],
)
def test_a_file_that_is_read_and_cannot_be_served_is_refused_with_the_reason(
    tmp_path: Path, family: str, said: dict[str, Any], why: str
) -> None:
    gguf = make_tiny_gguf(tmp_path / "tiny.gguf", family, **said)

    def read() -> None:
        _facts(gguf)
        tokenizer_of_gguf(open_gguf(gguf))

    with pytest.raises(ModelUnfit) as refusal:
        read()
    assert why in str(refusal.value)


def test_a_folder_of_weights_is_left_to_transformers(tmp_path: Path) -> None:
    assert not is_for_openvino(make_tiny_llama(tmp_path / "weights"))
    assert not is_for_openvino(Path("HuggingFaceTB/SmolLM2-135M-Instruct"))
    assert is_for_openvino(tmp_path / "not there yet.gguf")


async def test_an_answer_of_such_a_model_is_stopped_by_going_away(model: LanguageModel) -> None:
    async with aclosing(model.stream(LONG, Sampling(max_tokens=400), scope="a")) as stream:
        await anext(stream)
    assert await ask(model, "Hello", most=4)
