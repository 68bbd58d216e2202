"""Owners' own words, read with the bundled embedding model: the figures of `make bench-intents`, with some room."""

from pathlib import Path

import pytest

from core.app import Core
from core.intents.base import DESTRUCTIVE, NONE, NOTHING, Intent
from core.intents.reader import LONGEST, IntentReader, phrases, read_phrases
from tests.bench.intents import KEPT_APART, judge

RIGHT, TRIGGERED = 0.94, 0.04


@pytest.fixture
async def reader(core: Core) -> IntentReader:
    reader = IntentReader(core.embedder, core.settings.models_folder)
    await reader.learn()
    return reader


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_phrases_that_it_never_saw_are_understood(reader: IntentReader) -> None:
    texts, wanted = read_phrases(KEPT_APART)
    read = [await reader.read(text) for text in texts]
    judged = [judge(*one) for one in zip(wanted, read, strict=True)]
    own = [verdict for verdict, meant in zip(judged, wanted, strict=True) if meant != NONE]
    assert sum(verdict in ("right", "offered") for verdict in own) / len(own) >= RIGHT
    others = [one for one, meant in zip(read, wanted, strict=True) if meant == NONE]
    assert sum(one.intent is not None for one in others) / len(others) <= TRIGGERED
    destroyed = [(meant, one) for meant, one in zip(wanted, read, strict=True) if one.intent in DESTRUCTIVE]
    assert [pair for pair in destroyed if pair[0] != pair[1].intent] == []
    assert len(destroyed) > 20, "and what is to be deleted is understood"


async def test_what_is_no_wish_is_nothing(reader: IntentReader) -> None:
    for text in ("", "   ", "?", "🌷🌷🌷", "delete my documents " * 20, "\x00\x01"):
        assert await reader.read(text) == NOTHING, text
    assert len("delete my documents " * 20) > LONGEST


@pytest.fixture
def _few_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is learnt thrice here need not be much."""
    texts, wanted = phrases()
    some = [at for at, name in enumerate(wanted) if name == Intent.DOCUMENTS or at % 8 == 0]
    few = [texts[at] for at in some], [wanted[at] for at in some]
    monkeypatch.setattr("core.intents.reader.phrases", lambda: few)


@pytest.mark.usefixtures("_few_examples")
async def test_what_was_learnt_is_kept_for_the_next_start(core: Core, tmp_path: Path) -> None:
    first = IntentReader(core.embedder, tmp_path)
    assert await first.read("Show my documents") == NOTHING, "not yet"
    await first.learn()
    (kept,) = _files(tmp_path)
    second = IntentReader(core.embedder, tmp_path)
    await second.learn()
    for text in ("Show my documents", "покажи мои документы"):
        assert (await second.read(text)).intent == Intent.DOCUMENTS
    kept.write_bytes(kept.read_bytes()[:1000])
    third = IntentReader(core.embedder, tmp_path)
    await third.learn()
    assert (await third.read("Show my documents")).intent == Intent.DOCUMENTS, "a torn file is made again"
