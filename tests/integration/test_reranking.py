"""A cross-encoder that is made on the spot: the path from the setting to the order of passages."""

import json
import logging
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from core.app import Core
from core.errors import ModelUnavailable
from core.messages import Passage
from core.retrieval import find_passages
from core.search.duplicates import without_duplicates
from core.search.reranking.base import reranked
from tests.conftest import MakeAssistant
from tests.integration.test_search import KETTLES, PARKING, _knows
from tests.subprocesses import run_python

PROGRAM = """
import asyncio, json, sys
from uuid import uuid4

from core.app import _open_reranker
from core.errors import ModelUnavailable
from core.messages import Passage
from core.search.reranking.base import reranked
from core.settings import Settings

assert "torch" not in sys.modules

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

torch.manual_seed(1)
words = "[PAD] [UNK] [CLS] [SEP] how long is the warranty of a kettle parking places free yard shop months".split()
tokenizer = Tokenizer(models.WordLevel({word: at for at, word in enumerate(words)}, unk_token="[UNK]"))
tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
tokenizer.post_processor = processors.TemplateProcessing(
    single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
)
fast = PreTrainedTokenizerFast(
    tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]",
    model_max_length=64,
)
for folder, labels in ((sys.argv[1], 1), (sys.argv[2], 3)):
    config = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        max_position_embeddings=64, num_labels=labels,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    fast.save_pretrained(folder)


async def main():
    reranker = await _open_reranker(Settings(_env_file=None, reranker_model=sys.argv[1]))
    texts = ["free parking places", "warranty of a kettle", "months"]
    passages = [Passage(uuid4(), uuid4(), "a", text, 1.0 - at / 10) for at, text in enumerate(texts)]
    there = await reranked(reranker, "how long is the warranty", passages)
    back = await reranked(reranker, "how long is the warranty", passages[::-1])
    await reranker.close()
    refusals = []
    for folder in sys.argv[2:]:
        try:
            await _open_reranker(Settings(_env_file=None, reranker_model=folder))
        except ModelUnavailable as error:
            refusals.append(error.facts["reason"])
    orders = [[one.text for one in order] for order in (there, back)]
    print(json.dumps({"orders": orders, "refusals": refusals}))

asyncio.run(main())
"""


async def test_one_setting_orders_passages_by_a_cross_encoder_and_other_models_are_refused(tmp_path: Path) -> None:
    folders = [str(tmp_path / name) for name in ("one", "three", "nothing")]

    told = json.loads((await run_python(PROGRAM, *folders)).strip().splitlines()[-1])

    there, back = told["orders"]
    assert there == back, "the order is the model's, not the search's"
    not_one, not_there = told["refusals"]
    assert "3 scores a pair" in not_one
    assert "could not be loaded" in not_there


def _passage(text: str, score: float) -> Passage:
    return Passage(uuid4(), uuid4(), "a.txt", text, score)


class _Reversing:
    """A re-ranker at the edge that likes the last text best, or fails."""

    name = "reversing"

    def __init__(self, failure: Exception | None = None) -> None:
        self._failure = failure

    async def scores(self, question: str, texts: list[str]) -> list[float]:
        if self._failure:
            raise self._failure
        return [at / len(texts) for at in range(len(texts))]

    async def close(self) -> None:
        """Nothing was opened."""


async def test_search_asks_the_re_ranker_of_the_core(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    await _knows(core, rosa, KETTLES, PARKING)
    question = "How long is the warranty of a kettle?"

    plain = await find_passages(core, rosa.id, question)
    turned = await find_passages(replace(core, reranker=_Reversing()), rosa.id, question)

    assert [one.id for one in turned] == [one.id for one in plain][::-1]


async def test_a_re_ranker_that_fails_leaves_the_order_as_it_was(caplog: pytest.LogCaptureFixture) -> None:
    passages = [_passage("a", 0.9), _passage("b", 0.8)]
    with caplog.at_level(logging.ERROR):
        left = await reranked(_Reversing(ModelUnavailable(reason="away")), "?", passages)

    assert left == passages


async def test_what_was_not_read_again_stays_behind_what_was() -> None:
    passages = [_passage(str(at), 1 - at / 100) for at in range(20)]

    ordered = await reranked(_Reversing(), "?", passages)

    assert [one.text for one in ordered[:12]] == [str(at) for at in range(11, -1, -1)]
    assert [one.text for one in ordered[12:]] == [str(at) for at in range(12, 20)]


async def test_a_re_ranker_changes_the_order_and_not_what_near_means() -> None:
    old, new = _passage(KETTLES, 0.95), replace(_passage(KETTLES, 0.80), newness=1)

    ordered = await reranked(_Reversing(), "?", [new, old])

    assert ordered == [old, new]
    assert without_duplicates(ordered, 6) == [old], "the newer one was found far less well"
