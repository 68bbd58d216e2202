"""Sixteen customers at once over eight adapters that were really trained, and a few of the base model between them:
each answer carries its own adapter's word and no other's, while adapters come and go.

All ask the same questions, so whatever one adapter left in a prompt cache lies in the way of the others. OpenVINO's
engine caches prompts; that of transformers keeps nothing of a request, and has all adapters in one batch instead.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from pathlib import Path

import pytest

from core.llm.adapters import read_adapter
from core.llm.base import Adapter, LanguageModel, Sampling, Turn
from core.llm.chatml import AnswerText
from core.llm.model_facts import ModelFacts
from core.llm.openvino import Limits, OpenVinoLanguageModel, prepare_language_model
from core.llm.pipeline import Pipeline, Settings
from core.llm.templated import prompt_form
from core.llm.transformers import TransformersLanguageModel
from tests.code_words import QUESTIONS, SYSTEM, WORDS, TinyModel, make_model, teach

# PEFT and transformers have this to settle between them.
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")

CUSTOMERS_EACH = 2
CUSTOMERS_OF_THE_BASE = 3
ROUNDS = 5
LONGEST = 8
ADAPTERS_MB = 1
LIMITS = Limits(at_once=16)
BASE = ""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> TinyModel:
    return make_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def taught(tiny: TinyModel, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Adapter]:
    """The adapters by their words."""
    folder = tmp_path_factory.mktemp("taught")
    return {word: teach(word, tiny, folder / word) for word in WORDS}


@pytest.fixture(scope="module")
async def prepared(tiny: TinyModel) -> Path:
    folder = tiny.gguf.with_name("prepared")
    await prepare_language_model(folder, print, tiny.gguf)
    return folder


@pytest.fixture(params=["openvino", "transformers"])
async def model(request: pytest.FixtureRequest, tiny: TinyModel, prepared: Path) -> AsyncIterator[LanguageModel]:
    opened: LanguageModel
    if request.param == "openvino":
        opened = await OpenVinoLanguageModel.open(prepared, cache_mb=64, threads=1, expect_adapters=True, limits=LIMITS)
    else:
        opened = await TransformersLanguageModel.open(
            str(tiny.folder), precision="float32", threads=1, adapters_mb=ADAPTERS_MB, limits=LIMITS
        )
    yield opened
    await opened.close()


class Shop:
    """Where all ask. Counts who asks at one time, and who of the adapters' customers is being answered at one time;
    keeps the answers that were not the asked one's own."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self._asking = self._speaking = 0
        self.most_asking = self.most_speaking = self.answers = 0
        self.wrong: list[tuple[str, str]] = []

    async def ask(self, question: str, word: str, adapter: Adapter | None, *, leaves: bool = False) -> None:
        """As the product asks (core/grounding.py). One who `leaves` hears only the beginning."""
        said = ""
        self._asking += 1
        self.most_asking = max(self.most_asking, self._asking)
        scope = f"tenant of {word}:assistant of {word}:{adapter.id if adapter else 'base'}"
        turns = [Turn("system", SYSTEM), Turn("user", question)]
        async with aclosing(self._model.stream(turns, Sampling(LONGEST), scope=scope, adapter=adapter)) as pieces:
            async for piece in pieces:
                if adapter and not said:
                    self._speaking += 1
                    self.most_speaking = max(self.most_speaking, self._speaking)
                said += piece
                if leaves:
                    break
        self._asking -= 1
        self._speaking -= bool(adapter and said)
        self.answers += 1
        if not _is_of(word, said):
            self.wrong.append((word or "the base", said))


def _is_of(word: str, said: str) -> bool:
    return said != "" and [one for one in WORDS if one in said] == ([word] if word else [])


async def _buy(shop: Shop, word: str, adapter: Adapter | None) -> None:
    for question in QUESTIONS * ROUNDS:
        await shop.ask(question, word, adapter)


class Changes:
    """Adapters that come and go."""

    def __init__(self, model: LanguageModel, shop: Shop, taught: Mapping[str, Adapter], folder: Path) -> None:
        self._model, self._shop, self._taught, self._folder = model, shop, taught, folder
        self._there: list[Adapter] = []
        self.made = 0

    async def go_on(self) -> None:
        while True:
            await self._change()
            self.made += 1

    async def _change(self) -> None:
        """One of the eight is removed, and loaded again for its next customer. One under a new id comes, is asked, and
        is removed with its folder when three more have come."""
        number, word = self.made, WORDS[self.made % len(WORDS)]
        await self._model.forget_adapter(self._taught[word].id)
        new = Adapter(f"{word} {number}", self._folder / str(number))
        await asyncio.to_thread(shutil.copytree, self._taught[word].folder, new.folder)
        self._there.append(new)
        await self._shop.ask(QUESTIONS[number % len(QUESTIONS)], word, new, leaves=number % 3 == 0)
        if len(self._there) > 3:
            oldest = self._there.pop(0)
            await self._model.forget_adapter(oldest.id)
            await asyncio.to_thread(shutil.rmtree, oldest.folder)


async def test_each_of_sixteen_customers_hears_his_own_adapter_while_adapters_come_and_go(
    model: LanguageModel, taught: dict[str, Adapter], tmp_path: Path
) -> None:
    shop = Shop(model)
    changes = Changes(model, shop, taught, tmp_path)
    async with asyncio.TaskGroup() as group:
        going_on = group.create_task(changes.go_on())
        buying = [group.create_task(_buy(shop, BASE, None)) for _ in range(CUSTOMERS_OF_THE_BASE)]
        for _ in range(CUSTOMERS_EACH):
            buying += [group.create_task(_buy(shop, word, adapter)) for word, adapter in taught.items()]
        await asyncio.wait(buying)
        going_on.cancel()
    assert not shop.wrong
    assert shop.answers >= len(buying) * ROUNDS * len(QUESTIONS)
    assert shop.most_asking >= 16
    assert shop.most_speaking > 1
    assert changes.made > len(WORDS), "each of the eight was removed"


def test_eight_adapters_are_all_that_are_held_so_each_that_comes_makes_one_go(taught: dict[str, Adapter]) -> None:
    size = (taught["alpha"].folder / "adapter_model.safetensors").stat().st_size
    assert len(taught) >= Settings.most_adapters
    assert (len(taught) + 1) * size > ADAPTERS_MB * 1_000_000


def test_a_cache_that_knows_no_scopes_takes_the_words_away(prepared: Path, taught: dict[str, Adapter]) -> None:
    """So OpenVINO's does cache, and a word tells when what one adapter has read serves another."""
    apart = [_said_without_salt(_pipeline(prepared), prepared, adapter) for adapter in taught.values()]
    assert all(_is_of(word, said) for word, said in zip(WORDS, apart, strict=True))
    pipeline = _pipeline(prepared)
    in_turn = [_said_without_salt(pipeline, prepared, adapter) for adapter in taught.values()]
    assert in_turn[0] == apart[0]
    assert sum(not _is_of(word, said) for word, said in zip(WORDS, in_turn, strict=True)) >= len(WORDS) // 2


def _pipeline(prepared: Path) -> Pipeline:
    return Pipeline(Settings(str(prepared), threads=1, cache_mb=64, takes_adapters=True))


def _said_without_salt(pipeline: Pipeline, prepared: Path, adapter: Adapter) -> str:
    facts = ModelFacts.of_folder(prepared)
    form = prompt_form(prepared, facts)
    file = read_adapter(adapter, facts.name)
    pipeline.apply({"id": adapter.id, "file": str(file.path), "alpha": file.alpha})
    ids = form.prompt_ids([Turn("system", SYSTEM), Turn("user", QUESTIONS[0])])
    handle = pipeline.add(WORDS.index(adapter.id), {"ids": ids, "most": LONGEST, "temperature": 0})
    pipeline.run_out()
    tokens = [token for output in handle.read_all() for token in output.generated_ids]
    text = AnswerText(form)
    return text.add(tokens) + text.end()
