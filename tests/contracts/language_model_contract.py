"""What every language model promises (core/llm/base.py), also one that says nonsense. A module of tests imports these
and says by its fixture `model` which they are run over."""

from contextlib import aclosing
from pathlib import Path

import pytest

from core.errors import AdapterMismatch, ModelUnavailable
from core.llm.base import LanguageModel, Sampling, Turn
from tests.language_models import ask, write_adapter_config

LONG = [Turn("user", "Count from one to a thousand, in words.")]


async def test_an_answer_comes_in_pieces(model: LanguageModel) -> None:
    async with aclosing(model.stream(LONG, Sampling(max_tokens=12), scope="a")) as stream:
        pieces = [piece async for piece in stream]
    assert len(pieces) > 3
    assert "".join(pieces).strip()


async def test_counting_tokens_is_never_below_a_token_for_every_long_word(model: LanguageModel) -> None:
    assert model.count_tokens("") <= 1
    assert model.count_tokens("warranty of the kettle") >= 4
    assert model.count_tokens("гарантия на чайник") >= 3


async def test_an_adapter_of_another_base_model_is_refused(model: LanguageModel, tmp_path: Path) -> None:
    foreign = write_adapter_config(tmp_path / "foreign")
    with pytest.raises(AdapterMismatch) as refusal:
        await ask(model, "Hello", adapter=foreign)
    assert refusal.value.facts == {"adapter_base": "another-model", "base": model.name}


@pytest.mark.parametrize(
    "kind", [{"use_dora": True}, {"rank_pattern": {"q_proj": 4}}, {"alpha_pattern": {"q_proj": 4}}]
)
async def test_an_adapter_of_a_kind_that_cannot_be_served_is_refused(
    model: LanguageModel, tmp_path: Path, kind: dict[str, object]
) -> None:
    adapter = write_adapter_config(tmp_path / "other-kind", base_model_name_or_path=model.name, **kind)
    with pytest.raises(AdapterMismatch) as refusal:
        await ask(model, "Hello", adapter=adapter)
    assert "DoRA or ranks by layer" in str(refusal.value.facts["adapter_base"])


async def test_an_adapter_that_is_not_there_makes_the_model_unavailable(model: LanguageModel, tmp_path: Path) -> None:
    gone = write_adapter_config(tmp_path / "gone", base_model_name_or_path=model.name)
    (gone.folder / "adapter_config.json").unlink()
    with pytest.raises(ModelUnavailable):
        await ask(model, "Hello", adapter=gone)


async def test_forgetting_an_unknown_adapter_is_fine(model: LanguageModel) -> None:
    await model.forget_adapter("never heard of")
